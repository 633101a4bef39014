"""The command line: what programs read from it, and how it says no."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.made import SEEDS
from worker.cli.main import run

FILES = [str(SEEDS / f"{day}.txt") for day in ("2025-09-08", "2025-09-09")]


class Here:
    """Runs commands in this process, on a data folder of its own."""

    def __init__(self, data: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.data = data
        self._capture = capture

    def __call__(self, *words: str, code: int = 0) -> tuple[str, str]:
        self._capture.readouterr()
        ended = run(["--data", str(self.data), *words])
        printed = self._capture.readouterr()
        assert ended == code, printed.err
        assert "Traceback" not in printed.err
        return printed.out, printed.err

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json")[0])


@pytest.fixture
def here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Here:
    for name in [name for name in os.environ if name.startswith("PAPERROUND")]:
        monkeypatch.delenv(name)
    return Here(tmp_path / "data", capsys)


def configure(here: Here, *more: str) -> None:
    here("init")
    lines = ["[smtp]", 'host = "127.0.0.1"', 'tls = "none"', *more]
    (here.data / "paperround.toml").write_text("\n".join(lines))


# --- what programs read


def test_parse_gives_the_edition_without_any_store(here: Here) -> None:
    edition = here.json("parse", FILES[0])
    assert list(edition) == ["day", "format", "source", "listings", "rejected", "notes"]
    assert (edition["day"], edition["format"], len(edition["listings"])) == (
        "2025-09-08", "hf-text", 47,
    )  # fmt: skip
    assert list(edition["listings"][0]) == [
        "title", "abstract", "authors", "ids", "url", "categories", "published", "kind", "counts",
    ]  # fmt: skip
    assert edition["listings"][0]["title"].startswith("StageInteractor")
    assert edition["rejected"] == []
    assert not here.data.exists()


def test_rules_test_gives_the_different_papers_of_several_files(here: Here) -> None:
    tested = here.json("rules", "test", '"mixture of experts"', *FILES)
    assert (tested["query"], tested["papers"], len(tested["matched"])) == (
        '"mixture of experts"', 63, 3,
    )  # fmt: skip
    assert tested["matched"][0]["terms"] == ['"mixture of experts"']
    assert not here.data.exists()


@pytest.mark.parametrize(
    ("query", "count"),
    [("*", 63), ("gate -gate", 0), ("xylophone", 0)]
    + [(spelling, 1) for spelling in ("Schrödinger", "Schrodinger", 'Schr\\"odinger')],
)
def test_a_rule_finds_as_many_papers_as_it_should(here: Here, query: str, count: int) -> None:
    assert len(here.json("rules", "test", query, *FILES)["matched"]) == count


def test_ingest_gives_the_counts_and_the_same_content_is_nothing_new(here: Here) -> None:
    first = here.json("ingest", *FILES)
    assert {name: first[name] for name in ("listed", "new", "seen", "rejected")} == {
        "listed": 67, "new": 63, "seen": 4, "rejected": 0,
    }  # fmt: skip
    again = here.json("ingest", FILES[0])
    assert (again["new"], again["seen"], again["files"][0]["again"]) == (0, 47, True)


def test_status_gives_counts_by_name(here: Here) -> None:
    here("ingest", *FILES)
    here("subscribers", "add", "reader@example.org", "--rule", "*")
    counts = here.json("status")
    assert (counts["papers"], counts["files"], counts["subscribers"]) == (63, 2, 1)
    states = ["planned", "sending", "sent", "deferred", "failed", "uncertain", "superseded"]
    assert [counts[state] for state in [*states, "expired", "cancelled"]] == [0] * 9


def test_a_dry_run_writes_the_messages_and_changes_nothing(here: Here, tmp_path: Path) -> None:
    configure(here)
    here("subscribers", "add", "reader@example.org", "--rule", "*", "--schedule", "daily 08:00")
    here("ingest", FILES[0])
    before = here.json("status")
    for _ in range(2):
        instant = ["--now", "2025-09-08T08:00:00Z", "--dry-run", str(tmp_path / "out")]
        assert here.json("send", *instant) == {"due": 1, "written": 1}
    (message,) = (tmp_path / "out").glob("*.eml")
    assert b"To: reader@example.org" in message.read_bytes()
    assert here.json("status") == before


def test_a_dry_run_writes_the_very_bytes_that_are_sent_later(here: Here, tmp_path: Path) -> None:
    configure(here)
    here("subscribers", "add", "reader@example.org", "--rule", "*", "--schedule", "daily 08:00")
    here("ingest", FILES[0])
    for name in ("one", "two"):
        here("send", "--now", "2025-09-08T08:00Z", "--dry-run", str(tmp_path / name))
    (one,), (two,) = ((tmp_path / name).glob("*.eml") for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_subscribers_go_out_as_csv_and_come_back_the_same(here: Here, tmp_path: Path) -> None:
    rules = ["--rule", "Ops=operator pde", "--rule", "-survey diffusion", "--rule", "title:x,y"]
    schedule = ["--schedule", "mon,thu 07:30", "--timezone", "Asia/Kolkata"]
    here("subscribers", "add", "a@example.org", *rules, *schedule, "--max-papers", "7")
    exported, _ = here("subscribers", "export")
    sheet = tmp_path / "all.csv"
    sheet.write_text(exported)
    before = here.json("subscribers", "list")
    other = Here(tmp_path / "other", here._capture)
    assert "1 added" in other("subscribers", "import", str(sheet))[0]
    assert other.json("subscribers", "list") == before


def test_an_import_revives_nobody_in_a_new_installation_either(here: Here, tmp_path: Path) -> None:
    here("subscribers", "add", "gone@example.org", "--rule", "*")
    here("subscribers", "remove", "gone@example.org")
    sheet = tmp_path / "all.csv"
    sheet.write_text(here("subscribers", "export")[0])
    other = Here(tmp_path / "other", here._capture)
    other("subscribers", "import", str(sheet))
    assert [who["state"] for who in other.json("subscribers", "list")] == ["removed"]


def pending(here: Here, folder: Path, address: str) -> None:
    """Somebody asked for that address, and nobody confirmed it."""
    sheet = folder / "pending.csv"
    sheet.write_text(f"address,rules,state\n{address},theirs,pending\n")
    here("subscribers", "import", str(sheet))
    assert here.json("subscribers", "show", address)["state"] == "pending"


def test_whom_a_stranger_asked_for_can_be_added(here: Here, tmp_path: Path) -> None:
    pending(here, tmp_path, "A@example.org")
    here("subscribers", "add", "a@example.org", "--rule", "ours")
    who = here.json("subscribers", "show", "a@example.org")
    assert (who["address"], who["state"]) == ("a@example.org", "active")
    assert "ours" in str(who["rules"])
    assert "theirs" not in str(who["rules"])
    here("subscribers", "add", "a@example.org", "--rule", "x", code=os.EX_DATAERR)


def test_whom_a_stranger_asked_for_can_be_imported(here: Here, tmp_path: Path) -> None:
    pending(here, tmp_path, "A@example.org")
    sheet = tmp_path / "all.csv"
    sheet.write_text("address,rules\na@example.org,ours\n")
    assert "1 added" in here("subscribers", "import", "--dry-run", str(sheet))[0]
    assert "1 added" in here("subscribers", "import", str(sheet))[0]
    who = here.json("subscribers", "show", "a@example.org")
    assert (who["address"], who["state"]) == ("a@example.org", "active")
    assert "theirs" not in str(who["rules"])


def test_who_confirmed_since_a_table_was_made_is_not_pending_again(
    here: Here, tmp_path: Path
) -> None:
    """He would be forgotten as one who never confirmed."""
    pending(here, tmp_path, "a@example.org")
    here("subscribers", "add", "a@example.org", "--rule", "ours")
    here("subscribers", "import", str(tmp_path / "pending.csv"))
    assert here.json("subscribers", "show", "a@example.org")["state"] == "active"


def test_only_the_operator_brings_back_whom_he_removed(here: Here) -> None:
    here("subscribers", "add", "a@example.org", "--rule", "*")
    here("subscribers", "remove", "a@example.org")
    for words in (["set"], ["pause", "--off"], ["add"]):
        rule = [] if "pause" in words else ["--rule", "*"]
        _, complaint = here("subscribers", *words, "a@example.org", *rule, code=os.EX_DATAERR)
        assert "removed" in complaint
    here("subscribers", "add", "a@example.org", "--again", "--rule", "title:x")
    assert here.json("subscribers", "show", "a@example.org")["state"] == "active"


def test_who_is_brought_back_is_neither_paused_nor_the_files_to_end(here: Here) -> None:
    configure(here)
    named = '[[subscriber]]\naddress = "a@example.org"\nschedule = "daily 08:00"\n'
    people = here.data / "subscribers.toml"
    people.write_text(named + 'timezone = "UTC"\nrules = ["*"]\n')
    here("subscribers", "pause", "a@example.org", "--until", "2199-01-01")
    here("subscribers", "remove", "a@example.org")
    people.write_text("")
    here("subscribers", "add", "a@example.org", "--again", "--rule", "*")
    (who,) = here.json("subscribers", "list")
    assert (who["state"], who["paused_until"], who["from_file"]) == ("active", None, False)


@pytest.mark.parametrize(
    ("cells", "says"),
    [("0", "1 to 100"), ("-1", "1 to 100"), ("9" * 30, "1 to 100"), ("x", "1 to 100")],
)
def test_a_cap_that_is_no_cap_is_refused_with_its_line(
    here: Here, tmp_path: Path, cells: str, says: str
) -> None:
    sheet = tmp_path / "x.csv"
    sheet.write_text(
        "address, rules ;max_papers\n".replace(";", ",") + f"a@example.org,*,{cells}\n"
    )
    _, complaint = here("subscribers", "import", str(sheet), code=os.EX_DATAERR)
    assert "line 2" in complaint
    assert says in complaint


def test_how_his_mail_is_written_is_said_shown_and_changed(here: Here) -> None:
    def manner() -> tuple[str, bool]:
        who = here.json("subscribers", "show", "a@example.org")
        return who["language"], who["plain"]

    def form() -> tuple[str, str, list[str]]:
        who = here.json("subscribers", "show", "a@example.org")
        return who["abstracts"], who["order"], who["related"]

    add = ("subscribers", "add", "a@example.org", "--rule", "*")
    here(*add, "--language", "de", "--plain")
    assert manner() == ("de", True)
    assert "language of days de, plain text only" in here("subscribers", "show", "a@example.org")[0]
    here("subscribers", "set", "a@example.org", "--rule", "title:x")
    assert manner() == ("de", True)
    here("subscribers", "set", "a@example.org", "--no-plain", "--language", "ja")
    assert manner() == ("ja", False)
    assert (
        "'nb'"
        in here("subscribers", "set", "a@example.org", "--language", "no", code=os.EX_USAGE)[1]
    )
    change = ("subscribers", "set", "a@example.org")
    here(*change, "--abstracts", "none", "--order", "upvotes", "--related", "cross,again")
    assert form() == ("none", "upvotes", ["again", "cross"])
    assert manner() == ("ja", False)
    shown = here("subscribers", "show", "a@example.org")[0]
    for line in (
        "abstracts: titles only",
        "order: by upvotes",
        "told of papers that he had: listed again, cross-lists",
    ):
        assert f"  {line}\n" in shown
    here(*change, "--abstracts", "opening")
    assert form() == ("opening", "upvotes", ["again", "cross"])
    here(*change, "--related", "none", "--order", "rules")
    assert form() == ("opening", "rules", [])
    for wrong in (("--related", "some"), ("--related", ""), ("--related", "none,cross")):
        assert "again,replaced,cross" in here(*change, *wrong, code=os.EX_USAGE)[1]


def test_how_his_mail_is_written_goes_into_the_table_and_out_of_it(
    here: Here, tmp_path: Path
) -> None:
    here("subscribers", "add", "a@example.org", "--rule", "*", "--language", "de", "--plain")
    here("subscribers", "add", "b@example.org", "--rule", "*")
    here("subscribers", "set", "a@example.org", "--abstracts", "opening", "--order", "upvotes")
    here("subscribers", "set", "a@example.org", "--related", "replaced,again")
    sheet = tmp_path / "all.csv"
    sheet.write_text(here("subscribers", "export")[0])
    other = Here(tmp_path / "other", here._capture)
    other("subscribers", "import", str(sheet))
    written = [(who["language"], who["plain"]) for who in other.json("subscribers", "list")]
    assert written == [("de", True), ("en", False)]
    forms = [
        (who["abstracts"], who["order"], who["related"])
        for who in other.json("subscribers", "list")
    ]
    assert forms == [("opening", "upvotes", ["again", "replaced"]), ("full", "rules", [])]


@pytest.mark.parametrize(
    ("column", "cell", "says"),
    [
        ("language", "xx", "one of en, cs"),
        ("plain", "maybe", "yes or no"),
        ("abstracts", "short", "one of full, opening, none"),
        ("order", "date", "one of rules, upvotes"),
        ("related", "again whatever", "one of again, replaced, cross"),
    ],
)
def test_a_manner_that_is_none_is_refused_with_its_line(
    here: Here, tmp_path: Path, column: str, cell: str, says: str
) -> None:
    sheet = tmp_path / "x.csv"
    sheet.write_text(f"address,rules,{column}\na@example.org,*,{cell}\n")
    _, complaint = here("subscribers", "import", str(sheet), code=os.EX_DATAERR)
    assert "line 2" in complaint
    assert says in complaint


def test_a_preview_of_plain_text_is_a_message_without_a_page(here: Here, tmp_path: Path) -> None:
    here("subscribers", "add", "a@example.org", "--rule", "*", "--language", "de", "--plain")
    text, _ = here("preview", "a@example.org")
    assert re.search(r"Paper Round – \w+, \d+\. \w+ \d{4}", text)
    path = here("preview", "a@example.org", "--out", str(tmp_path / "out"))[0].strip()
    assert path.endswith(".eml")
    assert [each.suffix for each in (tmp_path / "out").iterdir()] == [".eml"]


def test_mails_lead_to_pages_where_the_site_listens(here: Here) -> None:
    configure(here, "[mail]", 'base_url = "https://papers.example.org"')
    here("subscribers", "add", "a@example.org", "--rule", "*")
    assert "/p/" not in here("preview", "a@example.org")[0]
    with (here.data / "paperround.toml").open("a") as file:
        file.write('\n[web]\nlisten = "127.0.0.1:8080"\n')
    text, _ = here("preview", "a@example.org")
    assert "\nhttps://papers.example.org/p/" in text
    assert "\nhttps://papers.example.org/d/" in text


def test_a_table_beyond_all_measure_is_refused(here: Here, tmp_path: Path) -> None:
    sheet = tmp_path / "x.csv"
    sheet.write_text("address,rules," + "x" * 140_000)
    assert "line 0" in here("subscribers", "import", str(sheet), code=os.EX_DATAERR)[1]


def test_a_pause_ends_in_the_future_and_the_list_says_when_mail_comes_again(here: Here) -> None:
    here("subscribers", "add", "a@example.org", "--rule", "*", "--schedule", "daily 09:00")
    words = ["subscribers", "pause", "a@example.org", "--until"]
    assert "not in the future" in here(*words, "2020-01-01")[1]
    here(*words, "2199-12-01")
    assert "01 Dec 09:00" in here("subscribers", "list")[0]


def test_lost_keys_are_replaced_only_when_the_operator_says_so(here: Here) -> None:
    here("ingest", FILES[0])
    (here.data / "keys.json").unlink()
    _, complaint = here("status", code=os.EX_CONFIG)
    assert "init --new-keys" in complaint
    here("init", code=os.EX_CONFIG)
    here("init", "--new-keys")
    assert here.json("status")["papers"] == 47
    before = (here.data / "keys.json").read_bytes()
    here("init", "--new-keys")
    assert (here.data / "keys.json").read_bytes() == before


@pytest.mark.parametrize("command", [["parse"], ["ingest"], ["rules", "test", "x"]])
def test_a_pipe_is_no_daily_file_and_nothing_waits_for_it(
    here: Here, tmp_path: Path, command: list[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    _, complaint = here(*command, str(tmp_path / "pipe"), code=os.EX_NOINPUT)
    assert "not a regular file" in complaint


def test_one_missing_file_does_not_stop_the_others(here: Here) -> None:
    printed, complaint = here("ingest", "/nonexistent", FILES[0], code=os.EX_NOINPUT)
    assert "2025-09-08.txt" in printed
    assert "No such file" in complaint
    assert here.json("status")["papers"] == 47


def test_what_was_set_aside_is_said(here: Here, tmp_path: Path) -> None:
    """B24: a file that breaks off is not a day like any other."""
    cut = tmp_path / "2025-09-08.txt"
    cut.write_bytes(Path(FILES[0]).read_bytes()[:20_000])
    _, complaint = here("ingest", str(cut))
    assert "the rest of the file may be missing" in complaint


def test_an_instant_beyond_all_calendars_is_refused(here: Here) -> None:
    for instant in ("9999-12-31T23:59Z", "0001-01-01T00:00Z"):
        here("send", "--now", instant, "--dry-run", "x", code=os.EX_USAGE)


def test_a_template_that_is_no_text_is_refused_and_never_used(here: Here) -> None:
    here("subscribers", "add", "reader@example.org", "--rule", "*")
    own = here.data / "templates" / "mail"
    own.mkdir(parents=True)
    (own / "digest.txt.j2").write_bytes(b"\xff\xfe")
    assert "templates refused" in here("preview", "reader@example.org")[1]


def test_an_operator_in_small_letters_is_pointed_out(here: Here) -> None:
    assert "capitals" in here("rules", "test", "neural or operator", FILES[0])[1]


def test_no_cell_of_the_export_is_a_formula(here: Here) -> None:
    here("subscribers", "add", "+a@example.org", "--rule", "*")
    exported, _ = here("subscribers", "export")
    assert "\n'+a@example.org," in exported


def test_preview_shows_what_would_come_next(here: Here, tmp_path: Path) -> None:
    here("subscribers", "add", "reader@example.org", "--rule", '"mixture of experts"')
    here("ingest", *FILES)
    text, _ = here("preview", "reader@example.org")
    assert "3 for you · 67 listed" in text
    page, _ = here("preview", "reader@example.org", "--out", str(tmp_path / "out"))
    assert "<mark" in Path(page.strip()).read_text()


def test_explain_says_why_and_why_not(here: Here) -> None:
    here("subscribers", "add", "reader@example.org", "--rule", "MoE=experts -tutel")
    here("ingest", *FILES)
    yes, _ = here("explain", "reader@example.org", "EvoMoE")
    assert "rule “MoE”: yes, because of experts" in " ".join(yes.split())
    assert "Not read yet: his next digest decides" in yes
    no, _ = here("explain", "reader@example.org", "tutel")
    assert "rule “MoE”: no" in no
    assert "rule “MoE”: no, left out by its NOT: tutel" in no
    _, several = here("explain", "reader@example.org", "mixture", "of", code=os.EX_DATAERR)
    assert "papers, say which by its number:" in several
    _, never = here("explain", "reader@example.org", "xylophone", code=os.EX_DATAERR)
    assert "never listed here" in never
    told = json.loads(here("explain", "reader@example.org", "tutel", "--json")[0])
    assert (told["fate"], told["rules"][0]["words"]) == ("ahead", ["tutel"])


# --- how it says no


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["rules", "test", '"open', FILES[0]], os.EX_DATAERR, "position 0"),
        (["rules", "test", "", FILES[0]], os.EX_DATAERR, "empty"),
        (["rules", "test", "-a -b", FILES[0]], os.EX_DATAERR, "only leaves papers out"),
        (["rules", "test", "a" * 10_000, FILES[0]], os.EX_DATAERR, "1,000"),
        (["rules", "test", "/(?=a)/", FILES[0]], os.EX_DATAERR, "position"),
        (["rules", "test", "nosuch:x", FILES[0]], os.EX_DATAERR, "title"),
        (["parse", "/nonexistent"], os.EX_NOINPUT, "/nonexistent"),
        (["parse", "/"], os.EX_NOINPUT, "not a regular file"),
        (["ingest"], os.EX_USAGE, "Missing argument"),
        (["nosuch"], os.EX_USAGE, "No such command"),
        (["send", "--now", "yesterday", "--dry-run", "x"], os.EX_USAGE, "ISO"),
        (["run"], os.EX_CONFIG, "paperround init"),
        (["send"], os.EX_CONFIG, "paperround init"),
        (["status"], os.EX_NOINPUT, "nothing here yet"),
        (["explain", "a@example.org", "1"], os.EX_NOINPUT, "nothing here yet"),
        (["subscribers", "add", "no-address", "--rule", "*"], os.EX_DATAERR, "e-mail address"),
        (["subscribers", "add", "a@example.org"], os.EX_USAGE, "--rule"),
        (["subscribers", "add", "a@example.org", "--rule", "(a"], os.EX_DATAERR, "position"),
        (["subscribers", "show", "a@example.org"], os.EX_DATAERR, "no such subscriber"),
        (["subscribers", "pause", "a@example.org"], os.EX_USAGE, "--until"),
    ],
)
def test_what_is_wrong_is_one_clear_complaint_and_a_sysexits_code(
    here: Here, words: list[str], code: int, says: str
) -> None:
    _, complaint = here(*words, code=code)
    assert says in complaint


def test_all_problems_of_the_configuration_are_told_together(here: Here) -> None:
    configure(here, "prot = 25", 'tsl = "none"')
    _, complaint = here("check", code=os.EX_CONFIG)
    assert "paperround.toml:4: " in complaint
    assert "paperround.toml:5: " in complaint
    assert "port" in complaint


def test_check_says_that_all_is_well(here: Here) -> None:
    configure(here)
    out, _ = here("check")
    assert [line.partition(":")[0] for line in out.splitlines()] == [
        "configuration", "templates", "stores",
    ]  # fmt: skip


def test_a_broken_template_is_refused_by_check_and_never_used(here: Here, tmp_path: Path) -> None:
    """F66."""
    configure(here)
    here("subscribers", "add", "reader@example.org", "--rule", "*", "--schedule", "daily 08:00")
    here("ingest", FILES[0])
    own = here.data / "templates" / "mail"
    own.mkdir(parents=True)
    (own / "digest.html.j2").write_text("<p>\n{{ nosuch }}")
    _, complaint = here("check", code=os.EX_DATAERR)
    assert "digest.html.j2, line 2" in complaint
    out = tmp_path / "out"
    _, complaint = here("send", "--now", "2025-09-08T08:00Z", "--dry-run", str(out))
    assert "templates refused, the shipped ones are used" in complaint
    (message,) = out.glob("*.eml")
    assert b"StageInteractor" in message.read_bytes()


def test_an_operators_template_overrides_the_shipped_one(here: Here) -> None:
    here("subscribers", "add", "reader@example.org", "--rule", "*")
    here("ingest", FILES[0])
    own = here.data / "templates" / "mail"
    own.mkdir(parents=True)
    (own / "digest.txt.j2").write_text("{{ digest.papers }} and {{ links.unsubscribe }}")
    out, _ = here("preview", "reader@example.org")
    assert out.startswith("47 and https://")


@pytest.mark.parametrize(
    ("lost", "says"),
    [
        ("papers.json", "papers.json"),
        ("ledger.db", "restore"),
        ("keys.json", "keys"),
    ],
)
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_a_store_that_is_missing_or_empty_beside_its_sibling_is_refused(
    here: Here, lost: str, says: str, how: str
) -> None:
    """F17: never is it begun anew in silence."""
    here("ingest", FILES[0])
    (here.data / lost).unlink()
    if how == "empty":
        (here.data / lost).touch()
    ended = run(["ingest", FILES[1], "--data", str(here.data)])
    complaint = here._capture.readouterr().err
    assert ended in (os.EX_DATAERR, os.EX_NOINPUT, os.EX_CONFIG), complaint
    assert says in complaint
    assert complaint.count("Traceback") == 0


def test_another_paper_log_is_refused_until_the_operator_accepts_it(
    here: Here, tmp_path: Path
) -> None:
    here("subscribers", "add", "reader@example.org", "--rule", "*")
    here("ingest", *FILES)
    other = Here(tmp_path / "other", here._capture)
    other("ingest", FILES[0])
    (here.data / "papers.json").write_bytes((other.data / "papers.json").read_bytes())
    _, complaint = here("status", code=os.EX_DATAERR)
    assert "init --new-log" in complaint
    here("init", "--new-log")
    assert here.json("status")["papers"] == 47


def test_an_older_state_of_the_paper_log_is_refused(here: Here) -> None:
    configure(here)
    here("subscribers", "add", "reader@example.org", "--rule", "*")
    here("ingest", FILES[0])
    old = (here.data / "papers.json").read_bytes()
    here("ingest", FILES[1])
    here("send", "--now", "2025-09-09T09:00Z")
    (here.data / "papers.json").write_bytes(old)
    _, complaint = here("status", code=os.EX_DATAERR)
    assert "ends at paper 47, but subscribers have read up to 63" in complaint


def test_commands_take_config_and_data_behind_them_too(here: Here) -> None:
    assert run(["ingest", FILES[0], "--data", str(here.data)]) == 0
    assert here.json("status")["papers"] == 47


def test_options_come_from_the_environment_too(
    here: Here, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PAPERROUND_DATA", str(here.data))
    monkeypatch.setenv("PAPERROUND_INGEST_JSON", "1")
    assert run(["ingest", FILES[0]]) == 0
    assert json.loads(capsys.readouterr().out)["new"] == 47


def paperround(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-m", "worker", *words]
    return subprocess.run(arguments, capture_output=True, text=True, **more)


def test_a_reader_who_hangs_up_is_no_error_of_ours(tmp_path: Path) -> None:
    command = f"{sys.executable} -m worker parse {FILES[0]} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_in_the_plainest_of_locales_titles_still_come_out() -> None:
    done = paperround("parse", FILES[0], "--json", env={"LC_ALL": "C", "PATH": os.environ["PATH"]})
    assert done.returncode == 0, done.stderr
    assert "Schrödinger" in done.stdout


def test_a_fault_of_ours_is_one_line_and_a_file_for_the_report(tmp_path: Path) -> None:
    breaking = "import worker.cli.look as l, worker.cli.main as m; l.forms.read = None; m.main()"
    done = subprocess.run(
        [sys.executable, "-c", breaking, "parse", FILES[0]],
        capture_output=True,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert done.returncode == os.EX_SOFTWARE
    assert done.stderr.count("\n") == 1
    (report,) = tmp_path.glob("paperround-fault-*.txt")
    assert "TypeError" in report.read_text()


def test_demo_needs_nothing_and_writes_what_would_be_mailed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["demo", "--out", str(tmp_path / "out")]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "2025-09-08.txt 47 47 0" in printed
    assert "2025-09-09.txt 20 16 4" in printed
    messages = {path.stem for path in (tmp_path / "out").glob("*.eml")}
    assert messages == {path.stem for path in (tmp_path / "out").glob("*.html")}
    assert {name.partition("@")[0][11:] for name in messages} >= {"everything", "ada"}


# --- fetching


def fetching(here: Here, port: int) -> None:
    configure(
        here,
        "[[fetch]]",
        'name = "lab"',
        f'url = "http://127.0.0.1:{port}/{{day}}.txt"',
        "[[fetch]]",
        'name = "feed"',
        f'url = "http://127.0.0.1:{port}/feed"',
    )


class Silent(SimpleHTTPRequestHandler):
    """Says nothing on standard error."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def files(tmp_path: Path) -> Iterator[int]:
    """The port of a web server that has the seed of 8 September, and nothing else."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "2025-09-08.txt").write_bytes(Path(FILES[0]).read_bytes())
    handler = functools.partial(Silent, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_fetch_brings_one_day_into_the_inbox(here: Here, files: int) -> None:
    fetching(here, files)
    out, _ = here("fetch", "lab", "--day", "2025-09-08")
    inbox = here.data / "inbox"
    assert out == f"lab: 47 listings of 2025-09-08, put into {inbox / 'lab-2025-09-08.txt'}\n"
    assert (inbox / "lab-2025-09-08.txt").read_bytes() == Path(FILES[0]).read_bytes()
    assert here.json("fetch", "lab", "--day", "2025-09-08") == {
        "name": "lab", "day": "2025-09-08", "file": "lab-2025-09-08 (2).txt", "listed": 47,
        "why": "",
    }  # fmt: skip


def test_a_fetch_that_fails_says_why_and_leaves_the_inbox_empty(here: Here, files: int) -> None:
    fetching(here, files)
    _, err = here("fetch", "lab", "--day", "2025-09-07", code=os.EX_UNAVAILABLE)
    assert err == "paperround: lab: not fetched: 404 File not found\n"
    assert list((here.data / "inbox").iterdir()) == []


def test_fetch_without_a_name_shows_what_is_fetched_and_when(here: Here, files: int) -> None:
    fetching(here, files)
    out, _ = here("fetch")
    assert [line.split()[:4] for line in out.splitlines()[1:]] == [
        ["lab", "daily", "06:00", "UTC"], ["feed", "daily", "06:00", "UTC"],
    ]  # fmt: skip
    assert here.json("fetch")[0] == {
        "name": "lab", "schedule": "daily 06:00", "timezone": "UTC", "failures": 0, "why": "",
        "missing": [], "fetched_at": None, "retry_at": None,
    }  # fmt: skip


def test_a_fetch_that_is_not_there_or_has_no_days_is_refused(here: Here, files: int) -> None:
    fetching(here, files)
    _, err = here("fetch", "lap", code=os.EX_USAGE)
    assert err == "paperround: no [[fetch]] is named 'lap'; there are: lab, feed\n"
    _, err = here("fetch", "feed", "--day", "2025-09-08", code=os.EX_USAGE)
    assert "is not asked by day" in err


def test_fetch_with_nothing_to_fetch_says_so(here: Here) -> None:
    configure(here)
    assert here("fetch")[0] == "nothing is fetched: see [[fetch]] in the configuration\n"


def test_status_says_so_when_the_inbox_is_not_there(here: Here) -> None:
    configure(here)
    assert "is not there" not in here("status")[0]
    (here.data / "inbox").rmdir()
    assert f"the inbox {here.data / 'inbox'} is not there" in here("status")[0]


def test_a_rule_is_tried_on_the_papers_as_the_last_file_leaves_them(
    here: Here, tmp_path: Path
) -> None:
    files = []
    for number, votes in enumerate((2, 40), 1):
        paper = {"title": "A paper", "id": "2509.90001", "upvotes": votes, "kind": "new"}
        file = tmp_path / f"2025-09-0{number}.json"
        file.write_text(json.dumps([paper]))
        files.append(str(file))
    found = here.json("rules", "test", "upvotes:>=20", *files)
    assert (found["papers"], len(found["matched"])) == (1, 1)
