"""Addresses that are nobody's own (B57)."""

from __future__ import annotations

import pytest

from worker.core.roles import refused

OURS = ("digest@example.org", "unsub@example.org", "cmd@example.org", "b@bounce.example.org")


@pytest.mark.parametrize(
    "address",
    [
        "postmaster@x.org",
        "Postmaster@X.org",
        "abuse@x.org",
        "abuse+digest@x.org",
        "mailer-daemon@x.org",
        "MAILER-DAEMON@x.org",
        "noreply@x.org",
        "no-reply@x.org",
        "noreply-1234@x.org",
        "hostmaster@x.org",
        "webmaster@x.org",
        "root@x.org",
        "majordomo@x.org",
        "papers-request@x.org",
        "papers-owner@x.org",
        "papers-bounces@x.org",
        "papers-bounces+ann=y.org@x.org",
        "papers-unsubscribe@x.org",
        "owner-papers@x.org",
    ],
)
def test_an_office_a_program_or_a_list_cannot_be_subscribed(address: str) -> None:
    assert refused(address, OURS)


@pytest.mark.parametrize(
    "address",
    [*OURS, "Digest@Example.org", "unsub+0123456789@example.org", "b+token@bounce.example.org"],
)
def test_what_we_send_and_read_with_cannot_be_subscribed(address: str) -> None:
    assert refused(address, OURS)


@pytest.mark.parametrize(
    "address",
    [
        "ann@x.org",
        "ann+root@x.org",
        "digest@x.org",  # of another domain than ours
        "ann@example.org",
        "rooter@x.org",
        "owner@x.org",
        "request@x.org",
        "abuse.lee@x.org",
        "ann@postmaster.org",
        "news@x.org",
        "+@x.org",
    ],
)
def test_a_person_can(address: str) -> None:
    assert not refused(address, OURS)
