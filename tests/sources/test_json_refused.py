"""JSON that lists nothing, or something else, or breaks off: never a smaller day by mistake."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.daily import MODIFIED, daily_file
from tests.sources.jsonfiles import ALPHA, BETA, SHAPES, api, lines, parsed, refused, text
from tests.texts import texts, unhurried
from worker.model import Counts, Edition, Incomplete, Rejected, Unreadable
from worker.sources.form import Text
from worker.sources.json_papers import parse, recognise
from worker.sources.unpack import text_of

# --- empty days -------------------------------------------------------------


@pytest.mark.parametrize(
    "empty",
    [
        [],
        {"papers": []},
        {"date": "2025-09-06", "status": "empty_feed", "count": 0, "papers": []},
        {"status": "empty_feed", "count": 0},
        {"status": "no_data", "date": "2025-09-06", "message": "No papers"},
        {"data": [], "success": True},
        {"2025-09-06": []},
    ],
    ids=str,
)
def test_an_empty_list_is_a_day_without_papers(empty: object) -> None:
    """B35."""
    edition = parsed(empty)
    assert edition.listings == ()
    assert edition.notes == ("This is an empty list: no papers that day.",)


@pytest.mark.parametrize(
    "failure",
    [
        {"error": "Rate limit exceeded"},
        {"error": {"code": 3}, "papers": []},
        {"papers": [], "status": "error"},
        {"message": "Internal error", "status": 500, "data": []},
        {"success": False, "data": []},
        {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "No such page"},
    ],
    ids=str,
)
def test_an_error_is_never_taken_for_an_empty_day(failure: object) -> None:
    """B27."""
    assert str(refused(failure)).startswith("file: this is an error, not papers: an object with ")


def test_a_list_that_should_not_be_empty_is_refused() -> None:
    assert "it lists 25 papers, but there are none" in str(refused({"count": 25, "papers": []}))


def test_an_error_beside_papers_is_noted() -> None:
    (note,) = parsed({"error": "page 2 failed", "papers": [ALPHA]}).notes
    assert "page 2 failed" in note


def test_a_list_shorter_than_it_says_is_noted() -> None:
    (note,) = parsed({"count": 3, "papers": [ALPHA]}).notes
    assert note == "The file says that it lists 3 papers, but there are 1."
    assert parsed({"count": 300, "next": "?page=2", "results": [ALPHA]}).notes == ()


# --- what is no list of papers ----------------------------------------------


@pytest.mark.parametrize(
    ("other", "shown"),
    [
        ("1", "a number, 1"),
        ("null", "null"),
        ("true", "true or false, true"),
        ('"Not today"', 'a text, "Not today"'),
        ("{}", "{}"),
        ('{"message": "Not Found"}', 'an object with message: "Not Found"'),
        ('{"name": "tool", "version": "1.0"}', 'an object with name: "tool", version: "1.0"'),
        ('{"tags": [], "data": ["a", 5]}', "an object with tags: a list, data: a list"),
    ],
)
def test_another_value_is_said_to_be_just_that(other: str, shown: str) -> None:
    """B27."""
    assert recognise(other)
    assert str(refused(other)) == (
        f"file: the whole is {shown}; expected a list of papers, "
        "or an object with one under papers, items, results or data"
    )


def test_entries_that_are_no_papers_are_set_aside_and_the_others_go_on() -> None:
    entries = [ALPHA, None, 5, "not a record", [BETA], {"abstract": "Lost"}, {"title": 7}, BETA]
    edition = parsed(entries)
    assert [one.ids for one in edition.listings] == [("2509.01234",), ("2509.05678",)]
    assert edition.rejected == (
        Rejected("item 2", "null, not an object with a title"),
        Rejected("item 3", "a number, not an object with a title"),
        Rejected("item 4", "a text that is no record: “not a record” (Expecting value (column 1))"),
        Rejected("item 5", "a list, not an object with a title"),
        Rejected("item 6", "no title (title, paper_title or name), but abstract"),
        Rejected("item 7", "the title is no text, but a number"),
    )


def test_a_list_of_other_things_is_refused_with_reasons() -> None:
    error = refused([{"modelId": "lee/alpha"}] * 30)
    assert error.reasons[0] == Rejected("file", "none of the 30 entries is a paper")
    assert error.reasons[1].where == "item 1"
    assert len(error.reasons) == 21


def test_bad_lines_and_records_without_a_title_are_counted() -> None:
    """B26."""
    edition = parsed(lines(ALPHA) + '{"title": \n' + lines({"id": "x"}, BETA))
    assert len(edition.listings) == 2
    assert [one.where for one in edition.rejected] == ["line 2", "line 3"]


def test_a_record_that_contradicts_itself_is_set_aside() -> None:
    """B30."""
    twice = '{"id": "2509.00001", "title": "Gamma", "id": "2509.00002"}'
    edition = parsed(f"[{json.dumps(BETA)}, {twice}]")
    assert edition.rejected == (Rejected("item 2", "it gives two different values for “id”"),)
    by_id = f'{{"2509.00001": {json.dumps(ALPHA)}, "2509.00001": {json.dumps(BETA)}}}'
    assert "two different values for “2509.00001”" in str(refused(by_id))


def test_numbers_nobody_can_keep_cost_no_paper() -> None:
    """B29."""
    record = '{"title": "A", "id": NaN, "upvotes": 1e400, "score": Infinity, "n": ' + "9" * 5000
    (paper,) = parsed(f"[{record}}}]").listings
    assert (paper.ids, paper.counts) == ((), Counts())


def test_too_many_entries_are_refused() -> None:
    """B46."""
    assert "more than 100,000 entries" in str(refused("[" + "1," * 100_000 + "1]"))


# --- cuts and mutations -----------------------------------------------------


@pytest.mark.parametrize("indent", [None, 1])
def test_a_cut_file_is_incomplete_wherever_it_was_cut(indent: int | None) -> None:
    """B24."""
    whole = json.dumps([api(ALPHA), BETA], indent=indent)
    for cut in range(1, len(whole)):
        assert recognise(whole[:cut])
        assert isinstance(refused(whole[:cut]), Incomplete)


def test_cut_lines_are_incomplete_unless_they_end_with_a_whole_one() -> None:
    """B24: that much cannot be told."""
    whole = lines(ALPHA, BETA, ALPHA)
    for cut in range(1, len(whole)):
        part = whole[:cut]
        if part.rstrip("\n") in (lines(ALPHA).strip(), lines(ALPHA, BETA).strip(), whole.strip()):
            assert parsed(part).listings == parsed(whole).listings[: part.count("}")]
        else:
            assert isinstance(refused(part), Incomplete)


def test_a_byte_order_mark_and_utf_16_are_no_obstacle() -> None:
    """B25."""
    for encoding in ("utf-8-sig", "utf-16"):
        content = json.dumps([{**ALPHA, "title": "Über"}], ensure_ascii=False).encode(encoding)
        found = text_of(daily_file(content, "2025-09-08.json"), None)
        assert recognise(found.text)
        assert parse(found).listings[0].title == "Über"


mutations = st.lists(
    st.tuples(
        st.integers(0, 3000), st.sampled_from((*"[]{}\",:\\'\n 0", "\0", '"a":', "NaN")) | texts
    ),
    min_size=1,
    max_size=6,
)


@unhurried
@given(st.sampled_from(sorted(SHAPES)), mutations)
def test_no_mutation_raises_anything_else(shape: str, changes: list[tuple[int, str]]) -> None:
    """B50."""
    content = text(SHAPES[shape]).text
    for at, piece in changes:
        place = at % (len(content) + 1)
        content = content[:place] + piece + content[place + len(piece) % 3 :]
    check(content)


@unhurried
@given(texts)
def test_no_text_raises_anything_else(content: str) -> None:
    """B50."""
    for opening in ("", "[", "{", '[{"title": "', "['", '{"a": ['):
        check(opening + content)


def check(content: str) -> None:
    recognise(content)
    found = outcome(content)
    if isinstance(found, Unreadable):
        assert not any("\n" in reason.where + reason.why for reason in found.reasons)
    else:
        assert found.listings or found.notes


def outcome(content: str) -> Edition | Unreadable:
    try:
        return parse(Text(content, "papers.json", MODIFIED, None))
    except Unreadable as unreadable:
        return unreadable


# --- whose file it is -------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "",
        "Daily Papers\n\nSep 8\n",
        "[A Link](https://example.org)\n",
        '["A Title"](https://example.org)\n',
        "[1] A Title\nhttps://example.org\n",
        "[[A Title]]\n",
        "[ ] read this\n[x] read that\n",
        "{\\rtf1\\ansi A Title}",
        "@article{a, title={A}}",
        "title,url\nA,https://example.org\n",
        '"title","url"\n"A","https://example.org"\n',
        "- title: A\n  id: 2509.01234\n",
        "{title: A, id: x}",
        "<rss/>",
        "1. A Title\n2. Another\n",
        "2025-09-08",
        "2509.01234 A Title",
    ],
)
def test_files_of_other_forms_are_left_to_those(content: str) -> None:
    """B39."""
    assert not recognise(content)


@pytest.mark.parametrize(
    "content", ["[", " {", "[{", '[ "a', "['", "{'title", "[]", " { } ", "1", "null"]
)
def test_the_beginning_of_json_is_enough(content: str) -> None:
    assert recognise(content)
