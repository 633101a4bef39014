"""An address as it is shown."""

from __future__ import annotations

from worker.core.masked import masked


def test_only_the_first_character_of_who_it_is_is_shown() -> None:
    assert masked("reader@example.org") == "r…@example.org"


def test_a_name_of_one_character_is_shown_no_longer_than_it_is() -> None:
    assert masked("r@example.org") == "r…@example.org"


def test_a_name_that_holds_an_at_sign_shows_no_more_of_it() -> None:
    assert masked('"a@b"@example.org') == '"…@example.org'
