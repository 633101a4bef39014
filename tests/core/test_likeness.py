"""Which papers are like another, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.core.oracle import seed_papers
from tests.core.stocks import rules
from tests.made import MONDAY, intake, paper, subscriber
from worker.core.advice import AdviceKind
from worker.core.batch import Batch
from worker.core.corpus import Corpus
from worker.core.exemplars import likes_in
from worker.core.explained import ruling_told
from worker.core.identity import fingerprint
from worker.core.inplain import as_written
from worker.core.likeness import Likeness
from worker.core.obstacles import why_not
from worker.core.past import Past
from worker.core.plan import plan
from worker.core.query import parse
from worker.core.rulings import Company, ruling
from worker.core.search import found
from worker.core.stock import Stock, lately
from worker.core.trial import trial
from worker.core.window import Window
from worker.digests import Slot
from worker.model import Cursor, Paper, PaperNumber, Rule


def listed() -> tuple[Paper, ...]:
    """The papers of both seeds, each once, as a log has them."""
    titled = {fingerprint(each.title): each for each in reversed(seed_papers())}
    once = [replace(each, keys=(f"title:{title}",)) for title, each in titled.items()]
    papers = enumerate(reversed(once), 1)
    return tuple(replace(each, number=PaperNumber(n), day=MONDAY) for n, each in papers)


PAPERS = listed()
WINDOW = Window(PAPERS, ())
EVO = next(each for each in PAPERS if each.title.startswith("EvoMoE"))
RULE = f'like:"{EVO.title}"'


def caught(rule: str, window: Window = WINDOW) -> list[str]:
    index = window.index(likes_in((rule,)))
    return [each.title.split(":")[0] for each in window.newest(index.match(parse(rule)))]


def test_papers_on_its_topic_are_like_it_and_others_are_not() -> None:
    alike = caught(RULE)
    assert len(alike) >= 3
    text = {each.title.split(":")[0]: each.title + each.abstract for each in PAPERS}
    assert all("xperts" in text[each] for each in alike)


def test_it_is_not_like_itself() -> None:
    assert EVO.title.split(":")[0] not in caught(RULE)


def test_it_stands_with_what_else_a_rule_asks_for() -> None:
    alike = set(caught(RULE))
    assert set(caught(f"{RULE} GPU")) == {"Tutel", "Pre-gated MoE"}
    assert set(caught(f"{RULE} -GPU")) == alike - {"Tutel", "Pre-gated MoE"}
    assert set(caught(f"{RULE} OR koopman")) == alike | set(caught("koopman"))
    assert set(caught(f"* -{RULE}")) == set(caught("*")) - alike


def test_those_of_one_topic_rank_before_the_others() -> None:
    """Each pair of papers with a word in both titles that few have, against all other papers."""
    topics = ("expert", "mdp", "pde", "koopman", "recommendation", "unet")
    above, all_ = 0, 0
    ranked = Ranked(PAPERS)
    for topic in topics:
        its = [each for each in PAPERS if topic in each.title.casefold()]
        others = [each for each in PAPERS if topic not in (each.title + each.abstract).casefold()]
        for one, other in ((one, other) for one in its for other in its if one is not other):
            near = ranked.nearness(one, other)
            above += sum(near > ranked.nearness(one, each) for each in others)
            all_ += len(others)
    assert above / all_ > 0.9


class Ranked:
    """The cosine of any two papers."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        window = Window(papers, ())
        tallies = [window.catalogue.tally(place) for place in range(len(papers))]
        self._vectors = {
            each.number: window.corpus.vector(tally)
            for each, tally in zip(window.papers, tallies, strict=True)
        }

    def nearness(self, one: Paper, other: Paper) -> float:
        its, others = self._vectors[one.number], self._vectors[other.number]
        return sum(weight * others.get(word, 0.0) for word, weight in its.items())


def test_words_that_many_papers_have_tell_nothing_nor_do_plain_ones_and_numbers() -> None:
    corpus = Corpus(({"model": 3, "graph": 2}, {"graph": 1, "model": 9}), 15)
    vector = corpus.vector({"graph": 1, "model": 8, "so": 2, "2025": 1, "x": 4, "new": 1})
    assert vector.keys() == {"graph", "new"}
    assert vector["new"] > vector["graph"], "seldom used elsewhere"
    assert sum(weight**2 for weight in vector.values()) == pytest.approx(1)
    assert corpus.vector({"model": 1}) == {}


def test_a_word_of_the_title_weighs_more_and_oftener_is_more() -> None:
    titled = Window((paper(1, "graph", "vine graphs"), paper(2, "gate", "gates lead")), ())
    assert titled.catalogue.tally(0) == {"graph": 4, "vine": 1}
    corpus = Corpus((), 10)
    vector = corpus.vector({"graph": 4, "vine": 1})
    assert vector["graph"] > 2 * vector["vine"]


def test_shared_words_are_said_as_the_paper_writes_them() -> None:
    one = paper(1, "Operators for PDEs", "The operator's Fourier layers; PDEs. O’Hara’s operators")
    assert as_written(("operator", "pde", "fourier"), one) == ("operator", "PDEs", "Fourier")


def test_what_they_share_is_the_reason_of_a_pick_and_of_no_other() -> None:
    index = WINDOW.index(likes_in((RULE,)))
    because = index.likeness.because(parse(RULE), _titled("Tutel"))
    assert len(because) == 1
    head, _, words = because[0].rpartition(": ")
    assert head == f"like “{EVO.title[:59]}…”"
    assert words.split(", ")[:2] == ["experts", "MoE"]
    assert len(words.split(", ")) == 5
    assert index.likeness.because(parse(RULE), _titled("Limits")) == ()
    assert index.likeness.because(parse(f"* -{RULE}"), _titled("Tutel")) == ()


def test_why_it_is_not_like_another_is_told_with_what_they_share() -> None:
    likeness = WINDOW.likeness(likes_in((RULE, "like:2509.99999")))
    query = parse(RULE)
    assert why_not(query, _titled("Tutel"), likeness=likeness) == ""
    assert "they share only" in why_not(query, _titled("Limits"), likeness=likeness)
    assert why_not(query, EVO, likeness=likeness).startswith("it is what others are to be like")
    alien = paper(99, "Zebras", "Striped.")
    assert why_not(query, alien, likeness=likeness).endswith("they share no telling word")
    assert why_not(parse("like:2509.99999"), alien, likeness=likeness) == (
        "nothing is like 2509.99999: no paper with this id is kept here"
    )
    assert why_not(parse(f"* -{RULE}"), _titled("Tutel"), likeness=likeness).startswith(
        "it is excluded by NOT like:"
    )


def test_explained_to_a_reader_it_names_the_words() -> None:
    company = Company(likeness=WINDOW.likeness(likes_in((RULE,))))
    told = ruling_told(ruling(Rule(RULE, RULE), _titled("Tutel"), company))
    assert told.startswith("yes, because of like “EvoMoE")
    assert "experts, MoE" in told


def test_an_exemplar_that_the_window_has_no_more_is_taken_from_elsewhere() -> None:
    rest = Window([each for each in PAPERS if each is not EVO], ())
    by_title = caught(RULE, rest)
    (like,) = likes_in((RULE,))
    index = rest.index((like,), {like: EVO})
    assert index.match(parse(RULE)).bit_count() == len(caught(RULE))
    assert by_title, "its title alone tells something"


def _titled(beginning: str) -> Paper:
    return next(each for each in PAPERS if each.title.startswith(beginning))


# --- what is tried and told -------------------------------------------------


def told(*queries: str, stock: Stock) -> list[tuple[AdviceKind, str]]:
    made = trial(rules(*queries), stock).rules[0]
    return [(each.kind, each.text) for each in made.advice]


def test_a_trial_and_a_search_find_what_a_digest_would() -> None:
    stock = lately(WINDOW)
    assert trial(rules(RULE), stock).rules[0].papers == len(caught(RULE))
    assert trial(rules(RULE), stock, work=10).rules[0].untried
    assert found(RULE, WINDOW).total == len(caught(RULE))
    assert next(iter(WINDOW.search(parse(RULE)))).title.startswith(caught(RULE)[0])


def test_a_rule_that_names_an_unknown_paper_is_told_so_and_that_alone() -> None:
    stock = lately(WINDOW)
    said = "Nothing is like 2509.99999: no paper with this id is kept here."
    assert told("like:2509.99999", stock=stock) == [(AdviceKind.UNKNOWN, said)]
    assert told("like:2509.99999 OR koopman", stock=stock) == [(AdviceKind.UNKNOWN, said)]
    (like,) = likes_in(("like:2509.99999",))
    known = replace(stock, kept={like: replace(EVO, number=PaperNumber(900))})
    assert told("like:2509.99999", stock=known) == []


def test_a_rule_that_is_like_nothing_or_like_too_much_is_told_as_ever() -> None:
    stock = lately(WINDOW)
    dead = told('like:"Zebras of Serengeti"', stock=stock)
    assert dead == [(AdviceKind.DEAD, "It caught nothing on the last day.")]
    flowers = ("rose",) * 6 + ("lily",) * 6 + ("fern",) * 18
    papers = [paper(n, f"{one} {_letters(n)}") for n, one in enumerate(flowers, 1)]
    (broad,) = told('like:"Rose and lily"', stock=lately(Window(papers, ())))
    assert broad[0] is AdviceKind.TOO_BROAD


def _letters(number: int) -> str:
    """Words that no other paper has."""
    return f"vine{chr(96 + number % 26)} gate{'x' * number}"


# --- planned ----------------------------------------------------------------


def test_a_digest_says_what_its_papers_share_with_the_one_named() -> None:
    past, (like,) = Past(PAPERS), likes_in((RULE,))
    end = Cursor(PAPERS[-1].number, 1)
    likeness = Likeness(past.corpus, {like: EVO})
    batch = Batch(PAPERS, (intake(1, len(PAPERS), len(PAPERS)),), end, past, (), likeness)
    who = subscriber(RULE, "koopman", "like:(")
    made = plan(who, Slot("s", MONDAY), None, batch, message_id="<m>", now=who.created_at)
    assert made.digest
    reasons = {pick.rules[0].query: pick.because for pick in made.digest.picks}
    assert reasons["koopman"] == ()
    assert reasons[RULE][0].startswith("like “EvoMoE")
    assert made.exemplars == {EVO.which}
    assert EVO.which in made.named


def test_of_the_past_each_day_counts_its_words_and_stays_as_it_was() -> None:
    later = [replace(each, day=MONDAY + timedelta(days=each.number % 2)) for each in PAPERS]
    spread, whole = Past(later), Past(PAPERS)
    assert len(spread.days) == 2
    assert sorted(each.number for each in spread.papers) == [each.number for each in PAPERS]
    tally = WINDOW.catalogue.tally(0)
    assert spread.corpus.vector(tally) == whole.corpus.vector(tally) == WINDOW.corpus.vector(tally)


def test_days_that_are_joined_are_compared_as_if_read_together() -> None:
    days = [replace(each, day=MONDAY + timedelta(days=each.number % 3)) for each in PAPERS]
    past, (like,) = Past(days), likes_in((RULE,))
    likeness = Likeness(past.corpus, {like: EVO})
    joined = past.catalogue
    found = {
        joined.listed[place].number: near for place, near in likeness.near(like, joined).items()
    }
    whole = likeness.near(like, WINDOW.catalogue)
    assert found == pytest.approx({PAPERS[place].number: near for place, near in whole.items()})
    batch = Batch(days, (), Cursor(), past, (), likeness)
    assert sum(batch.fared.daily(RULE)) == len(whole)


def test_two_rules_that_name_one_paper_say_it_once() -> None:
    past, (like,) = Past(PAPERS), likes_in((RULE,))
    batch = Batch(PAPERS, (), Cursor(), past, (), Likeness(past.corpus, {like: EVO}))
    both = (Rule("a", RULE), Rule("b", f"{RULE} -zebra"), Rule("c", "koopman"))
    made = batch.pick(_titled("Tutel").which, both[:2])
    assert len(made.because) == 1
    assert batch.pick(_titled("Limits").which, both[2:]).because == ()


def test_what_is_more_like_it_comes_first() -> None:
    past, (like,) = Past(PAPERS), likes_in((RULE,))
    likeness = Likeness(past.corpus, {like: EVO})
    batch = Batch(PAPERS, (), Cursor(), past, (), likeness)
    near = likeness.near(like, WINDOW.catalogue)
    scores = [batch.pick(PAPERS[place].which, (Rule("a", RULE),)).score for place in near]
    assert scores == [10_000 + round(100_000 * cosine) for cosine in near.values()]
    assert min(scores) >= 22_000
