"""Where daily files are parsed: beside the rest of the program, which goes on meanwhile."""

from __future__ import annotations

import asyncio
from datetime import date

from worker.model import DailyFile, Edition
from worker.sources import forms


class ThreadReader:
    """A Reader in a thread of this process: a file of many megabytes keeps nobody waiting."""

    async def read(self, file: DailyFile, newest: date | None) -> Edition:
        return await asyncio.to_thread(forms.read, file, newest)
