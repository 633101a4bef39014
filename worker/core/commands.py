r"""TeX's commands that take arguments, and how they are written without TeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from worker.core.scripts import is_one, on_the_line, script
from worker.core.symbols import DRESS, MARKS


@dataclass(frozen=True, slots=True)
class Command:
    """How many arguments, and what they become.

    ``mode`` is how the arguments are read (``text``, ``math``, ``code``), as round it if empty; a
    ``word`` has a blank between itself and other words.
    """

    arity: int
    written: Callable[[list[str]], str]
    mode: str = ""
    word: bool = False


def raised(sign: str, *, formula: bool = True, braced: bool = True) -> Command:
    """``^`` or ``_`` with its argument. Outside of formulas nothing is taken for what it is not."""
    return Command(1, lambda args: _script(sign, args[0], formula, braced), word=True)


def linked(address: str) -> Command:
    """The text of a link, with its address."""
    return Command(
        1, lambda args: address if args[0] == address else f"{args[0]} ({address})", "text"
    )


def _script(sign: str, text: str, formula: bool, braced: bool) -> str:
    placed = script(sign, text) if text else ""
    if placed is not None:
        return placed
    if formula or not braced:
        return on_the_line(sign, text)
    short = len(text) == 1 or text.replace(".", "").isdigit()
    return f"{sign}{text}" if short else f"{sign}{{{text}}}"


def _fraction(args: list[str]) -> str:
    return "/".join(part if is_one(part) else f"({part})" for part in map(str.strip, args))


def _root(args: list[str]) -> str:
    return f"√{args[0]}" if is_one(args[0]) else f"√({args[0]})"


def _marked(mark: str) -> Callable[[list[str]], str]:
    return lambda args: _under(mark, args[0])


def _under(mark: str, text: str) -> str:
    """The accent over the letter, if it is one."""
    letter = unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", letter + mark) if len(letter) == 1 else text


def _negated(args: list[str]) -> str:
    return unicodedata.normalize("NFC", f"{args[0][:1]}\u0338{args[0][1:]}")


def _open_faced(args: list[str]) -> str:
    """ℝ for R; of these letters every font has the common ones only."""
    return args[0].translate(_OPEN_FACED)


def _placed(sign: str) -> Callable[[list[str]], str]:
    return lambda args: script(sign, args[0]) or args[0]


_OPEN_FACED = str.maketrans("CHNPQRZ", "ℂℍℕℙℚℝℤ")


def _dress(name: str) -> Command:
    is_text = name.startswith("text") or name in {"emph", "mbox", "hbox", "fbox", "makebox"}
    return Command(1, "".join, "text" if is_text else "", name.startswith("operatorname"))


COMMANDS: Final = MappingProxyType(
    {name: _dress(name) for name in DRESS}
    | {name: Command(1, _marked(mark)) for name, mark in MARKS.items()}
    | {name: Command(2, _fraction, word=True) for name in ("frac", "dfrac", "tfrac", "cfrac")}
    | {name: Command(2, _fraction, word=True) for name in ("nicefrac", "sfrac")}
    | {
        name: Command(2, lambda args: f"({args[0]} choose {args[1]})")
        for name in ("binom", "tbinom")
    }
    | {name: Command(2, lambda args: f"{args[1]}^({args[0]})") for name in ("overset", "stackrel")}
    | {
        "sqrt": Command(1, _root),
        "mathbb": Command(1, _open_faced),
        "not": Command(1, _negated),
        "pmod": Command(1, lambda args: f"(mod {args[0]})"),
        "underset": Command(2, lambda args: f"{args[1]}_({args[0]})"),
        "texttt": Command(1, "".join, "code"),
        "textsuperscript": Command(1, _placed("^"), "text"),
        "textsubscript": Command(1, _placed("_"), "text"),
        "footnote": Command(1, lambda args: f" ({args[0]})", "text"),
    }
)
"""By name."""

_ESCAPED = re.compile(r"\\([_%#&~$^{}])")


def verbatim(text: str) -> str:
    r"""An argument that is not read, such as an address: ``a\_b`` is a_b."""
    return _ESCAPED.sub(r"\1", text)
