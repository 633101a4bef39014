r"""A command of LaTeX, met while reading: a sign, one with arguments, or a name that stays."""

from __future__ import annotations

import re

from worker.core.commands import COMMANDS, linked, verbatim
from worker.core.groups import Call, Group, Reading
from worker.core.scripts import script
from worker.core.symbols import SILENT, SYMBOLS

_GIVEN = re.compile(r"(?:\[([^][{}\\]{0,80})\])?\{([^{}]*+)\}")
_OPTION = re.compile(r"\[([^][{}\\]{0,80})\]")
_COLOURS = frozenset({"color", "textcolor"})
_KEYED = _COLOURS | frozenset(
    {"url", "href", "begin", "end", "ref", "eqref", "autoref", "cref", "Cref", "pageref"}
)
_FORMULAS = frozenset(
    {"equation", "align", "gather", "multline", "eqnarray", "displaymath", "math"}
)
_PATH = re.compile(r"\\[\w.\\-]++")
_DRIVE = re.compile(r"(?<![^\W_])[A-Z]:$")
_TOUCHING = re.compile(r"[\w.,;:!?)]$")
_NEW_LINE = re.compile("n(?:[A-Z][a-z]*)?")


def take_macro(reading: Reading, written: str, name: str) -> None:
    r"""The command ``name``, after which the reading stands, put there as it is to be read."""
    if name in SILENT:
        reading.put("", word=True)
        reading.skip_blanks()
    elif name in SYMBOLS:
        _put_symbol(reading, SYMBOLS[name])
    elif name in COMMANDS and not reading.is_deep:
        _call(reading, written, name)
    elif not _take_key(reading, name):
        _put_unknown(reading, written, name)


def _put_symbol(reading: Reading, symbol: str) -> None:
    """In a formula, the blank behind a sign is TeX's if none stands before it."""
    is_tight = reading.mode == "math" and (symbol in "⟨⌈⌊" or not reading.tail.endswith(" "))
    reading.put(symbol)
    if is_tight or symbol[-1].isspace():
        reading.skip_blanks()


def _call(reading: Reading, written: str, name: str) -> None:
    if name == "sqrt" and (root := _OPTION.match(reading.text, reading.at)):
        reading.at = root.end()
        reading.put(script("^", root[1]) or f"{root[1]} ")
    reading.stack.append(Call(written, COMMANDS[name], reading.mode))


def _take_key(reading: Reading, name: str) -> bool:
    """A command whose argument is no text: an address, a reference, an environment, a colour."""
    is_known = name in _KEYED or name.startswith("cite")
    given = _GIVEN.match(reading.text, reading.at) if is_known else None
    if given is None:
        return False
    reading.at = given.end()
    key = verbatim(given[2])
    if name == "begin":
        _begin(reading, key)
    elif name == "end":
        _end(reading, key)
    elif name == "href" and not reading.is_deep:
        reading.stack.append(Call(key, linked(key), reading.mode))
    elif name in _COLOURS:
        reading.put("", word=True)
    elif name == "url":
        reading.put(f" {key}" if _TOUCHING.search(reading.tail) else key)
    elif name.startswith("cite"):
        reading.put(f"[{key}, {given[1]}]" if given[1] else f"[{key}]")
    else:
        reading.put(key, word=True)
    return True


def _begin(reading: Reading, name: str) -> None:
    if name.rstrip("*") in _FORMULAS and not reading.is_deep:
        reading.stack.append(Group(f"\\begin{{{name}}}", f"\\end{{{name}}}", "math"))
    else:
        reading.put("\n")


def _end(reading: Reading, name: str) -> None:
    group = reading.close(f"\\end{{{name}}}")
    reading.put(group.text() if group else "\n")


def _put_unknown(reading: Reading, written: str, name: str) -> None:
    """The name as a word, unless it is none: a path, a pattern (``\\d+``), JSON's end of a line."""
    if reading.mode == "math":
        reading.put(name, word=len(name) > 1)
    elif _DRIVE.search(reading.tail):
        _put_path(reading, written)
    elif _NEW_LINE.fullmatch(name):
        reading.put(f"\n{name[1:]}")
    elif len(name) == 1:
        reading.put(written)
    else:
        reading.put(name, word=True)


def _put_path(reading: Reading, written: str) -> None:
    path = _PATH.match(reading.text, reading.at - len(written))
    reading.put(path[0] if path else written)
    reading.at += len(path[0]) - len(written) if path else 0
