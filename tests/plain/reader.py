"""Daily files read where we are: a process for each would be slow for tests of other things."""

from __future__ import annotations

from datetime import date

from worker.model import DailyFile, Edition
from worker.sources import forms


class PlainReader:
    """A Reader that simply reads."""

    async def read(self, file: DailyFile, newest: date | None) -> Edition:
        return forms.read(file, newest)
