"""The plain postbox: a list of mails, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence

from worker.returns import LOOKED_AT, Found, Mail


class PlainPostbox:
    """A ``ports.Postbox`` in memory. ``left`` are those that wait for a person."""

    def __init__(self, *mails: Mail) -> None:
        self.mails = list(mails)
        self._fates: dict[int, bool] = {}

    @property
    def left(self) -> list[Mail]:
        return [each for n, each in enumerate(self.mails) if self._fates.get(n) is False]

    async def take(self, limit: int) -> Sequence[Found]:
        waiting = (n for n in range(len(self.mails)) if n not in self._fates)
        return [self._found(n) for _, n in zip(range(limit), waiting, strict=False)]

    async def done(self, found: Found, *, understood: bool) -> None:
        self._fates[int(found.mark)] = understood

    def _found(self, number: int) -> Found:
        mail = self.mails[number]
        return Found(str(number), Mail(mail.content[:LOOKED_AT], mail.recipients))
