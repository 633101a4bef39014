"""How far each fetch has come: a small file each, so that no two of them wait for one another."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from worker import durable
from worker.core.fetching import Progress
from worker.model import Refused

_progress = msgspec.json.Decoder(Progress)


class FolderFetches:
    """The port ``Fetches`` on a folder of JSON files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def progress(self, name: str) -> Progress:
        """Raises Refused if the file is damaged."""
        path = self._path(name)
        try:
            return _progress.decode(path.read_bytes())
        except FileNotFoundError:
            return Progress()
        except (msgspec.DecodeError, OSError) as error:
            line = f"{path} cannot be read ({type(error).__name__}): remove it to begin anew"
            raise Refused(line, os.EX_TEMPFAIL) from None

    async def note(self, name: str, progress: Progress) -> None:
        """Raises Refused if it cannot be written."""
        try:
            durable.make_folder(self._folder)
            durable.write(self._path(name), msgspec.json.encode(progress))
        except OSError as error:
            line = f"{self._path(name)} cannot be written: {error.strerror}: see to its rights"
            raise Refused(line, os.EX_TEMPFAIL) from error

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"
