"""Why he got a paper, or why not: asked by its number, its id, or words of its title.

He asks from his own page, or, for as long as that holds, from the page of a digest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.core.clean import TITLE_LIMIT, clean_line
from worker.core.entry import authors_shown, page_url, search_url
from worker.core.explained import listed_told, role_told, ruling_told
from worker.core.explanation import Explanation, Footing, Role
from worker.core.fates import fate_told
from worker.core.feeds import SHOWN
from worker.core.links import Linking
from worker.core.rulings import Says
from worker.core.trim import Piece
from worker.deliveries import DeliveryId
from worker.model import Paper, Subscriber
from worker.pipeline.inquire import Choice
from worker.web.digest import PER_PAGE, digest_of
from worker.web.private import subscribed
from worker.web.seats import seated_asking
from worker.web.site import site_of


@dataclass(frozen=True, slots=True)
class About:
    """The paper. One whose text is not kept has no title, and nothing but its number."""

    number: int
    title: str
    url: str
    authors: tuple[str, ...]
    more_authors: int
    listed: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of it, with its words marked; ``is_yes`` if it catches it."""

    name: str
    query: str
    is_yes: bool
    is_then: bool
    told: str
    title: tuple[Piece, ...]
    passage: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Digested:
    """What it was to a digest of his, and where that is seen; no link where it has no page."""

    link: str
    day: date
    told: str


@dataclass(frozen=True, slots=True)
class Told:
    """All that there is to say. ``fate`` are sentences, the main one first."""

    about: About
    fate: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    digests: tuple[Digested, ...]


@dataclass(frozen=True, slots=True)
class Titles:
    """Titles to choose from, by number; ``total`` have the words, 0 if these are but near."""

    titles: tuple[tuple[int, str], ...]
    total: int


async def show(request: Request, who: Subscriber) -> Response:
    """From his own page, which leads to the pages of all his digests."""
    return await _answered(request, who, None)


async def show_of_digest(request: Request) -> Response:
    """From the page of a digest: it is read for longer than anything can be changed, so it leads to
    no other one, which might have a link to his preferences that still holds.
    """
    delivery, who = await digest_of(request)
    return await _answered(request, who, delivery.id)


async def _answered(request: Request, who: Subscriber, within: DeliveryId | None) -> Response:
    """The answer; titles to choose from; or, if nothing is asked, where to ask."""
    site = site_of(request)
    wanted = clean_line(request.query_params.get("paper", ""), TITLE_LIMIT)
    found: Explanation | Choice | None = None
    if wanted:
        inquiry = site.opened.inquiry(site.clock)
        found = await seated_asking(site, lambda: inquiry.ask(who, wanted))
    return site.pages(
        "why.html.j2",
        token=request.path_params["token"],
        within="p" if within is None else "d",
        wanted=wanted,
        longest=TITLE_LIMIT,
        told=told(found, site.linking, within) if isinstance(found, Explanation) else None,
        offered=_offered(found) if isinstance(found, Choice) else None,
    )


ROUTES: Final = (
    Route("/p/{token:path}/why", subscribed(show), methods=["GET"]),
    Route("/d/{token}/why", show_of_digest, methods=["GET"]),
)


def told(one: Explanation, linking: Linking, within: DeliveryId | None = None) -> Told:
    """An explanation as the page shows it: to himself. It leads to all digests, or ``within`` one
    to that alone.
    """
    return Told(
        about=_about(one),
        fate=fate_told(one),
        verdicts=tuple(
            Verdict(
                name=each.rule.name,
                query=each.rule.query,
                is_yes=each.says is Says.YES,
                is_then=each.then and each.rule not in one.who.rules,
                told=ruling_told(each),
                title=each.title,
                passage=each.passage,
            )
            for each in one.rulings
        ),
        digests=tuple(
            Digested(
                _link(role, linking) if within in (None, role.delivery.id) else "",
                role.delivery.digest.slot.day,
                role_told(role),
            )
            for role in reversed(one.roles)
        ),
    )


def _about(one: Explanation) -> About:
    newest = one.paper.newest
    authors, more_authors = authors_shown(newest) if newest else ((), 0)
    return About(
        number=one.paper.number,
        title=newest.title if newest else "",
        url=_url(newest) if newest else "",
        authors=authors,
        more_authors=more_authors,
        listed=listed_told(one.paper),
    )


def _url(paper: Paper) -> str:
    return page_url(paper) or search_url(paper.title)


def _link(role: Role, linking: Linking) -> str:
    """The page of the digest, at the place where the paper is."""
    one = role.delivery
    if one.state not in SHOWN:
        return ""
    link = linking.digest(one.id, one.epoch, one.planned_at)
    match role.footing:
        case Footing.OVER:
            return f"{link}?page={role.place // PER_PAGE + 1}#rest"
        case Footing.REMOVED:
            return f"{link}?removed={role.place // PER_PAGE + 1}#removed"
        case _:
            return link


def _offered(choice: Choice) -> Titles:
    return Titles(tuple((each.number, each.title) for each in choice.papers), choice.total)
