"""The pages of a site with rule sets, in each state that the list of them is met in."""

from __future__ import annotations

from tests.web.catalogue import FIRST
from tests.web.owners import page_of, preview
from tests.web.reading import join, take_in
from tests.web.served import Served
from tests.web.shown import Catalogue
from tests.web.visitors import subscribe

SETS = """
[[rule_set]]
name = "nlp"
title = "Language, for everybody on the third floor"
rules = [{ name = "Agents", query = "agent* OR (tool use)" }, "language -survey"]

[[rule_set]]
name = "operators"
rules = ['"neural operator"~5 OR kolmogorov OR (partial differential equation*) -weather']

[[rule_set]]
name = "rtl"
title = "מודלים"
rules = [{ name = "דיפוזיה", query = "diffusion" }, "*"]
"""


async def with_sets(site: Served) -> Catalogue:
    """All of them, of a fresh site with these sets."""
    shown = Catalogue(site)
    await take_in(site, FIRST)
    await shown.get("front-sets", "/")
    tried = {"rules": "set:nlp -survey\ngate", "set.rtl": "on"}
    shown.note("tried-sets", await subscribe(site, "/try", **tried))
    who = await join(site, "set:nlp -set:nlp/Agents", "set:operators", "gate", address="set@x.org")
    await shown.get("own-sets", page_of(site, who))
    shown.note("own-sets-preview", await preview(site, who, rules="set:rtl"))
    await shown.get("why-sets", f"{page_of(site, who)}/why", paper="3")
    return shown
