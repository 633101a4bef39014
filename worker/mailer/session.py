"""One connection to the mail server and what is said on it, message by message (RFC 5321).

All turns on the final dot. Until it is written the message is ours: whatever goes wrong, it may
be tried again. From then on it may be the server's, and only a reply can tell (RFC 1047).
aiosmtplib's ``data()`` is one call for both halves and rewrites every body with two regular
expressions; so DATA, the body, the dot and the reply are four steps here, on its lower calls.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import ssl

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from aiosmtplib.protocol import SMTPProtocol

from worker.core.header import is_address
from worker.deliveries import (
    Envelope,
)
from worker.mailer.dial import dialled
from worker.mailer.replies import (
    MIDWAY,
    Insecure,
    OutOfStep,
    connection_is_over,
    fault,
    is_ours,
    of_sender,
    refusal,
    size_limit,
    verdict,
)
from worker.mailer.settings import SmtpSettings
from worker.outcomes import (
    Accepted,
    Bounced,
    Cause,
    Deferred,
    Doubtful,
    Outcome,
    Unavailable,
)

_GO_AHEAD = 354
_DOT = b".\r\n"
_LINE_END = re.compile(rb"\r\n|\r|\n")


class _Client(SMTP):
    """Always inside TLS, where CRAM-MD5 gains nothing and stores passwords in clear."""

    AUTH_METHODS = ("plain", "login", "cram-md5")


class Session:
    """A connection that is opened when needed and kept while all is well."""

    def __init__(self, settings: SmtpSettings, context: ssl.SSLContext | None) -> None:
        self._settings = settings
        self._client = _Client(
            hostname=settings.host,  # whom the certificate must name; we connect ourselves
            use_tls=settings.tls == "implicit",
            start_tls=False,  # None would go on in clear text if STARTTLS is not offered
            tls_context=context,
            local_hostname=settings.local_hostname,
            timeout=settings.timeouts.command,
        )
        self._step = ""
        self._messages = 0
        self._envelope_open = False
        self._in_order = False
        self._closing: asyncio.TimerHandle | None = None

    @property
    def in_order(self) -> bool:
        """Whether the connection stands, and the server's last word was clear."""
        return self._in_order and self._client.is_connected

    @property
    def worn_out(self) -> bool:
        """Whether it has carried its share of messages."""
        return self._messages >= self._settings.messages_per_connection

    async def deliver(self, envelope: Envelope) -> Outcome:
        """As ``ports.Mailer``. A kept connection that proves to be over is opened anew, once."""
        if self._closing is not None:
            self._closing.cancel()
        if envelope.mail_from and not is_address(envelope.mail_from):
            wrong = "the envelope sender is not an address: see the bounce domain"
            return Unavailable(wrong, ours=True)
        if not is_address(envelope.rcpt_to):
            wrong = "553 5.1.3 not an address that can be mailed without SMTPUTF8"
            return Bounced(wrong, Cause.ADDRESS)
        was_open = self._client.is_connected
        self._in_order = False
        outcome = await self._attempt(envelope)
        if was_open and connection_is_over(outcome):
            self.drop()
            outcome = await self._attempt(envelope)
        self._in_order = not isinstance(outcome, Unavailable | Doubtful)
        return outcome

    async def probe(self) -> str | None:
        """Connect, secure, log in and leave, without any mail: None, or the trouble in words."""
        try:
            await self._open()
            self._at("QUIT")
        except (SMTPException, OSError) as error:
            self.drop()
            return self._without_secrets(fault(self._step, error))
        await self.quit()
        return None

    def rest(self) -> None:
        """Wait for the next message, but not for ever."""
        loop = asyncio.get_running_loop()
        self._closing = loop.call_later(self._settings.idle, self.leave)

    def leave(self) -> None:
        """Say QUIT and go. Nothing depends on the answer."""
        if self._client.protocol is not None and self._client.is_connected:
            self._client.protocol.write(b"QUIT\r\n")
        self._client.close()

    def drop(self) -> None:
        """Go at once, leaving unsent what is unsent."""
        if isinstance(self._client.transport, asyncio.WriteTransport):
            self._client.transport.abort()
        self._client.close()

    async def quit(self) -> None:
        """Say QUIT and hear the answer, if it comes soon."""
        if self._closing is not None:
            self._closing.cancel()
        with contextlib.suppress(SMTPException, OSError):
            await self._client.quit(timeout=self._settings.timeouts.quit)
        self.drop()

    async def _attempt(self, envelope: Envelope) -> Outcome:
        try:
            refused = await self._offer(envelope)
            if refused is not None:
                return refused
            protocol = await self._pour(envelope.content)
        except (SMTPException, OSError) as error:
            if not envelope.mail_from and isinstance(error, SMTPSenderRefused):
                return of_sender(error.code, error.message)
            told = self._without_secrets(fault(self._step, error))
            midway, ours = self._step in MIDWAY, is_ours(self._step, error)
            return Unavailable(told, ours=ours, midway=midway)
        # Nothing is awaited between here and the dot: it is written, or we never came here.
        return await self._conclude(protocol)

    async def _offer(self, envelope: Envelope) -> Deferred | Bounced | Unavailable | None:
        """Everything up to the server's 354; None means that it has come."""
        timeouts = self._settings.timeouts
        await self._ready()
        limit = size_limit(self._client.esmtp_extensions)
        if 0 < limit < len(envelope.content):
            size = len(envelope.content)
            return Bounced(f"552 5.3.4 {size} octets, and the server takes {limit}", Cause.SIZE)
        self._at("MAIL")
        await self._client.mail(envelope.mail_from, timeout=timeouts.command)
        self._envelope_open = True
        self._at("RCPT")
        try:
            await self._client.rcpt(envelope.rcpt_to, timeout=timeouts.command)
        except SMTPRecipientRefused as no:
            return refusal(no.code, no.message, of_recipient=True)
        self._at("DATA")
        answer = await self._client.execute_command(b"DATA", timeout=timeouts.data)
        if answer.code == _GO_AHEAD:
            return None
        return refusal(answer.code, answer.message, of_recipient=False)

    async def _pour(self, content: bytes) -> SMTPProtocol:
        """Write the message without its final dot, and wait until it has left."""
        self._at("body")
        protocol, transport = self._client.protocol, self._client.transport
        if protocol is None or not isinstance(transport, asyncio.WriteTransport):
            raise SMTPServerDisconnected("connection lost")
        # Not 0: a TLS transport would then pause while there is nothing to write.
        transport.set_write_buffer_limits(high=1)
        protocol.write(stuffed(content))
        async with asyncio.timeout(self._settings.timeouts.body):
            await protocol._drain_helper()  # noqa: SLF001 - the drain() of asyncio's own streams
        self._at("body")
        return protocol

    async def _conclude(self, protocol: SMTPProtocol) -> Accepted | Deferred | Bounced | Doubtful:
        """The dot and its reply. From here on, what is not a clear answer is a doubt."""
        try:
            protocol.write(_DOT)
            answer = await protocol.read_response(timeout=self._settings.timeouts.dot)
        except (SMTPException, OSError) as error:
            return Doubtful(fault("after the final dot", error))
        except asyncio.CancelledError:
            return Doubtful("after the final dot: stopped while waiting for the reply")
        self._envelope_open = False
        self._messages += 1
        return verdict(answer.code, answer.message)

    async def _ready(self) -> None:
        if not self._client.is_connected:
            await self._open()
        elif self._envelope_open:
            self._at("RSET")
            await self._client.rset(timeout=self._settings.timeouts.command)
        self._envelope_open = False

    async def _open(self) -> None:
        """Connect, secure, log in; each only after the one before it went well."""
        timeouts = self._settings.timeouts
        self._messages = 0
        self._step = "connect"
        async with asyncio.timeout(timeouts.connect):
            sock = await dialled(self._settings.host, self._settings.port)
            await self._client.connect(sock=sock, timeout=timeouts.connect)
        await self._hello()
        if self._settings.tls == "required":
            self._at("STARTTLS")
            if not self._client.supports_extension("starttls"):
                raise Insecure("not offered by the server; nothing is sent in clear text")
            await self._client.starttls(timeout=timeouts.command)
            await self._hello()
        if self._settings.username and self._settings.password:
            await self._log_in(self._settings.username, self._settings.password)

    async def _hello(self) -> None:
        """EHLO; HELO will do where neither TLS nor a login is to follow."""
        self._at("EHLO")
        try:
            await self._client.ehlo(timeout=self._settings.timeouts.command)
        except SMTPHeloError:
            more = self._settings.tls == "required" or self._settings.username
            if more or not self._client.is_connected:
                raise
            await self._client.helo(timeout=self._settings.timeouts.command)

    async def _log_in(self, username: str, password: str) -> None:
        self._at("AUTH")
        if self._client.get_transport_info("sslcontext") is None:
            raise Insecure("never in clear text")
        await self._client.login(username, password, timeout=self._settings.timeouts.command)

    def _at(self, step: str) -> None:
        """Begin a step, unless the server is gone or has said more than it was asked (F42).

        aiosmtplib would take what is left of one reply for the next one.
        """
        self._step = step
        protocol = self._client.protocol
        if protocol is None or not protocol.is_connected:
            raise SMTPServerDisconnected("connection lost")
        if protocol._buffer:  # noqa: SLF001 - nothing public tells
            raise OutOfStep("the server sent more than one reply")

    def _without_secrets(self, text: str) -> str:
        """Some servers repeat a command they do not like, password and all."""
        name, password = self._settings.username, self._settings.password
        if not name or not password:
            return text
        for secret in (f"\0{name}\0{password}", password):
            encoded = base64.b64encode(secret.encode()).decode()
            text = text.replace(encoded, "<secret>").replace(secret, "<secret>")
        return text


def stuffed(content: bytes) -> bytes:
    """The message as DATA wants it, without the final dot: CRLF line ends, leading dots doubled.

    A bare CR or LF never reaches the wire: servers differ on whether it ends a line.
    """
    if not content.count(b"\r\n") == content.count(b"\r") == content.count(b"\n"):
        content = _LINE_END.sub(b"\r\n", content)
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    start = b"." if content.startswith(b".") else b""
    return start + content.replace(b"\r\n.", b"\r\n..")
