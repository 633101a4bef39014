"""How mail is signed: the section ``[dkim]``, and the keys that its files hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from worker.config import values
from worker.config.document import Document, read_document, read_text, reason
from worker.config.smtp import open_to_all
from worker.config.source import Section, Source
from worker.config.values import NotAllowed
from worker.core.dkim import Signer, Signing
from worker.core.dkimkey import Kind, SigningKey, read_key

SELECTOR: Final = "paperround"
"""The one that is proposed."""

LARGEST_KEY: Final = 20_000  # bytes

_KEY_FILES: Final[Mapping[Kind, Path | None]] = {
    "rsa": Path("dkim-rsa.pem"),
    "ed25519": Path("dkim-ed25519.pem"),
}
_LONGEST: Final = 63 - len("-ed25519")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class KeyFile:
    """Where a key is, whether it is there or not."""

    kind: Kind
    path: Path


def read_dkim(section: Section, data: Path, from_domain: str) -> Signing | None:
    """Read the section and its keys; None without a selector. What is wrong is noted there."""
    selector = section.read("selector", _selector, "")
    domain = section.read("domain", values.domain, from_domain)
    files = _files(section, data)
    if not selector or not section.sound:
        return None
    if not f".{from_domain}".endswith(f".{domain}"):
        section.refuse(
            f"must be {from_domain}, the domain of [mail] from, or one above it; a signature of "
            "another one counts for nothing (DMARC)",
            "domain",
        )
    if not files:
        section.refuse("needs a key; set rsa_key or ed25519_key", "selector")
    if [file.kind for file in files] == ["ed25519"]:
        section.warn("[dkim] without an rsa_key: many receivers cannot check ed25519 yet")
    keys = [(file.kind, _key(file, section)) for file in files]
    signers = tuple(Signer(f"{selector}-{kind}", key) for kind, key in keys if key)
    try:
        return Signing(domain, signers) if section.sound else None
    except ValueError as error:  # each of them is fine, but both together are too long
        section.refuse(str(error), "selector")
        return None


def key_files(path: Path | None, environ: Mapping[str, str], data: Path) -> tuple[KeyFile, ...]:
    """Where the keys belong, for who makes them; no key is read. Raises Refused as reading does.

    What is wrong elsewhere in the file is for others to tell.
    """
    source = Source(read_document(path) if path else Document(), environ)
    section = source.section("dkim")
    files = tuple(_files(section, data))
    if not section.sound:
        source.finish()
    return files


def _files(section: Section, data: Path) -> list[KeyFile]:
    paths: list[tuple[Kind, Path | None]] = [
        (kind, section.read(f"{kind}_key", values.path_or_none, usual))
        for kind, usual in _KEY_FILES.items()
    ]
    return [KeyFile(kind, data / path) for kind, path in paths if path]


def _key(file: KeyFile, section: Section) -> SigningKey | None:
    """The key in the file, or None and the reason noted, in which nothing of the file stands."""
    try:
        pem = read_text(file.path, LARGEST_KEY).encode()
        if open_to_all(file.path):
            section.warn(f"{file.path}: anybody on this machine can read the key; chmod 600 it")
        return read_key(pem, file.kind)
    except FileNotFoundError:
        why = 'no such file; `paperround init --dkim` makes it, and with "" it is done without'
    except OSError as error:
        why = f"cannot be read: {reason(error)}"
    except ValueError as error:
        why = f"{error}; put the right one there, or move it away and run `paperround init --dkim`"
    section.refuse(f"{file.path}: {why}", f"{file.kind}_key")
    return None


def _selector(raw: object) -> str:
    name = values.text(raw).lower()
    if name and (len(name) > _LONGEST or not _LABEL.fullmatch(name)):
        raise NotAllowed(
            f'letters, digits and "-", at most {_LONGEST} of them, such as "{SELECTOR}"'
        )
    return name
