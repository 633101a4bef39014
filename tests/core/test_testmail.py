"""A test of a digest is nobody's but its reader's."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy

from tests.made import KEY, LETTERHEAD, NOON, delivery, pick, subscriber
from worker import shipped
from worker.core.compose import Composer
from worker.core.keys import Keys
from worker.core.render import Templates
from worker.core.testmail import NOBODY, PREFIX, as_test

COMPOSER = Composer(LETTERHEAD, Templates(shipped.mail_templates()), Keys(1, {1: KEY}))
DIGEST = replace(delivery(pick(1)), uid=77, epoch=3)


def test_a_test_of_his_digest_has_no_link_of_his() -> None:
    test, slot = as_test(DIGEST, "me@example.org", None, NOON)
    assert (test.address, test.uid, test.id, test.epoch) == ("me@example.org", NOBODY, NOBODY, 0)
    assert test.digest == DIGEST.digest
    envelope, real = COMPOSER.test(test, slot, PREFIX), COMPOSER(DIGEST)
    subject = message_from_bytes(envelope.content, policy=policy.default)["Subject"]
    assert subject.startswith("[Test] 1 paper: ")
    assert envelope.rcpt_to == "me@example.org"
    assert _name(envelope.content) != _name(real.content)


def test_whoever_is_a_subscriber_gets_his_own_links_and_else_a_sample() -> None:
    who = replace(subscriber(), uid=5, epoch=2)
    test, _ = as_test(None, who.address, who, NOON)
    assert (test.uid, test.epoch, len(test.digest.picks)) == (5, 2, 2)


def _name(message: bytes) -> bytes:
    return message.partition(b"Message-ID: ")[2].partition(b"\r\n")[0]
