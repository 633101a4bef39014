"""Whether the ledger and the paper log are a pair: of one installation, and of one time.

A cursor is never applied to another log, nor to an older state of the same one; and a ledger that
is older than its log would mail again what was mailed since. (Whoever left since is kept away by
``store/departures.py``, however old the ledger is.)
"""

from __future__ import annotations

import os

from worker import whereabouts
from worker.config.settings import Settings
from worker.ledgers import (
    Binding,
)
from worker.model import Refused
from worker.ports import (
    PaperLog,
    Subscribers,
)

ACCEPT = "restore the right one, or accept this one with `paperround init --new-log`"


def refuse_orphan(settings: Settings, *, there: bool) -> None:
    """A paper log without its ledger would mail everybody who ever unsubscribed."""
    if settings.papers.exists() and not there:
        where = whereabouts.place(settings)
        line = (
            f"{where}: missing beside {settings.papers}; restore it from a backup, "
            f"or move {settings.papers.name} away to begin anew"
        )
        raise Refused(line, os.EX_NOINPUT)


def refuse_nothing(settings: Settings, *, there: bool) -> None:
    """For those who begin nothing: raises Refused where nothing was ever begun."""
    if not there:
        line = (
            f"{settings.data}: nothing here yet; run `paperround init` or `paperround ingest FILE`"
        )
        raise Refused(line, os.EX_NOINPUT)


async def belong_together(
    settings: Settings, papers: PaperLog, subscribers: Subscribers, ledger: Binding
) -> None:
    """Raises Refused, with the way out, for a ledger and a log that are no pair.

    What grows later is read later, so that whoever looks beside the daemon is not misled by it.
    """
    await _refuse_other(settings, papers, ledger)
    announced = await ledger.expected()
    read = (await subscribers.extent()).most_read
    end = await papers.end()
    if read > end.paper:
        line = (
            f"{settings.papers}: ends at paper {end.paper}, but subscribers have read up to {read}"
        )
        raise Refused(f"{line}; {ACCEPT}")
    if end.intake < (announced or 0) - 1:  # the last one may have been announced and not written
        line = f"{settings.papers}: ends at daily file {end.intake}, but {announced} were begun"
        raise Refused(f"{line}; {ACCEPT}")
    await _refuse_older(settings, end.intake, ledger)


async def refuse_newer(settings: Settings, papers: PaperLog, ledger: Binding) -> None:
    """Before anybody accepts the ledger as older than its log: raises Refused if it is newer."""
    await _refuse_other(settings, papers, ledger)
    written, announced = (await papers.end()).intake, await ledger.expected() or 0
    if written < announced:
        line = f"{whereabouts.place(settings)}: knows of {announced} daily files"
        here = f"{settings.papers.name} of {written}"
        raise Refused(f"{line}, {here}: it is not the older one; nothing was changed")


async def _refuse_other(settings: Settings, papers: PaperLog, ledger: Binding) -> None:
    if await ledger.paper_log() != await papers.id():
        name = "the database" if settings.database else settings.ledger.name
        raise Refused(f"{settings.papers}: not the log that {name} knows; {ACCEPT}")


async def _refuse_older(settings: Settings, written: int, ledger: Binding) -> None:
    announced = await ledger.expected()
    if announced is not None and written > announced:
        line = (
            f"{whereabouts.place(settings)}: older than {settings.papers} ({announced} daily files "
            f"against {written}), so it was restored; run `paperround init --restored skip` to "
            "mail nothing of what came since then, or `--restored repeat` to mail it, perhaps again"
        )
        raise Refused(line)
