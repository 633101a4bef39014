"""Mail that no program could make sense of, kept as a Maildir for a person to look at."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from worker import durable


def keep(folder: Path, content: bytes) -> Path:
    """Put it into ``new/`` under a name made of its content, so that twice is once."""
    for name in ("tmp", "cur", "new"):
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{sha256(content).hexdigest()[:32]}.paperround"
    kept = folder / "new" / name
    looked_at = any(path.name.startswith(name) for path in (folder / "cur").iterdir())
    if not looked_at and not kept.exists():
        beside = folder / "tmp" / f"{name}.{os.getpid()}"
        durable.write(beside, content)
        durable.move(beside, kept)
    return kept
