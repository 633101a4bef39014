"""The DNS records that an installation needs."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import dkim
import pytest

from tests.made import NOON
from tests.signing import DOMAIN, both, verdicts
from worker.core.dkim import Signing
from worker.core.dnsnotes import notes
from worker.core.dnsrecords import Record, Sending, records

SENDING = Sending(
    from_domain=DOMAIN,
    bounce_domain=DOMAIN,
    reply_to="editor@example.org",
    base_url="https://papers.example.org",
    hosts=("mail.example.net",),
    signing=both(),
)


def named(sending: Sending) -> dict[tuple[str, str], str]:
    return {
        (record.name, record.why.partition(":")[0]): record.value for record in records(sending)
    }


def test_the_records_are_spf_two_of_dkim_dmarc_and_mx() -> None:
    assert [(one.name, one.kind, one.value[:20]) for one in records(SENDING)] == [
        ("example.org", "TXT", "v=spf1 a:mail.exampl"),
        ("test-rsa._domainkey.example.org", "TXT", "v=DKIM1; k=rsa; p=MI"),
        ("test-ed25519._domainkey.example.org", "TXT", "v=DKIM1; k=ed25519; "),
        ("_dmarc.example.org", "TXT", "v=DMARC1; p=none; ru"),
        ("example.org", "MX", "10 mail.example.org."),
    ]


def test_a_receiver_who_reads_the_zone_lines_finds_the_signatures_good() -> None:
    """As a name server does it: the strings of a record are joined."""
    zone = {}
    for record in records(SENDING):
        name, rest = record.zone_line.split(". 3600 IN TXT ") if record.kind == "TXT" else ("", "")
        zone[name] = "".join(re.findall(r'"([^"]*)"', rest))
    message = both().signed(b"From: a@example.org\r\n\r\nHello\r\n", NOON)
    assert verdicts(message, zone) == [True, True]


def test_no_string_of_a_record_is_longer_than_dns_takes_and_together_they_are_the_value() -> None:
    for record in records(SENDING):
        assert max(map(len, record.strings)) <= 255
        assert "".join(record.strings) == record.value
    rsa = records(SENDING)[1]
    assert len(rsa.strings) == 2
    assert rsa.zone_line.count('" "') == 1


@pytest.mark.parametrize(
    ("hosts", "value"),
    [
        (("localhost",), "v=spf1 a mx ~all"),
        (("127.0.0.1", "localhost"), "v=spf1 a mx ~all"),
        (("192.0.2.7",), "v=spf1 ip4:192.0.2.7 ~all"),
        (("2001:db8::7",), "v=spf1 ip6:2001:db8::7 ~all"),
        (("a.example.net", "b.example.net"), "v=spf1 a:a.example.net a:b.example.net ~all"),
    ],
)
def test_spf_allows_each_server_once(hosts: tuple[str, ...], value: str) -> None:
    assert named(replace(SENDING, hosts=hosts))["example.org", "SPF"] == value


def test_spf_and_mx_are_for_where_the_bounces_go_and_dmarc_for_what_readers_see() -> None:
    apart = replace(SENDING, bounce_domain="bounce.example.org")
    assert [name for name, what in named(apart) if what in ("SPF", "MX")] == [
        "bounce.example.org"
    ] * 2
    assert ("_dmarc.example.org", "DMARC") in named(apart)
    assert not any("readers see" in note for note in notes(apart))
    other = replace(SENDING, bounce_domain="bounces.example.net")
    (note,) = [note for note in notes(other) if "readers see" in note]
    assert "bounces.example.net" in note


@pytest.mark.parametrize("reply_to", ["a@example.org", "a@lab.example.org"])
def test_reports_within_the_domain_need_nobodys_consent(reply_to: str) -> None:
    within = records(replace(SENDING, reply_to=reply_to))
    assert not any("_report" in record.name for record in within)


@pytest.mark.parametrize("reply_to", ["a@example.net", "a@notexample.org"])
def test_reports_to_another_domain_need_its_consent(reply_to: str) -> None:
    domain = reply_to.partition("@")[2]
    told = named(replace(SENDING, reply_to=reply_to))
    assert told[f"example.org._report._dmarc.{domain}", "DMARC"] == "v=DMARC1"


def test_an_address_of_odd_signs_breaks_no_record() -> None:
    """RFC 7489, 6.2: a comma or an exclamation mark would mean something there."""
    odd = named(replace(SENDING, reply_to="a!b+c{}%@example.org"))
    assert odd["_dmarc.example.org", "DMARC"].endswith("rua=mailto:a%21b+c%7B%7D%25@example.org")


def test_the_notes_tell_what_no_record_can() -> None:
    def first_words(sending: Sending) -> list[str]:
        return [note.partition(":")[0] for note in notes(sending)]

    assert first_words(SENDING) == ["SPF", "DMARC", "reverse DNS", "TLS", "one-click"]
    assert "DKIM" in first_words(replace(SENDING, signing=None))
    assert "not offered" in notes(replace(SENDING, base_url="http://localhost"))[-1]


def test_without_keys_there_is_no_dkim_record() -> None:
    for signing in (None, Signing(DOMAIN, ())):
        assert not [
            name for name, _ in named(replace(SENDING, signing=signing)) if "_domainkey" in name
        ]


def test_the_public_keys_are_in_the_forms_of_their_rfcs() -> None:
    told = named(SENDING)
    rsa = told["test-rsa._domainkey.example.org", "DKIM"].partition("p=")[2]
    parsed = dkim.crypto.parse_public_key(base64.b64decode(rsa))
    assert parsed["modulus"].bit_length() == 2048
    ed25519 = told["test-ed25519._domainkey.example.org", "DKIM"].partition("p=")[2]
    assert len(base64.b64decode(ed25519)) == 32


def test_a_short_record_is_one_string() -> None:
    assert Record("x.org", "TXT", "v=DMARC1", "").zone_line == 'x.org. 3600 IN TXT "v=DMARC1"'
