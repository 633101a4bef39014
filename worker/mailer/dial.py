"""A connection to whichever address of the server answers first (RFC 8305)."""

from __future__ import annotations

import asyncio
import socket
from typing import Final

import aiohappyeyeballs

HEAD_START: Final = 0.25
"""Seconds that an address is given before the next one is tried beside it (RFC 8305, 5)."""


async def dialled(host: str, port: int) -> socket.socket:
    """A connected socket. One address that swallows all packets costs a moment, not a timeout.

    Raises OSError if no address answers; how long that may take is for the caller to say.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return await aiohappyeyeballs.start_connection(found, happy_eyeballs_delay=HEAD_START)
