"""What every answer of the site carries, whatever it is (RELIABILITY 6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

Headers = list[tuple[bytes, bytes]]

_DENIED: Final = (
    "accelerometer",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "usb",
)
_ALWAYS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": ", ".join(f"{each}=()" for each in _DENIED),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-robots-tag": "noindex",
}
_TLS: Final = {"strict-transport-security": "max-age=31536000"}
_PAGE: Final = {"cache-control": "no-store"}
_STATIC: Final = {"cache-control": "public, max-age=3600"}
_CACHE: Final = b"cache-control"
_TEXTS: Final = (b"text/", b"application/atom+xml", b"application/xml")


class Dress:
    """Puts them on; a page can take none of them off, only say how long its reader may keep it."""

    def __init__(self, *, is_tls: bool) -> None:
        always = _ALWAYS | (_TLS if is_tls else {})
        self._page = _octets(always | _PAGE)
        self._static = _octets(always | _STATIC)

    def __call__(self, headers: Iterable[tuple[bytes, bytes]], *, is_static: bool) -> Headers:
        """These headers, and all of ours."""
        given = list(headers)
        kept = any(name == _CACHE and value.startswith(b"private") for name, value in given)
        ours = self._static if is_static else self._page
        ours = [(name, value) for name, value in ours if not (kept and name == _CACHE)]
        names = {name for name, _ in ours}
        return [(name, _spoken(name, value)) for name, value in given if name not in names] + ours


def _spoken(name: bytes, value: bytes) -> bytes:
    """All text of ours is UTF-8, and says so."""
    is_text = name == b"content-type" and value.startswith(_TEXTS)
    return value + b"; charset=utf-8" if is_text and b"charset" not in value else value


def _octets(headers: dict[str, str]) -> Headers:
    return [(name.encode(), value.encode()) for name, value in headers.items()]
