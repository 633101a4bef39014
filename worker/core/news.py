"""What there is to say, in a line each, of papers that somebody was sent before.

A later listing is told to whoever asks for listings of its kind. That votes took off is told to
everybody, once: a paper has then ``LEAST`` votes, and ``TIMES`` as many as in the digest that he
had it in. Votes never go back (``core.complete``), so they cross that line in one file only, and
whoever had read that file has been told. Where nobody counted then, nothing can have taken off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from worker.core.sighted import RANKS
from worker.digests import Mention, News
from worker.manner import Relation
from worker.model import Cursor, Paper, PaperNumber, Subscriber, SubscriberId
from worker.sightings import Had, Sighting

LEAST: Final = 30
TIMES: Final = 3
MOST_TOOK_OFF: Final = 5
MOST_RELATED: Final = 10

AllHad = Mapping[tuple[SubscriberId, PaperNumber], Had]


class Heard:
    """The sightings up to ``end`` and the papers that they are of, as the log has them now.

    To be told they take ``had``: which of the ``wanted`` papers who was sent.
    """

    def __init__(
        self,
        sightings: Sequence[Sighting],
        papers: Iterable[Paper],
        end: Cursor,
        had: AllHad | None = None,
    ) -> None:
        known = {paper.number: paper for paper in papers}
        self._papers = known
        self._sightings = [s for s in sightings if s.intake <= end.intake and s.paper in known]
        self._listings = frozenset(_listings(self._sightings, known))
        self._had = had or {}
        self._possible: dict[tuple[Cursor, frozenset[Relation]], tuple[Sighting, ...]] = {}

    def wanted(self, who: Subscriber) -> frozenset[PaperNumber]:
        """The papers that would be mentioned to him, had he been sent them."""
        return frozenset(sighting.paper for sighting in self._later(who))

    def papers(self, numbers: Iterable[PaperNumber]) -> tuple[Paper, ...]:
        """Those papers."""
        return tuple(self._papers[number] for number in sorted(numbers))

    def mentions(self, who: Subscriber) -> Iterator[Mention]:
        """All that came of papers that he had, since the place that he has read up to."""
        for sighting in self._later(who):
            had = self._had.get((who.id, sighting.paper))
            if had is None:
                continue
            if self._asked_for(sighting, who):
                yield self._mention(News(sighting.relation.value), sighting, had)
            if _took_off(sighting, had.paper.counts.upvotes):
                yield self._mention(News.TOOK_OFF, sighting, had)

    def _later(self, who: Subscriber) -> tuple[Sighting, ...]:
        """Those that may be news to him; the same for all who have read as far."""
        key = who.cursor, who.manner.related
        found = self._possible.get(key)
        if found is None:
            found = self._possible[key] = tuple(
                sighting
                for sighting in self._sightings
                if sighting.intake > who.cursor.intake
                and sighting.paper <= who.cursor.paper
                and (self._asked_for(sighting, who) or _rose(sighting))
            )
        return found

    def _asked_for(self, sighting: Sighting, who: Subscriber) -> bool:
        return sighting.relation in who.manner.related and sighting in self._listings

    def _mention(self, news: News, sighting: Sighting, had: Had) -> Mention:
        return Mention(
            news=news,
            paper=sighting.paper,
            version=self._papers[sighting.paper].version,
            day=sighting.day,
            had=had.day,
            upvotes=sighting.upvotes or 0,
            before=had.paper.counts.upvotes or 0,
        )


def told(
    mentions: Iterable[Mention], carried: Iterable[Mention], shown: Iterable[PaperNumber]
) -> tuple[Mention, ...]:
    """What one digest tells of these and of those ``carried`` from one that it takes over.

    What took off comes first, the most votes before less; then one listing of each paper. Nothing
    is said of papers that the digest has itself.
    """
    own, best = frozenset(shown), dict[tuple[bool, PaperNumber], Mention]()
    for one in sorted((*carried, *mentions), key=_strength):
        if one.paper not in own:
            best.setdefault((one.news is News.TOOK_OFF, one.paper), one)
    took_off = [one for one in best.values() if one.news is News.TOOK_OFF]
    related = [one for one in best.values() if one.news is not News.TOOK_OFF]
    return (*took_off[:MOST_TOOK_OFF], *related[:MOST_RELATED])


def _strength(mention: Mention) -> tuple[int, int, PaperNumber, int]:
    rank = -1 if mention.news is News.TOOK_OFF else RANKS.index(Relation(mention.news.value))
    return rank, -mention.upvotes, mention.paper, -mention.day.toordinal()


def _listings(
    sightings: Iterable[Sighting], papers: Mapping[PaperNumber, Paper]
) -> Iterator[Sighting]:
    """Those that tell something new: a day's list that is read twice, or late, is no news.

    A paper is listed again if that is on a later day than at first.
    """
    met: set[tuple[PaperNumber, Relation, object]] = set()
    for sighting in sightings:
        key = sighting.paper, sighting.relation, sighting.day
        first = papers[sighting.paper].day
        own_day = sighting.day == first and sighting.relation is not Relation.AGAIN
        if (sighting.day > first or own_day) and key not in met:
            yield sighting
        met.add(key)


def _rose(sighting: Sighting) -> bool:
    """Whether there may be somebody for whom its votes took off with this listing."""
    return (sighting.upvotes or 0) >= max(LEAST, (sighting.before or 0) + 1)


def _took_off(sighting: Sighting, then: int | None) -> bool:
    """Whether its votes crossed the line with this listing, for whom it had so many before."""
    if then is None:
        return False
    line = max(LEAST, TIMES * then)
    return (sighting.upvotes or 0) >= line > (sighting.before or 0)


NOTHING_HEARD: Final = Heard((), (), Cursor())
