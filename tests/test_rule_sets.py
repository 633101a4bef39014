"""Rule sets that a lab shares: planned, edited while the daemon runs, and by the command line."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.installation import Installation, daily, stopped, subscriber
from tests.made import NOON, SEEDS, intake
from tests.made import subscriber as reader
from tests.plain.book import Book
from tests.plain.ledger import PlainLedger, PlainSubscribers
from tests.plain.papers import PlainPaperLog
from tests.smtpd import MailServer
from tests.test_cli import FILES, Here, here  # noqa: F401 - a fixture
from tests.test_daemon import arrived, titles
from tests.test_reload import reloaded
from worker.cli.look import different_papers
from worker.clock import FixedClock
from worker.core.catalogue import Catalogue
from worker.core.index import Index
from worker.core.query import parse
from worker.core.rulesets import NO_SETS, RuleSet, RuleSets
from worker.digests import Digest, Slot
from worker.model import Kind, Rule, Subscriber
from worker.pipeline.plan import due
from worker.pipeline.recent import Recent
from worker.pipeline.rehearse import preview

QUERIES = {
    "Language": "language model",
    "Agents": "agent* OR reasoning",
    "Images": "image* OR video*",
    "Training": "training -reinforcement",
    "Graphs": "graph* OR network",
}
NLP = RuleSet("nlp", "Our group", tuple(Rule(name, query) for name, query in QUERIES.items()))

RULES = (
    ("set:nlp",),
    ("set:nlp", "diffusion"),
    ("set:nlp -set:nlp/Agents", "agent* title:agent*"),
    ("set:nlp -survey -set:nlp/graphs -set:nlp/Language",),
    ("language model", "set:nlp data*"),
)
"""What the thirty of the lab have, in turn."""


class Lab:
    """Thirty readers of one set, and two real days of papers."""

    def __init__(self) -> None:
        files = [SEEDS / "2025-09-08.txt", SEEDS / "2025-09-09.txt"]
        self.known = different_papers(files, frozenset({Kind.NEW}))[0]
        self.index = Index(Catalogue(self.known))
        self.papers, book = PlainPaperLog(), Book()
        self.people, self.ledger = PlainSubscribers(book), PlainLedger(book)
        self.readers: list[Subscriber] = []

    async def gather(self) -> None:
        fresh = self.known
        await self.papers.take_in(intake(1, len(fresh), len(fresh)), fresh, {})
        for number in range(30):
            who = reader(
                *RULES[number % 5], address=f"r{number}@x.org", number=number + 1, max_papers=100
            )
            self.readers.append(await self.people.add(who))

    async def digests(self, sets: RuleSets) -> list[tuple[Subscriber, Digest]]:
        found = await due(
            Recent(self.papers), self.people, self.ledger, _name, FixedClock(NOON), sets
        )
        by_id = {plan.subscriber: plan.digest for plan in found.plans}
        return [(who, digest) for who in self.readers if (digest := by_id[who.id])]

    def matching(self, *queries: str) -> set[int]:
        bits = 0
        for query in queries:
            bits |= self.index.match(parse(query))
        return {paper.number for place, paper in enumerate(self.known) if bits >> place & 1}


def _name(who: Subscriber, slot: Slot) -> str:
    return f"<{who.id}.{slot.name}@example.org>"


def carried(digest: Digest) -> list[int]:
    return [pick.paper for pick in digest.picks]


def reasons(digest: Digest) -> set[str]:
    return {rule.name for pick in digest.picks for rule in pick.rules}


async def test_a_lab_of_thirty_has_each_paper_once_by_set_additions_and_mutes() -> None:
    lab = Lab()
    await lab.gather()
    found = await lab.digests((NLP,))
    assert len(found) == 30
    others = [query for name, query in QUERIES.items() if name != "Agents"]
    wanted = (
        lab.matching(*QUERIES.values()),
        lab.matching(*QUERIES.values(), "diffusion"),
        lab.matching(*others, "agent* title:agent*"),
        lab.matching(
            "(agent* OR reasoning) -survey", "(image* OR video*) -survey",
            "training -reinforcement -survey",
        ),
        lab.matching("language model", *(f"({query}) data*" for query in QUERIES.values())),
    )  # fmt: skip
    for place, (who, digest) in enumerate(found):
        assert len(carried(digest)) == len(set(carried(digest))), who.rules
        assert set(carried(digest)) == wanted[place % 5], who.rules
        assert not digest.notes
    assert reasons(found[0][1]) == {f"nlp: {name}" for name in QUERIES}
    assert "nlp: Agents" not in reasons(found[2][1])
    assert not reasons(found[3][1]) & {"nlp: Graphs", "nlp: Language"}


async def test_each_reason_is_a_rule_that_can_be_read_without_the_set() -> None:
    lab = Lab()
    await lab.gather()
    for _, digest in await lab.digests((NLP,)):
        for pick in digest.picks:
            for rule in pick.rules:
                assert pick.paper in lab.matching(rule.query)


async def test_a_set_that_is_gone_is_told_and_what_is_his_own_still_comes() -> None:
    lab = Lab()
    await lab.gather()
    found = await lab.digests(NO_SETS)
    assert len(found) == 30, "who had nothing but the set is told, too"
    assert found[1][1].notes == (
        "Your rule “set:nlp” names a set that is no longer there and was left out.",
    )
    assert set(carried(found[1][1])) == lab.matching("diffusion")


async def test_a_preview_is_what_would_be_mailed() -> None:
    lab = Lab()
    await lab.gather()
    (_, digest) = (await lab.digests((NLP,)))[3]
    shown = await preview(
        lab.readers[3], Recent(lab.papers), lab.ledger, _name, FixedClock(NOON), (NLP,)
    )
    assert shown.digest.picks == digest.picks


SET = """
[[rule_set]]
name = "nlp"
title = "Our NLP group"
rules = [{{ name = "First", query = "{}" }}, {{ name = "Second", query = "{}" }}]
"""


async def test_the_digests_follow_a_set_that_is_edited_while_the_daemon_runs(
    tmp_path: Path,
) -> None:
    people = subscriber("a@example.org", "set:nlp") + subscriber(
        "b@example.org", "set:nlp -set:nlp/Second", "zebra"
    )
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port, people)
        before = (tmp_path / "paperround.toml").read_text()
        installation.configure(SET.format("gate", "flow"))
        async with installation.daemon() as process:
            installation.drop("2025-09-08.txt", daily("Sep 8", "A gate", "The flow", "A zebra"))
            await arrived(server, 2)
            (tmp_path / "paperround.toml").write_text(before + SET.format("tree", "flow"))
            await reloaded(installation, process)
            nine = daily("Sep 9", "Another gate", "A tree", "More flow", "No zebra")
            installation.drop("2025-09-09.txt", nine)
            await arrived(server, 4)
            (tmp_path / "paperround.toml").write_text(before)
            os.kill(process.pid, signal.SIGHUP)
            await installation.logged("reload refused, the old settings stay")
            assert await stopped(process) == os.EX_OK
        (refused,) = [one for one in installation.events() if one["event"].startswith("reload r")]
        assert "there is no rule set nlp; there is none here" in refused["why"]
        came = {(message.rcpt_tos[0], *sorted(titles(message))) for message in server.messages}
    assert came == {
        ("a@example.org", "A gate", "The flow"),
        ("b@example.org", "A gate", "A zebra"),
        ("a@example.org", "A tree", "More flow"),
        ("b@example.org", "A tree", "No zebra"),
    }


@pytest.fixture
def lab(here: Here) -> Here:  # noqa: F811
    here.data.mkdir(parents=True, exist_ok=True)
    with (here.data / "paperround.toml").open("a") as file:
        file.write(SET.format("operator*", "network"))
    return here


def test_the_command_line_takes_a_set_that_there_is_and_no_other(lab: Here) -> None:
    lab("ingest", *FILES)
    lab(
        "subscribers", "add", "a@example.org", "--rule", "set:nlp -set:nlp/Second", "--rule", "tree"
    )
    _, complaint = lab("subscribers", "add", "b@example.org", "--rule", "set:lab", code=65)
    assert "there is no rule set lab; there are nlp" in complaint
    told, _ = lab("explain", "a@example.org", "1")
    assert "nlp: First" in told
    assert "nlp: Second" not in told
    checked = lab.json("rules", "check")["rules"]
    assert [(one["name"], one["query"]) for one in checked] == [
        ("nlp: First", "operator*"), ("tree", "tree"),
    ]  # fmt: skip
    checked = lab.json("rules", "check", "set:nlp -survey")["rules"]
    assert [one["query"] for one in checked] == ["operator* -survey", "network -survey"]


def test_a_sheet_is_read_like_the_command_line(lab: Here, tmp_path: Path) -> None:
    sheet = tmp_path / "people.csv"
    sheet.write_text("address,rules\na@example.org,set:nlp\nb@example.org,set:lab\n")
    lab("ingest", *FILES)
    _, complaint = lab("subscribers", "import", str(sheet), code=65)
    assert "line 3" in complaint
    assert "there is no rule set lab; there are nlp" in complaint
