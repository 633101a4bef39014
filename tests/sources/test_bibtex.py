"""BibTeX as it is exported, written by hand and made by scripts (B23, B24, B25, B30, B33, B50)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
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
from worker.model import Edition, Incomplete, Listing
from worker.sources.bibtex import FORM

THREE = r"""% Encoding: UTF-8
@string{ cacm = "Commun. " # {ACM} }
@Comment{jabref-meta: databaseType:bibtex;}
@preamble{ "\newcommand{\x}{y}" }

@article{arXiv:2509.00001,
  title = {A Netlist for {AMS} Circuits},
  author = {Roe, Jane and Li, Bo},
  journal = {arXiv preprint arXiv:2509.00001 },
  year = {2025},
  url = {https://arxiv.org/abs/arXiv:2509.00001},
  abstract = {Circuits cost $5 and 9.7% of the
time of {{Çelik}}.
\\ ( https://arxiv.org/abs/2509.00001 , 314kb)}
}

@InProceedings(oez25, title = "Water " # "in {B}asins: M\"uller's Law",
  author = "{\"O}z, Kemal and {The Basin and Water Consortium} and Roe, Jr., Ann and others",
  booktitle = cacm # "!", year = 2025, month = "8~" # sep, doi = {10.1007/978-3-030\_182},
  keywords = {water, basins}
)

@misc{quantum,
  Title = {Left \left\{ alone},
  eprint = {2509.00003}, archivePrefix = {arXiv}, primaryClass = {quant-ph},
  date = {2025-09-07},
  howpublished = {\url{https://example.org/a\_b}},
}
"""
FIELD = st.sampled_from(
    [
        "title = {A}",
        "title = ",
        "{",
        "}",
        '"',
        "\\",
        ",",
        "#",
        "=",
        "@misc{k,",
        "@string{a = a # a}",
    ]
)


def only(entry: str) -> Listing:
    (listing,) = read(FORM, entry).listings
    return listing


# --- what an entry says -----------------------------------------------------


def test_an_entry_is_a_paper_with_all_that_it_says() -> None:
    basins = read(FORM, THREE).listings[1]
    assert basins.title == r"Water in {B}asins: M\"uller's Law"
    assert basins.authors == (r"Kemal {\"O}z", "The Basin and Water Consortium", "Ann Roe Jr.")
    assert basins.ids == ("10.1007/978-3-030_182",)
    assert basins.published == date(2025, 9, 8)
    assert basins.categories == ()


def test_an_eprint_is_an_arxiv_id_with_its_class_as_category() -> None:
    quantum = read(FORM, THREE).listings[2]
    assert quantum.ids == ("arxiv:2509.00003",)
    assert quantum.categories == ("quant-ph",)
    assert quantum.url == "https://example.org/a_b"
    assert quantum.published == date(2025, 9, 7)


def test_an_eprint_of_another_archive_is_no_arxiv_id() -> None:
    assert only("@misc{k, title={A}, eprint={2509.00003}, eprinttype={hal}}").ids == ()


def test_only_the_outermost_braces_go_and_bare_signs_stay() -> None:
    netlist = read(FORM, THREE).listings[0]
    assert netlist.title == "A Netlist for {AMS} Circuits"
    assert netlist.abstract == "Circuits cost $5 and 9.7% of the time of {{Çelik}}."


def test_the_end_of_a_mail_in_an_abstract_gives_the_link() -> None:
    netlist = read(FORM, THREE).listings[0]
    assert netlist.url == "https://arxiv.org/abs/2509.00001"
    assert set(netlist.ids) == {"arxiv:2509.00001", netlist.url}


@pytest.mark.parametrize(
    "entry",
    [
        "@article{k, title={A}, journal={arXiv preprint arXiv:1706.03762}}",
        "@article{k, title={A}, journal={CoRR}, url={http://arxiv.org/abs/1706.03762}}",
        "@misc{1706.03762, title={A}}",
        "@misc{k, title={A}, eprint={arXiv:1706.03762v2 [cs.CL]}}",
        "@misc{k, title={A}, note={arXiv:1706.03762}}",
    ],
)
def test_an_arxiv_id_is_found_where_people_leave_it(entry: str) -> None:
    assert "1706.03762" in only(entry).ids[0]


def test_an_old_id_is_one() -> None:
    assert only("@misc{k, title={A}, eprint={cs/9301115}}").ids == ("arxiv:cs/9301115",)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("date={1991-12-1}", date(1991, 12, 1)),
        ("year=2025, month=9, day=8", date(2025, 9, 8)),
        ("year={2025}, month={September}", date(2025, 9, 1)),
        ("year=2025, month=sep # {~8}", date(2025, 9, 8)),
        ("year=2025", None),
        ("month=sep", None),
        ("date={2026-02-30}, year=2026", None),
    ],
)
def test_a_date_is_read_or_there_is_none(said: str, day: date | None) -> None:
    """B33."""
    assert only(f"@misc{{k, title={{A}}, {said}}}").published == day


def test_the_first_of_two_fields_of_one_name_counts() -> None:
    """B30: as BibTeX does."""
    assert only("@misc{k, title={A}, TITLE={B}}").title == "A"


def test_an_entry_without_key_or_commas_is_one() -> None:
    assert only("@misc{ title={A}\n author={Li, Bo}\n}").authors == ("Bo Li",)


def test_a_backslash_before_a_quote_or_brace_ends_no_value() -> None:
    assert only(r'@misc{k, title="M\"uller \} B", year=1999}').title == r"M\"uller \} B"


def test_macros_are_put_in_and_unknown_ones_stand_for_themselves() -> None:
    macros = '@string(a = {Alpha})\n@string{b = A # " Beta"}\n'
    assert read(FORM, macros + "@misc{k, title = b # { } # gamma}").listings[0].title == (
        "Alpha Beta gamma"
    )


# --- the file ---------------------------------------------------------------


def test_the_day_is_that_of_the_file_not_of_its_papers() -> None:
    assert read(FORM, THREE).day == MODIFIED.date()
    assert read(FORM, THREE, "2025-09-04.bib").day == date(2025, 9, 4)


def test_marks_and_line_ends_of_other_systems_change_nothing() -> None:
    """B25."""
    plain = read(FORM, THREE)
    assert len(plain.listings) == 3
    assert read(FORM, b"\xef\xbb\xbf" + THREE.replace("\n", "\r\n").encode()) == plain
    assert read(FORM, THREE.encode("utf-16")) == plain


def test_what_stands_between_entries_is_a_comment() -> None:
    entries = "@misc{a, title={A}} @misc{b, title={B}}\nwords a@b.org\n@misc{c, title={C}}\nend\n"
    edition = read(FORM, entries)
    assert titles(edition) == ["A", "B", "C"]
    assert edition.rejected == ()


def test_a_file_without_references_is_an_empty_day_and_says_so() -> None:
    """B35."""
    edition = read(FORM, "@comment{nothing today}\n")
    assert (edition.listings, edition.rejected, len(edition.notes)) == ((), (), 1)


@pytest.mark.parametrize(
    "odd",
    [
        "@misc{b, title={B {open}, year=1999}",
        "@misc{b, title={B}}, year={1999}}",
        "@misc{b, title={B}, 1999}",
        "@misc{b, title=%, year=1999}",
        '@misc{b, title="B, year=1999}',
        "@misc{b, author={Li, Bo}}",
    ],
)
def test_an_odd_entry_is_set_aside_with_its_line_and_the_others_go_on(odd: str) -> None:
    edition = read(FORM, f"@misc{{a, title={{A}}}}\n\n{odd}\n@misc{{c, title={{C}}}}\n")
    assert titles(edition) == ["A", "C"]
    assert places(edition) == ["line 3"]


def test_a_file_of_odd_entries_alone_is_unreadable() -> None:
    reasons = refused(FORM, "@misc{a, 1}\n@misc{b, 2}\n").reasons
    assert [reason.where for reason in reasons] == ["line 1", "line 2"]


def test_macros_that_double_one_another_take_no_memory() -> None:
    """As with entities in XML (B36)."""
    doubled = "".join(f"@string{{b{n} = b{n - 1} # b{n - 1}}}\n" for n in range(1, 60))
    entries = f"@string{{b0 = {{lol}}}}\n{doubled}@misc{{k, title=b59}}\n"
    assert "@string" in str(refused(FORM, entries))


def test_braces_as_deep_as_one_likes_are_read() -> None:
    """B28."""
    deep = "{" * 100_000 + "x" + "}" * 100_000
    assert read(FORM, f"@misc{{a, title={{A}}, abstract={deep}}}\n").listings[0].title == "A"


def test_an_entry_without_end_at_the_end_is_waited_for() -> None:
    """B24."""
    unended = refused(FORM, THREE.rstrip().removesuffix("}"))
    assert isinstance(unended, Incomplete)
    assert unended.reasons[0].where == "line 23"


def test_a_cut_is_told_wherever_it_is_but_between_two_entries() -> None:
    """B24."""
    whole = read(FORM, THREE).listings
    cuts = list(taken_in_when_cut(FORM, THREE.encode()))
    assert {len(edition.listings) for _, edition in cuts} == {1, 2, 3}
    for beginning, edition in cuts:
        assert beginning.rstrip().endswith((b"}", b")"))
        assert edition.listings == whole[: len(edition.listings)]


@unhurried
@given(st.lists(FIELD | texts, max_size=20).map("".join))
def test_nothing_but_unreadable_is_raised(text: str) -> None:
    """B50."""
    parse_anything(FORM, text)
    parse_anything(FORM, "@misc{a, title={A}}\n@misc{b, " + text)


@unhurried
@given(st.integers(0, len(THREE.encode())), st.binary(max_size=4), st.integers(0, 4))
def test_any_mutation_gives_an_edition_or_a_reason(at: int, bytes_: bytes, lost: int) -> None:
    """B50."""
    content = THREE.encode()
    outcome(FORM, content[:at] + bytes_ + content[at + lost :])


def test_a_mutation_that_opens_an_entry_costs_that_entry_alone() -> None:
    edition = outcome(FORM, THREE.replace("{A Netlist", "{{A Netlist"))
    assert isinstance(edition, Edition)
    assert len(edition.listings) == 2
    assert places(edition) == ["line 6"]


# --- what it is not ---------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "# My page\n\nCite us:\n\n@article{k, title={A}}\n",
        "<html><body><pre>\n@article{k, title={A}}\n",
        "1. A Title\n\n@article{k, title={A}}\n",
        "@media (max-width: 9em) { a { b: c } }\n",
        "@jane (Jane Roe) said so\n",
        "x\n" * 2_000 + "@article{k, title={A}}\n",
        "mail me@misc{x} now\n",
    ],
)
def test_what_only_holds_an_entry_is_no_bibtex(text: str) -> None:
    assert not FORM.recognise(text)


def test_an_exporters_words_above_are_no_matter() -> None:
    above = "Automatically generated by A Program 1.2\nAny changes will be lost.\n\n"
    assert titles(read(FORM, above + "@article{k, title={A}}\n")) == ["A"]
