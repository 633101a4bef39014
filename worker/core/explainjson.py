"""An explanation as plain JSON."""

from __future__ import annotations

from collections.abc import Iterable

from worker.core import asjson
from worker.core.asjson import Json
from worker.core.explained import kept_back, role_told, ruling_told
from worker.core.explanation import Explanation, Role
from worker.core.fates import fate_told
from worker.core.rulings import Ruling
from worker.core.voice import OF_HIM
from worker.model import Paper


def explanation(of: Explanation) -> Json:
    """All of it, in figures, in words of the program, and in sentences."""
    newest = of.paper.newest
    return {
        "address": of.who.address,
        "paper": {
            "number": of.paper.number,
            "title": newest.title if newest else None,
            "ids": list(newest.ids) if newest else [],
            "url": newest.url if newest else "",
            "listed": [asjson.day(day) for day in of.paper.listed],
        },
        "rules": [_ruling(one) for one in of.rulings],
        "digests": [_role(role) for role in of.roles],
        "fate": of.fate.value,
        "digest": of.last.delivery.digest.slot.name if of.last else None,
        "stopped": of.stop.value if of.stop else None,
        "told": list(fate_told(of, OF_HIM)),
    }


def choice(papers: Iterable[Paper], total: int) -> Json:
    """Papers to choose from."""
    offered = [{"number": each.number, "title": each.title} for each in papers]
    return {"found": total, "papers": offered}


def _ruling(one: Ruling) -> Json:
    return {
        "name": one.rule.name,
        "query": one.rule.query,
        "says": one.says.value,
        "words": list(one.words),
        "why": one.why,
        "as_of_then": one.then,
        "told": ruling_told(one),
    }


def _role(role: Role) -> Json:
    return {
        "delivery": role.delivery.id,
        "digest": role.delivery.digest.slot.name,
        "state": role.delivery.state.value,
        "part": role.footing.value,
        "told": role_told(role, OF_HIM),
        "kept_back": kept_back(role.delivery),
    }
