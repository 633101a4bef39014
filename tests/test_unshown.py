"""F65: a paper that breaks the rendering holds up nobody's digest, and the operator is told."""

from __future__ import annotations

import logging
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from tests.made import subscriber
from tests.test_pipeline import COMPOSER, office
from worker.deliveries import Delivery, DeliveryState, Envelope
from worker.pipeline.deliver import Round


def poisoned(delivery: Delivery) -> Envelope:
    """As if the second paper had come past every cleaning."""
    first, second, *others = delivery.papers
    second = replace(second, title="Broken \ud800 title", abstract="\udfff\x00\u2028")
    return COMPOSER(replace(delivery, papers=(first, second, *others)))


async def test_the_digest_goes_out_with_the_others_and_names_the_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    day = await office(subscriber("*"))
    await day.plan()
    (planned,) = await day.ledger.deliveries([DeliveryState.PLANNED])
    round_ = Round(day.ledger, day.mailer, poisoned, day.clock, lambda: 0.0, day.stop)
    with caplog.at_level(logging.ERROR):
        assert await round_.deliver(1) == {"sent": 1}
    (told,) = caplog.records
    assert told.__dict__["papers"] == (planned.papers[1].number,)
    (envelope,) = day.mailer.envelopes
    body = message_from_bytes(envelope.content, policy=policy.default).get_body(("plain",))
    assert body is not None
    text = " ".join(body.get_content().split())
    assert "One paper could not be shown: Broken title" in text
    for paper in (planned.papers[0], *planned.papers[2:]):
        assert " ".join(paper.title.split()) in text
