"""What a daemon is told from outside: to stop, or to go by new orders."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from typing import Generic, TypeVar

from worker.model import Refused

log = logging.getLogger(__name__)

Orders = TypeVar("Orders")


class Told(Generic[Orders]):
    """The signals of a process, heard from its start to its end.

    ``reread`` gives new orders, or raises Refused: then one line says why, and the old ones stay.
    ``turn`` is set when it is time to end what is being done: there are new orders or, if ``stop``
    is set too, no more.
    """

    def __init__(self, orders: Orders, reread: Callable[[], Orders]) -> None:
        self._orders = orders
        self._reread = reread
        self.turn = asyncio.Event()
        self.stop = asyncio.Event()

    def hear_reload(self) -> None:
        """From now on SIGHUP has everything read anew."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._reload)

    def hear_stop(self) -> None:
        """From now on SIGTERM and SIGINT stop in order. Before, they end the process at once."""
        for number in STOPPING:
            asyncio.get_running_loop().add_signal_handler(number, self._stop, number)

    def orders(self) -> Orders:
        """The newest orders, taken: there is no turn until there are others."""
        if not self.stop.is_set():
            self.turn.clear()
        return self._orders

    def _stop(self, number: signal.Signals) -> None:
        """The first signal stops in order; a second one ends the process as a kill would."""
        for each in STOPPING:
            asyncio.get_running_loop().remove_signal_handler(each)
            signal.signal(each, signal.SIG_DFL)
        log.info("stopping", extra={"signal": number.name})
        self.stop.set()
        self.turn.set()

    def _reload(self) -> None:
        if self.stop.is_set():
            return
        try:
            self._orders = self._reread()
        except Refused as refused:
            log.error("reload refused, the old settings stay", extra={"why": str(refused)})  # noqa: TRY400  # the line says it all
        else:
            self.turn.set()


STOPPING = (signal.SIGTERM, signal.SIGINT)
