"""Any page or newsletter with links to papers: what stands round each link is the paper.

There are two ways to write one. Either the links are the titles, and what follows belongs to them;
or they only say "arXiv" or "PDF", and the paper stands before them, under a heading or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from worker.model import Counts, Listing, Rejected
from worker.sources.html_blocks import Block, blocks_of, is_label, may_be_title
from worker.sources.html_whole import HEADINGS, Contents, Page, days_of
from worker.sources.people import people

_ABSTRACT: Final = 80  # characters that a text has at least if it may be one
_LONGEST_LINE: Final = 5_000  # characters that hold a title among links
_TITLE = re.compile(
    r"(?:paper |original )?title|原文标题|论文标题|标题|제목|タイトル", re.IGNORECASE
)
_SUMMARY = re.compile(r"abstract|summary|tl;?dr|摘要|总结|초록|要旨|概要", re.IGNORECASE)
_PEOPLE = re.compile(r"authors?|作者|저자|著者", re.IGNORECASE)
_UPVOTES = re.compile(r"(?:up)?votes?|likes", re.IGNORECASE)
_LABELLED = re.compile(r"[\W_]*+([\w; ]{1,24}?)\s*+[:：]\s*+(\S.*)")
_NUMBERING = re.compile(r"\A(?:[#\[(] ?[0-9]{1,4}[\])]?|[0-9]{1,3}[.):、]) |\A[•·▪*–—-]++ ")
_ROUND: Final = " \n|[](){}<>-–—·•,;:：→↗»"  # what stands round a link or a title


@dataclass(frozen=True, slots=True)
class _Section:
    """The blocks that tell of one paper."""

    key: str
    blocks: tuple[Block, ...]


def linked(page: Page) -> Contents | None:
    """The papers that the page links to, each once, in the order of their first links."""
    blocks = tuple(blocks_of(page.row))
    keys = {key for block in blocks for key in block.papers}
    links = (link for block in reversed(blocks) for link in reversed(block.links))
    titles = {link.key: link.text for link in links if link.is_title}
    behind = 2 * len(titles) >= len(keys)
    sections = _behind_links(blocks, titles) if behind else _before_links(blocks)
    outcomes: dict[str, Listing | Rejected] = {}
    for section in sections:
        if not isinstance(outcomes.get(section.key), Listing):
            outcomes[section.key] = _paper(section, titles.get(section.key, ""))
    return Contents(tuple(outcomes.values()), days=days_of(page)) if outcomes else None


# --- sections ---------------------------------------------------------------


def _behind_links(blocks: Iterable[Block], titles: Mapping[str, str]) -> Iterator[_Section]:
    """What follows the title of a paper, up to that of the next, or to a heading not below it."""
    seen: set[str] = set()
    body: list[Block] = []
    key, level = "", 0
    for block in blocks:
        fresh = [new for new in _begun(block, titles) if new not in seen]
        seen.update(fresh)
        if key and (fresh or 0 < block.level <= (level or len(HEADINGS))):
            yield _Section(key, tuple(body))
            key = ""
        if len(fresh) == 1:
            key, level, body = fresh[0], block.level, []
        yield from _side_by_side(block, fresh)
        body.append(block)
    if key:
        yield _Section(key, tuple(body))


def _begun(block: Block, titles: Mapping[str, str]) -> Iterable[str]:
    """The papers that begin here: with the link that is their title, if there is one at all."""
    begun = (link.key for link in block.links if link.is_title or link.key not in titles)
    return dict.fromkeys(begun)


def _before_links(blocks: Sequence[Block]) -> Iterator[_Section]:
    """What stands under the heading of a paper; else what stands before a link to it."""
    for group in _groups(blocks):
        keys = {key for block in group for key in block.papers}
        if len(keys) == 1:
            yield _Section(next(iter(keys)), tuple(group))
        else:
            yield from _up_to_links(group)


def _groups(blocks: Sequence[Block]) -> list[list[Block]]:
    """The blocks by their headings, down to the level that parts most papers from each other."""
    levels = sorted({block.level for block in blocks if block.level}) or [1]
    ways = [_under_headings(blocks, level) for level in levels]
    return max(ways, key=lambda groups: sum(map(_is_of_one, groups)))


def _is_of_one(group: Iterable[Block]) -> bool:
    return len({key for block in group for key in block.papers}) == 1


def _under_headings(blocks: Iterable[Block], level: int) -> list[list[Block]]:
    groups: list[list[Block]] = [[]]
    for block in blocks:
        if 0 < block.level <= level:
            groups.append([])
        groups[-1].append(block)
    return groups


def _up_to_links(group: Iterable[Block]) -> Iterator[_Section]:
    """What stands between the links to one paper and those to the next."""
    body: list[Block] = []
    for block in group:
        body.append(block)
        if len(block.papers) == 1:
            yield _Section(block.papers[0], tuple(body))
        yield from _side_by_side(block, block.papers)
        if block.links or block.level:
            body = []


def _side_by_side(block: Block, keys: Sequence[str]) -> Iterator[_Section]:
    """Of several papers in one line: nothing but its link belongs to each."""
    links = {link.key: link for link in reversed(block.links)}
    for key in keys if len(keys) > 1 else ():
        yield _Section(key, (Block(0, links[key].text, (links[key],)),))


# --- papers -----------------------------------------------------------------


def _paper(section: _Section, linked_title: str) -> Listing | Rejected:
    labelled = list(_labelled(section))
    title = _title_of(section, labelled, linked_title)
    if not title:
        return Rejected(section.key, "no title beside the links to it")
    votes = next((said for said in _said(labelled, _UPVOTES) if said.isdecimal()), "")
    return Listing(
        title=title,
        abstract=next(_said(labelled, _SUMMARY), "") or _abstract(section, title),
        authors=people(next(_said(labelled, _PEOPLE), "")),
        ids=(section.key,),
        counts=Counts(upvotes=int(votes[:9])) if votes else Counts(),
    )


def _labelled(section: _Section) -> Iterator[tuple[str, str]]:
    """Each ``Label: text``."""
    for block in section.blocks:
        for line in block.text.split("\n"):
            if found := _LABELLED.fullmatch(line):
                yield found[1], found[2]


def _said(labelled: Iterable[tuple[str, str]], label: re.Pattern[str]) -> Iterator[str]:
    return (text for name, text in labelled if label.fullmatch(name))


def _title_of(section: _Section, labelled: Iterable[tuple[str, str]], linked_title: str) -> str:
    """As a label says it, or a link, or the heading, or else the first line."""
    found = (
        *_said(labelled, _TITLE),
        linked_title,
        *(block.text for block in section.blocks if block.level),
        *(_without_links(block, section.key) for block in section.blocks[:1]),
    )
    titles = (_NUMBERING.sub("", " ".join(text.split())) for text in found)
    return next(filter(may_be_title, titles), "")


def _without_links(block: Block, key: str) -> str:
    """The first line of the block, without what its links say and without the id.

    Nothing if that is no line that people write: each of its links means one more look at it.
    """
    line = _NUMBERING.sub("", block.text.split("\n", 1)[0])
    if len(line) > _LONGEST_LINE:
        return ""
    for said in (key.partition(":")[2], *(link.text for link in block.links)):
        line = line.replace(said, "") if said else line
    return line.strip(_ROUND)


def _abstract(section: _Section, title: str) -> str:
    """The longest text of its own blocks, if it is long enough."""
    own = (block for block in section.blocks if len(block.papers) < 2 and not block.level)
    texts = ("\n".join(_telling(block)).replace(title, "", 1).strip(_ROUND) for block in own)
    return max((text for text in texts if len(text) >= _ABSTRACT), key=len, default="")


def _telling(block: Block) -> Iterator[str]:
    """Its lines, but for those that are labels or name the authors."""
    for line in block.text.split("\n"):
        said = _LABELLED.fullmatch(line)
        if not is_label(line) and not (said and _PEOPLE.fullmatch(said[1])):
            yield line
