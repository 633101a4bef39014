"""YAML: a paper a document, or a list of papers, alone or under a name beside a date.

Read by the part of YAML in ``yaml_subset``; what is not in that is set aside with its line, one
paper at a time. What cannot be told: a file that ends with a whole line looks whole, also between
two fields of its last paper; one that ends within a line is noted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Final

from worker.model import Edition, Incomplete, Rejected
from worker.sources import fields
from worker.sources.form import Form, Text
from worker.sources.gathered import Found, gathered
from worker.sources.record import days, listing
from worker.sources.yaml_subset import Odd, Value, key_of, value_in

FORMAT: Final = "yaml"

_HEAD_LENGTH: Final = 16_000  # characters by which the form is recognised
_TITLES: Final = frozenset(fields.TITLES) - {"name"}  # which may be anything's
_KNOWN: Final = frozenset(
    (*fields.ABSTRACTS, *fields.AUTHORS, *fields.IDS, *fields.PAGES, *fields.PDFS)
).union(fields.DAYS, fields.CATEGORIES, fields.PUBLISHED, fields.UPVOTES)
_MARK = re.compile(r"(?:---|\.\.\.)(?:\s|\Z)")

_Part = tuple[int, list[str]]
"""The number of a line that is neither blank nor a comment, and the lines from it on."""


def recognise(text: str) -> bool:
    """Whether every line at the margin is a name with its value or an item of a list.

    A title must be among the names, and one more that papers have; none stands twice in a document.
    The front matter of a page is no such file: other lines follow it.
    """
    lines = text[:_HEAD_LENGTH].split("\n")
    return _are_papers(lines) or _are_papers(lines[:-1])  # the last may be half a line


def parse(text: Text) -> Edition:
    """The edition in the text. Raises Incomplete if its last paper breaks off."""
    return gathered(text, FORMAT, _found(text.text.split("\n")), lines=True)


FORM: Final = Form(FORMAT, recognise, parse)


# --- documents --------------------------------------------------------------


def _documents(lines: Sequence[str]) -> Iterator[_Part]:
    """The parts between the lines ``---`` and ``...``, without directives (``%YAML 1.2``)."""
    marks = [number for number, line in enumerate(lines) if _MARK.match(line)]
    for before, after in zip([-1, *marks], [*marks, len(lines)], strict=True):
        plain = ["" if line.startswith("%") else line for line in lines[before + 1 : after]]
        yield from _part(before + 2, plain)


def _are_papers(lines: Sequence[str]) -> bool:
    documents = [document for _, document in _documents(lines)]
    if not (documents and (all(map(_is_list, documents)) or all(map(_is_mapping, documents)))):
        return False
    named = (key_of(line.lstrip(" -")) for document in documents for line in document)
    names = set(map(fields.folded, named))
    return bool(names & _TITLES and names & _KNOWN)


def _part(number: int, lines: list[str]) -> Iterator[_Part]:
    """The lines from the first that counts on, if one does."""
    start = next((n for n, line in enumerate(lines) if _counts(line)), None)
    if start is not None:
        yield number + start, lines[start:]


def _counts(line: str) -> bool:
    """Whether it is neither blank nor a comment."""
    content = line.strip()
    return bool(content) and not content.startswith("#")


def _is_list(document: list[str]) -> bool:
    """Whether every line at the margin begins a mapping in a list."""
    return all(_item_key(line) for line in _margin(document))


def _is_mapping(document: list[str]) -> bool:
    """Whether every line at the margin is a new name, or an item of the list under one."""
    keys = [key_of(line) for line in _margin(document) if not _is_item(line)]
    return bool(key_of(document[0])) and all(keys) and len(set(keys)) == len(keys)


def _margin(document: list[str]) -> list[str]:
    return [line.rstrip() for line in document if _counts(line) and not line.startswith(" ")]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _is_item(line: str) -> bool:
    return line.lstrip(" ").startswith("- ") or line.strip(" ") == "-"


def _item_key(line: str) -> str:
    """The first name in an item that is a mapping."""
    return key_of(line.strip()[1:].strip()) if _is_item(line) else ""


# --- papers -----------------------------------------------------------------


def _found(lines: list[str]) -> Iterator[Found]:
    for number, document in _documents(lines):
        beside, papers = _divided(number, document)
        said = _days_of(beside)
        for first, paper in papers:
            yield _paper(first, paper, said, len(lines))


def _divided(number: int, document: list[str]) -> tuple[list[str], list[_Part]]:
    """What stands beside a list of papers, and each paper; a document may be one paper."""
    titled = any(fields.folded(key_of(line)) in _TITLES for line in _margin(document))
    begins = (n for n, line in enumerate(document) if not titled and _item_key(line))
    start = next(begins, None)
    if start is None:
        return [], [(number, document)]
    indent = _indent(document[start])
    items = [start]
    end = start + 1
    while end < len(document) and not _leaves(document[end], indent):
        if _is_item(document[end]) and _indent(document[end]) == indent:
            items.append(end)
        end += 1
    parts = [(number + n, document[n:until]) for n, until in pairwise([*items, end])]
    return document[:start] + document[end:], parts


def _leaves(line: str, indent: int) -> bool:
    """Whether the list that is indented so has ended above."""
    deep = _indent(line)
    return _counts(line) and (deep < indent or (deep == indent and not _is_item(line)))


def _days_of(beside: list[str]) -> tuple[date, ...]:
    """The day that stands beside the list; what cannot be read says none."""
    try:
        value = value_in(beside)
    except Odd:
        return ()
    return days(value) if isinstance(value, dict) else ()


def _paper(number: int, lines: list[str], said: tuple[date, ...], length: int) -> Found:
    """The paper in the lines of a file of that length. Raises Incomplete if that breaks off."""
    try:
        record = _record(value_in(lines))
    except Odd as odd:
        reason = Rejected(f"line {number + odd.line}", odd.why)
        is_last = number + len(lines) > length
        if is_last and (odd.cut or number + odd.line == length):
            raise Incomplete(reason) from odd
        return Found(reason)
    return Found(listing(record, f"line {number}"), said or days(record))


def _record(value: Value) -> dict[str, Value]:
    """The mapping, which may be the item of a list. Raises Odd."""
    record = value[0] if isinstance(value, list) and value else value
    if not isinstance(record, dict):
        raise Odd(0, "no names with values")
    return record
