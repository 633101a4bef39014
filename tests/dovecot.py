"""A real IMAP server in the test's own folder: Debian's Dovecot, never the one of the system.

It runs as root only, as it gives up its rights itself. Any name logs in, with one password.
"""

from __future__ import annotations

import contextlib
import mailbox
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
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
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
mail_location = maildir:~/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={homes}/%u
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
    """A server that runs, and the folder that its mail lies in."""

    plain_port: int
    tls_port: int
    ca_file: str
    homes: Path

    def mail(self, user: str) -> Path:
        """The Maildir of this user's INBOX."""
        folder = self.homes / user / "mail"
        for each in (folder, folder / "new", folder / "cur", folder / "tmp"):
            each.mkdir(parents=True, exist_ok=True)
            each.chmod(0o777)
        folder.parent.chmod(0o777)
        return folder

    def bring(self, user: str, content: bytes) -> None:
        """Put a mail into his INBOX."""
        path = self.mail(user) / "new" / str(mailbox.Maildir(self.mail(user)).add(content))
        path.chmod(0o666)


@contextlib.contextmanager
def dovecot() -> Iterator[Dovecot]:
    """On two free ports of this machine, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="imap-") as name:  # short: its sockets lie there
        folder = Path(name)
        folder.chmod(0o755)
        server = Dovecot(*free_ports(), certified(folder).ca_file, folder / "homes")
        configuration = folder / "dovecot.conf"
        configuration.write_text(_configuration(folder, server))
        process = subprocess.Popen([str(DOVECOT), "-F", "-c", configuration])
        try:
            _answers(server.plain_port)
            yield server
        finally:
            process.terminate()
            process.wait()


def _configuration(folder: Path, server: Dovecot) -> str:
    return _CONFIGURATION.format(
        run=folder / "run",
        log=folder / "log",
        chain=folder / "server.pem",
        homes=server.homes,
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


def _answers(port: int) -> None:
    """Wait until it greets."""
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=5) as client,
        ):
            if client.recv(4) == b"* OK":
                return
        time.sleep(0.02)
    raise TimeoutError("Dovecot does not answer")
