"""The [[rule_set]] entries of the configuration, and who may name them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.reading import Read, problems
from worker.config.subscribers import read_subscribers
from worker.core.rulesets import RuleSet
from worker.model import Refused, Rule

NLP = """
[[rule_set]]
name = "nlp"
title = " Our NLP group "
rules = ["retrieval -survey", { name = "Operators", query = "operator*" }]
"""


def test_there_are_none_unless_they_are_written(read: Read) -> None:
    assert read("").rule_sets == ()


def test_sets_have_a_name_a_title_and_rules_in_their_order(read: Read) -> None:
    settings = read(NLP + "[[rule_set]]\nname = 'Vision_2-d'\nrules = ['image*']\n")
    assert settings.rule_sets == (
        RuleSet(
            "nlp",
            "Our NLP group",
            (Rule("retrieval -survey", "retrieval -survey"), Rule("Operators", "operator*")),
        ),
        RuleSet("Vision_2-d", "", (Rule("image*", "image*"),)),
    )


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("rules = ['a']", "paperround.toml:1: name: is missing"),
        ("name = 'a'", "paperround.toml:1: rules: is missing"),
        ("name = 'a b'\nrules = ['a']", "paperround.toml:2: name: must be up to 40 letters"),
        ("name = 'a'\nrules = []", "paperround.toml:3: rules: must be a list of 1 to 50 rules"),
        ("name = 'a'\nrules = ['a OR']", "paperround.toml:3: rules: the 1. rule, position 4: OR"),
        ("name = 'a'\nrules = [\n'a',\n3]", "paperround.toml:5: rules: the 2. must be a query"),
        ("name = 'a'\nrules = ['set:b']", "paperround.toml:3: rules: the 1. rule, position 0: a"),
        ("name = 'a'\nrules = ['x', '+x']", "paperround.toml:3: rules: two rules of the set are c"),
        ("name = 'a'\nrules = ['x']\ntitle = 3", "paperround.toml:4: title: must be text"),
        (f"name = 'a'\nrules = ['x']\ntitle = '{'x' * 81}'", "title: must be at most 80 char"),
        ("name = 'a'\nrules = ['x']\nrule = 1", "paperround.toml:4: unknown key 'rule'"),
    ],
)
def test_what_is_wrong_in_a_set_is_told_with_its_line(read: Read, entry: str, told: str) -> None:
    (line,) = problems(read, f"[[rule_set]]\n{entry}\n")
    assert told in line


def test_all_that_is_wrong_is_told_together(read: Read) -> None:
    twice = NLP + NLP.replace("nlp", "NLP").replace("operator*", "((").replace("retr", "set:x retr")
    assert problems(read, twice) == [
        "paperround.toml:8: name: another set has this name already",
        "paperround.toml:10: rules: the 1. rule, position 0: a set takes in no other set",
        "paperround.toml:10: rules: the 2. rule, position 2: the brackets are empty",
    ]


def test_it_has_to_be_a_table_that_may_come_again(read: Read) -> None:
    (line,) = problems(read, "[rule_set]\nname = 'a'\n")
    assert "must be [[rule_set]], with two brackets" in line


def subscribed(tmp_path: Path, read: Read, *rules: str) -> tuple[Rule, ...]:
    file = tmp_path / "subscribers.toml"
    listed = ", ".join(f"'{rule}'" for rule in rules)
    file.write_text(
        "[[subscriber]]\naddress = 'a@example.org'\nschedule = 'daily 08:00'\n"
        f"timezone = 'UTC'\nrules = [{listed}]\n"
    )
    (who,) = read_subscribers(file, read(NLP))
    return who.rules


def test_the_subscribers_file_may_name_the_sets_there_are(tmp_path: Path, read: Read) -> None:
    (rule, _) = subscribed(tmp_path, read, "set:nlp -set:nlp/operators cat:cs.CL", "flow")
    assert rule.query == rule.name == "set:nlp -set:nlp/operators cat:cs.CL"


def test_it_may_name_no_other_and_no_rule_that_is_none(tmp_path: Path, read: Read) -> None:
    with pytest.raises(Refused) as refused:
        subscribed(tmp_path, read, "set:vision", "set:nlp -set:nlp/Gone")
    gone = "set:nlp has no rule Gone; its rules are retrieval -survey, Operators"
    assert [line.partition("toml:")[2] for line in str(refused.value).split("\n")] == [
        "5: rules: the 1. rule, position 0: there is no rule set vision; there are nlp",
        f"5: rules: the 2. rule, position 9: {gone}",
    ]
