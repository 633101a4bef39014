"""A folder on an IMAP server (RFC 3501), over TLS unless the server is this very machine.

A mail that was acted on becomes \\Seen; one that was not understood \\Flagged as well. Nothing is
ever deleted here.
"""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import os
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self, TypeVar

from worker.core.host import is_loopback
from worker.core.reply import noted
from worker.model import Refused
from worker.returns import LOOKED_AT, Found, Mail

Tls = Literal["implicit", "required", "none"]
T = TypeVar("T")

_WANTED = "UNSEEN UNFLAGGED UNDELETED"


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """Where the folder is. The password shows in no ``repr``. Raises Refused if it would in clear.

    ``ca_file`` holds the only authorities trusted, in place of the system's; ``timeout`` is in
    seconds, for each step.
    """

    host: str
    port: int
    tls: Tls
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    ca_file: str | None = None
    timeout: float = 60.0

    def __post_init__(self) -> None:
        if self.tls == "none" and not is_loopback(self.host):
            line = f'imap: tls "none" is for this machine only and {self.host} is not'
            raise Refused(line, os.EX_CONFIG)


class ImapPostbox:
    """A ``ports.Postbox``; as a context manager it logs out at the end.

    Each look into the folder is a new connection; it serves for what becomes of the mails, too.
    """

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._client: imaplib.IMAP4 | None = None
        self._lock = threading.Lock()  # a thread goes on when whoever waits for it is cancelled

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._close)

    async def take(self, limit: int) -> Sequence[Found]:
        return await asyncio.to_thread(self._take, limit)

    async def done(self, found: Found, *, understood: bool) -> None:
        flags = r"(\Seen)" if understood else r"(\Seen \Flagged)"
        await asyncio.to_thread(self._done, found.mark, flags)

    def _take(self, limit: int) -> Sequence[Found]:
        with self._lock:
            self._leave()
            return self._ask(lambda client: _take(client, limit))

    def _done(self, mark: str, flags: str) -> None:
        with self._lock:
            if self._client:
                with contextlib.suppress(OSError, imaplib.IMAP4.error):
                    return _flag(self._client, mark, flags)
                self._drop()  # it was lost meanwhile; a no is heard again, and told as one
            return self._ask(lambda client: _flag(client, mark, flags))

    def _ask(self, question: Callable[[imaplib.IMAP4], T]) -> T:
        """Ask over a new connection."""
        try:
            self._client = _opened(self._settings)
            return question(self._client)
        except (OSError, imaplib.IMAP4.error, UnicodeError) as error:
            self._drop()
            raise _refused(self._settings, error) from None

    def _leave(self) -> None:
        if self._client:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                self._client.logout()
        self._drop()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client:
            with contextlib.suppress(OSError):
                client.shutdown()

    def _close(self) -> None:
        with self._lock:
            self._leave()


def _opened(settings: ImapSettings) -> imaplib.IMAP4:
    """Connected, logged in, in the folder."""
    client = _connected(settings)
    try:
        _log_in(client, settings)
        quoted = settings.folder.replace("\\", "\\\\").replace('"', '\\"')
        _checked(client.select(f'"{quoted}"'))
    except BaseException:
        client.shutdown()
        raise
    return client


def _connected(settings: ImapSettings) -> imaplib.IMAP4:
    host, port, timeout = settings.host, settings.port, settings.timeout
    if settings.tls == "none":
        return imaplib.IMAP4(host, port, timeout)
    context = ssl.create_default_context(cafile=settings.ca_file)
    if settings.tls == "implicit":
        return imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=timeout)
    client = imaplib.IMAP4(host, port, timeout)
    try:
        client.starttls(context)  # raises if the server has none: nothing goes in clear
    except BaseException:
        client.shutdown()
        raise
    return client


def _log_in(client: imaplib.IMAP4, settings: ImapSettings) -> None:
    if "AUTH=PLAIN" in client.capabilities:  # the only way for what is not ASCII
        answer = f"\0{settings.username}\0{settings.password}".encode()
        client.authenticate("PLAIN", lambda _: answer)
    else:
        client.login(settings.username, settings.password)


def _take(client: imaplib.IMAP4, limit: int) -> Sequence[Found]:
    validity = _validity(client)
    (listed, *_) = _checked(client.uid("SEARCH", _WANTED))
    uids = sorted(map(int, (listed or b"").split()))[:limit]
    contents = ((uid, _beginning(client, uid)) for uid in uids)
    return [Found(f"{validity}.{uid}", Mail(each)) for uid, each in contents if each is not None]


def _beginning(client: imaplib.IMAP4, uid: int) -> bytes | None:
    """None if it was removed meanwhile."""
    answer = _checked(client.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{LOOKED_AT}>)"))
    return next((part[1] for part in answer if isinstance(part, tuple)), None)


def _flag(client: imaplib.IMAP4, mark: str, flags: str) -> None:
    """A folder that was made anew gives its numbers anew: nothing is known of its mails."""
    validity, _, uid = mark.partition(".")
    if validity == _validity(client):
        _checked(client.uid("STORE", uid, "+FLAGS.SILENT", flags))


def _validity(client: imaplib.IMAP4) -> str:
    number = (client.untagged_responses.get("UIDVALIDITY") or [b""])[-1]
    return number.decode("ascii", "replace") if isinstance(number, bytes) else ""


def _checked(answer: tuple[str, list[T]]) -> list[T]:
    """What a command brought. Raises as the library does where the server said no."""
    said, brought = answer
    if said != "OK":
        raise imaplib.IMAP4.error(brought[0] if brought else said)
    return brought


def _refused(settings: ImapSettings, error: Exception) -> Refused:
    words = _words(error)
    if settings.password:
        words = words.replace(settings.password, "<password>")
    line = f"imap: {settings.host}:{settings.port}: {noted(words)}"
    return Refused(line, os.EX_TEMPFAIL)


def _words(error: Exception) -> str:
    match error:
        case imaplib.IMAP4.error():
            said = error.args[0] if error.args else "broke off"
            return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        case TimeoutError():
            return "timed out"
        case ssl.SSLCertVerificationError():
            return f"the certificate does not hold: {error.verify_message}"
        case OSError():
            return error.strerror or type(error).__name__
        case _:
            return type(error).__name__
