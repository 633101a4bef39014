from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from worker.core.header import LINE_LIMIT, subject
from worker.core.letterhead import (
    Letterhead,
    bounce_address,
    unsubscribe_mailto,
    unsubscribe_url,
)
from worker.core.message import Letter, assemble
from worker.core.tokens import BOUNCE, UNSUBSCRIBE, message_id, token

KEY = bytes(range(32))
TOKEN = token(KEY, 1, UNSUBSCRIBE, 4711)
ID = message_id(KEY, 77, "2025-09-08", date(2025, 9, 8), "digest.example.org")
DATE = datetime(2025, 9, 8, 6, 30, tzinfo=UTC)
HEAD = Letterhead(
    from_name="Paper Round",
    from_address="papers@example.org",
    reply_to="editor@example.org",
    base_url="https://papers.example.org",
    list_id="digest.example.org",
    list_name="Paper Round digest",
    bounce_domain="bounce.example.org",
    unsubscribe_mailbox="unsub@example.org",
    help_url="https://papers.example.org/help",
    owner="owner@example.org",
)
LETTER = Letter("Video: 3 new papers", "Text\n", "<p>Text</p>\n")
HEADERS = [
    "From",
    "Reply-To",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Help",
    "List-Owner",
    "List-Post",
    "Auto-Submitted",
    "Precedence",
    "X-Auto-Response-Suppress",
    "Feedback-ID",
]
any_text = st.text(st.characters(codec=None, exclude_categories=()))


def made(letter: Letter = LETTER, head: Letterhead = HEAD, to: str = "ann@example.net") -> bytes:
    return assemble(letter, head, to=to, message_id=ID, date=DATE, unsubscribe_token=TOKEN)


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    raw = part.get_payload(decode=True)
    assert isinstance(raw, bytes)
    return raw.decode("utf-8")


def crlf(text: str) -> str:
    lines = re.sub("[\ud800-\udfff]", "\ufffd", text)
    return re.sub("\r\n|\r|\n", "\r\n", lines)


def test_the_headers_are_exactly_these() -> None:
    message = parsed(made())
    assert message.keys() == HEADERS
    assert {name: str(message[name]) for name in HEADERS if name != "Content-Type"} == {
        "From": "Paper Round <papers@example.org>",
        "Reply-To": "editor@example.org",
        "To": "ann@example.net",
        "Subject": "Video: 3 new papers",
        "Date": "Mon, 08 Sep 2025 06:30:00 +0000",
        "Message-ID": ID,
        "MIME-Version": "1.0",
        "Content-Language": "en",
        "List-Id": "Paper Round digest <digest.example.org>",
        "List-Unsubscribe": f"<https://papers.example.org/u/{TOKEN}>,"
        f" <mailto:unsub+{TOKEN}@example.org?subject=unsubscribe>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Help": "<https://papers.example.org/help>",
        "List-Owner": "<mailto:owner@example.org>",
        "List-Post": "NO",
        "Auto-Submitted": "auto-generated",
        "Precedence": "list",
        "X-Auto-Response-Suppress": "All",
        "Feedback-ID": "2025-09-08:digest:digest.example.org",
    }


def test_the_text_comes_first_and_the_html_last_both_in_quoted_printable_utf8() -> None:
    message = parsed(made(Letter("x", "Grüße", "<p>Grüße</p>")))
    assert message.get_content_type() == "multipart/alternative"
    assert message.preamble is None
    assert not message.epilogue
    parts = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    for part in parts:
        assert part.keys() == ["Content-Type", "Content-Transfer-Encoding"]
        assert part.get_content_charset() == "utf-8"
        assert part["Content-Transfer-Encoding"] == "quoted-printable"
    assert (body(message, "plain"), body(message, "html")) == ("Grüße", "<p>Grüße</p>")


def test_list_unsubscribe_is_two_plain_addresses_folded_at_the_comma() -> None:
    long = replace(
        HEAD, base_url="https://papers.institute-of-physics.university.example.org:8443/"
    )
    for head in (HEAD, long):
        raw = made(head=head)
        field = re.search(rb"\r\n(List-Unsubscribe: (?:.|\r\n )*)\r\n[A-Z]", raw)
        assert field is not None
        web, mail = field[1].split(b",\r\n ")
        assert web == f"List-Unsubscribe: <{unsubscribe_url(head, TOKEN)}>".encode()
        assert mail == f"<{unsubscribe_mailto(head, TOKEN)}>".encode()
        assert b"=?" not in raw
        assert b"org//u/" not in raw.replace(b":8443", b"")


def test_the_unsubscribe_address_of_a_usual_host_stays_within_70_characters() -> None:
    assert len(unsubscribe_url(replace(HEAD, base_url="https://" + "h" * 21 + ".org"), TOKEN)) == 70


def test_optional_headers_are_absent_rather_than_empty() -> None:
    head = replace(HEAD, from_name="", list_name="", help_url="", owner="")
    message = parsed(made(head=head))
    assert message.keys() == [n for n in HEADERS if n not in {"List-Help", "List-Owner"}]
    assert message["From"] == "papers@example.org" or message["From"] == "<papers@example.org>"
    assert message["List-Id"] == "<digest.example.org>"


@pytest.mark.parametrize(
    "name", ["Zeitungsrunde für Physik", "Round, Paper", "新聞 " * 30 + "x", "A.B"]
)
def test_the_sender_has_one_address_whatever_its_name(name: str) -> None:
    raw = made(head=replace(HEAD, from_name=name))
    (address,) = parsed(raw)["From"].addresses
    assert address.addr_spec == "papers@example.org"
    # The stdlib's newer parser puts spaces between the encoded words of a name.
    shown, _ = parseaddr(message_from_bytes(raw, policy=policy.compat32)["From"])
    assert str(make_header(decode_header(shown))) == name


def test_a_subject_of_nothing_is_the_name_of_the_list() -> None:
    assert parsed(made(replace(LETTER, subject=" \r\n ")))["Subject"] == "digest.example.org"


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert made() == made()
    other = assemble(
        LETTER, HEAD, to="bob@example.net", message_id=ID, date=DATE, unsubscribe_token=TOKEN
    )
    assert other != made()


def test_the_envelope_sender_carries_the_bounce_token() -> None:
    bounce = token(KEY, 1, BOUNCE, 9)
    assert bounce_address(HEAD, bounce) == f"b+{bounce}@bounce.example.org"
    with pytest.raises(ValueError, match="token"):
        bounce_address(HEAD, "x@y> SIZE=1\r\n")


# Rows of the matrix: titles as they come in, before anybody cleaned them.
TITLES = {
    "B1": "A\r\nBcc: v@x",
    "B2": "A\nBcc: v@x\rBcc: w@x",
    "B3": "A 💩 x=?UTF-8?Q?=0A?=Bcc: v@x",
    "B4": "Ü =?UTF-8?Q?=0D=0ABcc:_v=40x?=",
    "B5": "x =?utf-8?b?PHNjcmlwdD4=?=",
    "B6": "a\vb\fc\x85d\u2028e\u2029f",
    "B7": "a\0b\a \x1b[31m",
    "B8": "\ud800",
    "B10": "w" * 100_000,
    "B13 dot": "line\n.\nMAIL FROM:<x>",
    "B13 returns": "a\r.\rb\n.\r\nc\r\n.\r\nd",
    "B15": "{{7*7}} {% raw %} ${7} #{7} %s {0.__class__}",
    "B16": '<script>"><img onerror></title><!--[if mso]>]]>&#x3c;',
    "boundary": "\r\n--=_x\r\nContent-Type: text/html\r\n\r\n",
}


@pytest.mark.parametrize("row", TITLES)
def test_no_title_becomes_a_header_a_part_or_an_end_of_data(row: str) -> None:
    title = TITLES[row]
    raw = made(Letter(title, title, title))
    message = parsed(raw)
    assert message.keys() == HEADERS
    assert message["Subject"] == subject(title)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert body(message, "plain") == body(message, "html") == crlf(title)
    assert b"\r\n.\r\n" not in raw


@given(title=any_text, text=any_text, html=any_text.filter(bool))
@example("", "", "\r")
@example("\r", "\n", "\r\n")
@example("=?", "x" * 3000, "é" * 3000)
@example("x", " \t\r\n \t", "=_\r\n--=_")
def test_any_text_becomes_a_sound_message_that_says_just_this(
    title: str, text: str, html: str
) -> None:
    raw = made(Letter(title, text, html))
    lines = raw.split(b"\r\n")
    assert raw.isascii()
    assert b"\0" not in raw
    assert all(len(line) <= LINE_LIMIT and not re.search(rb"[\r\n]", line) for line in lines)
    assert max(map(len, raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76
    assert raw.endswith(b"--\r\n")
    message = parsed(raw)
    assert message.keys() == HEADERS
    assert message["Subject"] == (subject(title) or HEAD.list_id)
    assert (body(message, "plain"), body(message, "html")) == (crlf(text), crlf(html))
    assert not message.defects


@given(title=any_text, text=any_text)
@example("", "")
@example("\r", "\n")
@example("=?", "x" * 3000)
@example("", "x" * 74 + "\t")
@example("", "x" * 75 + " \nx")
@example("x", "line\n.\nMAIL FROM:<x>")
@example("x", "--=_x\r\nContent-Type: text/html\r\n\r\nFrom here")
def test_any_text_alone_becomes_one_plain_part_with_the_same_headers(title: str, text: str) -> None:
    raw = made(Letter(title, text))
    lines = raw.split(b"\r\n")
    assert raw.isascii()
    assert all(len(line) <= LINE_LIMIT and not re.search(rb"[\r\n]", line) for line in lines)
    assert max(map(len, raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76
    assert b"\r\n.\r\n" not in raw
    message = parsed(raw)
    coding = HEADERS.index("Content-Type") + 1
    assert message.keys() == [*HEADERS[:coding], "Content-Transfer-Encoding", *HEADERS[coding:]]
    assert not message.is_multipart()
    assert message.get_content_type() == "text/plain"
    assert (message.get_content_charset(), message["Content-Transfer-Encoding"]) == (
        "utf-8",
        "quoted-printable",
    )
    assert message["Subject"] == (subject(title) or HEAD.list_id)
    assert body(message, "plain") == crlf(text) + "\r\n"
    assert not message.defects
    assert raw == made(Letter(title, text))


def test_a_dot_that_a_soft_break_leaves_alone_on_its_line_ends_no_message() -> None:
    """B13: found by trying any text."""
    lines = ("é" * 12 + "x" * extra + "." for extra in range(6))
    raw = made(Letter("x", "\n".join(lines), "<p>" + "é" * 12 + "."))
    assert b"\r\n.\r\n" not in raw
    assert b"=\r\n=2E\r\n" in raw
    assert body(parsed(raw), "plain").count(".") == 6


@pytest.mark.parametrize(
    "to", ["", "ann", "a@b\r\nBcc: v@x", "ann@bücher.ch", "a@b, c@d", "A <a@b>"]
)
def test_no_message_is_made_for_what_is_not_one_address(to: str) -> None:
    with pytest.raises(ValueError, match="one ASCII address"):
        made(to=to)


@pytest.mark.parametrize(
    ("id_", "when", "unsubscribe"),
    [
        ("<a@b>\r\nBcc: v@x", DATE, TOKEN),
        ("a@b", DATE, TOKEN),
        ("<ann@x@b>", DATE, TOKEN),
        (ID, DATE.replace(tzinfo=None), TOKEN),
        (ID, DATE, "x>\r\nBcc: v@x"),
        (ID, DATE, ""),
    ],
)
def test_nothing_but_an_id_a_date_and_a_token_gets_into_their_headers(
    id_: str, when: datetime, unsubscribe: str
) -> None:
    with pytest.raises(ValueError, match=r"Message-ID|token"):
        assemble(LETTER, HEAD, to="a@b", message_id=id_, date=when, unsubscribe_token=unsubscribe)


def test_a_date_in_another_zone_is_the_same_instant() -> None:
    local = DATE.astimezone(timezone(timedelta(hours=5, minutes=30)))
    raw = assemble(LETTER, HEAD, to="a@b", message_id=ID, date=local, unsubscribe_token=TOKEN)
    assert parsed(raw)["Date"].datetime == DATE


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("from_name", "Paper\r\nBcc: v@x"),
        ("from_name", "v@x.org"),
        ("from_name", "x =?utf-8?q?y?="),
        ("from_name", " Paper"),
        ("from_name", "Pa\u202eper"),
        ("from_address", "papers"),
        ("reply_to", ""),
        ("base_url", "ftp://papers.example.org"),
        ("base_url", "https://papers.example.org/>, <mailto:x"),
        ("base_url", "https://papers.example.org/?x=1"),
        ("list_id", "digest example"),
        ("list_name", "Runde für Physik"),
        ("list_name", "Round <x@y>"),
        ("bounce_domain", "bounce.example.org\n"),
        ("unsubscribe_mailbox", "unsub"),
        ("language", "en\r\nX: 1"),
        ("help_url", "javascript:alert(1)"),
        ("owner", "owner"),
    ],
)
def test_a_letterhead_that_cannot_stand_in_headers_is_refused_by_its_field(
    field: str, value: str
) -> None:
    changed: dict[str, Any] = {field: value}
    with pytest.raises(ValueError, match=f"^{field} "):
        replace(HEAD, **changed)


def test_one_click_is_promised_for_https_only() -> None:
    """RFC 8058, section 3.1."""
    content = made(head=replace(HEAD, base_url="http://localhost:8080"))
    assert b"List-Unsubscribe: <http://localhost:8080/u/" in content
    assert b"List-Unsubscribe-Post" not in content
