"""F65: one paper that cannot be shown keeps no other from being shown."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import KEY, LETTERHEAD, delivery, paper, pick
from worker import shipped
from worker.core.compose import Composer
from worker.core.jinja import (
    RenderError,
)
from worker.core.keys import Keys
from worker.core.message import Letter
from worker.core.render import (
    Templates,
)
from worker.core.spare import Unshown, spared
from worker.deliveries import Delivery, Envelope
from worker.model import PaperNumber

SOURCES = shipped.mail_templates()
COMPOSER = Composer(LETTERHEAD, Templates(SOURCES), Keys(1, {1: KEY}))
POISON = paper(2, "A \ud800\x00\u2028 title", "Half a character \udfff ends it.")


def texts(envelope: Envelope) -> tuple[str, str, str]:
    message = message_from_bytes(envelope.content, policy=policy.default)
    bodies = [message.get_body((kind,)) for kind in ("plain", "html")]
    plain, html = [body.get_content() if body else "" for body in bodies]
    return str(message["Subject"]), plain, html


def of(*papers: int) -> Delivery:
    known = {2: POISON}
    return delivery(*map(pick, papers), papers=[known.get(n) or paper(n) for n in papers])


def test_a_poison_paper_is_only_named_and_the_others_are_shown() -> None:
    envelope = COMPOSER(of(1, 2, 3))
    assert envelope.unshown == (2,)
    subject, plain, html = texts(envelope)
    assert subject.startswith("3 papers: ")
    for part in (plain, html):
        assert "One paper could not be shown: A title" in part
        assert "Paper 1" in part
        assert "Paper 3" in part
    assert "\n2. Paper 3" in plain


def test_a_paper_in_which_nothing_can_be_looked_for_is_only_named_too() -> None:
    """What is only named is not looked at: all papers of a digest are marked at once."""
    unreadable = replace(paper(2), abstract=None)  # type: ignore[arg-type]  # that is the poison
    papers = (paper(1), unreadable, paper(3))
    envelope = COMPOSER(replace(of(1, 2, 3), papers=papers))
    assert envelope.unshown == (2,)


def test_a_poison_paper_alone_in_its_digest_is_named_too() -> None:
    envelope = COMPOSER(of(2))
    subject, plain, _ = texts(envelope)
    assert envelope.unshown == (2,)
    assert subject.startswith("1 paper ")
    assert "could not be shown" in plain
    assert "Nothing matched" not in plain


def test_the_same_delivery_is_the_same_message_each_time() -> None:
    assert COMPOSER(of(1, 2, 3)) == COMPOSER(of(1, 2, 3))
    assert COMPOSER(of(1, 3)).unshown == ()


@pytest.mark.parametrize(
    "template",
    [
        pytest.param("{{ 1 / 0 }} {{ links.unsubscribe }}", id="whatever it is given"),
        pytest.param(
            "{{ links.unsubscribe }}{% for s in digest.sections %}{% for e in s.entries %}"
            "{{ e.nosuch }}{% endfor %}{% endfor %}",
            id="at each paper",
        ),
        pytest.param(
            "{{ links.unsubscribe }}{{ 1 / (2 - digest.sections[0].entries | length) }}",
            id="at no paper alone",
        ),
        pytest.param("no link at all", id="without the link"),
    ],
)
def test_a_template_that_fails_is_no_papers_fault(template: str) -> None:
    composer = replace(COMPOSER, templates=Templates(SOURCES | {"digest.html.j2": template}))
    with pytest.raises(RenderError, match=r"digest\.html\.j2"):
        composer(of(1, 3))


def test_an_operators_template_that_fails_at_one_paper_names_that_one() -> None:
    fails = "{% if 'Paper 3' in (entry.title | starred) %}{{ 1 / 0 }}{% endif %}"
    html = SOURCES["digest.html.j2"].replace(
        "{% for entry in section.entries %}",
        "{% for entry in section.entries %}" + fails,
        1,
    )
    composer = replace(COMPOSER, templates=Templates(SOURCES | {"digest.html.j2": html}))
    assert composer(of(1, 3, 4)).unshown == (3,)


@given(st.sets(st.integers(1, 8), min_size=2), st.data())
def test_exactly_the_papers_that_fail_are_only_named(
    numbers: set[int], data: st.DataObject
) -> None:
    papers = frozenset(map(PaperNumber, numbers))
    bad = frozenset(data.draw(st.sets(st.sampled_from(sorted(papers)))))

    def lay(unshown: Unshown) -> Letter:
        if bad - unshown:
            raise RenderError("broken")
        return Letter("", "", "")

    if bad == papers:
        with pytest.raises(RenderError):
            spared(papers, lay)
    else:
        assert spared(papers, lay)[1] == bad
