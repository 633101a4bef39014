"""The rules that most read by."""

from __future__ import annotations

from datetime import timedelta

from tests.made import MONDAY, paper
from worker.core.favourites import MOST, Favourites, Used, favourites
from worker.core.stock import lately
from worker.core.window import Window
from worker.figures import Read

DAY = timedelta(days=1)
TUESDAY = MONDAY + DAY


def test_rules_are_tried_on_the_papers_of_these_days() -> None:
    papers = [
        paper(1, "Diffusion of old", day=MONDAY - 9 * DAY),
        paper(2, "Diffusion"),
        paper(3, "Graphs and diffusion", day=TUESDAY),
        paper(4, "Something else", day=TUESDAY),
    ]
    stock = lately(Window(papers, ()), 2)
    rules = [Read("diffusion", 7), Read("diffusion -graph", 3), Read("graph (", 2)]
    assert favourites(rules, stock) == Favourites(
        (Used("diffusion", 7, 2), Used("diffusion -graph", 3, 1), Used("graph (", 2, None)), 3, 2
    )


def test_no_more_rules_are_tried_than_are_shown() -> None:
    rules = [Read(f"word{number}", 1) for number in range(MOST + 5)]
    assert len(favourites(rules, lately(Window((), ()))).rules) == MOST
