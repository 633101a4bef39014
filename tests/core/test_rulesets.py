"""Rule sets: how a rule takes one in, and what it comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.stocks import stock_of
from tests.core.test_plan import batch, names, planned, shown
from tests.made import NOON, subscriber
from worker.core.effort import is_too_much
from worker.core.favourites import favourites
from worker.core.form import Faults, read
from worker.core.obeyed import obey
from worker.core.query import QueryError, parse
from worker.core.rulesets import (
    MOST,
    NO_SETS,
    UNREAD,
    RuleSet,
    as_applied,
    is_too_many,
    refuse_wrong,
    unfolded,
)
from worker.core.scan import NoSuchSet
from worker.core.shared import Shared, shared
from worker.core.terms import And, Query
from worker.core.trial import roomier
from worker.figures import Read
from worker.model import Rule


def rules(*queries: str) -> tuple[Rule, ...]:
    return tuple(Rule(query, query) for query in queries)


OPERATORS = Rule("Operators", "operator* -survey")
EITHER = Rule("Moving pictures", "video OR diffusion")
NLP = RuleSet("nlp", "Our NLP group", (OPERATORS, EITHER, *rules("title:survey")))
SETS = (NLP, RuleSet("vision", "", rules("video OR diffusion", "image*")))


def queries(*written: str) -> list[str]:
    return [rule.query for rule in unfolded(rules(*written), SETS)]


def beside(text: str) -> tuple[Query, ...]:
    query = parse(f"* {text}")
    return query.parts[1:] if isinstance(query, And) else ()


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("set:nlp", Shared("nlp", 0)),
        ("SET:nlp", Shared("nlp", 0)),
        ("set:nlp -survey cat:cs.CL", Shared("nlp", 0, (), beside("-survey cat:cs.CL"))),
        ("-survey AND set:nlp", Shared("nlp", 12, (), beside("-survey"))),
        (
            "set:nlp (a OR b) title:(c OR d)",
            Shared("nlp", 0, (), beside("(a OR b) title:(c OR d)")),
        ),
        ("set:nlp -set:nlp/Operators", Shared("nlp", 0, (("Operators", 9),))),
        ("set:nlp NOT set:nlp/A -set:NLP/B", Shared("nlp", 0, (("A", 12), ("B", 23)))),
        ('set:nlp -set:"nlp/Two words"', Shared("nlp", 0, (("Two words", 9),))),
        ("set:nlp —set:nlp/“Two words” x", Shared("nlp", 0, (("Two words", 9),), beside("x"))),
        ('set:nlp "set:x" /set:y/', Shared("nlp", 0, (), beside('"set x" /set:y/'))),
    ],
)
def test_a_rule_takes_in_a_set_without_some_of_it_and_narrows_the_rest(
    text: str, taken: Shared
) -> None:
    assert shared(text) == taken


@pytest.mark.parametrize("text", ["diffusion", '"set:nlp"', "/set:nlp/", "title:set:nlp", "(("])
def test_what_is_a_query_alone_takes_in_none(text: str) -> None:
    assert shared(text) is None


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("set:", 0, "set: must touch the name of a set"),
        ("set: nlp", 0, "set: must touch the name of a set"),
        ("a set:nlp set:vision", 10, "write a rule for each"),
        ("set:nlp OR a", 0, "a set and an OR do not go together; write two rules"),
        ("(set:nlp)", 1, "a set stands outside of brackets"),
        ("a title:(b set:nlp)", 11, "a set stands outside of brackets"),
        ("set:nlp --set:nlp/Operators", 10, "a set stands outside of brackets"),
        ("a -set:nlp", 3, "to leave one rule of a set out, name it: -set:nlp/Operators"),
        ("set:nlp/Operators", 0, "taken in as a whole; to leave one rule out write set:nlp -set:"),
        ("set:nlp -set:vision/A", 9, "leaves a rule out of set:vision, which is not taken in here"),
        ("a -set:nlp/A", 3, "leaves a rule out of set:nlp, which is not taken in here"),
        ("set:nlp nosuch:a", 8, "there is no field nosuch"),
        ("set:nlp (a", 8, "the bracket is not closed"),
        ("set:nlp - a", 8, "a - must touch the word that it leaves out"),
        ("set:nlp AND", 11, "AND is followed by nothing"),
        ("set:lab", 0, "there is no rule set lab; there are nlp, vision"),
        ("set:nlp -set:nlp/Foo", 9, "set:nlp has no rule Foo; its rules are Operators, Moving pic"),
        ("set:vision -set:vision/image* -set:vision/x", 31, "set:vision has no rule x"),
        (
            'set:nlp -set:nlp/operators -set:"nlp/moving  pictures" -set:nlp/title:survey',
            0,
            "this leaves out every rule of set:nlp",
        ),
        (f"set:nlp {'a' * 985}", 0, "with this, the rule “Operators” of the set cannot be read"),
        ("a OR", 4, "OR is followed by nothing"),
    ],
)
def test_nobody_may_write_what_takes_in_nothing_that_there_is(
    text: str, position: int, said: str
) -> None:
    with pytest.raises(QueryError) as refused:
        refuse_wrong(text, SETS)
    assert said in refused.value.reason
    assert refused.value.position == position


def test_names_are_told_as_far_as_they_fit_in_a_sentence() -> None:
    many = tuple(RuleSet(f"s{number}", "", rules("a")) for number in range(25))
    with pytest.raises(QueryError, match=r"there are s0, .*, s19, 5 more$"):
        refuse_wrong("set:lab", many)
    with pytest.raises(QueryError, match="there is no rule set lab; there is none here"):
        refuse_wrong("set:lab", NO_SETS)


def test_any_set_may_be_named_while_none_could_be_read() -> None:
    refuse_wrong("set:lab -set:lab/x", UNREAD)
    with pytest.raises(QueryError):
        refuse_wrong("set:lab OR a", UNREAD)


def test_what_may_be_written_is_read_again_as_a_query_of_each_member() -> None:
    refuse_wrong('set:NLP -set:"nlp/moving pictures" -survey', SETS)
    refuse_wrong("diffusion", SETS)


def test_a_set_comes_to_its_rules_in_its_order_under_its_name() -> None:
    assert unfolded(rules("flow", "set:nlp"), SETS) == (
        *rules("flow"),
        Rule("nlp: Operators", "operator* -survey"),
        Rule("nlp: Moving pictures", "video OR diffusion"),
        Rule("nlp: title:survey", "title:survey"),
    )


def test_a_name_of_his_own_heads_them_instead() -> None:
    (first, *_) = unfolded((Rule("Reading group", "set:nlp"),), SETS)
    assert first.name == "Reading group: Operators"


def test_what_narrows_the_set_narrows_each_rule_and_a_mute_leaves_one_out() -> None:
    assert queries("set:nlp -set:nlp/operators -gan cat:cs") == [
        "(video OR diffusion) -gan cat:cs",
        "title:survey -gan cat:cs",
    ]


def test_a_rule_that_leaves_out_the_same_by_itself_says_so_once() -> None:
    assert queries("set:nlp -survey 3D -set:nlp/title:survey -Survey") == [
        "operator* -survey 3D",
        "(video OR diffusion) -survey 3D",
    ]
    assert queries("set:vision (Video OR diffusion)") == [
        "video OR diffusion",
        "image* (Video OR diffusion)",
    ]
    assert queries('set:vision -set:vision/image* -"Two\n words"') == [
        '(video OR diffusion) -"Two words"',
    ]


def test_a_mute_of_what_the_set_no_longer_has_leaves_out_nothing() -> None:
    assert queries("set:vision -set:vision/Gone") == ["video OR diffusion", "image*"]


def test_what_he_asks_for_already_by_himself_or_by_another_set_comes_once() -> None:
    assert queries("set:nlp", "Video OR Diffusion", "set:vision", "title:survey") == [
        "operator* -survey",
        "Video OR Diffusion",
        "image*",
        "title:survey",
    ]
    assert queries("set:nlp", "Video OR Diffusion", "((") == [
        "operator* -survey",
        "title:survey",
        "Video OR Diffusion",
        "((",
    ]


def test_pluses_before_a_set_are_added_to_those_of_each_of_its_rules() -> None:
    sets = (RuleSet("nlp", "", (*rules("+flow"), EITHER, Rule("Top", "+++top:10"))),)
    assert unfolded(rules("++set:nlp -gan"), sets) == (
        Rule("nlp: flow", "+++flow -gan"),
        Rule("nlp: Moving pictures", "++(video OR diffusion) -gan"),
        Rule("nlp: Top", "+++top:10 -gan"),
    )
    assert unfolded(rules("+set:nlp -set:nlp/flow -set:nlp/top"), sets) == (
        Rule("nlp: Moving pictures", "+video OR diffusion"),
    )


@pytest.mark.parametrize("text", ["diffusion", "set:gone", "set:nlp OR a", "(("])
def test_a_rule_that_cannot_be_unfolded_stays_as_it_is(text: str) -> None:
    assert unfolded(rules(text), SETS) == rules(text)


def test_a_set_alone_is_no_query() -> None:
    with pytest.raises(NoSuchSet, match="there is no such rule set here"):
        parse("set:gone -survey")


def test_each_paper_comes_once_with_the_members_that_chose_it_as_its_reasons() -> None:
    who = as_applied(subscriber("survey", "set:nlp -set:nlp/operators"), SETS)
    made = planned(who, over=batch())
    assert shown(made) == [3, 1, 4]
    assert names(made) == [
        ["survey", "nlp: Moving pictures", "nlp: title:survey"],
        ["nlp: Moving pictures"],
        ["nlp: Moving pictures"],
    ]


def test_a_set_that_is_gone_is_told_in_the_digest_and_the_other_rules_work() -> None:
    made = planned(as_applied(subscriber("set:gone", "survey", "(("), SETS))
    assert shown(made) == [3]
    assert made.digest is not None
    assert made.digest.notes[0] == (
        "Your rule “set:gone” names a set that is no longer there and was left out."
    )
    assert made.digest.notes[1].startswith("Your rule “((” can no longer be read")


def test_one_reader_has_room_for_so_many_rules_with_those_of_his_sets() -> None:
    full = (RuleSet("big", "", rules(*(f"word{number}" for number in range(50)))),)
    ten = [f"set:big more{number}" for number in range(MOST // 50)]
    assert not is_too_many(rules(*ten), full)
    assert is_too_many(rules(*ten, "one more"), full)


def test_as_many_rules_more_are_tried_as_the_sets_have_up_to_a_limit() -> None:
    written = rules("a", "set:nlp")
    assert roomier(10, written, unfolded(written, SETS)) == 12
    assert roomier(50, written, rules(*map(str, range(500)))) == 200
    assert roomier(300, written, written) == 300


def test_a_set_is_added_by_mail_if_there_is_one_and_can_be_removed_and_put_back() -> None:
    who = subscriber("flow")
    added = obey("add set:nlp -set:nlp/operators", who, NOON, SETS)
    assert added.who.rules[1:] == rules("set:nlp -set:nlp/operators")
    removed = obey("remove 2", added.who, NOON, SETS)
    assert "add set:nlp -set:nlp/operators\t" in removed.lines
    refused = obey("add set:lab", who, NOON, SETS)
    assert refused.who == who
    assert any("there is no rule set lab; there are nlp, vision" in line for line in refused.lines)


def test_neither_by_mail_nor_on_the_site_are_there_more_rules_than_there_is_room_for() -> None:
    full = (RuleSet("big", "", rules(*(f"word{number}" for number in range(50)))),)
    nine = rules(*(f"set:big more{number}" for number in range(MOST // 50)))
    who = replace(subscriber(), rules=nine)
    obeyed = obey("add set:big", who, NOON, full)
    assert obeyed.who == who
    assert f"With those of the sets that would be more than {MOST} rules." in obeyed.lines
    lines = "\n".join((*(rule.query for rule in nine), "set:big"))
    asked = read({"address": "a@example.org", "rules": lines}, sets=full)
    assert isinstance(asked, Faults)
    said = f"With those of the sets these are more than {MOST} rules."
    assert asked.by_field == {"rules": said}


def test_what_narrows_a_set_is_the_readers_work_and_its_rules_are_not() -> None:
    slow = r"/((a{100}){9})/"
    assert not is_too_much(rules(slow, "set:nlp"))
    assert is_too_much(rules(slow, r"set:nlp -/((b{100}){9})/"))


def test_what_most_have_is_counted_as_all_that_it_comes_to() -> None:
    stock = stock_of("Neural operators", "A video", "A survey", "A tree")
    found = favourites([Read("set:nlp -survey", 3), Read("set:gone", 2)], stock, SETS)
    assert [(one.readers, one.papers) for one in found.rules] == [(3, 2), (2, None)]
