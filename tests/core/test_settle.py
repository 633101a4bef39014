"""Which files are complete, and what they are called where they go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.settle import (
    Mark,
    Sighting,
    digest_said,
    ignored,
    numbered,
    readable,
    reason_text,
    settled,
    shown,
    sighted,
)
from worker.model import Rejected

MARK = Mark(size=10, mtime_ns=5, inode=7)


@pytest.mark.parametrize(
    "name",
    [
        ".hidden",
        ".",
        "a.txt~",
        "a.tmp",
        "A.TMP",
        "a.txt.part",
        "a.partial",
        "a.crdownload",
        ".a.txt.swp",
        "a.swp",
        ".syncthing.a.txt.tmp",
        "~syncthing~a.txt.tmp",
        ".nfs000000000001",
        ".~lock.a.txt#",
        "a.txt.done",
        "a.txt.sha256",
        "a.txt.again",
        "a.txt.reason.txt",
    ],
)
def test_what_is_unfinished_or_ours_by_its_name_is_ignored(name: str) -> None:
    assert ignored(name)


@pytest.mark.parametrize(
    "name",
    ["a.txt", "2025-09-08.json", "tmp", "a.tmp.txt", "-rf", "done", "papers", "a~b", "\udcff"],
)
def test_any_other_name_is_a_daily_files(name: str) -> None:
    assert not ignored(name)


def test_a_file_seen_for_the_first_time_is_sighted_now() -> None:
    assert sighted({}, {"a": MARK}, 3.0) == {"a": Sighting(MARK, 3.0)}


def test_a_file_that_is_as_before_keeps_its_second() -> None:
    assert sighted({"a": Sighting(MARK, 3.0)}, {"a": MARK}, 9.0) == {"a": Sighting(MARK, 3.0)}


@pytest.mark.parametrize("mark", [Mark(11, 5, 7), Mark(10, 6, 7), Mark(10, 4, 7), Mark(10, 5, 8)])
def test_a_file_that_changed_in_any_way_is_sighted_anew(mark: Mark) -> None:
    assert sighted({"a": Sighting(MARK, 3.0)}, {"a": mark}, 9.0) == {"a": Sighting(mark, 9.0)}


def test_a_file_that_went_away_and_came_back_is_sighted_anew() -> None:
    gone = sighted({"a": Sighting(MARK, 3.0)}, {}, 4.0)
    assert sighted(gone, {"a": MARK}, 9.0) == {"a": Sighting(MARK, 9.0)}


@pytest.mark.parametrize(("now", "complete"), [(3.0, []), (7.9, []), (8.0, ["a"]), (99.0, ["a"])])
def test_a_file_is_complete_when_it_was_unchanged_for_so_long(
    now: float, complete: list[str]
) -> None:
    assert settled({"a": Sighting(MARK, 3.0)}, (), now, settle=5.0) == complete


def test_a_promise_makes_a_file_complete_at_once_but_does_not_make_a_file() -> None:
    assert settled({"a": Sighting(MARK, 3.0)}, {"a", "b"}, 3.0, settle=5.0) == ["a"]


@pytest.mark.parametrize("mtime_ns", [0, -(10**18), 2 * 10**19])
def test_a_clock_that_is_wrong_changes_nothing(mtime_ns: int) -> None:  # B49
    sightings = sighted({}, {"a": Mark(1, mtime_ns, 1)}, 0.0)
    assert settled(sightings, (), 4.9, settle=5.0) == []
    assert settled(sightings, (), 5.0, settle=5.0) == ["a"]


def test_the_oldest_comes_first_and_then_the_name_decides() -> None:
    marks = {"c": Mark(1, 1, 1), "b": Mark(1, 2, 2), "a": Mark(1, 2, 3)}
    assert settled(sighted({}, marks, 0.0), (), 5.0, settle=5.0) == ["c", "a", "b"]


def test_a_name_that_is_no_utf_8_stays_readable() -> None:
    assert readable("naïve\udcff.txt") == "naïve\\xff.txt"


@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        ("a.txt", 1, "a.txt"),
        ("a.txt", 2, "a (2).txt"),
        ("a", 3, "a (3)"),
        (".a", 2, ".a (2)"),
        ("a.tar.gz", 2, "a.tar (2).gz"),
        ("-rf", 2, "-rf (2)"),
        ("a b\nc", 2, "a b\nc (2)"),
    ],
)
def test_the_sister_of_a_name_has_its_number_before_the_ending(
    name: str, number: int, expected: str
) -> None:
    assert numbered(name, number) == expected


@pytest.mark.parametrize("start", ["", "a", "ab", "abc"])
def test_a_long_name_is_cut_between_characters(start: str) -> None:
    assert numbered(start + "🦙" * 63 + ".txt", 1).encode().decode().startswith(start + "🦙🦙")


def test_a_long_name_that_is_no_text_is_cut_anywhere() -> None:
    assert len(numbered("\udc80" * 255, 2)) > 200


LETTERS = st.characters(codec="utf-8", exclude_characters="/\0") | st.sampled_from(".\udc80\udcff")


@given(
    name=st.text(LETTERS, min_size=1, max_size=300).filter(lambda name: name not in {".", ".."}),
    number=st.integers(1, 10_000),
)
def test_every_name_has_as_many_sisters_as_it_takes_and_all_fit(name: str, number: int) -> None:
    sister = numbered(name, number)
    assert len(sister.encode("utf-8", "surrogateescape")) + len("..reason.txt.tmp") <= 255
    assert sister != numbered(name, number + 1)
    assert sister not in {"", ".", ".."}
    assert "/" not in sister
    if name.isascii():
        assert sister.isascii()


def test_a_reason_is_one_line_whatever_is_in_it() -> None:
    reasons = [Rejected("line 1\nline 2", "a \u2028 b\r\x1b[31m"), Rejected("title", "missing")]
    assert reason_text(reasons).splitlines() == [
        "line 1 line 2: a b \\x1b[31m",
        "title: missing",
        "Correct the file and put it back into the inbox.",
    ]


def test_a_name_with_an_endless_suffix_is_shortened_as_a_whole() -> None:
    name = "a." + "x" * 300
    sister = numbered(name, 2)
    assert sister.endswith("xxx (2)")
    assert name.startswith(sister.removesuffix(" (2)"))


HASH = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "manifest",
    [
        f"{HASH}  a.txt\n",
        f"{HASH} *a.txt\r\n",
        f"{HASH.upper()}\ta.txt",
        f"\\{HASH}  a\\nb.txt\n",
        HASH,
        f"{HASH}  a.txt\n{'f' * 64}  b.txt\n",
    ],
)
def test_a_manifest_says_a_hash_as_sha256sum_writes_it(manifest: str) -> None:
    assert digest_said(manifest.encode()) == HASH


@pytest.mark.parametrize(
    "manifest", ["", "\n", HASH[:-1], HASH + "0", f" {HASH}", "a.txt", f"g{HASH[1:]}", "\0" * 80]
)
def test_what_is_no_hash_says_nothing(manifest: str) -> None:
    assert digest_said(manifest.encode()) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("naïve 🦙.txt", "naïve 🦙.txt"),
        ("a\nb\x1b[31m\u202e.txt", "a\\nb\\x1b[31m\\u202e.txt"),
        ("caf\udce9.txt", "caf\\xe9.txt"),
    ],
)
def test_a_shown_name_moves_no_cursor(name: str, expected: str) -> None:
    assert shown(name) == expected
