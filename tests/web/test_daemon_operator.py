"""The operator's page inside the daemon, and beside the site alone: real processes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from pathlib import Path

from tests.installation import Installation, stopped
from tests.web.test_daemon_site import free_port, once, status_of, web_alone
from tests.web.wire import asked, get


def installed(folder: Path, site: int | None, operator: int) -> Installation:
    installation = Installation(folder, 1)
    listen_at(installation, site, operator)
    return installation


def listen_at(installation: Installation, site: int | None, operator: int) -> None:
    file = installation.home / "paperround.toml"
    kept = file.read_text().split("\n[web]")[0]
    listen = f'listen = "127.0.0.1:{site}"\n' if site else ""
    file.write_text(f'{kept}\n[web]\n{listen}operator = "127.0.0.1:{operator}"\n')


async def link_to(installation: Installation) -> str:
    """The path of the page."""
    link = (await installation.here("stats", "--link")).strip()
    return "/o/" + link.rpartition("/o/")[2]


async def answered(port: int, path: str) -> int:
    """The status of that page as this machine asks for it."""
    return (await asked(port, get(path, f"127.0.0.1:{port}"), within=20)).status


async def test_the_daemon_has_the_page_also_without_a_site_and_moves_it(tmp_path: Path) -> None:
    port, other = free_port(), free_port()
    installation = installed(tmp_path, None, port)
    async with installation.daemon() as process:
        await once(port, 421)
        path = await link_to(installation)
        assert await answered(port, path) == 200
        assert await answered(port, path[:-1] + "x") == 404
        listen_at(installation, None, other)
        process.send_signal(signal.SIGHUP)
        await once(other, 421)
        assert await answered(other, path) == 200
        assert await status_of(port) == 0
        assert await stopped(process) == os.EX_OK
    log = installation.errors.read_text()
    assert "operator's page opened" in log
    assert path[3:] not in log


async def test_a_port_that_is_taken_is_told_before_anything_is_done(tmp_path: Path) -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        installation = installed(tmp_path, free_port(), port)
        for command in ("run", "web"):
            code, _, complaint = await installation.command(command)
            assert code == os.EX_UNAVAILABLE
            where = f"[web] operator: 127.0.0.1:{port}"
            assert complaint == f"paperround: {where}: Address already in use\n"
    assert not (installation.data / "papers.json").exists()


async def test_the_site_alone_has_the_page_too_unless_it_listens_elsewhere(tmp_path: Path) -> None:
    site, port, other = free_port(), free_port(), free_port()
    installation = installed(tmp_path, site, port)
    await installation.command("init")
    async with web_alone(installation):
        path = await link_to(installation)
        assert await answered(port, path) == 200
        async with web_alone(installation, "--listen", f"127.0.0.1:{other}"):
            assert await status_of(other) == 200
    async with web_alone(installation, "--listen", f"127.0.0.1:{other}"):
        await once(other, 200)
        assert await status_of(port) == 0
