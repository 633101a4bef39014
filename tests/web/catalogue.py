"""Every page of the site, in each state that people meet it in, as it is really answered.

The stores behind it are those of a site on its second day: the two daily files that the project
began with, a few readers, and strangers who come and go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes, policy

from tests.made import at, paper
from tests.web.owners import page_of, press, preview, save
from tests.web.reading import as_he_is, deliveries, join, links, plan, take_in
from tests.web.served import Served
from tests.web.shown import Catalogue, Shown
from tests.web.visitors import READ_IN, confirmation, opened_form, subscribe
from worker.asks import Limit, Limits
from worker.core.named import split
from worker.core.sample import sample_answer, sample_confirm, sample_delivery, sample_notice
from worker.digests import Change, Mention, News, ReadFile, Receipt, Trend, Week
from worker.manner import Language, Manner
from worker.model import PaperNumber, Pick, Subscriber, WhenEmpty
from worker.web.turned import STATUSES, page

PROXIED = 'proxies = "127.0.0.1"\n'
"""What is added to the configuration of the site that this goes to: many come from everywhere."""

FIRST, SECOND = "2025-09-08", "2025-09-09"
RULES = 'diffusion video -survey\nAgents = agent* ("reinforcement learning" OR RL)\ngate'
TRIED = (
    f'{RULES}\n*\ntransfomer\nlanguage -model\n"language model" model*\nsurvey -survey\n'
    "Glass = xylophone OR glockenspiel"
)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
WRONG = {
    "address": "ada@", "rules": "diffusion\n(never closed", "frequency": "days", "at": "noon",
    "timezone": "Europe/Viena", "max_papers": "900", "monthday": "32",
}  # fmt: skip


async def catalogue(site: Served) -> Catalogue:
    """All of it, of a fresh site that believes a proxy."""
    shown = Catalogue(site)
    site.clock.at = at(f"{FIRST} 06:00")
    await _before_anything(shown)
    readers = await _readers(site)
    for day in (FIRST, SECOND):
        site.clock.at = at(f"{day} 06:30")
        await take_in(site, day)
        await site.opened.plan(site.clock)
    await _for_strangers(shown)
    await _reading(shown, readers)
    await _confirming(shown)
    await _own(shown)
    await _kept_by_others(shown)
    await _leaving(shown)
    await _turned_away(shown)
    await _mails(shown)
    await shown.dress()
    return shown


async def _before_anything(shown: Catalogue) -> None:
    await shown.get("front-before-papers", "/")
    await shown.get("archive-before-papers", "/archive")
    shown.note("tried-before-papers", await subscribe(shown.site, "/try", rules=RULES))


async def _readers(site: Served) -> Mapping[str, Subscriber]:
    small = await _ruled(site, await join(site, "gate", address="small@x.org", number=1), RULES)
    german = await join(site, "gate OR agent*", address="german@x.org", number=5)
    await site.opened.subscribers.change(replace(german, manner=Manner(Language.DE)))
    empty = {"address": "empty@x.org", "when_empty": WhenEmpty.SAY_SO, "number": 4}
    return {
        "small": small,
        "whole": await join(site, "*", address="whole@x.org", number=2),
        "capped": await join(site, "*", "agent*", address="capped@x.org", number=3, max_papers=12),
        "empty": await join(site, "xylophone", **empty),
        "german": await as_he_is(site, german),
    }


async def _for_strangers(shown: Catalogue) -> None:
    site = shown.site
    await shown.get("front", "/")
    shown.note("front-faults", await subscribe(site, **WRONG))
    shown.note("tried", await subscribe(site, "/try", rules=TRIED))
    shown.note("tried-one", await subscribe(site, "/try", rules="gate"))
    shown.note("tried-faults", await subscribe(site, "/try", rules=""))
    shown.note("asked", await subscribe(site, address="ada@x.org", rules=RULES))
    await shown.get("link", "/link")
    form = await opened_form(site, "/link", "/link")
    site.clock.at += READ_IN
    shown.note("link-faults", await site.client.post("/link", data={"address": "ada"}))
    sent = {**form.fields, "address": "small@x.org"}
    shown.note("link-asked", await site.client.post("/link", data=sent))
    await shown.get("privacy", "/privacy")
    await shown.get("no-such-link", "/p/nothing")


async def _reading(shown: Catalogue, readers: Mapping[str, Subscriber]) -> None:
    site = shown.site
    await shown.get("archive", "/archive")
    await shown.get("day", f"/archive/{FIRST}")
    await shown.get("day-newest", f"/archive/{SECOND}")
    await shown.get("search", "/search")
    await shown.get("search-hits", "/search", q='diffusion (video OR "image editing") -survey')
    await shown.get("search-pages", "/search", q="*")
    await shown.get("search-no-hits", "/search", q="xylophone")
    await shown.get("search-wrong", "/search", q="diffusion (never closed")
    for name, who in readers.items():
        first, second = await _digests(site, who)
        await shown.get(f"digest-{name}", first)
        if name == "small":
            await shown.get("digest-small-next", second)
    await _told_all(shown, readers)


async def _digests(site: Served, who: Subscriber) -> list[str]:
    return [
        links(site).digest(one.id, one.epoch, one.planned_at)
        for one in await deliveries(site)
        if one.uid == who.uid
    ]


async def _confirming(shown: Catalogue) -> None:
    site = shown.site
    path = await confirmation(site)
    await shown.get("confirm", path)
    shown.note("confirmed", await site.client.post(path))
    await shown.get("confirm-again", path)
    site.clock.at += timedelta(hours=1)
    form = {"rules": "*", "when_empty": "say so", "max_papers": "7", "language": "de"}
    await subscribe(site, peer="198.51.100.7", address="eve@x.org", plain="on", **form)
    path = await confirmation(site)
    await shown.get("confirm-everything", path)


async def _own(shown: Catalogue) -> None:
    site = shown.site
    who = await join(site, "gate", address="own@x.org", schedule="daily 08:00", number=6)
    who = await _ruled(site, who, f'{RULES}\ntransfomer\n"a </b> b"')
    site.clock.at = at(f"{SECOND} 08:30")
    await site.opened.plan(site.clock)
    await shown.get("own", page_of(site, who))
    await _asking_why(shown, who)
    shown.note("own-preview", await preview(site, who, rules="gate*", frequency="monthly"))
    shown.note("own-preview-same", await preview(site, who, max_papers="20"))
    shown.note("own-faults", await save(site, who, **WRONG))
    shown.note("own-meanwhile", await save(site, who, rules="gate", seen=""))
    shown.note("own-saved", await save(site, who, rules="agent*", when_empty="say so"))
    shown.note("own-saved-same", await save(site, who))
    shown.note("own-no-day", await press(site, who, "pause", until="2025-01-01"))
    shown.note("own-pausing", await press(site, who, "pause", until="2025-10-01"))
    await shown.get("own-paused", page_of(site, who))
    shown.note("own-resumed", await press(site, who, "pause", resume="yes"))
    shown.note("own-weekly", await press(site, who, "weekly"))
    shown.note("own-no-address", await press(site, who, "move", address="x"))
    shown.note("own-not-sure", await press(site, who, "erase"))
    shown.note("own-moving", await press(site, who, "move", address="new@example.net"))
    path = await confirmation(site)
    await shown.get("confirm-move", path)
    shown.note("moved", await site.client.post(path))
    shown.note("own-links", await press(site, await as_he_is(site, who), "links"))


async def _asking_why(shown: Catalogue, who: Subscriber) -> None:
    why = f"{page_of(shown.site, who)}/why"
    await shown.get("why", why)
    await shown.get("why-choice", why, paper="model")
    await shown.get("why-near", why, paper="a fast transformer xylophone approach")
    await shown.get("why-nowhere", why, paper="xylophone")
    await shown.get("why-before", why, paper="3")
    small = await shown.site.opened.subscribers.find("small@x.org")
    capped = await shown.site.opened.subscribers.find("capped@x.org")
    assert small
    assert capped
    why = f"{page_of(shown.site, small)}/why"
    await shown.get("why-sent", why, paper="gate")
    await shown.get("why-sent-number", why, paper="59")
    await shown.get("why-held-over", f"{page_of(shown.site, capped)}/why", paper="63")


async def _told_all(shown: Catalogue, readers: Mapping[str, Subscriber]) -> None:
    """A digest that tells all that one can tell, and left out more than a page has."""
    site = shown.site
    who = await as_he_is(site, readers["small"])
    papers = [*(await site.opened.papers.papers(PaperNumber(0)))]
    more = [paper(n, f"A survey of diffusion, part {n}") for n in range(100, 230)]
    file = ReadFile("papers-of-tuesday.txt", date(2025, 9, 9), site.clock.now())
    counts = tuple(n * 7 % 11 for n in range(30))
    names = [rule.name for rule in who.rules]
    rules = who.rules
    path = await plan(
        site,
        who,
        [*papers, *more],
        picks=tuple(Pick(one.number, rules[-1:]) for one in papers[:2]),
        rest=tuple(Pick(one.number, rules[1:]) for one in papers[2:4]),
        removed=tuple(Pick(one.number, rules[:1]) for one in (*papers[20:40], *more)),
        receipt=Receipt(63, 20, 43, 4, 2, 3, (date(2025, 9, 9),), 200, (file,), 3),
        trends=tuple(
            Trend(name, date(2025, 9, 9), counts[n:] + counts[:n]) for n, name in enumerate(names)
        ),
        mentions=tuple(
            Mention(
                news,
                papers[5 + n].number,
                papers[5 + n].version,
                date(2025, 9, 9),
                date(2025, 9, 8),
                40,
                3,
            )
            for n, news in enumerate(News)
        ),
        week=Week(
            (Change(names[0], 9, 2),), (Change(names[1], 1, 6),), (("qubit", 5), ("mamba", 4))
        ),
    )
    await shown.get("digest-all", path)
    await shown.get("digest-all-removed", path, removed="2")
    await shown.get("why-from-digest", f"{path}/why", paper=str(papers[0].number))
    small = await as_he_is(site, who)
    why = f"{page_of(site, small)}/why"
    await shown.get("why-removed", why, paper=str(papers[30].number))
    await shown.get("why-mentioned", why, paper=str(papers[6].number))


async def _ruled(site: Served, who: Subscriber, lines: str) -> Subscriber:
    rules = tuple(map(split, lines.splitlines()))
    await site.opened.subscribers.change(replace(who, rules=rules))
    return await as_he_is(site, who)


async def _kept_by_others(shown: Catalogue) -> None:
    site = shown.site
    who = await join(site, "gate", "transfomer", address="kept@x.org", number=7)
    await site.opened.subscribers.change(replace(who, from_file=True))
    await shown.get("own-kept", page_of(site, await as_he_is(site, who)))


async def _leaving(shown: Catalogue) -> None:
    site = shown.site
    who = await join(site, "gate", address="leaver@x.org", number=8)
    path = links(site).unsubscribe(who.uid)
    await shown.get("unsubscribe", path)
    shown.note("unsubscribed", await site.client.post(path, data=ONE_CLICK))
    await shown.get("unsubscribed-own", page_of(site, who))
    shown.note("unsubscribed-not-sure", await press(site, who, "erase"))
    shown.note("erased", await press(site, who, "erase", sure="yes"))
    eve = await site.opened.subscribers.find("eve@x.org")
    assert eve
    await shown.get("never", links(site).unsubscribe(eve.uid))
    path = links(site).unsubscribe(eve.uid)
    shown.note("never-mailed", await site.client.post(path, data=ONE_CLICK))
    last = await join(site, "gate", address="last@x.org", number=9)
    shown.note("own-left", await press(site, last, "leave"))


async def _turned_away(shown: Catalogue) -> None:
    site = shown.site
    for status in STATUSES:
        made = page(site.site.pages, status)
        headers = {**shown.pages["front"].headers, "content-type": "text/html; charset=utf-8"}
        shown.pages[f"turned-{status}"] = Shown(status, bytes(made.body).decode(), headers)
    site.site.signup.limits = Limits(all=(Limit(1, timedelta(hours=1)),))
    shown.note("closed", await subscribe(site, address="late@x.org", rules="*"))


async def _mails(shown: Catalogue) -> None:
    """Of all that is in the ledger, and one made up of each kind."""
    made = {f"{one.kind.value}-{one.id}": one for one in await deliveries(shown.site)}
    made |= {
        "sample-digest": sample_delivery(), "sample-empty": sample_delivery(empty=True),
        "sample-confirm": sample_confirm(), "sample-notice": sample_notice(),
        "sample-answer": sample_answer(),
    }  # fmt: skip
    for name, one in made.items():
        message = message_from_bytes(shown.site.opened.composer(one).content, policy=policy.default)
        if part := message.get_body(("html",)):
            shown.mails[name] = part.get_content()
