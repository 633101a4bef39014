"""The site inside the daemon, and alone beside it: real processes, real signals."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.installation import Installation, daily, stopped, subscriber
from tests.smtpd import MailServer
from tests.test_daemon import arrived
from tests.web.served import HOST
from tests.web.wire import asked, get, read
from worker.cli.frontdesk import FrontDesk
from worker.cli.main import run
from worker.clock import SystemClock
from worker.config.settings import read_settings
from worker.config.web import Listen
from worker.opening import opened

RELOADED = "settings reloaded"


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def installed(folder: Path, port: int | None) -> Installation:
    installation = Installation(folder, 1)
    if port is not None:
        listen_at(installation, port)
    return installation


def listen_at(installation: Installation, port: int) -> None:
    file = installation.home / "paperround.toml"
    kept = file.read_text().split("\n[web]")[0]
    file.write_text(f'{kept}\n[web]\nlisten = "127.0.0.1:{port}"\n')


async def status_of(port: int, path: str = "/healthz") -> int:
    """The status, 0 where nobody listens."""
    try:
        return (await asked(port, get(path))).status
    except ConnectionError:
        return 0


async def once(port: int, status: int, path: str = "/healthz") -> None:
    async with asyncio.timeout(40):
        while await status_of(port, path) != status:
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def web_alone(installation: Installation, *words: str) -> AsyncIterator[str]:
    """``paperround web`` until SIGTERM; gives the line that it says where it listens."""
    process = await asyncio.create_subprocess_exec(
        *installation.arguments("web", *words), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr
    try:
        line = ""
        async with asyncio.timeout(20):
            while "listens at" not in line:
                octets = await process.stderr.readline()
                assert octets, "it ended"
                line = octets.decode()
        yield line
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        await process.stderr.read(-1)
        assert await process.wait() == os.EX_OK
        assert time.monotonic() - started < 2.5
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_daemon_answers_where_it_is_told_to_listen(tmp_path: Path) -> None:
    port = free_port()
    installation = installed(tmp_path, port)
    async with installation.daemon() as process:
        await once(port, 200, "/readyz")
        assert await status_of(port, "/") == 200
        robots = await asked(port, get("/robots.txt"))
        assert robots.body == b"User-agent: *\nDisallow: /\n"
        ready = await asked(port, get("/readyz", host=f"127.0.0.1:{port}"))
        assert (ready.status, ready.body) == (200, b"ok")
        assert await stopped(process) == os.EX_OK
    assert await status_of(port) == 0
    assert "healthz" not in installation.errors.read_text()


async def test_without_a_place_to_listen_at_there_is_no_site(tmp_path: Path) -> None:
    installation = installed(tmp_path, None)
    async with installation.daemon() as process:
        await installation.logged("daemon started")
        assert "site opened" not in [one["event"] for one in installation.events()]
        assert await stopped(process) == os.EX_OK
    code, _, complaint = await installation.command("web")
    assert code == os.EX_CONFIG
    assert "[web] listen is not set" in complaint
    assert complaint.count("\n") == 1


async def test_a_port_that_is_taken_is_told_before_anything_is_done(tmp_path: Path) -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        installation = installed(tmp_path, port)
        for command in ("run", "web"):
            code, _, complaint = await installation.command(command)
            assert code == os.EX_UNAVAILABLE
            assert complaint.splitlines() == [
                f"paperround: [web] listen: 127.0.0.1:{port}: Address already in use"
            ]
    assert not (installation.data / "papers.json").exists()


async def test_a_reload_turns_nobody_away(tmp_path: Path) -> None:
    """F6: whoever asks meanwhile is answered, on an old connection or on a new one."""
    port = free_port()
    installation = installed(tmp_path, port)
    counts: Counter[int] = Counter()
    async with installation.daemon() as process, httpx.AsyncClient() as client:
        await once(port, 200)
        over = asyncio.Event()

        async def ask_again_and_again(*, anew: bool) -> None:
            while not over.is_set():
                if anew:
                    counts[await status_of(port, "/")] += 1
                else:
                    headers = {"Host": HOST}
                    answer = await client.get(f"http://127.0.0.1:{port}/", headers=headers)
                    counts[answer.status_code] += 1

        asking = [asyncio.create_task(ask_again_and_again(anew=each)) for each in (True, False)]
        for number in range(1, 4):
            os.kill(process.pid, signal.SIGHUP)
            await installation.logged(RELOADED, number)
        over.set()
        await asyncio.gather(*asking)
        assert await stopped(process) == os.EX_OK
    assert set(counts) == {200}
    assert counts[200] > 20


async def test_a_reload_can_move_it_and_take_it_away(tmp_path: Path) -> None:
    """To a port that cannot be had it does not go, and all else is taken over."""
    first, second = free_port(), free_port()
    installation = installed(tmp_path, first)
    async with installation.daemon() as process:
        await once(first, 200)
        listen_at(installation, second)
        os.kill(process.pid, signal.SIGHUP)
        await once(second, 200)
        await once(first, 0)
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
            listen_at(installation, taken.getsockname()[1])
            os.kill(process.pid, signal.SIGHUP)
            await installation.logged("site stays as it was")
            await installation.logged(RELOADED, 2)
            assert await status_of(second) == 200
        file = installation.home / "paperround.toml"
        file.write_text(file.read_text().split("\n[web]")[0])
        os.kill(process.pid, signal.SIGHUP)
        await once(second, 0)
        listen_at(installation, first)
        os.kill(process.pid, signal.SIGHUP)
        await once(first, 200)
        assert await stopped(process) == os.EX_OK


async def test_sigterm_ends_it_in_two_seconds_whoever_is_connected(tmp_path: Path) -> None:
    port = free_port()
    installation = installed(tmp_path, port)
    async with installation.daemon() as process:
        await once(port, 200)
        streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(15)]
        for _, writer in streams[1:]:
            writer.write(b"GET / HTTP/1.1\r\nHo")
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        for reader, writer in streams:
            await read(reader)
            writer.close()
        assert time.monotonic() - started < 2
        assert await process.wait() == os.EX_OK
        assert time.monotonic() - started < 4


async def test_it_is_answered_beside_the_daemon_and_without_one(tmp_path: Path) -> None:
    installation = installed(tmp_path, None)
    async with installation.daemon() as process:
        await installation.logged("daemon started")
        async with web_alone(installation, "--listen", "127.0.0.1:0") as line:
            port = int(line.rpartition(":")[2])
            assert line.startswith(f"paperround: the site of https://{HOST} listens at http://127")
            assert await status_of(port, "/readyz") == 200
            assert await stopped(process) == os.EX_OK
            assert await status_of(port, "/readyz") == 200
    async with web_alone(installation, "--listen", "[::1]:0") as line:
        assert line.rpartition(":")[0].endswith("http://[::1]")


@pytest.mark.parametrize("where", ["8080", "localhost:8080", "127.0.0.1:", "127.0.0.1:99999", ""])
def test_alone_it_listens_at_an_address_and_a_port(
    where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["web", "--listen", where]) == os.EX_USAGE
    assert "Error: Invalid value for '--listen'" in capsys.readouterr().err


async def test_alone_there_must_be_stores(tmp_path: Path) -> None:
    code, _, complaint = await installed(tmp_path, 0).command("web")
    assert code != os.EX_OK
    assert complaint.count("\n") == 1


async def test_who_asks_while_a_store_is_gone_is_told_that_it_is_not_ready(tmp_path: Path) -> None:
    port = free_port()
    installation = installed(tmp_path, None)
    await installation.command("init")
    async with web_alone(installation, "--listen", f"127.0.0.1:{port}"):
        assert await status_of(port, "/readyz") == 200
        (installation.data / "ledger.db").rename(installation.data / "elsewhere.db")
        got = await asked(port, get("/readyz"))
        assert (got.status, got.body) == (503, b"not ready")
        assert await status_of(port, "/healthz") == 200


async def test_mail_goes_out_while_hundreds_are_connected(tmp_path: Path) -> None:
    """F75: slow heads, slow forms and large ones; the mailer does not notice."""
    port = free_port()
    people = "".join(subscriber(f"r{n}@example.org") for n in range(20))
    body = b"POST /nowhere HTTP/1.1\r\nHost: papers.example.org\r\nContent-Length: 9999999\r\n\r\n"
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port, people)
        listen_at(installation, port)
        async with installation.daemon() as process:
            await once(port, 200)
            writers = []
            for number in range(300):
                here = (f"127.1.0.{number % 100 + 1}", 0)
                _, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=here)
                writer.write((b"GET / HTTP/1.1\r\nX: ", body, body + b"a" * 50_000)[number % 3])
                writers.append(writer)
            installation.drop("2025-09-08.txt", daily("Sep 8", "One"))
            await arrived(server, 20)
            assert await status_of(port, "/") == 200
            for writer in writers:
                writer.transport.abort()
            assert await stopped(process) == os.EX_OK
        events = [one for one in installation.events() if one["level"] in ("warning", "error")]
        assert events == []


async def test_a_server_that_ends_is_started_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    config = tmp_path / "paperround.toml"
    config.write_text(f'[mail]\nfrom = "d@example.org"\nbase_url = "https://{HOST}"\n')
    settings = read_settings(config, {}, tmp_path / "data")
    async with opened(settings, None, SystemClock()) as stores:
        with contextlib.closing(FrontDesk(Listen("127.0.0.1", 0))) as desk:
            port = int(desk.address.rpartition(":")[2])
            desk.go_by(stores, SystemClock())
            stop = asyncio.Event()
            async with desk.open(stop):
                await once(port, 200)
                (server,) = [
                    task
                    for task in asyncio.all_tasks()
                    if getattr(task.get_coro(), "__qualname__", "") == "Server.serve"
                ]
                server.cancel()
                async with asyncio.timeout(20):
                    while [each.getMessage() for each in caplog.records].count("site opened") < 2:
                        await asyncio.sleep(0.05)
                await once(port, 200)
                stop.set()
    (event,) = [each for each in caplog.records if each.levelname == "ERROR"]
    assert (event.getMessage(), event.step) == ("step failed", "site")  # type: ignore[attr-defined]
