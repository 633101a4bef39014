"""Brings the schema to the newest revision, in the transaction of the caller."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).with_name("migrations")

_turn = threading.Lock()  # what Alembic is at work on, it keeps in a global variable


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing. Nothing is committed here."""
    config = _config()
    config.attributes["connection"] = connection
    with _turn:
        command.upgrade(config, "head")


def revisions() -> set[str]:
    """Every revision that this program knows."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return {script.revision for script in scripts}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
