"""``python -m tests.poison SECONDS BYTES``: the child that reads, with one form more, of poison.

A file ``poison KIND ARGUMENT`` does to its reader what no file ever should.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from worker import reading
from worker.model import Edition, Incomplete, Listing, Rejected, Unreadable
from worker.sources import forms
from worker.sources.form import Form, Text

DAY = date(2025, 9, 8)


def hang(pipe: str) -> None:
    """With a child of its own, which holds the pipe open as long as it lives."""
    if pipe:
        with Path(pipe).open("wb") as out:
            out.write(b"begun")
            out.flush()
            subprocess.Popen(["/bin/sleep", "600"], stdout=out)
    time.sleep(600)


def spin(_: str) -> None:
    while True:
        pass


def crash(_: str) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def need_much(_: str) -> None:
    bytearray(2**30)


def end_in_silence(_: str) -> None:
    os._exit(0)


def answer_nonsense(_: str) -> None:
    for descriptor in range(3, 10):
        try:
            os.write(descriptor, b"\xc1 nonsense")
        except OSError:
            continue
    os._exit(0)


def print_much(_: str) -> None:
    print("hello from the form")  # noqa: T201 - that is the poison
    os.write(1, b"\x00" * 100_000)


def talk_without_end(_: str) -> None:
    while True:
        os.write(2, b"x" * 2**20)


def fail(_: str) -> None:
    dict[str, str]()["a key that is not there"]


def not_go_on(_: str) -> None:
    raise Incomplete(Rejected("line 3", "it breaks off"), Rejected("file", "half a sign: \udce9"))


def refuse(_: str) -> None:
    raise Unreadable(*(Rejected(f"line {n}", f"no title \udcff {n}") for n in range(3)))


KINDS: dict[str, Callable[[str], None]] = {
    kind.__name__: kind
    for kind in (
        *(hang, spin, crash, need_much, end_in_silence, answer_nonsense, print_much),
        *(talk_without_end, fail, not_go_on, refuse),
    )
}


def what_it_has() -> tuple[Listing, ...]:
    """Its environment and its open files, as listings."""
    names = [f"{name}={value}" for name, value in os.environ.items() if name != "PYTHONPATH"]
    files = [f"file {path.readlink()}" for path in Path("/proc/self/fd").iterdir() if path.exists()]
    return tuple(Listing(title, "") for title in names + files)


def parse(text: Text) -> Edition:
    _, kind, argument = (*text.text.split(" ", 2), "")[:3]
    if kind in KINDS:
        KINDS[kind](argument)
    notes = (f"newest {text.newest}", f"a half sign \ud800 of {text.name}")
    return Edition(DAY, "poison", what_it_has(), (Rejected("item 1", "\udc80"),), "s\udfff", notes)


def main() -> None:
    """The real child, but for the form."""
    form = Form("poison", lambda text: text.startswith("poison "), parse)
    setattr(forms, "FORMS", (form, *forms.FORMS))  # noqa: B010 - it is final for everybody else
    reading.main(sys.argv[1:])


if __name__ == "__main__":
    main()
