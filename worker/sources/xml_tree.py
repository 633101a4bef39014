"""XML as a tree that no file can make too deep, too big or too costly.

A DOCTYPE is refused before anything in it is read (B36), and so is what nests too deep (B37). What
XML forbids but feeds hold all the same is mended where nothing is lost by it: entities of HTML, a
bare ``&``, ``]]>`` in a text, control characters, an encoding declared that is not the file's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from html.entities import html5
from types import MappingProxyType
from typing import Final
from xml.parsers import expat

from worker.model import Incomplete, Rejected, Unreadable

DEPTH_LIMIT: Final = 100  # elements in one another; feeds go ten deep
ELEMENTS_LIMIT: Final = 1_000_000  # bounds the memory; a paper takes a dozen
ATTRIBUTES_LIMIT: Final = 1_000  # of one element
SCOPE_LIMIT: Final = 64  # prefixes that mean something at one place

_PREFIXES: Final = {
    "http://www.w3.org/2005/Atom": "atom",
    "http://purl.org/atom/ns#": "atom",  # 0.3
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss2": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/rss/1.0/modules/prism/": "prism",
    "http://arxiv.org/schemas/atom": "arxiv",
    "http://search.yahoo.com/mrss/": "media",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
}
_PRISM = re.compile(r"https?://(?:www\.)?prismstandard\.org/namespaces/")  # versions follow

_DECLARATION = re.compile(r"\A(\s*+)<\?xml\s[^>]*+>")
_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TO_MEND = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)"  # these stay as they are
    r"|\]\]>|&(?>(?:#([0-9]{1,7});|#[xX]([0-9a-fA-F]{1,6});|([A-Za-z][A-Za-z0-9]{0,40});)?)",
    re.DOTALL,
)
_LAST_CODE: Final = 0x10FFFF
_XMLS_OWN: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})
_NO_ATTRIBUTES: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Element:
    """One element. Its name has the usual prefix of its namespace, whatever the file's is.

    Those of RSS have none: ``title`` is that of RSS, ``atom:title`` that of Atom. A namespace that
    is not known, or not declared, goes by the prefix in the file.
    """

    name: str
    attributes: Mapping[str, str]
    content: tuple[Element | str, ...]

    @property
    def children(self) -> Iterator[Element]:
        """The elements right in this one."""
        return (part for part in self.content if isinstance(part, Element))

    def all(self, *names: str) -> list[Element]:
        """Those children that have one of the names: all of the first name first."""
        named = [child for child in self.children if child.name in names]
        return sorted(named, key=lambda child: names.index(child.name))

    def first(self, *names: str) -> Element | None:
        """The first of ``all`` that holds a text."""
        return next((child for child in self.all(*names) if child.text), None)

    @property
    def text(self) -> str:
        """All text in it, stripped."""
        parts: list[str] = []
        ahead = [*reversed(self.content)]
        while ahead:
            part = ahead.pop()
            if isinstance(part, str):
                parts.append(part)
            else:
                ahead += reversed(part.content)
        return "".join(parts).strip()


@dataclass(frozen=True, slots=True)
class Document:
    """The root element, and how many characters were ``dropped`` since XML forbids them."""

    root: Element
    dropped: int


def parse(text: str) -> Document:
    """The tree of the text, which is decoded: what it declares of its encoding does not count.

    Raises Incomplete if the text breaks off, and Unreadable if it is no XML or none to be trusted.
    """
    mended = _TO_MEND.sub(_mended, _DECLARATION.sub(r"\1", text))
    lawful, dropped = _FORBIDDEN.subn("", mended)
    return Document(_grown(lawful), dropped)


def _mended(found: re.Match[str]) -> str:
    """The same as XML knows it; NUL for a character that XML forbids."""
    decimal, hexadecimal, name = found.groups()
    if decimal or hexadecimal:
        code = int(decimal) if decimal else int(hexadecimal, 16)
        lawful = code <= _LAST_CODE and not _FORBIDDEN.match(chr(code))
        return f"&#{code};" if lawful else "\0"
    if name and name not in _XMLS_OWN:
        return escape(html5.get(name + ";", "")) or f"&amp;{name};"
    return {"&": "&amp;", "]]>": "]]&gt;"}.get(found[0], found[0])


# --- growing ----------------------------------------------------------------


def _grown(text: str) -> Element:
    parser = expat.ParserCreate()
    growth = _Growth()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = growth.doctype
    parser.StartElementHandler = growth.start
    parser.EndElementHandler = growth.end
    parser.CharacterDataHandler = growth.text
    try:
        parser.Parse(text, False)
    except expat.ExpatError as error:
        raise Unreadable(_at(error.lineno, f"no XML: {_why(error)}")) from None
    except _Distrusted as distrusted:
        raise Unreadable(_at(parser.CurrentLineNumber, str(distrusted))) from None
    try:
        parser.Parse("", True)
    except expat.ExpatError as error:
        raise Incomplete(_at(error.lineno, f"the XML breaks off: {_why(error)}")) from None
    return growth.root


def _at(line: int, why: str) -> Rejected:
    return Rejected(f"line {line}", why)


def _why(error: expat.ExpatError) -> str:
    return expat.ErrorString(error.code) or "unknown"


class _Distrusted(Exception):
    """XML of a kind that no feed is, and that may do harm."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """An element whose end is not read yet; ``scope`` says what prefixes mean in it."""

    name: str
    attributes: Mapping[str, str]
    scope: Mapping[str, str]
    content: list[Element | str] = field(default_factory=list)


class _Growth:
    """The tree as far as it is read."""

    def __init__(self) -> None:
        self._begun = [_Begun("", _NO_ATTRIBUTES, {})]
        self._count = 0

    @property
    def root(self) -> Element:
        return next(part for part in self._begun[0].content if isinstance(part, Element))

    def doctype(self, *_: object) -> None:
        raise _Distrusted("a DOCTYPE, which may hold anything: delete it and try again")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._begun) > DEPTH_LIMIT:
            raise _Distrusted(f"more than {DEPTH_LIMIT} elements in one another")
        if self._count > ELEMENTS_LIMIT:
            raise _Distrusted(f"more than {ELEMENTS_LIMIT:,} elements")
        if len(attributes) > ATTRIBUTES_LIMIT:
            raise _Distrusted(f"an element with more than {ATTRIBUTES_LIMIT:,} attributes")
        scope = _scope(self._begun[-1].scope, attributes)
        named = _named(scope, name)
        self._begun.append(_Begun(named, attributes or _NO_ATTRIBUTES, scope))

    def end(self, _: str) -> None:
        ended = self._begun.pop()
        element = Element(ended.name, ended.attributes, tuple(ended.content))
        self._begun[-1].content.append(element)

    def text(self, text: str) -> None:
        self._begun[-1].content.append(text)


def _scope(outer: Mapping[str, str], attributes: Mapping[str, str]) -> Mapping[str, str]:
    """What the file's prefixes mean in an element with these attributes."""
    declared: dict[str, str] = {}
    for name, uri in attributes.items():
        if name == "xmlns" or name.startswith("xmlns:"):
            prefix = name[len("xmlns:") :]
            declared[prefix] = _usual(uri.strip(), prefix)
    if declared.items() <= outer.items():
        return outer
    scope = {**outer, **declared}
    if len(scope) > SCOPE_LIMIT:
        raise _Distrusted(f"more than {SCOPE_LIMIT} namespaces at one place")
    return scope


def _usual(uri: str, prefix: str) -> str:
    return "prism" if _PRISM.match(uri) else _PREFIXES.get(uri, prefix)


def _named(scope: Mapping[str, str], name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{scope.get(prefix, prefix)}:{local}".removeprefix(":")
