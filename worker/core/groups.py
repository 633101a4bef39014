"""LaTeX while it is read: how far, and which groups and commands are still open."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from worker.core.commands import Command
from worker.core.scripts import SCRIPTS

DEEPEST = 30
"""Groups and commands in each other; what is deeper is text."""

_BLANKS = re.compile(r"[ \t]++\n?+[ \t]*+|\n[ \t]*+")


@dataclass(slots=True)
class Group:
    """What stands between ``opened`` and ``closed``, as far as it is read.

    ``mode`` is how its text is read: ``text``, ``math`` or ``code``, where nothing is a script.
    """

    opened: str
    closed: str
    mode: str
    start: int = 0
    after_word: bool = False
    pieces: list[str] = field(default_factory=list)

    def add(self, text: str, *, word: bool) -> None:
        """The text behind the others. A ``word`` is kept apart from its neighbours by a blank."""
        if (self.after_word or word) and _is_word(text[:1]) and _is_word(self.tail()[-1:]):
            self.pieces.append(" ")
        if text:
            self.pieces.append(text)
        self.after_word = word

    def tail(self) -> str:
        """The last characters, three at most."""
        return self.pieces[-1][-3:] if self.pieces else ""

    def text(self) -> str:
        """All that was added."""
        return "".join(self.pieces)


@dataclass(slots=True)
class Call:
    """A command as it was written, with the arguments that it has so far."""

    written: str
    command: Command
    mode: str
    args: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Reading:
    """A text, how far it is read, and what is open there, the innermost last.

    What was put is never dropped: what does not close becomes text.
    """

    text: str
    at: int = 0
    whole: Group = field(default_factory=lambda: Group("", "", "text"))
    stack: list[Group | Call] = field(init=False)
    _last: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.stack = [self.whole]
        self._last = {sign: self.text.rfind(sign) for sign in (r"\)", r"\]")}

    @property
    def mode(self) -> str:
        """How to read on."""
        top = self.stack[-1]
        return (top.command.mode or top.mode) if isinstance(top, Call) else top.mode

    @property
    def tail(self) -> str:
        """The last characters before, in this group."""
        top = self.stack[-1]
        return top.tail() if isinstance(top, Group) else ""

    def is_ahead(self, closed: str) -> bool:
        """Whether this, the end of a formula, comes somewhere."""
        return self._last[closed] >= self.at

    @property
    def is_deep(self) -> bool:
        return len(self.stack) > DEEPEST

    def skip_blanks(self) -> None:
        if found := _BLANKS.match(self.text, self.at):
            self.at = found.end()

    def put(self, text: str, *, word: bool = False) -> None:
        """Text for the innermost: more of a group, or a command's next argument."""
        while isinstance(top := self.stack[-1], Call):
            top.args.append(text)
            if len(top.args) < top.command.arity:
                return
            self.stack.pop()
            text, word = top.command.written(top.args), top.command.word
        top.add(text, word=word)

    def close(self, closed: str) -> Group | None:
        """The innermost group that closes so, taken off, if there is one."""
        for place in range(len(self.stack) - 1, 0, -1):
            group = self.stack[place]
            if isinstance(group, Group) and group.closed == closed:
                self._give_up(place + 1)
                self.stack.pop()
                return group
        return None

    def finish(self) -> str:
        """The whole, with what is still open."""
        self._give_up(1)
        return self.whole.text()

    def _give_up(self, kept: int) -> None:
        """Whatever is open beyond so many never closes: it is text as it was written."""
        while len(self.stack) > kept:
            top = self.stack.pop()
            inside = top.pieces if isinstance(top, Group) else top.args
            begun = top.opened if isinstance(top, Group) else top.written
            self.put("".join((begun, *inside)))


def _is_word(character: str) -> bool:
    return character.isalnum() and character not in SCRIPTS
