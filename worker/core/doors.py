"""At the door of the site: which requests are let in, by what is written on their outside.

Links and pages are made from the configured address alone; here it is seen to that nothing else
is asked for under another name, and that no other site sends our forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

from worker.core.host import plain

METHODS: Final = ("GET", "HEAD", "POST")
READING: Final = ("GET", "HEAD")
LONGEST_PATH: Final = 2000
MOST_OCTETS: Final = 16 * 1024

_USUAL_PORTS: Final = {"http": 80, "https": 443}
_SCHEMES: Final = (b"http://", b"https://")
_PORT: Final = re.compile(r":\d{1,5}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class House:
    """Where the site is: ``origin`` as browsers say it, the ``hosts`` it goes by, its ``base``.

    One that ``is_private`` goes by the address that it is asked at, with whatever port.
    """

    origin: str
    hosts: frozenset[str]
    base: str
    methods: Sequence[str] = METHODS
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Knock:
    """A request from outside: its target up to any ``?``, its headers in small letters.

    ``at`` is the address and port that it came in at, ``octets`` how long all of it is.
    """

    method: str
    target: bytes
    headers: Sequence[tuple[bytes, bytes]]
    at: tuple[str, int]
    octets: int = 0

    def said(self, name: bytes) -> list[str]:
        """All values of that header."""
        return [value.decode("latin-1") for key, value in self.headers if key == name]


def house(base_url: str) -> House:
    """The house at that address."""
    url = urlsplit(base_url)
    name = url.hostname or ""
    host = f"[{name}]" if ":" in name else name
    usual = _USUAL_PORTS[url.scheme]
    port = url.port or usual
    origin = f"{url.scheme}://{host}" if port == usual else f"{url.scheme}://{host}:{port}"
    return House(origin, frozenset({host, f"{host}:{port}"}), url.path.rstrip("/"))


PRIVATE: Final = House("", frozenset(), "", READING, is_private=True)
"""Found by who is on this machine, also through a tunnel, whose port is another; and only read.

A name that somebody else has made lead here (DNS rebinding) is not one that it goes by.
"""


def let_in(knock: Knock, house: House) -> str | int:
    """The path that is asked for, or the status that it is turned away with."""
    if knock.method not in house.methods:
        return 405
    host, target = _asked(knock)
    own = _own(knock.at)
    if host is None or not target.startswith(b"/") or _is_ambiguous(knock):
        return 400
    if not _goes_by(host.lower(), house, own):
        return 421
    if knock.octets > MOST_OCTETS:
        return 431
    path = _path_of(target)
    if path is None or len(target) > LONGEST_PATH:
        return 404  # and not 414: whatever is wrong with a link, the answer is the same (B67)
    if knock.method == "POST" and not path.startswith(f"{house.base}/u/"):  # RFC 8058: from afar
        return path if _is_from_here(knock, house, own) else 403
    return f"{path}/" if path == house.base else path


def _asked(knock: Knock) -> tuple[str | None, bytes]:
    """Of which host, None for none, and the path there (RFC 9112, 3.2.2)."""
    hosts, target = knock.said(b"host"), knock.target
    if len(hosts) != 1 or not hosts[0]:
        return None, target
    if target.lower().startswith(_SCHEMES):
        authority, slash, path = target.partition(b"://")[2].partition(b"/")
        return authority.decode("latin-1"), (slash or b"/") + path
    return hosts[0], target


def _goes_by(host: str, house: House, own: frozenset[str]) -> bool:
    if house.is_private:
        return _PORT.sub("", host) in {_PORT.sub("", name) for name in own}
    return host in house.hosts | own


def _is_ambiguous(knock: Knock) -> bool:
    """Whether two servers could read its length in two ways: then a second one may be hidden."""
    return bool(knock.said(b"transfer-encoding") and knock.said(b"content-length"))


def _path_of(target: bytes) -> str | None:
    """The path as text, None for one that no page of ours can have."""
    try:
        path = unquote_to_bytes(target).decode()
    except UnicodeDecodeError:
        return None
    return path if path.isprintable() else None


def _is_from_here(knock: Knock, house: House, own: Iterable[str]) -> bool:
    """Whether a form was sent from a page of ours, as far as the browser says.

    Browsers are told to name no referrer, so that they say ``null`` of our own pages, too (Fetch,
    3.2): believed if they say besides that the page is of the same origin.
    """
    sites = set(knock.said(b"sec-fetch-site"))
    ours = {house.origin, *(f"http://{each}" for each in own)}
    if sites == {"same-origin"}:
        ours.add("null")
    return sites <= {"same-origin", "none"} and set(knock.said(b"origin")) <= ours


def _own(at: tuple[str, int]) -> frozenset[str]:
    """How the very address is written that it came in at."""
    host, port = at
    address = plain(host)
    if address is None:
        return frozenset()
    names = [f"[{address}]" if address.version == 6 else str(address)]
    if address.is_loopback:
        names.append("localhost")
    return frozenset({f"{name}:{port}" for name in names} | (set(names) if port == 80 else set()))
