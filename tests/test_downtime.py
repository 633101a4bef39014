"""F50, F52: what was missed while nothing ran, and zones that are redrawn in between."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from tests.installation import Installation, daily, stopped, subscriber
from tests.smtpd import MailServer
from tests.test_daemon import FAKETIME, arrived, titles


@pytest.mark.skipif(not FAKETIME, reason="libfaketime is not installed")
@pytest.mark.parametrize("days", [1, 7])
async def test_after_downtime_one_mail_has_all_that_came_meanwhile(
    tmp_path: Path, days: int
) -> None:
    """F50: also what lay in the inbox when it started, and was not taken in yet."""

    def at(day: int) -> dict[str, str]:
        return {"LD_PRELOAD": str(FAKETIME[0]), "FAKETIME": f"@2025-09-{day:02} 08:00:20"}

    async with MailServer() as server:
        people = subscriber("a@example.org", schedule="daily 08:00")
        installation = Installation(tmp_path, server.port, people)
        installation.drop("2025-09-07.txt", daily("Sep 7", "The first"))
        async with installation.daemon(**at(8)) as process:
            await arrived(server, 1)
            assert await stopped(process) == os.EX_OK
        missed = [f"Missed {number}" for number in range(days)]
        for number, title in enumerate(missed):
            installation.drop(f"2025-09-{8 + number:02}.txt", daily(f"Sep {8 + number}", title))
        async with installation.daemon(**at(8 + days)) as process:
            await arrived(server, 2)
            assert await stopped(process) == os.EX_OK
        assert len(server.messages) == 2
        assert sorted(titles(server.messages[1])) == missed


def zone_file(rule: str) -> bytes:
    """A compiled zone (RFC 8536) with this POSIX rule and no history."""
    header = struct.pack(">4sc15x6L", b"TZif", b"2", 0, 0, 0, 0, 1, 4)
    body = struct.pack(">lbb4s", 0, 0, 0, b"XYZ\0")
    return (header + body) * 2 + f"\n{rule}\n".encode()


@pytest.mark.parametrize(
    ("before", "after", "waits", "next_due"),
    [
        pytest.param(
            "CET-1CEST,M3.5.0,M10.5.0/3", "CET-1", "2025-09-08T07:00Z", "2025-09-09T07:00Z",
            id="summer time ends for ever",
        ),
        pytest.param(
            "XYZ-13", "XYZ11", "2025-09-08T19:00Z", "2025-09-09T19:00Z",
            id="to the other side of the date line",
        ),
    ],
)  # fmt: skip
async def test_zones_redrawn_between_plan_and_send_repeat_nothing_and_skip_nothing(
    tmp_path: Path, before: str, after: str, waits: str, next_due: str
) -> None:
    """F52: a slot is a date; what was planned for it goes out, and it is not planned again."""
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, rule in ((old, before), (new, after)):
        (folder / "Europe").mkdir(parents=True)
        (folder / "Europe" / "Vienna").write_bytes(zone_file(rule))
    async with MailServer() as server:
        installation = Installation(
            tmp_path,
            1,
            subscriber("a@example.org", schedule="daily 08:00", timezone="Europe/Vienna"),
        )

        async def play(zones: Path, *words: str) -> str:
            code, out, complaint = await installation.command(*words, PYTHONTZPATH=str(zones))
            assert code == 0, complaint
            return out

        for number, title in ((7, "One"), (8, "Two")):
            file = tmp_path / f"2025-09-{number:02}.txt"
            file.write_text(daily(f"Sep {number}", title))
        await play(old, "ingest", str(tmp_path / "2025-09-07.txt"))
        assert "1 deferred" in await play(old, "send", "--now", "2025-09-08T06:00Z")
        config = tmp_path / "paperround.toml"
        config.write_text(config.read_text().replace("port = 1\n", f"port = {server.port}\n"))
        await play(new, "ingest", str(tmp_path / "2025-09-08.txt"))
        assert "0 due · 1 sent" in await play(new, "send", "--now", "2025-09-08T06:30Z")
        assert "0 due" in await play(new, "send", "--now", waits)
        assert "1 due" in await play(new, "send", "--now", next_due)
        assert [titles(message) for message in server.messages] == [["One"], ["Two"]]
