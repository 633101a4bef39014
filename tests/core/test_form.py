"""The form of the site: fields become Preferences or faults, and back (B51-B56, B58, B64-B66)."""

from __future__ import annotations

import time as clock
from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.rules import RULES
from worker.core.form import Faults, fields_of, read
from worker.core.named import LONGEST_RULE, MOST_RULES
from worker.core.query import parse
from worker.core.schedule import DAYS, EVERY_DAY, WEEKDAYS
from worker.core.terms import QueryError
from worker.manner import Abstracts, Language, Manner, Order, Relation
from worker.model import MOST_PAPERS, Preferences, Rule, WhenEmpty
from worker.schedules import Immediately, Monthly, OnDays, Schedule

FILLED = {
    "address": "ada@x.org",
    "rules": "diffusion",
    "frequency": "daily",
    "at": "07:30",
    "timezone": "Europe/Vienna",
    "when_empty": "skip",
    "max_papers": "20",
    "language": "en",
}
ADA = Preferences(
    "ada@x.org", OnDays(EVERY_DAY, time(7, 30)), "Europe/Vienna",
    (Rule("diffusion", "diffusion"),), max_papers=20,
)  # fmt: skip


def asked(**fields: str) -> Preferences:
    """What the form asks for with these fields in it."""
    preferences = read(FILLED | fields)
    assert isinstance(preferences, Preferences), preferences
    return preferences


def faults(**fields: str) -> dict[str, str]:
    """What is wrong with the form with these fields in it."""
    found = read(FILLED | fields)
    assert isinstance(found, Faults)
    return dict(found.by_field)


def test_a_form_is_what_somebody_asks_for() -> None:
    assert asked() == ADA


@pytest.mark.parametrize(
    ("fields", "schedule"),
    [
        ({"frequency": "immediately", "at": "whenever"}, Immediately()),
        ({"frequency": "daily", "at": " 7:30 "}, OnDays(EVERY_DAY, time(7, 30))),
        ({"frequency": "weekdays", "at": "00:00"}, OnDays(WEEKDAYS, time(0))),
        ({"frequency": "days", "mon": "on", "thu": "1"}, OnDays(frozenset({0, 3}), time(7, 30))),
        ({"frequency": "days", "sun": "on"}, OnDays(frozenset({6}), time(7, 30))),
        ({"frequency": "weekly", "weekday": "fri"}, OnDays(frozenset({4}), time(7, 30))),
        ({"frequency": "monthly", "monthday": " 31 "}, Monthly(31, time(7, 30))),
        ({"frequency": "daily", "monthday": "Feb 30", "weekday": "x"}, ADA.schedule),
    ],
)
def test_each_frequency_reads_its_own_fields(fields: dict[str, str], schedule: Schedule) -> None:
    assert asked(**fields).schedule == schedule
    again = read(fields_of(replace(ADA, schedule=schedule)))
    assert isinstance(again, Preferences)
    assert again.schedule == schedule


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"frequency": ""}, "frequency"),
        ({"frequency": "hourly"}, "frequency"),
        ({"frequency": "daily 08:00 OR"}, "frequency"),
        ({"at": "24:00"}, "at"),
        ({"at": "-1:00"}, "at"),
        ({"at": "08:60"}, "at"),
        ({"at": ""}, "at"),
        ({"at": "mon 08:00"}, "at"),
        ({"at": "08:00:00"}, "at"),
        ({"at": "٠٨:٠٠"}, "at"),
        ({"frequency": "days"}, "days"),
        ({"frequency": "days", "mon": "", "Mon": "on"}, "days"),
        ({"frequency": "weekly", "weekday": "mon,tue"}, "weekday"),
        ({"frequency": "weekly", "weekday": ""}, "weekday"),
        ({"frequency": "weekly", "weekday": "Feb 30"}, "weekday"),
        ({"frequency": "monthly", "monthday": "Feb 30"}, "monthday"),
        ({"frequency": "monthly", "monthday": "0"}, "monthday"),
        ({"frequency": "monthly", "monthday": "32"}, "monthday"),
        ({"frequency": "monthly", "monthday": "-1"}, "monthday"),
        ({"frequency": "monthly", "monthday": ""}, "monthday"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": "Mars/X"}, "timezone"),
        ({"timezone": "GMT+25"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"timezone": "x" * 10_000}, "timezone"),
        ({"timezone": "a: b\0"}, "timezone"),
        ({"when_empty": "shout"}, "when_empty"),
        ({"max_papers": "0"}, "max_papers"),
        ({"max_papers": "101"}, "max_papers"),
        ({"max_papers": "-1"}, "max_papers"),
        ({"max_papers": "1e2"}, "max_papers"),
        ({"max_papers": "٥"}, "max_papers"),
        ({"max_papers": "9" * 5000}, "max_papers"),
        ({"language": "xx"}, "language"),
        ({"language": "en-" * 3000}, "language"),
        ({"abstracts": "short"}, "abstracts"),
        ({"order": "by chance"}, "order"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_at_its_field(fields: dict[str, str], wrong: str) -> None:
    (told,) = faults(**fields).items()
    assert told[0] == wrong
    assert told[1].endswith((".", "?"))
    assert len(told[1]) < 120
    assert all(len(value) < 6 or value not in told[1] for value in fields.values())


def test_all_that_is_wrong_is_told_together() -> None:
    told = faults(address="ada", rules="(", at="24:00", timezone="Mars", max_papers="x")
    assert list(told) == ["address", "rules", "at", "timezone", "max_papers"], "as in the form"
    assert list(faults(frequency="days", at="noon")) == ["days", "at"]
    assert list(faults(frequency="days", at="noon", timezone="Mars")) == ["days", "timezone", "at"]
    assert isinstance(
        read({"rules": "*", "frequency": "immediately", "at": "x"}, "a@x.org"), Preferences
    )


def test_a_time_zone_is_helped_with() -> None:
    assert faults(timezone="Europe/Viena") == {
        "timezone": "No time zone is called that; did you mean Europe/Vienna?"
    }
    assert faults(timezone="nowhere: at all")["timezone"] == (
        "No time zone is called that; write an IANA name such as Europe/Berlin."
    )
    assert asked(timezone=" America/New_York ").timezone == "America/New_York"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("Ada@X.org", "Ada@x.org"),
        ("user@bücher.example", "user@xn--bcher-kva.example"),
        ("-oX@x.org", "-oX@x.org"),
        ("a|id@x.org", "a|id@x.org"),
        ("%s@x.org", "%s@x.org"),
        ("a'b@x.org", "a'b@x.org"),
        ("a+1@gmail.com", "a+1@gmail.com"),
        ("a" * 64 + "@x.org", "a" * 64 + "@x.org"),
    ],
)
def test_an_address_is_taken_as_it_is_mailed(written: str, stored: str) -> None:
    assert asked(address=written).address == stored


@pytest.mark.parametrize(
    "written",
    [
        "", "a@b", '"a b"@x.org', "a@[127.0.0.1]", "a..b@x.org", "a@x.org,b@x.org", "A <a@x.org>",
        "a@x.org ", "a\0@x.org", "a\u200b@x.org", "a\u202e@x.org", "x" * 300 + "@x.org",
        "a" * 65 + "@x.org", "a@x.org\r\nRCPT TO:<v@x>", "üser@x.org", "a@example.invalid",
        "a@localhost", "a@x.test",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_mailed_is_refused_in_one_wording(written: str) -> None:
    told = faults(address=written)["address"]
    assert told.startswith("This is not an e-mail address that can be mailed: ")
    assert told.endswith(".")
    assert not told.endswith("..")
    assert len(written) < 6 or written not in told


def test_an_address_that_is_known_is_not_asked_for() -> None:
    assert read(FILLED | {"address": "eve@x.org"}, "known@x.org") == replace(
        ADA, address="known@x.org"
    )


def test_rules_stand_one_to_a_line_with_or_without_a_name() -> None:
    text = '\r\n diffusion  -survey \n\nC#\rVision = cat:cs.CV\r\n"a = b"\n\n'
    assert asked(rules=text).rules == (
        Rule("diffusion -survey", "diffusion -survey"),
        Rule("C#", "C#"),
        Rule("Vision", "cat:cs.CV"),
        Rule('"a = b"', '"a = b"'),
    )


@pytest.mark.parametrize(
    "rule",
    [
        "a", "*", "the", "C++", ".NET", "C#", "naïve", "naive", "STRASSE", "straße", "İstanbul",
        "ﬁne", "ｆｕｌｌ", "state–of‐the‑art", "论文", "عربي", "<script>alert(1)</script>",
        "{{x}}", "${x}", "{0.__class__}", "%s", "x'; DROP TABLE subscriber",
        r"/(a+)+$/", r"/(\w+\s?)+$/", r"/(x|x)*y/", r"/.*.*.*=/", "x" * LONGEST_RULE,
    ],
)  # fmt: skip
def test_signs_are_taken_as_they_stand_or_folded_alike_on_both_sides(rule: str) -> None:
    (taken,) = asked(rules=rule).rules
    assert taken == Rule(taken.query, taken.query)
    parse(taken.query)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ("", "Write at least one rule; * alone means every paper."),
        (" \r\n\t\n \0 \u200b", "Write at least one rule; * alone means every paper."),
        ("(a", "Line 1, position 1: the bracket is not closed."),
        ("\na\n\nVision = a OR", "Line 4, position 14: OR is followed by nothing."),
        (
            "-a",
            "Line 1, position 1: this only leaves papers out; write * -word for all the others.",
        ),
        ("AND OR NOT", "Line 1, position 1: AND has nothing before it."),
        ("a =", "Line 1, position 4: the rule is empty."),
        ("x" * 257, "Line 1, position 257: a rule has at most 256 characters."),
        ("x" * 10_000, "Line 1, position 257: a rule has at most 256 characters."),
        ("a\n" * 51, "There is room for 50 rules; these are 51."),
        ("a\n" * 5_000, "There is room for 50 rules; these are 5000."),
    ],
)
def test_a_rule_that_cannot_be_read_is_told_where(rules: str, told: str) -> None:
    assert faults(rules=rules) == {"rules": told}


@pytest.mark.parametrize(
    "rule",
    [
        "(" * 256, "{{7*7}}", "C++ 🚀", r"/(\w+\s?)*$/", "!!!", "🚀", '"a', "…", "/(?=a)/",
        r"/(a)\1/", "/((a{1000}){1000})/", "/(/", "/a", "x*", "\u202e!",
    ],
)  # fmt: skip
def test_nothing_to_look_for_and_what_re2_does_not_take_is_refused(rule: str) -> None:
    assert faults(rules=rule)["rules"].startswith("Line 1, position ")


def test_of_many_wrong_rules_a_few_are_told() -> None:
    told = faults(rules="\n".join("((((((("))["rules"]
    assert told == (
        "Line 1, position 2: the brackets are empty. Line 2, position 2: the brackets are empty. "
        "Line 3, position 2: the brackets are empty. 4 more lines cannot be read."
    )


def test_the_worst_form_that_fits_is_read_in_no_time() -> None:
    started = clock.process_time()
    for rule in ("(" * 255, "a " * 127, "-" * 255, "a OR " * 50 + "b", "/" + "(a+)+" * 50 + "/"):
        read(FILLED | {"rules": "\n".join(f"{n} {rule}"[:LONGEST_RULE] for n in range(MOST_RULES))})
    read(FILLED | {"rules": "\n" * 16_000})
    assert clock.process_time() - started < 10, "under coverage it is some five times as slow"


def test_what_nobody_asked_for_is_not_looked_at() -> None:
    more = {"status": "active", "is_admin": "1", "confirmed": "1", "id": "1", "uid": "7"}
    more |= {"state": "active", "paused_until": "2030-01-01", "epoch": "9", "email[]": "x@x.org"}
    assert asked(**more) == ADA


def test_a_field_that_was_not_sent_is_as_usual() -> None:
    usual = replace(
        ADA, schedule=OnDays(frozenset({0, 2}), time(9)), when_empty=WhenEmpty.SAY_SO,
        manner=Manner(Language.DE, plain=True), paused_until=date(2030, 1, 1),
    )  # fmt: skip
    assert read({}, usual=usual) == usual
    assert read({"rules": "video"}, usual=usual) == replace(usual, rules=(Rule("video", "video"),))


def test_a_box_that_was_not_sent_is_not_ticked_where_its_form_was() -> None:
    usual = replace(ADA, schedule=OnDays(frozenset({0, 2}), time(9)), manner=Manner(plain=True))
    changed = read({"frequency": "days", "tue": "on", "language": "fr"}, usual=usual)
    assert changed == replace(
        usual, schedule=OnDays(frozenset({1}), time(9)), manner=Manner(Language.FR)
    )
    told = replace(ADA, manner=Manner(related=frozenset(Relation)))
    assert read({"language": "en"}, usual=told) == told
    fewer = read({"order": "rules", "cross": "on"}, usual=told)
    assert fewer == replace(told, manner=Manner(related=frozenset({Relation.CROSS})))


def test_a_rule_that_he_has_may_stay_whatever_it_is() -> None:
    old = (
        Rule("C++ (all)", "c++ OR cpp"),
        Rule("old", "was: fine"),
        Rule("long", "a" * 900),
    )
    usual = replace(ADA, rules=old)
    fields = fields_of(usual)
    assert read(fields, usual=usual) == usual
    fields["rules"] += "\nwas: fine"
    told = read(fields, usual=usual)
    assert isinstance(told, Faults)
    assert told.by_field["rules"].startswith("Line 4, ")


TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
SCHEDULES = st.one_of(
    st.just(Immediately()),
    st.builds(OnDays, st.frozensets(st.integers(0, 6), min_size=1), TIMES),
    st.builds(Monthly, st.integers(1, 31), TIMES),
)
NAMES = st.none() | st.text("abc DEF-1", min_size=1, max_size=20)


def readable(rule: Rule) -> bool:
    try:
        parse(rule.query)
    except QueryError:
        return False
    return True


@settings(deadline=None)
@given(
    st.builds(
        Preferences,
        st.sampled_from(["ada@x.org", "A+b@x.org"]),
        SCHEDULES,
        st.sampled_from(["UTC", "Europe/Vienna", "Asia/Kathmandu"]),
        st.lists(
            st.builds(lambda name, query: Rule(name or query, query), NAMES, RULES), min_size=1
        ).map(tuple),
        st.sampled_from(WhenEmpty),
        st.integers(1, MOST_PAPERS),
        st.none() | st.dates(),
        st.builds(
            Manner,
            st.sampled_from(Language),
            st.booleans(),
            st.sampled_from(Abstracts),
            st.sampled_from(Order),
            st.frozensets(st.sampled_from(Relation)),
        ),
    )
)
def test_what_is_filled_in_comes_out_as_it_was(preferences: Preferences) -> None:
    fields = fields_of(preferences)
    assert all(type(value) is str for value in fields.values())
    assert read(fields, usual=preferences) == preferences


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["address", "rules", "frequency", "weekday", "monthday", "at", "timezone",
             "when_empty", "max_papers", "language", "plain", "abstracts", "order",
             *Relation, "other", *DAYS]
        ),
        st.text(),
    )
)  # fmt: skip
def test_whatever_is_sent_is_read_or_told(fields: dict[str, str]) -> None:
    found = read(fields)
    if isinstance(found, Preferences):
        assert read(fields_of(found), usual=found) == found
    else:
        assert all(line and line.isprintable() for line in found.by_field.values())
