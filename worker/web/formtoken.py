"""What a form carries so that it is known for ours: made by a page, not too long ago, by a person.

Nobody is told that a form was not believed: the page answers as ever, and nothing comes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from worker.core.tokens import FORM, Pass, made_pass, read_pass
from worker.signup import NUMBER_BITS
from worker.web.site import Site

FIELD: Final = "form"
HONEYPOT: Final = "website"
"""A field that people do not see: filled, it was not a person who filled it."""

HOLDS: Final = timedelta(hours=1)
QUICKEST: Final = timedelta(seconds=2)
"""Nobody reads a form and fills it in sooner."""


def issued(site: Site, purpose: str) -> str:
    """A token for a form of that page, for an hour."""
    keys = site.opened.composer.keys
    # Whole seconds travel: rounded up, so that no form is ever taken for older than it is.
    expires = site.clock.now() + HOLDS + timedelta(microseconds=999_999)
    what = Pass(site.chance(NUMBER_BITS), expires)
    return made_pass(keys.secret, keys.newest, f"{FORM} {purpose}", what)


def checked(site: Site, fields: Mapping[str, str], purpose: str) -> int | None:
    """The number of the form, the same however often it is sent; None if it is not believed.

    That is: without a token, of another page, over, sent within two seconds, the honeypot filled.
    """
    now = site.clock.now()
    keys = site.opened.composer.keys.by_id
    what = read_pass(keys, f"{FORM} {purpose}", fields.get(FIELD, ""), now)
    if what is None or fields.get(HONEYPOT):
        return None
    return None if now < what.expires - HOLDS + QUICKEST else what.number


def renewed(site: Site, fields: Mapping[str, str], purpose: str) -> str:
    """The token of a form that is shown again: its own if that holds for half its time yet.

    So nobody waits for a second time, and nobody's form is over while he corrects it.
    """
    text = fields.get(FIELD, "")
    keys = site.opened.composer.keys.by_id
    later = site.clock.now() + HOLDS / 2
    return text if read_pass(keys, f"{FORM} {purpose}", text, later) else issued(site, purpose)
