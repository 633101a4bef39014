"""The settings: shipped as documented, checked whole, whatever the source (B80)."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from tests.config.reading import Read, problems
from worker import shipped
from worker.config.settings import Settings, read_settings
from worker.core.letterhead import Letterhead
from worker.model import Kind, Refused, WhenEmpty

CANNOT = "not an e-mail address that can be mailed:"
SHIPPED = shipped.path("config/paperround.toml")


# --- what ships -------------------------------------------------------------


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    settings = read_settings(None, {}, tmp_path)
    assert settings.config is None
    assert settings.inbox == tmp_path / "inbox"
    assert settings.ledger == tmp_path / "ledger.db"
    assert (settings.smtp.host, settings.smtp.port, settings.smtp.tls) == (
        "localhost",
        587,
        "required",
    )
    assert (settings.from_name, settings.from_address) == ("Paper Round", "digest@example.org")
    assert (settings.max_papers, settings.when_empty) == (100, WhenEmpty.SKIP)
    assert [warning.split()[1] for warning in settings.warnings] == ["from", "base_url"]


def uncommented() -> str:
    return re.sub(r"(?m)^# (?=[a-z0-9_]+ = )", "", SHIPPED.read_text("utf-8"))


def test_the_shipped_file_changes_nothing_as_it_is_nor_with_everything_uncommented(
    read: Read, tmp_path: Path
) -> None:
    defaults = replace(read_settings(None, {}, tmp_path), config=tmp_path / "paperround.toml")
    assert read(SHIPPED.read_bytes()) == defaults
    assert read(uncommented()) == defaults


def test_the_shipped_file_has_every_key_there_is(read: Read) -> None:
    for section, table in tomllib.loads(uncommented()).items():
        (told,) = problems(read, f"[{section}]\n'?' = 1\n")
        assert told == f"paperround.toml:2: unknown key '?'; there are {', '.join(sorted(table))}"
    (told,) = problems(read, "['?']\n")
    named = told.rpartition("; there are ")[2]
    sections = "delivery, digest, dkim, domain, fetch, inbox, mail, relay, returns, rule_set, smtp"
    assert named == f"{sections}, store, web"


# --- the file ---------------------------------------------------------------


def test_what_the_file_says_is_what_is_handed_down(read: Read, tmp_path: Path) -> None:
    settings = read(
        """
        [inbox]
        folder = "/srv/papers"
        settle_seconds = 0.5
        cross_lists = true
        [mail]
        from = "Zeitung <zeitung@bücher.example>"
        base_url = "https://p.example.com:8443/x/"
        [smtp]
        host = "::1"
        port = 25
        tls = "none"
        ca_file = "ca.pem"
        [digest]
        when_empty = "say so"
        """
    )
    assert settings.inbox == Path("/srv/papers")
    assert settings.settle_seconds == 0.5
    assert settings.wanted == {Kind.NEW, Kind.CROSS}
    assert settings.from_address == settings.reply_to == "zeitung@xn--bcher-kva.example"
    assert settings.bounce_domain == "xn--bcher-kva.example"
    assert settings.list_id == "paper-round.xn--bcher-kva.example"
    assert settings.base_url == "https://p.example.com:8443/x"
    assert (settings.smtp.host, settings.smtp.port, settings.smtp.tls) == ("::1", 25, "none")
    assert settings.smtp.ca_file == tmp_path / "ca.pem"
    assert settings.when_empty is WhenEmpty.SAY_SO


def test_all_problems_are_told_together_in_the_order_of_the_file(read: Read) -> None:
    told = problems(
        read,
        """\
[smpt]
[mail]
from = 'nobody'
base_ulr = 'https://x.example.org'
[smtp]
port = '25'
tls = 'maybe'
[store]
window_days = 0
""",
        PAPERROUND_DIGEST_MAX_PAPERS="many",
        PAPERROUND_SMTP_HSOT="mail.example.org",
    )
    whole = "a whole number"
    assert told == [
        "paperround.toml:1: unknown section 'smpt'; did you mean smtp?",
        f"paperround.toml:3: [mail] from: {CANNOT} an email address must have an @-sign.",
        "paperround.toml:4: unknown key 'base_ulr'; did you mean base_url?",
        f"paperround.toml:6: [smtp] port: must be {whole} from 1 to 65535, without quotes",
        'paperround.toml:7: [smtp] tls: must be one of "required", "implicit", "none"',
        f"paperround.toml:9: [store] window_days: must be {whole} from 1 to 3660, without quotes",
        f"PAPERROUND_DIGEST_MAX_PAPERS: must be {whole} from 1 to 100, without quotes",
        "PAPERROUND_SMTP_HSOT: unknown; did you mean PAPERROUND_SMTP_HOST?",
    ]


def test_a_variable_switches_what_is_listed_again_on_and_off(read: Read) -> None:
    listed_again = {
        "PAPERROUND_INBOX_REPLACEMENTS": "true",
        "PAPERROUND_INBOX_CROSS_LISTS": "false",
    }
    settings = read("inbox.cross_lists = true", **listed_again)
    assert settings.wanted == {Kind.NEW, Kind.REPLACEMENT}


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("inbox.folder = ''", "a path"),
        ("inbox.folder = '~/papers'", "without ~"),
        ('inbox.folder = "a\\u0000b"', "control characters"),
        ("inbox.archive = 'inbox'", "a place of its own, not the folder again"),
        ("store.keys = 'ledger.db'", "a place of its own, not the ledger again"),
        ("store.papers = 'inbox/papers.json'", "not lie in the folder of the daily files"),
        ("inbox.settle_seconds = nan", "a number from 0 to 3600"),
        ("inbox.rescan_seconds = 0", "a number from 1 to 3600"),
        ("inbox.replacements = 'yes'", "true or false, without quotes"),
        ("inbox = 3", "must be a table"),
        ("smtp.connections = true", "a whole number from 1 to 50"),
        ("mail.reply_to = 'a@localhost'", "not an e-mail address"),
        ("mail.from = 3", "text in quotes"),
        ("mail.from = '${FROM}'", "variables are not filled in here"),
        ("mail.list_id = 'papers'", "a domain in ASCII"),
        ("mail.list_id = 'päper.example.org'", "a domain in ASCII"),
        ("mail.bounce_domain = 'x..org'", "a domain in ASCII"),
        ("mail.unsubscribe = 'a-very-very-very-long-local-part@example.org'", "over 29 characters"),
        ("mail.commands = 'a-very-very-very-long-local-part@example.org'", "over 29 characters"),
        ("mail.commands = 'nobody'", "must have an @-sign"),
        ("smtp.host = 'mail.example.org:25'", "without a port"),
        ("smtp.host = 'https://mail.example.org'", "name or IP address"),
        ("smtp.host = ''", "name or IP address"),
        ("digest.max_papers = 1.5", "a whole number"),
        ("digest.when_empty = 'say nothing'", '"skip", "say so"'),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(read: Read, line: str, allowed: str) -> None:
    (told,) = problems(read, f"\n{line}\n")
    assert told.startswith("paperround.toml:")
    assert allowed in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[mail]\nfrom = \n", "paperround.toml:2:8: Invalid value"),
        (
            "[mail]\nfrom = 'a'\nfrom = 'b'\n[smtp]",
            "paperround.toml:3:11: Cannot overwrite a value: this was given before",
        ),
        (
            "[mail]\n[mail]\n",
            "paperround.toml:2:6: Cannot declare ('mail',) twice: this was given before",
        ),
        ("a = [", "paperround.toml:1:6: Invalid value"),
        ("a = '\x01'", "paperround.toml:1:6: Found invalid character '\\x01'"),
        ("a = " + "[" * 5000, "paperround.toml: brackets are nested too deeply"),
        (b"[mail]\n# \xff\n", "paperround.toml: line 2 is not UTF-8; save the file as UTF-8"),
        (
            "[mail]\n".encode("utf-16"),
            "paperround.toml: line 1 is not UTF-8; save the file as UTF-8",
        ),
        (b"#" * 10_000_000, "paperround.toml: larger than 4000000 bytes"),
    ],
)
def test_what_is_not_toml_is_refused_with_its_place(
    read: Read, text: str | bytes, told: str
) -> None:
    assert problems(read, text) == [told]


def test_a_number_too_long_to_be_one_is_refused(read: Read) -> None:
    (told,) = problems(read, "a = " + "9" * 5000)
    assert told.startswith("paperround.toml: Exceeds the limit")


def test_a_byte_order_mark_tabs_and_windows_line_ends_are_borne(read: Read) -> None:
    assert read("\ufeff[smtp]\r\n\tport\t=\t2525\r\n").smtp.port == 2525


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "locked"])
def test_a_file_that_cannot_be_read_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "paperround.toml"
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind == "locked":
        file.symlink_to(file)  # whoever may read everything cannot read this
    told = {
        "missing": "no such file; `paperround init`",
        "folder": "Is a directory",
        "pipe": "not a regular file",
    }
    with pytest.raises(Refused, match=told.get(kind, "paperround.toml: ")) as refused:
        read_settings(file, {}, tmp_path)
    assert refused.value.exit_code == os.EX_CONFIG


@example_settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["inbox", "mail", "smtp", "store", "digest", "x"]),
        st.one_of(
            st.text(max_size=5),
            st.dictionaries(
                st.sampled_from(["folder", "from", "base_url", "password", "port", "tls", "x"]),
                st.one_of(st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
            ),
        ),
    )
)
def test_whatever_the_environment_holds_it_is_read_or_refused(tables: Mapping[str, object]) -> None:
    environ = {
        f"PAPERROUND_{section}_{key}".upper(): str(value)
        for section, table in tables.items()
        for key, value in (table.items() if isinstance(table, dict) else ())
    }
    try:
        settings = read_settings(None, environ, Path("/nowhere"))
    except Refused as refused:
        assert refused.exit_code == os.EX_CONFIG  # noqa: PT017  # either outcome is right
    else:
        assert letterhead(settings).from_address == settings.from_address


def letterhead(settings: Settings) -> Letterhead:
    return Letterhead(
        from_name=settings.from_name,
        from_address=settings.from_address,
        reply_to=settings.reply_to,
        base_url=re.sub("^http:", "https:", settings.base_url),
        list_id=settings.list_id,
        list_name="",
        bounce_domain=settings.bounce_domain,
        unsubscribe_mailbox=settings.unsubscribe,
    )


# --- the environment --------------------------------------------------------


def test_a_variable_wins_over_the_file_and_its_numbers_are_numbers(read: Read) -> None:
    settings = read(
        "[smtp]\nport = 25\n[inbox]\nsettle_seconds = 1",
        PAPERROUND_SMTP_PORT="2525",
        PAPERROUND_INBOX_SETTLE_SECONDS="0.25",
        PAPERROUND_INBOX_FOLDER="7",
        PAPERROUND_CONFIG="/elsewhere",
        PAPERROUND_SMTP_SOMETHING_QUITE_DIFFERENT="1",
    )
    assert (settings.smtp.port, settings.settle_seconds) == (2525, 0.25)
    assert settings.inbox.name == "7"
