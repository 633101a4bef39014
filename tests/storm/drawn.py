"""An event loop on which a seed is the same storm every time: no threads, and no waiting.

What else happens in a thread (the databases' work, composing, planning, looking up names) happens
in the loop, a moment later that is drawn from the seed; that it is done is heard of yet another
moment later, so that a process may die in between. The clock stands while anything can go on, and
jumps to the next timer when nothing can. Only the sockets are real: on the loopback device, what
is written can be read at once.
"""

from __future__ import annotations

import asyncio
import contextvars
import selectors
from collections.abc import Callable, Coroutine
from functools import partial
from random import Random
from typing import Any, TypeVar

Result = TypeVar("Result")

MOMENT = 0.02
"""Seconds, at most, until a piece of work is begun, and again until it is heard of."""

SOON = 0.1
"""Before a longer wait it is looked twice whether the sockets have really nothing to say."""


def drawn(work: Coroutine[Any, Any, Result], seed: int) -> Result:
    """Run it on such a loop."""
    with asyncio.Runner(loop_factory=lambda: DrawnLoop(Random(seed))) as runner:
        return runner.run(work)


class DrawnLoop(asyncio.SelectorEventLoop):
    """Takes chance and time from its maker."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._sockets = _Sockets()
        super().__init__(self._sockets)

    def time(self) -> float:
        """Seconds since it was made, as they would have passed."""
        return self._sockets.now

    def run_in_executor(  # type: ignore[override]  # its own is generic in what asyncio calls Ts
        self, executor: object, func: Callable[..., Result], *args: Any
    ) -> asyncio.Future[Result]:
        """Do it in the loop, soon. What is given up before it is begun is not done."""
        future: asyncio.Future[Result] = self.create_future()
        context = contextvars.copy_context()

        def work() -> None:
            if future.cancelled():
                return
            try:
                tell = partial(future.set_result, context.run(func, *args))
            except Exception as error:
                tell = partial(future.set_exception, error)
            self._soon(lambda: future.done() or tell())

        self._soon(work)
        return future

    def _soon(self, call: Callable[[], object]) -> None:
        self.call_later(self._random.uniform(0, MOMENT), call)


class _Sockets(selectors.DefaultSelector):
    """Says what can be read or written; where nothing can, the time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As a selector does, but for the waiting. Raises RuntimeError if it were for ever."""
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None or timeout > SOON:
            ready = super().select(0.05)
        if not ready and timeout is None:
            raise RuntimeError("nothing can ever happen any more")
        self.now += 0 if ready else max(timeout or 0, 0)
        return ready
