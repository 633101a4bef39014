"""IMAP: a real Dovecot, and servers that are worse."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.certificates import certified
from tests.dovecot import MISSING, PASSWORD, Dovecot
from tests.postbox.conftest import imap_settings
from worker.model import Refused
from worker.postbox.imap import ImapPostbox, ImapSettings

needs_dovecot = pytest.mark.skipif(bool(MISSING), reason=MISSING)
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
SECRET = "the-secret"


async def refusal(settings: ImapSettings) -> str:
    async with ImapPostbox(settings) as box:
        with pytest.raises(Refused) as refused:
            await box.take(10)
    assert refused.value.exit_code == os.EX_TEMPFAIL
    line = str(refused.value)
    assert "\n" not in line
    assert settings.password not in line
    assert "@" not in line
    return line


# --- a real server ------------------------------------------------------------


@needs_dovecot
async def test_what_became_of_a_mail_is_in_its_flags(server: Dovecot) -> None:
    for number in range(3):
        server.bring("flags", b"Subject: %d\n\n" % number)
    async with ImapPostbox(imap_settings(server, "flags")) as box:
        one, two, _ = await box.take(10)
        await box.done(one, understood=True)
        await box.done(two, understood=False)
    flags = sorted(path.name.partition(":2,")[2] for path in server.mail("flags").glob("*/*:2,*"))
    assert flags == ["", "FS", "S"]


@needs_dovecot
@pytest.mark.parametrize("tls", ["required", "none"])
async def test_starttls_works_and_on_this_machine_no_tls_too(server: Dovecot, tls: str) -> None:
    server.bring(tls, b"Subject: x\n\n")
    settings = imap_settings(server, tls)
    plain = replace(settings, port=server.plain_port, tls=tls)  # type: ignore[arg-type]
    async with ImapPostbox(plain) as box:
        (found,) = await box.take(10)
        await box.done(found, understood=True)
        assert list(await box.take(10)) == []


@needs_dovecot
async def test_another_folder_is_looked_into(server: Dovecot) -> None:
    inbox = server.mail("folders")
    for each in ("", "/new", "/cur", "/tmp"):
        (inbox / f'.From "a" b{each}').mkdir()
        (inbox / f'.From "a" b{each}').chmod(0o777)
    (inbox / '.From "a" b/new/1.a').write_bytes(b"Subject: there\n\n")
    (inbox / '.From "a" b/new/1.a').chmod(0o666)
    async with ImapPostbox(imap_settings(server, "folders", 'From "a" b')) as box:
        (found,) = await box.take(10)
    assert found.mail.content.startswith(b"Subject: there")


@needs_dovecot
async def test_a_folder_that_is_not_there_is_refused(server: Dovecot) -> None:
    assert "exist" in await refusal(imap_settings(server, "nobody", "Elsewhere"))


@needs_dovecot
async def test_a_wrong_password_is_refused_and_not_repeated(server: Dovecot) -> None:
    settings = imap_settings(server, "ann@example.org")
    line = await refusal(replace(settings, password="wrong-one"))
    assert f"imap: localhost:{server.tls_port}: " in line
    assert "Authentication failed" in line


@needs_dovecot
async def test_a_certificate_of_nobody_or_of_another_is_refused(
    server: Dovecot, tmp_path: Path
) -> None:
    settings = imap_settings(server, "ann")
    for wrong in (
        replace(settings, ca_file=None),
        replace(settings, ca_file=certified(tmp_path).ca_file),
        replace(settings, host="127.0.0.1"),
    ):
        assert "the certificate does not hold" in await refusal(wrong)


@needs_dovecot
async def test_a_mail_is_done_over_a_new_connection_if_the_old_one_is_lost(
    server: Dovecot,
) -> None:
    server.bring("lost", b"Subject: x\n\n")
    async with ImapPostbox(imap_settings(server, "lost")) as box:
        (found,) = await box.take(10)
        assert box._client
        box._client.sock.shutdown(2)
        await box.done(found, understood=True)
        assert list(await box.take(10)) == []


@needs_dovecot
async def test_a_folder_made_anew_is_another_folder(server: Dovecot) -> None:
    server.bring("anew", b"Subject: x\n\n")
    async with ImapPostbox(imap_settings(server, "anew")) as box:
        (found,) = await box.take(10)
        _, _, uid = found.mark.partition(".")
        await box.done(replace(found, mark=f"1.{uid}"), understood=True)
        assert await box.take(10) == [found]


@needs_dovecot
async def test_a_mail_removed_meanwhile_is_done(server: Dovecot) -> None:
    server.bring("removed", b"Subject: x\n\n")
    async with ImapPostbox(imap_settings(server, "removed")) as box:
        (found,) = await box.take(10)
        for path in server.mail("removed").glob("[nc]*/*"):
            path.unlink()
        await box.done(found, understood=False)
        assert list(await box.take(10)) == []


# --- worse servers ------------------------------------------------------------


@asynccontextmanager
async def talking(talk: Talk, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that says what it is told to."""
    tasks: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.append(task)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def local(port: int, tls: str = "none") -> ImapSettings:
    return ImapSettings("127.0.0.1", port, tls, "ann", SECRET, timeout=0.5)  # type: ignore[arg-type]


async def test_where_no_tls_is_offered_nothing_goes_in_clear() -> None:
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            heard.append(line)
            tag = line.split()[0]
            writer.write(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n")

    async with talking(talk) as port:
        assert "TLS not supported" in await refusal(local(port, "required"))
    assert not any(SECRET.encode() in line or b"AUTH" in line for line in heard)
    assert heard


async def test_a_server_that_says_nothing_is_given_up() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with talking(talk) as port:
        assert "timed out" in await refusal(local(port))
        assert "timed out" in await refusal(local(port, "implicit"))


@pytest.mark.parametrize(
    ("greeting", "told"),
    [
        (b"", "EOF"),
        (b"* BYE ann@example.org is not wanted\r\n", "<address> is not wanted"),
        (b"\xff\x00\x1b[31m\r\n", "unexpected"),
        (b"HTTP/1.1 400 Bad Request\r\n", "HTTP"),
    ],
)
async def test_what_is_no_imap_server_is_refused_in_one_line(greeting: bytes, told: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()

    async with talking(talk) as port:
        assert told in await refusal(local(port))


async def test_a_server_that_repeats_the_password_does_not_get_it_into_the_log() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag = line.split()[0]
            if b"LOGIN" in line:
                writer.write(tag + b" NO cannot: " + line.rstrip() + b"\r\n")
            else:
                writer.write(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")

    async with talking(talk) as port:
        assert "<password>" in await refusal(local(port))


async def test_a_server_that_lets_nothing_be_flagged_is_refused_for_now() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, said = line.split()[0], b"OK done"
            if b"SELECT" in line:
                writer.write(b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n")
            elif b"SEARCH" in line:
                writer.write(b"* SEARCH 1\r\n")
            elif b"FETCH" in line:
                writer.write(b"* 1 FETCH (UID 1 BODY[]<0> {4}\r\nmail)\r\n")
            elif b"STORE" in line:
                said = b"NO [NOPERM] not by ann@example.org"
            else:
                writer.write(b"* CAPABILITY IMAP4rev1\r\n")
            writer.write(tag + b" " + said + b"\r\n")

    async with talking(talk) as port, ImapPostbox(local(port)) as box:
        (found,) = await box.take(10)
        with pytest.raises(Refused, match="not by <address>") as refused:
            await box.done(found, understood=True)
    assert refused.value.exit_code == os.EX_TEMPFAIL


async def test_where_nobody_listens_it_is_refused_for_now() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Never called."""

    async with talking(talk) as port:
        pass
    assert "Connection refused" in await refusal(local(port))


def test_a_password_never_goes_over_the_net_in_clear() -> None:
    with pytest.raises(Refused, match="for this machine only") as refused:
        ImapSettings("imap.example.org", 143, "none", "ann", SECRET)
    assert refused.value.exit_code == os.EX_CONFIG
    assert SECRET not in repr(local(143))
    assert PASSWORD != SECRET
