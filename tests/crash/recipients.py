"""The recipients' side: what arrived, checked against what was owed and what was allowed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tests.smtpd import Received


def read(message: Received) -> EmailMessage:
    """The message as a mail program has it."""
    return message_from_bytes(message.content, policy=policy.default)


def message_id(message: Received) -> str:
    """Its Message-ID, with its brackets."""
    return str(read(message)["Message-ID"])


def titles(message: Received) -> list[str]:
    """The papers in it, in order."""
    body = read(message).get_body(("plain",))
    numbered = (line.partition(". ") for line in (body.get_content().splitlines() if body else []))
    return [title.replace("*", "") for number, _, title in numbered if number.isdigit()]


def unrecorded(ledger: Path, arrived: Sequence[Received]) -> set[str]:
    """The messages that have arrived though the ledger does not know it: these may come again.

    It is a copy of the ledger that is asked: opening it already mends what a crash left.
    """
    with closing(sqlite3.connect(ledger)) as book:
        query = "SELECT message_id FROM delivery WHERE state = 'sent'"
        known = {name for (name,) in book.execute(query)}
    return {message_id(message) for message in arrived} - known


def check(
    messages: Sequence[Received], expected: Mapping[str, Sequence[str]], twice: Collection[str]
) -> None:
    """I1, I2, I4: each paper in exactly one digest of each reader, and nobody else has mail.

    Only the messages of ``twice`` may have come again, once, to the byte the same.
    """
    first: dict[str, Received] = {}
    for message in messages:
        before = first.setdefault(message_id(message), message)
        assert (before.rcpt_tos, before.content) == (message.rcpt_tos, message.content)
    copies = Counter(map(message_id, messages))
    assert all(count == 1 or (count == 2 and name in twice) for name, count in copies.items())
    got: dict[str, list[str]] = {}
    for message in first.values():
        (reader,) = message.rcpt_tos
        got.setdefault(reader, []).extend(titles(message))
    assert got == {reader: list(papers) for reader, papers in expected.items()}
