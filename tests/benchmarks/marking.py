"""What it takes to lay out the largest digest once: ``python -m tests.benchmarks.marking 100``.

So many papers, chosen by 50 rules of 256 characters, each an OR of words, of beginnings, phrases or
windows: first with nothing known of them, then once more, when all is marked already.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.core.oracle import seed_papers
from tests.core.test_room import LINKS, SHIPPED
from tests.made import delivery
from worker.core.named import LONGEST_RULE, MOST_RULES
from worker.core.words import words
from worker.model import Paper, PaperNumber, Pick, Rule

SAID = sorted({w.folded for one in seed_papers() for w in words(one.abstract) if len(w.folded) > 1})
KINDS: dict[str, Callable[[Random], str]] = {
    "words": lambda chance: chance.choice(SAID),
    "beginnings": lambda chance: f"{chance.choice(SAID):.3}*",
    "phrases": lambda chance: '"{} {}"'.format(*chance.choices(SAID, k=2)),
    "windows": lambda chance: '"{} {}"~50'.format(*chance.choices(SAID, k=2)),
}


def rule(term: Callable[[Random], str], chance: Random) -> Rule:
    """As many of them as there is room for."""
    query = longer = term(chance)
    while len(longer) <= LONGEST_RULE:
        query, longer = longer, f"{longer} OR {term(chance)}"
    return Rule(query[:40], query)


def papers(count: int) -> list[Paper]:
    """Those of the seeds, over and over, each under a title of its own."""
    seeds = seed_papers()
    some = [replace(seeds[n % len(seeds)], number=PaperNumber(n + 1)) for n in range(count)]
    return [replace(one, title=f"{one.title} {one.number}") for one in some]


def main(count: int) -> None:
    """Print the processor time of each."""
    some, chance = papers(count), Random(1)
    for name, term in KINDS.items():
        rules = tuple(rule(term, chance) for _ in range(MOST_RULES))
        shown = delivery(*(Pick(one.number, rules, score=1) for one in some), papers=some)
        for again in ("", ", once more"):
            begun = time.process_time()
            SHIPPED.letter(shown, LINKS)
            print(f"{name + again:24}{time.process_time() - begun:8.3f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
