"""RIS as reference managers and people's scripts write it (B23, B24, B25, B33, B40, B50)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.daily import MODIFIED
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
from worker.model import Incomplete
from worker.sources.ris import FORM

TWO = """TY  - JOUR
TI  - A Netlist for Amplifiers
AU  - Roe, Jane and Li, Bo and Çelik, Ada
JO  - arXiv preprint arXiv:2509.00001
PY  - 2025
UR  - https://arxiv.org/abs/arXiv:2509.00001
AB  - Amplifiers are mainly
full-custom, which costs 9.7% of
AI - and more of time.
\\\\ ( https://arxiv.org/abs/2509.00001 , 314kb)
ER  -\x20

TY  - CONF
T1  - Water Basins
A1  - Öz, Kemal, Jr.
A1  - The Basin Consortium
N2  - First paragraph.

Second one.
DO  - 10.1000/182
L1  - https://example.org/182.pdf
Y1  - 2025/09/08/
KW  - water
ER  -
"""
KINDS = st.sampled_from(["TY", "TI", "T1", "AU", "AB", "DO", "UR", "PY", "ER", "KW", "ZZ"])
LINES = st.builds("{}  - {}".format, KINDS, texts) | texts


def test_a_record_is_a_paper_with_all_that_it_says() -> None:
    basins = read(FORM, TWO).listings[1]
    assert basins.title == "Water Basins"
    assert basins.authors == ("Kemal Öz Jr.", "The Basin Consortium")
    assert basins.abstract == "First paragraph.\nSecond one."
    assert basins.ids == ("10.1000/182",)
    assert basins.published == date(2025, 9, 8)
    assert basins.categories == ()


def test_all_authors_in_one_line_are_parted_and_turned() -> None:
    assert read(FORM, TWO).listings[0].authors == ("Jane Roe", "Bo Li", "Ada Çelik")


def test_a_wrapped_abstract_is_whole_and_its_mails_end_gives_the_link() -> None:
    netlist = read(FORM, TWO).listings[0]
    assert netlist.abstract == (
        "Amplifiers are mainly full-custom, which costs 9.7% of AI - and more of time."
    )
    assert netlist.url == "https://arxiv.org/abs/2509.00001"
    assert netlist.ids[0] == "arxiv:2509.00001"


def test_a_link_with_the_id_behind_arxiv_and_a_colon_is_mended() -> None:
    record = "TY  - JOUR\nTI  - A\nUR  - https://arxiv.org/abs/arXiv:2509.00001\nER  - \n"
    assert read(FORM, record).listings[0].url == "https://arxiv.org/abs/2509.00001"


def test_the_day_is_that_of_the_file_not_of_its_papers() -> None:
    assert read(FORM, TWO).day == MODIFIED.date()
    assert read(FORM, TWO, "2025-09-04.ris").day == date(2025, 9, 4)


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("DA  - 1991-12-1", date(1991, 12, 1)),
        ("Y1  - 2025/09//", date(2025, 9, 1)),
        ("PY  - 2025///", None),
        ("PY  - 2025", None),
        ("DA  - 2026-02-30", None),
        ("DA  - 0000-00-00", None),
    ],
)
def test_a_date_is_read_or_there_is_none(line: str, day: date | None) -> None:
    """B33."""
    record = f"TY  - JOUR\nTI  - A\n{line}\nER  - \n"
    assert read(FORM, record).listings[0].published == day


def test_an_old_id_is_one() -> None:
    record = "TY  - JOUR\nTI  - A\nAN  - cs/9301115\nER  - \n"
    assert read(FORM, record).listings[0].ids == ("arxiv:cs/9301115",)


def test_marks_and_line_ends_of_other_systems_change_nothing() -> None:
    """B25, B40."""
    plain = read(FORM, TWO)
    assert read(FORM, b"\xef\xbb\xbf" + TWO.replace("\n", "\r\n").encode()) == plain
    assert read(FORM, TWO.replace("\n", "\r")) == plain
    assert read(FORM, TWO.encode("utf-16")) == plain


def test_an_exporters_words_above_are_no_paper() -> None:
    above = 'Provider: A Press\nContent: text/plain; charset="utf-8"\n\n\n'
    assert titles(read(FORM, above + TWO)) == titles(read(FORM, TWO))


def test_tags_with_one_blank_are_tags_if_the_first_has_one() -> None:
    assert titles(read(FORM, "TY - JOUR\nTI - A Title\nER -\n")) == ["A Title"]


def test_a_record_that_the_next_begins_in_is_set_aside_and_the_others_go_on() -> None:
    cut = "TY  - JOUR\nTI  - Cut\n"
    edition = read(FORM, TWO + cut + TWO)
    assert len(edition.listings) == 4
    assert places(edition) == ["line 25"]


def test_lines_in_no_record_are_set_aside_once() -> None:
    edition = read(FORM, TWO + "TI  - Stray\nAU  - Roe, Jane\nER  - \n" + TWO)
    assert len(edition.listings) == 4
    assert places(edition) == ["line 25"]


def test_a_record_without_title_is_set_aside() -> None:
    edition = read(FORM, TWO + "TY  - JOUR\nAU  - Roe, Jane\nER  - \n")
    assert places(edition) == ["line 25"]
    assert refused(FORM, "TY  - JOUR\nAU  - Roe, Jane\nER  - \n").reasons[0].where == "line 1"


def test_a_record_without_end_at_the_end_is_waited_for() -> None:
    """B24."""
    unended = refused(FORM, TWO.rpartition("ER")[0])
    assert isinstance(unended, Incomplete)
    assert unended.reasons[0].where == "line 13"


def test_a_cut_is_told_wherever_it_is_but_between_two_records() -> None:
    """B24."""
    content = TWO.encode()
    cuts = list(taken_in_when_cut(FORM, content))
    assert cuts
    for beginning, edition in cuts:
        assert beginning.rstrip().endswith(b"ER  -")
        assert edition.listings == read(FORM, TWO).listings[: beginning.count(b"ER  -")]


@unhurried
@given(st.lists(LINES, max_size=12).map("\n".join))
def test_nothing_but_unreadable_is_raised(text: str) -> None:
    """B50."""
    parse_anything(FORM, text)
    parse_anything(FORM, "TY  - JOUR\n" + text)


@settings(unhurried)
@given(st.integers(0, len(TWO.encode())), st.binary(max_size=4), st.integers(0, 4))
def test_any_mutation_gives_an_edition_or_a_reason(at: int, bytes_: bytes, lost: int) -> None:
    """B50."""
    content = TWO.encode()
    outcome(FORM, content[:at] + bytes_ + content[at + lost :])


@pytest.mark.parametrize(
    "text",
    [
        "Title: TY is a tag\nAuthors: Jane Roe\n",
        "# Papers\n\nTY - no, this is prose\n\nTY  is a tag\n",
        "@article{TY, title = {A}}\n",
    ],
)
def test_prose_is_no_ris(text: str) -> None:
    assert not FORM.recognise(text)
