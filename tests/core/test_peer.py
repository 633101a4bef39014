"""Who asks: only what a trusted proxy says of others counts (B60)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.peer import peer

OURS = ("127.0.0.1", "10.0.0.0/8", "fd00::/8")


@pytest.mark.parametrize(
    ("socket_peer", "forwarded", "who"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),  # anybody can write that
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),  # the left one is his own
        ("127.0.0.1", ["203.0.113.9", "198.51.100.7, 10.1.2.3"], "198.51.100.7"),
        ("fd00::1", ["2001:db8::7,10.0.0.1"], "2001:db8::7"),
        ("127.0.0.1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("127.0.0.1", ["198.51.100.7:4711"], "198.51.100.7"),
        ("::ffff:127.0.0.1", ["::ffff:198.51.100.7"], "198.51.100.7"),
        ("::ffff:198.51.100.7", [], "198.51.100.7"),
        ("127.0.0.1", ["10.0.0.1, 10.0.0.2"], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.7, unknown"], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.7, "], "127.0.0.1"),
        ("", ["198.51.100.7"], ""),
    ],
)
def test_the_nearest_that_is_no_proxy_of_ours_asks(
    socket_peer: str, forwarded: list[str], who: str
) -> None:
    assert peer(socket_peer, forwarded, OURS) == who


def test_without_proxies_nobody_is_believed() -> None:
    assert peer("127.0.0.1", ["198.51.100.7"], ()) == "127.0.0.1"


@given(st.lists(st.text()))
def test_whatever_is_written_there_what_a_proxy_added_itself_counts(values: list[str]) -> None:
    assert peer("127.0.0.1", [*values, "198.51.100.7"], OURS) == "198.51.100.7"
    assert peer("192.0.2.1", values, OURS) == "192.0.2.1"
