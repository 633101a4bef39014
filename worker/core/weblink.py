"""Web addresses from outside: linked only if a reader sees the very host the link leads to."""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import Final
from urllib.parse import quote

URL_LIMIT: Final = 2_048

_URL = re.compile(
    r"(https?)://([^/?#:\[\]@]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?([/?#].*)?", re.I | re.A
)
_FORBIDDEN = re.compile(r"""[ "'<>\\^`{|}]|=\?""")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*\.?")
_TWO_READINGS = re.compile("[ßẞς]")  # IDNA 2003 and IDNA 2008 lead to different hosts
_KEPT = "%/:=&?~#+!$,;@()*[]"  # what RFC 3986 allows beside letters and digits, and escapes as are


def clean_url(text: str) -> str:
    """The address if it is plain http(s) with a host, in ASCII, the host as punycode; else ``""``.

    Refused are user info, spaces, quotes, invisible characters and any other scheme: a digest
    shows such a text without a link.
    """
    parts = _URL.fullmatch(text)
    if parts is None or not text.isprintable() or _FORBIDDEN.search(text):
        return ""
    scheme, host, port, rest = parts.groups(default="")
    host = _ipv6(host) if host.startswith("[") else _punycode(host)
    if not host or int(port or 0) > 0xFFFF:
        return ""
    url = f"{scheme.lower()}://{host}{':' if port else ''}{port}{quote(rest, safe=_KEPT)}"
    return url if len(url) <= URL_LIMIT else ""


def _punycode(host: str) -> str:
    """RFC 3490, or ``""`` if this is no host name."""
    if len(host) > 253 or _TWO_READINGS.search(host):
        return ""
    try:
        ascii_host = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    return ascii_host if _HOST.fullmatch(ascii_host) else ""


def _ipv6(host: str) -> str:
    try:
        return f"[{IPv6Address(host[1:-1])}]"
    except ValueError:
        return ""
