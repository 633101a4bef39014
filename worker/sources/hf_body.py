"""The page below its header: its paragraphs, and what it says of papers in the lines between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from worker.sources.hf_card import Mark, Sign, dated, is_before_a_date, is_strong, marks_in
from worker.sources.hf_page import Lines, date_in, is_menu
from worker.sources.sentence import ends_like_sentence

_LONGEST_NAME: Final = 60  # characters of an organisation or a person


@dataclass(frozen=True, slots=True)
class Body:
    """The paragraphs behind the header, and the marks before each and, last, behind all."""

    paragraphs: tuple[Lines, ...]
    marks: tuple[tuple[Mark, ...], ...]


def body_of(lines: Sequence[Lines], day: date) -> Body:
    """Lines that follow on one another are a paragraph, if there is no mark between them."""
    paragraphs: list[Lines] = []
    runs: list[list[Mark]] = [[]]
    for paragraph, marks in _parts(lines, _marks(lines)):
        if not paragraph:
            runs[-1].extend(marks)
        elif not _is_furniture(paragraph.text, day):
            paragraphs.append(paragraph)
            runs.append([])
    return Body(tuple(paragraphs), tuple(map(tuple, runs)))


_Part = tuple[Lines | None, Sequence[Mark]]


def _parts(lines: Sequence[Lines], marks: Sequence[Sequence[Mark]]) -> Iterator[_Part]:
    """Paragraphs, and the marks of the lines between, each on its own."""
    texts: list[str] = []
    start = 0
    for line, said in zip(lines, marks, strict=True):
        if texts and (said or line.number != start + len(texts)):
            yield Lines(start, "\n".join(texts)), ()
            texts = []
        if said:
            yield None, said
            continue
        start = start if texts else line.number
        texts.append(line.text)
    if texts:
        yield Lines(start, "\n".join(texts)), ()


def _marks(lines: Sequence[Lines]) -> list[Sequence[Mark]]:
    """The marks of each line. One amid a paragraph is a line of that, unless it is a strong one."""
    said = _all_marks(lines)
    ahead, behind = _at_edge(lines, said), _at_edge(lines[::-1], said[::-1])[::-1]
    return [
        marks if before or after else ()
        for marks, before, after in zip(said, ahead, behind, strict=True)
    ]


def _at_edge(lines: Sequence[Lines], said: Sequence[Sequence[Mark]]) -> list[bool]:
    """Whether each line comes before the text of its paragraph, or behind a strong mark."""
    edges: list[bool] = []
    edge, last = True, 0
    for line, marks in zip(lines, said, strict=True):
        apart = abs(line.number - last) != 1
        edge = bool(marks) and (edge or apart or is_strong(marks))
        edges.append(edge)
        last = line.number
    return edges


def _all_marks(lines: Sequence[Lines]) -> list[Sequence[Mark]]:
    """The marks of each line, if all its paragraph were marks."""
    said: list[Sequence[Mark]] = []
    for at, line in enumerate(lines):
        marks: Sequence[Mark] = marks_in(line.text)
        if not marks and _is_glued_name(lines, at):
            marks = (Mark(Sign.NOTHING),)
        if not marks and said and said[-1]:
            follows = lines[at + 1].text if at + 1 < len(lines) else ""
            marks = _mark_behind(lines[at - 1].text, said[-1][-1], line.text, follows)
        said.append(marks)
    return said


def _is_glued_name(lines: Sequence[Lines], at: int) -> bool:
    """Whether an organisation stands in the line, between the end of an abstract and a ``·``."""
    if not 0 < at < len(lines) - 1 or len(lines[at].text) > _LONGEST_NAME:
        return False
    before, line, after = lines[at - 1 : at + 2]
    adjoining = after.number - before.number == 2
    dot = adjoining and [mark.sign for mark in marks_in(after.text)][:1] == [Sign.DOT]
    return dot and ends_like_sentence(before.text) and not ends_like_sentence(line.text)


def _mark_behind(before: str, mark: Mark, line: str, follows: str) -> Sequence[Mark]:
    """A line that is a mark because of the one before: a date, or who submitted the paper."""
    if is_before_a_date(mark) and (said := dated(line)):
        return said
    is_name = " " not in line or bool(marks_in(follows))
    named = before.casefold() == "submitted by" and is_name and len(line) <= _LONGEST_NAME
    return (Mark(Sign.NOTHING),) if named else ()


def _is_furniture(paragraph: str, day: date) -> bool:
    """The page's own words, wherever they stand, or its date once more."""
    found = date_in(paragraph)
    again = found is not None and found[:2] == (day.month, day.day)
    return again or all(is_menu(line) for line in paragraph.split("\n"))


def may_be_name(body: Body, at: int) -> bool:
    """Whether it stands where the page names an organisation: before ``·`` and authors or a date,
    with no mark between it and the paragraph before.
    """
    text, before, behind = body.paragraphs[at].text, body.marks[at], body.marks[at + 1]
    placed = at > 0 and not before and bool(behind) and is_before_a_date(behind[0])
    return placed and len(text) <= _LONGEST_NAME and not text.endswith(".")
