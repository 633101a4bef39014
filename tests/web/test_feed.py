"""His own feed: what is written is what our own readers of feeds read."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest

from tests.made import MONDAY, NOON, paper
from tests.web.hostile import ALL, CORPUS
from tests.web.reading import as_he_is, deliveries, join, links, take, take_in
from tests.web.served import Served, served
from tests.web.test_leaving import broken
from tests.web.unchanged import unchanged
from worker.deliveries import DeliveryState
from worker.model import DailyFile, Edition, Paper, Rule, Subscriber, SubscriberState
from worker.sources import forms

ATOM = "{http://www.w3.org/2005/Atom}"
BOTH = ("atom", "json")


def path(site: Served, who: Subscriber, form: str = "atom") -> str:
    return f"{links(site).feed(who.uid, who.epoch)}.{form}"


async def get(site: Served, who: Subscriber, form: str = "atom") -> httpx.Response:
    answer = await site.client.get(path(site, who, form))
    assert answer.status_code == 200
    return answer


def read(content: bytes, form: str) -> Edition:
    """As a daily file that somebody made of the feed."""
    name = f"feed.{'xml' if form == 'atom' else 'json'}"
    return forms.read(DailyFile(name, content, sha256(content).hexdigest(), NOON), None)


async def titles(site: Served, who: Subscriber, form: str = "atom") -> list[str]:
    return [each.title for each in read((await get(site, who, form)).content, form).listings]


FLOW = Paper(
    **{name: getattr(paper(1), name) for name in ("number", "keys")},
    day=MONDAY,
    title="On flow & <sheep>, “quoted”",
    abstract="It flows.\nTwice: a < b & c > d, é and 🦊.",
    authors=("A. Reed", "Jörg Brook", "O'Neill"),
    url="https://example.org/papers/1?a=1&b=2",
)


# --- what is in it ----------------------------------------------------------


@pytest.mark.parametrize("form", BOTH)
async def test_what_is_written_is_read_back_the_same(tmp_path: Path, form: str) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow", "sheep")
        await take(site, FLOW)
        await site.opened.plan(site.clock)
        edition = read((await get(site, who, form)).content, form)
        assert (edition.format, edition.day) == (
            {"atom": "atom", "json": "json-feed"}[form],
            MONDAY,
        )
        assert edition.source == "papers.example.org"
        assert not edition.rejected
        (listing,) = edition.listings
        assert listing.title == FLOW.title
        assert listing.abstract.split() == FLOW.abstract.split()
        assert listing.authors == FLOW.authors
        assert listing.url == FLOW.url


@pytest.mark.parametrize("form", BOTH)
async def test_the_first_two_files_come_back_through_the_feed(tmp_path: Path, form: str) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "*", max_papers=100)
        await take_in(site, "2025-09-08", "2025-09-09")
        await site.opened.plan(site.clock)
        (one,) = await deliveries(site)
        assert await titles(site, who, form) == [each.title for each in one.papers]
        assert len(one.papers) == 63


async def test_the_newest_digest_comes_first_and_each_paper_once(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "*")
        await take(site, paper(1), paper(2))
        await site.opened.plan(site.clock)
        site.clock.at += timedelta(days=1)
        await take(site, paper(3))
        await site.opened.plan(site.clock)
        states = [each.state for each in await deliveries(site)]
        assert states == [DeliveryState.SUPERSEDED, DeliveryState.PLANNED]
        for form in BOTH:
            assert await titles(site, who, form) == ["Paper 1", "Paper 2", "Paper 3"]
        site.clock.at += timedelta(days=29)
        assert len(await titles(site, who)) == 3
        site.clock.at += timedelta(days=2)
        assert not await titles(site, who)


async def test_as_atom_it_is_what_the_standard_asks_for(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "flow", "sheep")
        await take(site, FLOW)
        await site.opened.plan(site.clock)
        answer = await get(site, who)
        assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
        assert answer.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<feed ')
        feed = parsed(answer)
        refuse_unsound(feed)
        (own,) = feed.findall(f"{ATOM}link[@rel='self']")
        assert own.get("href") == f"https://papers.example.org{path(site, who)}"
        (entry,) = feed.findall(f"{ATOM}entry")
        assert [each.get("term") for each in entry.findall(f"{ATOM}category")] == ["flow", "sheep"]
        assert entry.findtext(f"{ATOM}updated") == "2025-09-08T12:00:00Z"
        assert entry.findtext(f"{ATOM}id") == "tag:paper-round.example.org,2025-09-08:paper-1"


def parsed(answer: httpx.Response) -> ElementTree.Element:
    return ElementTree.fromstring(answer.content)  # noqa: S314 - our own


def refuse_unsound(feed: ElementTree.Element) -> None:
    """What RFC 4287, 4.1.1 and 4.1.2 demand, as feedparser and the W3C's validator look at it."""
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1, name
            assert (element.findtext(ATOM + name) or "").strip(), name
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "").tzinfo
        alternates = element.findall(f"{ATOM}link[@rel='alternate']")
        assert [(each.get("href") or "")[:4] for each in alternates] == ["http"]
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    assert all(len(entry.findall(f"{ATOM}summary")) == 1 for entry in feed.iter(f"{ATOM}entry"))
    ids = [each.text for each in feed.iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids)
    tags = {each.tag for each in feed.iter()}
    allowed = "feed id title updated author name link entry category summary"
    assert tags <= {ATOM + name for name in allowed.split()}


async def test_as_json_it_names_itself(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "*")
        await take(site, FLOW)
        await site.opened.plan(site.clock)
        answer = await get(site, who, "json")
        assert answer.headers["content-type"] == "application/feed+json"
        said = json.loads(answer.content)
        assert said["feed_url"] == f"https://papers.example.org{path(site, who, 'json')}"
        assert said["title"] == "Paper Round: your papers"
        assert [each["url"] for each in said["items"]] == [FLOW.url]


async def test_a_feed_without_papers_is_one_too(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "*")
        assert not await titles(site, who, "json")
        refuse_unsound(parsed(await get(site, who)))


@pytest.mark.parametrize("form", BOTH)
async def test_whatever_papers_and_rules_say_stays_text(tmp_path: Path, form: str) -> None:
    async with served(tmp_path) as site:
        evil = [replace(paper(n, text, ALL), authors=(text,)) for n, text in enumerate(CORPUS, 1)]
        who = await join(site, "*")
        rules = tuple(Rule(f"{text} \x0b\x1b", "*") for text in CORPUS)
        assert await site.opened.subscribers.change(replace(who, rules=rules))
        await take(site, *evil)
        await site.opened.plan(site.clock)
        answer = await get(site, who, form)
        if form == "json":
            items = json.loads(answer.content)["items"]
            assert [each["title"] for each in items] == list(CORPUS)
            assert {each["content_text"] for each in items} == {ALL}
            return
        feed = parsed(answer)
        refuse_unsound(feed)
        entries = feed.findall(f"{ATOM}entry")
        assert [each.findtext(f"{ATOM}title") for each in entries] == list(CORPUS)
        assert {each.findtext(f"{ATOM}summary") for each in entries} == {ALL}
        terms = [each.get("term") for each in entries[0].findall(f"{ATOM}category")]
        assert terms == [f"{text} " for text in CORPUS]


# --- asked again and again --------------------------------------------------


@pytest.mark.parametrize("form", BOTH)
async def test_who_has_it_already_is_told_so(tmp_path: Path, form: str) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "*")
        await take(site, paper(1))
        await site.opened.plan(site.clock)
        first = await get(site, who, form)
        tag = first.headers["etag"]
        assert parsedate_to_datetime(first.headers["last-modified"]) == NOON
        assert first.headers["cache-control"] == "private, max-age=900"
        site.clock.at += timedelta(hours=1)
        for said in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            again = await site.client.get(path(site, who, form), headers={"If-None-Match": said})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
            assert again.headers["cache-control"] == "private, max-age=900"
        for said in ('"x"', tag.strip('"'), "", "W/"):
            again = await site.client.get(path(site, who, form), headers={"If-None-Match": said})
            assert (again.status_code, again.content) == (200, first.content)
        await take(site, paper(2))
        await site.opened.plan(site.clock)
        other = await site.client.get(path(site, who, form), headers={"If-None-Match": tag})
        assert other.status_code == 200


# --- whose it is ------------------------------------------------------------


async def test_who_pauses_keeps_his_feed(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "*")
        await take(site, paper(1))
        await site.opened.plan(site.clock)
        (claimed,) = await site.opened.ledger.claim(site.clock.now(), 1)
        now = await as_he_is(site, who)
        assert await site.opened.subscribers.change(replace(now, paused_until=date(2026, 1, 1)))
        assert await titles(site, who) == [each.title for each in claimed.papers]


@pytest.mark.parametrize("form", BOTH)
async def test_a_feed_that_is_none_or_no_more_leads_to_one_page(tmp_path: Path, form: str) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "*")
        other = await join(site, "*", address="r2@example.org", number=2)
        own = path(site, who, form)
        its = links(site)
        bad = [
            its.feed(who.uid, who.epoch + 1) + f".{form}",
            its.feed(4711, 0) + f".{form}",
            its.feed(who.uid, who.epoch),
            its.feed(who.uid, who.epoch) + ".rss",
            its.feed(who.uid, who.epoch) + f".{form}.{form}",
            its.preferences(who.uid, who.epoch, NOON).replace("/p/", "/f/") + f".{form}",
            its.unsubscribe(other.uid).replace("/u/", "/f/") + f".{form}",
            "/f/",
        ]
        bare = own.removeprefix("/f/").removesuffix(f".{form}")
        some = [*broken(bare)][::7]
        bad += [f"/f/{text}.{form}" for text in some if ".." not in text]
        async with unchanged(site.site.settings):
            answers = [await site.client.get(each) for each in bad]
        assert {each.status_code for each in answers} == {404}
        assert len({each.content for each in answers}) == 1
        for changed in (
            replace(await as_he_is(site, who), epoch=1),
            replace(who, epoch=0, version=1, state=SubscriberState.UNSUBSCRIBED),
        ):
            assert await site.opened.subscribers.change(changed)
            assert (await site.client.get(own)).content == answers[0].content
        assert await site.opened.suppressions.erase(who.address, NOON)
        assert (await site.client.get(own)).content == answers[0].content


async def test_looking_changes_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await join(site, "*")
        await take(site, paper(1))
        await site.opened.plan(site.clock)
        async with unchanged(site.site.settings):
            for form in BOTH * 3:
                for method in ("GET", "HEAD", "OPTIONS", "POST"):
                    answer = await site.client.request(method, path(site, who, form))
                    assert answer.status_code == (200 if method in ("GET", "HEAD") else 405)
