"""An explanation in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from worker.core.explanation import Explanation, Footing, Known, Role
from worker.core.fates import fate_told, state_told
from worker.core.plan import OUTSTANDING
from worker.core.rulings import Ruling, Says
from worker.core.typeset import spelled, spelled_all
from worker.core.voice import OF_HIM, TO_HIM, Voice
from worker.deliveries import Delivery, DeliveryState


def listed_told(paper: Known) -> str:
    """On which days it was listed; and that nothing of it is left, where that is so."""
    first, *later = paper.listed
    again = f", and again on {spelled_all(later)}" if later else ""
    if paper.newest:
        return f"First listed on {spelled(first)}{again}."
    gone = "its text is no longer kept, so what the rules say of it cannot be told"
    return f"First listed on {spelled(first)}{again}; {gone}."


def ruling_told(one: Ruling) -> str:
    """What a rule says, without its name."""
    words = ", ".join(one.words)
    match one.says:
        case Says.YES:
            every = ", as it does of every paper" * (one.rule.query.strip("+ ") == "*")
            because = f", because of {words}" if words else every
            return f"said yes{because}" if one.then else f"yes{because}"
        case Says.EXCLUDED:
            return f"no, left out by its NOT: {words}" if words else f"no, {one.why}"
        case Says.MISSING:
            has = f"; it does have {words}" if words else ""
            return f"no{', ' if one.why else ''}{one.why}{has}"
        case Says.BROKEN:
            return f"can no longer be read: {one.why}"
        case _:
            assert_never(one.says)


def role_told(role: Role, voice: Voice = TO_HIM) -> str:
    """What the paper was to a digest, without the digest's name."""
    match role.footing:
        case Footing.CARRIED:
            return f"was in it; {state_told(role.delivery, voice)}"
        case Footing.OVER:
            return f"matched, over {voice.his} cap; on the page of that digest"
        case Footing.REMOVED:
            names = ", ".join(f"“{rule.name}”" for rule in role.pick.rules) if role.pick else ""
            return f"left out by the NOT of {names}"
        case Footing.MENTIONED:
            return "mentioned, as there was news of it"
        case _:
            assert_never(role.footing)


def kept_back(delivery: Delivery) -> str:
    """What the operator can do about a digest that waits for him."""
    if delivery.state not in OUTSTANDING:
        return ""
    if delivery.held:
        return f"held by the operator: `paperround queue release {delivery.id}`"
    if delivery.state is DeliveryState.UNCERTAIN and delivery.due_at is None:
        return f"held until somebody decides: `paperround queue retry {delivery.id}`, or `drop`"
    return ""


def lines(one: Explanation) -> tuple[str, ...]:
    """All of it for the operator, a line each."""
    newest = one.paper.newest
    return (
        f"{one.paper.number}  {newest.title if newest else 'a paper whose text is not kept'}",
        listed_told(one.paper),
        *(f"rule “{each.rule.name}”: {ruling_told(each)}" for each in one.rulings),
        *_roles_told(one),
        *fate_told(one, OF_HIM),
    )


def _roles_told(one: Explanation) -> Iterator[str]:
    for role in one.roles:
        told = (role_told(role, OF_HIM), kept_back(role.delivery))
        yield f"digest {role.delivery.digest.slot.name}: {'; '.join(filter(None, told))}"
