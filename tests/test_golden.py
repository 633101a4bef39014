"""The mails of the two seed days, of the showcase, and one of each other kind, to the byte.

They are made in memory with fixed keys and a fixed clock. After a change that is meant, look at the
new mails, then write them with ``GOLDEN=write pytest tests/test_golden.py``.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

from tests.made import KEY, LETTERHEAD, at, seed, subscriber
from tests.plain.inbox import PlainInbox
from tests.plain.ledger import Book, PlainLedger, PlainSubscribers
from tests.plain.mailer import PlainMailer
from tests.plain.papers import PlainPaperLog
from tests.plain.reader import PlainReader
from tests.showcase import SHOWCASE
from worker import shipped
from worker.clock import FixedClock
from worker.core.compose import Composer
from worker.core.keys import Keys
from worker.core.render import Templates
from worker.core.sample import sample_answer, sample_confirm, sample_notice
from worker.deliveries import Envelope
from worker.manner import Language, Manner
from worker.model import WhenEmpty
from worker.pipeline.deliver import Round
from worker.pipeline.ingest import Ingest, empty_inbox
from worker.pipeline.plan import commit, due
from worker.pipeline.recent import Recent

GOLDEN = Path(__file__).parent / "golden"

READERS = (
    subscriber("*", address="everything@example.org", number=1),
    subscriber(
        '"mixture of experts"',
        "title:gate",
        "dynamic -neural",
        address="rules@example.org",
        number=2,
    ),
    subscriber("schrodinger OR RL", address="folding@example.org", number=3),
    subscriber("xylophone", address="empty@example.org", number=4, when_empty=WhenEmpty.SAY_SO),
    replace(
        subscriber("schrodinger OR gate", address="german@example.org", number=5),
        manner=Manner(Language.DE),
    ),
    replace(
        subscriber("schrodinger OR gate", address="plain@example.org", number=6),
        manner=Manner(plain=True),
    ),
)
SITE = replace(LETTERHEAD, has_site=True, commands_mailbox="commands@example.org")
PLAIN = Manner(Language.JA, plain=True)


async def two_days() -> list[Envelope]:
    inbox, papers, mailer = PlainInbox(), PlainPaperLog(), PlainMailer()
    book = Book()
    subscribers, ledger = PlainSubscribers(book), PlainLedger(book)
    for reader in READERS:
        await subscribers.add(reader)
    composer = Composer(LETTERHEAD, Templates(shipped.mail_templates()), Keys(1, {1: KEY}))
    for day in ("2025-09-08", "2025-09-09"):
        clock = FixedClock(at(f"{day} 06:00"))
        file = seed(day)
        inbox.put(file.name, file.content)
        await empty_inbox(inbox, Ingest(PlainReader(), papers, clock))
        found = await due(Recent(papers), subscribers, ledger, composer.message_id, clock)
        await commit(found, ledger)
        round_ = Round(ledger, mailer, composer, clock, lambda: 0.0, asyncio.Event())
        await round_.deliver(1)
    return mailer.envelopes


def of_the_site() -> dict[str, bytes]:
    """What is mailed where there is a site: each of it leads there."""
    composer = Composer(SITE, Templates(shipped.mail_templates()), Keys(1, {1: KEY}))
    made = {
        "site-answer": sample_answer(),
        "site-confirm": sample_confirm(),
        "site-confirm-plain": replace(sample_confirm(), manner=PLAIN),
        "site-notice": sample_notice(),
        **{f"form-{name}": one() for name, one in SHOWCASE.items()},
    }
    return {f"{name}.eml": composer(one).content for name, one in made.items()}


async def test_the_mails_are_the_golden_ones_to_the_byte() -> None:
    made = {f"{one.name}.eml": one.content for one in await two_days()} | of_the_site()
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        for old in GOLDEN.glob("*.eml"):
            old.unlink()
        for name, content in made.items():
            (GOLDEN / name).write_bytes(content)
    golden = {path.name: path.read_bytes() for path in GOLDEN.glob("*.eml")}
    assert sorted(made) == sorted(golden)
    assert [name for name in made if made[name] != golden[name]] == []


async def test_each_paper_of_the_two_days_comes_once_and_the_repeats_do_not() -> None:
    everything = [one for one in await two_days() if one.rcpt_to.startswith("everything")]
    messages = [message_from_bytes(one.content, policy=policy.default) for one in everything]
    bodies = [message.get_body(("html",)) for message in messages]
    assert [body.get_content().count("<h3") for body in bodies if body] == [47, 16]
