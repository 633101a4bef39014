"""The guard round every page: headers, hosts, methods, errors, and what is noted (B70, B72-B74)."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.web.served import HOST, Served, served
from tests.web.wire import asked, get
from worker.model import Refused
from worker.web.asking import peer_of
from worker.web.forms import fields
from worker.web.turned import STATUSES, Turned

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SECRET = "reader@private.example"


async def fine(request: Request) -> Response:
    return PlainTextResponse(
        "fine", headers={"Cache-Control": "private, max-age=60", "X-Robots-Tag": "all"}
    )


async def failing(request: Request) -> Response:
    raise ValueError(SECRET)


async def busy(request: Request) -> Response:
    raise Refused("the ledger is busy", os.EX_TEMPFAIL)


async def breaking_off(request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        raise ValueError(SECRET)

    return StreamingResponse(pieces(), media_type="text/plain")


async def turning(request: Request) -> Response:
    raise Turned(int(request.path_params["status"]))


async def reading(request: Request) -> Response:
    return PlainTextResponse(" ".join(await fields(request)))


PAGES = [
    Route("/fine", fine),
    Route("/failing/{token}", failing, methods=["GET", "POST"]),
    Route("/busy", busy),
    Route("/breaking", breaking_off),
    Route("/turned/{status:int}", turning),
    Route("/form", reading, methods=["POST"]),
    Route("/u/{token}", reading, methods=["POST"]),
]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, pages=PAGES) as there:
        yield there


def assert_dressed(headers: dict[str, str], *, cache: str = "no-store") -> None:
    assert headers["content-security-policy"] == CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "camera=(), " in headers["permissions-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["x-robots-tag"] == "noindex"
    assert headers["cache-control"] == cache
    assert headers["content-type"].endswith("charset=utf-8") or "svg" in headers["content-type"]
    assert "server" not in headers
    assert not [name for name in headers if name.startswith("access-control")]
    assert "set-cookie" not in headers


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (get("/fine"), 200),
        (get("/nowhere"), 404),
        (get("/fine", method="POST"), 405),
        (get("/fine", method="PUT"), 405),
        (get("/fine", method="OPTIONS"), 405),
        (get("*", method="OPTIONS"), 405),
        (get("/fine", method="TRACE"), 405),
        (get("evil.example:443", method="CONNECT"), 405),
        (get("/fine", method="BREW"), 405),
        (get("/form"), 405),
        (get("/fine", host="evil.example"), 421),
        (get("http://evil.example/fine"), 421),
        (get(f"http://{HOST}/fine", host="evil.example"), 200),
        ("GET /fine HTTP/1.1\r\n\r\n", 400),
        ("GET /fine HTTP/1.0\r\n\r\n", 400),
        (get("/fine", version="1.0"), 200),
        (get("/" + "a" * 3000), 404),
        (get("/fine?q=" + "a" * 64_000), 431),
        (f"GET /fine HTTP/1.1\r\nHost: {HOST}\r\nX: {'a' * 64_000}\r\n\r\n", 431),
        (f"GET /fine HTTP/1.1\r\nHost: {HOST}\r\n" + "X: a\r\n" * 9000 + "\r\n", 431),
        (f"GET /fine HTTP/1.1\r\nHost: {HOST}\r\nX: {'a' * 1_000_000}", 431),
        (get("/%ff"), 404),
        (get("/u/%0d%0aSet-Cookie:x=1"), 404),
        (get("//evil.example/"), 404),
        (get("//evil.example/.."), 404),
        (get("/../etc/passwd"), 404),
        (get("/static/../../pyproject.toml"), 404),
        (get("/static/%2e%2e/%2e%2e/pyproject.toml"), 404),
        (get("/fine/"), 404),
        ("GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n".encode("latin-1"), 400),
        ("no request at all\r\n\r\n", 400),
        ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (get("/failing/T0KEN"), 500),
        (get("/busy"), 503),
        *[(get(f"/turned/{status}"), status) for status in STATUSES],
        (get("/turned/418"), 400),
        (get("/turned/599"), 500),
    ],
)
async def test_every_answer_is_dressed(site: Served, request_: str | bytes, status: int) -> None:
    got = await asked(site.port, request_)
    assert got.status == status
    assert_dressed(got.headers, cache="private, max-age=60" if status == 200 else "no-store")
    assert b"evil" not in got.body
    assert "location" not in got.headers
    if status == 405 and "turned" not in str(request_):
        assert got.headers["allow"]
    if status >= 400:
        assert got.body == b"" or b"<h1>" in got.body


async def test_no_address_is_as_long_as_sixty_thousand_characters(site: Served) -> None:
    got = await asked(site.port, get("/" + "a" * 64_000))
    assert got.status == 431
    assert_dressed(got.headers)


async def test_a_page_of_the_fixed_list_may_be_kept_a_while(site: Served) -> None:
    for name in ("style.css", "icon.svg"):
        answer = await site.client.get(f"/static/{name}")
        assert answer.status_code == 200
        assert_dressed(dict(answer.headers), cache="public, max-age=3600")
    answer = await site.client.get("/static/none.css")
    assert answer.status_code == 404
    assert_dressed(dict(answer.headers))


async def test_head_is_get_without_a_body(site: Served) -> None:
    get_, head = await site.client.get("/fine"), await site.client.head("/fine")
    left_out = {"date"}
    for name in set(get_.headers) | set(head.headers) - left_out:
        if name not in left_out:
            assert get_.headers[name] == head.headers[name]
    assert head.content == b""


async def test_without_tls_browsers_are_not_told_to_insist_on_it(tmp_path: Path) -> None:
    async with served(tmp_path, local=True, pages=PAGES) as site:
        answer = await site.client.get("/fine")
        assert "strict-transport-security" not in answer.headers


async def test_a_site_can_lie_below_a_path(tmp_path: Path) -> None:
    async with served(tmp_path, base_url=f"https://{HOST}/daily") as site:
        for path in ("/daily", "/daily/", "/daily/static/style.css"):
            assert (await site.client.get(path)).status_code == 200
        for path in ("/", "/static/style.css", "/dailyx", "/dail"):
            assert (await site.client.get(path)).status_code == 404
        front = (await site.client.get("/daily")).text
        assert 'href="/daily/static/style.css"' in front


async def test_a_page_that_fails_is_noted_without_a_word_of_what_was_asked(
    site: Served, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await site.client.get("/failing/T0KEN?q=S3CRET")
    assert "Something went wrong here" in answer.text
    (event,) = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert event.getMessage() == "page failed"
    assert (event.page, event.error) == ("/failing/*", "ValueError")  # type: ignore[attr-defined]
    assert "test_guard.py:" in event.at  # type: ignore[attr-defined]
    everything = json.dumps([str(each.__dict__) for each in caplog.records])
    for secret in (SECRET, "T0KEN", "S3CRET", "127.0.0.1", "Traceback"):
        assert secret not in everything + answer.text


async def test_one_that_breaks_off_ends_the_connection(
    site: Served, caplog: pytest.LogCaptureFixture
) -> None:
    got = await asked(site.port, get("/breaking"))
    assert got.status == 200
    assert [each.getMessage() for each in caplog.records] == ["page failed"]
    assert SECRET not in str(caplog.records[0].__dict__)
    assert (await site.client.get("/fine")).status_code == 200


async def test_forms_that_were_sent_are_noted_and_nothing_else_is(
    site: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await site.client.get("/fine")
    await site.client.post("/u/T0KEN", data={"address": SECRET})
    await site.client.post("/form", json={"address": SECRET})
    await site.client.post("/nowhere/T0KEN")
    ours = [each for each in caplog.records if each.name.startswith(("worker", "uvicorn"))]
    said = [(each.getMessage(), each.page, each.status) for each in ours]  # type: ignore[attr-defined]
    assert said == [
        ("page answered", "/u/*", 200),
        ("page answered", "/form", 415),
        ("page answered", "none", 404),
    ]
    everything = " ".join(str(each.__dict__) for each in ours)
    for secret in (SECRET, "T0KEN", "127.0.0.1"):
        assert secret not in everything


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": f"https://{HOST}"}, 200),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_forms_come_from_our_pages_but_one_click_from_anywhere(
    site: Served, headers: dict[str, str], status: int
) -> None:
    data = {"List-Unsubscribe": "One-Click"}
    assert (await site.client.post("/form", data=data, headers=headers)).status_code == status
    assert (await site.client.post("/u/x", data=data, headers=headers)).status_code == 200


@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_one_click_needs_no_more_than_rfc_8058_says(site: Served, version: str) -> None:
    """No User-Agent, no Origin, HTTP/1.0."""
    form = "List-Unsubscribe=One-Click"
    kind = "application/x-www-form-urlencoded"
    head = f"POST /u/x HTTP/{version}\r\nHost: {HOST}\r\nContent-Type: {kind}\r\n"
    got = await asked(site.port, f"{head}Content-Length: {len(form)}\r\n\r\n{form}")
    assert (got.status, got.body) == (200, b"List-Unsubscribe")


async def test_a_forwarded_host_changes_nothing(site: Served) -> None:
    forged = {
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
        "X-Original-URL": "/failing/x",
        "X-HTTP-Method-Override": "PUT",
        "X-Forwarded-Prefix": "/evil",
    }
    answer = await site.client.get("/nowhere", headers=forged)
    assert answer.status_code == 404
    assert "evil" not in answer.text + str(answer.headers)


async def who(request: Request) -> Response:
    return PlainTextResponse(peer_of(request))


@pytest.mark.parametrize(
    ("proxies", "seen"), [("", "127.0.0.1"), ('proxies = "127.0.0.1"\n', "198.51.100.7")]
)
async def test_who_asks_is_believed_of_proxies_alone(
    tmp_path: Path, proxies: str, seen: str
) -> None:
    """B60: whoever may write what he likes to the left of what the proxy adds."""
    async with served(tmp_path, proxies, pages=[Route("/who", who)]) as site:
        headers = [("X-Forwarded-For", "203.0.113.1"), ("X-Forwarded-For", "bogus, 198.51.100.7")]
        assert (await site.client.get("/who", headers=headers)).text == seen
