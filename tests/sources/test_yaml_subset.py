"""The part of YAML that is read (B28, B30)."""

from __future__ import annotations

import pytest

from worker.sources.yaml_subset import Odd, Value, value_in


def value(text: str) -> Value:
    return value_in(text.split("\n"))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a: b # c", "b"),
        ("a: b#c", "b#c"),
        ("a: b: c", "b: c"),
        ("a: b\n c\n\n d", "b c\nd"),
        ("a: 'it''s\n  so'", "it's so"),
        (r'a: "\x41\u0042\U00000043\t\"\\"', 'ABC\t"\\'),
        (r'a: "\ud800"', "\ud800"),
        ('a: "b\n\n  c"', "b\nc"),
        ("a: ''", ""),
        ("a: ~", ""),
        ("a: null", ""),
        ("a:", ""),
        ("a: # nothing", ""),
        ("a: |\n  b\n   c\n\n  d\n\n", "b\n c\n\nd"),
        ("a: |2-\n   b\n  c", " b\nc"),
        ("a: >\n  b\n  c\n\n  d", "b c\nd"),
        ("a: |\n  - b: c\n  # d", "- b: c\n# d"),
        ("'a': b", "b"),
        ("a: -1", "-1"),
        ("a: - b", "- b"),
    ],
)
def test_a_text_means_what_yaml_says(text: str, meant: str) -> None:
    assert value(text) == {"a": meant}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a: []", []),
        ("a: [b, 'c, d', \"e\"]", ["b", "c, d", "e"]),
        ("a: [b c,\n  d\n  e] # f", ["b c", "d e"]),
        ("a:\n- b\n- c", ["b", "c"]),
        ("a:\n  -\n    b\n  - - c\n    - d", ["b", ["c", "d"]]),
        ("a:\n  b:\n    c: d", {"b": {"c": "d"}}),
    ],
)
def test_a_list_or_mapping_means_what_yaml_says(text: str, meant: Value) -> None:
    assert value(text) == {"a": meant}


def test_one_name_twice_is_refused() -> None:
    """B30."""
    with pytest.raises(Odd, match="given before"):
        value("a: 1\na: 2")


def test_nesting_without_end_is_refused() -> None:
    """B28."""
    with pytest.raises(Odd, match="levels"):
        value("- " * 100_000)
