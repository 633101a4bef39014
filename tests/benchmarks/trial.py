"""How long rules take to be tried on a month of papers: ``python -m tests.benchmarks.trial 15000``.

The papers are made of the words of the seeds and of 60,000 made ones, frequent and rare as words
are; the rules are 50 of 250 characters, each list of one kind that somebody hostile might send.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from tests.core.oracle import seed_papers
from worker.core.stock import lately
from worker.core.trial import trial
from worker.core.window import Window
from worker.core.words import words
from worker.model import Paper, PaperNumber, Rule

SAID = (
    "co in re de pre con tion al er net graph dif fu sion mo del ing trans form ly ta ri ve ex un "
    "pro su ate ment ity th of an wi fo be ca le ma pa se st tr"
)
PARTS = SAID.split()
USUAL = (
    'diffusion (video OR "image editing") -survey', '"neural operator"~5', "transformer attention",
    "large-language-model", "operat*", "/diffusi(on|ng)/",
)  # fmt: skip
NEAR = ("difusion", "netwrok", "transfromer", "convolutinal", "tionnetgraphtion", "retionpro")


def papers(count: int, chance: Random) -> Iterator[Paper]:
    """So many, over 45 days, each of 170 words."""
    real = [w.folded for one in seed_papers() for w in words(f"{one.title} {one.abstract}")]
    made = ["".join(chance.choices(PARTS, k=chance.randint(2, 5))) for _ in range(60_000)]
    rarer = [1 / place for place in range(1, len(made) + 1)]
    plain = Paper(PaperNumber(0), date(2025, 9, 9), (), "", "", categories=("cs.CV",))
    for i in range(count):
        text = chance.choices(real, k=130) + chance.choices(made, rarer, k=40)
        chance.shuffle(text)
        yield replace(
            plain,
            number=PaperNumber(i + 1),
            day=plain.day - timedelta(days=44 - i * 45 // count),
            title=" ".join(text[:10]),
            abstract=" ".join(text[10:]),
            ids=(f"arxiv:2509.{i:05}",),
        )


def beginnings(chance: Random) -> str:
    return " OR ".join(f"{chance.choice(PARTS)}{chance.choice(PARTS)[:2]}*" for _ in range(22))


def windows(chance: Random) -> str:
    phrases = (
        " ".join(f"{chance.choice(PARTS):.2}*" for _ in range(chance.randint(2, 4)))
        for _ in range(10)
    )
    return " OR ".join(f'"{phrase}"~{chance.randint(10, 50)}' for phrase in phrases)


def slow_regexes(chance: Random) -> str:
    ends = ("".join(chance.choices("abcdefgq", k=2)) for _ in range(5))
    return " OR ".join(f"/(a|e|i|o|n|t).{{{chance.randint(12, 20)}}}z{end}/" for end in ends)


def regexes(chance: Random) -> str:
    return " OR ".join(f"/{'(|'.join(chance.choices(PARTS, k=2))}x)/" for _ in range(5))


def misspelt(chance: Random) -> str:
    return " ".join("".join(chance.choices(PARTS, k=4))[:-1] for _ in range(18))


def timed(what: str, do: Callable[[], object]) -> None:
    begun = time.process_time()
    told = do()
    print(f"{what:24}{time.process_time() - begun:8.3f} s  {told if told is not None else ''}")


def main(count: int) -> None:
    """Print the processor time of each."""
    chance = Random(1)
    some = list(papers(count, chance))
    made: list[Window] = []
    timed(f"index {count:,} papers", lambda: made.append(Window(some, ())))
    stock = lately(made[0])
    timed("index their words", lambda: f"{len(stock.window.nearby.known):,} of them")
    for word in NEAR:
        timed(f"near {word}", lambda: stock.window.nearby.near(word))  # noqa: B023
    usual = [Rule(query, query) for query in USUAL]
    timed("6 usual rules", lambda: f"{trial(usual, stock).caught} caught")
    for kind in (beginnings, windows, slow_regexes, regexes, misspelt):
        rules = [Rule(str(number), kind(chance)) for number in range(50)]
        tried = trial(rules, stock)
        left = sum(one.untried for one in tried.rules)
        timed(f"50 x {kind.__name__}", lambda: f"{len(trial(rules, stock).rules) - left} tried")  # noqa: B023


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15_000)
