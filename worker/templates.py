"""The mail templates that are used: the operator's over the shipped ones, tried before trusted."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from worker import shipped
from worker.core.jinja import RenderError
from worker.core.render import Links, Templates
from worker.core.sample import samples
from worker.deliveries import DeliveryKind

log = logging.getLogger(__name__)

HOME = "https://example.org"
BARE = Links(f"{HOME}/u/sample", HOME, "Paper Round", confirm=f"{HOME}/c/sample")
FULL = replace(BARE, takes_commands=True, preferences=f"{HOME}/p/sample", page=f"{HOME}/d/sample")
"""The links of an installation with nothing more, and those of one with everything."""


def checked(data: Path) -> Templates:
    """The operator's templates over the shipped ones, tried on a sample. Raises RenderError."""
    folder = data / "templates" / "mail"
    try:
        sources = shipped.mail_templates([folder])
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(f"{folder}: a template cannot be read: {error}") from error
    return _tried(sources)


def usable(data: Path) -> Templates:
    """Templates that work: the shipped ones if the operator's have an error, which is logged."""
    try:
        return checked(data)
    except RenderError as error:
        log.error("templates refused, the shipped ones are used", extra={"why": str(error)})  # noqa: TRY400  # one line says it all
        return _tried(shipped.mail_templates())


def _tried(sources: dict[str, str]) -> Templates:
    templates = Templates(sources)
    for links in (BARE, FULL):
        for delivery in samples():
            confirm = links.confirm if delivery.kind is DeliveryKind.CONFIRM else ""
            templates.letter(delivery, replace(links, confirm=confirm))
    return templates
