"""``like:`` as it is written, and which paper it means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.oracle import matches
from tests.made import paper
from worker.core.catalogue import Catalogue
from worker.core.evidence import spans, terms
from worker.core.exemplars import among, key, likes_in, made_up, named
from worker.core.index import Index
from worker.core.obstacles import why_not
from worker.core.query import QueryError, parse
from worker.core.scan import LIKES
from worker.core.shared import shared
from worker.core.terms import And, Field, Like, Not, Or, Words
from worker.core.written import written

BY_ID = Like("arxiv:2509.01234")
TITLED = Like("Graph Networks: a Survey")


@pytest.mark.parametrize(
    "typed",
    [
        "like:2509.01234",
        "LIKE:arXiv:2509.01234v3",
        'like:"2509.01234"',
        'like:"https://arxiv.org/abs/2509.01234"',
        "like:https://huggingface.co/papers/2509.01234",
        "like:doi:10.48550/arXiv.2509.01234",
    ],
)
def test_a_paper_is_named_by_its_id_however_that_is_written(typed: str) -> None:
    assert parse(typed) == BY_ID


def test_a_paper_is_named_by_a_doi_or_by_its_title() -> None:
    assert parse("like:10.1000/ABC.1") == parse('like:"doi:10.1000/abc.1"')
    assert parse("like:10.1000/ABC.1") == Like("doi:10.1000/abc.1")
    assert parse('like:"Graph  Networks: a Survey "') == TITLED
    assert parse(r"like:“Schr\"odinger bridges”") == Like(r"Schr\"odinger bridges")


def test_it_stands_with_everything_else() -> None:
    survey = Words(("survey",))
    assert parse("like:2509.01234 -survey") == And((BY_ID, Not(survey)))
    assert parse('survey OR like:"Graph Networks: a Survey"') == Or((survey, TITLED))
    assert parse("like:(2509.01234 OR 2509.01234v2)") == Or((BY_ID, BY_ID))
    assert parse("* -like:2509.01234")


@pytest.mark.parametrize(
    ("typed", "position", "reason"),
    [
        ("like:diffusion", 5, "takes an arXiv id, a DOI, or a title in quotes"),
        ('like:"…"', 5, "takes an arXiv id"),
        ('like:"graph network"~5', 20, "it has no width"),
        ("like:/graph/", 5, "takes no regex"),
        ("like: graph", 0, "must touch"),
        ("a " + "like:2509.01234 " * (LIKES + 1), 2 + 16 * LIKES + 5, f"at most {LIKES} times"),
    ],
)
def test_what_names_no_paper_is_refused_with_its_position(
    typed: str, position: int, reason: str
) -> None:
    with pytest.raises(QueryError, match=reason) as refused:
        parse(typed)
    assert refused.value.position == position


@pytest.mark.parametrize("like", [BY_ID, TITLED, Like("doi:10.1000/a;b"), Like(r"Schr\"o x")])
def test_the_canonical_text_means_the_same(like: Like) -> None:
    assert parse(written(like)) == like


@pytest.mark.parametrize("title", ["Mamba", "arxiv:what", "GPT*", "Top: like:", "٣"])
def test_a_title_of_one_word_is_written_in_quotes_so_that_it_is_read_again(title: str) -> None:
    asked = parse(f'video like:"{title}"')
    assert parse(written(asked)) == asked
    taken = shared(f'set:nlp like:" {title}"')
    assert taken
    assert parse(taken.narrowed("a")) == And((Words(("a",)), Like(title)))


def test_one_paper_alone_is_like_no_other_and_nothing_is_claimed() -> None:
    alone, query = paper(1, TITLED.what, "Networks of graphs."), parse(f'like:"{TITLED.what}"')
    assert Index(Catalogue((alone,))).match(query) == 0
    assert not matches(query, alone)
    assert terms([query], alone) == ()
    assert spans((query,), alone, Field.TITLE) == ()
    assert why_not(query, alone) == f"nothing here tells whether it is like “{TITLED.what}”"


def test_rules_tell_whom_they_name_each_once_and_what_cannot_be_read_names_nobody() -> None:
    texts = ("like:2509.01234", "+Like:2509.01234v1 -survey", "likeness", "like:(")
    assert likes_in(texts) == (BY_ID,)
    assert likes_in(("* -like:10.1000/a", *texts[:1])) == (Like("doi:10.1000/a"), BY_ID)


def test_a_paper_is_found_by_its_key_the_newest_of_one_title() -> None:
    title = key(TITLED)
    old = replace(paper(1, TITLED.what), keys=(title,))
    new = replace(paper(2, "Graph networks, a survey"), keys=("arxiv:2509.01234", title))
    assert title == "title:graphnetworksasurvey"
    assert among((BY_ID, TITLED), (new, old)) == {BY_ID: new, TITLED: new}
    assert among((BY_ID,), (old,)) == {}


def test_a_title_that_nobody_knows_is_its_own_text_and_an_id_is_none() -> None:
    made = made_up((BY_ID, TITLED, Like("arxiv: a history")))
    assert [(one.number, one.title) for one in made.values()] == [
        (0, TITLED.what),
        (0, "arxiv: a history"),
    ]


def test_it_is_said_as_people_would() -> None:
    assert named(BY_ID) == "like 2509.01234"
    assert named(TITLED) == "like “Graph Networks: a Survey”"
    assert named(Like("long " * 20)) == f"like “{'long ' * 11}long…”"
