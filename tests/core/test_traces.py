"""What the limits count by, and what may be kept of a network (B56, B60)."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import KEY
from worker.core.traces import folded, shortened, traces

PEER = "192.0.2.77"


@pytest.mark.parametrize(
    "spelling",
    [
        "ann.lee@gmail.com",
        "Ann.Lee@Gmail.com",
        "annlee+papers@gmail.com",
        "a.n.n.l.e.e+1+2@googlemail.com",
        "ANNLEE@GOOGLEMAIL.COM",
    ],
)
def test_all_spellings_of_a_gmail_address_are_counted_as_one(spelling: str) -> None:
    assert folded(spelling) == "annlee@gmail.com"
    assert traces(KEY, spelling, PEER).address == traces(KEY, "annlee@gmail.com", PEER).address


@pytest.mark.parametrize(
    ("spelling", "one"),
    [
        ("A@X.org", "a@x.org"),
        ("a+1@x.org", "a@x.org"),
        ("a.b@x.org", "a.b@x.org"),  # elsewhere a dot makes another mailbox
        ("+a@x.org", "+a@x.org"),  # nothing would be left of it
        ("a@mail.gmail.com", "a@mail.gmail.com"),
    ],
)
def test_elsewhere_only_case_and_tags_are_left_out(spelling: str, one: str) -> None:
    assert folded(spelling) == one


def test_the_domain_is_counted_in_lower_case_and_as_it_is_mailed() -> None:
    assert traces(KEY, "a@X.Org", PEER).domain == "x.org"
    assert traces(KEY, "a@Googlemail.com", PEER).domain == "googlemail.com"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.77", "::ffff:192.0.2.77"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("2001:db8:1:2::1", "2001:DB8:1:2::2"),
        ("fe80::1%eth0", "fe80::2"),
    ],
)
def test_a_network_is_one_address_or_what_a_provider_gives_a_home(one: str, other: str) -> None:
    assert traces(KEY, "a@x.org", one).network == traces(KEY, "a@x.org", other).network


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.77", "192.0.2.78"),
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("::1", "0.0.0.1"),
        ("::102:304", "1.2.3.4"),
    ],
)
def test_others_are_others(one: str, other: str) -> None:
    assert traces(KEY, "a@x.org", one).network != traces(KEY, "a@x.org", other).network


@pytest.mark.parametrize("peer", ["", "testclient", "unix:", "192.0.2.1, 10.0.0.1", "192.0.2"])
def test_who_is_not_known_by_an_address_is_of_no_network(peer: str) -> None:
    assert traces(KEY, "a@x.org", peer).network == ""
    assert shortened(peer) == ""


@pytest.mark.parametrize(
    ("peer", "kept"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::1", "::/48"),
        ("fe80::1%eth0", "fe80::/48"),
    ],
)
def test_what_is_kept_of_a_network_is_nobody_in_particular(peer: str, kept: str) -> None:
    assert shortened(peer) == kept


@given(st.ip_addresses())
def test_whoever_asks_is_in_the_network_that_is_shown(peer: object) -> None:
    address = ip_address(str(peer))
    if mapped := getattr(address, "ipv4_mapped", None):
        address = mapped
    assert address in ip_network(shortened(str(peer)))
    assert len(traces(KEY, "a@x.org", str(peer)).network) == 32


def test_traces_are_hashes_that_need_the_key() -> None:
    mine, other = traces(KEY, "ann@x.org", PEER), traces(b"other", "ann@x.org", PEER)
    for trace in (mine.address, mine.network):
        assert re.fullmatch(r"[0-9a-f]{32}", trace)
    assert mine.address != other.address
    assert mine.network != other.network


def test_an_address_and_a_network_of_one_spelling_leave_different_traces() -> None:
    made = traces(KEY, "192.0.2.77/32", "192.0.2.77")
    assert made.address != made.network


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_at_all_breaks_it(address: str, peer: str) -> None:
    assert len(traces(KEY, address, peer).address) == 32
    shortened(peer)
