"""F25: a data folder that is not ours alone to write is refused, with its path and mode."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installation import Installation, subscriber
from tests.made import SEEDS
from worker import premises
from worker.cli.main import run
from worker.model import Refused

SEED = str(SEEDS / "2025-09-08.txt")
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may act as somebody else")


def test_init_makes_the_folder_for_its_owner_only(tmp_path: Path) -> None:
    data = tmp_path / "data"
    before = os.umask(0)
    try:
        assert run(["--data", str(data), "init"]) == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


@pytest.mark.parametrize("command", [("init",), ("ingest", SEED), ("run",)], ids=" ".join)
def test_a_folder_that_anybody_may_write_is_refused_with_its_mode(
    tmp_path: Path, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    assert run(["--data", str(data), "init"]) == 0
    data.chmod(0o777)
    before = sorted(data.rglob("*"))
    capsys.readouterr()
    assert run(["--data", str(data), *command]) == os.EX_NOPERM
    complaint = capsys.readouterr().err
    assert f"{data}: mode 0777" in complaint
    assert complaint.count("\n") == 1
    assert sorted(data.rglob("*")) == before


def test_what_lies_where_the_folder_should_be_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(Refused, match="data: cannot be made") as refused:
        premises.ready(tmp_path / "data")
    assert refused.value.exit_code == os.EX_CANTCREAT


@as_root
def test_the_folder_of_somebody_else_is_refused_even_to_root(tmp_path: Path) -> None:
    """Root could write there; the files it left, the daemon could not read."""
    data = tmp_path / "data"
    data.mkdir(0o700)
    os.chown(data, NOBODY, NOBODY)
    with pytest.raises(Refused, match=f"mode 0700, owner {NOBODY}") as refused:
        premises.ready(data)
    assert refused.value.exit_code == os.EX_NOPERM


@as_root
def test_a_folder_that_cannot_be_written_is_refused_with_its_mode(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(0o700)
    tmp_path.chmod(0o755)
    data.chmod(0o755)
    script = (
        "import os; from pathlib import Path; from worker import premises; "
        f"os.setgid({NOBODY}); os.setuid({NOBODY}); premises.ready(Path({str(data)!r}))"
    )
    for parent in data.parents:  # reachable, so that it is this folder that is refused
        if parent.stat().st_mode & 0o001 == 0:
            parent.chmod(parent.stat().st_mode | 0o001)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "data: mode 0755, owner 0: it cannot be written" in done.stderr


async def test_a_daemon_does_not_begin_where_anybody_may_write(tmp_path: Path) -> None:
    installation = Installation(tmp_path, 1, subscriber("a@example.org"))
    installation.data.chmod(0o1777)
    code, _, complaint = await installation.command("run")
    assert (code, complaint.count("\n")) == (os.EX_NOPERM, 1)
    assert not (installation.data / "ledger.db").exists()
