"""The tick: APScheduler says *when*, each minute, and nothing more.

Its daily cron triggers lose a whole local day after the spring change in a dozen zones and fire
twice in autumn (apscheduler issues 606 and 529), and they count what was missed fire by fire: a
clock ten years ahead for a second stops the event loop for a minute. So what is due at a tick is
decided in ``core.due``, and a tick has nothing behind it to make up for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

TICK = "tick"


class FullMinute(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Each full minute that is still to come."""

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


class Scheduler:
    """Calls ``tick`` at once, then on each full minute, never twice at the same time.

    A stalled loop or a sleeping machine gives one late tick, however many were missed.
    """

    def __init__(
        self, tick: Callable[[], Awaitable[None]], trigger: BaseTrigger | None = None
    ) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._scheduler.add_job(
            tick,
            trigger or FullMinute(),
            id=TICK,
            next_run_time=datetime.now(UTC),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )

    def start(self) -> None:
        """Begin; the running event loop is the one that ticks."""
        self._scheduler.start()

    def wake(self) -> None:
        """Tick as soon as possible, besides the regular ones; never again once it was stopped."""
        if self._scheduler.running:
            self._scheduler.modify_job(TICK, next_run_time=datetime.now(UTC))

    def stop(self) -> None:
        """No tick begins after this; one that runs is not waited for here."""
        self._scheduler.shutdown(wait=False)
