"""The settings of one installation: read once, checked whole, handed down as plain values.

``config/paperround.toml`` says what each key means. Any of them can be set in the environment
instead, as ``PAPERROUND_<SECTION>_<KEY>``, which wins over the file; an empty variable counts as
unset. The password is taken from the environment, else ``password_file``, else ``password``;
giving it in two ways in one place is an error.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from worker.config import values
from worker.config.dkim import read_dkim
from worker.config.document import Document, read_document
from worker.config.fetches import read_fetches
from worker.config.returns import Returns, read_returns
from worker.config.rules import read_sets
from worker.config.smtp import (
    MOST,
    Domain,
    Smtp,
    open_to_all,
    read_domains,
    read_relays,
    read_smtp,
)
from worker.config.source import Section, Source
from worker.config.store import Postgres, read_ledger
from worker.config.web import Web, read_web, unwise_site
from worker.core.address import Mailbox
from worker.core.dkim import Signing
from worker.core.fetching import Fetch
from worker.core.rulesets import NO_SETS, RuleSets
from worker.model import MOST_PAPERS, Kind, WhenEmpty
from worker.outcomes import (
    InDoubt,
)

EXAMPLE = "example.org"
WHEN_EMPTY = {each.value: each for each in WhenEmpty}
IN_DOUBT = {each.value: each for each in InDoubt}
LONGEST_TAGGED = 64 - len("+") - values.TOKEN


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it. Paths are below ``data`` unless they were given in full.

    The ledger is in ``database`` if there is one, else in the file ``ledger``.

    Listings of the ``wanted`` kinds make new papers. ``max_papers`` and ``when_empty`` are for
    subscribers who do not say. Without ``signing``, mail is not signed; ``commands`` is empty where
    none are taken by mail. ``config`` is the file read, if any. ``warnings`` are lines for the
    operator: what is allowed but unwise.
    """

    data: Path
    config: Path | None
    inbox: Path
    archive: Path
    rejected: Path
    settle_seconds: float
    rescan_seconds: float
    wanted: frozenset[Kind]
    fetches: tuple[Fetch, ...]
    papers: Path
    ledger: Path
    keys: Path
    window_days: int
    from_name: str
    from_address: str
    reply_to: str
    base_url: str
    list_id: str
    bounce_domain: str
    unsubscribe: str
    commands: str
    smtp: Smtp
    relays: tuple[Smtp, ...]
    in_doubt: InDoubt
    warm_up_from: date | None
    domain_connections: int
    domain_per_hour: int
    domains: tuple[Domain, ...]
    signing: Signing | None
    returns: Returns
    max_papers: int
    when_empty: WhenEmpty
    web: Web
    rule_sets: RuleSets = NO_SETS
    warnings: tuple[str, ...] = ()
    database: Postgres | None = None

    @property
    def servers(self) -> tuple[Smtp, ...]:
        """Every mail server there is."""
        return (self.smtp, *self.relays)


def read_settings(path: Path | None, environ: Mapping[str, str], data: Path) -> Settings:
    """Read the file and the environment; without a file, every key has its default.

    Raises Refused (EX_CONFIG) with a line for each problem: file, line, key, what is allowed.
    """
    source = Source(read_document(path) if path else Document(), environ)
    settings = _settings(source, path, data)
    source.finish()
    return replace(settings, warnings=(*source.warnings, *_unwise(settings, source)))


def _settings(source: Source, config: Path | None, data: Path) -> Settings:
    inbox, mail = source.section("inbox"), source.section("mail")
    store, digest = source.section("store"), source.section("digest")
    delivery = source.section("delivery")
    usual = Domain(
        name="",
        connections=delivery.read("domain_connections", values.whole(1, 50), 2),
        per_hour=delivery.read("domain_per_hour", values.whole(0, MOST), 0),
    )
    sender = mail.read("from", values.sender, Mailbox("Paper Round", f"digest@{EXAMPLE}"))
    domain = sender.address.rpartition("@")[2]
    ledger = read_ledger(store, data)
    settings = Settings(
        data=data,
        config=config,
        inbox=data / inbox.read("folder", values.path, Path("inbox")),
        archive=data / inbox.read("archive", values.path, Path("archive")),
        rejected=data / inbox.read("rejected", values.path, Path("rejected")),
        settle_seconds=inbox.read("settle_seconds", values.number(0, 3600), 5.0),
        rescan_seconds=inbox.read("rescan_seconds", values.number(1, 3600), 60.0),
        wanted=_wanted(inbox),
        fetches=read_fetches(source.repeated("fetch")),
        papers=data / store.read("papers", values.path, Path("papers.json")),
        ledger=ledger if isinstance(ledger, Path) else data / "ledger.db",
        database=None if isinstance(ledger, Path) else ledger,
        keys=data / store.read("keys", values.path, Path("keys.json")),
        window_days=store.read("window_days", values.whole(1, 3660), 45),
        from_name=sender.name,
        from_address=sender.address,
        reply_to=mail.read("reply_to", values.address, sender.address),
        base_url=mail.read("base_url", values.base_url, f"https://papers.{EXAMPLE}"),
        list_id=mail.read("list_id", values.domain, f"paper-round.{domain}"),
        bounce_domain=mail.read("bounce_domain", values.domain, domain),
        unsubscribe=mail.read("unsubscribe", values.address, sender.address),
        commands=mail.read("commands", values.address_or_none, ""),
        smtp=read_smtp(source.section("smtp"), data),
        relays=read_relays(source.repeated("relay"), data),
        in_doubt=delivery.read("in_doubt", values.choice(IN_DOUBT), InDoubt.RESEND),
        warm_up_from=delivery.read("warm_up_from", values.day_or_none, None),
        domain_connections=usual.connections,
        domain_per_hour=usual.per_hour,
        domains=read_domains(source.repeated("domain"), usual),
        signing=read_dkim(source.section("dkim"), data, domain),
        returns=read_returns(source.section("returns"), data),
        max_papers=digest.read("max_papers", values.whole(1, MOST_PAPERS), MOST_PAPERS),
        when_empty=digest.read("when_empty", values.choice(WHEN_EMPTY), WhenEmpty.SKIP),
        web=read_web(source.section("web")),
        rule_sets=read_sets(source.repeated("rule_set")),
    )
    _keep_apart(settings, inbox, store)
    for key, tagged in (("unsubscribe", settings.unsubscribe), ("commands", settings.commands)):
        if tagged.find("@") > LONGEST_TAGGED:
            why = f"over {LONGEST_TAGGED} characters before the @ leave no room for a token there"
            mail.refuse(why, key)
    return settings


def _wanted(inbox: Section) -> frozenset[Kind]:
    asked = {
        Kind.NEW: True,
        Kind.CROSS: inbox.read("cross_lists", values.switch, default=False),
        Kind.REPLACEMENT: inbox.read("replacements", values.switch, default=False),
    }
    return frozenset(kind for kind, is_asked in asked.items() if is_asked)


def _keep_apart(settings: Settings, inbox: Section, store: Section) -> None:
    """Each place its own, and no store where daily files lie, lest it be taken for one."""
    places: dict[Path, str] = {}
    for section, key, path in (
        (inbox, "folder", settings.inbox),
        (inbox, "archive", settings.archive),
        (inbox, "rejected", settings.rejected),
        (store, "papers", settings.papers),
        (store, "ledger", settings.ledger),
        (store, "keys", settings.keys),
    ):
        place = Path(os.path.realpath(path))  # where a loop of links is not an error
        if place in places:
            section.refuse(f"must be a place of its own, not the {places[place]} again", key)
        if section is store and place.parent in places:
            section.refuse(f"must not lie in the {places[place.parent]} of the daily files", key)
        places.setdefault(place, key)


def _unwise(settings: Settings, source: Source) -> Iterator[str]:
    if settings.config and _has_secret(source) and open_to_all(settings.config):
        yield f"{settings.config}: anybody on this machine can read the password; chmod 600 it"
    if len(settings.base_url) > values.USUAL_BASE:
        yield (
            f"[mail] base_url is longer than {values.USUAL_BASE} characters: some mail programs "
            "lose the unsubscribe button of a link that long"
        )
    for key, value in (("from", settings.from_address), ("base_url", settings.base_url)):
        if EXAMPLE in value:
            yield f"[mail] {key} is still that of the example, {EXAMPLE}; set your own"
    yield from unwise_site(settings.web, "" if EXAMPLE in settings.base_url else settings.base_url)


def _has_secret(source: Source) -> bool:
    """Whether the file itself holds a password."""
    secrets = (("smtp", "password"), ("returns", "imap_password"), ("store", "ledger_password"))
    inline = any(source.section(section).table.get(key) for section, key in secrets)
    ledger = str(source.section("store").table.get("ledger", ""))
    return inline or urlsplit(ledger).password is not None
