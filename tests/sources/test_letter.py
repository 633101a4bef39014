"""Mail messages: how one is known, and which part of it is the daily file."""

from __future__ import annotations

import base64
import gzip
import io
import time
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.daily import MODIFIED, daily_file
from tests.texts import unhurried
from worker.model import Incomplete, Unreadable
from worker.sources.form import Text
from worker.sources.letter import is_letter
from worker.sources.unpack import text_of

HEAD = (
    "Received: from mail.example.org by mx.example.org;\n\tMon, 8 Sep 2025 06:00:02 +0200\n"
    "From: The List <list@example.org>\nTo: us@example.org\nSubject: Papers\n"
    "Date: Mon, 8 Sep 2025 06:00:00 +0200\n"
)
PLAIN = "On Hay.\n\nHay is dry, über alles.\n"
HTML = "<html><body>" + "<p>Hay is dry.</p>" * 50


def message(text: str = PLAIN, html: str = "", *attached: tuple[str, str, bytes]) -> bytes:
    """A message as a mail program makes it; ``attached`` are names, types and contents."""
    mail = EmailMessage()
    mail["From"], mail["Date"] = "list@example.org", "Mon, 8 Sep 2025 06:00:00 +0200"
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    for name, kind, content in attached:
        maintype, subtype = kind.split("/")
        mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return mail.as_bytes()


def read(content: bytes | str, name: str = "mail.eml") -> Text:
    return text_of(daily_file(content, name), None)


def reason(content: bytes | str) -> str:
    with pytest.raises(Unreadable) as caught:
        read(content)
    return str(caught.value)


# --- what a message is ------------------------------------------------------


@pytest.mark.parametrize(
    "start",
    [
        HEAD,
        HEAD.replace("\n", "\r\n"),
        f"\n\n{HEAD}",
        f"\ufeff{HEAD}",
        f"From list@example.org Mon Sep  8 06:00:00 2025\n{HEAD}",
        "from: a@example.org\nSUBJECT: Papers\n",
        "From: “北美洞察” <a@example.org>\nSubject: Papers\n",
        "MIME-Version: 1.0\nContent-Type: text/plain\n",
    ],
)
def test_a_message_is_known_by_its_head(start: str) -> None:
    assert is_letter(f"{start}\nOn Hay.".encode())


@pytest.mark.parametrize(
    "other",
    [
        "",
        "\n\n",
        "From: a@example.org\n\nOn Hay.",
        "Date: Mon, 8 Sep 25 06:00:00 GMT\nSubject: cs daily 2 new\n\n----",
        f"Papers\n{HEAD}\n",
        f"{HEAD}On Hay.\n\nHay is dry.",
        " folded: but onto what\nFrom: a\nTo: b\n\n",
        '{"From": "a", "To": "b"}',
        "title: On Hay\ndate: 2025-09-08\n\nsubject: hay\n",
        "TY  - JOUR\nTI  - On Hay\n",
    ],
)
def test_other_files_are_no_messages(other: str) -> None:
    assert not is_letter(other.encode())


def test_the_date_of_a_message_is_that_of_the_file() -> None:
    assert read(message()).modified == datetime(2025, 9, 8, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "said",
    [
        *("", "yesterday", "Mon, 8 Sep 1970 06:00:00 +0200", "Mon, 8 Sep 2035 06:00:00 +0200"),
        *("Fri, 31 Dec 9999 23:59:59 -2300", "Mon, 99 Sep 2025 06:00:00 +0200", "9" * 5_000),
        *("Mon, 8 Sep 2025 06:00:00 +9999999", "\0"),
    ],
)
def test_a_date_that_cannot_be_is_none(said: str) -> None:
    """B33."""
    assert read(f"From: a\nTo: b\nDate: {said}\n\nOn Hay.").modified == MODIFIED


def test_a_date_without_zone_is_utc() -> None:
    dated = "From: a\nTo: b\nDate: Mon, 8 Sep 2025 06:00:00 -0000\n\nOn Hay."
    assert read(dated).modified == datetime(2025, 9, 8, 6, tzinfo=UTC)


# --- the part that matters --------------------------------------------------


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit", "x-unheard-of"])
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "x-unheard-of", ""])
def test_the_text_is_decoded(encoding: str, charset: str) -> None:
    raw = PLAIN.encode("iso-8859-1" if charset == "iso-8859-1" else "utf-8")
    body = {"base64": base64.encodebytes(raw), "quoted-printable": raw.replace(b".", b"=2E=\n")}
    head = (
        f"{HEAD}Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}"
    )
    assert read(head.encode() + b"\n\n" + body.get(encoding, raw)).text == PLAIN


def test_the_text_goes_before_the_html() -> None:
    long = PLAIN * 30
    assert read(message(long, HTML)).text.strip() == long.strip()


@pytest.mark.parametrize("stub", ["", " \n", "View this mail in your browser: https://example.org"])
def test_a_stub_gives_way_to_the_html(stub: str) -> None:
    assert read(message(stub, HTML)).text.strip() == HTML


def test_the_longest_text_is_the_one() -> None:
    mail = message(PLAIN * 5, "", ("", "text/plain", b"You get this since you asked for it."))
    assert read(mail).text.strip() == (PLAIN * 5).strip()


@pytest.mark.parametrize("name", ["2025-09-01.json", "2025-09-01.JSONL", "2025-09-01.csv"])
def test_an_attached_daily_file_goes_before_the_text(name: str) -> None:
    found = read(message(PLAIN, HTML, (name, "application/octet-stream", b"[]")))
    assert (found.text, found.name) == ("[]", name)


def test_pictures_and_such_are_no_daily_files() -> None:
    others = (("a.png", "image/png", b"\x89PNG"), ("a.pdf", "application/pdf", b"%PDF-"))
    assert read(message(PLAIN, "", *others)).text.strip() == PLAIN.strip()


def test_an_attached_file_may_be_packed() -> None:
    for name, content in (("papers.json.gz", gzip.compress(b"[]")), ("a.zip", _zip())):
        assert read(message(PLAIN, "", (name, "application/gzip", content))).text == "[]"


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("papers.json", b"[]")
    return out.getvalue()


def test_a_message_may_be_packed() -> None:
    assert read(gzip.compress(message())).text.strip() == PLAIN.strip()


def test_two_attached_daily_files_are_one_too_many() -> None:
    both = [(name, "text/csv", b"title\nOn Hay\n") for name in ("a.csv", "b.csv")]
    assert "2 attached files (“a.csv”, “b.csv”): save" in reason(message(PLAIN, "", *both))


def test_a_message_in_a_message_is_part_of_it() -> None:
    outer = EmailMessage()
    outer["From"], outer["To"] = "a@example.org", "b@example.org"
    outer.set_content("Look:")
    inner = EmailMessage()
    inner["From"] = "list@example.org"
    inner.set_content(PLAIN)
    outer.add_attachment(inner)
    assert read(outer.as_bytes()).text.strip() == PLAIN.strip()


def test_a_boundary_that_begins_like_another_is_another() -> None:
    text = (
        f'{HEAD}Content-Type: multipart/mixed;\n boundary="cut"\n\nNo mail program?\n'
        "Content-Type: text/plain\n--cut\nContent-Type: multipart/alternative; boundary=cutter\n\n"
        "--cutter\n\nOn Hay.\n--cutters are sharp\n--cutter  \nContent-Type: text/html\n\n<p>\n"
        "--cutter--\n--cut--\nYou get this since you asked for it, did you not?"
    )
    assert read(text).text == "On Hay.\n--cutters are sharp"


def test_a_message_without_text_is_refused() -> None:
    picture = "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw==\n"
    assert reason(HEAD + picture) == "file: a message without text"


def test_a_mailbox_of_several_messages_is_refused() -> None:
    one = f"From a Mon Sep  8 06:00:00 2025\n{HEAD}\nOn Hay.\n\n"
    assert "a mailbox of several messages" in reason(one + one)
    assert read(one).text.strip() == "On Hay."


# --- cut and hostile ones ---------------------------------------------------


def test_a_cut_message_of_several_parts_is_incomplete_at_every_byte() -> None:
    """B24."""
    whole = message(PLAIN, HTML, ("a.csv", "text/csv", b"title\nOn Hay\n"))
    told = whole.index(b"\n", whole.index(b"Date:")) + 1
    end = len(whole.rstrip()) - len("-")
    for at in range(told, end):
        with pytest.raises(Incomplete):
            read(whole[:at])


def test_a_base64_that_breaks_off_is_incomplete() -> None:
    head = f"{HEAD}Content-Transfer-Encoding: base64\n\n"
    with pytest.raises(Incomplete, match="base64"):
        read(head + base64.encodebytes(PLAIN.encode()).decode().rstrip("=\n")[:-1])


def test_parts_in_parts_end_somewhere() -> None:
    """B28."""
    nested = HEAD
    for depth in range(30):
        nested += f"Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n"
    nested += "\nOn Hay.\n" + "".join(f"--b{depth}--\n" for depth in reversed(range(30)))
    assert "10 in each other" in reason(nested)
    forwarded = HEAD + "Content-Type: message/rfc822\n\n" * 100_000
    assert "10 in each other" in reason(forwarded)


@pytest.mark.parametrize(
    "worst",
    [
        "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n" * 1_000_000,
        "Content-Type: multipart/mixed; boundary=b\n\n" + "--b" * 1_000_000,
        "Content-Type: multipart/mixed; boundary=b\n\n" + ("--b" + " " * 1_000 + ".\n") * 1_000,
        "Content-Type: " + "; boundary" * 100_000 + "\n\nHay.",
        "Content-Type: a" + "\n folded" * 100_000 + "\n\nHay.",
        "X-" + "-" * 1_000_000,
        "Content-Transfer-Encoding: quoted-printable\n\n" + "=" * 1_000_000,
        "\n" + "From \n\n" * 200_000,
    ],
)
def test_a_megabyte_of_the_worst_is_read_in_no_time(worst: str) -> None:
    begun = time.process_time()
    with suppress(Unreadable):
        read(HEAD + worst)
    assert time.process_time() - begun < 1


@unhurried
@given(st.binary(max_size=40), st.integers(0), st.integers(0, 60))
def test_no_change_raises_anything_but_unreadable(noise: bytes, at: int, length: int) -> None:
    """B50."""
    whole = message(PLAIN, HTML, ("a.csv", "text/csv", b"title\nOn Hay\n"))
    start = at % len(whole)
    with suppress(Unreadable):
        assert read(whole[:start] + noise + whole[start + length :]).text.strip()
