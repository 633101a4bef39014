"""What the templates are given of a mail that is no digest: its title, and groups of lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from worker.deliveries import Delivery, DeliveryKind
from worker.manner import Language

WIDEST = 24
"""Columns that the heads of rows may take in plain text; a longer one has a line of its own."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line: a sentence, or what stands at its head and what is said of it."""

    head: str
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that belong together; ``width`` columns are for the heads, none for sentences."""

    rows: tuple[Row, ...]
    width: int


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One answer, notice or confirmation (its ``kind``), ready to be laid out.

    ``language`` is that of its day.
    """

    day: date
    title: str
    groups: tuple[Group, ...]
    kind: DeliveryKind = DeliveryKind.ANSWER
    language: Language = Language.EN


def answer_view(delivery: Delivery) -> AnswerView:
    """The lines of a delivery as they are shown; they are as ``core.obeyed`` makes them."""
    title, *lines = delivery.digest.notes or ("",)
    groups = (_group(some) for filled, some in groupby(lines, key=bool) if filled)
    language = delivery.manner.language
    return AnswerView(delivery.digest.slot.day, title, tuple(groups), delivery.kind, language)


def _group(lines: Iterable[str]) -> Group:
    rows = tuple(map(_row, lines))
    longest = max(len(row.head) for row in rows)
    return Group(rows, min(longest, WIDEST) + 3 if longest else 0)


def _row(line: str) -> Row:
    head, tab, text = line.partition("\t")
    return Row(head, text) if tab else Row("", line)
