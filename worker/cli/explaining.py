"""``explain``: why a subscriber got a paper, or why not."""

from __future__ import annotations

import asyncio

import click

from worker import opening
from worker.cli.place import Place, placed, say_json
from worker.clock import SystemClock
from worker.core import explainjson
from worker.core.explained import lines
from worker.core.explanation import Explanation
from worker.model import Refused
from worker.pipeline.inquire import Choice


@click.command()
@click.argument("address")
@click.argument("paper", nargs=-1, required=True, metavar="PAPER")
@click.option("--json", is_flag=True, help="Print as JSON.")
@placed
def explain(place: Place, address: str, paper: tuple[str, ...], json: bool) -> None:
    """Why a subscriber got a paper, or why not.

    PAPER is its number, its arXiv id or DOI, or words of its title.
    """
    wanted = " ".join(paper)
    found = asyncio.run(_asked(place, address, wanted))
    if isinstance(found, Choice):
        if json:
            say_json(explainjson.choice(found.papers, found.total))
        raise Refused(_offered(wanted, found))
    if json:
        say_json(explainjson.explanation(found))
    else:
        click.echo("\n".join(lines(found)))


async def _asked(place: Place, address: str, wanted: str) -> Explanation | Choice:
    async with opening.beside(place.settings) as opened:
        who = await opening.found(opened, address)
        return await opened.inquiry(SystemClock()).ask(who, wanted)


def _offered(wanted: str, choice: Choice) -> str:
    """That it is not clear which one is meant, and which could be."""
    titles = "".join(f"\n  {paper.number}  {paper.title}" for paper in choice.papers)
    if choice.total:
        more = choice.total - len(choice.papers)
        rest = f"\n  and {more} more" if more else ""
        return f"{wanted!r}: {choice.total} papers, say which by its number:{titles}{rest}"
    never = f"{wanted!r}: never listed here, as far as the log tells"
    return f"{never}; its number, its id or words of its title find it" + (
        f"; nearest are:{titles}" if titles else ""
    )


COMMANDS = (explain,)
