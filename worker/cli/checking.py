"""``rules check``: what rules would have caught over the last 30 days, and what to know of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from worker import opening
from worker.cli.look import different_papers
from worker.cli.place import Place, placed, say_json, terminal
from worker.core.caught import UNBOUNDED
from worker.core.named import split
from worker.core.rulesets import unfolded
from worker.core.stock import Stock, lately
from worker.core.trial import Trial, Tried, trial
from worker.core.window import Window
from worker.model import Rule, Subscriber, SubscriberState
from worker.opened import Opened
from worker.pipeline.exemplars import beside
from worker.shelf import Shelf

_BARS = "▁▂▃▄▅▆▇█"
_READS = (SubscriberState.ACTIVE,)


@dataclass(frozen=True, slots=True)
class Group:
    """The rules of one subscriber; those of the command line are nobody's."""

    whose: str
    rules: tuple[Rule, ...]


@click.command(
    "check", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]}
)  # a rule may begin with a minus
@click.argument("queries", nargs=-1, metavar="[[NAME=]QUERY]…")
@click.option("--subscriber", metavar="ADDRESS", help="Only the rules of this subscriber.")
@click.option(
    "--in",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Look in this daily file, not in the paper log. Once per file.",
)
@click.option("--json", is_flag=True, help="Print as JSON.")
@placed
def check(
    place: Place,
    queries: tuple[str, ...],
    subscriber: str | None,
    files: tuple[Path, ...],
    json: bool,
) -> None:
    """What rules would have caught over the last 30 days, and what to know of them.

    Those of everybody, if none are given. Ends with 65 if one of them cannot be read.
    """
    if queries and subscriber:
        raise click.UsageError("give queries or --subscriber, not both")
    sets = place.settings.rule_sets
    asked = [Group("", unfolded(tuple(map(split, queries)), sets))] if queries else []
    groups, stock = asyncio.run(_found(place, asked, subscriber, files))
    tried = [(group, trial(group.rules, stock, len(group.rules), UNBOUNDED)) for group in groups]
    if json:
        rules = [_as_json(one, group, found) for group, found in tried for one in found.rules]
        say_json({"days": stock.days, "papers": stock.size, "rules": rules})
    else:
        _show(tried, stock)
    if any(one.wrong for _, found in tried for one in found.rules):
        raise click.exceptions.Exit(os.EX_DATAERR)


async def _found(
    place: Place, asked: list[Group], subscriber: str | None, files: Sequence[Path]
) -> tuple[list[Group], Stock]:
    """Whose rules are to be tried, and on what. No store is opened that is not needed."""
    papers = different_papers(files, place.settings.wanted)[0] if files else None
    if asked and papers is not None:
        return asked, lately(Window(papers, ()))
    async with opening.beside(place.settings) as opened:
        groups = asked or [
            Group(who.address, unfolded(who.rules, place.settings.rule_sets))
            for who in await _readers(opened, subscriber)
        ]
        if papers is not None:
            return groups, lately(Window(papers, ()))
        rules = (rule.query for group in groups for rule in group.rules)
        stock = await Shelf(opened.papers).stock()
        return groups, await beside(stock, rules, opened.papers, opened.ledger)


async def _readers(opened: Opened, subscriber: str | None) -> Sequence[Subscriber]:
    if subscriber:
        return [await opening.found(opened, subscriber)]
    return [who for who in await opened.subscribers.everyone() if who.state in _READS]


def _as_json(one: Tried, group: Group, found: Trial) -> dict[str, Any]:
    """The stable form of ``rules check --json``."""
    weeks = zip(found.weeks, one.weeks, strict=False)
    wrong = one.wrong
    return {
        "subscriber": group.whose or None,
        "name": one.rule.name,
        "query": one.rule.query,
        "papers": one.papers,
        "share": round(one.share, 4),
        "weeks": [{"first": str(week.first), "days": week.days, "papers": n} for week, n in weeks],
        "newest": ["".join(piece.text for piece in entry.title) for entry in one.newest],
        "removed": one.removed,
        "removed_titles": list(one.removed_titles),
        "advice": [{"kind": each.kind.value, "text": each.text} for each in one.advice],
        "error": {"position": wrong.position, "reason": wrong.reason} if wrong else None,
    }


def _show(tried: Sequence[tuple[Group, Trial]], stock: Stock) -> None:
    console = terminal()
    for group, found in tried:
        table = Table(
            group.whose or "rule", "papers", "share", "per week", "",
            box=None, header_style="dim", padding=(0, 2, 0, 0),
        )  # fmt: skip
        table.columns[1].justify = table.columns[2].justify = "right"
        for one in found.rules:
            table.add_row(*map(Text, _row(one)), Text("\n".join(_remarks(one))))
        console.print(table)
        share = f"{found.share:.0%} of all, {found.per_week:.3g} a week"
        click.echo(f"{found.caught} different papers: {share}")
    click.echo(f"tried on {stock.size} papers of {stock.days} days")


def _row(one: Tried) -> tuple[str, str, str, str]:
    if one.wrong:
        return one.rule.name, "", "", ""
    return one.rule.name, str(one.papers), f"{one.share:.0%}", bars(one.weeks)


def _remarks(one: Tried) -> Iterator[str]:
    if one.wrong:
        yield f"cannot be read: position {one.wrong.position}: {one.wrong.reason}"
    yield from (each.text for each in one.advice)
    if one.removed and one.papers:
        yield f"It leaves out {one.removed}: {'; '.join(one.removed_titles)}"


def bars(counts: Sequence[int]) -> str:
    """One bar for each, the highest for the most; the lowest only for none."""
    most = max(counts, default=0)
    return "".join(_BARS[-(-count * (len(_BARS) - 1) // most) if most else 0] for count in counts)
