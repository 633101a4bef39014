"""Words of the model as plain JSON, to be read by people and by other programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from worker.core.schedule import format_schedule
from worker.model import Paper, PaperVersion, Pick, Preferences, Rule, Subscriber

Json = dict[str, Any]


def preferences(of: Subscriber | Preferences) -> Json:
    """All that he can choose."""
    return {
        "rules": rules(of.rules),
        "schedule": format_schedule(of.schedule),
        "timezone": of.timezone,
        "when_empty": of.when_empty.value,
        "max_papers": of.max_papers,
        "language": of.manner.language.value,
        "plain_text": of.manner.plain,
        "paused_until": day(of.paused_until),
    }


def picks(chosen: Iterable[Pick], known: Mapping[PaperVersion, Paper]) -> list[Json]:
    """Papers, in order, with what chose them."""
    return [_pick(pick, known.get(pick.which)) for pick in chosen]


def _pick(pick: Pick, paper: Paper | None) -> Json:
    """A paper as it was then. One that is not at hand still has its number and its reasons."""
    return {
        "paper": pick.paper,
        "version": pick.version,
        "title": paper.title if paper else "",
        "url": paper.url if paper else "",
        "rules": rules(pick.rules),
    }


def rules(those: Iterable[Rule]) -> list[Json]:
    """Rules by name and query."""
    return [{"name": rule.name, "query": rule.query} for rule in those]


def at(instant: datetime | None) -> str | None:
    """ISO 8601, in UTC."""
    return instant.isoformat() if instant else None


def day(date_: date | None) -> str | None:
    """ISO 8601."""
    return date_.isoformat() if date_ else None
