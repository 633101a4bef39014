"""The links to the pages of one person: his alone, for one purpose, until they end."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import KEY, NOON
from worker.core.keys import Keys
from worker.core.links import PREFERENCES_HOLD, Linking
from worker.core.mailed import stays
from worker.core.tokens import (
    CONFIRM,
    DIGEST,
    FEED,
    FOR_EVER,
    PASS_LENGTH,
    PREFERENCES,
    UNSUBSCRIBE,
    Pass,
    made_pass,
    read_pass,
    read_token,
)
from worker.deliveries import DeliveryKind
from worker.model import SubscriberState

BASE = "https://papers.example.org"
OLD, NEW = KEY, bytes(range(32, 64))
KEYS = {1: OLD, 2: NEW}
LINKING = Linking(BASE, Keys(2, KEYS))
SECOND = timedelta(seconds=1)
UNTIL = NOON + timedelta(days=1)
ONE = Pass(4711, UNTIL, 3)
TEXT = made_pass(NEW, 2, PREFERENCES, ONE)


def test_each_page_has_a_link_of_its_own_that_stands_for_one_number() -> None:
    links = {
        "p": (LINKING.preferences(7, 3, NOON), PREFERENCES, Pass(7, NOON + PREFERENCES_HOLD, 3)),
        "c": (LINKING.confirm(8, UNTIL), CONFIRM, Pass(8, UNTIL)),
        "d": (LINKING.digest(9, 3, NOON), DIGEST, Pass(9, NOON + timedelta(days=400), 3)),
        "f": (LINKING.feed(7, 3), FEED, Pass(7, FOR_EVER, 3)),
    }
    for page, (url, purpose, what) in links.items():
        base, _, text = url.rpartition("/")
        assert base == f"{BASE}/{page}"
        assert len(text) == PASS_LENGTH
        assert read_pass(KEYS, purpose, text, NOON) == what
        others = {each for _, each, _ in links.values()} - {purpose}
        assert not any(read_pass(KEYS, other, text, NOON) for other in others)
    assert read_token(KEYS, UNSUBSCRIBE, LINKING.unsubscribe(7).removeprefix(f"{BASE}/u/")) == 7


@given(
    number=st.integers(0, (1 << 64) - 1),
    epoch=st.integers(0, 10_000),
    seconds=st.integers(0, 2_500_000_000),
)
def test_a_pass_is_read_as_it_was_made(number: int, epoch: int, seconds: int) -> None:
    until = NOON + timedelta(seconds=seconds)
    text = made_pass(OLD, 1, FEED, Pass(number, until, epoch))
    before = until - SECOND
    assert read_pass(KEYS, FEED, text, before) == Pass(number, until, epoch % 256)


def test_it_holds_until_its_time_and_not_at_it() -> None:
    assert read_pass(KEYS, PREFERENCES, TEXT, UNTIL - SECOND) == ONE
    assert read_pass(KEYS, PREFERENCES, TEXT, UNTIL) is None


def test_an_older_key_still_verifies_and_one_that_is_gone_does_not() -> None:
    old = made_pass(OLD, 1, PREFERENCES, ONE)
    assert read_pass(KEYS, PREFERENCES, old, NOON) == ONE
    assert read_pass({2: NEW}, PREFERENCES, old, NOON) is None
    assert read_pass({1: NEW, 2: OLD}, PREFERENCES, old, NOON) is None


def test_no_flipped_bit_is_let_through() -> None:
    """B67."""
    octets = base64.urlsafe_b64decode(TEXT)
    for bit in range(8 * len(octets)):
        flipped = bytearray(octets)
        flipped[bit // 8] ^= 1 << bit % 8
        text = base64.urlsafe_b64encode(bytes(flipped)).decode()
        assert read_pass(KEYS, PREFERENCES, text, NOON) is None


@pytest.mark.parametrize(
    "text",
    [
        "", TEXT[:-1], TEXT + "A", "A" * 10_000, "=" * 40, "." * 40, "é" * 40, "A" * 39 + "=",
        "A" * 38 + "==", "%00" * 13 + "A", "../" * 13 + "A", TEXT.swapcase(), "\0" * 40,
    ],
)  # fmt: skip
def test_what_is_no_pass_stands_for_nothing(text: str) -> None:
    assert read_pass(KEYS, PREFERENCES, text, NOON) is None


@pytest.mark.parametrize(
    ("key_id", "what"),
    [
        (256, ONE),
        (-1, ONE),
        (1, Pass(-1, UNTIL)),
        (1, Pass(1 << 64, UNTIL)),
        (1, Pass(1, datetime(2107, 1, 1, tzinfo=UTC))),
        (1, Pass(1, datetime(1969, 1, 1, tzinfo=UTC))),
    ],
)
def test_what_has_no_room_in_a_pass_is_refused(key_id: int, what: Pass) -> None:
    with pytest.raises(ValueError, match="a pass holds"):
        made_pass(OLD, key_id, FEED, what)


def test_who_leaves_is_still_told_so_and_gets_no_digest_more() -> None:
    gone = SubscriberState.UNSUBSCRIBED
    assert [kind for kind in DeliveryKind if stays(kind, gone)] == [
        DeliveryKind.ANSWER,
        DeliveryKind.CONFIRM,
    ]
    assert not stays(DeliveryKind.DIGEST, SubscriberState.ACTIVE)
