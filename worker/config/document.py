"""A TOML file read once, and everything that is wrong in it told together, each with its line."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from worker.config.lines import Lines, Steps
from worker.model import Refused

LARGEST = 4_000_000  # bytes

_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a value of the file, or with ``place``, where that is something else."""

    text: str
    steps: Steps = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The tables of a TOML file, and its text to find their lines in. Without a file, nothing."""

    name: str = ""
    text: str = field(default="", repr=False)  # it may hold a password
    tables: dict[str, object] = field(default_factory=dict, repr=False)


def read_document(path: Path) -> Document:
    """Read the file. Raises Refused, with line and column, if it is missing or is not TOML."""
    try:
        text = read_text(path, LARGEST)
    except FileNotFoundError:
        line = f"{path}: no such file; `paperround init` writes one"
        raise Refused(line, os.EX_CONFIG) from None
    except (OSError, ValueError) as error:
        raise Refused(f"{path}: {reason(error)}", os.EX_CONFIG) from None
    try:
        return Document(str(path), text, tomllib.loads(text))
    except RecursionError:
        raise Refused(f"{path}: brackets are nested too deeply", os.EX_CONFIG) from None
    except ValueError as error:
        raise Refused(f"{path}:{_syntax_error(text, str(error))}", os.EX_CONFIG) from None


def read_text(path: Path, largest: int) -> str:
    """Read a regular file as UTF-8, with or without a byte order mark.

    Raises OSError, or ValueError if it is something else, larger, or not UTF-8.
    """
    # Without O_NONBLOCK, opening a pipe would wait for its writer.
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("not a regular file")
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ValueError(f"larger than {largest} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line} is not UTF-8; save the file as UTF-8") from None


def reason(error: OSError | ValueError) -> str:
    """Say in a few words why a file could not be read."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def refusal(document: Document, problems: Sequence[Problem]) -> Refused:
    """Give the one refusal that tells all the problems: a line each, in the order of the file."""
    lines = Lines(document.text)
    in_file = [(lines.of(problem.steps), problem.text) for problem in problems if not problem.place]
    told = [f"{document.name}:{line}: {text}" for line, text in sorted(in_file)]
    told += [f"{problem.place}: {problem.text}" for problem in problems if problem.place]
    return Refused("\n".join(told), os.EX_CONFIG)


def _syntax_error(text: str, message: str) -> str:
    found = _PLACE.fullmatch(message)
    if not found:  # such as a number of more digits than Python converts
        return f" {message}"
    what, line, column = found.groups()
    if any(word in what for word in ("overwrite", "twice", "Duplicate")):
        what += ": this was given before"
    if line is None:
        line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    return f"{line}:{column}: {what}"
