"""At the door: which requests are let in (B72, B73, B74)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.doors import PRIVATE, Knock, house, let_in

HOUSE = house("https://papers.example.org")
BELOW = house("https://papers.example.org/daily")
HERE = ("192.0.2.10", 8080)


def knock(
    target: str = "/",
    method: str = "GET",
    host: str = "papers.example.org",
    at: tuple[str, int] = HERE,
    more: Mapping[str, str] = {},
    **headers: str,
) -> Knock:
    pairs = [("host", host)] if host else []
    headers = {**headers, **more}
    pairs += [(name.replace("_", "-"), value) for name, value in headers.items()]
    octets = [(name.encode(), value.encode()) for name, value in pairs]
    return Knock(method, target.encode(), octets, at)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_it_is_read_and_sent_forms(method: str) -> None:
    assert let_in(knock(method=method), HOUSE) == "/"


@pytest.mark.parametrize(
    "method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "X"]
)
def test_and_nothing_else(method: str) -> None:
    assert let_in(knock(method=method), HOUSE) == 405


@pytest.mark.parametrize(
    "host", ["papers.example.org", "Papers.Example.ORG", "papers.example.org:443"]
)
def test_it_goes_by_the_name_that_is_configured(host: str) -> None:
    assert let_in(knock(host=host), HOUSE) == "/"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "papers.example.org.evil.example",
        "papers.example.org:8080",
        "papers.example.org@evil.example",
        "papers.example.org, evil.example",
        "192.0.2.10",
        "192.0.2.11:8080",
        "localhost:8080",
    ],
)
def test_and_by_no_other(host: str) -> None:
    assert let_in(knock(host=host), HOUSE) == 421


@pytest.mark.parametrize(
    ("at", "host"),
    [
        (("192.0.2.10", 8080), "192.0.2.10:8080"),
        (("::ffff:192.0.2.10", 8080), "192.0.2.10:8080"),
        (("2001:db8::1", 8080), "[2001:db8::1]:8080"),
        (("127.0.0.1", 8080), "127.0.0.1:8080"),
        (("127.0.0.1", 8080), "localhost:8080"),
        (("192.0.2.10", 80), "192.0.2.10"),
    ],
)
def test_the_very_address_that_it_listens_at_is_a_name_too(at: tuple[str, int], host: str) -> None:
    assert let_in(knock(host=host, at=at), HOUSE) == "/"
    assert let_in(knock(host=host, at=("", 0)), HOUSE) == 421
    form = knock(method="POST", host=host, at=at, origin=f"http://{host}")
    assert let_in(form, HOUSE) == "/"


def test_a_port_of_its_own_belongs_to_the_name() -> None:
    with_port = house("http://localhost:8080")
    assert with_port.origin == "http://localhost:8080"
    assert let_in(knock(host="localhost:8080"), with_port) == "/"
    assert let_in(knock(host="localhost"), with_port) == "/"
    assert let_in(knock(host="localhost:80"), with_port) == 421
    assert house("https://[::1]:8443").hosts == {"[::1]", "[::1]:8443"}
    assert house("https://papers.example.org:443").origin == "https://papers.example.org"


def test_without_a_host_nothing_is_asked() -> None:
    assert let_in(knock(host=""), HOUSE) == 400
    two = Knock("GET", b"/", [(b"host", b"papers.example.org")] * 2, HERE)
    assert let_in(two, HOUSE) == 400
    assert let_in(Knock("GET", b"/", [(b"host", b"")], HERE), HOUSE) == 400


def test_a_whole_address_is_asked_of_the_host_in_it() -> None:
    assert let_in(knock("http://papers.example.org/archive"), HOUSE) == "/archive"
    assert let_in(knock("HTTPS://papers.example.org"), HOUSE) == "/"
    assert let_in(knock("http://papers.example.org/", host="evil.example"), HOUSE) == "/"
    assert let_in(knock("http://evil.example/"), HOUSE) == 421
    assert let_in(knock("http://papers.example.org@evil.example/"), HOUSE) == 421


@pytest.mark.parametrize("target", ["*", "evil.example:443", "ftp://papers.example.org/", ""])
def test_what_is_no_path_is_not_asked(target: str) -> None:
    assert let_in(knock(target), HOUSE) == 400


def test_what_others_say_of_the_host_is_not_read() -> None:
    assert let_in(knock(x_forwarded_host="evil.example"), HOUSE) == "/"
    forwarded = knock(host="evil.example", x_forwarded_host="papers.example.org")
    assert let_in(forwarded, HOUSE) == 421


def test_a_path_has_an_end() -> None:
    assert let_in(knock("/" + "a" * 1999), HOUSE) == "/" + "a" * 1999
    assert let_in(knock("/" + "a" * 2000), HOUSE) == 404


def test_so_has_all_that_is_said_before_the_form() -> None:
    long = Knock("GET", b"/", [(b"host", b"papers.example.org")], HERE, octets=16 * 1024)
    assert let_in(long, HOUSE) == "/"
    assert let_in(replace(long, octets=16 * 1024 + 1), HOUSE) == 431


@pytest.mark.parametrize(
    "target",
    ["/u/%0d%0aSet-Cookie:", "/%00", "/a%7fb", "/%ff", "/%c0%af", "/%ed%a0%80", "/%e2%80%a8"],
)
def test_a_path_is_text_of_one_line(target: str) -> None:
    assert let_in(knock(target), HOUSE) == 404


@pytest.mark.parametrize("target", ["//evil.example", "/../etc/passwd", "/%2e%2e/etc", "/a/../b"])
def test_what_no_page_goes_by_stays_as_it_is(target: str) -> None:
    assert let_in(knock(target), HOUSE) == target.replace("%2e", ".")


def test_a_length_that_can_be_read_in_two_ways_is_refused() -> None:
    two = knock(method="POST", content_length="5", transfer_encoding="chunked")
    assert let_in(two, HOUSE) == 400
    assert let_in(knock(method="POST", transfer_encoding="chunked"), HOUSE) == "/"


@pytest.mark.parametrize(
    ("headers", "is_let_in"),
    [
        ({}, True),  # an old browser, or none
        ({"origin": "https://papers.example.org"}, True),
        ({"origin": "https://papers.example.org", "sec_fetch_site": "same-origin"}, True),
        ({"origin": "null", "sec_fetch_site": "same-origin"}, True),  # as Chromium does
        ({"sec_fetch_site": "none"}, True),
        ({"origin": "null"}, False),
        ({"origin": "null", "sec_fetch_site": "none"}, False),
        ({"origin": "null", "sec_fetch_site": "cross-site"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "http://papers.example.org"}, False),
        ({"origin": "https://papers.example.org:8443"}, False),
        ({"origin": "https://papers.example.org.evil.example"}, False),
        ({"origin": ""}, False),
        ({"origin": "https://evil.example", "sec_fetch_site": "same-origin"}, False),
        ({"sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "same-origin, cross-site"}, False),
    ],
)
def test_forms_are_taken_from_our_own_pages(headers: dict[str, str], *, is_let_in: bool) -> None:
    form = knock("/subscribe", "POST", more=headers)
    assert let_in(form, HOUSE) == ("/subscribe" if is_let_in else 403)
    assert let_in(knock("/subscribe", more=headers), HOUSE) == "/subscribe"


def test_but_one_click_comes_from_anywhere() -> None:
    """RFC 8058: a mail program or its provider sends it."""
    afar = {"origin": "https://mail.example", "sec_fetch_site": "cross-site"}
    assert let_in(knock("/u/x", "POST", more=afar), HOUSE) == "/u/x"
    assert let_in(knock("/daily/u/x", "POST", more=afar), BELOW) == "/daily/u/x"
    assert let_in(knock("/u/x", "POST", more=afar), BELOW) == 403
    assert let_in(knock("/u", "POST", more=afar), HOUSE) == 403


def test_a_site_below_a_path_is_found_without_the_last_stroke_too() -> None:
    assert let_in(knock("/daily"), BELOW) == "/daily/"
    assert let_in(knock("/daily/archive"), BELOW) == "/daily/archive"


@given(st.text(max_size=8), st.binary(), st.lists(st.tuples(st.binary(), st.binary())))
def test_whatever_is_asked_there_is_an_answer(
    method: str, target: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    for each in (method, "POST"):
        named = [*headers, (b"host", b"papers.example.org")]
        assert let_in(Knock(each, target, named, HERE), HOUSE)


@pytest.mark.parametrize(
    ("at", "host"),
    [
        (("127.0.0.1", 8081), "127.0.0.1:8081"),
        (("127.0.0.1", 8081), "localhost:8081"),
        (("127.0.0.1", 8081), "LocalHost:9000"),
        (("127.0.0.1", 8081), "localhost"),
        (("127.0.0.2", 8081), "127.0.0.2:8081"),
        (("::1", 8081), "[::1]:9000"),
        (("::1", 8081), "[::1]"),
    ],
)
def test_a_private_house_goes_by_its_address_also_through_a_tunnel(
    at: tuple[str, int], host: str
) -> None:
    assert let_in(knock(host=host, at=at), PRIVATE) == "/"


@pytest.mark.parametrize(
    "host",
    [
        "papers.example.org",
        "evil.example:8081",
        "localhost.evil.example:8081",
        "localhost:8081:8081",
        "localhost:",
        "localhost:123456",
        "localhost:80a",
        "127.0.0.2:8081",
        "127.0.0.1.evil.example",
        "evil.example@localhost",
        "[::1]:8081",
    ],
)
def test_and_by_no_name_that_was_made_to_lead_there(host: str) -> None:
    assert let_in(knock(host=host, at=("127.0.0.1", 8081)), PRIVATE) == 421
    assert let_in(knock(host=host, at=("", 0)), PRIVATE) == 421


@pytest.mark.parametrize(("method", "found"), [("GET", "/"), ("HEAD", "/"), ("POST", 405)])
def test_a_private_house_is_only_read(method: str, found: str | int) -> None:
    assert let_in(knock(method=method, host="localhost", at=("127.0.0.1", 80)), PRIVATE) == found
