"""The lines of the mails that an ask leads to: a title, then sentences; an empty line parts groups.

They are ours alone. What a stranger wrote, a rule or an address, is never among them, so that
nobody can have us say something to somebody else. The links, and what they are for, the templates
have.
"""

from __future__ import annotations

from datetime import UTC
from typing import Final

from worker.asks import Ask, AskKind
from worker.core.typeset import spelled

ALREADY: Final = (
    "You are subscribed already",
    "",
    "Somebody, most likely you, asked for digests at this address.",
    "They come here already, so nothing was changed.",
    "To change your rules, or how often they come, follow the link below.",
)

LINK: Final = (
    "The link to your preferences",
    "",
    "Somebody, most likely you, asked us to mail you this link.",
    "If it was not you, there is nothing to do: it was mailed to nobody else.",
)

KEPT_IN_FILE: Final = (
    "Your address stays as it is",
    "",
    "Somebody, most likely you, asked for your digests to go to another address.",
    "Nothing was changed: your subscription is kept in a list by whoever runs this server.",
    "Please ask them to change your address there.",
)

_CONFIRMED: Final = {
    AskKind.SUBSCRIBE: (
        "Confirm your subscription",
        "Somebody, most likely you, asked for digests at this address.",
    ),
    AskKind.MOVE: (
        "Confirm your new address",
        "Somebody, most likely you, asked for their digests to come to this address from now on.",
    ),
}
"""Of each kind that is confirmed: the title, and why the mail comes."""

_INVITED: Final = "Somebody, you or whoever runs this list, asked for digests at this address."
"""Why it comes when no network is known: then it was most likely the operator who asked."""


def confirmation(ask: Ask) -> tuple[str, ...]:
    """What stands above the button that confirms it.

    Raises KeyError for a kind that is not confirmed.
    """
    title, why = _CONFIRMED[ask.kind]
    invited = ask.kind is AskKind.SUBSCRIBE and not ask.network
    return (title, "", _INVITED if invited else why, _where_and_when(ask))


def moving(ask: Ask) -> tuple[str, ...]:
    """Word to the old address. The new one is not named: who reads this may not be who moves."""
    return (
        "Your digests are to go to another address",
        "",
        "Somebody, most likely you, asked for your digests to go to another address from now on.",
        _where_and_when(ask),
        "They go there once that is confirmed there. Until then they come here as before.",
        "",
        "If it was not you, somebody else has the link to your preferences.",
        "Follow the link below and make new private links: then nothing of this happens.",
    )


def _where_and_when(ask: Ask) -> str:
    """The network is one that is cut short, or not known."""
    at = ask.at.astimezone(UTC)
    network = f" from the network {ask.network}" if ask.network else ""
    return f"It was asked{network} on {spelled(at.date())}, at {at:%H:%M} UTC."
