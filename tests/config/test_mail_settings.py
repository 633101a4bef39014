"""Links that work, a login that stays a secret (B81, B82)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.reading import SITE, Read, problems
from worker.config.settings import read_settings
from worker.config.values import base_url

# --- the address of the links -----------------------------------------------


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://papers.example.org/", "https://papers.example.org"),
        ("https://example.org/papers", "https://example.org/papers"),
        ("https://192.0.2.1:8443", "https://192.0.2.1:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("https://" + "x" * 21 + ".org", "https://" + "x" * 21 + ".org"),
    ],
)
def test_the_address_of_the_links_is_kept_without_a_slash_at_its_end(
    written: str, kept: str
) -> None:
    assert base_url(written) == kept
    assert len(f"{kept}/u/{'t' * 34}") <= 70


@pytest.mark.parametrize(
    "written",
    [
        "", "papers.example.org", "http://papers.example.org", "ftp://localhost", "https://",
        "http://192.0.2.1",
        "https:///u", "https://bücher.example", "https://u:p@x.org", "https://x.org?a=b",
        "https://x.org#a", "https://x.org/a b", "https://x.org:99999", "https://x.org:",
        "https://x.org/..//a", "https://[::1", "javascript:alert(1)", "https://x.org\\@y.org",
        "https://x.org\nBcc: v", "http://localhost.example.org", "http://127.0.0.1.example.org",
    ],
)  # fmt: skip
def test_an_address_that_would_make_bad_links_is_refused(read: Read, written: str) -> None:
    (told,) = problems(read, "[mail]\n", PAPERROUND_MAIL_BASE_URL=written or "/")
    assert told.startswith("PAPERROUND_MAIL_BASE_URL: must be ")


def test_an_address_too_long_for_a_line_is_refused_with_the_length_it_may_have(
    read: Read,
) -> None:
    path = "/x" * 100
    (told,) = problems(read, f"mail.base_url = 'https://x.org{path}'")
    assert "at most 200 characters" in told
    assert told.endswith("it has 213")


def test_an_address_that_makes_links_longer_than_usual_is_warned_of(read: Read) -> None:
    sender = f"{SITE}mail.from = 'a@x.org'"
    assert read(f"{sender}\nmail.base_url = 'https://{'x' * 21}.org'").warnings == ()
    (warning,) = read(f"{sender}\nmail.base_url = 'https://{'x' * 22}.org'").warnings
    assert "longer than 33 characters" in warning


# --- secrets ----------------------------------------------------------------


def test_the_password_comes_from_the_environment_then_its_file_then_the_configuration(
    read: Read, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text(f"from {name}\r\n")
        (tmp_path / name).chmod(0o600)
    inline = "[smtp]\nusername = 'u'\npassword = 'inline'\n"
    file = "[smtp]\nusername = 'u'\npassword_file = 'one'\n"
    assert read(inline).smtp.password == "inline"
    assert read(file).smtp.password == "from one"
    assert read(inline, PAPERROUND_SMTP_PASSWORD="").smtp.password == "inline"
    for text in (inline, file):
        assert read(text, PAPERROUND_SMTP_PASSWORD="env").smtp.password == "env"
        assert read(text, PAPERROUND_SMTP_PASSWORD_FILE="two").smtp.password == "from two"


def test_a_password_in_two_ways_in_one_place_is_refused(read: Read, tmp_path: Path) -> None:
    (tmp_path / "one").write_text("x")
    (tmp_path / "one").chmod(0o600)
    both = "[smtp]\nusername = 'u'\npassword = 'a'\npassword_file = 'one'"
    told = "given beside password_file; keep one of them"
    assert problems(read, both) == [f"paperround.toml:3: [smtp] password: {told}"]
    twice = {"PAPERROUND_SMTP_PASSWORD": "a", "PAPERROUND_SMTP_PASSWORD_FILE": "one"}
    assert problems(read, "smtp.username = 'u'", **twice) == [f"PAPERROUND_SMTP_PASSWORD: {told}"]


@pytest.mark.parametrize("content", [None, b"", b"\n", b"a\nb", b"a\0b", b"\xff", b"x" * 5000])
def test_a_password_file_that_holds_no_password_is_refused(
    read: Read, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    (told,) = problems(read, "[smtp]\nusername = 'u'\npassword_file = 'secret'")
    assert told.startswith("paperround.toml:3: [smtp] password_file: ")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            "host = 'mail.example.org'\ntls = 'none'",
            '3: [smtp] tls: "none" is for a server on this machine',
        ),
        (
            "tls = 'none'\nusername = 'u'\npassword = 'p'",
            "3: [smtp] username: would be sent in clear",
        ),
        (
            "host = '192.0.2.1'\ntls = 'none'",
            '3: [smtp] tls: "none" is for a server on this machine',
        ),
        ("username = 'u'", "2: [smtp] username: needs a password"),
        ("password = 'p'", "2: [smtp] password: needs a username"),
    ],
)
def test_a_login_that_would_be_unsafe_or_senseless_is_refused(
    read: Read, lines: str, told: str
) -> None:
    (line,) = problems(read, f"[smtp]\n{lines}\n")
    assert line.startswith(f"paperround.toml:{told}")


def test_no_secret_is_ever_shown(read: Read) -> None:
    login = "[smtp]\nusername = 'u'\npassword = 'hunter2'\n"
    settings = read(login)
    assert settings.smtp.password == "hunter2"
    assert "hunter2" not in f"{settings} {settings!r} {settings.smtp!r}"
    told = problems(
        read, login + "port = 'x'\npasword = 'hunter2'", PAPERROUND_SMTP_PASSWORD="hunter2\n"
    )
    assert len(told) == 3
    assert "hunter2" not in "".join(told)
    assert "hunter2" not in problems(read, "[smtp]\npassword = 'hunter2")[0]


def test_a_password_that_anybody_can_read_is_warned_of(tmp_path: Path) -> None:
    config, secret = tmp_path / "paperround.toml", tmp_path / "secret"
    secret.write_text("x")
    for text, file in (
        ("[smtp]\nusername = 'u'\npassword = 'x'", config),
        ("[smtp]\nusername = 'u'\npassword_file = 'secret'", secret),
    ):
        config.write_text(f"{SITE}[mail]\nfrom = 'a@x.org'\nbase_url = 'https://x.org'\n{text}")
        file.chmod(0o644)
        (warning,) = read_settings(config, {}, tmp_path).warnings
        assert warning == f"{file}: anybody on this machine can read the password; chmod 600 it"
        file.chmod(0o640)
        assert read_settings(config, {}, tmp_path).warnings == ()


def test_what_is_still_the_example_is_warned_of_once_mail_leaves_the_machine(read: Read) -> None:
    server = f"{SITE}[smtp]\nhost = 'mail.example.com'\n"
    warnings = read(server).warnings
    assert [warning.split()[1] for warning in warnings] == ["from", "base_url"]
    own = "[mail]\nfrom = 'a@example.com'\nbase_url = 'https://example.com'"
    assert read(server + own).warnings == ()
