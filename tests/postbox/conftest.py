"""One IMAP server for all tests of a file; each takes a mailbox of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dovecot import PASSWORD, Dovecot, dovecot
from worker.postbox.imap import ImapSettings


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


def imap_settings(server: Dovecot, user: str, folder: str = "INBOX") -> ImapSettings:
    """How to reach it over TLS."""
    return ImapSettings(
        "localhost",
        server.tls_port,
        "implicit",
        user,
        PASSWORD,
        folder,
        ca_file=server.ca_file,
        timeout=20,
    )
