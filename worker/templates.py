"""The mail templates that are used: the operator's over the shipped ones, tried before trusted."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from worker import confined, shipped
from worker.core.jinja import RenderError
from worker.core.render import Links, Templates
from worker.core.sample import samples
from worker.deliveries import DeliveryKind

log = logging.getLogger(__name__)

SECONDS: Final = 2
MEMORY: Final = 256 * 2**20  # bytes of address space
"""What templates may take for all samples together."""

HOME = "https://example.org"
BARE = Links(f"{HOME}/u/sample", HOME, "Paper Round", confirm=f"{HOME}/c/sample")
FULL = replace(BARE, takes_commands=True, preferences=f"{HOME}/p/sample", page=f"{HOME}/d/sample")
"""The links of an installation with nothing more, and those of one with everything."""


def checked(data: Path) -> Templates:
    """The operator's templates over the shipped ones, tried on samples. Raises RenderError.

    They are tried in a child process, which may take no more than so much time and memory.
    """
    folder = data / "templates" / "mail"
    try:
        shipped_, sources = shipped.mail_templates(), shipped.mail_templates([folder])
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(f"{folder}: a template cannot be read: {error}") from error
    if sources == shipped_:
        return tried(sources)
    if why := _fault(sources):
        raise RenderError(f"{folder}: {why}")
    return Templates(sources)


def usable(data: Path) -> Templates:
    """Templates that work: the shipped ones if the operator's have an error, which is logged."""
    try:
        return checked(data)
    except RenderError as error:
        log.error("templates refused, the shipped ones are used", extra={"why": str(error)})  # noqa: TRY400  # one line says it all
        return tried(shipped.mail_templates())


def tried(sources: Mapping[str, str]) -> Templates:
    """These templates, after they rendered every sample. Raises RenderError if they cannot."""
    templates = Templates(sources)
    for links in (BARE, FULL):
        for delivery in samples():
            confirm = links.confirm if delivery.kind is DeliveryKind.CONFIRM else ""
            templates.letter(delivery, replace(links, confirm=confirm))
    return templates


def _fault(sources: Mapping[str, str]) -> str:
    """What a child that tries them finds wrong, or dies of; nothing if they are good."""
    child = subprocess.run(  # noqa: S603  # a module of ours, and nothing of anybody else
        confined.command("worker.proving", SECONDS, MEMORY),
        input=msgspec.json.encode(sources),
        env=confined.environment(),
        cwd="/",
        capture_output=True,
        start_new_session=True,
        check=False,
    )
    if child.returncode < 0:
        return f"they need more than {SECONDS} s or {MEMORY // 2**20} MB"
    if child.returncode:
        last = child.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no word"]
        return f"they cannot be tried: {last[0][:200]}"
    return child.stdout.decode("utf-8", "replace")
