"""Every page that shows what others write, with the worst that they could write."""

from __future__ import annotations

from dataclasses import replace

from tests.made import paper
from tests.web.hostile import ALL, CANARIES, CORPUS
from tests.web.owners import page_of, press, preview, save
from tests.web.reading import as_he_is, deliveries, join, links, take
from tests.web.served import Served
from tests.web.shown import Catalogue
from tests.web.visitors import confirmation, subscribe
from worker.model import Rule

WORST = (*CANARIES, *CORPUS)
EVERY_FIELD = (
    "address", "rules", "at", "timezone", "frequency", "weekday", "monthday", "when_empty",
    "max_papers", "language", "abstracts", "order", "again", "until", "seen", "form", "website",
)  # fmt: skip


async def hostile_catalogue(site: Served) -> Catalogue:
    """All of it, of a fresh site that believes a proxy."""
    shown = Catalogue(site)
    all_ = f"{' '.join(CANARIES)} {ALL}"
    number = 0
    papers = []
    for number, text in enumerate(WORST, 1):
        made = paper(number, text, f"Gates. {all_}")
        papers.append(replace(made, authors=(text, all_), url=text if ":" in text else ""))
    who = await join(site, "gate")
    rules = (*(Rule(text, "gate") for text in WORST), Rule("*", "*"))
    await site.opened.subscribers.change(replace(who, rules=rules))
    await take(site, *papers)
    await site.opened.plan(site.clock)
    (digest,) = await deliveries(site)
    who = await as_he_is(site, who)
    await shown.get("front", "/")
    await shown.get("day", f"/archive/{papers[0].day}")
    await shown.get("digest", links(site).digest(digest.id, who.epoch, digest.planned_at))
    await shown.get("own", page_of(site, who))
    await shown.get("why", f"{page_of(site, who)}/why", paper="1")
    shown.note("preview", await preview(site, who, rules="*"))
    wrong = dict.fromkeys(EVERY_FIELD, all_)
    shown.note("faults", await subscribe(site, **wrong))
    shown.note("own-faults", await save(site, who, **wrong))
    shown.note("own-no-day", await press(site, who, "pause", until=all_))
    shown.note("own-no-address", await press(site, who, "move", address=all_))
    for number, text in enumerate(WORST):
        await shown.get(f"search-{number}", "/search", q=text)
        await shown.get(f"why-{number}", f"{page_of(site, who)}/why", paper=text)
        shown.note(f"tried-{number}", await subscribe(site, "/try", rules=text))
        await shown.get(f"nowhere-{number}", "/archive/x", page=text)
    named = "\"</code><script>document.title = 'pwned'</script>\" OR gate"
    await subscribe(site, address="eve@x.org", rules=named)
    await shown.get("confirm", await confirmation(site))
    await shown.dress()
    return shown
