"""How long it takes to decide who gets what: ``python -m tests.benchmarks.planning [READERS]``.

Each has three rules, is mailed weekly, and 50 papers are new to him; the past are 30 days of 50
papers. What counts is the ratio to planning that has no past to compare with: the seconds are those
of the machine.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from tests.benchmarks.trial import papers
from tests.core.oracle import seed_papers
from tests.made import NOON, intake, subscriber
from worker.core.batch import Batch
from worker.core.past import NO_PAST, Past
from worker.core.plan import plan
from worker.core.words import words
from worker.deliveries import Plan
from worker.digests import Slot
from worker.model import Cursor, Paper, PaperNumber, Subscriber
from worker.store.rows_digests import digest_values

LAST = date(2025, 9, 9)
DAYS, A_DAY = 30, 50
SEED = 20250909


def month(days: int, a_day: int) -> list[Paper]:
    """So many papers on each of so many days, the newest last."""
    made = papers(days * a_day, Random(SEED))
    return [
        replace(one, day=LAST - timedelta(days=days - 1 - place // a_day))
        for place, one in enumerate(made)
    ]


def queries(count: int) -> list[str]:
    """So many different rules, each of two words in a paper or not and one left out."""
    chance = Random(SEED)
    said = [w.folded for one in seed_papers() for w in words(one.abstract) if len(w.folded) > 4]
    made = dict[str, None]()
    while len(made) < count:
        one, two, three, four = chance.choices(said, k=4)
        made[f'({one} OR {two} OR "{three} {four}") -{chance.choice(said)}'] = None
    return list(made)


def readers(count: int, different: int, behind: int) -> list[Subscriber]:
    """So many, whose three rules are taken in turn from so many different ones."""
    asked, cursor = queries(different), Cursor(PaperNumber(behind), 0)
    return [
        subscriber(
            *(asked[(3 * number + place) % different] for place in range(3)),
            number=number,
            schedule="weekly tue 08:00",
            cursor=cursor,
        )
        for number in range(count)
    ]


def batch(some: Sequence[Paper], past: Past) -> Batch:
    """The last day of these papers, to be planned over."""
    newest = some[-1].number
    intakes = [intake(1, A_DAY, newest, day=LAST)]
    return Batch(some[-A_DAY:], intakes, Cursor(newest, 1), past)


def planned(everyone: Sequence[Subscriber], over: Batch) -> Iterator[Plan]:
    slot = Slot(str(LAST), LAST)
    for who in everyone:
        yield plan(who, slot, None, over, message_id="<x@example.org>", now=NOON)


def timed(everyone: Sequence[Subscriber], some: Sequence[Paper], past: Past) -> float:
    """Seconds that it takes."""
    begun = time.perf_counter()
    for _ in planned(everyone, batch(some, past)):
        pass
    return time.perf_counter() - begun


def report(everyone: Sequence[Subscriber], some: Sequence[Paper], what: str) -> None:
    begun = time.perf_counter()
    past = Past(some)
    indexed = time.perf_counter() - begun
    plain, first, again = (timed(everyone, some, each) for each in (NO_PAST, past, past))
    print(f"{what}: {plain:.2f} s without a past, {indexed:.2f} s to index it,")
    print(f"  {first:.2f} s to plan with it ({first / plain:.1f}x), once more {again:.2f} s")


def main(count: int) -> None:
    some = month(DAYS, A_DAY)
    for different in (300, 3 * count):
        everyone = readers(count, different, behind=some[-A_DAY].number - 1)
        report(everyone, some, f"{count:,} readers, {different:,} different rules")
    made = planned(everyone[:1000], batch(some, Past(some)))
    rows = [digest_values(each.digest) for each in made if each.digest]
    sizes = Counter[str]()
    for row in rows:
        sizes.update({column: len(value) for column, value in row.items()})
    means = ", ".join(f"{column} {size // len(rows)}" for column, size in sizes.items())
    print(f"bytes of a digest's row: {means}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
