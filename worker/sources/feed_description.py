"""What the text of a feed's item says: the abstract, and what scripts write beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from worker.model import Counts
from worker.sources.feed_text import paragraphs, plain
from worker.sources.xml_tree import Element

_ABSTRACTS: Final = ("description", "atom:summary", "summary", "dcterms:abstract", "dc:description")
_CONTENTS: Final = ("content:encoded", "atom:content", "content")
_ANNOUNCED = re.compile(
    r"^[ \t]*+arXiv:(\S++)\s++Announce Type:\s*+([a-z-]++)\s*+", re.IGNORECASE | re.MULTILINE
)
_LABEL = re.compile(
    r"authors?\s?:\s?(?P<authors>.*)"
    r"|(?P<counted>upvote|comment|(?:github )?star)s?\s?:\s?(?P<count>[0-9,]{1,12})"
    r"|(?:abstract|summary)(?:\s?:\s?(?P<abstract>.*))?",
    re.IGNORECASE,
)
_TEASER: Final = 200  # characters; some have a citation for description
_DIGITS = re.compile(r"[0-9]{1,9}")
_CUT: Final = ("…", "...", "[…]", "[...]")


@dataclass(frozen=True, slots=True)
class Description:
    """An item's text, in its parts. ``announced`` is arXiv's word for what kind of news it is."""

    abstract: str
    authors: str
    counts: Counts
    id: str
    announced: str


def described(entry: Element) -> Description:
    """What the item's description or summary says, or its content where that says more."""
    text = _text(entry)
    kind = entry.first("arxiv:announce_type")
    told = _ANNOUNCED.search(text)
    id_, announced = told.groups() if told else ("", "")
    labels, abstract = _parted(text[told.end() :] if told and not told.start() else text)
    return Description(
        abstract=abstract.strip(),
        authors=labels.get("authors", ""),
        counts=_counts(entry, labels),
        id=id_,
        announced=kind.text if kind else announced,
    )


def _text(entry: Element) -> str:
    """The description, unless it breaks off or is a teaser, and the content is longer."""
    described = _read(entry.first(*_ABSTRACTS))
    if len(described) > _TEASER and not described.endswith(_CUT):
        return described
    return max(described, _read(entry.first(*_CONTENTS)), key=len)


def _read(element: Element | None) -> str:
    """What arXiv announces is no HTML: ``<b>`` may be a letter between two signs there."""
    announced = element and _ANNOUNCED.match(element.text)
    return plain(element.text) if element and announced else paragraphs(element)


def _parted(text: str) -> tuple[dict[str, str], str]:
    """The labels above the abstract with what they say, and the abstract."""
    labels: dict[str, str] = {}
    lines = text.split("\n")
    for number, line in enumerate(lines):
        label = _LABEL.fullmatch(line)
        if label is None and line:
            return labels, "\n".join(lines[number:])
        if label and label["authors"] is None and not label["counted"]:
            return labels, "\n".join([label["abstract"] or "", *lines[number + 1 :]])
        if label:
            labels[(label["counted"] or "authors").casefold()] = (
                label["authors"] or label["count"] or ""
            )
    return labels, ""


def _counts(entry: Element, labels: dict[str, str]) -> Counts:
    discussed = entry.first("slash:comments")
    comments = labels.get("comment") or (discussed.text if discussed else "")
    stars = labels.get("star") or labels.get("github star", "")
    return Counts(_count(labels.get("upvote", "")), _count(comments), _count(stars))


def _count(written: str) -> int | None:
    digits = written.replace(",", "")
    return int(digits) if _DIGITS.fullmatch(digits) else None
