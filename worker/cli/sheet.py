"""Subscribers as a table: CSV for spreadsheets, JSON for programs."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from worker import opening
from worker.clock import SystemClock
from worker.config.settings import Settings
from worker.core.address import normalise
from worker.core.due import format_schedule, parse_schedule, zone
from worker.core.roll import REVIVABLE, come, following, joined
from worker.core.rulesets import RuleSets, refuse_wrong
from worker.manner import USUAL, Manner, Relation
from worker.model import (
    MOST_PAPERS,
    Preferences,
    Refused,
    Rule,
    Subscriber,
    SubscriberState,
    WhenEmpty,
)
from worker.opened import Opened
from worker.ports import Suppressed

COLUMNS = (
    "address", "schedule", "timezone", "rules", "when_empty", "max_papers", "paused_until", "state",
    "language", "plain", "abstracts", "order", "related",
)  # fmt: skip
Choice = TypeVar("Choice", bound=StrEnum)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Row:
    """What a row asks for, and the state its subscriber had: who had left stays gone."""

    asked: Preferences
    state: SubscriberState


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row that was not taken, and why."""

    line: int
    why: str


def as_json(who: Subscriber) -> dict[str, Any]:
    """The stable form of ``subscribers show --json``."""
    return {
        "address": who.address,
        "state": who.state.value,
        "schedule": format_schedule(who.schedule),
        "timezone": who.timezone,
        "rules": [{"name": rule.name, "query": rule.query} for rule in who.rules],
        "when_empty": who.when_empty.value,
        "max_papers": who.max_papers,
        "paused_until": str(who.paused_until) if who.paused_until else None,
        "last_slot": str(who.last_slot) if who.last_slot else None,
        "read_to": who.cursor.paper,
        "held_over": len(who.held_over),
        "from_file": who.from_file,
        "language": who.manner.language.value,
        "plain": who.manner.plain,
        "abstracts": who.manner.abstracts.value,
        "order": who.manner.order.value,
        "related": sorted(who.manner.related),
    }


def row(who: Subscriber) -> list[str]:
    """One line of the export. A cell that a spreadsheet would run as a formula gets a ``'``."""
    rules = [
        rule.query if rule.name == rule.query else [rule.name, rule.query] for rule in who.rules
    ]
    cells = (
        who.address,
        format_schedule(who.schedule),
        who.timezone,
        msgspec.json.encode(rules).decode(),
        who.when_empty.value,
        str(who.max_papers),
        str(who.paused_until or ""),
        who.state.value,
        who.manner.language.value,
        "yes" if who.manner.plain else "no",
        who.manner.abstracts.value,
        who.manner.order.value,
        " ".join(sorted(who.manner.related)),
    )
    return [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells]


def read(file: Path, settings: Settings) -> list[Row | Wrong]:
    """The rows of a CSV file, each as what it asks for or as what is wrong with it.

    Only ``address`` and ``rules`` must be there; ``;`` separates as well as ``,``. Raises Refused
    for a file that is no such table at all.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{file}: not UTF-8 text; export it as UTF-8 CSV") from None
    header = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in header else ",")
    try:
        rows.fieldnames = [name.strip() for name in rows.fieldnames or ()]
        missing = {"address", "rules"} - set(rows.fieldnames)
        if missing:
            line = f"{file}, line 1: no column {' and '.join(sorted(missing))}"
            raise Refused(f"{line}; see `subscribers export`", os.EX_DATAERR)
        return [_read(rows.line_num, cells, settings) for cells in rows]
    except csv.Error as error:
        raise Refused(f"{file}, line {rows.line_num}: {error}") from None


def _read(line: int, cells: dict[str, str | None], settings: Settings) -> Row | Wrong:
    cell = {name: _plain(value) for name, value in cells.items() if isinstance(value, str)}
    try:
        asked = Preferences(
            address=normalise(cell.get("address", "")),
            schedule=parse_schedule(cell.get("schedule") or "daily 08:00"),
            timezone=zone(cell.get("timezone") or "UTC").key,
            rules=_rules(cell.get("rules", ""), settings.rule_sets),
            when_empty=WhenEmpty(cell.get("when_empty") or settings.when_empty),
            max_papers=_cap(cell.get("max_papers") or str(settings.max_papers)),
            paused_until=date.fromisoformat(cell["paused_until"])
            if cell.get("paused_until")
            else None,
            manner=_manner(cell),
        )
        return Row(asked, SubscriberState(cell.get("state") or SubscriberState.ACTIVE))
    except (Refused, ValueError) as wrong:
        return Wrong(line, str(wrong))


def _cap(cell: str) -> int:
    if not cell.isdecimal() or not 1 <= int(cell) <= MOST_PAPERS:
        raise ValueError(f"max_papers: must be a whole number from 1 to {MOST_PAPERS}")
    return int(cell)


def _manner(cell: Mapping[str, str]) -> Manner:
    if cell.get("plain") not in (None, "", "yes", "no"):
        raise ValueError("plain: must be yes or no")
    return Manner(
        language=_choice("language", cell, USUAL.language),
        plain=cell.get("plain") == "yes",
        abstracts=_choice("abstracts", cell, USUAL.abstracts),
        order=_choice("order", cell, USUAL.order),
        related=frozenset(_one("related", word, Relation) for word in _words(cell)),
    )


def _choice(column: str, cell: Mapping[str, str], usual: Choice) -> Choice:
    """What a cell says; an empty one, or none, as usual."""
    return _one(column, cell[column], type(usual)) if cell.get(column) else usual


def _one(column: str, text: str, choices: type[Choice]) -> Choice:
    words = [each.value for each in choices]
    if text not in words:
        raise ValueError(f"{column}: must be one of {', '.join(words)}")
    return choices(text)


def _words(cell: Mapping[str, str]) -> list[str]:
    return cell.get("related", "").split()


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _rules(cell: str, sets: RuleSets) -> tuple[Rule, ...]:
    """A JSON list as the export writes it, or one query per line."""
    if cell.startswith("["):
        try:
            entries = msgspec.json.decode(cell, type=list[str | tuple[str, str]])
        except msgspec.DecodeError as error:
            raise Refused(f"rules: {error}") from None
    else:
        entries = [line for line in cell.splitlines() if line.strip()]
    rules = tuple(
        Rule(entry, entry) if isinstance(entry, str) else Rule(*entry) for entry in entries
    )
    if not rules:
        raise Refused("rules: none given; * is every paper")
    for rule in rules:
        refuse_wrong(rule.query, sets)
    return rules


async def take_in(rows: Sequence[Row | Wrong], opened: Opened, *, dry_run: bool) -> Counter[str]:
    """Add or change each; who left, was removed or is suppressed stays so, here or in the file."""
    counts = Counter(added=0, changed=0, left_alone=0, refused=0)
    added: set[str] = set()
    for row in rows:
        came_to = "refused" if isinstance(row, Wrong) else await _intent(row, opened, added)
        if isinstance(row, Row) and not dry_run:
            came_to = await _taken(row, came_to, opened)
        counts[came_to] += 1
    return counts


async def _intent(row: Row, opened: Opened, added: set[str]) -> str:
    """What becomes of a row; ``added`` are the addresses that rows before it brought."""
    address = row.asked.address
    known = await opened.subscribers.find(address)
    if await opened.suppressions.find(address):
        return "left_alone"
    if known is None and address.casefold() not in added:
        added.add(address.casefold())
        return "added"
    if known and known.state is SubscriberState.PENDING:
        return "left_alone" if row.state is SubscriberState.PENDING else "added"
    if known and (known.state not in REVIVABLE or known.from_file):
        return "left_alone"
    return "changed"


async def _taken(row: Row, intent: str, opened: Opened) -> str:
    try:
        if intent == "added":
            await _add(row, opened)
        elif intent == "changed":
            await opening.changed(opened, row.asked.address, partial(_following, row=row))
    except Suppressed:  # at this very moment
        return "left_alone"
    return intent


async def _add(row: Row, opened: Opened) -> None:
    end, now = await opened.papers.end(), SystemClock().now()
    if await opened.subscribers.find(row.asked.address) is None:
        newcomer = joined(row.asked, end, now, next(opening.uids()), from_file=False)
        await opened.subscribers.add(replace(newcomer, state=row.state))
        return

    def come_now(who: Subscriber) -> Subscriber:
        if who.state is not SubscriberState.PENDING:
            return _following(who, row)
        return replace(come(who, row.asked, end, now), state=row.state)

    await opening.changed(opened, row.asked.address, come_now)


def _following(who: Subscriber, row: Row) -> Subscriber:
    """Whoever confirmed since the table was made is not pending again."""
    if who.state not in REVIVABLE:
        return who
    state = who.state if row.state is SubscriberState.PENDING else row.state
    return replace(following(who, row.asked), state=state)
