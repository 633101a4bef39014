"""One connection: HTTP/1.1 by uvicorn and h11, with the bounds that they leave to a proxy.

Without these anybody could keep a connection for ever by sending his request octet by octet, by
not reading our answer, or by going on with a form that was turned away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from worker.web.crowd import Bounds, Crowd


class Line(H11Protocol):
    """Ends what takes too long. ``bare`` gives whole answers for where no request is read."""

    def __init__(
        self, bounds: Bounds, crowd: Crowd, bare: Callable[[int], bytes], **uvicorn: Any
    ) -> None:
        super().__init__(**uvicorn)
        self._bounds = bounds
        self._crowd = crowd
        self._bare = bare
        self._deadline: asyncio.TimerHandle | None = None
        self._is_over = False
        self.waits_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Somebody is there: his request is waited for, if there is room for him."""
        super().connection_made(transport)
        if not self._crowd.enter(self, self.client[0] if self.client else ""):
            self.transport.write(self._bare(503))
            self._is_over = True
            self.transport.close()
            self._within(self._bounds.lingers, self.leave)
            return
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """He is gone."""
        self._within(0, None)
        self._crowd.leave(self)
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def data_received(self, data: bytes) -> None:
        """More of a request, or of what nobody listens to any more."""
        if self._is_over:
            return
        was_idle = self.timeout_keep_alive_task is not None
        super().data_received(data)
        if self._is_over or self.transport.is_closing() or self.flow.write_paused:
            return
        if self._is_asked():
            self._within(0, None)
            self._note_what_is_awaited()
        elif was_idle and self.timeout_keep_alive_task is None:
            self._wait_for_head()

    def on_response_complete(self) -> None:
        """One answer is out; what he still sends of its request is not read any more."""
        is_unread = self.conn.their_state is h11.SEND_BODY
        self._within(0, None)
        self.waits_since = self.loop.time()
        super().on_response_complete()
        if self.transport.is_closing():
            self._within(self._bounds.taken, self.leave)
        elif is_unread:
            self._linger()
        elif self._is_asked():  # the next request had come already
            self._note_what_is_awaited()

    def send_400_response(self, msg: str) -> None:
        """What he sent is no request."""
        del msg
        is_long = len(self.conn.trailing_data[0]) > self._bounds.head_octets
        self._end(431 if is_long else 400)

    def timeout_keep_alive_handler(self) -> None:
        """He had nothing more to ask."""
        self.transport.close()
        self._within(self._bounds.lingers, self.leave)

    def pause_writing(self) -> None:
        """He does not read what we answer."""
        super().pause_writing()
        self.waits_since = self.loop.time()
        self._within(self._bounds.taken, self.leave)

    def resume_writing(self) -> None:
        """He reads again."""
        super().resume_writing()
        self._within(0, None)
        self.waits_since = None

    def shutdown(self) -> None:
        """The site ends: nothing more is asked here, what was asked is answered."""
        if self._is_asked():
            self.cycle.keep_alive = False
        elif self._is_over:
            self.leave()
        else:
            self.transport.close()

    def leave(self) -> None:
        """Be gone at once, whatever has not been sent."""
        self.transport.abort()

    def _is_asked(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def _note_what_is_awaited(self) -> None:
        """The rest of a form, or our own answer."""
        is_body = self.conn.their_state is h11.SEND_BODY
        self.waits_since = (self.waits_since or self.loop.time()) if is_body else None

    def _wait_for_head(self) -> None:
        self.waits_since = self.loop.time()
        self._within(self._bounds.head, lambda: self._end(408))

    def _end(self, status: int) -> None:
        """Say so, if nothing has been said yet, and hang up."""
        if self._is_asked():
            self.cycle.disconnected = True
            self.cycle.waiting_for_100_continue = False
            self.cycle.message_event.set()
            if self.cycle.response_started:
                self.leave()
                return
        self.transport.write(self._bare(status))
        self._linger()

    def _linger(self) -> None:
        """Hang up gently: if we just closed, what is on its way to us could undo our answer."""
        self._is_over = True
        self._unset_keepalive_if_required()
        self.flow.resume_reading()
        self.transport.write_eof()
        self._within(self._bounds.lingers, self.leave)

    def _within(self, seconds: float, otherwise: Callable[[], None] | None) -> None:
        """There is one thing at a time that must happen soon, or none."""
        if self._deadline:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, otherwise) if otherwise else None
