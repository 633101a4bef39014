"""Web pages for the tests."""

from __future__ import annotations

from datetime import date
from html import escape
from json import dumps
from pathlib import Path

from tests.sources.daily import MODIFIED
from worker.model import Edition, Unreadable
from worker.sources import html_page
from worker.sources.form import Text

CORPUS = Path(__file__).parents[1] / "corpus" / "html"
MONDAY = date(2025, 9, 8)


def saved(name: str) -> str:
    """The page of the corpus."""
    return (CORPUS / f"{name}.html").read_text("utf-8")


def page(body: str, title: str = "A page", head: str = "") -> str:
    return f"<!doctype html>\n<html><head><title>{title}</title>{head}</head>{body}</html>"


def carrying(**props: object) -> str:
    """A page of Hugging Face that carries this."""
    written = escape(dumps(props))
    body = f'<div data-target="DailyPapers" data-props="{written}"></div>'
    return page(body, "Daily Papers - Hugging Face")


def parsed(html: str, name: str = "page.html", newest: date | None = None) -> Edition:
    return html_page.parse(Text(html, name, MODIFIED, newest))


def outcome(html: str) -> Edition | Unreadable:
    """The edition, or why there is none; anything else that is raised fails the test."""
    try:
        return parsed(html)
    except Unreadable as refused:
        return refused


def titles(html: str) -> list[str]:
    return [listing.title for listing in parsed(html).listings]
