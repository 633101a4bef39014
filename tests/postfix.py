"""A Postfix of a test's own: one instance in a folder of its own, on a free loopback port.

    async with Postfix(mailboxes=["ann@reader.example"], onward={"far.example": 2525}) as postfix:
        ...  # postfix.port, postfix.ca_file, then (await postfix.arrived("ann@reader.example"))[0]

It offers STARTTLS and takes nothing without it, knows its mailboxes (anybody else there is
``550 5.1.1``), asks ``Greylist`` if given, and hands the ``onward`` domains to other servers on
this machine. Mail is delivered into a Maildir for each mailbox; plus addresses reach theirs.
Needs root: Postfix changes its user.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.certificates import certified
from tests.rawsmtp import HOST, Line, RawServer

POSTFIX = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
WHY_NOT = (
    "Postfix is not installed" if POSTFIX is None
    else "Postfix needs root to change its user" if os.geteuid() != 0
    else ""
)  # fmt: skip
"""Why there can be no Postfix here; empty if there can."""

PATIENCE = 30.0
GRACE = 5.0
"""Seconds that it has to end by itself."""

_MAIN = """
compatibility_level = 3.6
config_directory = {root}/config
queue_directory = {root}/queue
data_directory = {root}/state
maillog_file = {root}/postfix.log
maillog_file_prefixes = {root}
mail_owner = postfix
setgid_group = postdrop

myhostname = relay.example.net
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
smtputf8_enable = yes
alias_maps =
alias_database =
local_transport = error:5.1.1 nobody is local here
notify_classes =
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtp_tls_security_level = none

smtpd_tls_chain_files = {root}/server.pem
smtpd_tls_security_level = encrypt
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = {asking}permit_mynetworks, reject
smtpd_delay_reject = yes

recipient_delimiter = +
virtual_mailbox_domains = {domains}
virtual_mailbox_maps = texthash:{root}/config/mailboxes
virtual_mailbox_base = {root}/mail
virtual_mailbox_limit = 0
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}

relay_domains = {onward}
relay_transport = smtp
transport_maps = texthash:{root}/config/onward
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
"""

_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
proxymap  unix  -       -       n       -       -       proxymap
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
virtual   unix  -       n       n       -       -       virtual
anvil     unix  -       -       n       -       1       anvil
postlog   unix-dgram n  -       n       -       1       postlogd
"""


@dataclass
class Greylist:
    """A policy service (Postfix, SMTPD_POLICY_README) that lets nobody new in at once.

    It knows triplets of client, sender and recipient, as postgrey does, and is asked about the
    ``recipients`` only. ``asked`` is when, and for which triplet.
    """

    now: Callable[[], datetime]
    recipients: frozenset[str]
    delay: timedelta = timedelta(minutes=5)
    asked: list[tuple[datetime, tuple[str, ...]]] = field(default_factory=list)

    async def talk(self, line: Line) -> None:
        """Question after question, until Postfix hangs up."""
        while question := (await line.hear(b"\n\n")).decode():
            asked = dict(each.partition("=")[::2] for each in question.splitlines() if each)
            await line.say(f"action={self._answer(asked)}\n\n".encode())

    def _answer(self, asked: Mapping[str, str]) -> str:
        if asked["recipient"] not in self.recipients:
            return "DUNNO"
        triplet = asked["client_address"], asked["sender"], asked["recipient"]
        self.asked.append((self.now(), triplet))
        first = next(at for at, known in self.asked if known == triplet)
        waited = self.now() >= first + self.delay
        return "DUNNO" if waited else "DEFER 4.2.0 Greylisted, see you in five minutes"


class Postfix:
    """One instance, running while in ``async with``; what it needs to run is made then.

    ``mailboxes`` are addresses; ``onward`` has the port for each domain that is not ours. ``more``
    are lines for its main.cf, ``services`` for its master.cf, ``files`` what else lies beside them.
    """

    def __init__(
        self,
        *,
        mailboxes: Sequence[str] = (),
        onward: Mapping[str, int] | None = None,
        greylist: Greylist | None = None,
        more: str = "",
        services: str = "",
        files: Mapping[str, str] | None = None,
    ) -> None:
        self._mailboxes = mailboxes
        self._onward = dict(onward or {})
        self._greylist = greylist
        self._more = more
        self._services = services
        self._files = dict(files or {})
        self._ends = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as ends:
            # Not below pytest's own folder: nobody but its owner gets in there.
            folder = tempfile.TemporaryDirectory(prefix="postfix-", ignore_cleanup_errors=True)
            self.root = Path(ends.enter_context(folder))
            asking = await self._asking(ends)
            self.port = _free_port()
            self._lay_out(asking)
            await self._run("start")
            ends.push_async_callback(self._stop)
            await self._answers()
            self._ends = ends.pop_all()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._ends.aclose()

    async def arrived(self, mailbox: str, count: int = 1) -> list[bytes]:
        """Wait until so many messages lie in a Maildir, and give all that do, oldest first."""
        new = self.root / "mail" / mailbox / "new"
        try:
            async with asyncio.timeout(PATIENCE):
                while len(found := self.lying(mailbox)) < count:
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"{new} has {len(found)} of {count}\n{self.log()}") from None
        return found

    def lying(self, mailbox: str) -> list[bytes]:
        """The messages that lie in a Maildir now, oldest first."""
        new = self.root / "mail" / mailbox / "new"
        files = sorted(new.iterdir(), key=lambda path: path.name) if new.is_dir() else []
        return [file.read_bytes() for file in files]

    async def logged(self, words: str, count: int = 1) -> None:
        """Wait until so many lines of its log have these words."""
        try:
            async with asyncio.timeout(PATIENCE):
                while sum(words in line for line in self.log().splitlines()) < count:
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"not {count} times logged: {words}\n{self.log()}") from None

    def log(self) -> str:
        """What it has logged."""
        log = self.root / "postfix.log"
        return log.read_text() if log.exists() else "(no log)"

    async def _asking(self, ends: AsyncExitStack) -> str:
        if self._greylist is None:
            return ""
        server = await ends.enter_async_context(RawServer(self._greylist.talk))
        return f"check_policy_service inet:{HOST}:{server.port}, "

    def _lay_out(self, asking: str) -> None:
        self.root.chmod(0o755)
        owner, nobody = pwd.getpwnam("postfix"), pwd.getpwnam("nobody")
        for name in ("config", "queue", "state", "mail"):
            (self.root / name).mkdir()
        os.chown(self.root / "state", owner.pw_uid, owner.pw_gid)
        os.chown(self.root / "mail", nobody.pw_uid, nobody.pw_gid)
        self.ca_file = certified(self.root, HOST).ca_file
        main = _MAIN.format(
            root=self.root,
            asking=asking,
            uid=nobody.pw_uid,
            gid=nobody.pw_gid,
            domains=" ".join(sorted({box.partition("@")[2] for box in self._mailboxes})),
            onward=" ".join(sorted(self._onward)),
        )
        config = self.root / "config"
        (config / "main.cf").write_text(main + self._more)
        (config / "master.cf").write_text(_MASTER.format(port=self.port) + self._services)
        boxes = "".join(f"{box} {box}/\n" for box in self._mailboxes)
        (config / "mailboxes").write_text(boxes)
        ways = "".join(f"{name} smtp:[{HOST}]:{port}\n" for name, port in self._onward.items())
        (config / "onward").write_text(ways)
        for name, content in self._files.items():
            (config / name).write_text(content)

    async def _run(self, command: str) -> None:
        process = await asyncio.create_subprocess_exec(
            *(str(POSTFIX), "-c", str(self.root / "config"), command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(PATIENCE):
            code = await process.wait()
        assert code == 0, f"postfix {command}: {code}\n{self.log()}"

    async def _stop(self) -> None:
        """End it, by force if need be: its own ``stop`` can wait for ever for its own log."""
        master = int((self.root / "queue" / "pid" / "master.pid").read_text())
        os.kill(master, signal.SIGTERM)
        with contextlib.suppress(ProcessLookupError, TimeoutError):
            async with asyncio.timeout(GRACE):
                while True:
                    os.killpg(master, 0)
                    await asyncio.sleep(0.05)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(master, signal.SIGKILL)

    async def _answers(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    reader, writer = await asyncio.open_connection(HOST, self.port)
                except OSError:
                    await asyncio.sleep(0.05)
                    continue
                greeting = await reader.readline()
                writer.close()
                await writer.wait_closed()
                assert greeting.startswith(b"220 "), greeting
                return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
