"""The page of a digest shows what its mail shows: both are made of the same row, by one view."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path

from tests.web.reading import deliveries, join, links, take_in
from tests.web.served import served


def titles(page: str) -> list[str]:
    """The texts of its third headings, in order."""
    found = re.findall(r"<h3.*?</h3>", page, re.DOTALL)
    texts = (unescape(re.sub("<[^>]*>", "", each)) for each in found)
    return [re.sub(r"^\d+\. ", "", " ".join(text.split())) for text in texts]


async def test_the_page_has_the_papers_of_the_mail_in_their_order(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await join(site, "neural OR dynamics", "learning", max_papers=9)
        await take_in(site, "2025-09-08")
        await site.opened.plan(site.clock)
        (delivery,) = await deliveries(site)
        message = message_from_bytes(site.opened.composer(delivery).content, policy=policy.default)
        html = message.get_body(("html",))
        assert html is not None
        link = links(site).digest(delivery.id, delivery.epoch, delivery.planned_at)
        page = (await site.client.get(link)).text.partition("Also matched, over your cap")[0]
        shown = [paper.title for paper in delivery.papers]
        assert len(shown) == 9
        assert sorted(titles(page)) == sorted(shown)
        mailed = " ".join(unescape(re.sub("<[^>]*>", "", html.get_content())).split())
        places = [mailed.rindex(title) for title in titles(page)]
        assert places == sorted(places)
