"""The addresses of the pages that belong to somebody, as mails and pages carry them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from worker.core.keys import Keys
from worker.core.tokens import (
    CONFIRM,
    DIGEST,
    FEED,
    FOR_EVER,
    PREFERENCES,
    UNSUBSCRIBE,
    Pass,
    made_pass,
    token,
)

PREFERENCES_HOLD: Final = timedelta(days=30)
DIGEST_HOLDS: Final = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Linking:
    """Makes them, all below ``base_url``, which has no slash at its end."""

    base_url: str
    keys: Keys

    def unsubscribe(self, uid: int) -> str:
        """For ever, and for nothing else (RFC 8058)."""
        return self._url("u", token(self.keys.secret, self.keys.newest, UNSUBSCRIBE, uid))

    def preferences(self, uid: int, epoch: int, at: datetime) -> str:
        """For 30 days from then on."""
        return self._url("p", self._pass(PREFERENCES, Pass(uid, at + PREFERENCES_HOLD, epoch)))

    def confirm(self, ask: int, expires: datetime) -> str:
        """For as long as that ask is kept."""
        return self._url("c", self._pass(CONFIRM, Pass(ask, expires)))

    def digest(self, delivery: int, epoch: int, at: datetime) -> str:
        """The page of a digest that was planned then."""
        return self._url("d", self._pass(DIGEST, Pass(delivery, at + DIGEST_HOLDS, epoch)))

    def feed(self, uid: int, epoch: int) -> str:
        """His own feed, until he asks for new links; ``.atom`` or ``.json`` follows."""
        return self._url("f", self._pass(FEED, Pass(uid, FOR_EVER, epoch)))

    def _url(self, page: str, text: str) -> str:
        return f"{self.base_url}/{page}/{text}"

    def _pass(self, purpose: str, what: Pass) -> str:
        return made_pass(self.keys.secret, self.keys.newest, purpose, what)
