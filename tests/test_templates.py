"""The operator's templates are tried before they are trusted, those of answers too."""

from __future__ import annotations

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
