"""HTTP to the byte, as no client library would send it."""

from __future__ import annotations

import asyncio


async def raw(port: int, request: bytes) -> tuple[int, bytes]:
    """Send these octets and end; gives the status and all that came after the headers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        async with asyncio.timeout(20):
            head = await reader.readuntil(b"\r\n\r\n")
            length = [line for line in head.lower().split(b"\r\n") if b"content-length:" in line]
            body = await reader.readexactly(int(length[0].partition(b":")[2])) if length else b""
        return int(head.split()[1]), body
    finally:
        writer.close()
        await writer.wait_closed()
