"""What rules look for, marked in all papers of a digest at once."""

from __future__ import annotations

from time import process_time

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.oracle import seed_papers
from tests.core.rules import RULES
from tests.made import paper
from worker.core.marking import FEW, Chosen, marked
from worker.core.trim import Piece
from worker.core.words import words
from worker.model import Rule

SOME = st.lists(RULES.map(lambda query: Rule(query, query)), min_size=1, max_size=4, unique=True)


def chosen(*queries: str) -> Chosen:
    return tuple(Rule(query, query) for query in queries), paper(1, "A title", "Deep, deep nets.")


def test_each_paper_is_marked_by_the_rules_that_chose_it_alone() -> None:
    one, other = marked((chosen("deep", "title"), chosen("nets -deep")))
    assert one.title == (Piece("A ", marked=False), Piece("title", marked=True))
    assert other.title == (Piece("A title", marked=False),)
    assert (one.terms, other.terms) == (("deep", "title"), ("nets",))


def test_a_rule_that_no_longer_parses_marks_nothing_and_the_others_do() -> None:
    (one,) = marked((chosen("(", "nets"),))
    assert one.terms == ("nets",)


MANY = (tuple(Rule(f"w{n}", f"w{n}") for n in range(FEW)), paper(1, "A title", "Of w7 only."))
"""With one more look, all papers beside it are looked at together."""


@settings(deadline=None)
@given(st.lists(st.tuples(SOME.map(tuple), st.sampled_from(seed_papers())), min_size=1, max_size=5))
def test_papers_together_are_marked_as_each_alone(some: list[Chosen]) -> None:
    *together, last = marked([*some, MANY])
    assert last.terms == ("w7",)
    assert together == [one for each in some for one in marked((each,))]


def test_of_few_rules_what_was_marked_is_kept_for_others_who_have_them() -> None:
    few = [chosen("deep", "title")]
    assert marked(few)[0] is marked(few)[0]
    first, again = marked([*few, MANY]), marked([*few, MANY])
    assert (first, first[0] is again[0]) == (again, False), "many are looked at together"


def test_the_most_rules_there_may_be_mark_the_most_papers_in_no_time() -> None:
    said = sorted({word.folded for one in seed_papers() for word in words(one.abstract)})
    queries = [" OR ".join(said[first::50][:40]) for first in range(50)]
    rules = tuple(Rule(query, query) for query in queries)
    full = tuple((rules, one) for one in (*seed_papers(), *seed_papers()))
    started = process_time()
    assert sum(len(one.terms) for one in marked(full)) > 10_000
    assert process_time() - started < 2  # it takes 0.3 s
