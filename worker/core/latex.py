r"""LaTeX as readable Unicode, once, for people and for matching; it never loses text.

``$\mathcal{O}(n \log n)$`` is O(n log n), ``{\em labeled}`` labeled, ``36.4\%`` 36.4%. A command
that nobody knows keeps its name: ``\tool`` is tool. What does not close stays as it is written, and
so do bare ``%``, ``&`` and ``#``, money, paths, patterns, snake_case and the braces of sets. The
dumps that dropped ``$`` and the backslash (``ZcdotZcdotW``) are left alone.
"""

from __future__ import annotations

import re

from worker.core.commands import COMMANDS
from worker.core.dollars import formulas
from worker.core.groups import Call, Group, Reading
from worker.core.letters import spelled_out
from worker.core.macros import take_macro
from worker.core.signs import take_script, take_sign
from worker.core.typed import typeset

_TEX = re.compile(r"[\\${^_]")
# JSON's quotation marks, where they were not undone.
_QUOTED = re.compile(r'(?<![\w{\\])\\"(?=\w)([^"\\{}\n]{1,80}+)\\"(?![\w{])')
_TOKEN = re.compile(
    r"""
    (?P<text>(?>(?:[^\\${}^_h]++|h(?!ttps?://))+)|https?://[^\s\\${}]++)
    | \\(?P<name>[A-Za-z]++)(?>(?:\*(?=\{))?)
    | \\(?P<sign>[^A-Za-z]|$)
    | (?P<script>[\^_](?>(?:-?[0-9]++(?!_)|[^\W_](?!\w))?))
    | (?P<open>\{) | (?P<close>\}) | (?P<dollar>\$)
    """,
    re.VERBOSE | re.DOTALL,
)
_NAME = re.compile(r"[\w+./–-]++")
_CAPITAL = re.compile("[A-Z]")
_LETTERS = re.compile(r"[A-Za-z]+\Z")
_SIGNS_ONLY = re.compile(r"[^\w\s]+")


def latex(text: str) -> str:
    """The text without its LaTeX, in linear time. A text that has none is given back as it is."""
    if "\\" in text:
        text = spelled_out(_QUOTED.sub(r'"\1"', text))
    text = typeset(text)
    return _Reader(text).read() if _TEX.search(text) else text


class _Reader:
    """One reading of one text, token by token."""

    def __init__(self, text: str) -> None:
        self._reading = Reading(text)
        self._dollars = formulas(text)
        self._too_deep = 0

    def read(self) -> str:
        reading = self._reading
        while token := _TOKEN.match(reading.text, reading.at):
            reading.at = token.end()
            self._take(token)
        return reading.finish()

    def _take(self, token: re.Match[str]) -> None:
        match token.lastgroup:
            case "name":
                take_macro(self._reading, token[0], token["name"])
            case "sign":
                take_sign(self._reading, token["sign"])
            case "script":
                take_script(self._reading, token["script"])
            case "open":
                self._open(token.start())
            case "close":
                self._close()
            case "dollar":
                self._dollar(token.start())
            case _:
                self._plain(token[0])

    def _plain(self, text: str) -> None:
        """Text. A command that waits for an argument takes the first letter of it."""
        while isinstance(self._reading.stack[-1], Call) and (text := text.lstrip()):
            self._reading.put(text[0])
            text = text[1:]
        if text:
            self._reading.put(text)

    def _open(self, start: int) -> None:
        if self._too_deep or self._reading.is_deep:
            self._too_deep += 1
            self._reading.put("{")
        else:
            self._reading.stack.append(Group("{", "}", self._reading.mode, start))

    def _close(self) -> None:
        if self._too_deep:
            self._too_deep -= 1
            self._reading.put("}")
        elif group := self._reading.close("}"):
            self._reading.put(self._inside(group))
        else:
            self._reading.put("}")

    def _inside(self, group: Group) -> str:
        """The text of a group without its braces, unless they mean something, as in {0, 1}."""
        reading, text = self._reading, group.text()
        top = reading.stack[-1]
        if isinstance(top, Call) or top.after_word or group.mode != "text" or not text.strip():
            return text
        if top.pieces and top.pieces[-1].startswith("http"):
            return f"{{{text}}}"
        is_tex = reading.text[group.start + 1] in "\\$" or self._is_name(text, group.start)
        is_glue = _SIGNS_ONLY.fullmatch(text) and top.tail()[-1:].isalnum()
        return text if is_tex or is_glue else f"{{{text}}}"

    def _is_name(self, text: str, start: int) -> bool:
        """``{BERT}``, whose capitals are protected, but not what a dump left of a command."""
        before = _LETTERS.search(self._reading.text, max(0, start - 12), start)
        is_dumped = before is not None and before[0] in COMMANDS
        return bool(_NAME.fullmatch(text) and _CAPITAL.search(text)) and not is_dumped

    def _dollar(self, at: int) -> None:
        reading = self._reading
        sign = self._dollars.get(at, "/$")
        bare = sign.removeprefix("/")
        reading.at = at + len(bare)
        if sign == bare and not reading.is_deep:
            reading.stack.append(Group(sign, sign, "math"))
            return
        group = reading.close(bare) if at in self._dollars and sign != bare else None
        reading.put(group.text() if group else bare)
