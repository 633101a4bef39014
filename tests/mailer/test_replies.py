from __future__ import annotations

from collections.abc import Callable

import pytest

from worker.deliveries import Accepted, Bounced, Deferred, Doubtful, Outcome, Unavailable
from worker.mailer.replies import (
    connection_is_over,
    refusal,
    size_limit,
    verdict,
)


@pytest.mark.parametrize(
    ("code", "to_dot", "before"),
    [
        (250, Accepted, Unavailable),
        (251, Accepted, Unavailable),
        (354, Doubtful, Unavailable),
        (421, Deferred, Deferred),
        (452, Deferred, Deferred),
        (550, Bounced, Bounced),
        (599, Bounced, Bounced),
        (600, Doubtful, Unavailable),
        (0, Doubtful, Unavailable),
        (-1, Doubtful, Unavailable),
        (-450, Doubtful, Unavailable),
    ],
)
def test_the_first_digit_decides(code: int, to_dot: type[Outcome], before: type[Outcome]) -> None:
    assert isinstance(verdict(code, "text"), to_dot)
    assert isinstance(refusal(code, "text"), before)
    assert f"{code} text" in verdict(code, "text").reply
    assert f"{code} text" in refusal(code, "text").reply


@pytest.mark.parametrize(
    ("outcome", "over"),
    [
        (Unavailable("RSET: connection lost"), True),
        (Deferred("421 4.7.0 too many messages"), True),
        (Deferred("450 4.2.1 4211"), False),
        (Bounced("521 no mail here"), False),
        (Accepted("250 421"), False),
        (Doubtful("421"), False),
    ],
)
def test_a_421_is_about_the_connection(outcome: Outcome, over: bool) -> None:
    assert connection_is_over(outcome) is over


@pytest.mark.parametrize(
    ("said", "limit"),
    [("1000", 1000), ("0", 0), ("", 0), ("ten", 0), ("-5", 0), ("٣", 0), ("9" * 5000, 0)],
)
def test_a_size_limit_is_a_number_or_none(said: str, limit: int) -> None:
    assert size_limit({"size": said}) == limit
    assert size_limit({}) == 0


def test_a_policy_before_the_message_was_seen_gives_up_nobodys_digest() -> None:
    """Relaying denied to everybody would else burn a whole day of the list."""
    assert isinstance(refusal(554, "5.7.1 <a@x.org>: Relay access denied"), Deferred)
    assert isinstance(verdict(554, "5.7.1 looks like spam"), Bounced)


@pytest.mark.parametrize("say", [refusal, verdict])
def test_a_full_mailbox_passes(say: Callable[[int, str], Outcome]) -> None:
    assert isinstance(say(552, "5.2.2 over quota"), Deferred)
    assert isinstance(say(550, "5.1.1 no such user"), Bounced)
