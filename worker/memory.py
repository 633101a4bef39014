"""What is remembered of the watched files from one look to the next. Touches no disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from worker.core.settle import (
    MANIFEST,
    PATIENCE,
    PROMISE,
    TRIES,
    WISH,
    Mark,
    Sighting,
    readable,
    settled,
    sighted,
)
from worker.folder import Scan

_NOTHING: Final = Scan(device=0)


@dataclass(frozen=True, slots=True)
class Sign:
    """All that can change about a file: itself, its manifest, whether it was promised."""

    mark: Mark
    manifest: Mark | None
    promised: bool


class Memory:
    """Of the files of the last scan. Seconds are monotonic; a name is as in the folder."""

    def __init__(self) -> None:
        self._scan = _NOTHING
        self._sightings: dict[str, Sighting] = {}
        self._manifests: dict[str, Sighting] = {}
        self._names: dict[str, str] = {}  # as given out → as it is in the folder
        self._held: dict[str, Sign] = {}
        self._tries: dict[str, tuple[Mark, int]] = {}
        self._granted: dict[str, Mark] = {}

    def see(self, scan: Scan, now: float) -> None:
        """Take note of a scan, and forget what is gone."""
        self._scan = scan
        self._sightings = sighted(self._sightings, scan.files, now)
        self._manifests = sighted(self._manifests, scan.manifests, now)
        self._names = {readable(name): name for name in scan.files}
        self._held = {name: sign for name, sign in self._held.items() if name in scan.files}
        self._tries = {name: tried for name, tried in self._tries.items() if name in scan.files}
        self._granted = {name: mark for name, mark in self._granted.items() if name in scan.files}

    def complete(self, now: float, settle: float) -> list[str]:
        """The names of the files that are complete and not held, the oldest first."""
        beside = {name.removesuffix(PROMISE) for name in self._scan.beside}
        promised = beside | {name.removesuffix(MANIFEST) for name in self._scan.manifests}
        found = settled(self._sightings, promised, now, settle)
        return [name for name in found if self._is_due(name, now)]

    def mark(self, name: str) -> Mark:
        """The file as it was scanned."""
        return self._sightings[name].mark

    def name_of(self, given: str) -> str | None:
        """The name in the folder of what was given out under a readable one."""
        return self._names.get(given)

    def is_wished(self, name: str) -> bool:
        """Whether it is to be read once more, and was not yet."""
        return name + WISH in self._scan.beside and self._granted.get(name) != self.mark(name)

    def has_manifest(self, name: str) -> bool:
        """Whether a file lies beside it that says its hash."""
        return name + MANIFEST in self._scan.manifests

    def is_growing(self, now: float, settle: float) -> bool:
        """Whether any file is not settled yet."""
        return any(now - one.since < settle for one in self._sightings.values())

    def grant(self, name: str) -> None:
        """It was read once more: that wish is fulfilled, though it may not have gone yet."""
        self._granted[name] = self.mark(name)

    def hold(self, name: str, now: float) -> bool:
        """Leave it until something changes, or for as long as we have patience; False: it had."""
        if now - self._since(name) >= PATIENCE:
            return False
        self._held[name] = self._sign(name)
        return True

    def is_promised(self, name: str) -> bool:
        """Whether its writer said, in whatever way, that it is complete."""
        return name + PROMISE in self._scan.beside or self.has_manifest(name)

    def try_again(self, name: str) -> bool:
        """Count one try; False if it was the last."""
        mark, tries = self._tries.get(name, (self.mark(name), 0))
        tries = tries + 1 if mark == self.mark(name) else 1
        self._tries[name] = (self.mark(name), tries)
        return tries < TRIES

    def _is_due(self, name: str, now: float) -> bool:
        held = self._held.get(name)
        return held is None or held != self._sign(name) or now - self._since(name) >= PATIENCE

    def _sign(self, name: str) -> Sign:
        manifest = self._manifests.get(name + MANIFEST)
        promised = name + PROMISE in self._scan.beside
        return Sign(self.mark(name), manifest.mark if manifest else None, promised)

    def _since(self, name: str) -> float:
        """Since when the file and its manifest are as they are."""
        manifest = self._manifests.get(name + MANIFEST)
        since = self._sightings[name].since
        return max(since, manifest.since) if manifest else since
