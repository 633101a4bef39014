"""Real daily files, where they are at hand: they are not ours to pass on, so they lie elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from worker.model import DailyFile, Edition, Unreadable
from worker.sources import forms

FOLDER = Path(__file__).parents[3] / "shared" / "data"
MISSING = f"the real daily files are not at hand ({FOLDER.name}/ beside the project)"
NEWER = datetime(2026, 10, 1, tzinfo=UTC)


def files() -> list[Path]:
    """Every file that is one, by path."""
    if not FOLDER.is_dir():
        return []
    kinds = sorted(kind for kind in FOLDER.glob("0*") if kind.is_dir())
    return [path for kind in (*kinds, FOLDER / "seeds") for path in sorted(kind.rglob("*.*"))]


@cache
def outcome(path: Path) -> Edition | Unreadable:
    """The edition in the file, or why there is none."""
    content = path.read_bytes()
    try:
        return forms.read(DailyFile(path.name, content, sha256(content).hexdigest(), NEWER), None)
    except Unreadable as unreadable:
        return unreadable
