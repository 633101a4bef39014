"""Daily files for the tests of the forms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from worker.model import DailyFile, Edition, Unreadable
from worker.sources import forms, hf_text
from worker.sources.unpack import text_of

ROOT = Path(__file__).parents[2]
SEEDS = (ROOT / "seeds" / "2025-09-08.txt", ROOT / "seeds" / "2025-09-09.txt")
CORPUS = ROOT / "tests" / "corpus" / "hf_text"
HEADER = (
    *("new", "Get trending papers in your email inbox!", "Subscribe", "Daily Papers"),
    "byAK and the research community",
)
LONG = "We show that this holds for every system we tried, and we say why. " * 6
MODIFIED = datetime(2025, 9, 9, 8, 30, tzinfo=UTC)


def daily_file(content: bytes | str, name: str = "papers.txt") -> DailyFile:
    raw = content.encode() if isinstance(content, str) else content
    return DailyFile(name, raw, sha256(raw).hexdigest(), MODIFIED)


def page(*paragraphs: str, header: Sequence[str] = (*HEADER, "Sep 8")) -> str:
    """The Daily Papers page as text."""
    return "\n\n".join((*header, *paragraphs))


def parsed(text: str | bytes, name: str = "papers.txt", newest: date | None = None) -> Edition:
    return hf_text.parse(text_of(daily_file(text, name), newest))


def outcome(file: DailyFile) -> Edition | Unreadable:
    """The edition, or why there is none; anything else that is raised fails the test."""
    try:
        return forms.read(file, None)
    except Unreadable as refused:
        return refused
