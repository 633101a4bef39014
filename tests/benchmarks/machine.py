"""What a process has of the machine, as Linux tells: for figures that are to be believed."""

from __future__ import annotations

import os
from pathlib import Path


def used(pid: int) -> float:
    """Seconds of processor time of a process and its children that ended."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")


def kept_waiting(pid: int) -> float:
    """Seconds that its threads could have run and others had the processors: a busy machine."""
    waits = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(each.read_text().split()[1]) for each in waits) / 1e9


def busy() -> str:
    return "load average " + " ".join(f"{each:.1f}" for each in os.getloadavg())
