from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Any

import pytest

from worker.mailer.settings import SmtpSettings, tls_context
from worker.mailer.smtp import SmtpMailer
from worker.model import Refused


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1", "LocalHost"])
def test_clear_text_is_for_this_machine(host: str) -> None:
    assert tls_context(SmtpSettings(host, 25, tls="none")) is None


@pytest.mark.parametrize(
    ("host", "changed", "word"),
    [
        ("mail.example.org", {"tls": "none"}, "this machine only"),
        ("10.0.0.1", {"tls": "none"}, "this machine only"),
        ("localhost.example.org", {"tls": "none"}, "this machine only"),
        ("127.0.0.1.example.org", {"tls": "none"}, "this machine only"),
        ("localhost", {"tls": "none", "username": "u", "password": "p"}, "never logs in"),
        ("mail.example.org", {"username": "u"}, "go together"),
        ("mail.example.org", {"username": "u", "password": ""}, "go together"),
        ("mail.example.org", {"password": "p"}, "go together"),
        ("", {}, "host"),
        ("mail.example.org\r\n", {}, "host"),
        ("bücher.ch", {}, "host"),
        ("mail.example.org", {"port": 0}, "port"),
        ("mail.example.org", {"port": 65536}, "port"),
        ("mail.example.org", {"connections": 0}, "connections"),
        ("mail.example.org", {"messages_per_connection": 0}, "messages_per_connection"),
        ("mail.example.org", {"local_hostname": "a b"}, "local_hostname"),
    ],
)
def test_unsafe_or_senseless_settings_do_not_exist(
    host: str, changed: dict[str, Any], word: str
) -> None:
    with pytest.raises(Refused, match=word) as refused:
        SmtpSettings(**{"host": host, "port": 25, **changed})
    assert refused.value.exit_code == os.EX_CONFIG
    assert "\n" not in str(refused.value)


def test_tls_always_checks_certificate_name_and_version() -> None:
    for tls in ("required", "implicit"):
        context = tls_context(SmtpSettings("mail.example.org", 587, tls=tls))
        assert context is not None
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_unusable_ca_file_is_refused_at_once(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(Refused, match=r"ca\.pem cannot be used") as refused:
        SmtpMailer(SmtpSettings("mail.example.org", 587, ca_file=str(file)))
    assert refused.value.exit_code == os.EX_CONFIG


def test_a_password_is_never_shown() -> None:
    settings = SmtpSettings("mail.example.org", 587, username="u", password="hunter2")
    assert "hunter2" not in repr(settings)
