"""``paperround stats``: the figures in a terminal, in a pipe, as JSON, and where the page is."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.installation import Installation
from tests.month import fill
from tests.web.test_operator import Reader, page_of
from worker.cli import stats
from worker.cli.main import run
from worker.cli.stats import MOST_BARS
from worker.clock import SystemClock
from worker.config.settings import read_settings
from worker.core.tokens import OPERATOR, read_token
from worker.opening import beside, opened

READERS = 40
_TABLE = r"(?:aria-label=\"([^\"]*)\">\s*)?<table.*?</table>"
_CELL = r"<t[hd].*?</t[hd]>"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path, 1)


@pytest.fixture
async def full(installation: Installation) -> Installation:
    clock = SystemClock()
    settings = read_settings(installation.home / "paperround.toml", {}, installation.data)
    async with opened(settings, None, clock) as stores:
        await fill(stores, clock.now(), READERS)
    return installation


class Place(Installation):
    """An installation that is there already."""

    def __init__(self, home: Path) -> None:
        self.home, self.data = home, home / "data"


async def figures(installation: Installation, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await installation.here("stats", "--json", *words))
    return found


async def made(installation: Installation) -> None:
    """Have its stores made."""
    settings = read_settings(installation.home / "paperround.toml", {}, installation.data)
    async with opened(settings, None, SystemClock()):
        pass


async def test_of_nothing_there_are_figures_too(installation: Installation) -> None:
    await made(installation)
    found = await figures(installation)
    assert len(found["days"]) == 30
    assert found["digests"]["sent"] == [0] * 30
    assert found["subscribers"]["active"] == 0
    assert found["limit"] == {"an_hour": 100, "left": 100}
    assert (found["rules"], found["breakers"]) == ([], [])
    assert (await installation.here("stats")).startswith("Nothing is wrong")


async def test_json_has_a_number_for_each_day(full: Installation) -> None:
    found = await figures(full, "--days", "7")
    today = datetime.now(UTC).date()
    week = [str(today - timedelta(days=back)) for back in reversed(range(7))]
    assert found["days"] in (week, [str(today - timedelta(days=7)), *week[:-1]])  # at midnight
    for name in ("digests", "papers", "attempts", "suppressions", "asks"):
        assert {len(counts) for counts in found[name].values()} == {7}, name
    assert found["subscribers"]["active"] == READERS
    assert sum(found["digests"]["sent"]) > 0
    assert found["queue"]["waiting"] + found["queue"]["deferred"] == sum(
        found["digests"]["waiting"]
    )
    assert 20 < len(found["rules"]) <= 30
    assert found["tried"]["days"] <= 7
    assert found["breakers"][0].startswith("slow.example: not asked again until")


async def test_a_pipe_gets_plain_rows_with_bars(full: Installation) -> None:
    out = await full.here("stats")
    assert "\x1b" not in out
    sent = next(line for line in out.splitlines() if line.startswith("digests"))
    name, kind, number, today, bars = sent.split()
    assert (name, kind) == ("digests", "sent")
    assert int(number.replace(",", "")) > int(today) >= 0
    assert len(bars) == 30
    assert set(bars) <= set("▁▂▃▄▅▆▇█")
    assert f"{READERS} active" in out
    assert "left of this hour's limit" in out
    assert "diffusion (video OR image) -survey" in out


async def test_a_narrow_terminal_is_enough(
    full: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80, highlight=False)
    monkeypatch.setattr(stats, "terminal", lambda: console)
    await full.here("stats")
    plain = re.sub(r"\x1b\[[\d;]*m", "", screen.getvalue())
    assert max(map(len, plain.splitlines())) <= 80
    assert re.search(r"^digests +sent .*[▁▂▃▄▅▆▇█]{30} *$", plain, re.MULTILINE)


async def test_of_many_days_several_are_one_bar(full: Installation) -> None:
    out = await full.here("stats", "--days", "100")
    assert "2 days each" in out
    sent = next(line for line in out.splitlines() if line.startswith("digests"))
    assert len(sent.split()[-1]) == 50 <= MOST_BARS
    assert sum((await figures(full, "--days", "100"))["digests"]["sent"]) == int(
        sent.split()[2].replace(",", "")
    )


def test_days_that_do_not_fill_a_bar_are_the_oldest() -> None:
    assert stats._together([1, 2, 3, 4, 5], 2) == [1, 5, 9]
    assert stats._together([1, 2, 3, 4], 2) == [3, 7]


@pytest.mark.parametrize("days", ["0", "367", "many"])
async def test_days_that_cannot_be_are_refused(installation: Installation, days: str) -> None:
    assert run([*installation.arguments("stats", "--days", days)][3:]) == 64


async def test_the_link_is_that_of_the_page(installation: Installation) -> None:
    await made(installation)
    installation.configure('\n[web]\noperator = "127.0.0.1:8081"\n')
    link = (await installation.here("stats", "--link")).strip()
    host, _, text = link.rpartition("/o/")
    assert host == "http://127.0.0.1:8081"
    settings = read_settings(installation.home / "paperround.toml", {}, installation.data)
    async with beside(settings) as stores:
        assert read_token(stores.composer.keys.by_id, OPERATOR, text) == 0


async def test_an_address_of_ipv6_is_in_brackets(installation: Installation) -> None:
    await made(installation)
    installation.configure('\n[web]\noperator = "[::1]:8081"\n')
    assert (await installation.here("stats", "--link")).startswith("http://[::1]:8081/o/")


@pytest.mark.parametrize("more", ["", '\n[web]\noperator = "127.0.0.1:0"\n'])
async def test_without_a_page_there_is_no_link(
    installation: Installation, more: str, capsys: pytest.CaptureFixture[str]
) -> None:
    installation.configure(more)
    assert run(installation.arguments("stats", "--link")[3:]) == 78
    complaint = capsys.readouterr().err
    assert complaint.startswith("paperround: [web] operator ")
    assert complaint.count("\n") == 1


async def test_the_page_and_the_command_say_the_same(tmp_path: Path) -> None:
    """Every number of the tables on the page is one of ``stats --json``, and the other way."""
    async with page_of(tmp_path) as page:
        now = page.served.clock.at = SystemClock().now()
        await fill(page.served.opened, now, READERS)
        text = await page.text()
        found = await figures(Place(tmp_path))
    tables = _tables(text)
    for name, caption in (
        ("digests", "Digests"), ("papers", "Papers"), ("attempts", "Attempts"),
        ("suppressions", "Suppressions"), ("asks", "Requests"),
    ):  # fmt: skip
        there = [counts for counts in found[name].values() if sum(counts)]
        expected = [
            [day, *(f"{counts[at]:,}" for counts in there)]
            for at, day in reversed(list(enumerate(found["days"])))
        ]
        assert tables[caption] == expected, name
    rules = [
        [each["query"], f"{each['readers']:,}", _told(each["papers"])] for each in found["rules"]
    ]
    assert tables["Rules by readers"] == rules
    subscribers = [[name, f"{count:,}"] for name, count in found["subscribers"].items()]
    assert tables["Subscribers by state"] == subscribers
    queue = found["queue"]
    waiting = [str(queue[name]) for name in ("waiting", "sending", "deferred", "uncertain")]
    shown = [row[1] for row in tables.get("Mails in the queue, by state", ())]
    assert shown == (waiting if set(waiting) != {"0"} else [])
    assert f"{found['limit']['left']} of 100 requests are left" in text


def _told(papers: int | None) -> str:
    return "cannot be read" if papers is None else f"{papers:,}"


def _tables(page: str) -> dict[str, list[list[str]]]:
    """The rows of each table by its caption or the name of what it is in."""
    found = {}
    for match in re.finditer(_TABLE, page, re.DOTALL):
        caption = re.search(r"<caption[^>]*>(.*?)</caption>", match[0])
        body = match[0].partition("<tbody>")[2]
        rows = [
            ["".join(Reader(cell).text).strip() for cell in re.findall(_CELL, row, re.DOTALL)]
            for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
        ]
        found[caption[1] if caption else match[1]] = [list(filter(None, row)) for row in rows]
    return found
