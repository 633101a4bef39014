"""A mail's text becomes commands, they become a change and an answer; all of them or none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import subscriber
from worker.core.mailcommands import read
from worker.core.named import LONGEST_RULE, MOST_RULES
from worker.core.obeyed import Obeyed, obey
from worker.core.schedule import parse_schedule
from worker.core.situation import HELP
from worker.core.step import KEPT_FOR_HIM, steps
from worker.core.wishes import (
    Add,
    Command,
    Explain,
    Leave,
    Pause,
    Remove,
    Reschedule,
    Resume,
    Show,
    Style,
    Wrong,
)
from worker.manner import Abstracts, Language, Manner, Order, Relation
from worker.model import Rule, Subscriber, SubscriberState

NOW = datetime(2026, 9, 8, 6, tzinfo=UTC)  # a Tuesday, eight in Vienna
TODAY = NOW.date()
DAILY = parse_schedule("daily 08:00")
WHO = subscriber("diffusion", "survey")
FIRST_OF_OCTOBER = date(2026, 10, 1)


def commands(text: str) -> tuple[Command, ...]:
    return read(text, DAILY, TODAY).commands


def answered(text: str, who: Subscriber = WHO) -> Obeyed:
    return obey(text, who, NOW)


def said(text: str, who: Subscriber = WHO) -> str:
    return "\n".join(answered(text, who).lines)


# --- what is understood -----------------------------------------------------


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("pause until 2026-10-01", Pause(FIRST_OF_OCTOBER)),
        ("Pause until 1 October, please.", Pause(FIRST_OF_OCTOBER)),
        ("Pause until 01.10.2026 please!", Pause(FIRST_OF_OCTOBER)),
        ("Pause: 1.10.2026", Pause(FIRST_OF_OCTOBER)),
        ("remove #2", Remove(2)),
        ("PAUSE 2 weeks", Pause(date(2026, 9, 22))),
        ("pause for a month", Pause(date(2026, 10, 8))),
        ("resume", Resume()),
        ("  Resume. ", Resume()),
        ("stop", Leave()),
        ("Please stop sending me these emails!", Leave()),
        ("unsubscribe", Leave()),
        ("remove me from this list", Leave()),
        ("rules", Show()),
        ("help, please", Explain()),
        ("“help”", Explain()),
        ("`remove 2`", Remove(2)),
        ("remove rule 2", Remove(2)),
        ("add diffusion -survey", Add(Rule("diffusion -survey", "diffusion -survey"))),
        ('add "neural operator"', Add(Rule('"neural operator"', '"neural operator"'))),
        ("Add My Ops=operat*", Add(Rule("My Ops", "operat*"))),
        ("weekly", Reschedule(parse_schedule("weekly tue 08:00"))),
        ("weekdays 7:30", Reschedule(parse_schedule("weekdays 07:30"))),
        ("immediately", Reschedule(parse_schedule("immediately"))),
        ("abstracts none", Style(Abstracts.NONE)),
        ("Abstracts: opening, please", Style(Abstracts.OPENING)),
        ("Order by upvotes", Style(Order.UPVOTES)),
        ("related none", Style(frozenset())),
        ("Related: all, please", Style(frozenset(Relation))),
        ("related cross", Style(frozenset({Relation.CROSS}))),
        ("related Replaced, again and cross", Style(frozenset(Relation))),
    ],
)
def test_a_line_is_a_command(line: str, command: Command) -> None:
    assert commands(line) == (command,)


@pytest.mark.parametrize(
    "line",
    [
        "stop",
        "STOP!!!",
        "Stop it, you spammers!",
        "stop sending me this",
        "Abbestellen",
        "stop now",
    ],
)
def test_who_wants_out_is_let_out_however_he_says_it(line: str) -> None:
    assert commands(line) == (Leave(),)


@pytest.mark.parametrize(
    "line",
    ["", "   ", "...", "Dear Sir", "stop by my office", "resume of my work", "daily news is good",
     "pause is a nice feature", "abstracts are long", "order", "related",
     "related work is missing", "related again to my mail", "related again none",
     "Order and method, please", "rules are for others", "I want to stop", "stopping"],
)  # fmt: skip
def test_a_sentence_is_no_command(line: str) -> None:
    assert commands(line) == ()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("pause", "needs a day"),
        ("pause until later", "“later” is no day"),
        ("pause 3 fortnights", "is no day"),
        ("pause until 2026-09-08", "not in the future"),
        ("pause until 2031-01-01", "more than three years"),
        ("add", "needs a rule"),
        ("add (((", "position 4: the brackets are empty"),
        ("add Ops=", "the rule is empty"),
        (f"add {'a' * (LONGEST_RULE + 1)}", "longer than 256 characters"),
        ("remove", "takes the number of one rule"),
        ("remove 1 2", "takes the number of one rule"),
        ("daily 25:00", "allowed are"),
        ("abstracts short", "“abstracts full” or “abstracts opening” or “abstracts none”"),
        ("order date", "“order rules” or “order upvotes”"),
        ("related work", "“related none” or “related all” or “related again” or “related replaced"),
    ],
)
def test_a_command_that_cannot_be_one_says_why(line: str, why: str) -> None:
    (wrong,) = commands(line)
    assert isinstance(wrong, Wrong)
    assert why in wrong.why


def test_reading_goes_on_until_a_line_that_is_no_command() -> None:
    reading = read("Hello dear people,\n\nrules\n\nweekly\nBest,\nstop\n", DAILY, TODAY)
    assert reading.commands == (Show(), Reschedule(parse_schedule("weekly tue 08:00")))
    assert reading.unread == "Best,"


def test_a_line_that_is_quoted_is_cut_and_cleaned() -> None:
    unread = read("x\x00 =?utf-8?q?a?= " + "y" * 100, DAILY, TODAY).unread
    assert unread.startswith("x = ?utf-8?q?a?= y")
    assert len(unread) == 60


# --- what is done -----------------------------------------------------------


def test_several_commands_are_done_in_order_and_all_are_told() -> None:
    obeyed = answered("add Ops = operat*\nremove 1\nweekly fri\nThanks, Ann")
    assert obeyed.who.rules == (Rule("survey", "survey"), Rule("Ops", "operat*"))
    assert obeyed.who.schedule == parse_schedule("weekly fri 08:00")
    assert obeyed.names == ("add", "remove", "reschedule")
    assert obeyed.lines == (
        "Done",
        "",
        "Added: Ops = operat*",
        "Removed: diffusion",
        "Your digests come weekly fri 08:00.",
        "I read no further than to this line of yours: “Thanks, Ann”.",
        "",
        "1\tsurvey",
        "2\tOps = operat*",
        "schedule\tweekly fri 08:00, Europe/Vienna",
        "next digest\tFriday, 11 September 2026, 08:00",
        "",
        "To undo this, answer with:",
        "",
        "daily 08:00\t",
        "add diffusion\t",
        "remove 2\t",
    )


def test_what_is_said_to_undo_a_mail_undoes_it() -> None:
    who = replace(WHO, paused_until=date(2026, 12, 24))
    for text in (
        "add operat*",
        "resume",
        "pause until 2026-10-01",
        "remove 1",
        "mon,thu",
        "monthly",
        "abstracts none",
        "order upvotes",
        "abstracts opening\norder upvotes\nabstracts none",
        "related all",
        "related replaced cross\nrelated again\nrelated none\nrelated all",
    ):
        done = answered(text, who)
        lines = [line.rstrip("\t") for line in done.lines]
        undo = lines[lines.index("To undo this, answer with:") + 2 :] if done.who != who else []
        back = answered("\n".join(undo), done.who).who if undo else done.who
        assert set(back.rules) == set(who.rules)
        assert replace(back, rules=()) == replace(who, rules=())


def test_how_digests_are_written_is_changed_and_said() -> None:
    obeyed = answered("abstracts none\norder upvotes")
    assert obeyed.who.manner == Manner(abstracts=Abstracts.NONE, order=Order.UPVOTES)
    assert obeyed.names == ("style", "style")
    assert {"Abstracts: titles only.", "Order: by upvotes."} <= set(obeyed.lines)
    assert answered("order rules").lines[0] == "Order: by rule, the best match first"
    assert "To undo this" not in "".join(answered("order rules").lines)
    kept = replace(WHO, from_file=True)
    assert answered("abstracts none", kept).who == kept


def test_what_of_his_digests_is_not_as_usual_is_told_with_his_rules() -> None:
    chosen = answered("abstracts none\norder upvotes\nrelated cross").who
    told = {"abstracts\ttitles only", "order\tby upvotes", "related\tcross-lists"}
    assert told <= set(answered("rules", chosen).lines)
    usual = {line.partition("\t")[0] for line in answered("rules").lines}
    assert not usual & {"abstracts", "order", "related"}


def test_news_of_papers_that_he_had_is_chosen_and_said() -> None:
    obeyed = answered("related cross and again")
    assert obeyed.who.manner.related == {Relation.AGAIN, Relation.CROSS}
    assert obeyed.lines[0] == "Told of papers that you had: listed again, cross-lists"
    assert obeyed.lines[-1] == "related none\t"
    more = answered("related all", obeyed.who)
    assert more.who.manner.related == frozenset(Relation)
    assert more.lines[-1] == "related again cross\t"
    none = answered("related none", more.who)
    assert (none.who.manner.related, none.lines[-1]) == (frozenset(), "related all\t")
    assert none.lines[0] == "Told of papers that you had: none"
    assert "To undo this" not in "".join(answered("related none").lines)


def test_two_rules_removed_in_one_mail_go_by_the_numbers_before_it() -> None:
    who = subscriber("a1", "b2", "c3")
    assert [rule.name for rule in answered("remove 1\nremove 2", who).who.rules] == ["c3"]


def test_the_same_wish_twice_is_the_wish_once() -> None:
    for text in ("add operat*", "remove 1", "pause until 2026-10-01", "weekly", "resume"):
        assert answered(f"{text}\n{text}").who == answered(text).who


def test_a_rule_he_has_is_not_added_again() -> None:
    obeyed = answered("add diffusion")
    assert obeyed.who == WHO
    assert "You have that rule already, it is number 1." in obeyed.lines
    assert "To undo this" not in "".join(obeyed.lines)


def test_a_paused_one_resumes_and_can_go_back_to_his_pause() -> None:
    paused = replace(WHO, paused_until=FIRST_OF_OCTOBER)
    obeyed = answered("resume", paused)
    assert obeyed.who == WHO
    assert obeyed.lines[0] == "Resumed"
    assert "pause until 2026-10-01\t" in obeyed.lines
    assert answered("resume").lines[0] == "You were not paused"


def test_the_first_digest_after_a_pause_is_not_promised_for_an_hour() -> None:
    assert (
        "next digest\tafter your pause, from Thursday, 1 October 2026 on"
        in answered("pause until 2026-10-01").lines
    )
    assert "next digest\tas soon as there are new papers" in answered("immediately").lines


@pytest.mark.parametrize(
    "wrong",
    ["add (((", "pause until yesterday", "remove 9", "daily 25:00", "remove 1\nremove 2"],
)
def test_if_one_command_cannot_be_done_none_is(wrong: str) -> None:
    obeyed = answered(f"weekly\n{wrong}\nresume", replace(WHO, paused_until=FIRST_OF_OCTOBER))
    assert obeyed.who == replace(WHO, paused_until=FIRST_OF_OCTOBER)
    assert obeyed.lines[0] == "Nothing was changed"
    assert obeyed.names == ("refused",)


def test_fifty_rules_are_the_most() -> None:
    who = subscriber(*(f"word{n}" for n in range(MOST_RULES)))
    obeyed = answered("add operat*", who)
    assert obeyed.who == who
    assert "You have 50 rules, and 50 is the most." in obeyed.lines


def test_a_rule_that_mail_cannot_name_is_removed_without_a_way_back() -> None:
    odd = replace(WHO, rules=(Rule("C++", "cpp"), Rule("broken", "((("), Rule("a\tb", "*")))
    obeyed = answered("remove 1\nremove 2", odd)
    assert obeyed.who.rules == (Rule("a\tb", "*"),)
    assert "1\ta b = *" in obeyed.lines
    assert "undo" not in "".join(obeyed.lines)


@pytest.mark.parametrize("text", ["What a nice list!", "", "hello there"])
def test_who_is_not_understood_is_told_what_can_be_written(text: str) -> None:
    obeyed = answered(text)
    assert obeyed.who == WHO
    assert set(HELP) <= set(obeyed.lines)
    quoted = f"I did not understand: “{text}”."
    assert (quoted in obeyed.lines) is (text == "What a nice list!")


def test_help_and_rules_change_nothing_and_tell() -> None:
    assert answered("help").who == WHO
    assert set(HELP) <= set(answered("help").lines)
    assert "1\tdiffusion" in answered("rules").lines


# --- who may do what --------------------------------------------------------


def test_stop_wins_over_whatever_else_the_mail_says_and_is_answered_once() -> None:
    obeyed = answered("add (((\npause\nstop")
    assert obeyed.who == replace(WHO, state=SubscriberState.UNSUBSCRIBED)
    assert obeyed.lines[0] == "You are unsubscribed"
    assert answered("stop", obeyed.who) == Obeyed(obeyed.who, (), ("leave",))


def test_leaving_is_a_step_like_any_other() -> None:
    (step,) = steps((Leave(),), WHO, NOW)
    assert step.who.state is SubscriberState.UNSUBSCRIBED


@pytest.mark.parametrize("state", [state for state in SubscriberState if state != "active"])
@pytest.mark.parametrize("text", ["resume", "rules", "help", "add a", "hello there", "", "daily"])
def test_who_is_not_active_is_neither_revived_nor_answered(
    state: SubscriberState, text: str
) -> None:
    who = replace(WHO, state=state)
    obeyed = answered(text, who)
    assert (obeyed.who, obeyed.lines) == (who, ())


def test_who_is_not_active_can_still_leave_for_good() -> None:
    for state in (SubscriberState.UNLISTED, SubscriberState.PENDING):
        obeyed = answered("stop", replace(WHO, state=state))
        assert obeyed.who.state is SubscriberState.UNSUBSCRIBED
        assert obeyed.lines
    removed = answered("stop", replace(WHO, state=SubscriberState.REMOVED))
    assert (removed.who.state, removed.lines) == (SubscriberState.REMOVED, ())
    suppressed = answered("stop", replace(WHO, state=SubscriberState.SUPPRESSED))
    assert (suppressed.who.state, suppressed.lines) == (SubscriberState.SUPPRESSED, ())


def test_rules_kept_in_a_file_are_the_operators() -> None:
    who = replace(WHO, from_file=True)
    for text in ("add operat*", "remove 1", "weekly", "pause 1 week\nweekly"):
        assert answered(text, who).who == who
        assert "kept by the operator" in said(text, who)
    assert answered("pause 1 week", who).who.paused_until == date(2026, 9, 15)
    assert answered("stop", who).who.state is SubscriberState.UNSUBSCRIBED
    assert KEPT_FOR_HIM in answered("rules", who).lines


# --- whatever he writes -----------------------------------------------------

LINES = st.one_of(
    st.text(st.characters(codec=None, exclude_categories=())),
    st.sampled_from(
        ["stop", "rules", "help", "add a", "add (((", "remove 1", "remove 3", "weekly", "pause",
         "pause 9999 months", "pause until 2026-10-01", "resume", "daily 8", "monthly 99", "x"]
    ),
)  # fmt: skip


@given(st.lists(LINES, max_size=6), st.booleans(), st.dates(date(1990, 1, 1), date(2150, 1, 1)))
def test_no_text_raises_and_all_of_it_is_done_or_nothing(
    lines: list[str], from_file: bool, day: date
) -> None:
    who = replace(WHO, from_file=from_file)
    obeyed = obey("\n".join(lines), who, datetime(day.year, day.month, day.day, tzinfo=UTC))
    if obeyed.lines[0] == "Nothing was changed":
        assert obeyed.who == who
    assert 1 <= len(obeyed.who.rules) <= MOST_RULES
    for line in obeyed.lines:
        assert line.replace("\t", "").isprintable()
        line.encode()


# --- in his language --------------------------------------------------------


def test_days_are_told_in_the_language_he_wants_them_in() -> None:
    german = replace(WHO, manner=Manner(Language.DE))
    paused = answered("pause until 2026-10-01", german).lines
    assert paused[0] == "Paused until Donnerstag, 1. Oktober 2026"
    assert "No mail before Donnerstag, 1. Oktober 2026." in paused[2]
    assert "next digest\tafter your pause, from Donnerstag, 1. Oktober 2026 on" in paused
    assert (
        "next digest\tMittwoch, 9. September 2026, 08:00"
        in answered("rules", replace(german, last_slot=TODAY)).lines
    )
