"""What the pages are made from, and go by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, cast
from urllib.parse import urlsplit

from starlette.requests import Request

from worker import shipped
from worker.config.settings import Settings
from worker.core.links import Linking
from worker.model import Subscriber
from worker.opened import Opened
from worker.ports import Clock
from worker.shelf import Shelf
from worker.signup import Signup
from worker.web.pages import About, Pages

SEATS: Final = 2
SEATS_OF_STRANGERS: Final = 1
"""At each the interpreter is taken in turn with the loop: strangers must not have most of it."""

QUEUE: Final = 8
FORMS: Final = 32
"""Forms may wait in greater number: most are read in no time."""


class Seats(asyncio.Semaphore):
    """So ``many`` pages of work are made at once, and so few wait: who waits keeps a connection."""

    def __init__(self, many: int = SEATS, queue: int = QUEUE) -> None:
        super().__init__(many)
        self.waiting = 0
        self._queue = queue

    @property
    def is_full(self) -> bool:
        """Whether nobody more may wait."""
        return self.locked() and self.waiting >= self._queue


@dataclass(frozen=True, slots=True)
class Site:
    """One site: the stores behind it, its pages, the time.

    ``chance`` gives random numbers of so many bits; ``wake`` has what was asked for acted on.
    ``shelf`` has the kept papers; ``seats`` is how many pages of work are made at once
    for strangers, ``kept_seats`` for readers; ``reading_seats``, how many forms are read.
    """

    opened: Opened
    pages: Pages
    clock: Clock
    chance: Callable[[int], int]
    wake: Callable[[], None]
    signup: Signup
    shelf: Shelf
    seats: Seats = field(default_factory=lambda: Seats(SEATS_OF_STRANGERS))
    kept_seats: Seats = field(default_factory=Seats)
    reading_seats: Seats = field(default_factory=lambda: Seats(SEATS_OF_STRANGERS, FORMS))

    @property
    def settings(self) -> Settings:
        """The settings of the installation."""
        return self.opened.settings

    @property
    def linking(self) -> Linking:
        """Makes links from one page of ours to another."""
        return Linking(self.pages.about.base, self.opened.composer.keys)

    def feed_of(self, who: Subscriber) -> str:
        """The whole address of his feed as it is now, for feed readers."""
        linking = Linking(self.settings.base_url, self.opened.composer.keys)
        return linking.feed(who.uid, who.epoch)


def site_of(request: Request) -> Site:
    """The site that this request came to."""
    return cast(Site, request.app.state.site)


def made_site(
    opened: Opened, clock: Clock, chance: Callable[[int], int], wake: Callable[[], None]
) -> Site:
    """The site of an installation."""
    settings = opened.settings
    base = urlsplit(settings.base_url).path.rstrip("/")
    about = About(settings.from_name or settings.list_id, base)
    pages = Pages(shipped.web_templates(), about)
    signup = opened.signup(clock, chance)
    return Site(opened, pages, clock, chance, wake, signup, Shelf(opened.papers))
