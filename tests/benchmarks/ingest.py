"""How long taking in takes: ``python -m tests.benchmarks.ingest [PAPERS]``.

Each day is an arXiv feed with LaTeX in it, read in a child process and written to a paper log on
disk, as the daemon does it. Seconds are of the wall; memory is the most that a process had.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from worker.clock import FixedClock
from worker.model import DailyFile, Intake, Paper, PaperNumber
from worker.pipeline.ingest import Ingest
from worker.reader import ChildReader
from worker.store.papers_tinydb import TinyPaperLog

NOON = datetime(2025, 9, 8, 12, tzinfo=UTC)
ABSTRACT = (
    r"We prove that $\mathcal{O}(n \log n)$ steps suffice, where R\"ossler's bound was 36.4\% "
    r"worse on {\em labeled} data; with $\tau$ and $Re_{\tau} \approx 10^{-3}$ the tool "
    r"\textsc{Fast} is cheaper than \$5, and we say for whom it does not hold. "
) * 4


def arxiv_day(papers: int, day: int) -> DailyFile:
    """The announcements of one day, as JSON with a paper each, all of them new."""
    listings = [
        {
            "id": f"25{day % 12 + 1:02}.{number:05}",
            "title": rf"On ${number}$-dimensional M\"uller spaces, part {day}",
            "abstract": ABSTRACT,
            "authors": ["Ada Ito", r"Ren\'e M\"uller", "Wei Chen"],
            "categories": ["cs.LG", "stat.ML"],
        }
        for number in range(papers)
    ]
    content = json.dumps(listings).encode()
    return DailyFile(f"2025-09-{day:02}.json", content, sha256(content).hexdigest(), NOON)


async def filled(log: TinyPaperLog, seen: int) -> None:
    """So many papers seen, the last 2,000 of them still whole."""
    day = date(2025, 9, 1)
    papers = [
        Paper(PaperNumber(n), day, (f"arxiv:2401.{n:06}", f"title:seenbefore{n}"), f"Seen {n}", "")
        for n in range(1, seen + 1)
    ]
    old, new = papers[:-2000], papers[-2000:]
    for number, some in enumerate((old, new), 1):
        at = NOON if number == 2 else NOON.replace(year=2024)
        newest = some[-1].number if some else PaperNumber(0)
        intake = Intake(number, str(number), "", day, "", len(some), len(some), 0, 0, newest, at)
        await log.take_in(intake, some, {})


async def timed(papers: int, seen: int) -> tuple[float, int]:
    """Seconds for one day of so many papers, onto a log of so many seen ones; bytes of the log."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "papers.json"
        with closing(TinyPaperLog.open(path, new_id="bench", create=True)) as log:
            if seen:
                await filled(log, seen)
            ingest = Ingest(ChildReader(), log, FixedClock(NOON))
            file = arxiv_day(papers, 8)
            begun = time.perf_counter()
            taken = await ingest.take_in(file)
            took = time.perf_counter() - begun
            assert taken.intake.new == papers
            return took, path.stat().st_size


async def main(counts: list[int]) -> None:
    print(f"{'papers':>8} {'seen before':>12} {'seconds':>8} {'log, MB':>8}")
    for papers, seen in [(count, 0) for count in counts] + [(47, 100_000), (1_000, 100_000)]:
        seconds, size = await timed(papers, seen)
        print(f"{papers:8,} {seen:12,} {seconds:8.2f} {size / 2**20:8.1f}")
    for who, name in ((resource.RUSAGE_SELF, "this process"), (resource.RUSAGE_CHILDREN, "child")):
        print(f"most memory, {name}: {resource.getrusage(who).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    asyncio.run(main([int(count) for count in sys.argv[1:]] or [1_000, 20_000]))
