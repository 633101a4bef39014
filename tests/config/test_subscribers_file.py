"""The subscribers file: read whole, or refused with every line that is wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from worker import shipped
from worker.cli.start import NOBODY_YET
from worker.config.lines import Lines
from worker.config.settings import Settings, read_settings
from worker.config.subscribers import read_subscribers
from worker.core.catalogue import Catalogue
from worker.core.index import Index
from worker.core.query import parse
from worker.manner import USUAL, Abstracts, Language, Manner, Order, Relation
from worker.model import DailyFile, Paper, PaperNumber, Preferences, Refused, Rule, WhenEmpty
from worker.schedules import Immediately, Monthly, OnDays
from worker.sources import forms

Read = Callable[[str], tuple[Preferences, ...]]
ADA = """[[subscriber]]
address = "ada@example.org"
schedule = "daily 08:00"
timezone = "Europe/Berlin"
rules = ["diffusion"]
"""


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(text: str) -> tuple[Preferences, ...]:
        file = tmp_path / "subscribers.toml"
        file.write_text(text, "utf-8")
        return read_subscribers(file, read_settings(None, {}, tmp_path))

    return read


def problems(read: Read, text: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        read(text)
    assert refused.value.exit_code == os.EX_CONFIG
    return [re.sub(r"^\S*/subscribers.toml:", "", line) for line in str(refused.value).split("\n")]


def test_who_says_little_gets_the_defaults_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "subscribers.toml").write_text(ADA)
    environ = {"PAPERROUND_DIGEST_MAX_PAPERS": "7", "PAPERROUND_DIGEST_WHEN_EMPTY": "say so"}
    settings = read_settings(None, environ, tmp_path)
    assert read_subscribers(tmp_path / "subscribers.toml", settings) == (
        Preferences(
            address="ada@example.org",
            schedule=OnDays(frozenset(range(7)), time(8)),
            timezone="Europe/Berlin",
            rules=(Rule("diffusion", "diffusion"),),
            when_empty=WhenEmpty.SAY_SO,
            max_papers=7,
        ),
    )


def test_who_says_everything_gets_it(read: Read) -> None:
    (who,) = read(
        """[[subscriber]]
        address = "Grace@BÜCHER.example"
        schedule = "Monthly 31 7:30"
        timezone = "Asia/Tokyo"
        rules = [{ name = "Video", query = "diffusion video" }, { query = "RL" }]
        when_empty = "say so"
        max_papers = 3
        paused_until = 2026-01-31
        language = "ja"
        plain = true
        abstracts = "opening"
        order = "upvotes"
        related = ["again", "cross"]
        """
    )
    assert who == Preferences(
        address="Grace@xn--bcher-kva.example",
        schedule=Monthly(31, time(7, 30)),
        timezone="Asia/Tokyo",
        rules=(Rule("Video", "diffusion video"), Rule("RL", "RL")),
        when_empty=WhenEmpty.SAY_SO,
        max_papers=3,
        paused_until=date(2026, 1, 31),
        manner=Manner(
            Language.JA,
            plain=True,
            abstracts=Abstracts.OPENING,
            order=Order.UPVOTES,
            related=frozenset({Relation.AGAIN, Relation.CROSS}),
        ),
    )


def test_the_file_that_init_writes_tells_of_all_that_can_be_chosen(read: Read) -> None:
    assert read(NOBODY_YET) == ()
    (who,) = read(re.sub(r"(?m)^# (?=\[\[|[a-z_]+ +=)", "", NOBODY_YET))
    assert who.max_papers == 20
    assert who.when_empty is WhenEmpty.SAY_SO
    assert who.paused_until
    assert all(
        getattr(who.manner, field.name) != getattr(USUAL, field.name) for field in fields(Manner)
    )
    for language in Language:
        assert re.search(rf"\b{language.value}\b", NOBODY_YET)


def test_a_file_may_name_nobody(read: Read) -> None:
    assert read("# nobody yet\n") == ()


def test_all_that_is_wrong_is_told_together_each_with_its_line(read: Read) -> None:
    told = problems(
        read,
        ADA
        + """
[[subscriber]]
address = "üser@example.org"
schedule = "feb 30"
timezone = "Europe/Belrin"
rules = [
  "diffusion",
  "diffusion (video",

  # a comment, with a bracket ]
  { name = "x", qeury = "video" },
  { name = "", query = "video" },
  7, "-survey",
]
paused_until = "2026-01-31"
max_paper = 3

[[subscriber]]
schedule = 'daily 24:00'
timezone = "UTC"
rules = []
""",
    )
    assert [(int(line.split(":")[0]), line.split(":")[1].strip()) for line in told] == [
        (8, "address"), (9, "schedule"), (10, "timezone"), (13, "rules"), (16, "rules"),
        (17, "rules"), (18, "rules"), (18, "rules"), (20, "paused_until"),
        (21, "unknown key 'max_paper'; did you mean max_papers?"),
        (23, "address"), (24, "schedule"), (26, "rules"),
    ]  # fmt: skip
    assert "did you mean Europe/Berlin?" in told[2]
    assert "the 2. rule, position" in told[3]
    assert told[4].endswith('the 3. must be a query in quotes, or {name = "…", query = "…"}')
    assert told[10].endswith("is missing")
    assert "a list of 1 to 50 rules" in told[12]
    assert not any("üser" in line for line in told)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("schedule = 8", "text in quotes"),
        ("schedule = 'daily 24:00'", "is not a schedule"),
        ("timezone = '../../etc/passwd'", "unknown time zone"),
        ("timezone = 'localtime'", "unknown time zone"),
        ("rules = '*'", "a list of 1 to 50 rules"),
        (f"rules = {['*'] * 51}", "a list of 1 to 50 rules"),
        ("rules = ['']", "the 1. rule"),
        ("rules = [{name = 'x'}]", "the 1. must be a query"),
        (f"rules = [{{name = '{'x' * 81}', query = '*'}}]", "named with 1 to 80 characters"),
        ('rules = [{name = "x\\ny", query = "*"}]', "one line of text"),
        ("when_empty = 'say nothing'", '"skip", "say so"'),
        ("language = 'xx'", '"en", "cs", "da", "de"'),
        ("language = 'DE'", '"uk", "zh"'),
        ("plain = 'yes'", "true or false"),
        ("abstracts = 'short'", '"full", "opening", "none"'),
        ("order = 'rule'", '"rules", "upvotes"'),
        ("related = 'again'", 'a list of some of "again", "replaced", "cross"'),
        ("related = ['cross', 7]", 'a list of some of "again", "replaced", "cross"'),
        ("max_papers = 0", "a whole number from 1 to 100"),
        ("paused_until = 2026-01-31T00:00:00", "a date without quotes"),
        (f"address = '{'a' * 65}@example.org'", "over 64 characters before the @-sign"),
        ('address = "a@example.org\\r\\nRCPT TO:<v@x>"', "one line of text"),
    ],
)
def test_a_wrong_value_is_refused_with_its_line(read: Read, line: str, told: str) -> None:
    key = line.split(" ")[0]
    text = re.sub(rf"(?m)^{key} = .*$", "", ADA) + line
    (problem,) = problems(read, text)
    assert problem.startswith(f"6: {key}: ")
    assert told in problem


def test_one_address_in_two_spellings_is_refused(read: Read) -> None:
    twin = ADA.replace("ada@example.org", "ADA@Example.ORG")
    assert problems(read, ADA + twin) == [
        "7: address: the same as that of the subscriber on line 2"
    ]


def test_single_brackets_and_unknown_sections_are_told(read: Read) -> None:
    assert problems(read, "[subscriber]\naddress = 'a@x.org'\n[[subscribers]]\n") == [
        "1: must be [[subscriber]], with two brackets",
        "3: unknown section 'subscribers'; did you mean subscriber?",
    ]
    assert problems(read, "subscriber = [3]") == ["1: must be [[subscriber]], with two brackets"]


def test_a_missing_file_points_to_init(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no such file; `paperround init` writes one"):
        read_subscribers(tmp_path / "x.toml", read_settings(None, {}, tmp_path))


def test_lines_are_found_in_every_way_of_writing_toml() -> None:
    lines = Lines(
        "a.b = 1\n"
        "c = {d = {e = 2}}\n"
        '"f g" = """\n[not]\n[[a]]\ntable = """ # over\n'
        "h = '''\n]'''\n"
        "[i.j]\nk = [\n  [1,\n  2],\n\n  3 ]\n"
        "[[l]]\n[[l]]\nm = 1 # [\n[[l]]\nm = [1, 2]\r\nn = 2"
    )
    found = {
        ("a", "b"): 1, ("c", "d", "e"): 2, ("c", "x"): 2, ("f g",): 3, ("h",): 7, ("i", "j"): 9,
        ("i", "j", "k"): 10, ("i", "j", "k", 0): 12, ("i", "j", "k", 1): 14, ("l", 0): 15,
        ("l", 1, "m"): 17, ("l", 2): 18, ("l", 2, "m", 1): 19, ("l", 2, "n"): 20, ("z",): 1, (): 1,
    }  # fmt: skip
    assert {steps: lines.of(steps) for steps in found} == found


WORD = st.text("ab]['\"#\\= \n", max_size=6)


@example_settings(deadline=None)
@given(st.lists(st.one_of(st.integers(), st.lists(WORD, max_size=3)), min_size=1, max_size=8))
def test_the_line_of_a_key_is_found_whatever_the_values_before_it_look_like(
    values: list[int | list[str]],
) -> None:
    text, expected = "", {}
    for number, value in enumerate(values):
        expected[(f"k{number}",)] = text.count("\n") + 1
        text += f"k{number} = {written(value)}\n"
    lines = Lines(text)
    assert {steps: lines.of(steps) for steps in expected} == expected


def written(value: int | list[str]) -> str:
    if isinstance(value, int):
        return str(value)
    quoted = ["'''\n" + each.replace("'", "") + "'''" for each in value]
    return "[ # ]\n" + ",\n".join(quoted) + "]"


# --- what ships -------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped_subscribers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Preferences, ...]:
    settings: Settings = read_settings(None, {}, tmp_path_factory.mktemp("data"))
    return read_subscribers(shipped.path("config/subscribers.toml"), settings)


def seed_papers() -> list[Paper]:
    papers: list[Paper] = []
    for seed in sorted(shipped.path("seeds").glob("*.txt")):
        file = DailyFile(seed.name, seed.read_bytes(), "", datetime(2025, 9, 10, tzinfo=UTC))
        for each in forms.read(file, None).listings:
            number = PaperNumber(len(papers) + 1)
            papers.append(Paper(number, date(2025, 9, 9), (), each.title, each.abstract))
    return papers


def test_the_shipped_subscribers_show_every_kind_of_schedule(
    shipped_subscribers: tuple[Preferences, ...],
) -> None:
    assert len(shipped_subscribers) == 5
    kinds = {type(who.schedule) for who in shipped_subscribers}
    assert kinds == {Immediately, OnDays, Monthly}
    assert len({who.timezone for who in shipped_subscribers}) == 5
    assert {who.address.split("@")[1] for who in shipped_subscribers} <= {
        "example.org", "example.com", "example.net",
    }  # fmt: skip


def test_every_shipped_rule_but_one_readers_finds_papers_in_the_seeds(
    shipped_subscribers: tuple[Preferences, ...],
) -> None:
    papers = seed_papers()
    index = Index(Catalogue(papers))
    counts = [
        [index.match(parse(rule.query)).bit_count() for rule in who.rules]
        for who in shipped_subscribers
    ]
    everything, *some, none = counts
    assert everything == [len(papers)]
    assert none == [0]
    assert all(0 < count <= 15 for of_one in some for count in of_one)
