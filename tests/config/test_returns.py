"""Where mail that comes back is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.reading import Read, problems
from worker.config.returns import Imap, Returns

LOGIN = "imap_host = 'imap.example.org'\nimap_username = 'u'\nimap_password = 'p'\n"


def test_nothing_is_looked_into_unless_it_is_set(read: Read) -> None:
    settings = read("")
    assert settings.returns == Returns(None, None, None, every_minutes=5)
    assert settings.commands == ""


def test_more_than_one_place_may_be_set(read: Read, tmp_path: Path) -> None:
    text = f"[returns]\nmaildir = 'mail'\nmbox = '/var/mail/x'\nevery_minutes = 1\n{LOGIN}"
    imap = Imap("imap.example.org", 993, "implicit", "u", "p", "INBOX", None)
    assert read(text).returns == Returns(tmp_path / "mail", Path("/var/mail/x"), imap, 1)


@pytest.mark.parametrize(
    ("lines", "port"), [("", 993), ("imap_tls = 'required'", 143), ("imap_port = 1993", 1993)]
)
def test_the_port_is_the_usual_one_of_the_way_to_encrypt(read: Read, lines: str, port: int) -> None:
    imap = read(f"[returns]\n{LOGIN}{lines}").returns.imap
    assert imap
    assert imap.port == port


def test_the_password_comes_from_one_of_three_places_and_shows_nowhere(
    read: Read, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    (tmp_path / "secret").chmod(0o600)
    text = "[returns]\nimap_host = 'x.org'\nimap_username = 'u'\nimap_password_file = 'secret'"
    by_file = read(text).returns.imap
    by_variable = read(text, PAPERROUND_RETURNS_IMAP_PASSWORD="from outside").returns.imap
    assert by_file
    assert by_variable
    assert (by_file.password, by_variable.password) == ("from the file", "from outside")
    assert "from" not in repr(by_file)


def test_a_password_that_anybody_can_read_is_warned_of(read: Read, tmp_path: Path) -> None:
    assert not any("password" in line for line in read(f"[returns]\n{LOGIN}").warnings)
    (tmp_path / "secret").write_text("p")
    (tmp_path / "secret").chmod(0o644)
    text = "[returns]\nimap_host = 'x.org'\nimap_username = 'u'\nimap_password_file = 'secret'"
    assert "anybody on this machine can read the password" in read(text).warnings[0]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            "imap_host = 'x.org'",
            ["imap_host: needs imap_username", "imap_host: needs imap_password"],
        ),
        ("imap_username = 'u'", ["imap_username: needs imap_host"]),
        ("imap_password = 'p'", ["imap_password: needs imap_host"]),
        (f"{LOGIN}imap_tls = 'none'", ['imap_tls: "none" is for a server on this machine only']),
        (f"{LOGIN}imap_tls = 'maybe'", ['must be one of "implicit", "required", "none"']),
        (f"{LOGIN}imap_folder = ''", ["must be the name of a folder"]),
        (f"{LOGIN}imap_folder = 'Größe'", ["must be the name of a folder"]),
        (f"{LOGIN}imap_password_file = 'x'", ["given beside imap_password_file", "cannot be read"]),
        ("imap_host = 'x.org:993'", ["without a port"]),
        ("every_minutes = 0", ["a whole number from 1 to 1440"]),
        ("maildir = '~/Mail'", ["without ~"]),
    ],
)
def test_what_cannot_work_is_refused(read: Read, lines: str, told: list[str]) -> None:
    found = problems(read, f"[returns]\n{lines}")
    assert len(found) == len(told)
    for each in told:
        assert any(each in line for line in found)


def test_on_this_machine_no_tls_is_needed(read: Read) -> None:
    text = f"[returns]\n{LOGIN}imap_tls = 'none'".replace("imap.example.org", "localhost")
    imap = read(text).returns.imap
    assert imap
    assert imap.port == 143


def test_the_mailbox_for_commands_may_be_that_for_unsubscribing(read: Read) -> None:
    text = "[mail]\nunsubscribe = 'digest@x.org'\ncommands = 'digest@x.org'"
    assert read(text).commands == "digest@x.org"
