r"""What is met while LaTeX is read and is no name: ``\%``, ``\\``, ``\(``; ``x^2`` and ``x_i``."""

from __future__ import annotations

import re

from worker.core.commands import raised
from worker.core.groups import Call, Group, Reading
from worker.core.scripts import on_the_line, script

_SIGNS = {sign: sign for sign in "%&#${}_\"'`^~="} | dict.fromkeys(",;: \n\t", " ")
_SIGNS |= {"|": "‖", "-": "", "!": "!", "/": "/"}
_FORMULA_SIGNS = _SIGNS | {"!": "", "/": "", ">": " "}
_CLOSED = {"(": r"\)", "[": r"\]"}
_SPACING = re.compile(r"\*?+\[-?[0-9.]{1,9}[a-z]{2}\]|\*")
# Outside of formulas: H_2O and x_i, but no snake_case and no address.
_NUMBERED = re.compile(r"(?<![\w/.@])[^\W\d_]{1,2}$")
_LETTERED = re.compile(r"(?<![\w/.@])[^\W\d_]$")


def take_sign(reading: Reading, sign: str) -> None:
    r"""The ``sign`` behind a backslash, after which the reading stands."""
    is_formula = reading.mode == "math"
    if sign == "\\":
        _break_line(reading, is_formula=is_formula)
    elif sign in _CLOSED and reading.is_ahead(_CLOSED[sign]) and not reading.is_deep:
        reading.stack.append(Group(f"\\{sign}", _CLOSED[sign], "math"))
    elif group := reading.close(f"\\{sign}"):
        reading.put(group.text())
    else:
        reading.put((_FORMULA_SIGNS if is_formula else _SIGNS).get(sign, f"\\{sign}"))


def _break_line(reading: Reading, *, is_formula: bool) -> None:
    r"""``\\``, which is none before a letter: there it is a backslash that was escaped."""
    if not is_formula and reading.text[reading.at : reading.at + 1].isalpha():
        reading.put("\\\\")
        return
    if spacing := _SPACING.match(reading.text, reading.at):
        reading.at = spacing.end()
    reading.put(" " if is_formula else "\n")


def take_script(reading: Reading, written: str) -> None:
    """``^`` or ``_``, with what stands there at once: a number, or a letter that ends a word."""
    sign, text = written[0], written[1:]
    is_formula = reading.mode == "math"
    if text and (is_formula or _is_index(reading, sign, text)):
        reading.put(script(sign, text) or on_the_line(sign, text), word=True)
    elif not text and (is_formula or _has_argument(reading)) and not reading.is_deep:
        braced = reading.text.startswith("{", reading.at)
        command = raised(sign, formula=is_formula, braced=braced)
        reading.stack.append(Call(sign, command, reading.mode))
    else:
        reading.put(written)


def _is_index(reading: Reading, sign: str, text: str) -> bool:
    if reading.mode == "code":
        return False
    if sign == "^":
        return reading.tail[-1:].isalnum() or reading.tail.endswith((")", "]"))
    return (_NUMBERED if text.isdigit() else _LETTERED).search(reading.tail) is not None


def _has_argument(reading: Reading) -> bool:
    return reading.mode == "text" and reading.text.startswith(("{", "\\"), reading.at)
