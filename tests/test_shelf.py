"""The kept papers for pages: indexed once, anew only when the log has grown."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.made import MONDAY, intake, paper
from tests.plain.papers import PlainPaperLog
from worker import shelf as shelving
from worker.core.query import parse
from worker.core.stock import Stock
from worker.model import Intake, Paper
from worker.shelf import Shelf

TUESDAY = MONDAY + timedelta(days=1)


async def one_day() -> PlainPaperLog:
    log = PlainPaperLog()
    await log.take_in(intake(1, 2, 2), [paper(1, "graph"), paper(2, "gate")], {})
    return log


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The threads in which an index was made, each time that one was."""
    threads: list[str] = []
    really = shelving.indexed

    def noted(papers: Sequence[Paper], intakes: Sequence[Intake]) -> Stock:
        threads.append(threading.current_thread().name)
        return really(papers, intakes)

    monkeypatch.setattr(shelving, "indexed", noted)
    return threads


async def test_the_papers_of_the_log_are_at_hand() -> None:
    shelf = Shelf(await one_day())
    stock, window = await shelf.stock(), await shelf.window()
    assert (stock.size, stock.last) == (2, MONDAY)
    assert [day.listed for day in window.days] == [2]
    assert [one.title for one in window.search(parse("gate"))] == ["gate"]


async def test_an_empty_log_has_none() -> None:
    assert (await Shelf(PlainPaperLog()).stock()).size == 0


async def test_they_are_indexed_once_in_a_thread_however_many_ask(made: list[str]) -> None:
    shelf = Shelf(await one_day())
    first, second, third = await asyncio.gather(shelf.stock(), shelf.stock(), shelf.window())
    assert first is second is await shelf.stock()
    assert third is first.window
    assert len(made) == 1
    assert made[0] != threading.current_thread().name


async def test_whoever_wants_to_know_is_told_in_that_thread_that_they_are_indexed(
    made: list[str],
) -> None:
    shelf, told = Shelf(await one_day()), list[str]()
    shelf.on_indexed = lambda: told.append(threading.current_thread().name)
    await shelf.stock()
    await shelf.stock()
    assert told == made
    assert len(told) == 1


async def test_when_the_log_has_grown_they_are_indexed_anew(made: list[str]) -> None:
    log = await one_day()
    shelf = Shelf(log)
    before = await shelf.stock()
    await log.take_in(intake(2, 1, 3, day=TUESDAY), [paper(3, "tree", day=TUESDAY)], {})
    after = await shelf.stock()
    assert (before.size, after.size, after.last) == (2, 3, TUESDAY)
    assert len(made) == 2


async def test_what_is_at_hand_lacks_only_what_is_being_indexed(made: list[str]) -> None:
    log = await one_day()
    shelf = Shelf(log)
    assert (await shelf.at_hand()).size == 2, "the first is waited for"
    await log.take_in(intake(2, 1, 3, day=TUESDAY), [paper(3, "tree", day=TUESDAY)], {})
    assert (await shelf.at_hand()).size == 2
    assert (await shelf.stock()).size == 3
    assert (await shelf.at_hand()).size == 3
    assert len(made) == 2


async def test_that_it_went_wrong_is_nothing_to_who_does_not_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = await one_day()
    shelf = Shelf(log)
    await shelf.stock()
    await log.take_in(intake(2, 1, 3, day=TUESDAY), [paper(3, "tree", day=TUESDAY)], {})
    with monkeypatch.context() as broken:
        broken.setattr(shelving, "indexed", None)
        assert (await shelf.at_hand()).size == 2
        with pytest.raises(TypeError):
            await shelf.stock()
    assert (await shelf.stock()).size == 3


async def test_a_file_without_new_papers_may_have_completed_some() -> None:
    log = await one_day()
    shelf = Shelf(log)
    await shelf.stock()
    await log.take_in(intake(2, 0, 2, seen=1), [], {}, [paper(1, "graph", "A lake.")])
    assert (await shelf.window()).search(parse("lake"))


async def test_whoever_asked_first_may_hang_up(made: list[str]) -> None:
    shelf = Shelf(await one_day())
    first = asyncio.create_task(shelf.stock())
    second = asyncio.create_task(shelf.stock())
    while shelf._making is None:
        await asyncio.sleep(0)
    first.cancel()
    assert (await second).size == 2
    assert first.cancelled()
    assert len(made) == 1


async def test_what_went_wrong_once_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(await one_day())
    with monkeypatch.context() as broken:
        broken.setattr(shelving, "indexed", None)
        with pytest.raises(TypeError):
            await shelf.stock()
    assert (await shelf.stock()).size == 2
