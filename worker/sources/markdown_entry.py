"""Which blocks of a Markdown text are papers: each a heading, a list item or a row, and its body.

A heading or an item is a paper if it leads to exactly one, or if what is below it does in so many
words, or gives authors or an abstract. Others among them, which look the same, are set aside.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from worker.core.clean import clean_line
from worker.model import Kind as Announced
from worker.model import Rejected
from worker.sources.markdown_block import Block, Document, Kind
from worker.sources.markdown_field import Field, What, field_at, titled, what_of
from worker.sources.markdown_head import Head, Rank, head_of, tidy
from worker.sources.markdown_inline import bare_paper, links, named_papers, without

_SHOWN: Final = 60  # characters of what is set aside
_LONGEST_REST: Final = 40  # characters behind a title of few words, apart from links
_TITLE_WORDS: Final = 4
_TITLES: Final = (
    *("title", "paper title", "paper name", "paper", "name", "标题", "论文标题", "论文", "题目"),
    *("论文名称", "제목", "논문", "논문 제목", "タイトル"),
)
"""Names of the column with the title, the surest first."""
_CATEGORY = re.compile(
    r"(?<![\w.-])((?:cs|math|stat|eess|econ|q-bio|q-fin|physics|astro-ph|cond-mat|nlin)"
    r"\.[A-Za-z-]{2,17}|hep-(?:th|ph|ex|lat)|quant-ph|gr-qc|math-ph|nucl-(?:th|ex)|astro-ph"
    r"|cond-mat)(?![\w.-])"
)
_SECTION = re.compile(
    r"\W*(?:table of )?(?:contents?|toc|introduction|intro|overview|summary|executive summary"
    r"|trends?|trending|highlights?|conclusions?|sources?|references?|papers|daily papers"
    r"|today'?s papers|notes?|statistics|stats|about|acknowledge?ments?|index|links|resources"
    r"|appendix|recommendations?|目录|概述|总结|趋势|统计|论文详情|论文列表|今日论文统计|목차|요약"
    r"|개요)\W*",
    re.IGNORECASE,
)
_CROSS = re.compile(r"\bcross[- ]?(?:list|submission)", re.IGNORECASE)
_REPLACED = re.compile(r"\W*(?:replacements?|replaced|revised|updated papers)\b", re.IGNORECASE)
_TELLING: Final = (What.AUTHORS, What.ABSTRACT, What.ORIGINAL)


@dataclass(frozen=True, slots=True)
class Section:
    """What a heading above papers says of all of them."""

    categories: tuple[str, ...] = ()
    kind: Announced = Announced.NEW


@dataclass(slots=True)
class Entry:
    """A paper: its head, the block that holds it, and the blocks below."""

    head: Head
    block: Block
    section: Section
    body: list[Block] = field(default_factory=list)
    is_named: bool = False  # by a field, not by its head


def categories_in(text: str) -> tuple[str, ...]:
    """The arXiv categories named in a text."""
    return tuple(dict.fromkeys(_CATEGORY.findall(text)))


def entries(document: Document) -> tuple[list[Entry], list[Rejected]]:
    """The papers in their order, and what looks like one but is none."""
    told = _Told(document)
    papers: list[Entry] = []
    outside: list[int] = []
    section, opened = Section(), None
    for at, block in enumerate(document.blocks):
        head = told.begins(at, opened)
        if head:
            opened = Entry(head, block, section, told.cells(at), told.is_named(at))
            papers.append(opened)
        elif opened and not told.ends(at, opened):
            opened.body.append(block)
            opened.is_named = opened.is_named or told.is_named(at)
        else:
            opened = None
            outside.append(at)
            section = _section(block, told.heads[at], section)
    return papers, list(told.odd(papers, outside))


def _section(block: Block, head: Head | None, section: Section) -> Section:
    if block.kind is not Kind.HEADING or head is None:
        return section
    kind = Announced.REPLACEMENT if _REPLACED.match(block.text) else Announced.NEW
    kind = Announced.CROSS if _CROSS.search(block.text) else kind
    return Section(categories_in(block.text), kind)


class _Told:
    """What each block says by itself; the questions asked of it in turn."""

    def __init__(self, document: Document) -> None:
        self.blocks = document.blocks
        self.addresses: Mapping[str, str] = document.addresses
        self.fields = [_field(block) for block in self.blocks]
        self.heads = [
            None if told else _head(block, self.addresses)
            for block, told in zip(self.blocks, self.fields, strict=True)
        ]

    def begins(self, at: int, opened: Entry | None) -> Head | None:
        """The head of the paper that begins with the block, if one does."""
        block, head = self.blocks[at], self.heads[at]
        if self.is_named(at):
            return self._named(at, opened)
        if head is None or not head.title:
            return None
        if block.kind is Kind.ROW:
            return head if self._is_paper_row(at, head) else None
        if block.kind is Kind.ITEM and opened and self._is_within(block, opened):
            return None
        if len(head.targets) == 1:
            return head
        return head if self._tells_paper(at) else None

    def is_named(self, at: int) -> bool:
        told = self.fields[at]
        return told is not None and told.what is What.TITLE

    def _named(self, at: int, opened: Entry | None) -> Head | None:
        """A field with the title begins a paper, unless it names the one that is open."""
        block, told = self.blocks[at], self.fields[at]
        nested = opened and opened.block.kind is Kind.ITEM and block.level > opened.block.level
        heading = opened and opened.block.kind is Kind.HEADING and not opened.body
        if told is None or nested or heading:
            return None
        head = head_of(told.value.split("\n")[0], self.addresses, heading=True)
        return replace(head, rank=Rank.NAMED) if head.title else None

    def _is_within(self, block: Block, opened: Entry) -> bool:
        return opened.block.kind is Kind.HEADING or (
            opened.block.kind is Kind.ITEM and block.level > opened.block.level
        )

    def ends(self, at: int, opened: Entry) -> bool:
        """Whether the block is none of the open paper's."""
        block, part = self.blocks[at], self.fields[at] is not None
        if opened.block.kind is Kind.HEADING:
            return block.kind is Kind.HEADING and not part and block.level <= opened.block.level
        if opened.block.kind is Kind.ROW or block.kind is Kind.ROW:
            return True
        if opened.is_named and opened.block.kind is Kind.TEXT:
            return block.kind is Kind.HEADING and not part
        deeper = block.kind in (Kind.ITEM, Kind.TEXT) and block.level > opened.block.level
        return not part and not deeper

    def _tells_paper(self, at: int) -> bool:
        """Whether what is right below gives authors or an abstract, or leads to one paper."""
        targets: set[str] = set()
        for below in self._below(at):
            told = self.fields[below]
            if told and told.what in _TELLING:
                return True
            targets.update(_targets(self.blocks[below], told, self.addresses))
        return len(targets) == 1 and not _SECTION.fullmatch(self.blocks[at].text)

    def _below(self, at: int) -> Iterator[int]:
        """The blocks below a heading or an item, before the next, and before any other paper."""
        block = self.blocks[at]
        for below in range(at + 1, len(self.blocks)):
            other, head = self.blocks[below], self.heads[below]
            begins = head is not None and bool(head.title)
            if other.kind is Kind.ROW or (begins and other.kind is Kind.HEADING):
                return
            if begins and head and other.kind is Kind.ITEM and self._is_next(block, head):
                return
            if block.kind is Kind.ITEM and not self._is_part_of_item(block, below):
                return
            yield below

    def _is_next(self, block: Block, head: Head) -> bool:
        """Whether an item with such a head is no part of what is above it."""
        return block.kind is Kind.ITEM or len(head.targets) == 1

    def _is_part_of_item(self, block: Block, below: int) -> bool:
        return self.fields[below] is not None or self.blocks[below].level > block.level

    def cells(self, at: int) -> list[Block]:
        """The cells of a row as a text of fields; nothing for other blocks."""
        block = self.blocks[at]
        title = _title_column(block)
        known = [
            f"**{column}**: {cell}"
            for column, cell in block.cells.items()
            if column != title and cell and what_of(column)
        ]
        return [replace(block, kind=Kind.TEXT, text="\n".join(known), cells={})] if known else []

    def _is_paper_row(self, at: int, head: Head) -> bool:
        targets = set(head.targets)
        for text in (line for block in self.cells(at) for line in block.text.split("\n")):
            told = field_at(text)
            if told and told.what in _TELLING and told.value:
                return True
            targets.update(link.target for link in links(text, self.addresses) if link.target)
        return len(targets) == 1

    def odd(self, papers: Sequence[Entry], outside: Sequence[int]) -> Iterator[Rejected]:
        """What stands among papers and looks like one, but leads nowhere."""
        headings = [self.blocks[at].line for at in outside if self._is_heading(at)]
        places = {_place(entry.block, headings) for entry in papers}
        lines = [entry.block.line for entry in papers] or [0]
        numbered = sum(entry.head.numbered for entry in papers) * 2 > len(papers)
        for at in outside:
            block, head = self.blocks[at], self.heads[at]
            if head is None or _place(block, headings) not in places:
                continue
            amid = block.kind is not Kind.HEADING or lines[0] < block.line < lines[-1]
            amid = amid or (numbered and head.numbered)
            last = block is self.blocks[-1]
            cut = last and "[" in block.text
            if cut or ((amid or last) and self._looks_alike(block, head, numbered)):
                shown = clean_line(block.text, _SHOWN)
                why = f"looks like a paper, but leads to none and names no authors: “{shown}”"
                yield Rejected(f"line {block.line}", why)

    def _is_heading(self, at: int) -> bool:
        return self.blocks[at].kind is Kind.HEADING and self.heads[at] is not None

    def _looks_alike(self, block: Block, head: Head, numbered: bool) -> bool:
        section = _SECTION.fullmatch(block.text) or categories_in(block.text)
        return bool(head.title) and not section and (head.numbered or not numbered)


def _place(block: Block, headings: Sequence[int]) -> tuple[Kind, int, int]:
    """Where papers of one kind stand: items and rows below one heading, headings anywhere."""
    below = 0 if block.kind is Kind.HEADING else bisect(headings, block.line)
    return block.kind, block.level, below


def _field(block: Block) -> Field | None:
    """The field that a block begins with. A heading is one if it is a label, or a known field."""
    if block.kind is Kind.HEADING:
        what = titled(block.text)
        told = field_at(block.text)
        return (told if told and told.what is what else Field(what, "", "")) if what else None
    told = field_at(block.text) if block.kind in (Kind.ITEM, Kind.TEXT) else None
    is_title = told and block.kind is Kind.ITEM and told.what is What.OTHER and _is_title(told)
    return None if is_title else told


def _is_title(told: Field) -> bool:
    """Whether an unknown label is a title: ``**A Short History of Knots**: [pdf](…)``."""
    found = [link for link in links(told.value, {}) if link.target]
    prose = len(without(told.value, found)) > _LONGEST_REST
    return bool(found) and (len(told.label.split()) >= _TITLE_WORDS or not prose)


def _head(block: Block, addresses: Mapping[str, str]) -> Head | None:
    if block.kind is Kind.ROW:
        column = _title_column(block)
        return head_of(block.cells[column], addresses, heading=True) if column else None
    if block.kind in (Kind.HEADING, Kind.ITEM):
        return head_of(block.text, addresses, heading=block.kind is Kind.HEADING)
    return None


def _title_column(block: Block) -> str:
    named = (name for name in _TITLES if tidy(block.cells.get(name, ""), {}))
    return next(named, "")


def _targets(block: Block, told: Field | None, addresses: Mapping[str, str]) -> set[str]:
    """The papers that a block leads to in so many words: by a field, or by links named so."""
    found = links(block.text, addresses)
    is_link = told is not None and told.what is What.LINK
    targets = {link.target for link in found if link.target and (is_link or link.is_generic)}
    if told and is_link:
        targets |= {bare_paper(told.value), *named_papers(block.text)}
    return targets - {""}
