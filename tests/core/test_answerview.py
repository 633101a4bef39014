"""An answer as it is shown, and the mail that it becomes."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from tests.made import KEY, LETTERHEAD, delivery, pick
from worker import shipped
from worker.core.answerview import Group, Row, answer_view
from worker.core.compose import Composer
from worker.core.jinja import (
    RenderError,
)
from worker.core.keys import Keys
from worker.core.render import Templates
from worker.core.sample import sample_answer
from worker.core.tokens import REPLY, read_token
from worker.deliveries import DeliveryKind, Envelope

SOURCES = shipped.mail_templates()
TAKING = replace(LETTERHEAD, commands_mailbox="cmd@example.org")
COMPOSER = Composer(TAKING, Templates(SOURCES), Keys(1, {1: KEY}))
LINES = ("Done", "", "Added: a <b> & c", "", "1\ta <b> & c", "next digest\tnever", "", "remove 1\t")


def answer(*lines: str, answers: str = "<his.own-1@mail.example.net>") -> Envelope:
    one = replace(delivery(notes=lines), kind=DeliveryKind.ANSWER, answers=answers)
    return COMPOSER(one)


def message(envelope: Envelope) -> EmailMessage:
    parsed = message_from_bytes(envelope.content, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def body(envelope: Envelope, kind: str) -> str:
    part = message(envelope).get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text.replace("\r\n", "\n")


def test_lines_become_groups_of_sentences_and_of_rows() -> None:
    view = answer_view(replace(delivery(notes=LINES), kind=DeliveryKind.ANSWER))
    assert view.title == "Done"
    assert view.groups == (
        Group((Row("", "Added: a <b> & c"),), 0),
        Group((Row("1", "a <b> & c"), Row("next digest", "never")), 14),
        Group((Row("remove 1", ""),), 11),
    )


def test_a_long_title_is_broken_like_every_line() -> None:
    text = body(answer(" ".join(["word"] * 30), "", "Said."), "plain")
    assert max(len(line) for line in text.split("\n") if "://" not in line) <= 72


def test_an_answer_forgotten_by_its_erasure_still_has_a_view() -> None:
    assert answer_view(delivery()).groups == ()


def test_an_answer_has_no_sender_and_goes_to_his_own_address() -> None:
    envelope = answer(*LINES)
    assert (envelope.mail_from, envelope.rcpt_to) == ("", "reader@example.org")
    headers = message(envelope)
    assert headers["To"] == "reader@example.org"
    assert headers["Auto-Submitted"] == "auto-replied"
    assert headers["In-Reply-To"] == headers["References"] == "<his.own-1@mail.example.net>"
    assert headers["Subject"] == "Paper Round: Done"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Feedback-ID"].startswith("2025-09-08:answer:")


@pytest.mark.parametrize(
    "odd",
    ["", "<>", "<a@b> <c@d>", "a@b", "<a@b>\r\nBcc: v@x", "<ä@b>", f"<{'a' * 300}@b>", "<a b@c>"],
)
def test_an_odd_name_of_his_mail_is_not_repeated(odd: str) -> None:
    headers = message(answer(*LINES, answers=odd))
    assert "In-Reply-To" not in headers
    assert "References" not in headers
    assert "Bcc" not in headers


def test_both_parts_say_all_of_it_and_the_html_is_escaped() -> None:
    text, html = (body(answer(*LINES), kind) for kind in ("plain", "html"))
    assert "  1             a <b> & c\n  next digest   never" in text
    assert "a &lt;b&gt; &amp; c" in html
    for part in (text, html):
        for line in ("Done", "remove 1", "never"):
            assert line in part


def test_a_head_too_long_for_its_column_has_a_line_of_its_own() -> None:
    text = body(answer("Title", "", "x" * 40 + "\tsaid", "y\tmore"), "plain")
    assert f"  {'x' * 40}\n{' ' * 29}said\n  y{' ' * 26}more" in text


def test_a_digest_names_a_mailbox_for_commands_only_where_there_is_one() -> None:
    one = delivery(pick(1))
    envelope = COMPOSER(one)
    local, _, domain = str(message(envelope)["Reply-To"]).partition("@")
    assert (local[:4], domain) == ("cmd+", "example.org")
    assert read_token({1: KEY}, REPLY, local[4:]) == one.uid
    assert message(envelope)["Auto-Submitted"] == "auto-generated"
    without = replace(COMPOSER, letterhead=LETTERHEAD)(one)
    assert message(without)["Reply-To"] == "editor@example.org"
    for kind in ("plain", "html"):
        assert "Answer this mail with" in body(envelope, kind)
        assert "Answer this mail with" not in body(without, kind)


def test_an_answer_template_without_the_link_is_refused() -> None:
    composer = replace(COMPOSER, templates=Templates({**SOURCES, "answer.html.j2": "<p>Bye</p>"}))
    with pytest.raises(RenderError, match="unsubscribe link is missing"):
        composer(sample_answer())


def test_an_own_folder_without_answers_falls_back_file_by_file() -> None:
    own = {"digest.subject.j2": "Mine"}
    templates = Templates({**SOURCES, **own})
    composer = replace(COMPOSER, templates=templates)
    assert message(composer(delivery(pick(1))))["Subject"] == "Mine"
    assert message(composer(sample_answer()))["Subject"] == "Paper Round: Done"
