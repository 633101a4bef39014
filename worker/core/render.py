"""A delivery becomes a letter: a pure function of the delivery and the templates.

Preview, dry run, sending and sending again all come through here. HTML lives in the templates
only; autoescape is on for every template of the HTML environment, whatever its name (Jinja's
``select_autoescape`` does not know ``*.html.j2``).
"""

from __future__ import annotations

from binascii import b2a_qp
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from jinja2 import Template

from worker.core.answerview import answer_view
from worker.core.jinja import RenderError, environment, faults_of
from worker.core.message import Letter
from worker.core.trim import WHOLE, Trim
from worker.core.view import View, view
from worker.deliveries import Delivery, DeliveryKind
from worker.model import PaperNumber

HTML, TEXT, SUBJECT = "digest.html.j2", "digest.txt.j2", "digest.subject.j2"
ANSWER_HTML, ANSWER_TEXT, ANSWER_SUBJECT = "answer.html.j2", "answer.txt.j2", "answer.subject.j2"

LARGEST_HTML = 90_000
"""Bytes. Gmail clips a message near 102 kB, and hides the unsubscribe link with the rest."""

LARGEST_ENCODED = 95_000
"""Bytes of either part as quoted-printable, so that a message stays below 200 kB."""

SMALL = 20_000
"""Bytes of either part, encoded, for a server that finds a message of the usual size too large."""

SHORTER = tuple(Trim(length) for length in (None, 1700, 1500, 1350, 1200, 1000, 800, 500, 300, 160))
BRIEF = tuple(Trim(0, line=line) for line in (160, 80, 40))
FEWER = tuple(Trim(160, papers) for papers in (60, 30, 15, 5))
FEWEST = tuple(Trim(0, papers, 40) for papers in (60, 30, 15, 5))
"""How much a part shows, tried in turn until it is small enough. The text part names every paper,
unless no mail could hold their titles.
"""

HTML_TRIMS = SHORTER + FEWER + FEWEST
TEXT_TRIMS = SHORTER + BRIEF + FEWEST


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses that belong to one subscriber and to this list.

    ``takes_commands``: he can answer this mail with one.
    """

    unsubscribe: str
    home: str
    list_name: str
    takes_commands: bool = False


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
        if delivery.kind is DeliveryKind.ANSWER:
            return self._answer(delivery, links)

        def show(trim: Trim) -> View:
            return view(delivery, trim, unshown)

        fits = partial(_fits, small=delivery.small)
        with faults_of(SUBJECT):
            subject = self._render(SUBJECT, digest=show(WHOLE), links=links)
        text, shown = self._fitting(TEXT, TEXT_TRIMS, show, links, fits, text=WHOLE)
        html, _ = self._fitting(HTML, HTML_TRIMS, show, links, fits, text=shown)
        if links.unsubscribe not in html:
            raise RenderError(f"{HTML}: the unsubscribe link is missing; add links.unsubscribe")
        return Letter(" ".join(subject.split()), text.strip() + "\n", html)

    def _answer(self, delivery: Delivery, links: Links) -> Letter:
        """All three parts of an answer, which is short whatever is in it."""
        subject, text, html = (
            self._render(name, answer=answer_view(delivery), links=links)
            for name in (ANSWER_SUBJECT, ANSWER_TEXT, ANSWER_HTML)
        )
        if links.unsubscribe not in html:
            why = "the unsubscribe link is missing; add links.unsubscribe"
            raise RenderError(f"{ANSWER_HTML}: {why}")
        return Letter(" ".join(subject.split()), text.strip() + "\n", html)

    def _fitting(
        self,
        name: str,
        trims: Sequence[Trim],
        show: Callable[[Trim], View],
        links: Links,
        fits: Callable[[str, str], bool],
        *,
        text: Trim,
    ) -> tuple[str, Trim]:
        """The part, cut as little as its size demands, and how; ``text`` is the text part's cut."""
        whole, has_all = text == WHOLE, text.papers is None
        for trim in trims:
            with faults_of(name):
                part = self._render(
                    name,
                    digest=show(trim),
                    links=links,
                    shortened=trim != WHOLE,
                    text_is_whole=whole,
                    text_has_all=has_all,
                )
                if fits(name, part):
                    break
        return part, trim

    def _render(self, name: str, **values: object) -> str:
        with faults_of(name):
            return self._templates[name].render(values)


def _fits(name: str, part: str, *, small: bool) -> bool:
    octets = part.encode()
    clipped = name == HTML and len(octets) > LARGEST_HTML
    encoded = b2a_qp(octets.replace(b"\n", b"\r\n"))  # as it travels
    return not clipped and len(encoded) <= (SMALL if small else LARGEST_ENCODED)
