"""Forms, as browsers and mail programs send them: read whole, in time and within bounds.

Pages ask for the fields that they know by name; whatever else was sent is nobody's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request

from worker.web.turned import Turned

MOST_OCTETS: Final = 16 * 1024
MOST_FIELDS: Final = 50
WITHIN: Final = 15.0
"""Seconds in which all of it must have come."""


async def fields(request: Request, within: float = WITHIN) -> Mapping[str, str]:
    """The form that was sent; lines end with ``\\n``. An empty body is a form without fields.

    Raises Turned: 415 for what is no form or holds a file, 413 for more than 16 kB, 408 if it does
    not come in time, 400 for more than 50 fields, one twice, ``name[]``, NUL and invalid UTF-8.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind not in (b"application/x-www-form-urlencoded", b"multipart/form-data", b""):
        raise Turned(415)
    body = await _body(request, within)
    if not kind and body:
        raise Turned(415)
    try:
        if kind == b"multipart/form-data" and body:
            return _once(_parts(body, options.get(b"boundary", b"")))
        return _once(_pairs(body))
    except (ValueError, FormParserError):
        raise Turned(400) from None


async def _body(request: Request, within: float) -> bytes:
    """All of it, and never more than may be: the rest of what is too long is not read."""
    said = request.headers.get("content-length", "0")
    if not said.isdecimal() or int(said) > MOST_OCTETS:
        raise Turned(413)
    body = bytearray()
    try:
        async with asyncio.timeout(within):
            async for piece in request.stream():
                body += piece
                if len(body) > MOST_OCTETS:
                    raise Turned(413)
    except TimeoutError:
        raise Turned(408) from None
    except ClientDisconnect:
        raise Turned(400) from None
    return bytes(body)


def _pairs(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(
        body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
    )


def _once(pairs: list[tuple[str, str]]) -> Mapping[str, str]:
    """Each field by its name. Raises ValueError for what no form of ours can have sent."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found or name.endswith("]") or "\0" in name + value:
            raise ValueError("not one of our forms")
        found[name] = value.replace("\r\n", "\n").replace("\r", "\n")
    return found


def _parts(body: bytes, boundary: bytes) -> list[tuple[str, str]]:
    """The fields of a multipart form (RFC 7578). Raises ValueError, FormParserError, Turned."""
    parts = _Parts()
    parser = MultipartParser(boundary, parts.callbacks())  # type: ignore[arg-type]  # a plain dict of callables
    parser.write(body)
    parser.finalize()
    if not boundary or not parts.is_whole:
        raise ValueError("it is cut short")
    return [(name.decode(), value.decode()) for name, value in parts.found]


class _Parts:
    """Gathers what the parser calls out. Raises Turned for a file, ValueError for too much."""

    def __init__(self) -> None:
        self.found: list[tuple[bytes, bytes]] = []
        self.is_whole = False
        self._header = bytearray()
        self._value = bytearray()
        self._content = bytearray()
        self._name: bytes | None = None

    def callbacks(self) -> dict[str, object]:
        """By the names that the parser has for them."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._read_header,
            "on_part_data": lambda data, start, end: self._content.extend(data[start:end]),
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        if len(self.found) == MOST_FIELDS:
            raise ValueError("too many fields")
        self._name = None
        self._content.clear()

    def _read_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            kind, options = parse_options_header(bytes(self._value))
            if b"filename" in options:
                raise Turned(415)
            self._name = options.get(b"name") if kind == b"form-data" else None
        self._header.clear()
        self._value.clear()

    def _end(self) -> None:
        if self._name is None:
            raise ValueError("a part without a name")
        self.found.append((self._name, bytes(self._content)))

    def _finish(self) -> None:
        self.is_whole = True
