"""``rules check``: what rules would have caught, on files and on an installation."""

from __future__ import annotations

import pytest

from tests.test_cli import FILES, Here, here  # noqa: F401 - a fixture
from worker.cli.checking import bars

IN = [word for file in FILES for word in ("--in", file)]


def test_rules_are_tried_on_daily_files_without_any_installation(here: Here) -> None:  # noqa: F811
    checked = here.json("rules", "check", "MoE=expert", "difusion", "-survey video", *IN)
    assert (checked["days"], checked["papers"]) == (2, 63)
    first, second, third = checked["rules"]
    assert (first["subscriber"], first["name"], first["query"]) == (None, "MoE", "expert")
    assert (first["papers"], first["share"], len(first["newest"])) == (4, 0.0635, 4)
    assert first["weeks"] == [{"first": "2025-09-08", "days": 2, "papers": 4}]
    assert first["advice"] == []
    assert [each["kind"] for each in second["advice"]] == ["misspelt", "dead"]
    assert "did you mean “diffusion” (3 papers)?" in second["advice"][0]["text"]
    assert third["query"] == "-survey video"
    assert not here.data.exists()


def test_the_table_tells_papers_bars_and_advice(here: Here) -> None:  # noqa: F811
    out, _ = here("rules", "check", "difusion", "network", "gate -vision", *IN)
    lines = out.splitlines()
    assert lines[0].split() == ["rule", "papers", "share", "per", "week"]
    assert lines[1].split()[:4] == ["difusion", "0", "0%", "▁"]
    assert "did you mean “diffusion”" in lines[1]
    assert "It caught nothing in the last 2 days." in lines[2]
    assert "It catches" in lines[3]
    assert "It leaves out" in lines[4]
    assert lines[-1] == "tried on 63 papers of 2 days"


def test_a_rule_that_cannot_be_read_is_told_in_its_place_and_ends_with_65(
    here: Here,  # noqa: F811
) -> None:
    out, _ = here("rules", "check", "Bad=graph (", "gate", *IN, code=65)
    assert "cannot be read: position 7: the brackets are empty" in out.splitlines()[1]
    assert out.splitlines()[2].startswith("gate")
    printed, _ = here("rules", "check", "graph (", *IN, "--json", code=65)
    assert '"position": 7' in printed


def test_without_a_query_the_rules_of_everybody_are_tried_on_the_log(
    here: Here,  # noqa: F811
) -> None:
    here("ingest", *FILES)
    here("subscribers", "add", "a@example.org", "--rule", "Ops=operator", "--rule", "network")
    here("subscribers", "add", "b@example.org", "--rule", "gate")
    here("subscribers", "add", "gone@example.org", "--rule", "tree")
    here("subscribers", "remove", "gone@example.org")
    checked = here.json("rules", "check")
    assert [(one["subscriber"], one["name"]) for one in checked["rules"]] == [
        ("a@example.org", "Ops"), ("a@example.org", "network"), ("b@example.org", "gate"),
    ]  # fmt: skip
    out, _ = here("rules", "check")
    heads = [line.split()[0] for line in out.splitlines() if "per week" in line]
    assert heads == ["a@example.org", "b@example.org"]
    (one,) = here.json("rules", "check", "--subscriber", "b@example.org")["rules"]
    assert one["papers"] == here.json("rules", "check", "gate")["rules"][0]["papers"] > 0


def test_the_rules_of_everybody_are_tried_on_daily_files_too(here: Here) -> None:  # noqa: F811
    here("subscribers", "add", "a@example.org", "--rule", "gate")
    assert here.json("rules", "check")["papers"] == 0
    checked = here.json("rules", "check", "--in", FILES[0])
    assert (checked["papers"], checked["rules"][0]["subscriber"]) == (47, "a@example.org")


def test_what_cannot_be_done_is_said(here: Here) -> None:  # noqa: F811
    _, err = here("rules", "check", "gate", "--subscriber", "a@example.org", code=64)
    assert "not both" in err
    here("ingest", *FILES)
    _, err = here("rules", "check", "--subscriber", "a@example.org", code=65)
    assert "no such subscriber" in err


@pytest.mark.parametrize(
    ("counts", "drawn"),
    [((), ""), ((0, 0), "▁▁"), ((0, 1, 7), "▁▂█"), ((3, 6), "▅█"), ((1, 1000), "▂█")],
)
def test_bars_are_as_high_as_the_most_and_only_none_is_lowest(
    counts: tuple[int, ...], drawn: str
) -> None:
    assert bars(counts) == drawn


def test_a_shared_set_is_tried_on_files_as_all_of_its_rules(here: Here) -> None:  # noqa: F811
    here("init")
    with (here.data / "paperround.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[[rule_set]]\nname = "lab"\nrules = ["expert", "network"]\n')
    both = here.json("rules", "test", "expert OR network", FILES[0])
    assert here.json("rules", "test", "set:lab", FILES[0])["matched"] == both["matched"]
