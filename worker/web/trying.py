"""Rules tried before anybody subscribes: what they would have caught. Nothing is kept of it."""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.core.caught import MOST_WORK
from worker.core.form import Faults, read
from worker.core.rulesets import unfolded
from worker.core.stock import Stock
from worker.core.timetable import Fields
from worker.core.trial import roomier, trial
from worker.model import Rule
from worker.web.forms import fields
from worker.web.front import front
from worker.web.offered import ticked
from worker.web.seats import refuse_crowd, seated, seated_reading
from worker.web.signupform import form, usual
from worker.web.site import Site, site_of
from worker.web.stocked import tried_on

MOST: Final = 10
"""So many rules of one form are tried."""

WORK: Final = MOST_WORK // 3
WORK_IN_A_CROWD: Final = MOST_WORK // 10
"""Strangers are many: where others wait, less is tried for each, yet ten times what sound rules
take that are no regular expressions.
"""


async def try_rules(request: Request) -> Response:
    """Whatever else is wrong with the form, only the rules matter here."""
    site = site_of(request)
    sets = site.settings.rule_sets
    refuse_crowd(site)
    sent = ticked(await fields(request), sets)
    only = {"rules": sent.get("rules", "")}
    asked = await seated_reading(site, partial(read, only, "", usual(site), sets))
    if isinstance(asked, Faults):
        return await front(site, sent, asked.by_field, 422)
    rules = unfolded(asked.rules, sets)
    most = roomier(MOST, asked.rules, rules)
    stock = await tried_on(site, rules[:most])
    return await seated(site, partial(_tried, site, sent, rules, stock, most))


def _tried(site: Site, sent: Fields, rules: tuple[Rule, ...], stock: Stock, most: int) -> Response:
    work = WORK_IN_A_CROWD if site.seats.waiting else WORK
    found = trial(rules, stock, most, work)
    return site.pages("tried.html.j2", 200, trial=found, **form(site, sent))


ROUTES: Final = (Route("/try", try_rules, methods=["POST"]),)
