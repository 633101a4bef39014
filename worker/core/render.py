"""A delivery becomes a letter: a pure function of the delivery and the templates.

Preview, dry run, sending and sending again all come through here. HTML lives in the templates
only; autoescape is on for every template of the HTML environment, whatever its name (Jinja's
``select_autoescape`` does not know ``*.html.j2``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from jinja2 import Template

from worker.core.answerview import answer_view
from worker.core.jinja import RenderError, environment, faults_of
from worker.core.message import Letter
from worker.core.room import HTML_TRIMS, TEXT_TRIMS, first, fits
from worker.core.trim import WHOLE, Trim
from worker.core.view import View, view
from worker.deliveries import Delivery, DeliveryKind
from worker.model import PaperNumber

LONGEST_PART: Final = 2_000_000
"""Characters. A template that makes more is broken: what papers need was cut long before."""

HTML, TEXT, SUBJECT = "digest.html.j2", "digest.txt.j2", "digest.subject.j2"


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses that belong to one subscriber and to this list.

    ``takes_commands``: he can answer this mail with one. Without a site there are no
    ``preferences`` and no ``page`` of this digest; ``confirm`` is in a confirmation only.
    """

    unsubscribe: str
    home: str
    list_name: str
    takes_commands: bool = False
    preferences: str = ""
    page: str = ""
    confirm: str = ""


class Templates:
    """The mail templates by name, parsed once. Raises RenderError for one that does not parse."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        html, text = (environment(sources, autoescape=escape) for escape in (True, False))
        self._templates: dict[str, Template] = {}
        for name in sources:
            with faults_of(name):
                its = html if name.endswith(".html.j2") else text
                self._templates[name] = its.get_template(name)

    def letter(
        self, delivery: Delivery, links: Links, unshown: frozenset[PaperNumber] = frozenset()
    ) -> Letter:
        """Render all three parts. Nothing half-rendered ever leaves: RenderError instead.

        Abstracts, and in the HTML part papers too, are cut as far as the size of a mail demands.
        ``unshown`` papers are only named.
        """
        if delivery.kind is not DeliveryKind.DIGEST:
            return self._short(delivery, links)

        def show(trim: Trim) -> View:
            return view(delivery, trim, unshown)

        small, html = delivery.small, ""
        with faults_of(SUBJECT):
            subject = self._render(SUBJECT, digest=show(WHOLE), links=links)
        text, shown = self._fitting(TEXT, TEXT_TRIMS, show, links, small=small, text=WHOLE)
        if not delivery.manner.plain:
            html, _ = self._fitting(HTML, HTML_TRIMS, show, links, small=small, text=shown)
        return _whole("digest", subject, text, html, links)

    def _short(self, delivery: Delivery, links: Links) -> Letter:
        """A few lines, which are short whatever is in them: all that is no digest."""
        stem = "confirm" if delivery.kind is DeliveryKind.CONFIRM else "answer"
        answer, html = answer_view(delivery), ""
        subject = self._render(f"{stem}.subject.j2", answer=answer, links=links)
        text = self._render(f"{stem}.txt.j2", answer=answer, links=links)
        if not delivery.manner.plain:
            html = self._render(f"{stem}.html.j2", answer=answer, links=links)
        return _whole(stem, subject, text, html, links)

    def _fitting(
        self,
        name: str,
        trims: Sequence[Sequence[Trim]],
        show: Callable[[Trim], View],
        links: Links,
        *,
        small: bool,
        text: Trim,
    ) -> tuple[str, Trim]:
        """The part, cut as little as its size demands, and how; ``text`` is the text part's cut."""
        parts: dict[Trim, str] = {}

        def has_room(trim: Trim) -> bool:
            shown = show(trim)
            parts[trim] = self._render(
                name,
                digest=shown,
                links=links,
                shortened=shown.shortened,
                text_is_whole=text == WHOLE,
                text_has_all=text.papers is None,
            )
            return fits(parts[trim], html=name == HTML, small=small)

        with faults_of(name):
            trim = first(trims, has_room)
        return parts[trim], trim

    def _render(self, name: str, **values: object) -> str:
        with faults_of(name):
            return self._templates[name].render(values)


def _whole(stem: str, subject: str, text: str, html: str, links: Links) -> Letter:
    """The letter. Raises RenderError for a part that is far too long, or without a link that nobody
    may be mailed without.
    """
    for kind, part in (("subject", subject), ("txt", text), ("html", html)):
        if len(part) > LONGEST_PART:
            raise RenderError(f"{stem}.{kind}.j2: makes a part of {len(part)} characters")
    must = {"unsubscribe": links.unsubscribe, "confirm": links.confirm}
    if html:
        _refuse_without(must, f"{stem}.html.j2", html)
        del must["unsubscribe"]  # some text templates have none: their HTML part has
    _refuse_without(must, f"{stem}.txt.j2", text)
    return Letter(" ".join(subject.split()), text.strip() + "\n", html)


def _refuse_without(links: Mapping[str, str], name: str, part: str) -> None:
    for which, link in links.items():
        if link not in part:
            raise RenderError(f"{name}: the {which} link is missing; add links.{which}")
