"""Tables with commas, semicolons, bars or tabs (B23-B26, B29, B30, B33, B35, B40, B46, B50)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.daily import LONG, MODIFIED
from tests.sources.listed import (
    outcome,
    parse_anything,
    places,
    read,
    refused,
    taken_in_when_cut,
    titles,
)
from tests.texts import texts, unhurried
from worker.model import Counts, Incomplete
from worker.sources.csv_table import FORM

THREE = """\
date,title,url,abstract,authors
2025-09-08,"A Netlist, for Amplifiers",https://arxiv.org/abs/2509.00001,"They cost 9.7%.
And ""more"".",Jane Roe; Bo Li
2025-09-08,Water Basins,https://arxiv.org/abs/2509.00002,We ask.,Çelik Öz
2025-09-09,Quantum,https://arxiv.org/abs/2509.00003,,
"""
ROWS = (
    ("2025-09-08", "A Netlist, for; Amplifiers | Basins", "https://arxiv.org/abs/2509.00001"),
    ("2025-09-08", "Water Basins", "https://arxiv.org/abs/2509.00002"),
)
DELIMITERS = (",", ";", "\t", "|")
ANY_CELL = texts | st.sampled_from(['"', '"a', 'a"', "https://arxiv.org/abs/2509.00001", "title"])


def written(rows: Sequence[Sequence[str]], delimiter: str = ",", line_end: str = "\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return out.getvalue()


# --- columns that are named -------------------------------------------------


def test_a_row_is_a_paper_with_all_that_it_says() -> None:
    edition = read(FORM, THREE)
    netlist = edition.listings[0]
    assert titles(edition) == ["A Netlist, for Amplifiers", "Water Basins", "Quantum"]
    assert netlist.abstract == 'They cost 9.7%.\nAnd "more".'
    assert netlist.authors == ("Jane Roe", "Bo Li")
    assert netlist.url == "https://arxiv.org/abs/2509.00001"
    assert (edition.rejected, edition.notes) == ((), ())


def test_a_list_of_many_days_says_which_and_as_of_which_it_is_taken() -> None:
    rows = "".join(f"2025-0{month}-01,Paper {month},2509.0000{month}\n" for month in range(1, 10))
    edition = read(FORM, "date,title,id\n" + rows)
    (note,) = edition.notes
    assert note == (
        f"The file lists papers of 2025-01-01 to 2025-09-01; they are taken as of {edition.day}."
    )


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_the_delimiter_is_found_out(delimiter: str) -> None:
    text = written((("day", "Paper Title", "Link"), *ROWS), delimiter)
    assert titles(read(FORM, text)) == [row[1] for row in ROWS]


@pytest.mark.parametrize(
    "head",
    [
        "title,arxiv_id,upvotes,categories",
        "Paper Title,arXiv ID,Votes,Subjects",
        '"TITLE","ID","Likes","category"',
        "# title,paper_id,score,cats",
    ],
)
def test_columns_have_the_names_that_people_give(head: str) -> None:
    (paper,) = read(FORM, head + '\nA Title,2509.00001,"1,234",cs.CL cs.LG\n').listings
    assert (paper.title, paper.ids, paper.categories) == (
        "A Title",
        ("2509.00001",),
        ("cs.CL", "cs.LG"),
    )
    assert paper.counts == Counts(upvotes=1234)


def test_lines_above_the_names_are_no_matter() -> None:
    text = "sep=;\n# made by a script\n\ntitle;url\nA;https://example.org/a\n"
    assert titles(read(FORM, text)) == ["A"]


def test_names_that_are_not_known_are_not_read() -> None:
    (paper,) = read(FORM, "nr,title,mood,doi\n1,A,good,10.1000/182\n").listings
    assert (paper.title, paper.ids) == ("A", ("10.1000/182",))


def test_the_first_of_two_columns_of_one_name_counts() -> None:
    """B30."""
    assert titles(read(FORM, "title,url,title\nA,https://example.org/a,B\n")) == ["A"]


def test_a_line_of_names_never_becomes_a_paper() -> None:
    again = "title,url\nA,https://example.org/a\ntitle,url\nB,https://example.org/b\n"
    assert titles(read(FORM, again)) == ["A", "B"]


def test_old_ids_and_dates_are_read() -> None:
    (paper,) = read(FORM, "id,title,published\ncs/9301115,A,1991-12-1\n").listings
    assert (paper.ids, paper.published) == (("cs/9301115",), date(1991, 12, 1))


@pytest.mark.parametrize("said", ["0000-00-00", "2026-02-30", "soon", "1e400", "9" * 5000, "NaN"])
def test_a_date_that_is_none_is_none(said: str) -> None:
    """B29, B33."""
    edition = read(FORM, f"title,published,date,url\nA,{said},{said},https://example.org/a\n")
    assert edition.listings[0].published is None
    assert edition.day == MODIFIED.date()


def test_marks_and_line_ends_of_other_systems_change_nothing() -> None:
    """B25, B40."""
    plain = read(FORM, THREE)
    assert read(FORM, b"\xef\xbb\xbf" + THREE.replace("\n", "\r\n").encode()) == plain
    assert read(FORM, THREE.replace("\n", "\r")) == plain
    assert read(FORM, THREE.encode("utf-16")) == plain


# --- columns without names --------------------------------------------------


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_columns_without_names_are_told_by_what_is_in_them(delimiter: str) -> None:
    edition = read(FORM, written(ROWS, delimiter))
    assert titles(edition) == [row[1] for row in ROWS]
    assert [paper.url for paper in edition.listings] == [row[2] for row in ROWS]
    assert edition.day == date(2025, 9, 8)


def test_a_much_longer_text_is_the_abstract_wherever_it_stands() -> None:
    rows = [
        [LONG, "cs.CL cs.LG", "2509.00001", "A Title Here", "7"],
        [LONG, "cs.CL", "2509.00002", "Another Title", "8"],
    ]
    edition = read(FORM, written(rows, "\t"))
    assert titles(edition) == ["A Title Here", "Another Title"]
    assert edition.listings[0].abstract == LONG.strip()
    assert edition.listings[0].ids == ("2509.00001",)


def test_one_row_without_names_is_a_day_if_it_has_a_date() -> None:
    assert titles(read(FORM, written(ROWS[:1], "\t"))) == [ROWS[0][1]]
    assert not FORM.recognise("A Title\thttps://arxiv.org/abs/2509.00001\n")


def test_columns_that_cannot_be_told_must_be_named() -> None:
    rows = [["A Title Here", "Jane Roe", "2509.00001"], ["Another One", "Bo Li", "2509.00002"]]
    reason = refused(FORM, written(rows)).reasons[0]
    assert reason.where == "line 1"
    assert "must name the columns: title" in reason.why


# --- rows that do not fit ---------------------------------------------------


def test_a_ragged_row_is_set_aside_with_its_line_and_the_others_go_on() -> None:
    """B26."""
    ragged = THREE + "2025-09-09,Short\n2025-09-09,Too,Many,Commas,In,This\n" + THREE
    edition = read(FORM, ragged)
    assert len(edition.listings) == 6
    assert places(edition) == ["line 6", "line 7"]
    assert [reason.why[:24] for reason in edition.rejected] == [
        "2 columns instead of 5",
        "6 columns instead of 5; ",
    ]


def test_empty_cells_behind_the_last_column_are_no_matter() -> None:
    assert titles(read(FORM, "title,url\nA,https://example.org/a,,\n,,\n\n")) == ["A"]


def test_a_row_without_title_is_set_aside() -> None:
    edition = read(FORM, THREE + "2025-09-09,,https://arxiv.org/abs/2509.00004,,\n")
    assert places(edition) == ["line 6"]


def test_a_file_of_rows_that_are_no_papers_is_unreadable() -> None:
    reasons = refused(FORM, "id,url\n1,https://example.org/a\n").reasons
    assert reasons[0].where == "line 2"
    assert "title" in reasons[0].why


# --- the whole --------------------------------------------------------------


def test_the_day_is_that_of_the_name_then_of_most_rows_then_of_the_file() -> None:
    assert read(FORM, THREE, "2025-09-04.csv").day == date(2025, 9, 4)
    assert read(FORM, THREE).day == date(2025, 9, 8)
    assert read(FORM, "title,id\nA,2509.00001\n").day == MODIFIED.date()


def test_links_to_hugging_face_alone_say_who_lists() -> None:
    text = "title,url\nA,https://huggingface.co/papers/2509.00001\n"
    assert read(FORM, text).source == "huggingface"
    assert read(FORM, THREE).source == ""


def test_a_line_of_names_alone_is_an_empty_day_and_says_so() -> None:
    """B35."""
    edition = read(FORM, "date,title,url\n")
    assert (edition.listings, edition.rejected, len(edition.notes)) == ((), (), 1)
    assert isinstance(refused(FORM, "date,title,url"), Incomplete)


def test_a_last_row_without_line_end_is_noted_and_waited_for_if_it_is_short() -> None:
    """B24."""
    assert "may be missing" in read(FORM, THREE.rstrip(",\n") + ",,").notes[0]
    assert isinstance(refused(FORM, THREE.rstrip(",\n")), Incomplete)


@pytest.mark.parametrize("content", [THREE, written(ROWS * 3, "\t")])
def test_a_cut_is_told_wherever_it_is_but_between_two_rows(content: str) -> None:
    """B24."""
    whole = read(FORM, content).listings
    cuts = list(taken_in_when_cut(FORM, content.encode()))
    assert cuts
    for beginning, edition in cuts:
        assert beginning.endswith(b"\n")
        assert edition.listings == whole[: len(edition.listings)]


def test_many_rows_are_read() -> None:
    """B46."""
    rows = [("id", "title"), *((f"2509.{n:05}", f"Paper {n}") for n in range(20_000))]
    assert len(read(FORM, written(rows)).listings) == 20_000


@unhurried
@given(
    st.lists(st.tuples(ANY_CELL, ANY_CELL, ANY_CELL), max_size=6),
    st.sampled_from(DELIMITERS),
    st.booleans(),
)
def test_nothing_but_unreadable_is_raised(
    rows: list[tuple[str, str, str]], delimiter: str, named: bool
) -> None:
    """B50."""
    head = ["title", "url", "date"]
    lines = [head, *rows] if named else rows
    parse_anything(FORM, "\n".join(delimiter.join(cells) for cells in lines))


@unhurried
@given(
    st.lists(st.tuples(*[st.text("ab,;|\t \"'\n", max_size=9)] * 2), min_size=1, max_size=6),
    st.sampled_from(DELIMITERS),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_the_csv_module_writes_is_read_as_it_was(
    texts_: list[tuple[str, str]], delimiter: str, line_end: str
) -> None:
    rows = [(f"T{a}", b, f"2509.{n:05}") for n, (a, b) in enumerate(texts_)]
    text = written([("title", "abstract", "id"), *rows], delimiter, line_end)
    edition = read(FORM, text)
    assert edition.rejected == ()
    assert [(p.title, p.abstract) for p in edition.listings] == [
        (title.strip(), abstract.strip()) for title, abstract, _ in rows
    ]


@unhurried
@given(st.integers(0, len(THREE.encode())), st.binary(max_size=4), st.integers(0, 4))
def test_any_mutation_gives_an_edition_or_a_reason(at: int, bytes_: bytes, lost: int) -> None:
    """B50."""
    content = THREE.encode()
    outcome(FORM, content[:at] + bytes_ + content[at + lost :])


# --- what it is not ---------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "| Title | Link |\n|---|---|\n| A | https://example.org/a |\n",
        "Title | Link\n--- | ---\nA | https://example.org/a\n",
        "Date: today\nTitle, url, and more of it\n\nProse, https://example.org, and prose.\n",
        "Daily Papers\n\nA Title, Of Course\n\nIt is so, as https://example.org/a says.\n",
        "- [A](https://example.org/a), 12\n- [B](https://example.org/b), 13\n",
        '["https://arxiv.org/abs/2509.00001", "A"]\n["https://arxiv.org/abs/2509.00002", "B"]\n',
        '{"title": "A", "url": "https://example.org/a"}\n{"title": "B"}\n',
        "name,email\nJane Roe,jane@example.org\n",
        "A Title\nhttps://arxiv.org/abs/2509.00001\n\nAnother\nhttps://arxiv.org/abs/2509.00002\n",
        "date,open,close\n2025-09-08,1,2\n",
        "# only\n# comments\n",
        "\t\n" * 9,
    ],
)
def test_what_only_holds_commas_and_links_is_no_table(text: str) -> None:
    assert not FORM.recognise(text)
