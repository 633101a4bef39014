"""Where templates are read and run: in a sandbox; what goes wrong in one is told at its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from traceback import extract_tb

from jinja2 import DictLoader, StrictUndefined, TemplateError
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


_FAULTS = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
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
            frame for frame in extract_tb(error.__traceback__) if frame.filename == "<template>"
        ]
        line = getattr(error, "lineno", None) or (inside[-1].lineno if inside else None)
        place = f"{name}, line {line}" if line else name
        raise RenderError(f"{place}: {error}") from error


def environment(sources: Mapping[str, str], *, autoescape: bool) -> ImmutableSandboxedEnvironment:
    """Templates that can do nothing but show what they are given, and must be given it."""
    made = ImmutableSandboxedEnvironment(
        loader=DictLoader(dict(sources)),
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
