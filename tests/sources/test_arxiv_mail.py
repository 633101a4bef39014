r"""arXiv's announcements: what is read of each listing, and what is said of one cut short."""

from __future__ import annotations

import base64
import quopri
import time
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.daily import ROOT, daily_file
from tests.texts import unhurried
from worker.model import DailyFile, Edition, Incomplete, Kind, Listing, Unreadable
from worker.sources import arxiv_mail
from worker.sources.arxiv_authors import authors_in
from worker.sources.finish import finished
from worker.sources.unpack import text_of

CORPUS = ROOT / "tests" / "corpus" / "arxiv_mail"
MAIL = (CORPUS / "announcement.eml").read_text("ascii")
HEAD, BODY = MAIL.split("\n\n", 1)
LISTING = (CORPUS / "listing.txt").read_text("ascii")
PAST_WEEK = (CORPUS / "pastweek.txt").read_text("ascii")
OLD = (CORPUS / "old.abs").read_text("ascii")
ENDING_MISSING = "The line %%%--- that ends an announcement is missing"


def late(content: str | bytes, name: str = "mail.txt") -> DailyFile:
    return replace(daily_file(content, name), modified=datetime(2025, 11, 20, tzinfo=UTC))


def read(content: str | bytes, name: str = "mail.txt") -> Edition:
    text = text_of(late(content, name), None)
    assert arxiv_mail.recognise(text.text)
    return arxiv_mail.parse(text)


def outcome(file: DailyFile) -> Edition | Unreadable:
    """As the reading of any file: what is not recognised is unreadable."""
    try:
        text = text_of(file, None)
        return arxiv_mail.parse(text)
    except Unreadable as refused:
        return refused


def record(name: str = "2511.09999", title: str = "On Hay", abstract: str = "Hay is dry.") -> str:
    return f"\\\\\narXiv:{name}\nTitle: {title}\nAuthors: A B\n\\\\\n  {abstract}\n\\\\\n"


# --- listings ---------------------------------------------------------------


def test_a_listing_is_read_whole() -> None:
    assert finished(read(MAIL).listings[0]) == Listing(
        title=("Counting Sheep at Scale: A Benchmark of Drowsy Transformers with O(n log n) Naps"),
        as_listed=(
            "Counting Sheep at Scale: A Benchmark of Drowsy Transformers with "
            r"$O(n \log n)$ Naps"
        ),
        abstract=(
            "We count sheep. The flock is large and the night is short, so that % of sheep counted"
            " is below 100. See \\\\cite{wool} for more.\n"
            "A second paragraph begins here and ends here."
        ),
        authors=(
            *("Ada Baaker", "Jörg Müller", "Zoë", "Štěpán Novák, Jr."),
            "Pasture Collaboration",
        ),
        ids=("arxiv:2511.01001", "doi:10.5555/wool.2025.12"),
        url="https://arxiv.org/abs/2511.01001",
        categories=("cs.CL", "cs.AI", "stat.ML"),
        published=date(2025, 11, 4),
    )


def test_new_papers_cross_lists_and_replacements_are_told_apart() -> None:
    edition = read(MAIL)
    assert [(one.ids[0], one.kind.value) for one in map(finished, edition.listings)] == [
        ("arxiv:2511.01001", "new"),
        ("arxiv:2511.01002", "new"),
        ("arxiv:2511.00777", "cross"),
        ("arxiv:2309.04567", "replacement"),
        ("arxiv:math/0309136", "replacement"),
    ]
    assert (edition.rejected, edition.notes, edition.source) == ((), (), "arxiv")


def test_a_replacement_has_no_abstract_and_not_the_date_of_its_revision() -> None:
    alternating = read(MAIL).listings[3]
    assert (alternating.title, alternating.abstract) == ("Alternating Pastures", "")
    assert (alternating.authors, alternating.published) == (("Eve Ewe", "Finn Fox"), None)


def test_a_withdrawn_paper_is_kept_and_says_so() -> None:
    assert read(MAIL).listings[2].abstract == "This paper has been withdrawn by the authors."


def test_the_footer_of_the_mail_is_no_listing() -> None:
    assert "subscribe" in MAIL[-30:]
    assert all("subscribe" not in repr(one) for one in read(MAIL).listings)


def test_a_past_week_has_listings_without_abstracts() -> None:
    edition = read(PAST_WEEK)
    assert [(one.title, one.kind, one.abstract) for one in edition.listings] == [
        ("On Gates", Kind.NEW, ""),
        ("A Fence Theorem", Kind.CROSS, ""),
    ]
    assert edition.day == date(2025, 11, 6)


def test_an_old_record_of_the_archive_is_read() -> None:
    (eggs,) = read(OLD).listings
    assert (eggs.title, eggs.authors, eggs.abstract) == ("Eggs", ("Hal Hen",), "Eggs hatch.")
    assert eggs.published == date(1999, 1, 4)
    assert finished(eggs).ids == ("arxiv:hep-th/9901001",)


def test_lines_that_lost_their_indentation_are_still_one_title() -> None:
    (hay,) = read(record(title="On Hay and\nOther Grass")).listings
    assert hay.title == "On Hay and Other Grass"


def test_a_line_of_two_backslashes_in_an_abstract_does_not_end_it() -> None:
    text = record(abstract="Hay\n\\\\\nis dry.").removesuffix("\n") + " ( https://arxiv.org/abs/1 )"
    assert read(text).listings[0].abstract == "Hay\n\\\\ is dry.".replace("\n", " ")


def test_a_listing_without_an_id_takes_that_of_its_address() -> None:
    text = record(name="").removesuffix("\n") + " ( https://arxiv.org/abs/2511.00001 ,  1kb)\n"
    assert finished(read(text).listings[0]).ids == ("arxiv:2511.00001",)


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (record(title=""), "without a title"),
        (record(name="none-at-all"), "without an arXiv id"),
        (record().removesuffix("\\\\\n"), r"breaks off before the \\ that ends it"),
        ("\\\\\narXiv:2511.0\n", r"breaks off before the \\ that ends it"),
    ],
)
def test_a_listing_that_cannot_be_read_is_set_aside_with_its_line(broken: str, why: str) -> None:
    edition = read("\n" + record("2511.00001") + broken + record("2511.00002"))
    assert [(one.where, one.why) for one in edition.rejected] == [("line 9", why)]
    assert [finished(one).ids[0][-1] for one in edition.listings] == ["1", "2"]


def test_a_mail_of_nothing_but_broken_listings_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="line 1: without a title"):
        read(record(title="") + "%%%---%%%---\n")


# --- authors ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("A B", ["A B"]),
        ("A B, C D and E F", ["A B", "C D", "E F"]),
        ("A B, C D, and E F", ["A B", "C D", "E F"]),
        ("A B and C D and E F", ["A B", "C D", "E F"]),
        ("A B & C D; E F", ["A B", "C D", "E F"]),
        ("A Anderson, B Brand", ["A Anderson", "B Brand"]),
        ("A B (1, 2 and 3), C D (MIT) ((1) X, (2) Y (Z), (3) W)", ["A B", "C D"]),
        ("The WOOL Collaboration: A B, C D", ["WOOL Collaboration", "A B", "C D"]),
        ("A B et al. (on behalf of the WOOL Collaboration)", ["A B", "WOOL Collaboration"]),
        (r"M\"uller, {\'E, and}, \c{C}a{\u{g}}", [r"M\"uller", r"{\'E, and}", r"\c{C}a{\u{g}}"]),
        ("A B, Jr., C D, III", ["A B, Jr.", "C D, III"]),
        ("A {B, C (D, E", ["A {B", "C (D", "E"]),
        ("", []),
        (", and ,", []),
    ],
)
def test_authors_are_parted_where_arxiv_parts_them(written: str, names: list[str]) -> None:
    assert list(authors_in(written)) == names


def test_three_thousand_authors_are_read() -> None:
    names = [f"A{n}. Author (1, {n})" for n in range(3000)]
    assert len(authors_in(",\n  ".join(names))) == 3000


# --- the day ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["mail.eml", "mail.txt"])
def test_a_mail_and_the_text_of_it_pasted_are_of_one_day(name: str) -> None:
    assert read(MAIL if name == "mail.eml" else BODY, name).day == date(2025, 11, 6)


def test_what_is_received_on_friday_is_announced_on_monday() -> None:
    friday = BODY.replace("Tue  4 Nov 25", "Thu  6 Nov 25").replace(
        "Wed  5 Nov 25", "Fri  7 Nov 25"
    )
    assert read(friday).day == date(2025, 11, 10)


def test_the_date_in_the_name_wins() -> None:
    assert read(MAIL, "2025-11-07.eml").day == date(2025, 11, 7)


def test_a_listing_of_arxivs_own_says_its_date_itself() -> None:
    assert read(LISTING.replace("received from", "got from")).day == date(2025, 11, 6)


def test_a_record_alone_is_of_the_day_of_its_file() -> None:
    assert read(OLD).day == date(2025, 11, 20)


def test_the_last_day_of_the_calendar_is_no_reason_to_fall() -> None:
    last = BODY.replace("Wed  5 Nov 25", "Fri 31 Dec 9999")
    assert read(last).day == date(2025, 11, 20)


# --- how it comes -----------------------------------------------------------


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit"])
def test_an_encoded_mail_reads_as_the_plain_one(encoding: str) -> None:
    encoded = {
        "quoted-printable": quopri.encodestring(BODY.encode()),
        "base64": base64.encodebytes(BODY.encode()),
        "8bit": BODY.encode(),
    }
    head = f"{HEAD}\nContent-Transfer-Encoding: {encoding}\n\n".encode()
    assert read(head + encoded[encoding]) == read(MAIL)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_lines_may_end_in_any_way(end: str) -> None:
    assert read(MAIL.replace("\n", end).encode()) == read(MAIL)


def test_a_quoted_mail_reads_as_the_plain_one() -> None:
    quoted = "Look at these:\n\n" + "".join(f"> {line}\n" for line in BODY.splitlines())
    assert read(quoted).listings == read(BODY).listings


def test_several_mails_in_one_file_are_read_each() -> None:
    other = BODY.replace("2511.01001", "2511.01003")
    edition = read(BODY + other)
    assert [one.kind for one in edition.listings] == 2 * [one.kind for one in read(BODY).listings]
    assert not edition.notes


@pytest.mark.parametrize(
    "other",
    [
        "Daily Papers\n\nSep 8\n\nOn A\n\nAn abstract.",
        '{"title": "\\\\\\\\\\narXiv:2511.01001"}',
        "# arXiv:2511.01001\n\n\\\\\n\nTitle: On A",
        "<pre>\n\\\\\narXiv:2511.01001\n",
        "@article{a, title={On A \\\\}, eprint={arXiv:2511.01001}}",
        "received from Mon 3 Nov 25 19:00:00 GMT to Tue 4 Nov 25 19:00:00 GMT",
    ],
)
def test_other_files_are_not_taken_for_announcements(other: str) -> None:
    assert not arxiv_mail.recognise(other)


# --- what is missing --------------------------------------------------------


def test_an_announcement_without_papers_is_an_empty_day() -> None:
    edition = read(BODY[: BODY.index("\\\\\n")] + "%%%---%%%---%%%---\n")
    assert (edition.listings, edition.day) == ((), date(2025, 11, 6))
    assert edition.notes == ("The announcement has no papers.",)


def test_a_pasted_announcement_without_its_last_line_says_so() -> None:
    edition = read(BODY[: BODY.index("%%--%%--")])
    assert len(edition.listings) == 3
    assert [note.partition(":")[0] for note in edition.notes] == [ENDING_MISSING]


def test_a_subject_that_counts_otherwise_is_told() -> None:
    assert read(LISTING).notes == ()
    assert read(LISTING.replace("2 new + 1 crosses", "5 new + 7 crosses")).notes == (
        "The subject announces 5 new listings, but there are 2.",
        "The subject announces 7 cross listings, but there are 1.",
    )


@pytest.mark.parametrize("whole", [MAIL, LISTING, BODY], ids=["mail", "listing", "pasted"])
def test_a_cut_announcement_is_never_taken_for_a_smaller_day(whole: str) -> None:
    """B24: at every byte."""
    known = read(whole)
    end = whole.index("%%%---") + len("%%%---")
    for at in range(end):
        found = outcome(late(whole[:at]))
        if isinstance(found, Edition):
            assert found.listings == known.listings[: len(found.listings)], at
            assert [note for note in found.notes if note.startswith(ENDING_MISSING)], at
    for at in range(end, len(whole)):
        assert outcome(late(whole[:at])) == known


def test_records_cut_within_one_are_incomplete() -> None:
    """Without a head: what ends between two records cannot be told (B24)."""
    whole = record("2511.00001") + record("2511.00002")
    between = len(record())
    may_end = {between - 1, between, len(whole) - 1}
    for at in range(len(whole)):
        found = outcome(late(whole[:at]))
        assert isinstance(found, Edition) == (at in may_end), whole[:at]
        assert at < len("\\\\\narXiv:") or at in may_end or isinstance(found, Incomplete)


def test_a_past_week_that_ends_within_a_listing_is_incomplete() -> None:
    for at in range(PAST_WEEK.index("arXiv:2511.00777"), len(PAST_WEEK.rstrip()) - 1):
        assert isinstance(outcome(late(PAST_WEEK[:at])), Incomplete)


# --- hostile files ----------------------------------------------------------


@unhurried
@given(st.binary(max_size=60), st.integers(0, len(MAIL)), st.integers(0, 200))
def test_no_change_raises_anything_but_unreadable(noise: bytes, at: int, length: int) -> None:
    """B50."""
    content = MAIL.encode()
    outcome(late(content[:at] + noise + content[at + length :]))


@pytest.mark.parametrize(
    "worst",
    [
        "\\\\\n" * 300_000,
        "\\\\\narXiv:\n" * 90_000,
        "\\\\\narXiv:2511.00001\nTitle: A\nAuthors: " + "(" * 500_000 + "\n\\\\\n a\n\\\\\n",
        "\\\\\narXiv:2511.00001\nTitle: A\nAuthors: " + "{" * 500_000 + "\n\\\\\n a\n\\\\\n",
        "\\\\\narXiv:2511.00001\nTitle: A\nAuthors: " + "{a{a" * 250_000 + "\n\\\\\n a\n\\\\\n",
        "\\\\\narXiv:2511.00001\nTitle: A\nAuthors: " + " and" * 250_000 + "\n\\\\\n a\n\\\\\n",
        "\\\\\narXiv:2511.00001\n" + "Date: (" * 150_000,
        "> " * 100 + "\n> \\\\\narXiv:2511.00001\n" + "> " * 500_000,
        "received from  Tue 4 Nov 25 19:00:00 to " * 25_000 + "arxiv.org",
        "/* " * 300_000,
        "/*" + " " * 1_000_000 + "\n",
        "received from " + " " * 1_000_000 + "\narxiv.org",
        " " * 1_000_000,
    ],
)
def test_a_megabyte_of_the_worst_is_read_in_no_time(worst: str) -> None:
    text = text_of(daily_file(worst + record()), None)
    begun = time.process_time()
    arxiv_mail.recognise(text.text)
    try:
        arxiv_mail.parse(text)
    except Unreadable:
        pass
    assert time.process_time() - begun < 5


def test_twenty_thousand_listings_are_read() -> None:
    whole = "".join(record(f"2511.{n:05}", abstract="Hay is dry. " * 100) for n in range(20_000))
    begun = time.process_time()
    assert len(read(whole).listings) == 20_000
    assert time.process_time() - begun < 10
