"""However much there is to tell, a mail keeps its size, and its unsubscribe links."""

from __future__ import annotations

from binascii import b2a_qp
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import MONDAY, NOON, delivery, paper
from worker import shipped
from worker.core.render import Links, Templates
from worker.core.room import LARGEST_ENCODED, LARGEST_HTML, SMALL, first
from worker.core.trim import Trim
from worker.core.view import marks
from worker.deliveries import Delivery
from worker.digests import Change, Mention, News, ReadFile, Receipt, Trend, Week
from worker.manner import Manner, Order
from worker.model import Paper, Pick, Rule

HOME = "https://papers.example.org"
LINKS = Links(f"{HOME}/u/TOKEN", HOME, "Paper Round", True, f"{HOME}/p/TOKEN", f"{HOME}/d/TOKEN")
SHIPPED = Templates(shipped.mail_templates())


def papers(count: int, title: str = "A title") -> list[Paper]:
    return [paper(number, f"{title} {number}", "Words. " * 90) for number in range(1, count + 1)]


def chosen(some: list[Paper], rules: list[Rule], each: int) -> Delivery:
    """Every paper by so many of the rules, each time another one of them first."""
    picks = []
    for place, one in enumerate(some):
        start = 5 * place % len(rules)
        its = (*rules[start:], *rules[:start])[:each]
        picks.append(Pick(one.number, its, score=1))
    return delivery(*picks, papers=some)


def many_rules() -> Delivery:
    rules = [Rule(f"rule {place} {'x' * 90}", "words") for place in range(500)]
    shown = chosen(papers(100), rules, 20)
    trends = tuple(Trend(rule.name, MONDAY, (1,) * 30) for rule in rules)
    return replace(shown, digest=replace(shown.digest, trends=trends))


def many_notes() -> Delivery:
    notes = tuple(f"Your rule “{'y z ' * 275}{place}” is no more." for place in range(500))
    shown = chosen(papers(3), [Rule("a", "a")], 1)
    return replace(shown, digest=replace(shown.digest, notes=notes))


def long_week() -> Delivery:
    changes = tuple(Change("r" * 990 + str(place), 9, 3) for place in range(3))
    week = Week(changes, changes, tuple(("w" * 490, 5) for _ in range(8)))
    shown = chosen(papers(30), [Rule("a", "a")], 1)
    return replace(shown, digest=replace(shown.digest, week=week))


def much_news() -> Delivery:
    some = papers(110, "𝕏" * 400)
    news = tuple(Mention(News.AGAIN, one.number, 1, MONDAY, MONDAY) for one in some[10:])
    shown = replace(chosen(some[:10], [Rule("a", "a")], 1), papers=tuple(some))
    receipt = Receipt(files=(ReadFile("🦊" * 100, MONDAY, NOON),) * 3, read=10**12, listed=10**30)
    return replace(shown, digest=replace(shown.digest, mentions=news, receipt=receipt))


def in_one_list() -> Delivery:
    some = [replace(one, title=f"{'T' * 490} {one.number}") for one in papers(100)]
    shown = chosen(some, [Rule("r" * 99, "a")], 1)
    return replace(shown, manner=Manner(order=Order.UPVOTES))


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("crowd", [many_rules, many_notes, long_week, much_news, in_one_list])
def test_no_crowd_of_anything_makes_a_mail_too_large(crowd: object, small: bool) -> None:
    assert callable(crowd)
    letter = SHIPPED.letter(replace(crowd(), small=small), LINKS)
    room = SMALL if small else LARGEST_ENCODED
    assert len(letter.html.encode()) <= LARGEST_HTML
    for part in (letter.html, letter.text):
        assert len(b2a_qp(part.encode().replace(b"\n", b"\r\n"))) <= room
        assert part.count(LINKS.unsubscribe) == 2  # at the top and at the foot


def test_a_paper_of_one_list_always_names_a_rule() -> None:
    letter = SHIPPED.letter(replace(in_one_list(), small=True), LINKS)
    assert "r" * 40 in letter.html


ROWS = st.lists(st.lists(st.integers(), min_size=1).map(sorted), min_size=1)


@given(ROWS, st.integers())
def test_the_first_trim_with_room_is_taken_though_few_are_tried(
    rows: list[list[int]], room: int
) -> None:
    trims = [[Trim(line=-size) for size in reversed(row)] for row in rows]
    tried: list[Trim] = []

    def has_room(trim: Trim) -> bool:
        tried.append(trim)
        return -(trim.line or 0) <= room

    each = [trim for row in trims for trim in row]
    taken = first(trims, has_room)
    assert len(tried) <= sum(len(row).bit_length() for row in rows)
    assert taken == next(filter(has_room, each), each[-1])


def test_a_digest_of_many_rules_is_laid_out_in_the_time_of_one_look_at_each_paper() -> None:
    marks.cache_clear()
    SHIPPED.letter(replace(many_rules(), small=True), LINKS)
    assert marks.cache_info().misses == 1
