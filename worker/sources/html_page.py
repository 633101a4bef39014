"""A web page, or the HTML of a mail, with papers in it, and what else such a file may be.

Read are the pages of Hugging Face, the listings of arXiv, the page of one paper, and any page or
newsletter with links to papers. A page that ends with ``</html>`` is whole. A piece of a page is
whole when all that it opens is closed: one that was cut just there cannot be told from it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from worker.core.clean import clean_line
from worker.core.editionday import day_of, days_in, edition_day, parse_day
from worker.model import Edition, Rejected, Unreadable
from worker.sources.apart import apart
from worker.sources.feed_link import host
from worker.sources.form import Form, Text
from worker.sources.html_arxiv import listed
from worker.sources.html_cards import cards, carried
from worker.sources.html_links import linked
from worker.sources.html_meta import cited, described
from worker.sources.html_whole import Contents, Page, days_of, first_lines, headings, whole

FORMAT: Final = "html"

_SURE: Final = (carried, cards, listed, cited, described)
"""Those who know what they read, the surest first."""
_SHOWN: Final = 100  # characters of a title
_BEGINNING: Final = 20_000  # characters that are looked at

_PAGE = re.compile(r"(?>(?:<\?xml[^>]*+>|<!--.*?-->|\s)*)<(?:!doctype html|html)\b", re.I | re.S)
_TAG = re.compile(
    r"\s*+<(?:!--|/?(?:h[1-6]|p|div|table|tbody|tr|td|ul|ol|li|dl|a|b|i|u|em|strong|span|font|body"
    r"|head|meta|title|style|section|article|main|header|nav|center|img|br|hr|blockquote|pre)"
    r"(?=[\s/>]))",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"\]\(\S|^#{1,6} |^\[.+?\]: http", re.MULTILINE)
_ERROR = re.compile(
    r"\A(?:error )?[45][0-9]{2}\b|\A(?:log ?in|sign in|forbidden|(?:page )?not found|sorry)\b"
    r"|\b(?:just a moment|attention required|access denied|captcha|too many requests|rate limited"
    r"|bad gateway|service unavailable|are you (?:a )?(?:human|robot))\b",
    re.IGNORECASE,
)
_DAILY = re.compile(r"\bdaily papers\b|\barxiv\b", re.IGNORECASE)
_NONE = re.compile(r"\bno (?:new )?(?:papers|updates|submissions|entries)\b", re.IGNORECASE)
_ROUND: Final = " #*|·"  # what stands round a date
_SITES: Final = {"huggingface.co": "huggingface", "arxiv.org": "arxiv", "hf.co": "huggingface"}


def recognise(text: str) -> bool:
    """Whether it begins as a page or a piece of one; Markdown may begin with a tag as well."""
    beginning = text[:_BEGINNING]
    if _PAGE.match(beginning):
        return True
    return bool(_TAG.match(beginning)) and not _MARKDOWN.search(beginning)


def parse(text: Text) -> Edition:
    """The edition on the page. Raises Incomplete if that breaks off, Unreadable without papers."""
    page = whole(text.text)
    contents = _contents(page)
    listings, rejected = apart(contents.outcomes)
    source = contents.source or _site(page) or FORMAT
    return Edition(_day(text, page, contents), FORMAT, listings, rejected, source, contents.notes)


FORM: Final = Form(FORMAT, recognise, parse, markup=True)


def _contents(page: Page) -> Contents:
    """What the first reader finds; an empty day only if the page itself is that of one."""
    found = [contents for reader in _SURE if (contents := reader(page))]
    if found:
        return next((contents for contents in found if contents.outcomes), found[0])
    contents = None if _ERROR.search(_name(page)) else linked(page)
    if contents:
        return contents
    if _DAILY.search(_name(page)) and any(map(_NONE.search, first_lines(page))):
        return Contents((), notes=("The page says that there are no papers on its day.",))
    raise Unreadable(Rejected("file", f"a web page without papers: “{_name(page)}”"))


def _name(page: Page) -> str:
    """Its title, or else the first words that it shows."""
    lines = (page.title, next(headings(page), ""), *first_lines(page)[:1])
    return clean_line(next(filter(None, lines), "untitled"), _SHOWN)


def _day(text: Text, page: Page, contents: Contents) -> date:
    """The day it says; one without its year counts only where the file's name says none."""
    shown = [found for line in first_lines(page) if (found := parse_day(line.strip(_ROUND)))]
    if contents.days or not shown or days_in(text.name):
        return edition_day(text.name, contents.days or days_of(page), text.modified)
    month, day, year = shown[0]
    return day_of(month, day, text.name, text.newest, text.modified, year=year, where="header")


def _site(page: Page) -> str:
    """Who it is from, by the address that it says it has."""
    found = host(page.address)
    return _SITES.get(found, found)
