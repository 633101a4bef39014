"""The words that a field has begun to speak of this week."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.made import MONDAY, paper
from worker.core.newwords import new_words
from worker.core.ordinary import root
from worker.core.past import Past
from worker.model import Paper


def past(week: list[tuple[str, str]], earlier: str = "Deep networks", days: int = 7) -> Past:
    """These titles and abstracts today, and so many days with three papers before this week."""
    old: list[Paper] = []
    for day in range(days):
        for _ in range(3):
            old.append(
                paper(len(old) + 1, earlier, "as before", day=MONDAY - timedelta(days=7 + day))
            )
    new = [paper(len(old) + 1 + n, title, text) for n, (title, text) in enumerate(week)]
    return Past((*old, *new))


def told(*week: tuple[str, str], earlier: str = "Deep networks") -> list[tuple[str, int]]:
    return list(new_words(past(list(week), earlier)))


def test_a_word_that_three_papers_have_and_none_before_is_new() -> None:
    said = ("Mamba rises", "x"), ("Deep networks", "a mamba"), ("Deep networks", "the mamba is")
    assert told(*said) == [("mamba", 3)]
    assert told(*said[:2]) == []
    assert told(*said, earlier="Deep mamba networks") == []


def test_it_is_written_as_most_of_its_papers_write_it() -> None:
    names = ("Y", "LiveCodeBench"), ("Z", "on LiveCodeBench, LiveCodeBench"), ("X", "livecodebench")
    assert told(*names) == [("LiveCodeBench", 3)]
    assert told(*[("Mambas", "x")] * 3) == [("mamba", 3)], "only titles have it: as it is looked up"


def test_a_word_is_worth_telling_if_a_title_has_it_or_if_it_is_a_name() -> None:
    assert told(*[("x", "a mamba")] * 3) == []
    assert told(*[("x", "a Mamba")] * 3) == [("Mamba", 3)]
    assert told(("A mamba", "a mamba"), *[("x", "a mamba")] * 2) == [("mamba", 3)]


def test_singular_and_plural_are_one_word() -> None:
    said = ("Mambas", "mambas"), ("Mamba", "mambas"), ("Mamba", "mamba, singly")
    assert told(*said) == [("mambas", 3)]
    assert told(*said, earlier="Deep mambas") == []


def test_of_a_family_that_was_there_before_no_word_is_new() -> None:
    assert told(*[("Deployment", "deploying")] * 3, earlier="To deploy") == []
    assert told(*[("Employment", "employing")] * 3, earlier="To deploy") != []


def test_numbers_letters_and_words_that_say_nothing_are_not_told() -> None:
    assert told(*[("Therefore 2025 of 10x ab", "Therefore 2025 10x AB")] * 3) == []
    assert told(*[("Qwen3", "Qwen3")] * 3) == [("Qwen3", 3)]


def test_the_most_frequent_come_first_and_eight_are_enough() -> None:
    names = "Alpha Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett".split()  # noqa: SIM905
    week = [(" ".join(names[:5]), " ".join(names[:5]))] + [(" ".join(names), " ".join(names))] * 3
    made = told(*week)
    assert made == [(name, 4) for name in names[:5]] + [(name, 3) for name in names[5:8]]


def test_papers_that_have_it_only_in_a_title_or_only_in_an_abstract_are_all_counted() -> None:
    assert told(("Mamba", "x"), ("x", "mamba"), ("Mamba", "y")) == [("mamba", 3)]


@pytest.mark.parametrize("days", [0, 6])
def test_nothing_is_new_where_little_is_known_of_the_time_before(days: int) -> None:
    assert new_words(past([("Mamba", "mamba")] * 3, days=days)) == ()


def test_nothing_is_new_in_a_week_of_more_papers_than_all_before() -> None:
    assert new_words(past([("Mamba", "mamba")] * 22)) == ()
    assert new_words(past([("Mamba", "mamba")] * 21)) == (("mamba", 21),)


def test_this_week_is_the_last_seven_days() -> None:
    week = past([("Mamba", "mamba")] * 3)
    papers = [paper for each in week.days for paper in each.papers]
    sixth = paper(90, "Mamba", "mamba", day=MONDAY - timedelta(days=6))
    seventh = paper(90, "Mamba", "mamba", day=MONDAY - timedelta(days=7))
    assert new_words(Past([*papers, sixth])) == (("mamba", 4),)
    assert new_words(Past([*papers, seventh])) == ()


def test_without_a_past_nothing_is_new() -> None:
    assert new_words(Past(())) == ()


@pytest.mark.parametrize(
    ("word", "its"),
    [("deployments", "deploy"), ("deployed", "deploy"), ("ring", "ring"), ("mamba", "mamba")],
)
def test_the_root_of_a_word_is_without_its_ending(word: str, its: str) -> None:
    assert root(word) == its
