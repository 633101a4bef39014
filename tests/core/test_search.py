"""The kept papers, searched in the language of rules."""

from __future__ import annotations

from tests.core.stocks import SPREAD, STOCK, stock_of
from worker.core.caught import Wrong
from worker.core.query import parse
from worker.core.search import TOO_MUCH, found
from worker.core.trim import Piece


def numbers(query: str, page: int, per_page: int = 3) -> list[int]:
    return [one.position for one in found(query, STOCK.window, page, per_page).entries]


def test_what_is_found_is_told_page_by_page_the_newest_first() -> None:
    first = found("network", STOCK.window, 1, 3)
    wanted = STOCK.window.search(parse("network"))
    assert (first.total, first.page, first.pages) == (len(wanted), 1, -(-len(wanted) // 3))
    assert len(wanted) > 4
    assert (numbers("network", 1), numbers("network", 2)) == ([1, 2, 3], [4, 5, 6])
    titles = ["".join(piece.text for piece in one.title) for one in first.entries]
    assert titles == [one.title for one in wanted[:3]]


def test_a_page_that_there_is_not_is_the_nearest_one() -> None:
    assert numbers("*", 0) == numbers("*", -5) == [1, 2, 3]
    last = found("*", STOCK.window, 10**9, 3)
    assert (last.page, [one.position for one in last.entries]) == (last.pages, [67])
    assert found("xylophone", STOCK.window, 7).page == 1


def test_the_words_that_were_asked_for_are_marked_and_abstracts_are_short() -> None:
    (one,) = found("gate", stock_of("A gate opens").window).entries
    assert one.title == (Piece("A ", False), Piece("gate", True), Piece(" opens", False))
    assert len(SPREAD[0].abstract) > 310
    for entry in found("*", STOCK.window, 1, 67).entries:
        assert sum(len(piece.text) for piece in entry.abstract) <= 302


def test_a_query_that_cannot_be_taken_says_where_and_why() -> None:
    nothing = found("graph (", STOCK.window)
    assert (nothing.total, nothing.entries, nothing.pages) == (0, (), 1)
    assert nothing.wrong == Wrong(7, "the brackets are empty")
    assert found("", STOCK.window).wrong == Wrong(0, "the rule is empty")


def test_a_query_that_would_take_too_long_is_not_begun() -> None:
    assert found("/gat(e|ing)/", STOCK.window, work=1000).wrong == TOO_MUCH
    assert found("gate", STOCK.window, work=1000).wrong is None
