"""A real IMAP server in the test's own folder: Debian's Dovecot, never the one of the system.

It runs as root only, as it gives up its rights itself. Any name logs in, with one password.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.certificates import certified

DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
IMAP = Path("/usr/lib/dovecot/imap")
MISSING = (
    "Debian's dovecot-imapd is not installed"
    if DOVECOT is None or not IMAP.exists()
    else "Dovecot needs root to begin with"
    if os.geteuid()
    else ""
)
PASSWORD = "s3cret-of-the-mailbox"

_CONFIGURATION = """
base_dir = {run}
state_dir = {run}
log_path = {log}
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{chain}
ssl_key = <{chain}
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:{mail}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}
}}
service imap-login {{
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A server that runs. ``mail`` is its Maildir of INBOX, ``log`` what it says of itself."""

    plain_port: int
    tls_port: int
    ca_file: str
    mail: Path
    log: Path


@contextlib.asynccontextmanager
async def dovecot() -> AsyncIterator[Dovecot]:
    """On two free ports of this machine, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="imap-") as name:  # short: its sockets lie there
        folder = Path(name)
        folder.chmod(0o755)
        plain, tls = free_ports()
        server = Dovecot(
            plain, tls, certified(folder).ca_file, folder / "home/mail", folder / "log"
        )
        for each in ("", "/new", "/cur", "/tmp"):
            (folder / f"home/mail{each}").mkdir(parents=True)
        for each in (folder / "home").rglob("*"):
            each.chmod(0o777)
        (folder / "home").chmod(0o777)
        configuration = folder / "dovecot.conf"
        configuration.write_text(_configuration(folder, server))
        process = await asyncio.create_subprocess_exec(str(DOVECOT), "-F", "-c", configuration)
        try:
            await _answers(server)
            yield server
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


def _configuration(folder: Path, server: Dovecot) -> str:
    return _CONFIGURATION.format(
        run=folder / "run",
        log=server.log,
        chain=folder / "server.pem",
        mail=server.mail,
        home=folder / "home",
        password=PASSWORD,
        plain=server.plain_port,
        tls=server.tls_port,
    )


def free_ports() -> tuple[int, int]:
    """Two of them, free a moment ago."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


async def _answers(server: Dovecot) -> None:
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", server.plain_port)
                greeting = await reader.readline()
                writer.close()
                if greeting.startswith(b"* OK"):
                    return
            await asyncio.sleep(0.05)
