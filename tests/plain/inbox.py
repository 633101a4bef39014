"""The watched folder, said plainly: it reads as the specification of the real one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from worker.core.settle import TRIES
from worker.model import DailyFile, Rejected


class PlainInbox:
    """An Inbox in memory. ``lying`` are the files in the folder, by name."""

    def __init__(self) -> None:
        self.lying: dict[str, DailyFile] = {}
        self.growing: set[str] = set()
        self.promised: set[str] = set()
        self.held: set[str] = set()
        self.unchanged: set[str] = set()
        self.tries: Counter[str] = Counter()
        self.archived: list[tuple[DailyFile, datetime]] = []
        self.refused: list[tuple[DailyFile, tuple[Rejected, ...]]] = []

    def put(
        self,
        name: str,
        content: bytes,
        modified: datetime = datetime(2025, 9, 8, tzinfo=UTC),
        *,
        growing: bool = False,
        promised: bool = False,
        again: bool = False,
    ) -> None:
        """Write the file, anew if it is there.

        ``growing``: more of it is still to come; ``promised``: its writer says that nothing is;
        ``again``: it is to be read even if it was taken in before.
        """
        self._forget(name)
        self.lying[name] = DailyFile(name, content, sha256(content).hexdigest(), modified, again)
        if growing:
            self.growing.add(name)
        if promised:
            self.promised.add(name)

    def half_an_hour(self) -> None:
        """So much time goes by, and nothing changes."""
        self.unchanged = set(self.lying)

    async def settled(self) -> Sequence[DailyFile]:
        complete = [
            file
            for name, file in self.lying.items()
            if name not in self.growing - self.promised
            and name not in self.held - self.unchanged
            and file.content.strip()
        ]
        return tuple(sorted(complete, key=lambda file: (file.modified, file.name)))

    async def hold(self, file: DailyFile) -> bool:
        if file.name in self.promised | self.unchanged:
            return False
        self.held.add(file.name)
        return True

    async def retry(self, file: DailyFile) -> bool:
        self.tries[file.name] += 1
        return self.tries[file.name] < TRIES

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
        self._forget(file.name)
        return True

    def _forget(self, name: str) -> None:
        """What is there from now on is another file."""
        for names in (self.growing, self.promised, self.held, self.unchanged):
            names.discard(name)
        del self.tries[name]
