"""``queue``, ``suppress`` and ``status`` as the operator and his scripts have them."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.installation import Installation, daily, stopped, subscriber
from tests.smtpd import MailServer
from worker.cli.main import run
from worker.deliveries import Brake, Breaker, Reason
from worker.store.sql import open_database
from worker.store.sql_holds import SqlHolds
from worker.store.sql_suppressions import SqlSuppressions

GREY = "450 4.7.1 greylisted, come back later"
RATE = "421 4.7.28 an unusual rate of mail"


class Place:
    """An installation with a mail server, and one daily file taken in."""

    def __init__(
        self, installation: Installation, server: MailServer, capture: pytest.CaptureFixture[str]
    ) -> None:
        self.installation = installation
        self._capture = capture
        self.server = server
        self.data = installation.data

    async def __call__(self, *words: str, code: int = 0) -> tuple[str, str]:
        """Run a command in a thread of this process: the mail server has the loop."""
        self._capture.readouterr()
        ended = await asyncio.to_thread(run, self.installation.arguments(*words)[3:])
        printed = self._capture.readouterr()
        assert ended == code, printed
        assert "Traceback" not in printed.err
        return printed.out, printed.err

    async def json(self, *words: str) -> Any:
        return json.loads((await self(*words, "--json"))[0])

    async def states(self) -> dict[int, str]:
        listed = await self.json("queue", "list", "--all")
        return {one["id"]: one["state"] for one in listed["deliveries"]}

    async def brake(self, *breakers: Breaker) -> None:
        async with open_database(self.data / "ledger.db") as database:
            for breaker in breakers:
                await SqlHolds(database).open(breaker)

    async def list_as(self, address: str, reason: Reason) -> None:
        async with open_database(self.data / "ledger.db") as database:
            await SqlSuppressions(database).suppress(address, reason, datetime.now(UTC))


@pytest.fixture
async def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Place]:
    people = "".join(map(subscriber, ("a@example.org", "b@example.org", "c@example.net")))
    async with MailServer(to_recipients={"c@example.net": GREY}) as server:
        installation = Installation(tmp_path, server.port, people)
        (tmp_path / "one.txt").write_text(daily("Nov 24", "A paper", "Another one"))
        place = Place(installation, server, capsys)
        await place("ingest", str(tmp_path / "one.txt"))
        yield place


def breaker(brake: Brake, name: str, reply: str = RATE, *, ours: bool = False) -> Breaker:
    now = datetime.now(UTC)
    return Breaker(brake, name, now, now + timedelta(minutes=30), 3, reply, ours)


async def test_the_queue_is_listed_for_programs(place: Place) -> None:
    await place("send")
    listed = await place.json("queue", "list")
    assert list(listed) == ["held_since", "breakers", "deliveries"]
    (one,) = listed["deliveries"]
    assert list(one) == [
        "id", "subscriber", "kind", "slot", "state", "held", "planned_at", "due_at", "attempts",
        "doubts", "reply", "message_id", "papers",
    ]  # fmt: skip
    assert (one["subscriber"], one["state"], one["reply"]) == ("c@example.net", "deferred", GREY)
    assert one["papers"] == [1, 2]
    everything = (await place.json("queue", "list", "--all"))["deliveries"]
    assert [each["id"] for each in everything] == [1, 2, 3]
    sent = (await place.json("queue", "list", "--state", "sent"))["deliveries"]
    assert [each["subscriber"] for each in sent] == ["a@example.org", "b@example.org"]
    shown = await place.json("queue", "show", "3")
    assert [each["state"] for each in shown["tried"]] == ["deferred"]
    assert shown["tried"][0]["reply"] == GREY


async def test_in_a_pipe_each_delivery_is_one_line_with_the_servers_words(place: Place) -> None:
    await place("send")
    out, _ = await place("queue", "list", "--all")
    head, *lines, last = out.splitlines()
    assert head.startswith("id  subscriber")
    assert [line.index("250 2.0.0") for line in lines[:2]] == [head.index("the server's words")] * 2
    assert lines[2].endswith(GREY)
    assert last == "3 deliveries: 2 sent · 1 deferred"
    assert "\x1b" not in out


async def test_one_delivery_is_shown_with_all_there_is_of_it(place: Place) -> None:
    await place("send")
    out, _ = await place("queue", "show", "3")
    assert out.startswith("delivery 3: digest ")
    for part in ("to c@example.net", "next try", "<digest.", "A paper", f"      {GREY}"):
        assert part in out


async def test_what_keeps_mail_back_stands_above_with_its_end_and_its_words(place: Place) -> None:
    await place("send")
    at_home = breaker(Brake.SERVER, "smtp", "535 5.7.8 no [such] login", ours=True)
    await place.brake(breaker(Brake.DOMAIN, "example.net"), at_home)
    await place("queue", "hold")
    lines = (await place("queue", "list"))[0].splitlines()
    assert lines[0].startswith("the queue is held since ")
    assert re.match(r"smtp: not asked again until .* UTC, since it said: 535 5.7.8 no \[", lines[1])
    assert lines[2].startswith("example.net: not asked again until ")
    listed = await place.json("queue", "list")
    assert listed["held_since"]
    assert [each["name"] for each in listed["breakers"]] == ["example.net", "smtp"]
    status, _ = await place("status")
    assert "2 things are wrong: " in status
    assert "the mail server smtp does not take us (535 5.7.8 no [such] login)" in status


async def test_a_number_that_is_no_delivery_is_one_clear_line_and_nothing_is_done(
    place: Place,
) -> None:
    await place("send")
    for words in (["show"], ["retry", "3"], ["drop", "3"], ["hold", "3"], ["release", "3"]):
        _, complaint = await place("queue", *words, "99", code=os.EX_DATAERR)
        assert complaint == (
            "paperround: 99: no such delivery; see `paperround queue list --all`\n"
        )
    assert (await place.states())[3] == "deferred"
    await place("queue", "retry", code=os.EX_USAGE)
    await place("queue", "retry", "--all", "3", code=os.EX_USAGE)


async def test_retry_says_what_it_did_for_each_and_why_not(place: Place) -> None:
    await place("send")
    out, complaint = await place("queue", "retry", "1", "3", code=os.EX_DATAERR)
    assert out.startswith("3: due now\nNo daemon runs here: `paperround send`")
    assert complaint == "paperround: 1: sent already, and it goes out once only\n"
    del place.server.to_recipients["c@example.net"]
    assert "1 sent" in (await place("send"))[0]


async def test_retrying_all_asks_again_who_was_left_alone(place: Place) -> None:
    await place("send")
    await place.brake(breaker(Brake.DOMAIN, "example.net"))
    out, _ = await place("queue", "retry", "3")
    assert out.startswith("3: due now, but example.net is not asked again until ")
    out, _ = await place("queue", "retry", "--all")
    assert out.startswith("example.net: asked again\n1 due now\n")
    assert (await place.json("queue", "list"))["breakers"] == []


async def test_what_is_in_doubt_and_held_is_sent_again_when_the_operator_says_so(
    place: Place,
) -> None:
    place.server.after_dot = "close"
    await place("send")
    with_doubt = [one for one, state in (await place.states()).items() if state == "uncertain"]
    assert with_doubt
    place.server.after_dot = "answer"
    one = str(with_doubt[0])
    assert (await place("queue", "retry", one))[0].startswith(f"{one}: due now")
    await place("send")
    assert (await place.states())[with_doubt[0]] == "sent"


async def test_a_digest_that_is_held_goes_out_when_it_is_released(place: Place) -> None:
    await place("send")
    await place("queue", "hold", "3")
    _, complaint = await place("queue", "hold", "3", code=os.EX_DATAERR)
    assert "3: held already" in complaint
    _, complaint = await place("queue", "retry", "3", code=os.EX_DATAERR)
    assert "3: held by you: `paperround queue release 3` first" in complaint
    assert "none: held" in (await place("queue", "list", "--state", "held"))[0]
    assert "1 held by you, and left so" in (await place("queue", "retry", "--all"))[0]
    await place("queue", "release", "3")
    _, complaint = await place("queue", "release", "3", code=os.EX_DATAERR)
    assert "3: is not held" in complaint
    _, complaint = await place("queue", "release", code=os.EX_DATAERR)
    assert "the queue is not held" in complaint
    assert "Nothing waits." in (await place("queue", "list", "--state", "held"))[0]


async def test_beside_a_running_daemon_the_queue_is_seen_held_and_dropped(place: Place) -> None:
    await place("queue", "hold")
    async with place.installation.daemon() as process:
        await place.installation.logged("digests planned")
        assert "3 wait: 3 planned" in (await place("queue", "list"))[0]
        assert place.server.messages == []
        await place("queue", "drop", "1")
        out, _ = await place("queue", "release")
        assert "The daemon sees it within a minute." in out
        place.installation.drop("two.txt", daily("Nov 25", "A third paper"))
        async with asyncio.timeout(60):
            while len(place.server.messages) < 2:
                place.server.dot.clear()
                await place.server.dot.wait()
        out, _ = await place("suppress", "b@example.org", "--reason", "He told me by phone")
        assert out == "b@example.org: suppressed; what waited for it is cancelled\n"
        assert await stopped(process) == os.EX_OK
    assert (await place.states())[1] == "cancelled"
    assert "@example" not in place.installation.errors.read_text(), "no address is ever logged"


# --- who is never mailed


async def test_a_suppressed_address_is_told_everywhere_and_brought_back_by_one_command(
    place: Place,
) -> None:
    await place("suppress", "A@example.org", "--reason", "on holiday [for good]")
    (entry,) = await place.json("suppressions")
    assert list(entry) == ["address", "reason", "since", "note"]
    assert (entry["address"], entry["reason"]) == ("A@example.org", "operator")
    assert "on holiday [for good]" in (await place("suppressions"))[0]
    assert "nothing is changed" in (await place("suppress", "a@example.org"))[0]
    why = f"suppressed since {entry['since'][:10]}: put on the list by hand (on holiday [for good])"
    assert f"a@example.org: {why}" in (await place("subscribers", "list"))[0]
    assert why in (await place("subscribers", "show", "a@example.org"))[0]
    assert (await place.json("subscribers", "show", "a@example.org"))["suppressed"] == entry
    for words in (["add", "--rule", "*"], ["set", "--rule", "*"], ["pause", "--off"]):
        _, complaint = await place("subscribers", *words, "a@example.org", code=os.EX_DATAERR)
        assert "`paperround unsuppress a@example.org` is the way out" in complaint
    out, _ = await place("unsuppress", "a@example.org")
    assert out.startswith("a@example.org: off the list, and mailed again")
    who = await place.json("subscribers", "show", "a@example.org")
    assert (who["state"], who["read_to"], who["held_over"]) == ("active", 2, 0)
    _, complaint = await place("unsuppress", "a@example.org", code=os.EX_DATAERR)
    assert "not on the suppression list" in complaint


async def test_who_complained_comes_back_only_if_he_asked_for_it(place: Place) -> None:
    await place.list_as("a@example.org", Reason.COMPLAINT)
    _, complaint = await place("unsuppress", "a@example.org", code=os.EX_DATAERR)
    assert "its owner called our mail spam; `unsuppress --asked`" in complaint
    assert len(await place.json("suppressions")) == 1
    assert "mailed again" in (await place("unsuppress", "--asked", "a@example.org"))[0]


async def test_who_left_by_himself_is_off_the_list_and_stays_gone(place: Place) -> None:
    await place("subscribers", "remove", "a@example.org")
    await place("suppress", "a@example.org")
    out, _ = await place("unsuppress", "a@example.org")
    assert out == "a@example.org: off the list; its subscriber is removed, and stays so\n"


async def test_an_erased_address_leaves_no_trace_but_that_it_is_never_mailed(place: Place) -> None:
    _, complaint = await place("subscribers", "erase", "a@example.org", code=os.EX_USAGE)
    assert "--yes" in complaint
    await place("subscribers", "erase", "--yes", "nobody@example.org", code=os.EX_DATAERR)
    out, told = await place("subscribers", "erase", "--yes", "a@example.org")
    assert out == "a@example.org: forgotten; a hash is left on the suppression list\n"
    assert "subscribers.toml still names it" in told
    assert "(erased)" in (await place("suppressions"))[0]
    assert (await place.json("suppressions"))[0]["address"] is None
    _, complaint = await place("subscribers", "show", "a@example.org", code=os.EX_DATAERR)
    assert "no such subscriber" in complaint
    _, complaint = await place(
        "subscribers", "add", "a@example.org", "--rule", "*", code=os.EX_DATAERR
    )
    assert "its owner wanted to be forgotten; `paperround unsuppress" in complaint
    await place("send")
    assert "a@example.org" not in place.server.recipients
    out, _ = await place("unsuppress", "a@example.org")
    assert out == "a@example.org: off the list\n"


async def test_an_import_leaves_alone_who_is_suppressed(place: Place, tmp_path: Path) -> None:
    await place("suppress", "new@example.org")
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("address,rules\nNew@example.org,*\nother@example.org,*\n")
    for more in (["--dry-run"], []):
        out, _ = await place("subscribers", "import", str(sheet), *more)
        assert out == "1 added · 0 changed · 1 left_alone · 0 refused\n"


def test_the_list_may_come_before_all_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = Installation(tmp_path, 1).arguments("suppress")[3:]
    assert run([*arguments, "a@example.org"]) == 0
    assert run([*arguments, "no address"]) == os.EX_DATAERR
    assert capsys.readouterr().err.count("\n") == 1


# --- whether all is well


async def test_status_ends_in_one_sentence_and_names_what_waits(place: Place) -> None:
    out, _ = await place("status")
    assert out.splitlines()[-1].startswith("All is well: nothing waits, the last file came just")
    await place("send")
    found = await place.json("status")
    assert (found["deferred"], found["wrong"]) == (1, [])
    (line,) = found["waits"]
    assert re.fullmatch(rf"1 waits for example.net: next try .* UTC, {re.escape(GREY)}", line)
    assert "All is well: 1 on the way" in (await place("status"))[0]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--max-age", "26h"), 0),
        (("--max-age", "0min"), 2),
        (("--strict",), 2),
        ((), 0),
        (("--max-age", "soon"), os.EX_USAGE),
    ],
)
async def test_status_is_a_check_for_monitoring_when_asked_to_be_one(
    place: Place, words: tuple[str, ...], code: int
) -> None:
    await place("status", "--strict")
    await place("queue", "hold")
    out, _ = await place("status", *words, code=code)
    assert code == os.EX_USAGE or "wrong: " in out.splitlines()[-1]
