"""The [[fetch]] entries of the configuration."""

from __future__ import annotations

from datetime import time

import pytest

from tests.config.reading import Read, problems
from worker.core.fetching import Fetch
from worker.schedules import OnDays

DAILY = OnDays(frozenset(range(7)), time(6, 0))


def test_nothing_is_fetched_unless_it_is_asked_for(read: Read) -> None:
    assert read("").fetches == ()


def test_each_kind_of_source_is_an_address_and_a_time(read: Read) -> None:
    settings = read(
        """
        [[fetch]]
        name = "hf"
        source = "huggingface"
        [[fetch]]
        name = "arxiv_cs"
        source = "arxiv"
        categories = ["cs.CL", "q-fin", "cond-mat.str-el"]
        schedule = "weekdays 06:30"
        timezone = "Europe/Vienna"
        [[fetch]]
        name = "lab"
        url = "https://papers.example.org/{day}/feed.xml?key=1"
        [[fetch]]
        name = "here"
        url = "http://localhost:8000/today"
        """
    )
    api = "https://huggingface.co/api/daily_papers?date={day}&limit=100"
    rss = "https://rss.arxiv.org/rss/cs.CL+q-fin+cond-mat.str-el"
    weekdays = OnDays(frozenset(range(5)), time(6, 30))
    assert settings.fetches == (
        Fetch("hf", api, "json", DAILY, "UTC"),
        Fetch("arxiv_cs", rss, "xml", weekdays, "Europe/Vienna"),
        Fetch("lab", "https://papers.example.org/{day}/feed.xml?key=1", "xml", DAILY, "UTC"),
        Fetch("here", "http://localhost:8000/today", "txt", DAILY, "UTC"),
    )
    assert [fetch.by_day for fetch in settings.fetches] == [True, False, True, False]


HF = "name = 'a'\nsource = 'huggingface'\n"


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("source = 'huggingface'", "paperround.toml:1: name: is missing"),
        ("name = '../etc'\nsource = 'huggingface'", "the files are called so"),
        ("name = 'a'", "needs one of source"),
        (HF + "url = 'https://x.example.org'", "needs one of source"),
        ("name = 'a'\nsource = 'biorxiv'", '"huggingface", "arxiv"'),
        ("name = 'a'\nsource = 'arxiv'", 'goes with source = "arxiv"'),
        (HF + "categories = ['cs.CL']", 'goes with source = "arxiv"'),
        ("name = 'a'\nsource = 'arxiv'\ncategories = ['cs.CL&x=1']", "arXiv categories"),
        ("name = 'a'\nsource = 'arxiv'\ncategories = 'cs.CL'", "arXiv categories"),
        ("name = 'a'\nurl = 'http://x.example.org'", "http:// is allowed for localhost only"),
        ("name = 'a'\nurl = 'file:///etc/passwd'", "an https:// address"),
        ("name = 'a'\nurl = 'https://[::1'", "an https:// address"),
        ("name = 'a'\nurl = 'https:///x'", "an https:// address"),
        (HF + "schedule = 'immediately'", "a schedule with a time"),
        (HF + "schedule = 'hourly'", "is not a schedule"),
        (HF + "timezone = 'Vienna'", "unknown time zone"),
        (HF + "when = 'daily 06:00'", "unknown key 'when'"),
        (HF + "[[fetch]]\n" + HF, "another entry has this name already"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(read: Read, entry: str, told: str) -> None:
    assert any(told in line for line in problems(read, f"[[fetch]]\n{entry}\n"))
