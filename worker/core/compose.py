"""A delivery as the message that goes out: rendered, addressed, and deterministic to the byte."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from worker.asks import CONFIRM_WITHIN
from worker.core.dkim import Signing
from worker.core.keys import Keys
from worker.core.letterhead import Letterhead, bounce_address, reply_address, unsubscribe_url
from worker.core.links import Linking
from worker.core.message import assemble
from worker.core.render import Links, Templates
from worker.core.spare import spared
from worker.core.tokens import BOUNCE, REPLY, UNSUBSCRIBE, message_id, token
from worker.deliveries import Delivery, DeliveryKind, Envelope
from worker.digests import Slot
from worker.model import Subscriber


@dataclass(frozen=True, slots=True)
class Composer:
    """Makes the envelope of any delivery, and names messages. Without ``signing``, unsigned."""

    letterhead: Letterhead
    templates: Templates
    keys: Keys
    signing: Signing | None = None

    def message_id(self, subscriber: Subscriber, slot: Slot) -> str:
        """The Message-ID of his digest for this slot: every repeat carries the same one."""
        domain = self.letterhead.from_address.rpartition("@")[2]
        return message_id(self.keys.secret, subscriber.uid, slot.name, slot.day, domain)

    def test(self, delivery: Delivery, slot: Slot, prefix: str) -> Envelope:
        """The same message, but named by that slot, and with this before its subject."""
        domain = self.letterhead.from_address.rpartition("@")[2]
        name = message_id(self.keys.secret, delivery.uid, slot.name, slot.day, domain)
        return self(replace(delivery, message_id=name), prefix)

    def __call__(self, delivery: Delivery, prefix: str = "") -> Envelope:
        """Render, assemble and sign. Raises RenderError for a template that cannot be used.

        A paper that breaks the rendering is only named; the others are shown.
        """
        unsubscribe = self._token(UNSUBSCRIBE, delivery.uid)
        links = self._links(delivery, unsubscribe_url(self.letterhead, unsubscribe))
        papers = (pick.paper for pick in delivery.digest.picks)
        letter, unshown = spared(papers, partial(self.templates.letter, delivery, links))
        content = assemble(
            replace(letter, subject=f"{prefix}{letter.subject}"),
            self.letterhead,
            to=delivery.address,
            message_id=delivery.message_id,
            date=delivery.planned_at,
            unsubscribe_token=unsubscribe,
            kind=delivery.kind,
            reply_to=reply_address(self.letterhead, self._token(REPLY, delivery.uid)),
            answers=delivery.answers,
        )
        return Envelope(
            mail_from=self._sender(delivery),
            rcpt_to=delivery.address,
            content=self._signed(content, delivery.planned_at),
            name=f"{delivery.digest.slot.name}-{delivery.address}".replace("#", "-"),
            unshown=tuple(sorted(unshown)),
        )

    def _links(self, delivery: Delivery, unsubscribe: str) -> Links:
        """Made of what is the same at each try, so that a repeat is the same to the byte."""
        linking = Linking(self.letterhead.base_url.rstrip("/"), self.keys)
        kind, at, epoch = delivery.kind, delivery.planned_at, delivery.epoch
        links = Links(
            unsubscribe=unsubscribe,
            home=self.letterhead.base_url,
            list_name=self.letterhead.from_name or self.letterhead.list_id,
            takes_commands=bool(self.letterhead.commands_mailbox),
        )
        if kind is DeliveryKind.CONFIRM:  # who is not on the list yet has no pages of his own
            ask = delivery.ask or 0
            return replace(links, confirm=linking.confirm(ask, at + CONFIRM_WITHIN))
        if not self.letterhead.has_site:
            return links
        if kind is DeliveryKind.DIGEST:
            links = replace(links, page=linking.digest(delivery.id, epoch, at))
        return replace(links, preferences=linking.preferences(delivery.uid, epoch, at))

    def _signed(self, content: bytes, at: datetime) -> bytes:
        """Signed as of when it was planned, not as of now: a repeat is the same to the byte."""
        return self.signing.signed(content, at) if self.signing else content

    def _sender(self, delivery: Delivery) -> str:
        """Nobody, for an answer to a mail: so nothing ever comes back of it (RFC 3834, 3.3)."""
        if delivery.kind is DeliveryKind.ANSWER:
            return ""
        return bounce_address(self.letterhead, self._token(BOUNCE, delivery.id))

    def _token(self, purpose: str, number: int) -> str:
        return token(self.keys.secret, self.keys.newest, purpose, number)
