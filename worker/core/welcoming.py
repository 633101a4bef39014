"""The lines of the mails that an ask leads to: a title, then sentences; an empty line parts groups.

They are ours alone. What a stranger wrote, a rule or an address, is never among them, so that
nobody can have us say something to somebody else.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Final

from worker.asks import CONFIRM_WITHIN, Ask, AskKind
from worker.core.typeset import spelled

ALREADY: Final = (
    "You are subscribed already",
    "",
    "Somebody, most likely you, has just asked for these digests at this address.",
    "It gets them already, so nothing was changed.",
    "To change your rules or how often they come, use the link to your preferences.",
)

LINK: Final = (
    "The link to your preferences",
    "",
    "Somebody, most likely you, has just asked for this link.",
    "Whoever has it can change your subscription: please keep it to yourself.",
    "If you did not ask for it, you need not do anything: nobody else was given it.",
)

KEPT_IN_FILE: Final = (
    "Your address stays as it is",
    "",
    "Somebody, most likely you, has just asked to get your digests at another address.",
    "Nothing was changed: your subscription is kept in a list by whoever runs this server.",
    "Please ask them to change your address there.",
)


_CONFIRMED: Final = {
    AskKind.SUBSCRIBE: (
        "Please confirm your subscription",
        "digests at this address",
        "nothing more is sent to you.",
    ),
    AskKind.MOVE: (
        "Please confirm your new address",
        "the digests of theirs to come to this address",
        "nothing is changed.",
    ),
}
"""Of each kind that is confirmed: the title, what was asked for, what comes of doing nothing."""


def confirmation(ask: Ask) -> tuple[str, ...]:
    """What stands beside the button that confirms it: why it comes, and that it may be ignored.

    Raises KeyError for a kind that is not confirmed.
    """
    title, wanted, nothing = _CONFIRMED[ask.kind]
    hours = CONFIRM_WITHIN // timedelta(hours=1)
    return (
        title,
        "",
        f"{_when_and_where(ask)} asked for {wanted}.",
        f"If that was you, please confirm it within {hours} hours.",
        "",
        f"If it was not you, just ignore this mail: then {nothing}",
    )


def moving(ask: Ask) -> tuple[str, ...]:
    """Word to the old address. The new one is not named: who reads this may not be who moves."""
    return (
        "Your digests are to go to another address",
        "",
        f"{_when_and_where(ask)} used the link to your preferences.",
        "They asked for your digests to go to another address from now on.",
        "That happens once it is confirmed there. Until then your digests come here as before.",
        "",
        "If that was not you, somebody else has your link.",
        "Please make new private links on your preferences page: then no old one works any more.",
    )


def _when_and_where(ask: Ask) -> str:
    """The beginning of a sentence. The network is one that is cut short, or not known."""
    at = ask.at.astimezone(UTC)
    network = f" from the network {ask.network}" if ask.network else ""
    return f"On {spelled(at.date())}, at {at:%H:%M} UTC, somebody{network}"
