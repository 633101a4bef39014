"""Where templates are read and run: in a sandbox; what goes wrong in one is told at its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from traceback import extract_tb
from typing import Any, Final

from jinja2 import DictLoader, Environment, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from worker.core.columns import wrapped
from worker.core.typeset import (
    spelled,
    spelled_all,
    spelled_short,
    spelled_shortest,
    starred,
)
from worker.model import Refused


class RenderError(Refused):
    """A template that cannot be used: its name, its line and what is wrong with it."""


LONGEST: Final = 100_000
"""Characters, or members, that a multiplication may make."""

LARGEST: Final = 1_000
"""What powers may be made of, and raised to."""

ENDING: Final = ".j2"
"""What the name of a template ends with."""

_FAULTS = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TimeoutError,  # where templates are tried, somebody looks at the clock
    TypeError,
    ValueError,
)


@contextmanager
def faults_of(name: str) -> Iterator[None]:
    """Whatever goes wrong in or around a template is told as that template's fault, at its line."""
    try:
        yield
    except _FAULTS as error:
        inside = [
            (frame.filename, frame.lineno)
            for frame in extract_tb(error.__traceback__)
            if frame.filename.endswith(ENDING)
        ]
        deepest = 0 if isinstance(error, RecursionError) else -1  # there it began to go round
        where, line = inside[deepest] if inside else (name, None)
        if isinstance(error, TemplateSyntaxError):
            where, line = error.name or name, error.lineno
        place = f"{where}, line {line}" if line else where
        raise RenderError(f"{place}: {str(error) or type(error).__name__}") from error


class _Loader(DictLoader):
    """Templates out of memory, whose faults are told under their names."""

    def get_source(self, environment: Environment, template: str) -> Any:
        source, _, fresh = super().get_source(environment, template)
        return source, template, fresh


class _Sandbox(ImmutableSandboxedEnvironment):
    """Nothing is multiplied to a size that nobody would mail."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" and max(abs(left), abs(right)) > LARGEST:
            raise OverflowError(f"powers of, or by, more than {LARGEST}")
        if operator == "*":
            for one, times in ((left, right), (right, left)):
                if hasattr(one, "__len__") and len(one) * times > LONGEST:
                    raise OverflowError(f"multiplied to more than {LONGEST} characters")
        return super().call_binop(context, operator, left, right)


def environment(sources: Mapping[str, str], *, autoescape: bool) -> Environment:
    """Templates that can do nothing but show what they are given, and must be given it."""
    made = _Sandbox(
        loader=_Loader(dict(sources)),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "starred": starred,
        "wrapped": wrapped,
        "day": spelled,
        "days": spelled_all,
        "short_day": spelled_short,
        "shortest_day": spelled_shortest,
    }
    return made
