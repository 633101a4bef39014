"""The rule sets there are, on the pages where rules are written."""

from __future__ import annotations

from pathlib import Path

from tests.made import paper
from tests.web.owners import page_of, preview, save
from tests.web.reading import as_he_is, join, take
from tests.web.served import Served, served
from tests.web.visitors import ADA, asks, subscribe

SETS = """
[[rule_set]]
name = "nlp"
title = "Our <NLP> group"
rules = [{ name = "Flows", query = "flow OR current" }, "gate* -survey"]
"""


async def papers(site: Served) -> None:
    titles = ("On flow", "A gate", "A gate again", "A survey of flow", "A tree")
    await take(site, *(paper(number, title) for number, title in enumerate(titles, 1)))


async def test_the_front_page_shows_the_sets_with_their_rules(tmp_path: Path) -> None:
    async with served(tmp_path, SETS) as site:
        page = (await site.client.get("/")).text
        assert "a set that you can take in whole" in page
        box = '<input type="checkbox" name="set.nlp" value="on">'
        assert f"{box} <code>set:nlp</code> <bdi>Our &lt;NLP&gt; group</bdi>" in page
        assert "<li><code>Flows = flow OR current</code></li>" in page
        assert '<li><code>gate* <span class="unbroken">-survey</span></code></li>' in page
        assert "All rules of a set" in page


async def test_without_sets_nothing_is_said_of_them(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        page = (await site.client.get("/")).text
        assert 'id="sets"' not in page
        assert "set:" not in page


async def test_a_set_is_tried_rule_by_rule_before_anybody_subscribes(tmp_path: Path) -> None:
    async with served(tmp_path, SETS) as site:
        await papers(site)
        page = (await subscribe(site, "/try", address="", rules="set:nlp -survey\ntree")).text
        assert "4 of 5 papers" in page
        for heading in ("nlp: Flows", "nlp: gate* -survey", "tree"):
            assert f"<bdi>{heading}</bdi>" in page
        assert "<code>(flow OR current) -survey</code>" in page


async def test_a_set_that_is_ticked_is_among_the_rules(tmp_path: Path) -> None:
    async with served(tmp_path, SETS) as site:
        await papers(site)
        ticks = {"set.nlp": "on", "set.lab": "on"}
        tried = (await subscribe(site, "/try", address="", rules="", **ticks)).text
        assert "<bdi>nlp: Flows</bdi>" in tried
        assert ">\nset:nlp</textarea>" in tried
        assert 'name="set.nlp"' not in tried, "it is taken in already"
        assert '</bdi> <span class="soft">· you have it</span>' in tried
        await subscribe(site, **{**ADA, "rules": "tree\n", **ticks})
        (ask,) = await asks(site)
        assert ask.wanted
        assert [rule.query for rule in ask.wanted.rules] == ["tree", "set:nlp"]
        who = await join(site, "tree")
        assert (await save(site, who, **ticks)).status_code == 200
        his = (await as_he_is(site, who)).rules
        assert [rule.query for rule in his] == ["tree", "set:nlp"]


async def test_a_set_that_is_none_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    async with served(tmp_path, SETS) as site:
        for path in ("/subscribe", "/try"):
            # What is no rule at all takes in no set either.
            assert 'name="set.nlp"' in (await subscribe(site, path, rules="(set:nlp")).text
            answer = await subscribe(site, path, rules="flow\nset:lab")
            assert answer.status_code == 422
            said = "Line 2, position 1: there is no rule set lab; there are nlp."
            assert said in answer.text


async def test_his_page_shows_the_members_with_what_each_catches(tmp_path: Path) -> None:
    async with served(tmp_path, SETS) as site:
        await papers(site)
        who = await join(site, "tree")
        saved = await save(site, who, rules="set:nlp -set:nlp/flows\ntree")
        assert saved.status_code == 200
        who = await as_he_is(site, who)
        assert [rule.query for rule in who.rules] == ["set:nlp -set:nlp/flows", "tree"]
        page = (await site.client.get(page_of(site, who))).text
        unbroken = '<span class="unbroken">-{}</span></code>'
        assert f'gate* {unbroken.format("survey")} <span class="soft">2 papers' in page
        assert "nlp: Flows" not in page
        assert 'id="sets"' in page
        assert f"you have it, as <code>set:nlp {unbroken.format('set:nlp/flows')}" in page
        assert 'name="set.nlp"' not in page


async def test_what_would_change_counts_what_the_set_catches(tmp_path: Path) -> None:
    async with served(tmp_path, SETS) as site:
        await papers(site)
        page = (await preview(site, await join(site, "tree"), rules="tree\nset:nlp")).text
        assert "<mark>gate</mark> again" in page
        assert "nlp: Flows" in page


async def test_a_rule_whose_set_is_gone_may_stay_and_is_said_to_be_none(tmp_path: Path) -> None:
    async with served(tmp_path, SETS) as site:
        await papers(site)
        who = await join(site, "set:gone", "tree")
        page = (await site.client.get(page_of(site, who))).text
        assert "It cannot be read: there is no such rule set here." in page
        assert (await save(site, who, rules="set:gone\ngate")).status_code == 200
