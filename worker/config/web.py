"""The section [web]: where the site listens, and whom it believes."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from worker.config import values
from worker.config.source import Section
from worker.core.due import zone
from worker.core.host import ip, is_loopback

MOST_AN_HOUR = 100_000


@dataclass(frozen=True, slots=True)
class Listen:
    """A host and a port to listen at; port 0 is any that is free."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Web:
    """Without ``listen`` there is no site; ``operator`` is where the operator's page is.

    Of ``proxies`` alone it is believed for whom they ask. ``timezone`` is what the form offers.
    """

    listen: Listen | None
    operator: Listen | None
    proxies: tuple[str, ...]
    confirmations_per_hour: int
    timezone: str


def read_web(section: Section) -> Web:
    """Read the section."""
    return Web(
        listen=section.read("listen", listen_or_none, None),
        operator=section.read("operator", loopback_or_none, None),
        proxies=section.read("proxies", _proxies, ()),
        confirmations_per_hour=section.read(
            "confirmations_per_hour", values.whole(1, MOST_AN_HOUR), 100
        ),
        timezone=section.read("timezone", _timezone, "UTC"),
    )


def listen_or_none(raw: object) -> Listen | None:
    """``127.0.0.1:8080`` or ``[::1]:8080``, or the empty text for none."""
    if raw == "":
        return None
    host, _, port = values.text(raw).rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if ip(host) is None or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise values.NotAllowed('an IP address and a port, such as "127.0.0.1:8080"')
    return Listen(host, int(port))


def loopback_or_none(raw: object) -> Listen | None:
    """The same, on this very machine only."""
    listen = listen_or_none(raw)
    if listen is not None and not is_loopback(listen.host):
        raise values.NotAllowed('an address of this machine only, such as "127.0.0.1:8081"')
    return listen


def _proxies(raw: object) -> tuple[str, ...]:
    parts = [part.strip() for part in values.text(raw).split(",") if part.strip()]
    try:
        return tuple(str(ipaddress.ip_network(part)) for part in parts)
    except ValueError:
        line = 'IP addresses or networks with commas between them, such as "127.0.0.1, 10.0.0.0/8"'
        raise values.NotAllowed(line) from None


def _timezone(raw: object) -> str:
    zone(values.text(raw))
    return values.text(raw)


def unwise_site(web: Web, base_url: str) -> Iterator[str]:
    """What is allowed but unwise; ``base_url`` is empty if there is none yet."""
    if web.listen is None:
        if base_url:
            yield (
                f"[web] listen is not set: the links in the mail, also those to unsubscribe, lead "
                f"to {base_url}, where nothing of this program answers"
            )
        return
    if not is_loopback(web.listen.host):
        yield (
            f"[web] listen: {web.listen.host} can be reached from other machines and has no TLS: "
            "a web server with TLS has to be in front of it"
        )
    if base_url.startswith("https:") and not web.proxies:
        yield (
            "[web] proxies is not set: all who come by the web server in front count as one "
            "reader, and few of them are let in"
        )
