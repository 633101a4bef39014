"""The mails as mail programs show them: by what those support, by vnu and axe, in a browser.

With ``PAPERROUND_SHOTS=folder`` pictures of all of them are left there, to be looked at.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from email import message_from_bytes, policy
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import SHOTS
from tests.web.browser import PACKAGES, invalid, needs_axe, needs_chromium, needs_vnu, violations
from tests.web.looking import View, looking_at
from tests.web.shown import Shown

GOLDEN = Path(__file__).parent.parent / "golden"
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
CLIENTS = (
    "gmail.desktop-webmail", "gmail.mobile-webmail", "gmail.ios", "gmail.android",
    "outlook.windows", "outlook.windows-mail", "outlook.macos", "outlook.outlook-com",
    "outlook.ios", "outlook.android", "apple-mail.macos", "apple-mail.ios",
    "thunderbird.macos", "thunderbird.windows",
)  # fmt: skip
PHONE_WEB: Final = ["gmail.mobile-webmail"]
WORD: Final = ["outlook.windows", "outlook.windows-mail"]
UNSUPPORTED: Final = {
    # Gmail in a phone's browser drops <style>: it shows its own letters, and what matters is
    # styled in place.
    "<style> element": PHONE_WEB,
    "Class selector": PHONE_WEB,
    "Descendant combinator": PHONE_WEB,
    "Type selector": PHONE_WEB,
    # Makes it dark, and narrower margins on phones; without it, it is light and as readable.
    "@media": [*PHONE_WEB, *WORD, "thunderbird.macos"],
    # Keeps programs that know it from inverting colours that are right already.
    "color-scheme meta tag": [
        "apple-mail.ios",
        *(client for client in CLIENTS if client.startswith(("gmail", "outlook"))),
    ],
    # There the first line is what is a preview elsewhere.
    "display:none": PHONE_WEB,
    # Its place is taken by a <div> that has the same style.
    "<body> element": ["outlook.macos"],
    # What bars say to those who hear them; the sum is beside them in words.
    "aria-label attribute": ["outlook.windows-mail", "thunderbird.macos"],
    "role attribute": ["outlook.windows-mail"],
    # Breaks words of 30 letters and more, on a screen that no such program runs on.
    "word-break": ["outlook.windows-mail"],
    # Keeps the minus of a NOT beside its word; without it a line may end between them.
    "white-space": ["outlook.windows", "outlook.windows-mail"],
}
"""What some programs support not at all, and why each is used all the same."""

VIEWS = (View("320-dark", 320, "dark"), View("600-light", 600), View("1000-light", 1000))
MORE_VIEWS = (
    View("320-light", 320),
    View("600-dark", 600, "dark"),
    View("1000-dark", 1000, "dark"),
)

OF_WHOLE_PAGES = ("landmark-one-main:", "region:")
"""Rules of axe for pages: a mail is read inside one that has landmarks of its own."""

needs_caniemail = pytest.mark.skipif(
    not ((PACKAGES / "caniemail").exists() and shutil.which("node")),
    reason="no caniemail (npm install --prefix tests/web), or no node",
)


def mails() -> Mapping[str, str]:
    """The HTML parts of the golden mails."""
    found = {}
    for path in sorted(GOLDEN.glob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        if part := message.get_body(("html",)):
            found[path.stem.replace("@example.org", "")] = part.get_content()
    return found


def test_each_link_of_a_mail_says_where_it_leads_and_no_two_that_read_alike_differ() -> None:
    for name, html in mails().items():
        found = re.findall('<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', html)
        links = {(re.sub("<[^>]*>", "", text).casefold().strip(), href) for href, text in found}
        assert links, name
        assert "" not in {text for text, _ in links}, name
        texts = Counter(text for text, _ in links)
        assert [text for text, count in texts.items() if count > 1] == [], name


@needs_caniemail
async def test_mail_programs_know_all_that_mails_are_made_of_but_what_they_can_do_without() -> None:
    process = await asyncio.create_subprocess_exec(
        "node", str(Path(__file__).with_name("caniemail.mjs")), *CLIENTS,
        cwd=PACKAGES.parent, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate(json.dumps(mails()).encode())
    assert process.returncode == 0
    assert json.loads(said) == {title: sorted(who) for title, who in sorted(UNSUPPORTED.items())}


@needs_vnu
async def test_vnu_finds_nothing_wrong_with_any_golden_mail(tmp_path: Path) -> None:
    assert len(mails()) > 15
    assert await invalid(mails(), tmp_path) == []


@needs_chromium
@needs_axe
@pytest.mark.parametrize("view", [*VIEWS, *(MORE_VIEWS if SHOTS else ())], ids=lambda one: one.name)
async def test_axe_finds_nothing_wrong_with_any_golden_mail_and_all_of_it_fits(view: View) -> None:
    headers = {"content-type": "text/html; charset=utf-8"}
    pages = {name: Shown(200, html, headers) for name, html in mails().items()}
    found = {}
    async with looking_at(pages, {}, view) as look:
        for name in pages:
            page = await look(name)
            assert await page.evaluate(FITS), f"{name} scrolls sideways"
            if SHOTS:
                Path(SHOTS).mkdir(parents=True, exist_ok=True)
                await page.screenshot(path=f"{SHOTS}/{name}.{view.name}.png", full_page=True)
            found[name] = [
                each for each in await violations(page) if not each.startswith(OF_WHOLE_PAGES)
            ]
        assert {name: wrong for name, wrong in found.items() if wrong} == {}
        assert look.strays == []
        assert look.said == []
