"""The section [web]."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.config.settings import Settings, read_settings
from worker.config.web import Listen
from worker.model import Refused

MAIL = '[mail]\nfrom = "d@papers.lab-x.net"\nbase_url = "{}"\n'


def read(folder: Path, more: str = "", base_url: str = "https://papers.lab-x.net") -> Settings:
    config = folder / "paperround.toml"
    config.write_text(MAIL.format(base_url) + more)
    return read_settings(config, {}, folder)


def web(folder: Path, more: str) -> Settings:
    return read(folder, f"[web]\n{more}\n")


def test_without_it_there_is_no_site(tmp_path: Path) -> None:
    settings = read(tmp_path).web
    assert settings.listen is None
    assert settings.operator is None
    assert settings.proxies == ()
    assert (settings.confirmations_per_hour, settings.timezone) == (100, "UTC")


@pytest.mark.parametrize(
    ("written", "listen"),
    [
        ("127.0.0.1:8080", Listen("127.0.0.1", 8080)),
        ("0.0.0.0:0", Listen("0.0.0.0", 0)),
        ("[::1]:8080", Listen("::1", 8080)),
        ("", None),
    ],
)
def test_it_listens_at_an_address_and_a_port(
    tmp_path: Path, written: str, listen: Listen | None
) -> None:
    assert web(tmp_path, f'listen = "{written}"').web.listen == listen


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('listen = "8080"', 'must be an IP address and a port, such as "127.0.0.1:8080"'),
        ('listen = "localhost:8080"', "must be an IP address and a port"),
        ('listen = "127.0.0.1:65536"', "must be an IP address and a port"),
        ('listen = "127.0.0.1:８０"', "must be an IP address and a port"),
        ("listen = 8080", "must be"),
        ('operator = "0.0.0.0:8081"', "must be an address of this machine only"),
        ('proxies = "nginx"', "must be IP addresses or networks"),
        ('proxies = "10.0.0.1/8"', "must be IP addresses or networks"),
        ("confirmations_per_hour = 0", "must be"),
        ('timezone = "Mars/X"', "timezone"),
        ('timezone = "../../etc/passwd"', "timezone"),
        ("cookies = true", "unknown key 'cookies'; there are confirmations_per_hour, listen"),
    ],
)
def test_anything_else_is_refused_with_its_place(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(Refused) as refused:
        web(tmp_path, line)
    assert told in str(refused.value)


def test_proxies_are_addresses_and_networks(tmp_path: Path) -> None:
    settings = web(tmp_path, 'proxies = " 127.0.0.1,10.0.0.0/8 , fd00::/8"')
    assert settings.web.proxies == ("127.0.0.1/32", "10.0.0.0/8", "fd00::/8")


def warned(settings: Settings) -> list[str]:
    return [each for each in settings.warnings if each.startswith("[web]")]


def test_links_that_lead_nowhere_are_told_of(tmp_path: Path) -> None:
    (line,) = warned(read(tmp_path))
    assert line == (
        "[web] listen is not set: the links in the mail, also those to unsubscribe, lead to "
        "https://papers.lab-x.net, where nothing of this program answers"
    )
    assert warned(read(tmp_path, base_url="https://papers.example.org")) == []


def test_a_site_that_is_open_to_all_needs_tls_in_front(tmp_path: Path) -> None:
    (line,) = warned(web(tmp_path, 'listen = "0.0.0.0:80"\nproxies = "127.0.0.1"'))
    assert "a web server with TLS has to be in front of it" in line


def test_who_is_in_front_should_be_named(tmp_path: Path) -> None:
    (line,) = warned(web(tmp_path, 'listen = "127.0.0.1:8080"'))
    assert "[web] proxies is not set" in line
    assert warned(web(tmp_path, 'listen = "127.0.0.1:8080"\nproxies = "127.0.0.1"')) == []
    local = read(tmp_path, '[web]\nlisten = "127.0.0.1:8080"\n', "http://localhost:8080")
    assert warned(local) == []
