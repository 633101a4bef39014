"""[store] ledger: a file, or a database whose password shows nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.reading import Read, problems
from worker.config.settings import read_settings
from worker.config.store import Postgres


def store(ledger: str, more: str = "") -> str:
    return f'[store]\nledger = "{ledger}"\n{more}'


def test_without_a_word_the_ledger_is_a_file(read: Read, tmp_path: Path) -> None:
    settings = read(store("lists/ledger.db"))
    assert (settings.ledger, settings.database) == (tmp_path / "lists/ledger.db", None)


@pytest.mark.parametrize(
    ("url", "database"),
    [
        (
            "postgresql://rounds@db.example.org/papers",
            Postgres("db.example.org", 5432, "papers", "rounds", None, None),
        ),
        (
            "postgres://rounds:a%40b@[2001:db8::1]:6543/pa%20pers",
            Postgres("2001:db8::1", 6543, "pa pers", "rounds", "a@b", None),
        ),
        (
            "postgresql://rounds@/papers?host=/var/run/postgresql",
            Postgres("/var/run/postgresql", 5432, "papers", "rounds", None, None),
        ),
        (
            "postgresql:///papers?host=/run",
            Postgres("/run", 5432, "papers", None, None, None),
        ),
        (
            "postgresql://db.example.org/papers?sslrootcert=/etc/ca.pem",
            Postgres("db.example.org", 5432, "papers", None, None, Path("/etc/ca.pem")),
        ),
    ],
)
def test_a_url_names_a_database(read: Read, url: str, database: Postgres) -> None:
    assert read(store(url)).database == database
    assert read("", PAPERROUND_STORE_LEDGER=url).database == database


def test_a_file_of_authorities_lies_below_the_data(read: Read, tmp_path: Path) -> None:
    settings = read(store("postgresql://db.example.org/papers?sslrootcert=ca.pem"))
    assert settings.database is not None
    assert settings.database.ca_file == tmp_path / "ca.pem"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u@db.example.org/papers",
        "postgresql+asyncpg://db.example.org/papers",
        "postgresql://db.example.org",
        "postgresql://db.example.org/",
        "postgresql://db.example.org/a/b",
        "postgresql:///papers",
        "postgresql:///papers?host=db.example.org",
        "postgresql:///papers?host=/run&host=/tmp",
        "postgresql://db.example.org/papers?host=/run",
        "postgresql://db.example.org:port/papers",
        "postgresql://db.example.org:99999/papers",
        "postgresql://db.example.org/papers?sslmode=disable",
        "postgresql://db.example.org/papers?sslrootcert",
        "postgresql://db.example.org/papers?sslrootcert=a&sslrootcert=b",
        "postgresql://db.example.org/papers#here",
        "postgresql://db_example.org/papers",
        "postgresql://db.example.org/pa%00pers",
        "postgresql://u:hunter2@[db/papers",
    ],
)
def test_what_is_no_such_url_is_refused_without_repeating_it(read: Read, url: str) -> None:
    (told,) = problems(read, store(url))
    assert told.startswith("paperround.toml:2: [store] ledger: must be ")
    assert "hunter2" not in told
    assert "papers?" not in told


def test_the_password_is_given_in_one_of_four_places(read: Read, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    (tmp_path / "secret").chmod(0o600)
    url = "postgresql://u@db.example.org/papers"
    in_url = url.replace("u@", "u:in-url@")
    cases: tuple[tuple[str, dict[str, str], str], ...] = (
        (store(in_url), {}, "in-url"),
        (store(url, "ledger_password = 'inline'"), {}, "inline"),
        (store(url, "ledger_password_file = 'secret'"), {}, "from a file"),
        (store(url), {"PAPERROUND_STORE_LEDGER_PASSWORD": "env"}, "env"),
    )
    for text, environ, password in cases:
        database = read(text, **environ).database
        assert database is not None
        assert database.password == password
        assert password not in f"{database} {database!r} {read(text, **environ)!r}"


def test_a_password_twice_is_refused(read: Read) -> None:
    url = "postgresql://u:hunter2@db.example.org/papers"
    (told,) = problems(read, store(url, "ledger_password = 'other'"))
    assert told.endswith("holds a password, beside ledger_password; keep one of them")
    assert "hunter2" not in told


def test_a_password_for_a_file_is_refused(read: Read) -> None:
    (told,) = problems(read, "[store]\nledger_password = 'hunter2'\n")
    assert told.endswith("is for a ledger on PostgreSQL; set ledger")


@pytest.mark.parametrize(
    "text",
    [
        store("postgresql://u:hunter2@db.example.org/papers"),
        store("postgresql://u@db.example.org/papers", "ledger_password = 'hunter2'"),
    ],
)
def test_a_password_that_anybody_can_read_is_warned_of(tmp_path: Path, text: str) -> None:
    file = tmp_path / "paperround.toml"
    file.write_text(text)
    for mode, warned in ((0o644, [True]), (0o600, [])):
        file.chmod(mode)
        told = [line for line in read_settings(file, {}, tmp_path).warnings if "password" in line]
        assert ["hunter2" not in line for line in told] == warned
