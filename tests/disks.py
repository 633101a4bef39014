"""Small disks, really mounted: that takes root, and a kernel that lets us."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _mounted(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    ours = ",".join(("mode=700", *options))  # the data folder is nobody else's
    command = ["mount", "-t", "tmpfs", "-o", ours, "none", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@contextmanager
def disk(folder: Path, *options: str) -> Iterator[Path]:
    """A file system of its own in that folder; ``size=4m``, ``nr_inodes=30`` limit it."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        pytest.skip("mounting a disk takes root")
    done = _mounted(folder, "mode=0700", *options)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def remount(folder: Path, option: str) -> None:
    """Mount it again, as ``ro`` or ``rw``."""
    subprocess.run(["mount", "-o", f"remount,{option}", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Fill the disk to the last byte; gives the file to remove to make room again."""
    filler = folder / "filler"
    descriptor = os.open(filler, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with contextlib.suppress(OSError):
        for piece in (2**20, 2**12, 1):
            with contextlib.suppress(OSError):
                while os.write(descriptor, bytes(piece)):
                    pass
    os.close(descriptor)
    return filler
