"""Daily files for the tests of the forms."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from worker.model import DailyFile

ROOT = Path(__file__).parents[2]
SEEDS = (ROOT / "seeds" / "2025-09-08.txt", ROOT / "seeds" / "2025-09-09.txt")
CORPUS = ROOT / "tests" / "corpus" / "hf_text"
MODIFIED = datetime(2025, 9, 9, 8, 30, tzinfo=UTC)


def daily_file(content: bytes | str, name: str = "papers.txt") -> DailyFile:
    raw = content.encode() if isinstance(content, str) else content
    return DailyFile(name, raw, sha256(raw).hexdigest(), MODIFIED)
