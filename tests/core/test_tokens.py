from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.tokens import (
    BOUNCE,
    CONFIRM,
    PREFERENCES,
    TOKEN_LENGTH,
    UNSUBSCRIBE,
    message_id,
    read_token,
    token,
)

KEY = bytes(range(32))
KEYS = {7: KEY}
DAY = date(2025, 9, 8)
PURPOSES = (UNSUBSCRIBE, BOUNCE, PREFERENCES, CONFIRM)

numbers = st.integers(0, 2**64 - 1)


@given(number=numbers, key_id=st.integers(0, 255), purpose=st.sampled_from(PURPOSES))
def test_a_token_gives_back_its_number(number: int, key_id: int, purpose: str) -> None:
    text = token(KEY, key_id, purpose, number)
    assert re.fullmatch(r"[A-Za-z0-9_-]{34}", text)
    assert read_token({key_id: KEY}, purpose, text) == number


def test_a_token_is_the_documented_octets_in_base64url() -> None:
    assert token(KEY, 7, UNSUBSCRIBE, 1).startswith("BwAAAAAAAAAB")
    assert len(token(KEY, 7, UNSUBSCRIBE, 1)) == TOKEN_LENGTH


@given(number=numbers, purpose=st.sampled_from(PURPOSES), other=st.sampled_from(PURPOSES))
def test_a_token_for_one_purpose_opens_no_other(number: int, purpose: str, other: str) -> None:
    read = read_token(KEYS, other, token(KEY, 7, purpose, number))
    assert read == (number if purpose == other else None)


@given(number=numbers, at=st.integers(0, TOKEN_LENGTH - 1), new=st.characters())
def test_no_changed_character_survives(number: int, at: int, new: str) -> None:
    text = token(KEY, 7, UNSUBSCRIBE, number)
    changed = text[:at] + new + text[at + 1 :]
    assert read_token(KEYS, UNSUBSCRIBE, changed) == (number if changed == text else None)


def test_the_unused_bits_of_the_last_character_make_no_second_token() -> None:
    text = token(KEY, 7, UNSUBSCRIBE, 5)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    valid = [c for c in alphabet if read_token(KEYS, UNSUBSCRIBE, text[:-1] + c) is not None]
    assert valid == [text[-1]]


@given(st.text() | st.text(st.characters(codec="ascii"), min_size=34, max_size=34))
def test_any_other_text_is_no_token(text: str) -> None:
    assert read_token(KEYS, UNSUBSCRIBE, text) is None


@pytest.mark.parametrize("text", ["", "\ud800" * 34, "A" * 33, "A" * 35, "=" * 34, "é" * 34])
def test_odd_texts_are_no_tokens_and_raise_nothing(text: str) -> None:
    assert read_token({0: KEY, **KEYS}, UNSUBSCRIBE, text) is None


def test_a_token_outlives_its_key_no_longer_than_the_key_is_kept() -> None:
    old = token(KEY, 7, UNSUBSCRIBE, 5)
    new_key = bytes(32)
    assert read_token({7: KEY, 8: new_key}, UNSUBSCRIBE, old) == 5
    assert read_token({8: new_key}, UNSUBSCRIBE, old) is None
    assert read_token({7: new_key}, UNSUBSCRIBE, old) is None


@pytest.mark.parametrize(("key_id", "number"), [(256, 1), (-1, 1), (1, -1), (1, 2**64)])
def test_what_does_not_fit_into_a_token_is_refused(key_id: int, number: int) -> None:
    with pytest.raises(ValueError, match="a token holds"):
        token(KEY, key_id, UNSUBSCRIBE, number)


def test_a_message_id_is_the_same_for_every_try() -> None:
    ids = {message_id(KEY, 123456789, "2025-09-08", DAY, "digest.example.org") for _ in range(3)}
    assert len(ids) == 1
    assert re.fullmatch(r"<digest\.2025-09-08\.[a-z2-7]{26}@digest\.example\.org>", ids.pop())


def test_a_message_id_tells_nothing_of_whom_it_is_for() -> None:
    assert "123456789" not in message_id(KEY, 123456789, "2025-09-08#47", DAY, "example.org")


def test_every_subscriber_slot_and_installation_has_its_own_message_id() -> None:
    made = [
        message_id(key, uid, slot, DAY, "example.org")
        for key in (KEY, bytes(32))
        for uid in (1, 11)
        for slot in ("2025-09-08", "2025-09-08#1", "1 2025-09-08")
    ]
    assert len(set(made)) == len(made)


def test_a_message_id_of_a_usual_domain_is_short_enough_for_every_relay() -> None:
    assert len(message_id(KEY, 2**64, "2025-09-08#123456", DAY, "d" * 29)) == 76
