"""Whether strace is here, and may trace."""

from __future__ import annotations

import os
import subprocess

import pytest


def _may_trace() -> bool:
    try:
        command = ["strace", "-qq", "-o", os.devnull, "true"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


traced = pytest.mark.skipif(not _may_trace(), reason="strace is missing, or may not trace here")
