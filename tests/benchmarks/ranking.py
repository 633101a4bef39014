"""What ranking costs planning: ``python -m tests.benchmarks.ranking 10000``.

So many readers of three rules each, each rule different from the others, a day of fifty papers, and
a month of fifty papers a day that words are compared with. Planned as it is, and once more with
every score given as 0: the difference is the price of ranking. Twice each, the first with nothing
known of any rule, as after a start.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

from tests.benchmarks.trial import papers
from tests.core.oracle import seed_papers
from tests.made import MONDAY, NOON, subscriber
from worker.core.batch import Batch
from worker.core.past import Past
from worker.core.plan import plan
from worker.core.words import words
from worker.digests import Slot
from worker.model import Counts, Cursor, Paper, PaperNumber, PaperVersion, Pick, Rule, Subscriber

A_DAY, DAYS = 50, 30
SLOT = Slot(str(MONDAY), MONDAY)


class Unranked(Batch):
    """A batch that finds all matches alike."""

    def pick(self, which: PaperVersion, rules: Sequence[Rule]) -> Pick:
        return Pick(which[0], tuple(rules), which[1])


def month(chance: Random) -> list[Paper]:
    """Papers of a month, each with upvotes, the last day that of today."""
    return [
        replace(
            one,
            number=PaperNumber(i + 1),
            day=MONDAY - timedelta(days=DAYS - 1 - i // A_DAY),
            counts=Counts(upvotes=chance.randint(0, 200)),
        )
        for i, one in enumerate(papers(A_DAY * DAYS, chance))
    ]


def readers(count: int, chance: Random, cursor: Cursor) -> Iterator[Subscriber]:
    """Each with three rules: two words that papers have, a phrase of one, one of many sorts."""
    said = [w.folded for one in seed_papers() for w in words(one.abstract) if w.folded.isalpha()]
    for i in range(count):
        some = chance.sample(said, 7)
        broad = chance.choice(
            [f"+{some[5]} OR top:5", f"{some[5]}* -{some[6]}", f"title:{some[5]}"]
        )
        rules = f"{some[0]} {some[1]}", f"++{some[2]} OR {some[3]}", broad
        yield subscriber(*rules, number=i + 1, cursor=cursor)


def planned(everyone: Sequence[Subscriber], batch: Batch) -> int:
    """How many papers all of them get."""
    made = (plan(who, SLOT, None, batch, message_id="<m>", now=NOON) for who in everyone)
    return sum(len(each.digest.picks) for each in made if each.digest)


def timed(what: str, everyone: Sequence[Subscriber], batch: Batch) -> float:
    """The processor time of one planning, printed."""
    begun = time.process_time()
    picks = planned(everyone, batch)
    took = time.process_time() - begun
    print(f"{what:32}{took:8.2f} s  {picks:,} papers in {len(everyone):,} digests")
    return took


def main(count: int) -> None:
    chance = Random(1)
    log = month(chance)
    today, end = log[-A_DAY:], Cursor(log[-1].number, DAYS)
    everyone = list(readers(count, chance, Cursor(today[0].number, DAYS - 1)))
    begun = time.process_time()
    past = Past(log)
    print(f"{'a month of papers indexed':32}{time.process_time() - begun:8.2f} s")
    begun = time.process_time()
    past.rarity  # noqa: B018 - it is made when it is first asked for
    print(f"{'the rarity of their words':32}{time.process_time() - begun:8.2f} s")
    for again in ("", ", rules known"):
        if not again:
            plain, ranked = Unranked(today, (), end, past), Batch(today, (), end, past)
        without = timed(f"without ranking{again}", everyone, plain)
        having = timed(f"with ranking{again}", everyone, ranked)
        print(f"{'':32}{having / without:8.2f} times as long, {having - without:+.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
