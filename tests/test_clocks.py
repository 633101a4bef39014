"""F50-F56: clocks that change, jump, stall, and zones that are redrawn."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import subprocess
import sys
import time
import zoneinfo
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from apscheduler.triggers.interval import IntervalTrigger

from tests.made import at, subscriber
from tests.test_pipeline import Office, office
from worker.clock import FixedClock
from worker.daemon import Watchman
from worker.deliveries import DeliveryState
from worker.model import Refused, WhenEmpty
from worker.pipeline.plan import refuse_leap
from worker.scheduler import FullMinute, Scheduler


async def step(day: Office, start: datetime, hours: int, file_each: int = 24) -> None:
    """Hour by hour: a file comes once a day, then the tick; what is due is delivered at once."""
    for hour in range(hours):
        day.clock = FixedClock(start + timedelta(hours=hour))
        if hour % file_each == 0:
            await day.take(f"{day.clock.now():%Y-%m-%d}", f"The paper of hour {hour:04}")
        await day.plan()
        await day.round().deliver(1)


async def slots(day: Office) -> list[str]:
    sent = await day.ledger.deliveries([DeliveryState.SENT])
    return [one.digest.slot.name for one in sent]


async def papers_sent(day: Office) -> Counter[int]:
    sent = await day.ledger.deliveries([DeliveryState.SENT])
    return Counter(pick.paper for one in sent for pick in one.digest.picks)


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("America/New_York", "2026-03-05 00:00"),
        ("America/New_York", "2026-10-29 00:00"),
        ("Europe/Vienna", "2026-03-26 00:00"),
        ("Europe/Vienna", "2026-10-22 00:00"),
        ("Australia/Lord_Howe", "2026-04-02 00:00"),
        ("Australia/Lord_Howe", "2026-10-01 00:00"),
        ("Asia/Kolkata", "2026-03-26 00:00"),
        ("Africa/Cairo", "2026-04-22 00:00"),
        ("America/Santiago", "2026-09-03 00:00"),
    ],
)
@pytest.mark.parametrize("wall", ["00:00", "00:30", "02:30", "08:00"])
async def test_each_local_day_has_one_mail_over_both_clock_changes(
    zone: str, start: str, wall: str
) -> None:
    """F51."""
    schedule = f"daily {wall}"
    reader = subscriber("*", schedule=schedule, timezone=zone, when_empty=WhenEmpty.SAY_SO)
    day = await office(reader)
    await step(day, at(start), hours=8 * 24)
    served = [date.fromisoformat(slot) for slot in await slots(day)]
    assert served == [served[0] + timedelta(days=n) for n in range(len(served))]
    assert len(served) >= 8
    assert set((await papers_sent(day)).values()) == {1}


async def test_five_weeks_of_weekly_digests_are_five_mails_with_every_paper_in_exactly_one() -> (
    None
):
    day = await office(subscriber("*", schedule="weekly fri 08:00"))
    await step(day, at("2025-09-09 00:00"), hours=5 * 7 * 24)
    assert await slots(day) == [
        "2025-09-12",
        "2025-09-19",
        "2025-09-26",
        "2025-10-03",
        "2025-10-10",
    ]
    end = await day.papers.end()
    sent = await papers_sent(day)
    assert set(sent.values()) == {1}
    assert end.paper - len(sent) <= 3, "those since the last Friday wait for the next"


@pytest.mark.parametrize("days", [1, 2, 7])
async def test_downtime_ends_in_one_catch_up_mail_with_every_paper(days: int) -> None:
    """F50."""
    day = await office(subscriber("*"))
    await step(day, at("2025-09-09 00:00"), hours=24)
    before = len(await slots(day))
    for missed in range(days):
        day.clock = FixedClock(at("2025-09-10 12:00") + timedelta(days=missed))
        await day.take(f"2025-10-{missed + 1:02}", f"Missed {missed}")
    day.clock = FixedClock(at("2025-09-10 12:00") + timedelta(days=days))
    await day.plan()
    await day.round().deliver(1)
    assert len(await slots(day)) == before + 1
    assert len(await papers_sent(day)) == (await day.papers.end()).paper


async def test_a_clock_set_back_two_hours_repeats_nothing() -> None:
    """F53."""
    day = await office(subscriber("*"))
    for instant in ("06:00", "04:00", "05:59", "06:00", "06:01"):
        day.clock = FixedClock(at(f"2025-09-08 {instant}"))
        await day.plan()
        await day.round().deliver(1)
    assert await slots(day) == ["2025-09-08"]


async def test_a_clock_two_days_ahead_gives_one_catch_up_mail() -> None:
    """F53."""
    day = await office(subscriber("*"))
    for instant in (at("2025-09-10 06:00"), at("2025-09-08 06:00"), at("2025-09-09 06:00")):
        day.clock = FixedClock(instant)
        await day.plan()
        await day.round().deliver(1)
    assert await slots(day) == ["2025-09-10"]


async def test_a_clock_ten_years_ahead_is_refused() -> None:
    """F53: planned at that instant, nobody would be due again for ten years."""
    day = await office(subscriber("*"))
    day.clock = FixedClock(at("2025-09-20 06:00"))
    await refuse_leap(day.papers, day.people, day.clock)
    day.clock = FixedClock(at("2035-09-08 06:00"))
    with pytest.raises(Refused, match="2035-09-08"):
        await refuse_leap(day.papers, day.people, day.clock)


async def test_nothing_known_yet_is_no_leap() -> None:
    empty = Office()
    await refuse_leap(empty.papers, empty.people, empty.clock)


def test_a_zone_redrawn_between_two_ticks_repeats_nothing(tmp_path: Path) -> None:
    """F52: slots are named by date, so a tzdata update moves none to another name."""
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, like in ((old, "Etc/GMT-1"), (new, "Etc/GMT-9")):
        source = next(
            Path(place) / like
            for place in (*zoneinfo.TZPATH, _tzdata())
            if (Path(place) / like).exists()
        )
        (folder / "Europe").mkdir(parents=True)
        shutil.copy(source, folder / "Europe" / "Vienna")
    data = str(tmp_path / "data")
    config = tmp_path / "paperround.toml"
    config.write_text('[smtp]\nhost = "127.0.0.1"\nport = 1\ntls = "none"\n')
    seed = Path(__file__).parent.parent / "seeds" / "2025-09-08.txt"
    (tmp_path / "subscribers.toml").write_text(
        '[[subscriber]]\naddress = "a@example.org"\nschedule = "daily 08:00"\n'
        'timezone = "Europe/Vienna"\nrules = ["*"]\n'
    )

    def paperround(zones: Path, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "worker", "--data", data, "--config", str(config), *words],
            env={**os.environ, "PYTHONTZPATH": str(zones)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    paperround(old, "ingest", str(seed))
    assert "1 planned" in paperround(old, "send", "--now", "2025-09-08T07:00Z")
    assert "0 due" in paperround(new, "send", "--now", "2025-09-08T07:01Z")


def _tzdata() -> str:
    found = find_spec("tzdata")
    assert found is not None
    assert found.origin is not None
    return str(Path(found.origin).parent / "zoneinfo")


async def test_a_stalled_loop_gives_one_late_tick() -> None:
    """F54."""
    ticks: list[float] = []
    enough = asyncio.Event()

    async def tick() -> None:
        ticks.append(time.monotonic())
        if len(ticks) == 2:
            time.sleep(1.0)  # the fault: the loop stands still over ten ticks
        if len(ticks) == 4:
            enough.set()

    scheduler = Scheduler(tick, IntervalTrigger(seconds=0.1, timezone=UTC))
    scheduler.start()
    await asyncio.wait_for(enough.wait(), 10)
    scheduler.stop()
    assert ticks[2] - ticks[1] >= 1.0
    assert len(ticks) == 4, "the ten that were missed are one"


async def test_a_wake_up_ticks_at_once_and_the_regular_ticks_go_on() -> None:
    count = 0
    ticked = asyncio.Event()

    async def tick() -> None:
        nonlocal count
        count += 1
        ticked.set()

    scheduler = Scheduler(tick)
    scheduler.start()
    for expected in (1, 2):
        await asyncio.wait_for(ticked.wait(), 10)
        assert count == expected
        ticked.clear()
        scheduler.wake()
    scheduler.stop()


def test_ten_missed_years_are_not_counted_minute_by_minute() -> None:
    """F53: apscheduler asks for one fire after the other until it has come to now."""
    now = at("2036-11-26 10:20")
    fire = FullMinute().get_next_fire_time(at("2026-11-26 10:20"), now + timedelta(seconds=59.9))
    assert fire == now + timedelta(minutes=1)
    assert FullMinute().get_next_fire_time(None, now) == now + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("error", "ends"),
    [
        (ZeroDivisionError(), False),
        (Refused("the ledger is locked", os.EX_TEMPFAIL), False),
        (Refused("the disk is gone", os.EX_IOERR), True),
    ],
)
async def test_a_tick_that_fails_each_time_is_logged_and_the_next_one_comes(
    error: Exception, ends: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """F55: only a store that is refused for good ends the daemon."""
    asked = 0

    async def failing() -> None:
        nonlocal asked
        asked += 1
        raise error

    watch = Watchman()
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            await watch.outlive("tick", failing)
    assert asked == 3
    told = [record for record in caplog.records if record.message.startswith("step")]
    assert [record.__dict__["times"] for record in told] == [1, 2, 3]
    assert watch.stop.is_set() is ends
    assert (watch.refused is not None) is ends
