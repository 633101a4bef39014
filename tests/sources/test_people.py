"""Authors, however they are written."""

from __future__ import annotations

from time import process_time

import pytest

from worker.sources.people import people


@pytest.mark.parametrize(
    "written",
    [
        ["Ann Lee", "Bo Chen"],
        ["Lee, Ann", "Chen, Bo"],
        [{"name": "Ann Lee", "hidden": False}, {"user": {"fullname": "Bo Chen"}}],
        [{"first": "Ann", "last": "Lee"}, {"given": "Bo", "family": "Chen"}],
        [{"author": {"display_name": "Ann Lee"}}, {"firstName": "Bo", "lastName": "Chen"}],
        "Ann Lee, Bo Chen",
        "Ann Lee and Bo Chen",
        "Ann Lee; Bo Chen",
        "Lee, Ann; Chen, Bo",
        "Lee, Ann and Chen, Bo",
        "Ann Lee (MIT, Cambridge), Bo Chen (1)",
        "Ann Lee, Bo Chen, et al.",
        "Ann Lee, Bo Chen and others",
        "['Ann Lee', 'Bo Chen']",
        '["Ann Lee", "Bo Chen"]',
        "[{'name': 'Ann Lee'}, {'name': 'Bo Chen'}]",
        ["Ann Lee, Bo Chen"],
    ],
    ids=str,
)
def test_authors_are_read_however_they_are_written(written: object) -> None:
    assert people(written) == ("Ann Lee", "Bo Chen")


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Ann Lee, Bo Chen, and Cy Twombly", ("Ann Lee", "Bo Chen", "Cy Twombly")),
        ("Lee, Ann and Chen, Bo and OpenAI", ("Ann Lee", "Bo Chen", "OpenAI")),
        ("Shi, Yichen", ("Yichen Shi",)),
        ("Ann Lee et al.", ("Ann Lee",)),
        ({"name": "Ann Lee"}, ("Ann Lee",)),
        ("Alexandra Andersen", ("Alexandra Andersen",)),
        ("[broken", ("[broken",)),
        ([5, None, {}, {"name": 5}, []], ()),
        (5, ()),
        ("", ()),
        ([[]], ()),
    ],
    ids=str,
)
def test_names_are_told_apart(written: object, names: tuple[str, ...]) -> None:
    assert people(written) == names


def test_a_row_of_empty_brackets_takes_no_time() -> None:
    begun = process_time()
    assert people("Ann" + "()" * 500_000 + "Lee") == ("Ann Lee",)
    assert process_time() - begun < 5
