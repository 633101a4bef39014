"""Where the settings come from, section by section: the environment first, then the file."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from worker.config.document import Document, Problem, refusal
from worker.config.lines import Steps
from worker.config.values import NotAllowed
from worker.model import Refused

PREFIX = "PAPERROUND_"

T = TypeVar("T")

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


class Source:
    """A document and an environment, and every problem met so far while reading them."""

    def __init__(self, document: Document, environ: Mapping[str, str]) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        self._environ = environ
        self._sections: dict[Steps, Section] = {}
        self._names: set[str] = set()

    def section(self, name: str) -> Section:
        """Give the section of that name; without keys, if the file has none."""
        table = self.document.tables.get(name, {})
        if not isinstance(table, dict):
            self.problems.append(Problem(f"must be a table, [{name}]", (name,)))
            table = {}
        return self._take((name,), table, self._variables(name))

    def repeated(self, name: str) -> Sequence[Section]:
        """Give the sections that may come any number of times, as ``[[name]]``."""
        self._names.add(name)
        tables = self.document.tables.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.problems.append(Problem(f"must be [[{name}]], with two brackets", (name,)))
            return ()
        return [self._take((name, number), table, {}) for number, table in enumerate(tables)]

    def finish(self) -> None:
        """Raise Refused, telling all the problems, if there were any."""
        for name in self.document.tables.keys() - self._names:
            self.problems.append(Problem(_unknown("section", name, self._names), (name,)))
        for section in self._sections.values():
            section.refuse_unknown()
        if self.problems:
            raise refusal(self.document, self.problems)

    def _take(
        self, steps: Steps, table: Mapping[str, object], variables: Mapping[str, str]
    ) -> Section:
        self._names.add(str(steps[0]))
        return self._sections.setdefault(steps, Section(self, steps, table, variables))

    def _variables(self, section: str) -> dict[str, str]:
        """Empty counts as unset: that is how composed containers pass on what nobody set."""
        prefix = f"{PREFIX}{section}_".upper()
        return {
            name.removeprefix(prefix).lower(): value
            for name, value in self._environ.items()
            if name.startswith(prefix) and value
        }


class Section:
    """One table of the file, with the variables that go before it."""

    def __init__(
        self,
        source: Source,
        steps: Steps,
        table: Mapping[str, object],
        variables: Mapping[str, str],
    ) -> None:
        self.steps = steps
        self.table = table
        self.variables = variables
        self.sound = True
        self._source = source
        self._keys: set[str] = set()

    def read(self, key: str, reader: Callable[[object], T], default: T) -> T:
        """Give the value of a key: its default if nobody set it, or if what was set is wrong."""
        self._keys.add(key)
        if key not in self.variables and key not in self.table:
            return default
        try:
            return reader(self._raw(key, default))
        except NotAllowed as error:
            self.refuse(f"must be {error}", key)
        except Refused as refused:
            self.refuse(str(refused), key)
        return default

    def require(self, key: str, reader: Callable[[object], T], default: T) -> T:
        """Like ``read``, of a key that has to be there; the default only stands in for now."""
        if key not in self.table:
            self.refuse("is missing", key)
        return self.read(key, reader, default)

    def refuse(self, why: str, key: str, *inside: int) -> None:
        """Note that this key, or something inside it, is wrong."""
        self.sound = False
        if key in self.variables:
            self._source.problems.append(Problem(why, place=self._variable(key)))
            return
        name = f"[{self.steps[0]}] {key}" if len(self.steps) == 1 else key
        self._source.problems.append(Problem(f"{name}: {why}", (*self.steps, key, *inside)))

    def warn(self, line: str) -> None:
        """Note what is allowed but unwise."""
        self._source.warnings.append(line)

    def refuse_unknown(self) -> None:
        """Note every key that nobody reads; of variables only those that are nearly right."""
        for key in self.table.keys() - self._keys:
            problem = Problem(_unknown("key", key, self._keys), (*self.steps, key))
            self._source.problems.append(problem)
        for key in self.variables.keys() - self._keys:
            if near := difflib.get_close_matches(key[:64], self._keys, n=1):
                text = f"unknown; did you mean {self._variable(near[0])}?"
                self._source.problems.append(Problem(text, place=self._variable(key)))

    def _raw(self, key: str, default: object) -> object:
        """What was written; a variable that stands for a number is one."""
        if key not in self.variables:
            return self.table[key]
        text = self.variables[key]
        if not isinstance(default, int | float) or not _NUMBER.fullmatch(text):
            return text
        return float(text) if "." in text else int(text)

    def _variable(self, key: str) -> str:
        return f"{PREFIX}{self.steps[0]}_{key}".upper()


def _unknown(kind: str, name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name[:64], known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
    return f"unknown {kind} {name[:64]!r}; {hint}"
