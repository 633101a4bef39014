"""What a mail that came back means. Understood here, acted on elsewhere.

A token that we made decides whom it is about, and nothing else in the mail does.
"""

from __future__ import annotations

from collections.abc import Mapping

from worker.core.tokens import BOUNCE, REPLY, UNSUBSCRIBE
from worker.deliveries import DeliveryId
from worker.returned.automatic import (
    automatic,
    from_nobody,
    is_away,
    is_digest,
    is_receipt,
    says_away,
)
from worker.returned.complaint import is_complaint, read_complaint
from worker.returned.mailboxes import Mailboxes, addressed
from worker.returned.mime import Part, parse
from worker.returned.older import is_older, read_older
from worker.returned.report import is_report, read_report
from worker.returned.written import message_id, written
from worker.returns import Commanded, Ignored, Leaving, Mail, Returned, Unknown


def read(mail: Mail, keys: Mapping[int, bytes], mailboxes: Mailboxes) -> Returned:
    """What it means. Never raises, whatever the mail is, and looks at its first 2 MB only."""
    part = parse(mail.content)
    if is_complaint(part):
        return read_complaint(part, mailboxes, keys)
    to = addressed(mail, part, mailboxes, keys)
    if to.purpose == BOUNCE:
        return _come_back(part, DeliveryId(to.number))
    if to.purpose == UNSUBSCRIBE:
        return _asked_to_leave(part, to.number)
    if to.purpose == REPLY:
        return _answered(part, to.number)
    return _astray(part, forged=to.forged)


def _come_back(part: Part, delivery: DeliveryId) -> Returned:
    if told := read_report(part, delivery):
        return told
    if is_digest(part) or is_receipt(part) or says_away(part):
        return Ignored("a digest, a note of reading or an automatic reply")
    if told := read_older(part, delivery):
        return told
    if is_away(part):
        return Ignored("an automatic reply")
    return Unknown("to the address of a delivery, but no bounce that we know")


def _asked_to_leave(part: Part, uid: int) -> Returned:
    """Some programs' button marks its mail as automatic; but no bounce ever asked to leave."""
    if is_report(part) or is_receipt(part) or (from_nobody(part) and is_older(part)):
        return Ignored("a report to the unsubscribe address")
    if is_digest(part):
        return Ignored("a digest come back")
    return Leaving(uid)


def _answered(part: Part, uid: int) -> Returned:
    why = automatic(part)
    return Ignored(why) if why else Commanded(uid, written(part), message_id(part))


def _astray(part: Part, *, forged: bool) -> Returned:
    why = automatic(part)
    if why and not is_report(part):
        return Ignored(why)
    if forged:
        return Unknown("to an address with a token that we did not make")
    return Unknown("nothing in it that we made")
