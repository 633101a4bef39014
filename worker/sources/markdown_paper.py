"""A paper of a Markdown text as a listing: its fields, and its text where nothing names that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from worker.model import Counts, Listing
from worker.sources.dates import day_in
from worker.sources.markdown_block import Block, Kind
from worker.sources.markdown_entry import Entry, categories_in
from worker.sources.markdown_field import What, count_in, field_at, titled
from worker.sources.markdown_head import tidy
from worker.sources.markdown_inline import Link, bare_paper, links, named_papers, plain, without
from worker.sources.people import people

_LONGEST_LINE: Final = 4_000  # characters of a line that may be names, or parts between signs
_PARTS = re.compile(r"[ \t]+[|·•][ \t]+|[ \t]+[—–][ \t]+")
_BETWEEN: Final = " \t\n|·•—–-,;:()[]"
_NAME = re.compile(r"[^\W\d_][^\d_,;:!?()\[\]{}<>=|/]{1,50}")
_SMALL: Final = frozenset(
    {"de", "van", "von", "der", "den", "da", "di", "la", "le", "el", "al", "bin"}
)
_WORDS: Final = 5  # of one name
_ITALIC = re.compile(r"([*_])(?![*_])([^\n]+)\1")
_OTHERS = re.compile(r"\bet\.? ?al\b")
_LABEL = re.compile(r"(?:^|,)[ \t]?[\w ]{1,20}:\s*\Z")  # of a link that was behind it
_FOOTER = re.compile(r"\W*(?:generated|powered|created|last updated|updated) ", re.IGNORECASE)


@dataclass(slots=True)
class _Reading:
    """What was read so far: the values of fields, paragraphs of no field, the open field."""

    values: dict[What, list[list[str]]] = field(default_factory=dict)
    loose: list[list[str]] = field(default_factory=list)
    opened: What | None = None
    behind_rule: bool = False

    def begin(self, what: What, label: str, value: str) -> None:
        self.opened = what
        if what is What.OTHER:
            self.loose.append([f"{label}: {value}" if value else label])
        else:
            self.values.setdefault(what, []).append([value] if value else [])

    def go_on(self, line: str, *, new_block: bool) -> None:
        """One more line, of the open field or of none. A new block is a new paragraph."""
        texts = self.loose
        if self.opened and self.opened is not What.OTHER:
            texts = self.values[self.opened]
            if not self._continues(texts[-1], line, new_block=new_block):
                self.opened, texts, new_block = None, self.loose, True
        if not texts or (new_block and texts[-1]):
            texts.append([])
        texts[-1].append(line.strip())

    def _continues(self, value: Sequence[str], line: str, *, new_block: bool) -> bool:
        """Whether the line may belong to the value: one below an empty one always does."""
        if not value or self.opened in (What.ABSTRACT, What.SUMMARY):
            return True
        wrapped = line.startswith((" ", "\t", "and ")) or value[-1].endswith((",", " and"))
        return not new_block and (wrapped or self.opened in (What.TITLE, What.ORIGINAL))

    def told(self, what: What) -> list[str]:
        """The values of a field that are not empty."""
        return [" ".join(lines) for lines in self.values.get(what, ()) if lines]

    @property
    def paragraphs(self) -> list[str]:
        """The text of no field."""
        return [" ".join(lines) for lines in self.loose]


def listing_of(entry: Entry, addresses: Mapping[str, str]) -> Listing:
    """The paper as it stands, whatever it has besides a title."""
    reading = _read(entry, addresses)
    texts = [text for text in reading.paragraphs if _prose(text, addresses)]
    authors = _people(", ".join(reading.told(What.AUTHORS)))
    if not authors and texts and (authors := _names(texts[0], addresses)):
        texts = texts[1:]
    counts = (_count(reading, what) for what in (What.UPVOTES, What.COMMENTS, What.STARS))
    dates = map(day_in, (value.strip("*_` ") for value in reading.told(What.PUBLISHED)))
    named = categories_in(" ".join(reading.told(What.CATEGORIES)))
    return Listing(
        title=_title(entry, reading, addresses),
        abstract=_abstract(reading, texts, addresses),
        authors=tuple(plain(name) for name in authors),
        ids=tuple(dict.fromkeys(_ids(entry, reading, addresses))),
        url=_page(entry, reading, addresses),
        categories=tuple(dict.fromkeys((*named, *entry.section.categories))),
        published=next(filter(None, dates), entry.head.published),
        kind=entry.section.kind,
        counts=Counts(*counts),
    )


# --- reading -----------------------------------------------------------------


def _read(entry: Entry, addresses: Mapping[str, str]) -> _Reading:
    reading = _Reading()
    for part in _PARTS.split(_parted(entry.head.rest, addresses)):
        _read_line(reading, part, new_block=True)
    if entry.is_named and entry.block.kind is not Kind.HEADING:
        _read_block(reading, entry.block)
    for block in entry.body:
        _read_block(reading, block)
    return reading


def _read_block(reading: _Reading, block: Block) -> None:
    if block.kind is Kind.RULE:
        reading.opened, reading.behind_rule = None, True
    elif block.kind is Kind.HEADING:
        _read_heading(reading, block.text)
    elif not (reading.behind_rule and _is_footer(block.text)):
        for number, line in enumerate(block.text.split("\n")):
            for part in _parts(line):
                _read_line(reading, part, new_block=number == 0)


def _read_heading(reading: _Reading, text: str) -> None:
    """A heading below the title is a field, or the title of a part of the text."""
    what, told = titled(text), field_at(text)
    value = told.value if told and told.what is what else ""
    reading.begin(what or What.OTHER, "" if what else plain(text), value)


def _read_line(reading: _Reading, line: str, *, new_block: bool) -> None:
    told = field_at(line)
    if told:
        reading.begin(told.what, told.label, told.value)
    elif line.strip():
        reading.go_on(line, new_block=new_block)


def _parts(line: str) -> list[str]:
    """The line, or its parts if one of them behind a ``|`` or the like is a field or just links."""
    if len(line) > _LONGEST_LINE:
        return [line]
    parts = _PARTS.split(line)
    told = any(field_at(part) or not _prose(part, {}) for part in parts[1:])
    return parts if told or (len(parts) > 1 and not parts[0].strip()) else [line]


def _parted(text: str, addresses: Mapping[str, str]) -> str:
    """What is behind a title, with a sign around each link that only says what it is."""
    parts, at = [], 0
    for link in links(text, addresses):
        if link.is_generic:
            parts += [text[at : link.start], text[link.start : link.end]]
            at = link.end
    return " | ".join((*parts, text[at:]))


def _is_footer(text: str) -> bool:
    return bool(_ITALIC.fullmatch(text.strip()) or _FOOTER.match(text))


# --- what it comes to ----------------------------------------------------------


def _title(entry: Entry, reading: _Reading, addresses: Mapping[str, str]) -> str:
    """The original one, where there are two."""
    named = (*reading.told(What.ORIGINAL), *reading.told(What.TITLE))
    tidied = (tidy(title, addresses) for title in named)
    return next(filter(None, tidied), entry.head.title)


def _abstract(reading: _Reading, texts: Sequence[str], addresses: Mapping[str, str]) -> str:
    """The abstract itself, or else the longest summary, or else what text there is."""
    abstracts = reading.told(What.ABSTRACT)
    summaries = sorted(reading.told(What.SUMMARY), key=len)[-1:]
    chosen: Iterable[str] = abstracts or summaries or texts
    return "\n".join(filter(None, (plain(text, addresses) for text in chosen)))


def _prose(text: str, addresses: Mapping[str, str]) -> str:
    """The text without links that only say what they are; "" if nothing else is in it."""
    generic = [link for link in links(text, addresses) if link.is_generic]
    rest = without(text, generic).strip(_BETWEEN + "*_`")
    return rest if any(character.isalpha() for character in rest) else ""


def _names(text: str, addresses: Mapping[str, str]) -> tuple[str, ...]:
    """The authors, if the text is names and nothing else: more than one, or one in italics."""
    if len(text) > _LONGEST_LINE:
        return ()
    shown = plain(_prose(_LABEL.sub("", text), addresses), addresses)
    names = _people(shown.strip(_BETWEEN + "."))
    alone = _ITALIC.fullmatch(text.strip()) or _OTHERS.search(text)
    listed = len(names) > 1 or (bool(names) and bool(alone))
    return names if listed and all(map(_is_name, names)) else ()


def _people(text: str) -> tuple[str, ...]:
    """``A,B,and C`` is written too."""
    return people(text.replace(",and ", ", "))


def _is_name(text: str) -> bool:
    words = text.split()
    capital = all(word[0].isupper() or not word[0].isascii() or word in _SMALL for word in words)
    return bool(_NAME.fullmatch(text)) and capital and len(words) <= _WORDS


def _ids(entry: Entry, reading: _Reading, addresses: Mapping[str, str]) -> Iterator[str]:
    """The keys that the head gives, or else fields and links that only say what they are."""
    told = [target for target in entry.head.targets if "://" not in target]
    yield from told
    if not told:
        for value in reading.told(What.LINK):
            yield from filter(None, (bare_paper(value), *named_papers(value)))
        yield from (link.paper for link in _links(reading, addresses) if link.paper)


def _links(reading: _Reading, addresses: Mapping[str, str]) -> Iterator[Link]:
    for value in reading.told(What.LINK):
        yield from links(value, addresses)
    for text in reading.paragraphs:
        yield from (link for link in links(text, addresses) if link.is_generic)


def _page(entry: Entry, reading: _Reading, addresses: Mapping[str, str]) -> str:
    """The paper's own page: the first link to one that is no PDF."""
    below = (link.url for link in _links(reading, addresses) if link.target)
    pages = (url for url in (*entry.head.pages, *below) if "/pdf" not in url)
    return next((url for url in pages if url.startswith("http")), "")


def _count(reading: _Reading, what: What) -> int | None:
    counts = map(count_in, reading.told(what))
    return next((count for count in counts if count is not None), None)
