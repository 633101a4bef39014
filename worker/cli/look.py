"""``parse``, ``rules``, ``preview``: look, and change nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from worker import opening
from worker.cli import browsing
from worker.cli.ingesting import read_file
from worker.cli.place import Place, placed, say_json, terminal, written
from worker.clock import SystemClock
from worker.core.catalogue import Catalogue
from worker.core.diff import diff
from worker.core.evidence import spans, terms, tops
from worker.core.exemplars import likes_of
from worker.core.index import Index
from worker.core.query import parse as parse_query
from worker.core.rulesets import unfolded
from worker.core.terms import Field, Or
from worker.core.window import Window
from worker.mailer.folder import FolderMailer, file_name
from worker.model import (
    Edition,
    Kind,
    Listing,
    Paper,
    PaperNumber,
    Rule,
    Seen,
    WhenEmpty,
)
from worker.pipeline.rehearse import preview as rehearsed
from worker.sources import forms


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", is_flag=True, help="Print the edition as JSON.")
@placed
def parse(place: Place, file: Path, json: bool) -> None:
    """Show what a daily file says, without any store."""
    edition = forms.read(read_file(file), None)
    if json:
        say_json(edition_json(edition))
        return
    table = Table("", "title", "id", "", box=None, header_style="dim")
    for number, listing in enumerate(edition.listings, start=1):
        told = (listing.title, listing.ids[0] if listing.ids else "", _in_short(listing))
        table.add_row(str(number), *map(escape, told))
    terminal().print(table)
    for rejected in edition.rejected:
        click.echo(f"paperround: {file}, {rejected.where}: {rejected.why}", err=True)
    for note in edition.notes:
        click.echo(f"paperround: {file}: {note}", err=True)
    click.echo(
        f"{len(edition.listings)} listings of {edition.day} ({edition.format}), "
        f"{len(edition.rejected)} set aside"
    )


def _in_short(listing: Listing) -> str:
    """What it is, if not simply new, and what its source counts."""
    counts = listing.counts
    told = [listing.kind.value] if listing.kind is not Kind.NEW else []
    for name, count in asdict(counts).items():
        told += [f"{name} {count}"] if count is not None else []
    return ", ".join(told)


def edition_json(edition: Edition) -> dict[str, Any]:
    """The stable form of ``parse --json``."""
    return {
        "day": str(edition.day),
        "format": edition.format,
        "source": edition.source,
        "listings": [
            {
                "title": listing.title,
                "abstract": listing.abstract,
                "authors": list(listing.authors),
                "ids": list(listing.ids),
                "url": listing.url,
                "categories": list(listing.categories),
                "published": str(listing.published) if listing.published else None,
                "kind": listing.kind.value,
                "counts": asdict(listing.counts),
            }
            for listing in edition.listings
        ],
        "rejected": [{"where": one.where, "why": one.why} for one in edition.rejected],
        "notes": list(edition.notes),
    }


@click.group()
@placed
@click.pass_context
def rules(context: click.Context, place: Place) -> None:
    """Try a rule before anybody is mailed by it."""
    context.obj = place


@rules.command(
    "test", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]}
)  # a rule may begin with a minus
@click.argument("query")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--json", is_flag=True, help="Print as JSON.")
@placed
def test(place: Place, query: str, files: tuple[Path, ...], json: bool) -> None:
    """Which of the papers in these daily files a rule would have caught."""
    asked = unfolded((Rule(query, query),), place.settings.rule_sets)
    queries = tuple(parse_query(rule.query) for rule in asked)
    parsed = queries[0] if len(queries) == 1 else Or(queries)
    if small := set(query.split()) & {"or", "and", "not"}:
        hint = f"{', '.join(sorted(small))} in small letters is a word; the operator has capitals"
        click.echo(f"paperround: {hint}", err=True)
    papers, unasked = different_papers(files, place.settings.wanted)
    if unasked:
        hint = f"{unasked} cross-lists and replacements are left out: see [inbox] cross_lists"
        click.echo(f"paperround: {hint}", err=True)
    alike = Window(papers, ()).likeness(likes_of(parsed))
    index = Index(Catalogue(papers), alike)
    bits = index.match(parsed)
    matched = [
        (
            paper,
            (*terms((parsed,), paper), *tops(parsed, index, bit), *alike.because(parsed, paper)),
        )
        for bit, paper in enumerate(papers)
        if bits >> bit & 1
    ]
    if json:
        found = [{"title": one.title, "terms": list(its)} for one, its in matched]
        say_json({"query": query, "papers": len(papers), "matched": found})
        return
    console = terminal()
    for paper, found_by in matched:
        title = Text(paper.title)
        for start, end in spans([parsed], paper, Field.TITLE):
            title.stylize("bold yellow", start, end)
        console.print(title)
        if found_by:
            console.print(Text(f"   {', '.join(found_by)}", style="dim"))
    click.echo(f"{len(matched)} of {len(papers)} papers")


def different_papers(files: Iterable[Path], wanted: frozenset[Kind]) -> tuple[list[Paper], int]:
    """The papers of several files, each once and as the last file leaves it, as the log would.

    And how many listings nobody asked for.
    """
    unasked = 0
    papers: dict[PaperNumber, Paper] = {}
    newest: date | None = None
    for file in files:
        edition = forms.read(read_file(file), newest)
        known = [Seen(paper.number, paper.keys) for paper in papers.values()]
        newest = max(filter(None, (newest, edition.day)))
        found = diff(
            edition.listings,
            {key: seen for seen in known for key in seen.keys},
            PaperNumber(len(papers)),
            edition.day,
            source=edition.source,
            wanted=wanted,
            kept=papers,
        )
        papers |= {paper.number: paper for paper in (*found.fresh, *found.completed)}
        unasked += len(found.unasked)
    return list(papers.values()), unasked


@click.command()
@click.argument("address")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the message here as .eml and .html.",
)
@click.option("--open", "opens", is_flag=True, help="Show it in the browser.")
@placed
def preview(place: Place, address: str, out: Path | None, opens: bool) -> None:
    """What a subscriber would be mailed if a digest of his were due now."""
    if out and opens:
        raise click.UsageError("say either --out DIR or --open")
    click.echo(asyncio.run(_preview(place, address, out, opens=opens)))


async def _preview(place: Place, address: str, out: Path | None, *, opens: bool) -> str:
    clock = SystemClock()
    async with opening.beside(place.settings) as opened:
        who = await opening.found(opened, address)
        delivery = await rehearsed(
            who,
            opened.recent,
            opened.ledger,
            opened.composer.message_id,
            clock,
            opened.settings.rule_sets,
        )
        envelope = opened.composer(delivery)
    if not delivery.digest.picks and who.when_empty is WhenEmpty.SKIP:
        click.echo("paperround: nothing new matches: no mail would go out", err=True)
    message = message_from_bytes(envelope.content, policy=policy.default)
    if opens:
        return _opened(message)
    if out is None:
        return _part(message, "plain")
    out.mkdir(parents=True, exist_ok=True)
    written(await FolderMailer(out).deliver(envelope))
    if message.get_body(("html",)) is None:  # he wants plain text only
        return str(out / file_name(envelope))
    html = (out / file_name(envelope)).with_suffix(".html")
    html.write_text(_part(message, "html"), encoding="utf-8")
    return str(html)


def _opened(message: Any) -> str:
    """His digest in the browser, as he wants it: plain text only, or HTML."""
    if message.get_body(("html",)) is None:
        return browsing.show(_part(message, "plain"), "preview.txt")
    return browsing.show(_part(message, "html"), "preview.html")


def _part(message: Any, kind: str) -> str:
    content: str = message.get_body((kind,)).get_content()
    return content


COMMANDS = (parse, rules, preview)
