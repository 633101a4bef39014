"""Words of the model as plain JSON, to be read by people and by other programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from worker.core.schedule import format_schedule
from worker.digests import Mention, Receipt, Trend, Week
from worker.manner import Manner
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
        **manner(of.manner),
        "paused_until": day(of.paused_until),
    }


def manner(of: Manner) -> Json:
    """How his mail is written."""
    return {
        "language": of.language.value,
        "plain_text": of.plain,
        "abstracts": of.abstracts.value,
        "order": of.order.value,
        "related": sorted(of.related),
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
        "because": list(pick.because),
    }


def counts(counts: Receipt) -> Json:
    """The counts of a digest."""
    return {
        "listed": counts.listed,
        "new": counts.new,
        "seen": counts.seen,
        "matched": counts.matched,
        "held_over": counts.held_over,
        "expired": counts.expired,
        "days": [day(each) for each in counts.days],
        "removed": counts.removed,
        "files": [
            {"name": file.name, "day": day(file.day), "read_at": at(file.at)}
            for file in counts.files
        ],
        "files_read": counts.read,
    }


def trend(one: Trend) -> Json:
    """How often a rule matched."""
    return {"rule": one.rule, "last": day(one.last), "papers_a_day": list(one.days)}


def week(one: Week | None) -> Json | None:
    """What a weekly digest opened with."""
    return asdict(one) if one else None


def mention(one: Mention, paper: Paper | None) -> Json:
    """News of a paper that he had."""
    return {
        "paper": one.paper,
        "title": paper.title if paper else "",
        "news": one.news.value,
        "day": day(one.day),
        "had": day(one.had),
        "upvotes": one.upvotes,
        "before": one.before,
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
