"""Where an item of a feed leads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qs, urljoin, urlsplit

from worker.sources.xml_tree import Element

_WEB: Final = ("http://", "https://")
_LONGEST: Final = 2_048  # characters; urllib takes quadratic time on a long row of marks


def link(entry: Element, base: str) -> str:
    """The address of the paper's page; empty if the item has none. ``base`` is the feed's own."""
    start = _joined(base, entry.attributes.get("xml:base", ""))
    written = filter(None, map(str.strip, _written(entry)))
    found = (_behind_search(_joined(start, address)) for address in written)
    return next((url for url in found if url.startswith(_WEB)), "")


def host(url: str) -> str:
    """The host in an address, without ``www.``; empty if it has none or is too long for one."""
    if len(url) > _LONGEST:
        return ""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def alternates(element: Element) -> Iterator[str]:
    """The links of an element to what it is about; in Atom, those to HTML come first."""
    yield from (plain.text or plain.attributes.get("href", "") for plain in element.all("link"))
    linked = [one.attributes for one in element.all("atom:link")]
    about = [one for one in linked if one.get("rel", "alternate") == "alternate"]
    about.sort(key=lambda one: "html" not in one.get("type", "html"))
    yield from (one.get("href", "") for one in about)


def _written(entry: Element) -> Iterator[str]:
    """What may be a link, the surest first; an id too, though a guid may say that it is none."""
    yield from (original.text for original in entry.all("feedburner:origLink"))
    yield from alternates(entry)
    named = (one.text for one in entry.all("guid", "atom:id", "id"))
    yield from (address for address in named if address.startswith(_WEB))
    yield entry.attributes.get("rdf:about", "")


def _joined(base: str, address: str) -> str:
    if len(base) > _LONGEST or len(address) > _LONGEST:
        return ""
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def _behind_search(url: str) -> str:
    """What a link of Google's leads to: ``https://scholar.google.com/scholar_url?url=…``."""
    name = host(url)
    if not (name.startswith("scholar.google.") or name == "google.com"):
        return url
    query = parse_qs(urlsplit(url).query)
    return next((query[key][0] for key in ("url", "q") if key in query), url)
