"""Mail that means harm: never an exception, never more than a second for 2 MB (B88)."""

from __future__ import annotations

import random
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.returned.mails import (
    BOUNCE_ADDRESS,
    DELIVERY,
    REPLY_ADDRESS,
    UID,
    UNSUBSCRIBE_ADDRESS,
    made,
    mail,
    names,
    understood,
)
from worker.core.tokens import UNSUBSCRIBE
from worker.outcomes import (
    Cause,
)
from worker.returned.mime import DEEPEST, MOST_PARTS, parse, text, walk
from worker.returns import LOOKED_AT, Commanded, Ignored, Returned, Undelivered, Unknown

ADDRESSES = ("", BOUNCE_ADDRESS, UNSUBSCRIBE_ADDRESS, REPLY_ADDRESS)
MB = 1_000_000


def sound(told: Returned) -> None:
    """What is handed on can be stored and logged."""
    match told:
        case Undelivered(_, _, reply):
            assert reply.isprintable()
            assert len(reply) <= 500
            assert "@" not in reply
            assert made(UNSUBSCRIBE, UID) not in reply
        case Commanded(_, said, message_id):
            assert all(line.isprintable() for line in said.split("\n"))
            assert len(said) <= 2000
            assert message_id.isprintable()
        case Ignored(why) | Unknown(why):
            assert why.isprintable()
        case _:
            pass


def nested(depth: int) -> bytes:
    return b"Content-Type: message/rfc822\n\n" * depth + b"stop\n"


def nested_multiparts(depth: int) -> bytes:
    return b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)
    )


REPORT = (
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    b"--b\nContent-Type: message/delivery-status\n\n"
)
HOSTILE = {
    "a header of megabytes": b"Subject: " + b"x" * (2 * MB),
    "a folded header": b"Subject: x" + b"\n " * MB,
    "a header of quotes": b'Content-Type: text/plain; a="' + b'\\";' * (600_000),
    "a boundary of quotes": b"Content-Type: multipart/mixed; " + b'boundary="' * 200_000,
    "very many headers": b"To: a\n" * 300_000,
    "very many To": b"To: " + BOUNCE_ADDRESS.encode() + b", " * MB,
    "nearly addresses": b"To: " + b"b+" * MB,
    "nested messages": nested(60_000),
    "nested parts": nested_multiparts(20_000),
    "very many parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 400_000,
    "line ends only": b"\n" * (2 * MB),
    "carriage returns": b"\r" * (2 * MB),
    "zeros": bytes(2 * MB),
    "dashes": b"\n" + b"-" * (2 * MB),
    "at signs": b"\n" + b"@" * (2 * MB),
    "one long word": b"\n" + b"x" * (2 * MB),
    "blanks": b"\n" + b" " * (2 * MB),
    "quoted lines": b"\n" + b">\n" * MB,
    "On": b"\n" + b"On \n" * 500_000,
    "bounce words": b"\n" + b"Your message\n<a@b> because: 550 \n" * 60_000,
    "long lines": b"\n" + (b"x" * 399 + b"\n") * 5000,
    "long lines of at signs": b"\n" + (b"x@" * 199 + b"\n") * 5000,
    "long lines after a bounce's": b"\nfailed addresses follow:\n" + (b"@<x" * 133 + b"\n") * 5000,
    "a long line after a bounce's": b"\nfailed addresses follow:\n" + b"x" * (2 * MB),
    "HTML tags": b"Content-Type: text/html\n\n" + b"<" * (2 * MB),
    "HTML comments": b"Content-Type: text/html\n\n" + b"<!--" * (MB // 2),
    "HTML entities": b"Content-Type: text/html\n\n" + b"&#9" * (MB // 2),
    "HTML quotes": b"Content-Type: text/html\n\n" + b"<blockquote>" * 200_000,
    "base64": b"Content-Transfer-Encoding: base64\n\n" + b"A=" * MB,
    "quoted-printable": b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=" * (2 * MB),
    "a report of blanks": REPORT + b"Action: failed\n" + b"\n \t" * 600_000,
    "a report of recipients": REPORT + b"Action: delayed\n\n" * 100_000,
    "a long diagnosis": REPORT + b"Action: failed\nDiagnostic-Code: smtp;" + b" 550-" * 400_000,
    "a report of numbers": REPORT + b"Action: failed\nStatus: " + b"5." * MB,
    "a long Message-ID": b"Message-ID: " + b"<" * (2 * MB),
    "encoded words": b"Subject: " + b"=?utf-8?b?" * 200_000,
}


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_takes_long(name: str, address: str) -> None:
    content = HOSTILE[name]
    began = time.process_time()
    sound(understood(content, address))
    assert time.process_time() - began < 1


def test_of_a_huge_bounce_only_the_beginning_is_looked_at() -> None:
    bounce = mail("postfix-user-unknown")
    head, mark, _ = bounce.rpartition(b"\r\n--")
    content = head + b"\r\n" + b"the paper\r\n" * (50 * MB // 11) + mark
    tracemalloc.start()
    try:
        told = understood(content)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(told, Undelivered)
    assert told.cause is Cause.ADDRESS
    assert most < 10 * LOOKED_AT


def test_messages_a_hundred_deep_hide_nothing_that_counts() -> None:
    bounce = mail("postfix-user-unknown").rpartition(b"Content-Type: message/rfc822")[0]
    assert understood(bounce + nested(100)) == understood(mail("postfix-user-unknown"))
    assert isinstance(understood(nested(100) + mail("arf-yahoo")), Unknown)


def test_no_deeper_and_no_more_parts_are_taken_out() -> None:
    assert len(list(walk(parse(nested_multiparts(100))))) == DEEPEST + 1
    assert len(list(walk(parse(HOSTILE["very many parts"])))) == MOST_PARTS + 1


@pytest.mark.parametrize(
    "charset",
    ["x-unknown", "idna", "punycode", "undefined", "rot13", "zlib", "utf-7", "utf-16", ""],
)
def test_a_text_of_any_charset_is_read(charset: str) -> None:
    part = parse(
        f"Content-Type: text/plain; charset={charset}\n\n".encode() + b"stop \xff\xd8+2AA-"
    )
    assert not any("\ud800" <= each <= "\udfff" for each in text(part, 100))


@given(st.binary(max_size=2000), st.sampled_from(ADDRESSES))
@settings(max_examples=500)
def test_any_bytes_mean_something(content: bytes, address: str) -> None:
    sound(understood(content, address))


@given(
    st.lists(
        st.sampled_from(
            [
                *(line for name in ("postfix-user-unknown", "arf-yahoo", "exim-old", "leave-html")
                  for line in mail(name).split(b"\r\n")),
                b"", b"--b", b"--b--", b"\xff\xfe", b"Content-Transfer-Encoding: base64",
                b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: text/html",
                b"Content-Type: message/rfc822", b"<blockquote>", b"<!--",
                "To: \u202eann@example.org".encode(),
            ]
        ),
        max_size=60,
    ),
    st.sampled_from(ADDRESSES),
)  # fmt: skip
@settings(max_examples=500)
def test_lines_of_real_mails_in_any_order_mean_something(lines: list[bytes], address: str) -> None:
    sound(understood(b"\n".join(lines), address))


@pytest.mark.parametrize("name", names())
def test_every_mail_of_the_corpus_broken_at_random_means_something(name: str) -> None:
    chance = random.Random(name)
    whole = mail(name)
    for _ in range(40):
        sound(understood(broken(whole, chance), chance.choice(ADDRESSES)))
    for end in range(0, len(whole), 97):
        sound(understood(whole[:end]))


def broken(content: bytes, chance: random.Random) -> bytes:
    """The mail with a few bytes changed, lost, doubled, or a piece of it moved."""
    octets = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        place, length = chance.randrange(len(octets)), chance.randint(1, 40)
        match chance.randrange(4):
            case 0:
                octets[place] = chance.randrange(256)
            case 1 if len(octets) > 100:
                del octets[place : place + length]
            case 2:
                octets[place:place] = octets[place : place + length]
            case _:
                octets[place:place] = chance.randbytes(length)
    return bytes(octets)


def test_only_what_an_authentic_token_says_comes_out_of_broken_mail() -> None:
    """Whatever is broken in it, it is this delivery or none."""
    chance = random.Random(1)
    whole = mail("postfix-user-unknown")
    for _ in range(300):
        told = understood(broken(whole, chance))
        if isinstance(told, Undelivered):
            assert told.delivery == DELIVERY
