"""Several mail servers, paces, and what is done with a doubt."""

from __future__ import annotations

from datetime import date

import pytest

from tests.config.reading import Read, problems
from worker.config.smtp import Domain
from worker.outcomes import (
    InDoubt,
)

RELAY = '[[relay]]\nname = "backup"\nhost = "mail.example.net"\n'


def test_one_server_without_limits_is_what_there_is_if_nobody_says_more(read: Read) -> None:
    settings = read("")
    assert settings.servers == (settings.smtp,)
    assert (settings.smtp.name, settings.smtp.weight) == ("smtp", 1)
    assert (settings.smtp.per_second, settings.smtp.per_hour, settings.smtp.per_day) == (0, 0, 0)
    assert (settings.in_doubt, settings.warm_up_from) == (InDoubt.RESEND, None)
    assert (settings.domain_connections, settings.domain_per_hour) == (2, 0)


def test_further_servers_have_the_keys_of_the_first_and_a_name(read: Read) -> None:
    settings = read(RELAY + "weight = 3\nper_day = 500\nper_second = 0.5\n")
    _, relay = settings.servers
    assert (relay.name, relay.host, relay.weight) == ("backup", "mail.example.net", 3)
    assert (relay.per_day, relay.per_second) == (500, 0.5)


def test_domains_have_the_usual_pace_but_for_what_they_say(read: Read) -> None:
    settings = read(
        "[delivery]\ndomain_connections = 3\ndomain_per_hour = 200\n"
        '[[domain]]\nname = "GMail.com"\nper_hour = 50\n'
        '[[domain]]\nname = "x.org"\nconnections = 1\n'
    )
    assert settings.domains == (Domain("gmail.com", 3, 50), Domain("x.org", 1, 200))


@pytest.mark.parametrize("day", ["2026-11-25", '"2026-11-25"'])
def test_a_warm_up_begins_on_a_day(read: Read, day: str) -> None:
    settings = read(f'[delivery]\nin_doubt = "hold"\nwarm_up_from = {day}\n')
    assert (settings.warm_up_from, settings.in_doubt) == (date(2026, 11, 25), InDoubt.HOLD)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[relay]]\nname = 'x'\n", "paperround.toml:1: host: is missing"),
        ("[[relay]]\nhost = 'x'\n", "paperround.toml:1: name: is missing"),
        (RELAY + RELAY, "paperround.toml:5: name: another server has this name already"),
        (RELAY.replace("backup", "smtp"), "another server has this name already"),
        (RELAY.replace("backup", "a b"), "must be up to 40 of"),
        (RELAY + 'tls = "none"\n', 'tls: "none" is for a server on this machine only'),
        (RELAY + 'password = "x"\n', "password: needs a username"),
        ('[delivery]\nwarm_up_from = "soon"\n', "warm_up_from: must be a day such as"),
        ('[delivery]\nin_doubt = "lose"\n', 'must be one of "resend", "hold"'),
        ('[[domain]]\nname = "com"\n', "name: must be a domain in ASCII"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(read: Read, text: str, told: str) -> None:
    found = problems(read, text)
    assert any(told in problem for problem in found), found
