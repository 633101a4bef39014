"""A delivery becomes the message that goes out."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy

from tests.made import KEY, LETTERHEAD, delivery, pick, subscriber
from worker import shipped
from worker.core.compose import Composer
from worker.core.keys import Keys
from worker.core.render import Templates
from worker.core.tokens import BOUNCE, UNSUBSCRIBE, read_token
from worker.digests import Slot

COMPOSER = Composer(LETTERHEAD, Templates(shipped.mail_templates()), Keys(1, {1: KEY}))
ONE = delivery(pick(1))


def test_the_envelope_names_the_delivery_in_its_sender_and_hides_the_subscriber() -> None:
    envelope = COMPOSER(ONE)
    local, _, domain = envelope.mail_from.partition("@")
    assert (local[:2], domain) == ("b+", "bounce.example.org")
    assert read_token({1: KEY}, BOUNCE, local[2:]) == ONE.id
    assert envelope.rcpt_to == "reader@example.org"


def test_the_unsubscribe_link_is_his_own_in_the_header_and_in_both_parts() -> None:
    message = message_from_bytes(COMPOSER(ONE).content, policy=policy.default)
    url = str(message["List-Unsubscribe"]).partition(">")[0].removeprefix("<")
    assert read_token({1: KEY}, UNSUBSCRIBE, url.rpartition("/")[2]) == ONE.uid
    assert url.startswith("https://papers.example.org/u/")
    assert len(url) <= 70
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body is not None
        assert url in body.get_content()


def test_a_name_that_is_no_ascii_or_missing_still_gives_a_letter() -> None:
    for name in ("Zeitungsträger", ""):
        letterhead = replace(LETTERHEAD, from_name=name, list_name="")
        content = replace(COMPOSER, letterhead=letterhead)(ONE).content
        body = message_from_bytes(content, policy=policy.default).get_body(("plain",))
        assert body is not None
        assert body.get_content().startswith(name or "papers.example.org")


def test_the_message_id_is_the_same_whenever_it_is_asked_and_another_for_another_slot() -> None:
    who, slot = subscriber(), ONE.digest.slot
    assert COMPOSER.message_id(who, slot) == COMPOSER.message_id(who, slot)
    assert COMPOSER.message_id(who, slot) != COMPOSER.message_id(who, Slot("2025-09-09", slot.day))
    assert COMPOSER.message_id(who, slot) != COMPOSER.message_id(replace(who, uid=9), slot)


def test_keys_do_not_show_themselves() -> None:
    assert "bytes" not in repr(COMPOSER.keys)
    assert repr(KEY) not in repr(COMPOSER)
