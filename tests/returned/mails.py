"""The mails of the corpus, with the tokens of this installation in them."""

from __future__ import annotations

from pathlib import Path

from worker.core.tokens import BOUNCE, REPLY, UNSUBSCRIBE, token
from worker.deliveries import DeliveryId
from worker.returned.mailboxes import Mailboxes
from worker.returned.read import read
from worker.returns import Mail, Returned

CORPUS = Path(__file__).parent / "corpus"
KEYS = {1: b"k" * 32}
MAILBOXES = Mailboxes("bounce.example.org", "digest@example.org", "digest@example.org")
DELIVERY = DeliveryId(4711)
UID = 42

_ANOTHER_KEY = b"f" * 32


def made(purpose: str, number: int, key: bytes = KEYS[1]) -> str:
    """A token; of another key, a forged one."""
    return token(key, 1, purpose, number)


BOUNCE_ADDRESS = f"b+{made(BOUNCE, DELIVERY)}@bounce.example.org"
UNSUBSCRIBE_ADDRESS = f"digest+{made(UNSUBSCRIBE, UID)}@example.org"
REPLY_ADDRESS = f"digest+{made(REPLY, UID)}@example.org"

_PLACES = {
    "{bounce}": BOUNCE_ADDRESS,
    "{unsubscribe}": UNSUBSCRIBE_ADDRESS,
    "{reply}": REPLY_ADDRESS,
    "{unsubscribe_token}": made(UNSUBSCRIBE, UID),
    "{forged_bounce}": f"b+{made(BOUNCE, DELIVERY, _ANOTHER_KEY)}@bounce.example.org",
    "{forged_unsubscribe}": f"digest+{made(UNSUBSCRIBE, UID, _ANOTHER_KEY)}@example.org",
    "{forged_token}": made(UNSUBSCRIBE, UID, _ANOTHER_KEY),
}


def names() -> list[str]:
    """The mails there are."""
    return sorted(path.stem for path in CORPUS.glob("*.eml"))


def mail(name: str) -> bytes:
    """One of them, with its lines as they travel."""
    text = (CORPUS / f"{name}.eml").read_text("utf-8")
    for place, value in _PLACES.items():
        text = text.replace(place, value)
    return text.replace("\n", "\r\n").encode()


def answer(body: str, *more: str, subject: str = "Re: 3 papers") -> bytes:
    """An answer to a digest, to the mailbox for commands."""
    head = ("From: Ann <ann@example.net>", f"To: {REPLY_ADDRESS}", f"Subject: {subject}", *more)
    return "\n".join((*head, "", body)).encode("utf-8", "surrogateescape")


def understood(content: bytes, *recipients: str) -> Returned:
    """What it means to this installation."""
    return read(Mail(content, recipients), KEYS, MAILBOXES)
