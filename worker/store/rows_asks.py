"""Asks as rows, and back. What is wanted is kept as JSON that a person can read."""

from __future__ import annotations

from datetime import date

import msgspec
from sqlalchemy import RowMapping

from worker.asks import Ask, Asked, AskKind, AskState, Traces
from worker.core.schedule import format_schedule, parse_schedule
from worker.manner import Abstracts, Language, Manner, Order, Relation
from worker.model import MOST_PAPERS, Preferences, Rule, WhenEmpty
from worker.store import rows_digests
from worker.store.rows_digests import Values, out_of


class _Wanted(msgspec.Struct, frozen=True):
    """Preferences as they are written; whose they are, the ask's own address says."""

    schedule: str
    timezone: str
    rules: tuple[tuple[str, str], ...]
    when_empty: WhenEmpty = WhenEmpty.SKIP
    max_papers: int = MOST_PAPERS
    paused_until: date | None = None
    language: Language = Language.EN
    plain: bool = False
    abstracts: Abstracts = Abstracts.FULL
    order: Order = Order.RULES
    related: frozenset[Relation] = frozenset()


_wanted = msgspec.json.Decoder(_Wanted)


# --- into rows --------------------------------------------------------------


def ask_values(ask: Ask) -> Values:
    """Every column of an ask."""
    return {
        "number": ask.number,
        "kind": ask.kind.value,
        "at": ask.at,
        "address": ask.address,
        "wanted": _wanted_text(ask.wanted) if ask.wanted else "",
        "address_trace": ask.traces.address,
        "network_trace": ask.traces.network,
        "domain": ask.traces.domain,
        "network": ask.network,
        "form": ask.form,
        "mover": ask.mover,
        "state": ask.state.value,
        "subscriber": ask.subscriber,
        "confirmed_at": ask.confirmed_at,
    }


def _wanted_text(wanted: Preferences) -> str:
    return rows_digests.json_text(
        _Wanted(
            schedule=format_schedule(wanted.schedule),
            timezone=wanted.timezone,
            rules=tuple((rule.name, rule.query) for rule in wanted.rules),
            when_empty=wanted.when_empty,
            max_papers=wanted.max_papers,
            paused_until=wanted.paused_until,
            language=wanted.manner.language,
            plain=wanted.manner.plain,
            abstracts=wanted.manner.abstracts,
            order=wanted.manner.order,
            related=wanted.manner.related,
        )
    )


# --- out of rows ------------------------------------------------------------


def ask(row: RowMapping) -> Ask:
    """The ask of a row. Raises Refused if it cannot be read."""
    return out_of(_ask, row, "ask")


def asked(row: RowMapping) -> Asked:
    """What the limits count by."""
    return Asked(row["at"], _traces(row))


def _ask(columns: RowMapping) -> Ask:
    text = columns["wanted"]
    return Ask(
        number=columns["number"],
        kind=AskKind(columns["kind"]),
        at=columns["at"],
        address=columns["address"],
        wanted=_preferences(columns["address"], _wanted.decode(text)) if text else None,
        traces=_traces(columns),
        network=columns["network"],
        form=columns["form"],
        mover=columns["mover"],
        state=AskState(columns["state"]),
        subscriber=columns["subscriber"],
        confirmed_at=columns["confirmed_at"],
    )


def _traces(columns: RowMapping) -> Traces:
    return Traces(columns["address_trace"], columns["network_trace"], columns["domain"])


def _preferences(address: str, wanted: _Wanted) -> Preferences:
    return Preferences(
        address=address,
        schedule=parse_schedule(wanted.schedule),
        timezone=wanted.timezone,
        rules=tuple(Rule(name, query) for name, query in wanted.rules),
        when_empty=wanted.when_empty,
        max_papers=wanted.max_papers,
        paused_until=wanted.paused_until,
        manner=Manner(
            wanted.language, wanted.plain, wanted.abstracts, wanted.order, wanted.related
        ),
    )
