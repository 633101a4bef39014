"""What a form carries so that it is known for ours: made by a page, not too long ago, by a person.

Nobody is told that a form was not believed: the page answers as ever, and nothing comes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
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


_PARTS: Final = 10
"""Bits of the number that tell the part of a second, in thousandths: the token has whole seconds.

The others cannot be guessed.
"""


def issued(site: Site, purpose: str) -> str:
    """A token for a form of that page, for an hour."""
    keys, now = site.opened.composer.keys, site.clock.now()
    part = now.microsecond // 1000 + 1  # so that no form is ever taken for older than it is
    number = site.chance(NUMBER_BITS - _PARTS) << _PARTS | part
    return made_pass(keys.secret, keys.newest, f"{FORM} {purpose}", Pass(number, now + HOLDS))


def checked(site: Site, fields: Mapping[str, str], purpose: str) -> int | None:
    """The number of the form, the same however often it is sent; None if it is not believed.

    That is: without a token, of another page, over, sent within two seconds, the honeypot filled.
    """
    now = site.clock.now()
    keys = site.opened.composer.keys.by_id
    what = read_pass(keys, f"{FORM} {purpose}", fields.get(FIELD, ""), now)
    if what is None or fields.get(HONEYPOT):
        return None
    return None if now < _opened(what) + QUICKEST else what.number


def _opened(what: Pass) -> datetime:
    part = timedelta(milliseconds=what.number % (1 << _PARTS))
    return what.expires - HOLDS + part


def renewed(site: Site, fields: Mapping[str, str], purpose: str) -> str:
    """The token of a form that is shown again: its own if that holds for half its time yet.

    So nobody waits for a second time, and nobody's form is over while he corrects it.
    """
    text = fields.get(FIELD, "")
    keys = site.opened.composer.keys.by_id
    later = site.clock.now() + HOLDS / 2
    return text if read_pass(keys, f"{FORM} {purpose}", text, later) else issued(site, purpose)
