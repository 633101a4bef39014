"""Which listings of a file are sightings of papers that the log had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tests.made import MONDAY, intake, paper
from worker.core.diff import diff
from worker.core.identity import keys
from worker.core.sighted import sightings
from worker.manner import Relation
from worker.model import Counts, Kind, Listing, Paper, PaperNumber, Seen
from worker.sightings import Sighting


def known(*papers: Paper) -> dict[str, Seen]:
    return {key: Seen(one.number, one.keys) for one in papers for key in one.keys}


def listing(title: str, kind: Kind = Kind.NEW, upvotes: int | None = None) -> Listing:
    return Listing(title, f"About {title}.", kind=kind, counts=Counts(upvotes))


def in_log(number: int, title: str, upvotes: int | None = None) -> Paper:
    found = listing(title)
    kept = paper(number, title, found.abstract)
    return replace(kept, keys=keys(found), counts=Counts(upvotes))


def sighted(
    log: tuple[Paper, ...], *listings: Listing, kept: Mapping[PaperNumber, Paper] | None = None
) -> tuple[Sighting, ...]:
    kept = {one.number: one for one in log} if kept is None else kept
    found = diff(listings, known(*log), PaperNumber(len(log)), MONDAY, kept=kept)
    return sightings(found, intake(4, 0, 9), kept)


def test_a_paper_of_the_log_that_is_listed_again_is_a_sighting_with_its_votes() -> None:
    log = (in_log(1, "One", 5), in_log(2, "Two"), in_log(3, "Three", 8))
    found = sighted(log, listing("Three", upvotes=7), listing("One", upvotes=50), listing("Two"))
    assert found == (
        Sighting(4, PaperNumber(1), Relation.AGAIN, MONDAY, upvotes=50, before=5),
        Sighting(4, PaperNumber(2), Relation.AGAIN, MONDAY, upvotes=None, before=None),
        Sighting(4, PaperNumber(3), Relation.AGAIN, MONDAY, upvotes=8, before=8),
    )


def test_how_it_is_listed_says_the_strongest_of_its_listings() -> None:
    log = (in_log(1, "One"), in_log(2, "Two"), in_log(3, "Three"))
    found = sighted(
        log,
        listing("One"),
        listing("One", Kind.CROSS),
        listing("One", Kind.REPLACEMENT),
        listing("Two", Kind.CROSS),
        listing("Two"),
        listing("Three", Kind.REPLACEMENT),
    )
    relations = [one.relation for one in found]
    assert relations == [Relation.REPLACED, Relation.CROSS, Relation.REPLACED]


def test_a_repeat_of_what_is_fresh_in_the_same_file_is_none() -> None:
    assert sighted((), listing("New"), listing("New", Kind.CROSS), listing("new.")) == ()


def test_a_paper_that_the_log_no_longer_has_whole_is_none() -> None:
    assert sighted((in_log(1, "One"),), listing("One"), kept={}) == ()
