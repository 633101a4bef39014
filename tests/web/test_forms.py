"""Forms: what is read, what is turned away, and with what (B62, B63)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.served import HOST, Served, served
from worker.web import formtoken
from worker.web.forms import MOST_FIELDS, MOST_OCTETS, fields

URLENCODED = "application/x-www-form-urlencoded"


async def read(request: Request) -> Response:
    """Shows what was read, as JSON."""
    return JSONResponse(dict(await fields(request, within=0.3)))


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, pages=[Route("/read", read, methods=["POST"])]) as there:
        yield there


async def sent(site: Served, body: bytes | str, kind: str = URLENCODED) -> httpx.Response:
    return await site.client.post("/read", content=body, headers={"Content-Type": kind})


def multipart(*parts: str, end: str = "--") -> str:
    return "".join(f"--sep\r\n{part}\r\n" for part in parts) + f"--sep{end}\r\n"


def part(name: str, value: str = "x") -> str:
    return f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'


async def test_a_form_is_read(site: Served) -> None:
    answer = await sent(
        site, urlencode({"address": "a@x.org", "rules": "größe\r\nb\rc\n", "e": ""})
    )
    assert answer.json() == {"address": "a@x.org", "rules": "größe\nb\nc\n", "e": ""}


async def test_so_is_one_in_parts(site: Served) -> None:
    body = multipart(part("address", "a@x.org"), part("rules", "größe\r\nb"))
    answer = await sent(site, body, "multipart/form-data; boundary=sep")
    assert answer.json() == {"address": "a@x.org", "rules": "größe\nb"}


@pytest.mark.parametrize("kind", [URLENCODED, "multipart/form-data; boundary=sep", ""])
async def test_nothing_sent_is_a_form_without_fields(site: Served, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = await site.client.post("/read", headers=headers)
    assert answer.json() == {}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"address": "a@x.org"}', "application/json"),
        ("address=a@x.org", "text/plain"),
        ("address=a@x.org", ""),
        ("<a/>", "application/xml"),
        (
            multipart('Content-Disposition: form-data; name="f"; filename="f.txt"\r\n\r\nx'),
            "multipart/form-data; boundary=sep",
        ),
    ],
)
async def test_what_is_no_form_is_turned_away(site: Served, body: str, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = await site.client.post("/read", content=body.encode(), headers=headers)
    assert answer.status_code == 415
    assert "That is not a form" in answer.text


@pytest.mark.parametrize(
    "body",
    [
        "a=1&a=2",
        "email[]=1",
        "email[0]=1",
        "a=%00",
        "a%00=1",
        "a=%ff",
        "a=%ED%A0%80",
        b"a=\xff",
        "&".join(f"f{n}=1" for n in range(MOST_FIELDS + 1)),
    ],
)
async def test_what_no_form_of_ours_can_have_sent_is_turned_away(
    site: Served, body: bytes | str
) -> None:
    assert (await sent(site, body)).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        multipart(part("a"), part("a")),
        multipart(part("a[]")),
        multipart(part("a", "\0")),
        multipart(*(part(f"f{n}") for n in range(MOST_FIELDS + 1))),
        multipart(part("a"), end=""),
        multipart("Content-Type: text/plain\r\n\r\nx"),
        multipart('Content-Disposition: attachment; name="a"\r\n\r\nx'),
        multipart("\0: \0\r\n\r\n"),
        multipart("Content-Disposition: form-data; name=a" + "; b=c" * 2000),
        multipart(*("A: b\r\n" * 20,)),
        "no part at all",
    ],
)
async def test_nor_in_parts(site: Served, body: str) -> None:
    answer = await sent(site, body, "multipart/form-data; boundary=sep")
    assert answer.status_code == 400


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=" + "x" * 300, "; boundary=é"])
async def test_nor_without_a_boundary_that_can_be_one(site: Served, boundary: str) -> None:
    kind = f"multipart/form-data{boundary}".encode()
    answer = await site.client.post(
        "/read", content=multipart(part("a")).encode(), headers=[(b"Content-Type", kind)]
    )
    assert answer.status_code == 400


async def test_fifty_fields_and_sixteen_thousand_octets_are_read(site: Served) -> None:
    body = "&".join(f"f{n:02}=1" for n in range(MOST_FIELDS))
    full = body + "1" * (MOST_OCTETS - len(body))
    assert len((await sent(site, full)).json()) == MOST_FIELDS
    assert (await sent(site, full + "1")).status_code == 413


@pytest.mark.parametrize("size", [MOST_OCTETS + 1, 10_000_000])
async def test_too_much_is_turned_away_unread(site: Served, size: int) -> None:
    """Also in pieces whose number nobody said beforehand."""

    def pieces() -> Iterator[bytes]:
        for _ in range(0, size, 4096):
            yield b"a" * 4096

    async def chunked() -> AsyncIterator[bytes]:
        for piece in pieces():
            yield piece

    headers = {"Content-Type": URLENCODED}
    for content in (b"a" * size, chunked()):
        async with httpx.AsyncClient(base_url=site.client.base_url, headers={"Host": HOST}) as one:
            answer = await one.post("/read", content=content, headers=headers)
            assert answer.status_code == 413


@pytest.mark.parametrize("said", ["Content-Length: 100", "Transfer-Encoding: chunked"])
async def test_a_form_that_does_not_come_is_not_waited_for(site: Served, said: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    head = f"POST /read HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {URLENCODED}\r\n{said}\r\n\r\n"
    writer.write(head.encode() + b"2\r\na=\r\n")
    async with asyncio.timeout(5):
        assert (await reader.readline()).split()[1] == b"408"
    writer.close()


async def test_the_token_of_a_form_is_believed_for_an_hour_and_has_one_number(site: Served) -> None:
    token = formtoken.issued(site.site, "subscribe")
    start = site.clock.at
    found = list[int | None]()
    for seconds in (0.3, 1.9, 3, 3599, 3601):
        site.clock.at = start + timedelta(seconds=seconds)
        found.append(formtoken.checked(site.site, {"form": token}, "subscribe"))
    assert [each is None for each in found] == [True, True, False, False, True]
    assert found[2] == found[3]


@pytest.mark.parametrize("part", [0, 1, 500_000, 999_000, 999_999])
async def test_it_is_believed_after_two_seconds_whatever_the_part_of_a_second(
    site: Served, part: int
) -> None:
    site.clock.at += timedelta(microseconds=part)
    token = formtoken.issued(site.site, "link")
    site.clock.at += timedelta(seconds=1.999)
    assert formtoken.checked(site.site, {"form": token}, "link") is None
    site.clock.at += timedelta(seconds=0.003)
    assert formtoken.checked(site.site, {"form": token}, "link") is not None


async def test_no_other_token_is(site: Served) -> None:
    token = formtoken.issued(site.site, "subscribe")
    site.clock.at += timedelta(seconds=10)

    def checked(form: dict[str, str], purpose: str = "subscribe") -> int | None:
        return formtoken.checked(site.site, form, purpose)

    assert checked({"form": token}) is not None
    assert checked({"form": token, "website": ""}) is not None
    assert checked({"form": token, "website": "http://x"}) is None
    assert checked({"form": token}, "link") is None
    assert checked({}) is None
    for text in ("", token[:-1], token + "=", "é" * 40, "A" * 40, token.swapcase()):
        assert checked({"form": text}) is None


async def test_a_token_is_another_each_time(site: Served) -> None:
    assert formtoken.issued(site.site, "link") != formtoken.issued(site.site, "link")
