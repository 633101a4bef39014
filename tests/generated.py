"""Digests nobody would write and anybody may get: seeded chance, hostile texts among sound ones.

Papers come in as daily files do (``core.clean``); rules are named by whatever somebody named them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from tests.made import NOON
from tests.test_hostile import ROWS
from worker.core.clean import clean_line, clean_listing
from worker.core.identity import keys
from worker.deliveries import Delivery, DeliveryId, DeliveryState
from worker.digests import Digest, Receipt, Slot
from worker.model import Counts, Kind, Listing, Paper, PaperNumber, Pick, Rule, SubscriberId

WORDS = (  # noqa: SIM905 - it reads better
    "diffusion models learn sparse attention for video generation with large language agents "
    "that reason over graphs and proteins a the of in under neural operators Schrödinger naïve "
    "state-of-the-art LoRA 3D robot policies training-free reward guaranteed we show 27% better "
    "results on ImageNet at half the cost"
).split()
CHINESE = "大型语言模型的稀疏注意力机制与视频生成研究方法实验结果表明我们提出了一种新的"
LEFTWARDS = "نموذج لغوي كبير לשון עברית עם מודל גדול التعلم العميق שלום עולם".split()  # noqa: SIM905
MATHS = (
    r"$\frac{a}{b}$", r"$O(n^2 \log n)$", "∀x∈ℝⁿ: ‖Ax−b‖₂ ≤ ε",
    r"\mathbb{E}[X_t \mid \mathcal{F}_s]",
    "𝔼[𝑋] = ∫ 𝑥 d𝑃", "a<b && c>d", r"$$\sum_{i=1}^\infty \frac1{i^2}$$", "x' = {x_1, …, x_n}",
)  # fmt: skip
WIRE = (
    ".", "..", "line\n.\nMAIL FROM:<x@example.com>", "\r\n.\r\n", "\n.\r\nQUIT\r\n", ".\r.\n.",
    "From here on", "--=_0000\r\nContent-Type: text/html", "Subject: x\n\nBcc: v@x", "=\n=3D=\r\n=",
    "a" * 3000, "é" * 1500, "-- \nsignature", "begin 644 x.exe", " \t trailing \t ", "=?" * 300,
)  # fmt: skip
MARKUP = (
    "javascript:alert(1)", "<form action=https://evil.example><input></form>", "]]><svg/onload=x>",
    '" onmouseover="x', "<style>*{display:none}</style>", "<img src=x onerror=alert(1)>",
    "<a href='javascript:x'>y</a>", "<base href=//evil.example>", "&lt;script&gt;", "<!-- --><b>",
)  # fmt: skip
HOSTILE = (*ROWS.values(), *WIRE, *MARKUP, "", " ", "💩", "Re: Re: your bill", "​", "\x00\x1b[2J")
URLS = (
    "", "", "https://arxiv.org/abs/2509.01234v2", "https://huggingface.co/papers/2509.01234",
    "javascript:alert(1)", "https://x.example/?a=1&b=2#.", "https://bücher.example/ü?q=é",
    "https://a@b.example", "https://x.example/" + "y" * 1500, "//evil.example", "data:text/html,x",
)  # fmt: skip
QUERIES = (
    "*", "diffusion", "title:gate", '"neural operators"~3 OR graph*', "/mod.ls/", "((( no query",
    "attention -video", "schrodinger", "ℝ", "a OR the OR in",
)  # fmt: skip


def deliveries(count: int, seed: int = 20250908) -> Iterator[Delivery]:
    """So many deliveries, of 1 to 60 papers each, the same for the same seed."""
    chance = Random(seed)
    names = [_text(chance, 1, 3)[:300] for _ in range(300)]
    log = [paper(chance, number, names) for number in range(1, 301)]
    for number in range(1, count + 1):
        yield delivery(chance, number, log)


def delivery(chance: Random, number: int, log: Sequence[Paper]) -> Delivery:
    """One delivery of that number. Most digests are short, a few have all sixty papers."""
    few, many = chance.choice((1, 2, 3, 5, 8)), chance.choice((60, chance.randint(9, 60)))
    papers = tuple(chance.sample(log, many if number % 20 == 0 else few))
    count, day = len(papers), date(2025, 9, 8) + timedelta(days=chance.randrange(400))
    slot = Slot(chance.choice((f"{day}", f"{day}#{count}")), day)
    receipt = Receipt(count + 7, count, 7, count, chance.randrange(9), chance.randrange(3), (day,))
    notes = tuple(_clean(chance) for _ in range(chance.choice((0, 0, 1, 3))))
    domain = chance.choice(("r{}@example.net", "o'b+{}@example.org", "-x{}@a-b.example.com"))
    return Delivery(
        id=DeliveryId(number),
        subscriber=SubscriberId(number),
        uid=chance.getrandbits(63),
        address=domain.format(number),
        digest=Digest(slot, _picks(chance, papers), receipt, notes),
        papers=papers,
        message_id=f"<digest.{day}.{chance.getrandbits(128):032x}@example.org>",
        planned_at=NOON + timedelta(seconds=chance.randrange(10**7)),
        state=DeliveryState.SENDING,
        attempts=1,
    )


def paper(chance: Random, number: int, names: Sequence[str]) -> Paper:
    """A paper as it is after cleaning; a third of its texts are hostile."""
    listing = Listing(
        title=_text(chance, 3, 14),
        abstract=_text(chance, 20, 260),
        authors=tuple(chance.choices(names, k=chance.choice((0, 1, 4, 9, 50)))),
        ids=(f"arxiv:2509.{number:05}",) if chance.random() < 0.5 else (),
        url=chance.choice(URLS),
        categories=("cs.CL", _text(chance, 1, 2)),
        kind=chance.choice(tuple(Kind)),
        counts=Counts(upvotes=chance.choice((None, 0, 1, 99))),
    )
    clean = clean_listing(listing)
    known = keys(clean) or (f"title:{number}",)
    day = date(2025, 9, 8)
    return replace(
        Paper(PaperNumber(number), day, known, clean.title, clean.abstract, clean.authors),
        ids=clean.ids, url=clean.url, categories=clean.categories, kind=clean.kind,
        counts=clean.counts,
    )  # fmt: skip


def _picks(chance: Random, papers: Sequence[Paper]) -> tuple[Pick, ...]:
    rules = [Rule(chance.choice((query, _clean(chance) or "-")), query) for query in QUERIES]
    chosen = [tuple(chance.sample(rules, chance.choice((1, 1, 2, 4)))) for _ in papers]
    chosen.sort(key=lambda some: rules.index(some[0]))
    return tuple(Pick(one.number, some) for one, some in zip(papers, chosen, strict=True))


def _clean(chance: Random) -> str:
    return clean_line(_text(chance, 1, 9)[:500], 80)


def _text(chance: Random, least: int, most: int) -> str:
    """A text of so many words, or something else."""
    kind = chance.choices(KINDS, WEIGHTS)[0]
    return kind(chance, chance.randint(least, most))


def _english(chance: Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words)).capitalize() + "."


def _chinese(chance: Random, words: int) -> str:
    return "".join(chance.choices(CHINESE, k=3 * words))


def _leftwards(chance: Random, words: int) -> str:
    return " ".join(chance.choices((*LEFTWARDS, "CLIP-L/14"), k=words))


def _maths(chance: Random, words: int) -> str:
    return " ".join(chance.choices((*MATHS, *WORDS), k=words))


def _any(chance: Random, words: int) -> str:
    """Any code points at all, halves of surrogate pairs among them."""
    return "".join(chr(chance.randrange(0x110000)) for _ in range(4 * words))


def _hostile(chance: Random, words: int) -> str:
    return chance.choice((" ", "\n", "\r\n")).join(chance.choices(HOSTILE, k=min(words, 3)))


KINDS: tuple[Callable[[Random, int], str], ...] = (
    _english, _chinese, _leftwards, _maths, _any, _hostile,
)  # fmt: skip
WEIGHTS = (8, 2, 2, 2, 1, 6)
