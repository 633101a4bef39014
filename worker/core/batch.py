"""The papers of one planning, indexed once, and each different query evaluated once over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from worker.core.catalogue import Catalogue
from worker.core.exemplars import likes_in
from worker.core.fared import Fared
from worker.core.index import Index
from worker.core.likeness import NO_LIKENESS, Likeness
from worker.core.news import NOTHING_HEARD, Heard
from worker.core.parts import included
from worker.core.past import NO_PAST, Past
from worker.core.query import QueryError, parse
from worker.core.ranking import Match, Ranking
from worker.core.receipt import listed
from worker.core.weight import weight
from worker.digests import Receipt
from worker.model import Cursor, Intake, Paper, PaperNumber, PaperVersion, Pick, Rule


class Batch:
    """A stretch of the paper log that several subscribers read, each from his own cursor on.

    ``papers`` and ``intakes`` follow each other without a gap up to ``end``, oldest first. What
    they are compared with is the ``past``, these papers included, and what they stand ``beside`` by
    upvotes: others of the same days, and papers that readers were promised. ``likeness`` knows the
    exemplars of their rules, and ``heard`` is the news of papers before.
    """

    def __init__(
        self,
        papers: Sequence[Paper],
        intakes: Sequence[Intake],
        end: Cursor,
        past: Past = NO_PAST,
        beside: Sequence[Paper] = (),
        likeness: Likeness = NO_LIKENESS,
        heard: Heard = NOTHING_HEARD,
    ) -> None:
        self.end = end
        self.past = past
        self.heard = heard
        self._papers = papers
        self._intakes = intakes
        self._likeness = likeness
        catalogue = Catalogue(papers, beside)
        self._index = Index(catalogue, likeness)
        self._ranking = Ranking(catalogue, self._index, past.rarity)
        self.fared = Fared(past, likeness)
        self._matches: dict[str, Match | QueryError] = {}
        self._removed: dict[str, int] = {}
        self._receipts: dict[Cursor, Receipt] = {}
        self._upvotes = {paper.which: paper.counts.upvotes or 0 for paper in (*beside, *papers)}

    def matches(self, rule: Rule, after: PaperNumber) -> Iterator[Paper]:
        """The papers after this number to which the rule applies, oldest first.

        Raises QueryError if the rule no longer parses.
        """
        return self._those(self._evaluated(rule.query).bits & self._later_than(after))

    def removed(self, rule: Rule, after: PaperNumber) -> Iterator[Paper]:
        """The papers after this number that the rule would match if it left nothing out.

        Raises QueryError if the rule no longer parses.
        """
        bits = self._removed.get(rule.query)
        if bits is None:
            matched = self._evaluated(rule.query).bits
            wider = self._index.match(included(parse(rule.query)))
            bits = self._removed[rule.query] = wider & ~matched
        return self._those(bits & self._later_than(after))

    def pick(self, which: PaperVersion, rules: Sequence[Rule]) -> Pick:
        """The paper for whom these rules match it: how well, and what only the batch can tell."""
        number, version = which
        place = number - self._papers[0].number
        matches = [self._evaluated(rule.query) for rule in rules]
        score = sum(match.score(place) for match in matches)
        tops = (reason for match in matches for reason in match.because(place))
        because = dict.fromkeys((*tops, *self._alike(rules, self._papers[place])))
        return Pick(number, tuple(rules), version, score, tuple(because))

    def upvotes(self, which: PaperVersion) -> int:
        """What the paper had when it was planned; 0 for one that is not known here."""
        return self._upvotes.get(which, 0)

    def exemplars(self, rules: Iterable[Rule]) -> frozenset[PaperVersion]:
        """The papers that these rules want others to be like, if they are in the log."""
        likes = likes_in(rule.query for rule in rules)
        return frozenset(paper.which for paper in self._likeness.exemplars(likes))

    def _alike(self, rules: Iterable[Rule], paper: Paper) -> Iterator[str]:
        for rule in rules:
            if likes_in((rule.query,)):
                yield from self._likeness.because(parse(rule.query), paper)

    def receipt(self, since: Cursor) -> Receipt:
        """The counts of what was listed since that place; nothing is said of matches yet."""
        known = self._receipts.get(since)
        if known is None:
            intakes = [intake for intake in self._intakes if intake.number > since.intake]
            kept = self._later_than(since.paper).bit_count()
            expired = self.end.paper - since.paper - kept
            known = self._receipts[since] = replace(listed(intakes), expired=expired)
        return known

    def _those(self, bits: int) -> Iterator[Paper]:
        while bits:
            lowest = bits & -bits
            yield self._papers[lowest.bit_length() - 1]
            bits ^= lowest

    def _evaluated(self, query: str) -> Match:
        if query not in self._matches:
            self._matches[query] = self._evaluate(query)
        found = self._matches[query]
        if isinstance(found, QueryError):
            raise found
        return found

    def _evaluate(self, query: str) -> Match | QueryError:
        try:
            return self._ranking.match(parse(query), weight(query))
        except QueryError as error:
            return error

    def _later_than(self, number: PaperNumber) -> int:
        if not self._papers:
            return 0
        earlier = max(0, number - self._papers[0].number + 1)
        everything = (1 << len(self._papers)) - 1
        return everything >> earlier << earlier
