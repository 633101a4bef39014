"""What somebody wants, as the options of ``subscribers add`` and ``set`` say it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from worker.config.settings import Settings
from worker.core.address import normalise
from worker.core.due import parse_schedule, zone
from worker.core.form import USUAL
from worker.core.named import named_rule
from worker.manner import Abstracts, Language, Manner, Order, Relation
from worker.model import MOST_PAPERS, Preferences, WhenEmpty


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options themselves."""
    for option in (
        click.option(
            "--related",
            callback=_related,
            metavar="LIST",
            help="Listings of papers he had that he is told of: again,replaced,cross; or none.",
        ),
        click.option(
            "--order",
            type=click.Choice([each.value for each in Order]),
            help="By rule, the best match first, or by upvotes.",
        ),
        click.option(
            "--abstracts",
            type=click.Choice([each.value for each in Abstracts]),
            help="In full, their first sentences, or titles only.",
        ),
        click.option("--plain/--no-plain", default=None, help="Plain text only, or HTML as well."),
        click.option(
            "--language",
            type=click.Choice([each.value for each in Language]),
            metavar="TAG",
            help="How days are written: de, fr, ja …",
        ),
        click.option(
            "--max-papers", type=click.IntRange(1, MOST_PAPERS), help="Papers in one digest."
        ),
        click.option(
            "--when-empty",
            type=click.Choice(["skip", "say so"]),
            help="What to do without a match.",
        ),
        click.option("--timezone", metavar="ZONE", help="An IANA zone such as Europe/Vienna."),
        click.option(
            "--schedule", metavar="TEXT", help="Such as 'daily 08:00', 'weekly fri 07:30'."
        ),
        click.option("--rule", multiple=True, metavar="[NAME=]QUERY", help="Once per rule."),
    ):
        command = option(command)
    return command


def newcomer(address: str, settings: Settings) -> Preferences:
    """What somebody gets who does not say."""
    return replace(
        USUAL,
        address=normalise(address),
        when_empty=settings.when_empty,
        max_papers=settings.max_papers,
    )


def wanted(before: Preferences, given: dict[str, Any], settings: Settings) -> Preferences:
    """What was asked for on the command line, the rest as before."""
    rules = tuple(named_rule(text, settings.rule_sets) for text in given["rule"]) or before.rules
    if not rules:
        raise click.UsageError("give at least one --rule; --rule '*' is every paper")
    return replace(
        before,
        rules=rules,
        schedule=parse_schedule(given["schedule"]) if given["schedule"] else before.schedule,
        timezone=zone(given["timezone"]).key if given["timezone"] else before.timezone,
        when_empty=WhenEmpty(given["when_empty"] or before.when_empty),
        max_papers=given["max_papers"] or before.max_papers,
        manner=_manner(before.manner, given),
    )


def _manner(before: Manner, given: dict[str, Any]) -> Manner:
    return Manner(
        language=Language(given["language"] or before.language),
        plain=before.plain if given["plain"] is None else given["plain"],
        abstracts=Abstracts(given["abstracts"] or before.abstracts),
        order=Order(given["order"] or before.order),
        related=before.related if given["related"] is None else given["related"],
    )


def _related(_: click.Context, __: click.Parameter, text: str | None) -> frozenset[Relation] | None:
    """What ``again,cross`` names; None where nothing was said. Raises a usage error."""
    if text is None:
        return None
    words = {word.strip() for word in text.split(",")} - {""}
    known = {relation.value for relation in Relation}
    if words == {"none"}:
        return frozenset()
    if not words or not words <= known:
        raise click.BadParameter(f"{text!r} is not some of again,replaced,cross; or none")
    return frozenset(map(Relation, words))
