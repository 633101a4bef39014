"""YAML: papers as documents and lists, in the part of it that is read (B23-B30, B33, B35, B50)."""

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
from worker.model import Incomplete, Listing
from worker.sources.yaml_papers import FORM

ONE = """\
date: "2025-09-08"
author: Jane Roe
title: 'A Netlist: for Amplifiers'
thumbnail: https://example.org/2509.00001.png
link: https://huggingface.co/papers/2509.00001
summary: It costs 9.7% of what
    it did; that's Çelik's.
tags:
    - Agentic AI
    - Circuits
"""
LIST = """\
# made by a script
- title: A Netlist
  authors:
  - Jane Roe
  - Bo Li
  abstract: |
    First line,
      second line.

    And: more # of it.
  arxiv_id: 2509.00001
  upvotes: 12
- title: "Water \\
    \\ Basins \\u00e9\\"
    and 'more'"
  authors: [Kemal Öz, 'Ann Roe', "Li, Bo"]  # in brackets
  url: https://example.org/182
  published: 2025-09-07
- title: >-
    Quantum
    Things
  id: cs/9301115
"""
WRAPPED = """\
date: 2025-09-08
papers:
  - title: A
    url: https://example.org/a
  - title: B
    url: https://example.org/b
made_by: a script
"""
LINE = st.sampled_from(
    ["- ", "- title: A", "title: A", "  url: b", "a:", "  a: [b", '"', "'", "|", "  >", "---", "#"]
)


def only(text: str) -> Listing:
    (listing,) = read(FORM, text).listings
    return listing


# --- papers -----------------------------------------------------------------


def test_one_paper_is_a_file_with_all_that_it_says() -> None:
    edition = read(FORM, ONE)
    (paper,) = edition.listings
    assert paper.title == "A Netlist: for Amplifiers"
    assert paper.abstract == "It costs 9.7% of what it did; that's Çelik's."
    assert paper.authors == ("Jane Roe",)
    assert paper.url == "https://huggingface.co/papers/2509.00001"
    assert paper.categories == ("Agentic AI", "Circuits")
    assert (edition.day, edition.source) == (date(2025, 9, 8), "huggingface")
    assert (edition.rejected, edition.notes) == ((), ())


def test_a_list_holds_a_paper_an_item() -> None:
    netlist, basins, quantum = read(FORM, LIST).listings
    assert netlist.abstract == "First line,\n  second line.\n\nAnd: more # of it."
    assert netlist.authors == ("Jane Roe", "Bo Li")
    assert netlist.ids == ("2509.00001",)
    assert netlist.counts.upvotes == 12
    assert basins.title == "Water  Basins é\" and 'more'"
    assert basins.authors == ("Kemal Öz", "Ann Roe", "Bo Li")
    assert basins.published == date(2025, 9, 7)
    assert (quantum.title, quantum.ids) == ("Quantum Things", ("cs/9301115",))


@pytest.mark.parametrize("indent", ["", "  "])
def test_a_list_under_a_name_has_the_date_beside_it(indent: str) -> None:
    edition = read(FORM, WRAPPED.replace("\n  ", "\n" + indent))
    assert titles(edition) == ["A", "B"]
    assert edition.day == date(2025, 9, 8)


def test_documents_are_papers() -> None:
    edition = read(FORM, f"%YAML 1.2\n---\n{ONE}---  # next\n{ONE}...\n")
    assert len(edition.listings) == 2


def test_authors_may_have_more_than_a_name() -> None:
    people = "authors:\n  - name: Jane Roe\n    at: Here\n  - name: Bo Li\n"
    assert only("title: A\n" + people).authors == ("Jane Roe", "Bo Li")


def test_an_id_that_looks_like_a_number_keeps_its_zeros() -> None:
    """B29."""
    assert only("title: A\nid: 1409.1550\n").ids == ("1409.1550",)


@pytest.mark.parametrize("said", ["2026-02-30", "0000-00-00", "soon", "~", "9" * 5000])
def test_a_date_that_is_none_is_none(said: str) -> None:
    """B29, B33."""
    edition = read(FORM, f"title: A\ndate: {said}\npublished: {said}\n")
    assert edition.listings[0].published is None
    assert edition.day == MODIFIED.date()


def test_marks_and_line_ends_of_other_systems_change_nothing() -> None:
    """B25, B40."""
    plain = read(FORM, LIST)
    assert read(FORM, b"\xef\xbb\xbf" + LIST.replace("\n", "\r\n").encode()) == plain
    assert read(FORM, LIST.encode("utf-16")) == plain


# --- what is set aside ------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("url: &a https://example.org/a", "must be in quotes"),
        ("url: !!str a", "must be in quotes"),
        ("url: *a", "must be in quotes"),
        ("url: {a: b}", "must be in quotes"),
        ("url: @a", "must be in quotes"),
        ("title: B", "given before"),
        ("url: [a, {b: c}]", "texts alone"),
        ("url: 'a' b", "more behind"),
        ("url: 'a", "without its end"),
        ("url: [a", "without its end"),
        ("\turl: a", "name: value"),
        ("no name", "name: value"),
        ("url: a\n   id: b", "indented more"),
        ("a:\n" + "".join(f"{' ' * n}a:\n" for n in range(3, 13)), "levels"),
    ],
)
def test_a_paper_in_other_yaml_is_set_aside_with_its_line_and_the_others_go_on(
    line: str, why: str
) -> None:
    odd = f"- title: Odd\n  {line}\n"
    edition = read(FORM, f"- title: A\n  id: 2509.00001\n{odd}- title: C\n")
    assert titles(edition) == ["A", "C"]
    assert edition.rejected[0].where.startswith("line ")
    assert int(edition.rejected[0].where.removeprefix("line ")) >= 3
    assert why in edition.rejected[0].why


def test_the_line_that_is_odd_is_named() -> None:
    assert places(read(FORM, LIST + "- title: C\n  url: &a b\n" + LIST)) == ["line 24"]


def test_two_values_of_one_name_are_no_paper() -> None:
    """B30."""
    twice = "title: A\nlink:\n  a: 1\n  a: 2\n"
    assert "given before" in str(refused(FORM, twice))


def test_a_document_that_is_no_paper_is_set_aside() -> None:
    edition = read(FORM, f"{ONE}---\nname_of: nothing\nurl: https://example.org\n")
    assert places(edition) == ["line 12"]


# --- the whole --------------------------------------------------------------


def test_a_name_without_the_last_text_is_waited_for() -> None:
    """B24."""
    assert isinstance(refused(FORM, "title: A\nurl: b\nsummary: |\n"), Incomplete)
    assert isinstance(refused(FORM, 'title: A\nurl: "b\n'), Incomplete)
    assert isinstance(refused(FORM, LIST + "- tit"), Incomplete)


@pytest.mark.parametrize("content", [ONE, LIST, WRAPPED])
def test_a_cut_within_a_line_is_told(content: str) -> None:
    """B24: which lines there should be, nobody can tell."""
    for beginning, edition in taken_in_when_cut(FORM, content.encode()):
        assert beginning.endswith(b"\n")
        whole = read(FORM, content).listings
        assert edition.listings[:-1] == whole[: len(edition.listings) - 1]


@unhurried
@given(st.lists(LINE | texts, max_size=12).map("\n".join))
def test_nothing_but_unreadable_is_raised(text: str) -> None:
    """B50."""
    parse_anything(FORM, text)
    parse_anything(FORM, "- title: A\n  url: b\n" + text)


@unhurried
@given(st.integers(0, len(LIST.encode())), st.binary(max_size=4), st.integers(0, 4))
def test_any_mutation_gives_an_edition_or_a_reason(at: int, bytes_: bytes, lost: int) -> None:
    """B50."""
    content = LIST.encode()
    outcome(FORM, content[:at] + bytes_ + content[at + lost :])


# --- what it is not ---------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: A page\ndate: 2025-09-08\n---\n\n# Papers\n\n- one\n- two\n",
        "---\ntitle: A page\ndate: 2025-09-08\n---\n\nWe read papers.\n",
        "Title: A\nAuthors: Jane Roe\n\nTitle: B\nAuthors: Bo Li\n",
        "From: jane@example.org\nSubject: papers\nDate: today\n\nTitle: A\n\nSee you.\n",
        "title: A\n",
        "name: a workflow\non: push\njobs:\n  build:\n    runs-on: x\n",
        "- [A](https://example.org)\n- [B](https://example.org)\n",
        "- **Title**: A\n- **Link**: https://example.org\n",
        "# A comment\n",
        "---\n---\n",
        '{"title": "A",\n"url": "b"}\n',
        "\\\\\narXiv:2509.00001\nTitle: A\nAuthors: Jane Roe\n\\\\\n  It holds.\n",
    ],
)
def test_what_only_has_colons_is_no_yaml(text: str) -> None:
    assert not FORM.recognise(text)
