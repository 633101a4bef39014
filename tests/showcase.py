"""Digests that show what a mail can be: one of each kind, made up, the same each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from tests.made import delivery, paper
from worker.core.clean import clean_listing
from worker.core.readable import readable
from worker.deliveries import Delivery
from worker.digests import Change, Mention, News, ReadFile, Receipt, Trend, Week
from worker.manner import Abstracts, Manner, Order
from worker.model import Counts, Kind, Listing, Paper, PaperNumber, Pick, Rule

DAYS = tuple(date(2025, 9, day) for day in (8, 9, 10))
DIFFUSION = Rule("Graph diffusion", "diffusion graph*")
OPERATORS = Rule("Neural operators", '"neural operator" OR pde')
LONG = Rule('diffusion (video OR "image editing") -survey', 'diffusion (video OR "image editing")')
SILENT = Rule("Protein folding", "protein")
ALL = Rule("*", "*")
ABSTRACT = (
    "We study diffusion on graphs, e.g. for molecules, and learn a neural operator for it, as Li "
    "et al. did before. It is 3.5 times faster than what was known, and it needs no mesh. We prove "
    "that it converges for any PDE of second order. Experiments on five benchmarks agree, and the "
    "code is at https://example.org/x/graph-diffusion for everybody. Limits are discussed at the "
    "end, together with what they mean for practice."
)
AUTHORS = (
    "Ada Lovelace", "Emmy Noether", "Sofja Kowalewskaja", "Mary Cartwright", "Grace Hopper",
    "Olga Taussky-Todd", "Hedy Lamarr", "Karen Spärck Jones",
)  # fmt: skip


def listed(
    number: int, title: str, abstract: str = ABSTRACT, day: int = 0, **more: object
) -> Paper:
    """A paper of a day, as Hugging Face lists it."""
    one = paper(number, title, abstract, DAYS[day])
    usual = {
        "authors": AUTHORS[: number + 2] if number < 5 else AUTHORS,
        "url": f"https://arxiv.org/abs/2509.{number:05}",
        "source": "huggingface",
        "counts": Counts(upvotes=number * 7 % 40),
    }
    return replace(one, **{**usual, **more})  # type: ignore[arg-type]


def picked(number: int, *rules: Rule, score: int = 0, because: tuple[str, ...] = ()) -> Pick:
    """That paper, chosen by these rules."""
    return Pick(PaperNumber(number), rules, score=score, because=because)


def read(*days: date, more: int = 0) -> Receipt:
    """What a receipt says of these days."""
    files = tuple(
        ReadFile(f"{day}.txt", day, datetime(day.year, day.month, day.day, 6, 2, tzinfo=UTC))
        for day in days
    )
    return Receipt(67, 63, 4, 6, days=days, files=files, read=len(files) + more)


def trend(rule: Rule, *busy: int) -> Trend:
    """So many papers on the last days, and some before."""
    before = tuple((place * place + len(rule.name)) % 7 % 5 for place in range(30 - len(busy)))
    return Trend(rule.name, DAYS[0], (*before, *busy))


SIX = (
    listed(1, "Neural operators for PDEs"),
    listed(2, "Diffusion on graphs that grow: a neural operator for what is not there yet"),
    listed(3, "Graph diffusion", kind=Kind.CROSS, source="arxiv", counts=Counts()),
    listed(4, "A survey of diffusion for video and image editing", url=""),
    listed(5, "Which PDE is it? Telling equations from what they do", authors=()),
    listed(6, "Molecules as graphs, diffusion as chemistry", counts=Counts(upvotes=1)),
)
PICKS = (
    picked(1, OPERATORS, score=9),
    picked(5, OPERATORS, because=("top:10",)),
    picked(2, OPERATORS, DIFFUSION, LONG, score=5),
    picked(3, DIFFUSION, score=8),
    picked(6, DIFFUSION, score=2),
    picked(4, LONG),
)
TRENDS = (
    trend(OPERATORS, 3, 0, 2),
    trend(DIFFUSION, 1, 1, 3),
    trend(LONG, 0, 0, 1),
    replace(trend(SILENT), days=(0,) * 30),
)
MENTIONED = (
    listed(11, "The one that took off", counts=Counts(upvotes=120)),
    listed(12, "The one that everybody lists <again>"),
    listed(13, "The one with a second version"),
    listed(14, "The one that was cross-listed", url=""),
)
MENTIONS = (
    Mention(News.TOOK_OFF, PaperNumber(11), 1, DAYS[2], DAYS[0], 120, 14),
    Mention(News.TOOK_OFF, PaperNumber(11), 1, DAYS[2], DAYS[0], 120),
    Mention(News.AGAIN, PaperNumber(12), 1, DAYS[1], DAYS[0]),
    Mention(News.REPLACED, PaperNumber(13), 1, DAYS[1], DAYS[0]),
    Mention(News.CROSS, PaperNumber(14), 1, DAYS[1], DAYS[0]),
)
WEEK = Week(
    rose=(Change("Graph diffusion", 12, 5), Change("Neural operators", 7, 6)),
    fell=(Change("Protein folding", 0, 4),),
    words=(("superposition", 9), ("σ-algebra", 4), ("מודל", 3)),
)
HOSTILE = (
    "A\r\nBcc: v@x",
    "A 💩 x=?UTF-8?Q?=0A?=Bcc: v@x",
    "x =?utf-8?b?PHNjcmlwdD4=?=",
    "A\x0bB\x00\x1b[31mC\u2028D\u202eE\u2066F",
    "w" * 2000 + " " + "t" * 10_000,
    "Z" + "\u0301" * 300 + "algo",
    "   ",
    "{{7*7}} {% raw %} ${7} #{7} %s {0.__class__}",
    '<script>alert(1)</script> "><img src=x onerror=x> </title> <!--[if mso]> ]]> &#x3c;',
    r"$\frac{a}{b}$ \input{/etc/passwd}",
    "Caf&amp;eacute; CafÃ©",
)
SCRIPTS = (
    ("שלום עולם: רשתות נוירונים with Latin words", "מודל דיפוזיה על גרפים. " * 8),
    ("نماذج اللغة الكبيرة and diffusion", "ندرس الانتشار على الرسوم البيانية. " * 6),
    (
        "基于图扩散的分子生成方法：一种新的神经算子",
        "我们研究图上的扩散过程，并学习一个神经算子。" * 9,
    ),
    ("グラフ拡散モデルの収束について", "偏微分方程式のための演算子を学習する。" * 9),
    (
        r"On $\mathcal{O}(n \log n)$ bounds for $\ell_2$-regularised $f: X \to Y$",
        r"Let $x < y$ and $\int_0^1 f(t)\,dt = \frac{\pi^2}{6}$. Then ∀ε > 0 ∃δ: |f(x)| ≤ ε.",
    ),
)


def usual() -> Delivery:
    """Six papers under three rules, with all that a daily digest may have."""
    one = delivery(*PICKS, papers=(*SIX, *MENTIONED), receipt=read(DAYS[0]))
    receipt = replace(one.digest.receipt, removed=3, held_over=2, expired=1)
    return replace(
        one, digest=replace(one.digest, receipt=receipt, trends=TRENDS, mentions=MENTIONS)
    )


def one_paper() -> Delivery:
    return delivery(picked(1, OPERATORS), papers=SIX[:1], receipt=replace(read(DAYS[0]), matched=1))


def three_days() -> Delivery:
    """What came while nobody planned, and from more files than a receipt names."""
    papers = [replace(one, day=DAYS[place // 2]) for place, one in enumerate(SIX)]
    return delivery(*PICKS, papers=papers, receipt=read(*DAYS, more=2), slot="2025-09-10")


def week() -> Delivery:
    one = usual()
    return replace(one, digest=replace(one.digest, week=WEEK, mentions=()))


def nothing(weekly: bool = False) -> Delivery:
    """No paper, and all the same the receipt and how it goes."""
    one = delivery(receipt=replace(read(DAYS[0]), matched=0))
    digest = replace(one.digest, trends=TRENDS[:2], week=Week() if weekly else None)
    return replace(one, digest=digest)


def by_upvotes() -> Delivery:
    """One list, and of abstracts their opening."""
    one = usual()
    votes = {each.number: each.counts.upvotes or 0 for each in SIX}
    picks = tuple(sorted(PICKS, key=lambda pick: -votes[pick.paper]))
    manner = Manner(abstracts=Abstracts.OPENING, order=Order.UPVOTES)
    return replace(one, digest=replace(one.digest, picks=picks, mentions=()), manner=manner)


def titles_only() -> Delivery:
    return replace(usual(), manner=Manner(abstracts=Abstracts.NONE))


def _cleaned(number: int, title: str, abstract: str) -> Paper:
    authors = tuple(f"Author {place}" for place in range(5000 if number == 1 else 1))
    title, abstract = (readable(text, markup=False) for text in (title, abstract))
    found = clean_listing(Listing(title, abstract, authors, url="javascript:alert(1)"))
    return replace(paper(number, found.title, found.abstract), authors=found.authors, url=found.url)


def hostile() -> Delivery:
    """B1-B22: what comes through cleaning of the worst that there is, rules and notes too."""
    papers = [_cleaned(at, title, f"Of {title[:300]}.") for at, title in enumerate(HOSTILE, 1)]
    rules = (Rule('<b onclick="x">{{ 1 }}</b>', "a OR of"), ALL)
    picks = [picked(one.number, *rules) for one in papers]
    receipt = replace(read(DAYS[0]), matched=len(picks))
    return delivery(*picks, papers=papers, receipt=receipt, notes=("A <note> & more.",))


def scripts() -> Delivery:
    """Right to left, without blanks, and mathematics."""
    papers = [_cleaned(at, title, text) for at, (title, text) in enumerate(SCRIPTS, 2)]
    rule = Rule("扩散 或 דיפוזיה", "diffusion")
    receipt = replace(read(DAYS[0]), matched=len(papers))
    return delivery(*(picked(one.number, rule) for one in papers), papers=papers, receipt=receipt)


SHOWCASE = {
    "one-paper": one_paper,
    "usual": usual,
    "three-days": three_days,
    "week": week,
    "nothing": nothing,
    "by-upvotes": by_upvotes,
    "titles-only": titles_only,
    "hostile": hostile,
    "scripts": scripts,
}
