"""What every postbox does, wherever its mails lie."""

from __future__ import annotations

import itertools
import mailbox
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.dovecot import MISSING, Dovecot
from tests.plain.postbox import PlainPostbox
from tests.postbox.conftest import imap_settings
from worker.ports import Postbox
from worker.postbox.imap import ImapPostbox
from worker.postbox.maildir import MaildirPostbox
from worker.postbox.mbox import MboxPostbox
from worker.returns import LOOKED_AT, Found, Mail

DOVECOT = pytest.mark.skipif(bool(MISSING), reason=MISSING)
USERS = itertools.count()


@dataclass(frozen=True)
class Subject:
    """A postbox, how mail gets into it, how it is opened again, and what is left for a person."""

    postbox: Postbox
    bring: Callable[[bytes], object]
    again: Callable[[], Postbox]
    left: Callable[[], list[bytes]]


def maildir(folder: Path, postbox: Callable[[], Postbox]) -> Subject:
    box = mailbox.Maildir(folder)
    return Subject(postbox(), box.add, postbox, lambda: flagged(folder))


def flagged(folder: Path) -> list[bytes]:
    files = sorted(folder.glob("cur/*:2,*F*"), key=lambda path: path.name)
    return [path.read_bytes().replace(b"\r\n", b"\n") for path in files]


@pytest.fixture(
    params=["plain", "maildir", "mbox", pytest.param("imap", marks=DOVECOT)],
)
async def subject(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Subject]:
    async with AsyncExitStack() as stack:
        if request.param == "plain":
            plain = PlainPostbox()
            yield Subject(
                plain,
                lambda content: plain.mails.append(Mail(content)),
                lambda: plain,
                lambda: [mail.content for mail in plain.left],
            )
        elif request.param == "maildir":
            folder = tmp_path / "mail"
            mailbox.Maildir(folder)
            yield maildir(folder, lambda: MaildirPostbox(folder))
        elif request.param == "mbox":
            path = tmp_path / "mbox"
            yield Subject(
                MboxPostbox(path, tmp_path / "notes"),
                lambda content: append(path, content),
                lambda: MboxPostbox(path, tmp_path / "notes"),
                lambda: contents(path),
            )
        else:
            server: Dovecot = request.getfixturevalue("server")
            user = f"user-{next(USERS)}"
            server.mail(user)
            settings = imap_settings(server, user)
            opened: list[ImapPostbox] = []

            def again() -> Postbox:
                opened.append(ImapPostbox(settings))
                stack.push_async_exit(opened[-1])
                return opened[-1]

            def bring(content: bytes) -> None:
                server.bring(user, content)

            yield Subject(again(), bring, again, lambda: flagged(server.mail(user)))


def append(path: Path, content: bytes) -> None:
    box = mailbox.mbox(path)
    box.lock()
    box.add(content)
    box.close()


def contents(path: Path) -> list[bytes]:
    box = mailbox.mbox(path, create=False)
    try:
        return [box.get_bytes(key) for key in box.iterkeys()]
    finally:
        box.close()


def mail(number: int) -> bytes:
    return b"Subject: %d\n\ntext %d\n" % (number, number)


def said(found: Found) -> bytes:
    """The lines that were brought; some servers write others in."""
    return found.mail.content.replace(b"\r\n", b"\n")


async def test_mail_is_given_as_it_came(subject: Subject) -> None:
    subject.bring(mail(1))
    (found,) = await subject.postbox.take(10)
    assert said(found) == mail(1)


async def test_an_empty_postbox_gives_nothing(subject: Subject) -> None:
    assert list(await subject.postbox.take(10)) == []


async def test_what_is_not_done_is_given_again(subject: Subject) -> None:
    """As after a kill: nothing is lost by being looked at."""
    subject.bring(mail(1))
    before = await subject.postbox.take(10)
    assert [said(each) for each in await subject.again().take(10)] == [mail(1)]
    assert await subject.postbox.take(10) == before


async def test_what_is_done_is_never_given_again(subject: Subject) -> None:
    for number in range(4):
        subject.bring(mail(number))
    understood, unknown, *rest = await subject.postbox.take(10)
    await subject.postbox.done(understood, understood=True)
    await subject.postbox.done(unknown, understood=False)
    for postbox in (subject.postbox, subject.again()):
        given = await postbox.take(10)
        assert sorted(map(said, given)) == sorted(map(said, rest))


async def test_what_was_not_understood_stays_for_a_person(subject: Subject) -> None:
    subject.bring(mail(1))
    subject.bring(mail(2))
    for found in await subject.postbox.take(10):
        await subject.postbox.done(found, understood=said(found) == mail(1))
    assert list(await subject.postbox.take(10)) == []
    assert subject.left() == [mail(2)]


async def test_done_twice_is_done_once(subject: Subject) -> None:
    subject.bring(mail(1))
    (found,) = await subject.postbox.take(10)
    for postbox in (subject.postbox, subject.postbox, subject.again()):
        await postbox.done(found, understood=False)
    assert list(await subject.postbox.take(10)) == []
    assert subject.left() == [mail(1)]


async def test_no_more_are_given_than_asked_for(subject: Subject) -> None:
    for number in range(5):
        subject.bring(mail(number))
    seen: set[bytes] = set()
    while given := await subject.postbox.take(2):
        assert len(given) <= 2
        for found in given:
            seen.add(said(found))
            await subject.postbox.done(found, understood=True)
    assert seen == {mail(number) for number in range(5)}


async def test_mail_that_comes_meanwhile_is_given_the_next_time(subject: Subject) -> None:
    subject.bring(mail(1))
    (first,) = await subject.postbox.take(10)
    subject.bring(mail(2))
    await subject.postbox.done(first, understood=True)
    assert [said(each) for each in await subject.postbox.take(10)] == [mail(2)]


async def test_of_a_huge_mail_the_beginning_is_given(subject: Subject) -> None:
    subject.bring(b"Subject: huge\n\n" + b"x" * 70 + (b"\n" + b"x" * 70) * 40_000 + b"\n")
    (found,) = await subject.postbox.take(10)
    assert len(found.mail.content) == LOOKED_AT
    await subject.postbox.done(found, understood=True)
    assert list(await subject.postbox.take(10)) == []


async def test_bytes_that_no_mail_has_pass_unharmed(subject: Subject) -> None:
    odd = b"Subject: \xff\xfe\n\n\x80 \x01 end\n"
    subject.bring(odd)
    (found,) = await subject.postbox.take(10)
    assert said(found) == odd
