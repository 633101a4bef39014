"""The language of rules: what is taken, and what is refused."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.rules import RULES
from worker.core.measure import Bounds, Measure
from worker.core.query import Query, QueryError, parse
from worker.core.terms import And, Everything, Field, Label, Not, Or, Pattern, Words
from worker.core.written import verbatim, written

SYNTAX = st.sampled_from(
    [
        *' "()-*/~:.\\{}|!ab1Zéß“”–\n',
        *("AND", "OR", "NOT", "title:", "cat:", "id:", "author:(", "arXiv:2509.01234v2", "word"),
        *("RL", "C++", ".net", r"\"o", "~5", " ", r"\/", "\ud800", "’s"),
    ]
)


def attempt(text: str) -> Query | QueryError:
    try:
        return parse(text)
    except QueryError as refused:
        return refused


def word(text: str) -> Words:
    return Words((text,))


def test_words_side_by_side_mean_and_which_binds_tighter_than_or() -> None:
    assert parse("a b OR c AND d") == Or((And((word("a"), word("b"))), And((word("c"), word("d")))))
    assert parse("a (b OR c)") == And((word("a"), Or((word("b"), word("c")))))


def test_not_binds_tightest() -> None:
    assert parse("-a b") == And((Not(word("a")), word("b")))
    assert parse("NOT a b") == parse("-a b")
    assert parse("b –(a OR c)") == And((word("b"), Not(Or((word("a"), word("c"))))))


def test_operators_are_operators_in_capitals_only_and_on_their_own() -> None:
    assert parse("a or b") == And((word("a"), word("or"), word("b")))
    assert parse("OR-gate") == Words(("or", "gate"))
    assert parse('"NOT" OR,') == And((Words(("not",), exact=True), word("or")))


def test_words_are_folded_but_short_ones_in_capitals_keep_them() -> None:
    assert parse("Diffusion") == parse("DIFFUSION") == word("diffusion")
    assert parse("RL") == word("RL")
    assert parse("LoRA SAM*") == And((word("LoRA"), word("SAM*")))
    assert parse('"SAM model"') == Words(("SAM", "model"), exact=True)
    assert parse("R I Lion author:LI") == And(
        (word("r"), word("i"), word("lion"), Words(("li",), field=Field.AUTHOR))
    )


def test_a_hyphen_is_a_blank_within_a_phrase() -> None:
    assert parse("mixture-of-experts") == Words(("mixture", "of", "experts"))
    assert parse('"mixture-of-experts"') == parse('"Mixture of  Experts"')


@pytest.mark.parametrize(
    "typed", [r"Schr\"odinger", r"Schr\"{o}dinger", r"Schr{\"o}dinger", "Schrödinger"]
)
def test_a_backslash_quote_in_a_word_is_an_accent(typed: str) -> None:
    assert parse(typed) == word("schrodinger")
    assert parse(f'"{typed} bridge"') == Words(("schrodinger", "bridge"), exact=True)


def test_a_backslash_before_the_closing_quote_does_not_keep_it_open() -> None:
    assert parse(r'"the folder\" bridge') == And(
        (Words(("the", "folder"), exact=True), word("bridge"))
    )


def test_special_characters_are_taken_literally() -> None:
    assert parse("C++") == Words(("c", "++"))
    assert parse("C#-code") == Words(("c", "#", "code"))
    assert parse(".NET") == Words((".", "NET"))
    assert [written(parse(text)) for text in ("c++", '"x .net c# code"', "C++-11")] == (
        ["c++", '"x .net c# code"', "c++-11"]
    )


def test_a_star_ends_a_beginning_and_alone_is_everything() -> None:
    assert parse("operat*") == word("operat*")
    assert parse('title:"neural operat*"') == Words(("neural", "operat*"), True, None, Field.TITLE)
    assert parse("* -x") == And((Everything(), Not(word("x"))))


def test_a_width_makes_a_phrase_a_window() -> None:
    assert parse('"neural operator"~5') == Words(("neural", "operator"), exact=True, within=5)


def test_a_field_reaches_over_its_brackets() -> None:
    assert parse("TITLE:(a OR -b c)") == Or(
        (
            Words(("a",), field=Field.TITLE),
            And((Not(Words(("b",), field=Field.TITLE)), Words(("c",), field=Field.TITLE))),
        )
    )


def test_curly_quotes_and_long_dashes_are_quotes_and_minus() -> None:
    assert parse("“image editing” —survey") == parse('"image editing" -survey')


@pytest.mark.parametrize(
    ("typed", "value", "field"),
    [
        ("cat:cs.CV", "cs.cv", Field.CAT), ('cat:"cs.CV "', "cs.cv", Field.CAT),
        ("cat:cs.*", "cs.*", Field.CAT), ("id:2509.01234", "arxiv:2509.01234", Field.ID),
        ("id:arXiv:2509.01234v3", "arxiv:2509.01234", Field.ID), ("id:X17", "x17", Field.ID),
        ("id:10.1000/ABC", "doi:10.1000/abc", Field.ID), ("id:2509.0*", "2509.0*", Field.ID),
        ('id:"10.1000/s(99)1"', "doi:10.1000/s(99)1", Field.ID),
        ("kind:Cross", "cross", Field.KIND), ("kind:replace", "replacement", Field.KIND),
        ("kind:replaced", "replacement", Field.KIND), ("kind:cross-list", "cross", Field.KIND),
        ("source:arXiv", "arxiv", Field.SOURCE), ("source:HF", "huggingface", Field.SOURCE),
        ("source:hf*", "hf*", Field.SOURCE), ('source:"a.org"', "a.org", Field.SOURCE),
    ],
)  # fmt: skip
def test_names_of_one_thing_are_taken_whole(typed: str, value: str, field: Field) -> None:
    assert parse(typed) == Label(value, field)
    assert parse(written(parse(typed))) == Label(value, field)


@pytest.mark.parametrize(
    ("typed", "written_out"),
    [
        ("upvotes:>=20", "upvotes:>=20"), ("comments:>5", "comments:>=6"),
        ("stars:<=100", "stars:<=100"), ("upvotes:<5", "upvotes:<=4"), ("Upvotes:7", "upvotes:7"),
        ("upvotes:=007", "upvotes:7"), ("upvotes:20..50", "upvotes:20..50"),
        ("upvotes:20..20", "upvotes:20"), ("upvotes:20..", "upvotes:>=20"),
        ("upvotes:..50", "upvotes:<=50"), ('upvotes:">= 20"', "upvotes:>=20"),
        ("upvotes:≥20", "upvotes:>=20"), ("upvotes:≤20", "upvotes:<=20"),
        ("upvotes:>=0", "upvotes:>=0"), ("upvotes:1000000000", "upvotes:1000000000"),
        ("day:2025-09-08", "day:2025-09-08"), ("day:2025-9-8", "day:2025-09-08"),
        ("day:2025-09-08..2025-09-12", "day:2025-09-08..2025-09-12"),
        ("day:2025-09-08..", "day:>=2025-09-08"), ("day:..2025-09-12", "day:<=2025-09-12"),
        ("day:>2025-09-08", "day:>=2025-09-09"), ("day:<2025-09-01", "day:<=2025-08-31"),
        ("day:2025–09–08…2025-09-12", "day:2025-09-08..2025-09-12"),
        ("day:2024-02", "day:2024-02-01..2024-02-29"), ("day:>2025-12", "day:>=2026-01-01"),
        ("day:<2025-09", "day:<=2025-08-31"), ("day:<=2025-09", "day:<=2025-09-30"),
        ("day:2025-09..2025-10", "day:2025-09-01..2025-10-31"),
        ("* -upvotes:<5", "* -upvotes:<=4"),
        ("upvotes:(>=20 -21)", "upvotes:>=20 -upvotes:21"),
        ("kind:(new OR cross)", "kind:new OR kind:cross"),
    ],
)  # fmt: skip
def test_numbers_and_days_have_both_ends_included(typed: str, written_out: str) -> None:
    assert written(parse(typed)) == written_out
    assert parse(written_out) == parse(typed)


def test_a_number_of_a_paper_is_enough_for_a_rule() -> None:
    assert parse("upvotes:>=20") == Bounds(Measure.UPVOTES, least=20)
    assert parse("day:1900-01-02") == Bounds(Measure.DAY, 693597, 693597)
    assert parse("gate -stars:<3") == And((word("gate"), Not(Bounds(Measure.STARS, most=2))))


@settings(deadline=None)
@given(st.sampled_from(Measure), st.none() | st.integers(0, 10**9), st.integers(0, 10**9))
def test_any_bounds_that_can_be_typed_are_written_to_mean_the_same(
    measure: Measure, least: int | None, more: int
) -> None:
    most = None if least is None or more % 3 == 0 else least + more
    low, high = (693596, 766644) if measure is Measure.DAY else (0, 10**9)
    ends = [None if end is None else max(low, min(end, high)) for end in (least, most)]
    asked = (
        Bounds(measure, *ends) if ends != [None, None] else Bounds(measure, most=high - more % 9)
    )
    assert parse(written(asked)) == asked


def test_a_regex_is_kept_as_typed_but_for_its_slashes() -> None:
    assert parse(r"/a\/b\\\d/") == Pattern(r"a/b\\\d")
    assert written(Pattern(r"a/b\\\d", Field.TITLE)) == r"title:/a\/b\\\d/"
    assert parse("cat:/^cs/ (/(?-i)RL/)") == And((Pattern("^cs", Field.CAT), Pattern("(?-i)RL")))


@pytest.mark.parametrize(
    ("rule", "position", "reason"),
    [
        ("", 0, "the rule is empty"), (" \n", 2, "the rule is empty"),
        ('video "image editing', 6, "the quote is not closed"),
        ("video (image", 6, "the bracket is not closed"),
        ("video title:(image", 6, "the bracket is not closed"),
        ("video) image", 5, "this bracket was never opened"),
        ("video ()", 7, "the brackets are empty"), ('""', 1, "no letter or digit"),
        ("a OR", 4, "OR is followed by nothing"), ("a AND", 5, "AND is followed by nothing"),
        ("(a AND) b", 6, "AND is followed by nothing"), ("OR a", 0, "OR has nothing before it"),
        ("a AND OR b", 6, "OR has nothing before it"), ("AND OR NOT", 0, "AND has nothing before"),
        ("a NOT", 5, "NOT is followed by nothing"), ("a (b NOT)", 8, "NOT is followed by nothing"),
        ("a -", 2, "must touch the word"), ("a - b", 2, "must touch the word"),
        ("-a", 0, "* -word"), ("(-a -b)", 0, "* -word"), ("NOT NOT a", 0, "* -word"),
        ("a OR -b", 5, "* -word"), ("-a OR b", 0, "* -word"), ("c (a OR (-b))", 8, "* -word"),
        ("!survey", 0, "write - to leave"), ("foo:bar", 0, "title, abstract, author, cat, id"),
        ("x https://arxiv.org", 2, "no field https"), ("title:", 0, "title: must touch"),
        ("title: x", 0, "title: must touch"), ("title:-x", 0, "write -title:word"),
        ("title:(author:x)", 7, "within the brackets of title:"), ("title:*", 6, "no letter"),
        ("a*", 1, "at least 2 letters"), ("*a", 0, "can only end"), ("ab*cd", 2, "can only end"),
        ("ab**", 3, "can only end"), ('"ab * c"', 4, "can only end"), ("c++*", 3, "at least 2"),
        ("**", 0, "no letter or digit"), ("🚀", 0, "no letter or digit"), ("a | b", 2, "no letter"),
        ('"a b"~0', 5, "from 1 to 50"), ('"a b"~51', 5, "from 1 to 50"), ('"a"~', 3, "1 to 50"),
        ('"a b"~٣', 5, "from 1 to 50"), ('"a b c"~2', 7, "3 words need"), ("ab~5", 0, "in quotes"),
        ("cat:*", 4, "takes one name"), ('cat:""', 4, "takes one name"), ("cat:a*b", 4, "one name"),
        ('cat:"a"~3', 7, "has no width"), ("/a", 0, "not closed by a /"), ("/a/i", 3, "ends with"),
        ("/(?=a)/", 0, "invalid perl operator: (?="), (r"/\1/", 0, "invalid escape sequence"),
        ("/((a{1000}){1000})/", 0, "invalid repetition"), (r"x /(\pL{90}){9}/", 2, "too large"),
        ("/(a+)*/", 0, "every paper"), ("/(i?)/", 0, "every paper"), ("//", 0, "every paper"),
        (r"/[a-z]+|\b/", 0, "every paper"), ("/^/", 0, "every paper"), ("/\ud800/", 0, "broken"),
        ("/a/ " * 6, 20, "at most 5"), ("x" * 1001, 1000, "longer than 1,000"),
        ("(" * 21 + "a" + ")" * 21, 21, "20 deep"), ("-" * 21 + "a", 21, "20 deep"),
        ("(" * 1000, 21, "20 deep"),
        ("a upvotes:many", 10, "upvotes: takes a number such as 20, >=20 or <20, or a range such"),
        ("upvotes:", 0, "upvotes: must touch"), ("upvotes:*", 8, "takes a number"),
        ("upvotes:-5", 0, "write -upvotes:word"), ("upvotes:>=", 8, "takes a number"),
        ("upvotes:..", 8, "takes a number"), ("upvotes:1..2..3", 8, "takes a number"),
        ("upvotes:>=1..3", 8, "takes a number"), ("upvotes:1.5", 8, "takes a number"),
        ("upvotes:=>5", 8, "takes a number"), ("upvotes:٣", 8, "takes a number"),
        ("upvotes:1,000", 8, "takes a number"), ("stars:2000000000", 6, "to 1000000000"),
        ("stars:>1000000000", 6, "goes from 0 to 1000000000"), ("stars:<0", 6, "goes from 0 to"),
        ("stars:9..3", 6, "ends before it begins"), ("stars:/9/", 6, "takes no regex"),
        ('stars:"9"~5', 9, "no width"), ("day:2025-02-30", 4, "day: there is no 2025-02-30"),
        ("-day:2025-13", 5, "there is no 2025-13"), ("day:2025-09-00", 4, "there is no 2025-09-00"),
        ("day:soon", 4, "day: takes a day such as 2025-09-08, >=2025-09-08 or a month"),
        ("day:2025", 4, "takes a day"), ("day:8.9.2025", 4, "takes a day"),
        ("day:2025-09-12..2025-09-08", 4, "ends before it begins"),
        ("day:<1900-01-01", 4, "from 1900-01-01 to 2099-12-31"), ("day:>2099-12", 4, "goes from"),
        ("kind:fresh", 5, "kind: takes one of new, cross, replacement"),
        ("kind:cro*", 5, "takes one of"), ("source:*", 7, "takes one name"),
        ("votes:3", 0, "id, kind, source, upvotes, comments, stars, day"),
        ("-upvotes:3", 0, "* -word"),
    ],
)  # fmt: skip
def test_a_bad_rule_is_refused_at_its_place_with_a_sentence_at_once(
    rule: str, position: int, reason: str
) -> None:
    started = process_time()
    with pytest.raises(QueryError) as refused:
        parse(rule)
    assert process_time() - started < 0.05
    assert refused.value.position == position
    assert reason in str(refused.value)
    assert str(refused.value) == f"rule, position {position}: {refused.value.reason}"


def test_as_deep_and_as_long_as_allowed_is_taken() -> None:
    assert parse("(" * 20 + "a" + ")" * 20) == word("a")
    assert parse("x " * 499 + "xx") == And((word("x"),) * 499 + (word("xx"),))


def test_a_bad_rule_of_the_costliest_regexes_is_refused_at_once() -> None:
    started = process_time()
    with pytest.raises(QueryError):
        parse(" ".join(rf"/{letter}\pL{{12}}/" for letter in "abcde") + " /")
    assert process_time() - started < 0.05


@settings(deadline=None)
@given(RULES)
def test_the_canonical_text_of_a_rule_means_the_same(rule: str) -> None:
    query = parse(rule)
    assert parse(written(query)) == query
    assert parse(verbatim(query)) == query


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("3D, maps.", "3D maps"),
        ("x AND,", "x AND,"),
        ("a~5,", "a~5,"),
        ("graph*; R2D2?", "graph* R2D2"),
    ],
)
def test_a_comma_behind_a_word_is_not_shown_with_it_unless_it_says_something(
    text: str, shown: str
) -> None:
    assert verbatim(parse(text)) == shown
    assert parse(shown) == parse(text)


@settings(max_examples=200, deadline=None)
@given(st.lists(SYNTAX, max_size=25).map("".join) | st.text())
def test_any_text_is_a_query_or_refused_at_a_place_within_it(text: str) -> None:
    query = attempt(text)
    if isinstance(query, QueryError):
        assert 0 <= query.position <= len(text)
    else:
        assert parse(written(query)) == query
        assert parse(verbatim(query)) == query
