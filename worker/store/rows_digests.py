"""Digests as columns of a row, and back: picks, counts, and what is told around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec
from sqlalchemy import RowMapping

from worker.digests import Digest, Mention, Receipt, Slot, Trend, Week
from worker.model import PaperNumber, Pick, Refused, Rule

Values = dict[str, Any]
Pairs = tuple[tuple[str, str], ...]
Made = TypeVar("Made")


class _Picked(msgspec.Struct, array_like=True, frozen=True):
    """A pick, as it is written; the version came later than the first rows."""

    paper: PaperNumber
    rules: Pairs
    version: int = 1
    score: int = 0
    because: tuple[str, ...] = ()
    held: int = 0


class _Told(msgspec.Struct, frozen=True):
    """What a digest tells of rules."""

    trends: tuple[Trend, ...] = ()
    week: Week | None = None


_picks = msgspec.json.Decoder(tuple[_Picked, ...])
_receipt = msgspec.json.Decoder(Receipt)
_mentions = msgspec.json.Decoder(tuple[Mention, ...])
_told = msgspec.json.Decoder(_Told)
_notes = msgspec.json.Decoder(tuple[str, ...])


def digest_values(digest: Digest) -> Values:
    """The columns of a delivery that its digest has."""
    return {
        "picks": picks_text(digest.picks),
        "receipt": json_text(digest.receipt),
        "notes": json_text(digest.notes),
        "rest": picks_text(digest.rest),
        "removed": picks_text(digest.removed),
        "mentions": json_text(digest.mentions),
        "told": json_text(_Told(digest.trends, digest.week)),
    }


def picks_text(picks: Iterable[Pick]) -> str:
    """Picks as ``[[number, [[rule, query], …], version, score, [reason, …], held], …]``."""
    return json_text(
        [
            (one.paper, paired(one.rules), one.version, one.score, one.because, one.held)
            for one in picks
        ]
    )


def paired(rules: Iterable[Rule]) -> list[tuple[str, str]]:
    """Rules as they are written."""
    return [(rule.name, rule.query) for rule in rules]


def json_text(value: object) -> str:
    """Compact JSON."""
    return msgspec.json.encode(value).decode()


def picks_of(row: RowMapping) -> tuple[Pick, ...]:
    """The picks of a row with an ``id``. Raises Refused if they cannot be read."""
    return out_of(lambda columns: picks_in(columns["picks"]), row, "row")


def mentions_of(row: RowMapping) -> tuple[Mention, ...]:
    """The mentions of a row with an ``id``. Raises Refused if they cannot be read."""
    return out_of(lambda columns: _mentions.decode(columns["mentions"]), row, "row")


def out_of(make: Callable[[RowMapping], Made], columns: RowMapping, noun: str) -> Made:
    """What is made of a row. Raises Refused if that cannot be."""
    try:
        return make(columns)
    except (LookupError, ValueError, TypeError, msgspec.DecodeError, Refused) as error:
        key = columns.get("id", columns.get("number", ""))
        line = f"ledger: {noun} {key} cannot be read ({type(error).__name__}); restore a backup"
        raise Refused(line) from None  # the cause may quote an address


def digest(columns: RowMapping) -> Digest:
    """The digest of a delivery's row."""
    told = _told.decode(columns["told"])
    return Digest(
        slot=Slot(columns["slot"], columns["day"]),
        picks=picks_in(columns["picks"]),
        receipt=_receipt.decode(columns["receipt"]),
        notes=_notes.decode(columns["notes"]),
        rest=picks_in(columns["rest"]),
        removed=picks_in(columns["removed"]),
        mentions=_mentions.decode(columns["mentions"]),
        trends=told.trends,
        week=told.week,
    )


def picks_in(text: str) -> tuple[Pick, ...]:
    """Picks as ``picks_text`` writes them."""
    return tuple(
        Pick(one.paper, rules_of(one.rules), one.version, one.score, one.because, one.held)
        for one in _picks.decode(text)
    )


def rules_of(pairs: Pairs) -> tuple[Rule, ...]:
    """Rules as ``paired`` gives them."""
    return tuple(Rule(name, query) for name, query in pairs)
