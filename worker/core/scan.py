"""One term of a rule at a time: quotes, slashes, stars and fields, and what is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from worker.core import pattern
from worker.core.measure import Measure
from worker.core.spelling import spelled, trimmed, whole, width
from worker.core.terms import (
    Everything,
    Field,
    Kin,
    Label,
    Like,
    Pattern,
    QueryError,
    Rank,
    Scope,
    Term,
    Words,
)

PATTERNS = 5
"""At most so many in a rule: each costs memory, and time per paper."""

LIKES = 5
"""At most so many in a rule: each is compared with every paper there is."""

QUOTES = '"“”„＂'
SET: Final = "set:"
_DASHES = "-‐‑–—−"
_END = rf"(?=[\s(){QUOTES}]|$)"
_LATEX = r"\\\"(?=[^\W\d_]|[{\\])"  # Schr\"odinger: an accent, not a quote
_NEXT = re.compile(rf"(?s)\s*((?:AND|OR|NOT){_END}|\S)")
_FIELD = re.compile("([A-Za-z]+):")
_TOUCHES = re.compile(rf"[^\s)\{_DASHES}]")
_BARE = re.compile(rf"(?:{_LATEX}|[^\s(){QUOTES}])+")
_QUOTED = re.compile(rf"[{QUOTES}]((?:{_LATEX}|[^{QUOTES}])*)[{QUOTES}](~\w*)?")
_REGEX = re.compile(rf"(?s)/((?:\\.|[^\\/])*)/({_END})?")
_NAMED: Final = (Field.CAT, Field.ID, Field.KIND, Field.SOURCE)
_SCOPES: Final[dict[str, Scope]] = {scope.value: scope for scope in (*Field, *Measure, *Rank, *Kin)}


class NoSuchSet(QueryError):
    """A rule set is named where there is none of that name (``core.shared``, ``core.rulesets``)."""


@dataclass(slots=True)
class Scanner:
    """A rule, and how far it is read. Raises QueryError."""

    text: str
    at: int = 0
    patterns: int = 0
    likes: int = 0

    def peek(self) -> str:
        """What comes next behind the blanks: an operator, ``-``, one character, or ``""``."""
        ahead = _NEXT.match(self.text, self.at)
        if ahead is None:
            self.at = len(self.text)
            return ""
        self.at = ahead.start(1)
        return "-" if ahead[1] in _DASHES else ahead[1]

    def scope(self) -> Scope | None:
        """The field named here, read together with its colon."""
        name = _FIELD.match(self.text, self.at)
        if not name:
            return None
        if name[0].lower() == SET:
            raise NoSuchSet(self.at, "there is no such rule set here")
        scope = _SCOPES.get(name[1].lower())
        if scope is None:
            fields = ", ".join(_SCOPES)
            raise QueryError(self.at, f"there is no field {name[1]}; the fields are {fields}")
        if not _TOUCHES.match(self.text, name.end()):
            wanted = (
                f"{name[0]} must touch the word to look for; to leave it out write -{name[0]}word"
            )
            raise QueryError(self.at, wanted)
        self.at = name.end()
        return scope

    def term(self, scope: Scope | None) -> Term:
        """The term that starts here, for this field."""
        start = self.text[self.at]
        if start in QUOTES:
            return self._phrase(scope)
        if start == "/":
            return self._pattern(scope)
        return self._bare(scope)

    def _bare(self, scope: Scope | None) -> Term:
        start, raw = self.at, self._read(_BARE, "there is nothing to look for")[0]
        if raw == "*" and scope is None:
            return Everything()
        if raw.startswith("!"):
            raise QueryError(start, "write - to leave papers out, not !")
        if re.search(r"~\d*$", raw):
            raise QueryError(start, 'a width ~n needs a phrase in quotes: "graph network"~5')
        if isinstance(scope, Measure | Rank | Kin) or scope in _NAMED:
            return self._whole(raw, scope, start)
        return Words(spelled(raw, scope, start), field=scope, typed=trimmed(raw))

    def _phrase(self, scope: Scope | None) -> Term:
        start, quoted = self.at, self._read(_QUOTED, "the quote is not closed")
        if isinstance(scope, Measure | Rank | Kin) or scope in _NAMED:
            if quoted[2]:
                raise QueryError(quoted.start(2), f"{scope}: takes one name, so it has no width")
            return self._whole(quoted[1], scope, start, quoted=True)
        phrase = spelled(quoted[1], scope, start + 1)
        within = width(quoted[2], len(phrase), quoted.start(2)) if quoted[2] else None
        return Words(phrase, exact=True, within=within, field=scope, typed=self._typed(start))

    def _pattern(self, scope: Scope | None) -> Term:
        start, regex = self.at, self._read(_REGEX, "the regex is not closed by a /")
        if isinstance(scope, Measure | Rank | Kin):
            raise QueryError(start, f"{scope}: takes no regex")
        if regex[2] is None:
            raise QueryError(self.at, "a regex ends with its /; slashes in it are written \\/")
        text = re.sub(r"(?s)\\(.)", lambda pair: "/" if pair[1] == "/" else pair[0], regex[1])
        reason = pattern.refusal(text)
        self.patterns += 1
        if self.patterns > PATTERNS:
            reason = f"a rule takes at most {PATTERNS} regexes"
        if reason:
            raise QueryError(start, reason)
        return Pattern(text, scope)

    def _whole(self, raw: str, scope: Scope, start: int, *, quoted: bool = False) -> Term:
        """What is one name, or one number, from end to end."""
        term = whole(raw, scope, start, quoted=quoted)
        self.likes += isinstance(term, Like)
        if self.likes > LIKES:
            raise QueryError(start, f"a rule takes at most {LIKES} times like:")
        return replace(term, typed=self._typed(start)) if isinstance(term, Label) else term

    def _typed(self, start: int) -> str:
        """What was read last, from there."""
        return " ".join(self.text[start : self.at].split())

    def _read(self, what: re.Pattern[str], otherwise: str) -> re.Match[str]:
        found = what.match(self.text, self.at)
        if not found:
            raise QueryError(self.at, otherwise)
        self.at = found.end()
        return found
