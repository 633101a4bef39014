"""An inbox on a disk, with a clock of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from worker.inbox import FolderInbox
from worker.model import DailyFile, Rejected

NOON = datetime(2025, 9, 8, 12, 0, tzinfo=UTC)
WHY = (Rejected("line 14", "no title"),)


class Place:
    """An inbox on a disk, with a clock of its own."""

    def __init__(self, root: Path, *, size_cap: int = 1000, settle: float = 5.0) -> None:
        self.folder = root / "inbox"
        self.archive = root / "archive"
        self.rejected = root / "rejected"
        self.seconds = 1000.0
        self.meanwhile: Callable[[], object] = int
        """What happens between looking into the folder and reading its files."""
        self.inbox = FolderInbox(
            self.folder,
            self.archive,
            self.rejected,
            settle=settle,
            size_cap=size_cap,
            monotonic=self._monotonic,
        )
        self.inbox.ensure()

    def _monotonic(self) -> float:
        self.meanwhile()
        return self.seconds

    def put(self, name: str, content: bytes = b"papers") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    async def after(self, seconds: float) -> list[str]:
        """The names given after so many seconds more."""
        self.seconds += seconds
        return [file.name for file in await self.inbox.settled()]

    async def given(self) -> Sequence[DailyFile]:
        await self.after(0)
        self.seconds += 5
        return await self.inbox.settled()

    def passed_over(self) -> dict[str, str]:
        return {skipped.where: skipped.why for skipped in self.inbox.skipped()}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
