"""``bounce``: a mail server hands over mail that came back, one mail at a time."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from worker import opening, strays
from worker.cli.place import Place, placed
from worker.clock import SystemClock
from worker.model import Refused
from worker.pipeline.returns import Noted
from worker.returns import LOOKED_AT, Mail

RECIPIENT_IN = ("ORIGINAL_RECIPIENT", "RECIPIENT")
"""Where Postfix's local(8), procmail and others leave the envelope's recipient."""

STRAYS = "returned"


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE…]")
@click.option(
    "--recipient",
    multiple=True,
    metavar="ADDRESS",
    help="Whom the envelope names.  [default: $ORIGINAL_RECIPIENT, $RECIPIENT]",
)
@placed
def bounce(place: Place, files: tuple[Path, ...], recipient: tuple[str, ...]) -> None:
    """Act on mail that came back, from standard input or from files; also beside the daemon.

    What makes no sense is kept for you, in the folder "returned" of --data (a Maildir). Whatever
    goes wrong here may pass, so the exit code then asks the mail server to try again (75).
    """
    contents = [file.read_bytes()[:LOOKED_AT] for file in files] or [_standard_input()]
    recipients = recipient or tuple(filter(None, map(os.environ.get, RECIPIENT_IN)))
    try:
        asyncio.run(_bounce(place, [Mail(content, recipients) for content in contents]))
    except Refused as refused:
        raise Refused(str(refused), os.EX_TEMPFAIL) from refused
    except OSError as error:
        line = f"{error.filename or 'input/output'}: {error.strerror}"
        raise Refused(line, os.EX_TEMPFAIL) from error


def _standard_input() -> bytes:
    """All of it is read, for the mail server's sake; what is not looked at is not kept."""
    content = sys.stdin.buffer.read(LOOKED_AT)
    while sys.stdin.buffer.read(LOOKED_AT):
        pass
    return content


async def _bounce(place: Place, mails: Sequence[Mail]) -> None:
    async with opening.beside(place.settings) as opened:
        returning = opened.returning(SystemClock())
        for mail in mails:
            noted = await returning.take(mail)
            click.echo(noted.line if noted.understood else _kept(place, mail, noted))


def _kept(place: Place, mail: Mail, noted: Noted) -> str:
    path = strays.keep(place.data / STRAYS, mail.content)
    return f"{noted.line}; kept as {path}"


COMMANDS = (bounce,)
