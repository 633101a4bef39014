"""Readers of one shared set beside readers of one rule: ``python -m tests.benchmarks.sets``.

Plans so many readers (10,000) on the two real days, and tells the seconds of each way.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from tests.made import MONDAY, NOON, SEEDS, intake, subscriber
from worker.cli.look import different_papers
from worker.core.batch import Batch
from worker.core.plan import plan
from worker.core.rulesets import RuleSet, as_applied
from worker.digests import Slot
from worker.model import Cursor, Kind, Paper, PaperNumber, Rule, Subscriber

QUERIES = ("language model", "agent* OR reasoning", "image* OR video*", "training -gan", "graph*")
SETS = (RuleSet("nlp", "", tuple(Rule(f"Rule {n}", query) for n, query in enumerate(QUERIES))),)


def seconds(papers: list[Paper], readers: int, rules: Callable[[int], tuple[str, ...]]) -> float:
    """Of the processor, to plan them all, the index of the papers included."""
    everyone = [subscriber(*rules(number), number=number) for number in range(readers)]
    began = time.process_time()
    batch = Batch(papers, [intake(1, len(papers), len(papers))], _end(papers))
    for who in everyone:
        _planned(as_applied(who, SETS), batch)
    return time.process_time() - began


def _planned(who: Subscriber, batch: Batch) -> None:
    plan(who, Slot(str(MONDAY), MONDAY), None, batch, message_id="<x@example.org>", now=NOON)


def _end(papers: list[Paper]) -> Cursor:
    return Cursor(PaperNumber(len(papers)), 1)


def main(readers: int) -> None:
    papers, _ = different_papers(sorted(SEEDS.glob("2025-*.txt")), frozenset({Kind.NEW}))
    ways: dict[str, Callable[[int], tuple[str, ...]]] = {
        "one rule that matches as much": lambda _: (" OR ".join(QUERIES),),
        "the five rules, each his own": lambda _: QUERIES,
        "one set of five rules": lambda _: ("set:nlp",),
        "the set without one of them": lambda n: (f'set:nlp -set:"nlp/Rule {n % 5}"',),
        "the set, each narrowed by a word of his own": lambda n: (f"set:nlp -word{n}",),
    }
    for named, rules in ways.items():
        print(f"{seconds(papers, readers, rules):6.2f} s  {named}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
