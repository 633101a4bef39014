"""Who works in a data folder: one daemon, or commands that take turns."""

from __future__ import annotations

import contextlib
import fcntl
from pathlib import Path

import pytest

from worker import turns
from worker.turns import Locked, daemon_runs, running


def test_the_daemon_is_seen_while_it_runs_and_not_after(tmp_path: Path) -> None:
    assert not daemon_runs(tmp_path)
    with running(tmp_path):
        assert daemon_runs(tmp_path)
        with pytest.raises(Locked), running(tmp_path):
            raise AssertionError("two daemons run")
    assert not daemon_runs(tmp_path)


def test_nobody_who_looks_is_taken_for_the_daemon(tmp_path: Path) -> None:
    with contextlib.ExitStack() as looking:
        for _ in range(3):
            assert looking.enter_context(turns._lock(tmp_path, fcntl.LOCK_SH))
        assert not daemon_runs(tmp_path)
