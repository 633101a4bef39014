"""The shape of the whole is kept by machines."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent


@pytest.mark.parametrize(
    "tool",
    [
        ("ruff", "check", "worker", "tests"),
        ("ruff", "format", "--check", "worker", "tests"),
        ("mypy",),
    ],
    ids=" ".join,
)
def test_the_tools_find_nothing(tool: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, "-m", *tool], cwd=TOP, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_imports_go_down_only() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=TOP, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_package_imports_anything_for_others() -> None:
    assert [str(init) for init in TOP.glob("worker/**/__init__.py") if init.read_text()] == []


def test_no_pattern_repeats_a_group_possessively() -> None:
    """Python 3.11.2, Debian 12's, fails at ``(…)*+`` (gh-106052); at ``(?>(…)*)`` it does not."""
    modules = [(path, path.read_text()) for path in TOP.glob("worker/**/*.py")]
    lines = [f"{path}: {line}" for path, text in modules for line in text.splitlines()]
    assert [line for line in lines if re.search(r"\)(?:[*+?]|\{[\d,]+\})\+", line)] == []


@pytest.mark.parametrize(
    ("library", "least"),
    [
        ("aiosmtplib", (5, 1, 3)),  # the STARTTLS desynchronisation
        ("Jinja2", (3, 1, 6)),  # sandbox escapes
        ("APScheduler", (3, 11, 3)),
        ("aiosmtpd", (1, 4, 6)),
    ],
)
def test_no_library_is_older_than_its_last_known_hole(library: str, least: tuple[int, ...]) -> None:
    assert tuple(int(part) for part in version(library).split(".")[:3]) >= least


def test_the_core_is_covered_whole_by_its_own_tests(tmp_path: Path) -> None:
    """Every line and branch of the pure part, without help from the tests of the rest."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "tests/core", "-p", "no:cacheprovider"),
            *("--hypothesis-profile=brief", "--cov=worker.core", "--cov-branch"),
            *("--cov-report=term-missing:skip-covered", "--cov-fail-under=100"),
        ],
        cwd=TOP,
        env={**os.environ, "COVERAGE_FILE": str(tmp_path / "coverage")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
