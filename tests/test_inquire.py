"""A paper is found by whatever is known of it, and told of from all stores."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from tests.made import MONDAY, paper
from tests.web.reading import as_he_is, join, take, take_in
from tests.web.served import served
from worker.core.explained import lines, listed_told
from worker.core.explanation import Explanation, Fate
from worker.core.rulings import Says
from worker.pipeline.inquire import Choice


async def test_what_was_listed_again_is_said_to_be(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "transformer")
        await take_in(site, "2025-09-08", "2025-09-09")
        again = (await site.opened.papers.sightings(0))[0]
        found = await site.opened.inquiry(site.clock).ask(who, str(again.paper))
        assert isinstance(found, Explanation)
        assert listed_told(found.paper) == (
            "First listed on Monday, 8 September 2025, and again on 9 September."
        )


async def test_a_like_rule_is_explained_by_the_words_that_papers_share(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        exemplar = "EvoMoE: An Evolutional Mixture-of-Experts Training Framework via "
        who = await join(site, f'like:"{exemplar}Dense-To-Sparse Gate"')
        await take_in(site, "2025-09-08", "2025-09-09")
        inquiry = site.opened.inquiry(site.clock)
        title = "Tutel: Adaptive Mixture-of-Experts at Scale"
        found = await inquiry.ask(who, title)
        assert isinstance(found, Explanation)
        assert (found.rulings[0].says, found.fate) == (Says.YES, Fate.AHEAD)
        assert "experts" in found.rulings[0].words[0]
        choice = await inquiry.ask(who, "mixture of experts")
        assert isinstance(choice, Choice)
        assert choice.total > 1


async def test_a_paper_sent_as_it_was_is_told_of_when_it_changed(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        await take(site, paper(1, "Flow"))
        await site.opened.plan(site.clock)
        found = await site.opened.inquiry(site.clock).ask(await as_he_is(site, who), "#1")
        assert isinstance(found, Explanation)
        assert found.paper.listed == (MONDAY,)
        assert lines(found)[-1].startswith("It is in the digest of Monday, 8 September 2025")


async def test_a_paper_that_a_later_file_completed_is_told_of_at_once(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow")
        await take(site, replace(paper(1, "Flow"), version=2_000_000_000))
        await site.opened.plan(site.clock)
        asking = site.opened.inquiry(site.clock).ask(await as_he_is(site, who), "#1")
        found = await asyncio.wait_for(asking, 5)
        assert isinstance(found, Explanation)
        assert list(found.paper.versions) == [2_000_000_000]
