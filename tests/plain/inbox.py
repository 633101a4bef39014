"""The watched folder, said plainly: it reads as the specification of the real one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from worker.model import DailyFile, Rejected


class PlainInbox:
    """An Inbox in memory. ``lying`` are the files in the folder, by name."""

    def __init__(self) -> None:
        self.lying: dict[str, DailyFile] = {}
        self.growing: set[str] = set()
        self.archived: list[tuple[DailyFile, datetime]] = []
        self.refused: list[tuple[DailyFile, tuple[Rejected, ...]]] = []

    def put(
        self,
        name: str,
        content: bytes,
        modified: datetime = datetime(2025, 9, 8, tzinfo=UTC),
        *,
        growing: bool = False,
    ) -> None:
        """Write the file, anew if it is there; ``growing``: more of it is still to come."""
        self.lying[name] = DailyFile(name, content, sha256(content).hexdigest(), modified)
        self.growing.discard(name)
        if growing:
            self.growing.add(name)

    async def settled(self) -> Sequence[DailyFile]:
        complete = [
            file
            for name, file in self.lying.items()
            if name not in self.growing and file.content.strip()
        ]
        return tuple(sorted(complete, key=lambda file: (file.modified, file.name)))

    async def archive(self, file: DailyFile, at: datetime) -> None:
        if self._take(file):
            self.archived.append((file, at))

    async def refuse(self, file: DailyFile, reasons: Sequence[Rejected]) -> None:
        if self._take(file):
            self.refused.append((file, tuple(reasons)))

    def _take(self, file: DailyFile) -> bool:
        """Only what was read is taken away; what has come in its place since stays."""
        lying = self.lying.get(file.name)
        if lying is None or lying.sha256 != file.sha256:
            return False
        del self.lying[file.name]
        return True
