"""What somebody wrote in an answer, and what his mail program put round it."""

from __future__ import annotations

import pytest

from tests.returned.mails import UID, answer, understood
from worker.returns import Commanded


def text(content: bytes) -> str:
    told = understood(content)
    assert isinstance(told, Commanded)
    assert told.uid == UID
    return told.text


@pytest.mark.parametrize(
    "quote",
    [
        "On Mon, 8 Sept 2025 at 07:00, Paper Round <digest@example.org> wrote:",
        "On Mon, 8 Sept 2025 at 07:00, Paper Round\n<digest@example.org> wrote:",
        "On Mon, 8 Sept 2025 at 07:00, Paper Round <\ndigest@example.org>\nwrote:",
        "Am 08.09.25 um 07:00 schrieb Paper Round:",
        "Am Mo., 8. Sept. 2025 um 07:00 Uhr schrieb Paper Round <digest@example.org>:",
        "Le lun. 8 sept. 2025 à 07:00, Paper Round <digest@example.org> a écrit :",
        "El lun, 8 sept 2025 a las 7:00, Paper Round (<digest@example.org>) escribió:",
        "Il giorno lun 8 set 2025 alle ore 07:00 Paper Round <d@example.org> ha scritto:",
        "Op ma 8 sep 2025 om 07:00 schreef Paper Round <digest@example.org>:",
        "-----Original Message-----\nFrom: Paper Round",
        "-----Ursprüngliche Nachricht-----\nVon: Paper Round",
        "-------- Message d'origine --------",
        "---------- Forwarded message ---------",
        "________________________________\nFrom: Paper Round <digest@example.org>",
        "From: Paper Round <digest@example.org>\nSent: Monday, 8 September 2025 07:00",
        "*Von:* Paper Round\n*Gesendet:* Montag",
        "> 3 papers\n> more",
        "-- \nAnn",
        "--\nAnn",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Get Outlook for Android",
    ],
)
def test_quotes_and_signatures_are_cut_off(quote: str) -> None:
    tail = "\n\nstop\n" if not quote.startswith(">") else "\n"
    assert text(answer(f"add diffusion video\n\n{quote}{tail}")) == "add diffusion video"


@pytest.mark.parametrize(
    "line",
    [
        "On second thought: stop",
        "add On wrote",
        "From: nothing of a header",
        "pause - until 2026-10-01",
        "add sent from:lecun",
        "Am I on the list?",
    ],
)
def test_what_only_looks_like_a_quote_stays(line: str) -> None:
    assert text(answer(f"{line}\nhelp\n")) == f"{line}\nhelp"


def test_lines_between_quoted_ones_stay() -> None:
    assert text(answer("> 1. diffusion\nremove 1\n> 2. video\nremove 2")) == "remove 1\nremove 2"


def test_a_body_of_html_becomes_text_without_the_quote() -> None:
    page = (
        "<html><head><title>x</title><style>p {}</style></head><body><!-- stop --><div>add "
        "R&amp;D\n  video</div><p>rules<br>weekly 3 &lt; 4</p><div class='gmail_quote'>On Mon, "
        "Paper Round wrote:<br><blockquote>stop<blockquote>now</blockquote></blockquote></div>"
    )
    told = text(answer(page, "Content-Type: text/html; charset=utf-8"))
    assert [line for line in told.split("\n") if line] == ["add R&D video", "rules", "weekly 3 < 4"]


def test_outlooks_rule_begins_its_quote() -> None:
    page = "<div>stop<hr></div><div><b>From:</b> Paper Round</div>"
    assert text(answer(page, "Content-Type: text/html")) == "stop"


def test_plain_text_goes_before_html_and_attachments_do_not_count() -> None:
    body = (
        "--b\nContent-Type: text/plain\nContent-Disposition: attachment\n\nattached\n"
        "--b\nContent-Type: multipart/alternative; boundary=c\n\n"
        "--c\nContent-Type: text/html\n\npage\n--c\nContent-Type: text/plain\n\nrules\n--c--\n--b--"
    )
    assert text(answer(body, 'Content-Type: multipart/mixed; boundary="b"')) == "rules"


def test_lines_broken_by_the_program_are_joined_again() -> None:
    body = "add diffusion OR \nvideo\nrules\n-- \nAnn"
    flowed = "Content-Type: text/plain; format=flowed"
    assert text(answer(body, flowed)) == "add diffusion OR video\nrules"
    assert text(answer(body)) == "add diffusion OR\nvideo\nrules"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("quoted-printable", "add Schr=C3=B6dinger="), ("base64", "YWRkIFNjaHLDtmRpbmdlcg")],
)
def test_the_transfer_encoding_is_undone(encoding: str, body: str) -> None:
    head = ("Content-Type: text/plain; charset=utf-8", f"Content-Transfer-Encoding: {encoding}")
    assert text(answer(body, *head)) == "add Schrödinger"


@pytest.mark.parametrize(
    ("subject", "command"),
    [
        ("stop", "stop"),
        ("=?utf-8?q?add_Schr=C3=B6dinger?=", "add Schrödinger"),
        ("=?nonsense?q?stop?=", "=?nonsense?q?stop?="),
        ("=?utf-8?b?Z?=", "=?utf-8?b?Z?="),
        ("Re: 3 papers", ""),
        ("AW: 3 papers", ""),
        ("Re[2]: 3 papers", ""),
        ("", ""),
    ],
)
def test_without_a_body_the_subject_says_it_unless_it_is_an_answers(
    subject: str, command: str
) -> None:
    assert text(answer("\n\n> 3 papers\n", subject=subject)) == command


def test_a_long_answer_is_cut() -> None:
    assert text(answer("\n".join(map(str, range(100))))) == "\n".join(map(str, range(20)))
    assert len(text(answer("x" * 5000))) == 2000


def test_nothing_that_cannot_be_shown_is_left_in_it() -> None:
    told = text(answer("stop\x00\x1b[31m\u202e\u00a0now\udcff"))
    assert all(line.isprintable() for line in told.split("\n"))


@pytest.mark.parametrize(
    "sign",
    [
        "Return-Path: <>",
        "Auto-Submitted: auto-notified; x=y",
        "Auto-Submitted: auto-replied(vacation)",
        "Precedence: bulk",
        "X-Autorespond: yes",
        "X-Auto-Response-Suppress: OOF",
        "List-Id: <x.example.net>",
        "Content-Type: multipart/report; boundary=b",
    ],
)
def test_nothing_that_a_program_wrote_is_a_command(sign: str) -> None:
    assert not isinstance(understood(answer("stop", sign)), Commanded)


def test_a_mail_that_says_that_a_person_wrote_it_is_a_command() -> None:
    assert text(answer("stop", "Auto-Submitted: no", "Precedence: normal")) == "stop"


@pytest.mark.parametrize(
    ("written", "kept"),
    [("<a@b>", "<a@b>"), ("a@b", ""), ("<a b@c>", ""), ("", ""), ("<" + "x" * 300 + ">", "")],
)
def test_the_message_id_is_one_or_nothing(written: str, kept: str) -> None:
    told = understood(answer("stop", f"Message-ID: {written}"))
    assert isinstance(told, Commanded)
    assert told.message_id == kept
