"""A configuration written for one test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.reading import Read
from worker.config.settings import Settings, read_settings


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read this text as the configuration, with these variables set."""

    def read(text: str | bytes, **environ: str) -> Settings:
        file = tmp_path / "paperround.toml"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        file.chmod(0o600)
        return read_settings(file, environ, tmp_path)

    return read
