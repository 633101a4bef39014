"""Fetching over HTTP from a server that misbehaves: whatever it does is an answer, and bounded."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.certificates import certified
from tests.httpd import Website, silence, website
from worker.core.fetching import Failed, Fetched, Request, Unchanged
from worker.fetcher import HttpFetcher, may_follow

FETCHER = HttpFetcher("PaperRound/test (+https://papers.example.org)", patience=5)


@pytest.fixture
async def site() -> AsyncIterator[Website]:
    async with website() as made:
        yield made


async def why(url: str, fetcher: HttpFetcher = FETCHER) -> str:
    answer = await fetcher.get(Request(url))
    assert isinstance(answer, Failed)
    assert "\n" not in answer.why
    assert "secret" not in answer.why
    return answer.why


async def test_what_a_server_has_comes_whole_with_its_tag_and_time(site: Website) -> None:
    then = "Mon, 08 Sep 2025 06:00:00 GMT"
    url = site.says("/day?token=x", b"[1]", ETag='"a"', Last_Modified=then)
    assert await FETCHER.get(Request(url)) == Fetched(b"[1]", '"a"', then)
    (asked,) = site.asked
    assert "user-agent: paperround/test (+https://papers.example.org)" in asked.lower()
    assert "if-none-match" not in asked.lower()


async def test_a_known_state_is_not_sent_again(site: Website) -> None:
    url = site.says("/day", b"", "304 Not Modified")
    assert await FETCHER.get(Request(url, etag='"a"', last_modified="then")) == Unchanged()
    assert await FETCHER.get(Request(url, last_modified="then")) == Unchanged()
    assert '"a"' in site.asked[0]
    assert "if-modified-since: then" in site.asked[1].lower()
    assert await why(url) == "304 Not Modified"


@pytest.mark.parametrize(
    "status", ["500 Oh", "502 Bad Gateway", "404 Not Found", "403 No", "204 No Content", "206 Part"]
)
async def test_any_other_status_is_a_failure_and_never_an_empty_day(
    site: Website, status: str
) -> None:
    assert await why(site.says("/day", b"[]", status)) == status


async def test_an_empty_answer_is_a_failure(site: Website) -> None:
    assert await why(site.says("/day", b"")) == "200, but nothing in it"


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [
        ("120", 120, 120),
        ("soon", 0, 0),
        ("-5", 0, 0),
        ("9" * 400, 10**8, 10**8),
        ("Mon, 08 Sep 99999 06:00:00 GMT", 0, 0),
    ],
)
async def test_a_server_that_asks_to_wait_is_heard(
    site: Website, told: str, least: int, most: int
) -> None:
    url = site.says("/day", b"", "429 Too Many Requests", Retry_After=told)
    answer = await FETCHER.get(Request(url))
    assert isinstance(answer, Failed)
    assert least <= answer.wait.total_seconds() <= most


async def test_a_server_that_asks_to_wait_until_a_moment_is_heard(site: Website) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    url = site.says("/day", b"", "503 Service Unavailable", Retry_After=until)
    answer = await FETCHER.get(Request(url))
    assert isinstance(answer, Failed)
    assert 3000 <= answer.wait.total_seconds() <= 3600


async def test_redirects_are_followed_but_not_without_end(site: Website) -> None:
    site.says("/there", b"[1]")
    url = site.says("/here", b"", "301 Moved", Location="/there")
    assert await FETCHER.get(Request(url)) == Fetched(b"[1]")
    loop = site.says("/loop", b"", "302 Found", Location="/loop")
    assert await why(loop) == "more than 5 redirects"


@pytest.mark.parametrize(
    "target",
    [
        *("file:///etc/passwd", "ftp://127.0.0.1/x", "http://192.0.2.1/secret", ""),
        *("gopher://x", "http://localhost.example.org/"),
    ],
)
async def test_a_redirect_to_an_unsafe_place_is_not_followed(site: Website, target: str) -> None:
    url = site.says("/here", b"", "302 Found", **({"Location": target} if target else {}))
    expected = "302: a redirect" if target else "more than 5 redirects"
    assert (await why(url)).startswith(expected)


async def test_a_redirect_to_no_address_at_all_is_a_failure(site: Website) -> None:
    url = site.says("/here", b"", "302 Found", Location="http://[::1")
    assert await why(url) == "RemoteProtocolError"


@pytest.mark.parametrize(
    ("url", "target", "followed"),
    [
        ("https://a.example.org/", "https://b.example.org/x", True),
        ("https://a.example.org/", "http://a.example.org/x", False),
        ("https://a.example.org/", "https://127.1/x", False),
        ("https://a.example.org/", "https://10.0.0.1/x", False),
        ("https://a.example.org/", "https://localhost./x", False),
        ("http://127.0.0.1:1/", "http://localhost:2/", True),
        ("http://127.0.0.1:1/", "https://a.example.org/", True),
        ("http://127.0.0.1:1/", "http://a.example.org/", False),
    ],
)
def test_a_redirect_is_followed_over_tls_and_never_from_outside_to_in_here(
    url: str, target: str, followed: bool
) -> None:
    assert may_follow(url, target) is followed


async def cut_short(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1, 2")


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1, 2")
    await writer.drain()
    await asyncio.sleep(0.1)  # so that a part has arrived before the connection is torn down
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    for __ in range(400):
        writer.write(b"x" * 2**16)
        await writer.drain()


BOMB = gzip.compress(bytes(20 * 2**20))
BOMBED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (cut_short, "RemoteProtocolError"),
        (reset, "ReadError"),
        (drip, "no whole answer within 1 s"),
        (silence, "no whole answer within 1 s"),
        (flood, "larger than 1,048,576 bytes"),
        (BOMBED + BOMB, "larger than 1,048,576 bytes"),
        (BOMBED + bytes(len(BOMB)), "DecodingError"),
        (b"220 smtp ready\r\n", "RemoteProtocolError"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "RemoteProtocolError"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n", "RemoteProtocolError"),
        (b"", "RemoteProtocolError"),
    ],
)
async def test_a_server_that_misbehaves_is_a_failure_in_bounded_time_and_room(
    site: Website, answer: bytes, told: str
) -> None:
    hasty = HttpFetcher("test", cap=2**20, patience=1)
    assert (await why(site.acts("/day", answer), hasty)).startswith(told)


async def test_nobody_there_is_a_failure() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and not listening
        port = taken.getsockname()[1]
        assert (await why(f"http://127.0.0.1:{port}/secret")).startswith("ConnectError")


@pytest.mark.parametrize("url", ["http://[::1/secret", "http://127.0.0.1:0/secret", "http:///x"])
async def test_an_address_that_is_none_is_a_failure(url: str) -> None:
    assert await why(url)


async def test_only_a_certificate_of_an_authority_that_is_trusted_will_do(tmp_path: Path) -> None:
    ours = certified(tmp_path)
    async with website(ours.context) as site:
        url = site.says("/day", b"[1]")
        trusting = ssl.create_default_context(cafile=ours.ca_file)
        assert await HttpFetcher("test", verify=trusting).get(Request(url)) == Fetched(b"[1]")
        assert "CERTIFICATE_VERIFY_FAILED" in await why(url)


async def test_a_certificate_for_another_name_will_not_do(tmp_path: Path) -> None:
    other = certified(tmp_path, "other.example.org")
    trusting = ssl.create_default_context(cafile=other.ca_file)
    async with website(other.context) as site:
        url = site.says("/day", b"[1]")
        assert "CERTIFICATE_VERIFY_FAILED" in await why(url, HttpFetcher("test", verify=trusting))
