"""Lists that are shown on several pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Portion:
    """What is on the ``page`` of that number, of ``pages``, counted from 1: the items from number
    ``begin`` on and before ``end``, counted from 0.
    """

    page: int
    pages: int
    begin: int
    end: int


def portion(total: int, per_page: int, asked: int) -> Portion:
    """What is on the page that is asked for, or on the nearest there is: one at least, if empty."""
    pages = max(1, -(-total // per_page))
    page = min(max(1, asked), pages)
    begin = (page - 1) * per_page
    return Portion(page, pages, begin, min(begin + per_page, total))
