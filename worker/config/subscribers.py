"""The subscribers file: who gets what and when, as ``config/subscribers.toml`` shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from worker.config import values
from worker.config.document import read_document
from worker.config.lines import Lines
from worker.config.rules import read_rules
from worker.config.settings import WHEN_EMPTY, Settings
from worker.config.source import Section, Source
from worker.config.values import NotAllowed
from worker.core.due import parse_schedule, zone
from worker.manner import USUAL, Abstracts, Language, Manner, Order, Relation
from worker.model import MOST_PAPERS, Preferences
from worker.schedules import Immediately, Schedule

LANGUAGES = {language.value: language for language in Language}
ABSTRACTS = {abstracts.value: abstracts for abstracts in Abstracts}
ORDERS = {order.value: order for order in Order}

# What stands in for the missing and the wrong, until all of them are told.
ANY: Schedule = Immediately()


def read_subscribers(path: Path, settings: Settings) -> tuple[Preferences, ...]:
    """Read who is named in the file, in its order; what somebody leaves out is in the settings.

    Raises Refused (EX_CONFIG) with a line for each problem: file, line, reason.
    """
    source = Source(read_document(path), {})
    sections = source.repeated("subscriber")
    found = tuple(_preferences(section, settings) for section in sections)
    _refuse_twins(sections, found, source)
    source.finish()
    return found


def _preferences(section: Section, settings: Settings) -> Preferences:
    return Preferences(
        address=section.require("address", values.address, ""),
        schedule=section.require("schedule", _schedule, ANY),
        timezone=section.require("timezone", _timezone, ""),
        rules=read_rules(section, settings.rule_sets),
        when_empty=section.read("when_empty", values.choice(WHEN_EMPTY), settings.when_empty),
        max_papers=section.read("max_papers", values.whole(1, MOST_PAPERS), settings.max_papers),
        paused_until=section.read("paused_until", _day, None),
        manner=_manner(section),
    )


def _manner(section: Section) -> Manner:
    return Manner(
        language=section.read("language", values.choice(LANGUAGES), USUAL.language),
        plain=section.read("plain", values.switch, USUAL.plain),
        abstracts=section.read("abstracts", values.choice(ABSTRACTS), USUAL.abstracts),
        order=section.read("order", values.choice(ORDERS), USUAL.order),
        related=section.read("related", _related, USUAL.related),
    )


def _refuse_twins(
    sections: Sequence[Section], found: Sequence[Preferences], source: Source
) -> None:
    """One address, one subscriber: like the store, letters compared without case."""
    first: dict[str, Section] = {}
    for section, preferences in zip(sections, found, strict=True):
        address = preferences.address.casefold()
        twin = first.setdefault(address, section)
        if address and twin is not section:
            line = Lines(source.document.text).of((*twin.steps, "address"))
            section.refuse(f"the same as that of the subscriber on line {line}", "address")


def _schedule(raw: object) -> Schedule:
    return parse_schedule(values.text(raw))


def _timezone(raw: object) -> str:
    return zone(values.text(raw)).key


def _day(raw: object) -> date | None:
    if not isinstance(raw, date) or isinstance(raw, datetime):
        raise NotAllowed("a date without quotes, such as 2026-01-31")
    return raw


def _related(raw: object) -> frozenset[Relation]:
    known = [relation.value for relation in Relation]
    if not isinstance(raw, list) or not all(each in known for each in raw):
        raise NotAllowed("a list of some of " + ", ".join(f'"{each}"' for each in known))
    return frozenset(map(Relation, raw))
