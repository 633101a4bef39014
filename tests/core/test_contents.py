"""The contents list of a digest."""

from __future__ import annotations

from functools import partial

from tests.made import MONDAY, pick
from worker.core.contents import (
    FEWEST_DAYS,
    MOST_DRAWN,
    MOST_LISTED,
    MOST_QUIET,
    ContentsLine,
    contents,
)
from worker.digests import Trend
from worker.manner import Order

PICKS = (pick(1, "one"), pick(2, "one", "two"), pick(3, "two", "three"))
by_rules = partial(contents, order=Order.RULES, line=None, drawn=True)


def counted(parts: tuple[ContentsLine, ...]) -> list[tuple[str, int, int]]:
    return [(part.rule, part.count, part.also) for part in parts]


def trends(*rules: str) -> tuple[Trend, ...]:
    return tuple(Trend(rule, MONDAY, (0, 1, 2, 0, 0, 0, 0)) for rule in rules)


def test_each_rule_counts_its_section_and_what_stands_above() -> None:
    assert counted(by_rules(PICKS, ())) == [("one", 2, 0), ("two", 1, 1), ("three", 0, 1)]


def test_in_a_digest_of_one_list_each_rule_counts_all_it_caught() -> None:
    parts = contents(PICKS, (), Order.UPVOTES, None, drawn=True)
    assert counted(parts) == [("one", 2, 0), ("two", 2, 0), ("three", 1, 0)]


def test_a_rule_that_caught_nothing_is_listed_unless_there_are_too_many() -> None:
    quiet = tuple(f"quiet {place}" for place in range(MOST_QUIET))
    assert counted(by_rules(PICKS, trends("two", *quiet)))[3:] == [(name, 0, 0) for name in quiet]
    assert len(by_rules(PICKS, trends(*quiet, "one more"))) == 3


def test_bars_are_drawn_where_the_days_are_known_and_there_is_room() -> None:
    first, second, _ = by_rules(PICKS, trends("one"))
    assert first.bars
    assert first.bars.counts == (0, 1, 2, 0, 0, 0, 0)
    assert second.bars is None
    assert not any(
        part.bars for part in contents(PICKS, trends("one"), Order.RULES, 2, drawn=False)
    )
    many = [pick(place, f"rule {place}") for place in range(MOST_DRAWN + 5)]
    drawn = by_rules(many, trends(*(one.rules[0].name for one in many)))
    assert sum(part.bars is not None for part in drawn) == MOST_DRAWN


def test_names_are_cut_to_what_is_asked_for() -> None:
    assert contents(PICKS, (), Order.RULES, 2, drawn=False)[2].rule == "th"


def test_a_rule_that_chose_a_paper_twice_counts_it_once() -> None:
    assert counted(by_rules((pick(1, "one", "one"),), ())) == [("one", 1, 0)]


def test_a_few_days_are_no_row_of_bars() -> None:
    (part,) = by_rules((pick(1, "one"),), (Trend("one", MONDAY, (1,) * (FEWEST_DAYS - 1)),))
    assert part.bars is None


def test_of_very_many_rules_the_last_are_counted_together() -> None:
    names = [f"rule {place}" for place in range(MOST_LISTED + 2)]
    many = [pick(place, name) for place, name in enumerate(names)]
    both = (*many, pick(999, names[0], names[-1]))
    assert counted(by_rules(both, ()))[-1] == ("2 more rules", 2, 0)
    assert len(by_rules(both, ())) == MOST_LISTED + 1
    one_list = contents(both, (), Order.UPVOTES, None, drawn=True)
    assert counted(one_list)[-1] == ("2 more rules", 3, 0)
    assert counted(by_rules(PICKS, (), most=2))[2:] == [("1 more rule", 0, 0)]
