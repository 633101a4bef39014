"""Templates of an operator: what goes wrong in one is told at its line, and nothing grows."""

from __future__ import annotations

import pytest

from worker.core import render
from worker.core.jinja import RenderError, environment, faults_of


def rendered(source: str) -> str:
    with faults_of("a.j2"):
        return environment({"a.j2": source}, autoescape=True).get_template("a.j2").render()


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("\n{% if %}", "a.j2, line 2: Expected"),
        ("\n{{ nosuch }}", "a.j2, line 2: 'nosuch' is undefined"),
        ("{% include 'a.j2' %}", "a.j2, line 1: maximum recursion"),
        ("{{ 'x' * 10**9 }}", "a.j2, line 1: multiplied to more"),
        ("{{ 10**9 * 'x' }}", "a.j2, line 1: multiplied to more"),
        ("{{ 9**9999 }}", "a.j2, line 1: powers"),
    ],
)
def test_a_fault_is_told_with_file_and_line(source: str, says: str) -> None:
    with pytest.raises(RenderError, match=says):
        rendered(source)


def test_what_is_small_is_multiplied() -> None:
    assert rendered("{{ 2 * 3 }} {{ 2 ** 3 }} {{ 'x' * 3 }}") == "6 8 xxx"


def test_a_fault_outside_of_a_template_is_told_with_its_name_alone() -> None:
    with pytest.raises(RenderError, match=r"^a\.j2: MemoryError$"), faults_of("a.j2"):
        raise MemoryError


def test_a_part_that_nobody_would_mail_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "LONGEST_PART", 10)
    links = render.Links("u", "h", "n")
    with pytest.raises(RenderError, match=r"digest\.txt\.j2: makes a part of 11 characters"):
        render._whole("digest", "s", "x" * 11, "", links)
