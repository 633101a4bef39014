"""What the rules of one reader may cost."""

from __future__ import annotations

import pytest

from tests.made import NOON, subscriber
from worker.core.effort import TOO_MUCH, is_too_much
from worker.core.form import Faults, read
from worker.core.obeyed import obey
from worker.model import Preferences, Rule

SLOW = r"/((a{100}){9})/"


def _rules(*queries: str) -> list[Rule]:
    return [Rule(query, query) for query in queries]


@pytest.mark.parametrize(
    ("queries", "is_it"),
    [
        (["diffusion", "/gr(a|e)y/", r"/(GPT|LLaMA|Claude)-?\d+(\.\d+)?/"], False),
        ([SLOW], False),
        ([SLOW, r"a -/((b{100}){9})/"], True),
        ([SLOW, SLOW, SLOW], True),
        ([r"/\p{L}{3}/"], True),
        (["/(/", "no ( rule"], False),
    ],
)
def test_regular_expressions_add_up_and_other_rules_cost_nothing(
    queries: list[str], is_it: bool
) -> None:
    assert is_too_much(_rules(*queries)) is is_it


def test_a_form_with_too_much_is_told_so_but_what_was_there_may_stay() -> None:
    text = f"{SLOW}\nslower = {SLOW} b"
    asked = read({"address": "a@example.org", "rules": text})
    assert isinstance(asked, Faults)
    assert asked.by_field == {"rules": f"T{TOO_MUCH[1:]}."}
    kept = Preferences("", subscriber().schedule, "UTC", (Rule(SLOW, SLOW), Rule("s", f"{SLOW} b")))
    again = read({"rules": f"{SLOW}\ns = {SLOW} b"}, "a@example.org", kept)
    assert isinstance(again, Preferences)


def test_nor_is_it_added_by_mail() -> None:
    who = subscriber(SLOW)
    obeyed = obey(f"add {SLOW} b", who, NOON)
    assert obeyed.who == who
    assert f"T{TOO_MUCH[1:]}." in obeyed.lines
