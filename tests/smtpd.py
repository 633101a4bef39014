"""A real mail server for tests, in the test's own event loop on a free loopback port.

It is aiosmtpd with a script: what it says to whom, and what it does after the dot.
For servers that misbehave on the wire see ``tests.rawsmtp``.

    async with MailServer(to_recipients={"bob@x.org": "550 5.1.1 no such user"}) as server:
        ...  # server.port, then server.messages, server.connections, server.dot
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from aiosmtpd.smtp import Envelope as Taken
from aiosmtpd.smtp import Session as Peer

from tests.rawsmtp import HOST, Listener


@dataclass(frozen=True, slots=True)
class Received:
    """One message as the server has it: dots unstuffed, nothing else changed."""

    mail_from: str
    rcpt_tos: tuple[str, ...]
    content: bytes
    tls: bool
    login: str
    connection: int


class _Connection(SMTP):
    """aiosmtpd's protocol, with a number and an end."""

    def __init__(self, owner: MailServer, number: int, **settings: Any) -> None:
        super().__init__(owner, loop=asyncio.get_running_loop(), hostname="mail.test", **settings)
        self.number = number

    async def over(self) -> None:
        """Wait until the conversation is."""
        if self._handler_coroutine is not None:
            await asyncio.gather(self._handler_coroutine, return_exceptions=True)

    def reset(self) -> None:
        """Cut the line, leaving unsent what is unsent."""
        for transport in (self.transport, self._original_transport):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()  # after a failed STARTTLS nothing else would


class MailServer(Listener):
    """A mail server by script. All of the script may be changed while it runs.

    ``to_mail`` and ``to_recipients`` are replies that are not 250. ``tls`` offers STARTTLS, or
    speaks TLS at once if ``implicit``. With ``login`` (name, password) only who logs in may
    send. ``dot`` is set whenever a final dot has arrived. Only answered 250s are ``messages``
    unless it closes or hangs after the dot: then it has taken the message all the same.
    """

    def __init__(
        self,
        *,
        to_mail: str = "",
        to_recipients: Mapping[str, str] | None = None,
        to_dot: str = "250 2.0.0 Ok: queued as 4711",
        after_dot: Literal["answer", "close", "hang"] = "answer",
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        login: tuple[str, str] | None = None,
        size_limit: int = 0,
    ) -> None:
        self.to_mail = to_mail
        self.to_recipients = dict(to_recipients or {})
        self.to_dot = to_dot
        self.after_dot = after_dot
        self.messages: list[Received] = []
        self.connections = 0
        self.dot = asyncio.Event()
        self._tls = tls
        self._implicit = implicit
        self._login = login
        self._size_limit = size_limit
        self._open: list[_Connection] = []

    @property
    def recipients(self) -> list[str]:
        """To whom the messages went, in order."""
        return [address for message in self.messages for address in message.rcpt_tos]

    def close_connections(self) -> None:
        """Close what is open, as a server does that restarts or is tired of waiting."""
        for connection in self._open:
            if connection.transport is not None:
                connection.transport.close()

    async def all_gone(self) -> None:
        """Wait until no connection is open."""
        for connection in self._open:
            await connection.over()

    async def _listen(self) -> asyncio.Server:
        context = self._tls if self._implicit else None
        loop = asyncio.get_running_loop()
        return await loop.create_server(self._connection, HOST, 0, ssl=context)

    async def _hang_up(self) -> None:
        for connection in self._open:
            connection.reset()
        await self.all_gone()

    def _connection(self) -> _Connection:
        self.connections += 1
        connection = _Connection(
            self,
            self.connections,
            tls_context=None if self._implicit else self._tls,
            authenticator=self._authenticate,
            # Without STARTTLS to wait for it takes logins in clear text, as bad servers do.
            auth_require_tls=self._tls is not None and not self._implicit,
            data_size_limit=self._size_limit or None,
        )
        self._open.append(connection)
        return connection

    def _authenticate(
        self, server: SMTP, session: Peer, envelope: Taken, mechanism: str, given: LoginPassword
    ) -> AuthResult:
        pair = given.login.decode(), given.password.decode()
        return AuthResult(success=pair == self._login, handled=False, auth_data=given)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Peer, envelope: Taken, address: str, options: list[str]
    ) -> str:
        if self._login is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if self.to_mail:
            return self.to_mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Peer, envelope: Taken, address: str, options: list[str]
    ) -> str:
        reply = self.to_recipients.get(address, "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: _Connection, session: Peer, envelope: Taken
    ) -> str:
        if self.after_dot != "answer" or self.to_dot.startswith("2"):
            self.messages.append(_received(server, session, envelope))
        self.dot.set()
        if self.after_dot == "close":
            server.reset()
        if self.after_dot != "answer":
            await asyncio.Event().wait()  # until the connection's end cancels this
        return self.to_dot


def _received(server: _Connection, session: Peer, envelope: Taken) -> Received:
    login = session.auth_data.login.decode() if session.auth_data is not None else ""
    return Received(
        envelope.mail_from or "",
        tuple(envelope.rcpt_tos),
        envelope.original_content or b"",
        server.transport is not None and server.transport.get_extra_info("sslcontext") is not None,
        login,
        server.number,
    )
