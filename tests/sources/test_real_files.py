"""Real daily files: what is read from them, and that a paper is one paper in all of their forms.

How many listings each folder has was counted by hand or by its origin, not by this program.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest

from tests.sources import real
from worker.core.diff import Diff, diff
from worker.core.identity import keys
from worker.model import Edition, Kind, Listing, Paper, PaperNumber, Seen

pytestmark = pytest.mark.skipif(not real.files(), reason=real.MISSING)

NO_DAILY_FILES = {
    "no_papers/2025-01-04.json": "the whole is a number, 1",
    "06_html/2026-02-04.eml": "a web page without papers",
}


def editions() -> Iterator[tuple[Path, Edition]]:
    for path in real.files():
        edition = real.outcome(path)
        if isinstance(edition, Edition):
            yield path, edition


def listed(folder: str) -> Iterator[Listing]:
    for path, edition in editions():
        if folder in str(path):
            yield from edition.listings


@pytest.mark.parametrize("path", real.files(), ids=lambda path: str(path)[-60:])
def test_every_real_file_is_read_or_is_none(path: Path) -> None:
    why = next((why for end, why in NO_DAILY_FILES.items() if str(path).endswith(end)), None)
    edition = real.outcome(path)
    if why:
        assert why in str(edition)
    else:
        assert isinstance(edition, Edition), edition
        assert all(listing.title.strip() for listing in edition.listings)


@pytest.mark.parametrize(
    ("folder", "count"),
    [
        ("main_2026", 485),
        ("mid_schema_2025", 45),
        ("old_schema_2024", 79),
        ("python_repr_strings", 65),
        ("same_day_revisions", 64),
        ("wrapped_dict", 9),
        ("api_query_atom", 2),
        ("rss_arxiv_org", 10),
        ("arxiv_feedgen_rolling", 300),
        ("hf_daily_rss", 88),
        ("arxiv_browse_listings", 54),
        ("cs_daily_2024-11-07", 180),
        ("arxiv_jsonl", 624),
        ("arxiv_rss_as_json", 199),
        ("bib_ris/arxiv.bib", 2),
        ("hf_scraped_json", 8),
        ("python_repr_jsonl", 23),
        ("arxiv_ai_enhanced_md", 26),
        ("arxiv_ir_md", 23),
        ("arxiv_mail_md", 93),
        ("hf_daily_korean_md", 8),
        ("hf_daily_summary_md", 34),
        ("hf_newsletter_md", 18),
        ("hf_page_dumps_transcribed", 4),
        ("hf_paper_yaml", 3),
        ("papers_list_early.csv", 455),
        ("06_html", 5),
        ("seeds", 67),
    ],
)
def test_no_listing_of_a_real_file_is_missing(folder: str, count: int) -> None:
    assert sum(1 for _ in listed(folder)) == count


def test_nothing_is_set_aside_but_what_stands_for_no_paper() -> None:
    aside = {path.name: len(edition.rejected) for path, edition in editions() if edition.rejected}
    assert aside == {"nasty_items.jsonl": 15}


# --- one paper across all of them ---------------------------------------------


class Log:
    """The paper log as a diff sees it."""

    def __init__(self) -> None:
        self.papers: list[Paper] = []

    def take_in(self, listings: Sequence[Listing]) -> Diff:
        known = {key: Seen(one.number, one.keys) for one in self.papers for key in one.keys}
        kept = {one.number: one for one in self.papers}
        found = diff(
            listings,
            known,
            PaperNumber(len(kept)),
            date(2026, 1, 1),
            wanted=frozenset(Kind),
            kept=kept,
        )
        self.papers += found.fresh
        for better in found.completed:
            self.papers[better.number - 1] = better
        return found


def arxiv(names: Iterable[str]) -> set[str]:
    return {name for name in names if name.startswith("arxiv:")}


def test_over_all_real_files_each_arxiv_id_is_one_paper_and_no_paper_has_two() -> None:
    log = Log()
    for _, edition in editions():
        log.take_in(edition.listings)
    owned = Counter(id_ for paper in log.papers for id_ in arxiv(paper.keys))
    assert set(owned.values()) == {1}
    assert max(len(arxiv(paper.keys)) for paper in log.papers) == 1


def test_all_real_files_again_have_nothing_new() -> None:
    log = Log()
    for _ in range(2):
        fresh = sum(len(log.take_in(edition.listings).fresh) for _, edition in editions())
    assert fresh == 0


def by_format() -> dict[str, dict[str, Listing]]:
    """The listings with an arXiv id, each once, under the form they came in."""
    found: defaultdict[str, dict[str, Listing]] = defaultdict(dict)
    for _, edition in editions():
        for listing in edition.listings:
            for id_ in arxiv(listing.ids):
                found[edition.format].setdefault(id_, listing)
    return found


def as_a_dump_has_it(listing: Listing) -> Listing:
    r"""Nothing but a title, and that without its ``$`` and ``\``."""
    bare = re.sub(r"[$\\]", "", listing.as_listed or listing.title)
    return Listing(bare, "")


def joined(one: dict[str, Listing], other: dict[str, Listing]) -> Counter[str]:
    """How the titles of ``other``, their ids taken away, are joined to the papers of ``one``."""
    owners = defaultdict(set)
    for id_, listing in one.items():
        for key in keys(listing):
            owners[key].add(id_)
    counts: Counter[str] = Counter()
    for id_, listing in other.items():
        met: set[str] = set().union(
            *(owners.get(key, set()) for key in keys(as_a_dump_has_it(listing)))
        )
        if id_ in one:
            counts["right" if met == {id_} else "missed"] += 1
        elif met:
            counts["wrong"] += 1
    return counts


def test_across_forms_papers_are_joined_by_title_alone_and_none_wrongly() -> None:
    forms = by_format()
    counts: Counter[str] = Counter()
    for one, other in combinations(sorted(forms), 2):
        counts += joined(forms[one], forms[other]) + joined(forms[other], forms[one])
    assert counts["wrong"] == 0
    # Two titles that a script cut at the end of a line, seen from both sides.
    assert (counts["right"], counts["missed"]) == (230, 4)


def test_within_a_form_a_title_alone_finds_its_paper_and_no_other() -> None:
    for name, listings in by_format().items():
        counts = joined(listings, listings)
        assert (counts["wrong"], counts["missed"]) == (0, 0), name
