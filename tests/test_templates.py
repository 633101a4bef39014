"""The operator's templates are tried before they are trusted, those of answers too."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tests.made import delivery, pick
from worker.core.jinja import (
    RenderError,
)
from worker.core.render import (
    Links,
)
from worker.core.sample import sample_answer
from worker.templates import checked, usable

LINKS = Links("https://example.org/u/x", "https://example.org", "Paper Round")


def own(data: Path, name: str, source: str) -> Path:
    folder = data / "templates" / "mail"
    folder.mkdir(parents=True)
    (folder / name).write_text(source)
    return data


def test_an_own_template_of_answers_is_used_beside_the_shipped_ones(tmp_path: Path) -> None:
    templates = checked(own(tmp_path, "answer.subject.j2", "Mine: {{ answer.title }}"))
    assert templates.letter(sample_answer(), LINKS).subject == "Mine: Done"
    assert templates.letter(delivery(pick(1)), LINKS).subject.startswith("1 paper: Paper 1")


def test_a_folder_of_before_there_were_answers_falls_back_for_them(tmp_path: Path) -> None:
    templates = checked(own(tmp_path, "digest.subject.j2", "Mine"))
    assert templates.letter(sample_answer(), LINKS).subject == "Paper Round: Done"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("confirm.html.j2", "{{ links.unsubscribe }}"),
        ("confirm.txt.j2", "{{ links.unsubscribe }}"),
        ("confirm.subject.j2", "{{ answer.nothing }}"),
        ("answer.html.j2", "{{ links.unsubscribe }}{{ 1 / 0 if answer.kind == 'notice' else 1 }}"),
        ("answer.html.j2", "{{ links.unsubscribe }}{{ 1 / 0 if links.preferences else 1 }}"),
        ("digest.html.j2", "{{ links.unsubscribe }}{{ 1 / 0 if links.page else 1 }}"),
        ("digest.html.j2", "{{ links.unsubscribe }}{{ (digest.day | day(digest.language))[20] }}"),
        ("digest.txt.j2", "no link, though some get nothing but this"),
    ],
)
def test_an_own_template_that_fails_for_some_is_found_before_it_is_needed(
    tmp_path: Path, name: str, source: str
) -> None:
    own(tmp_path, name, source)
    with pytest.raises(RenderError, match=name.replace(".", r"\.")):
        checked(tmp_path)


@pytest.mark.parametrize(
    "source",
    [
        "{{ answer.nothing }}",
        "{% if links.takes_commands %}{{ 1 / 0 }}{% endif %}",
        "<p>No link</p>",
    ],
)
def test_an_own_template_of_answers_that_fails_is_found_before_it_is_needed(
    tmp_path: Path, source: str
) -> None:
    own(tmp_path, "answer.html.j2", source)
    with pytest.raises(RenderError, match=r"answer\.html"):
        checked(tmp_path)
    assert usable(tmp_path).letter(sample_answer(), LINKS).subject == "Paper Round: Done"


LINK = "{{ links.unsubscribe }}"
LOOP = "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}"
ENDS = "{% endfor %}{% endfor %}{% endfor %}"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (f"<p>\n{LINK}\n{{% if %}}", "digest.html.j2, line 3: Expected an expression"),
        (f"{LINK}\n\n{{{{ nosuch }}}}", "digest.html.j2, line 3: 'nosuch' is undefined"),
        (f"{LINK}\n{{% include 'digest.html.j2' %}}", "digest.html.j2, line 2: maximum recursion"),
        (
            f"{LINK}{{% macro m() %}}\n{{{{ m() }}}}{{% endmacro %}}{{{{ m() }}}}",
            "digest.html.j2, line 2: maximum recursion",
        ),
        (f"{LINK}{{% for i in range(10**9) %}}{{% endfor %}}", "digest.html.j2, line 1: Range too"),
        (f"{LINK}\n{LOOP}\n{ENDS}", "digest.html.j2, line 2: takes too long"),
        (f"{LINK}\n{{{{ 'x' * 10**9 }}}}", "digest.html.j2, line 2: multiplied to more than"),
        (f"{LINK}{{{{ 9 ** 9 ** 9 ** 9 }}}}", "digest.html.j2, line 1: powers"),
        (f"{LINK}\n{{{{ 'x' | center(10**9) }}}}", "digest.html.j2, line 2: MemoryError"),
        (f"{LINK}{{{{ 'x' | center(3 * 10**6) }}}}", "digest.html.j2: makes a part of 3000"),
        (f"{LINK}{{% include '../../../etc/passwd' %}}", "digest.html.j2, line 1: ../../../etc"),
        ("{{ ''.__class__ }}", "digest.html.j2, line 1: access to attribute '__class__'"),
        ("<p>no link</p>", "digest.html.j2: the unsubscribe link is missing"),
    ],
)
def test_a_template_of_his_own_is_refused_with_file_and_line(
    tmp_path: Path, source: str, says: str
) -> None:
    """B83: whatever it would take, it is told soon, and the shipped ones are used."""
    own(tmp_path, "digest.html.j2", source)
    started = time.monotonic()
    with pytest.raises(RenderError) as refused:
        checked(tmp_path)
    assert says in str(refused.value)
    assert time.monotonic() - started < 20, "by the wall, on a busy machine"


def test_numbers_that_grow_without_end_are_no_way_out(tmp_path: Path) -> None:
    squared = "{% for i in range(40) %}{% set n.x = n.x * n.x %}{% endfor %}"
    own(tmp_path, "digest.subject.j2", "{% set n = namespace(x=7) %}" + squared)
    with pytest.raises(RenderError, match=r"digest\.subject\.j2, line 1: takes too long"):
        checked(tmp_path)


@pytest.mark.parametrize(
    ("dies", "says"),
    [
        ("import os; os.kill(os.getpid(), 24)", "they need more than 2 s or 256 MB"),
        ("raise ImportError('No module named x')", "they cannot be tried: ImportError: No module"),
        ("import os; os._exit(3)", "they cannot be tried: no word"),
    ],
)
def test_a_child_that_dies_of_templates_refuses_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies: str, says: str
) -> None:
    """24: the system's way of saying that its time is over."""
    own(tmp_path, "digest.subject.j2", "Mine")
    monkeypatch.setattr("worker.confined.command", lambda *_: (sys.executable, "-c", dies))
    with pytest.raises(RenderError, match=says):
        checked(tmp_path)
    assert usable(tmp_path).letter(sample_answer(), LINKS).subject == "Paper Round: Done"


def test_a_fault_in_what_is_included_is_told_under_its_own_name(tmp_path: Path) -> None:
    folder = own(tmp_path, "digest.html.j2", "\n\n{% include 'foot.html.j2' %}")
    (folder / "templates" / "mail" / "foot.html.j2").write_text(f"{LINK}\n{{{{ nosuch }}}}")
    with pytest.raises(RenderError, match=r"foot\.html\.j2, line 2: 'nosuch' is undefined"):
        checked(tmp_path)
