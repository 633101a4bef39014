"""Where a command works: its configuration, its data folder, its terminal; the same for all."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import click
import platformdirs
from rich.console import Console

from worker.config.settings import Settings, read_settings
from worker.config.subscribers import read_subscribers
from worker.core.rulesets import UNREAD
from worker.model import Preferences, Refused
from worker.outcomes import (
    Accepted,
    Outcome,
)

CONFIG, SUBSCRIBERS = "paperround.toml", "subscribers.toml"


@dataclass(frozen=True)
class Place:
    """The two folders everything hangs on. Nothing is read before it is asked for."""

    config: Path | None
    data: Path

    @cached_property
    def settings(self) -> Settings:
        """The settings; all defaults where there is no configuration yet. Raises Refused."""
        return read_settings(self._config_file, os.environ, self.data)

    @cached_property
    def named(self) -> Sequence[Preferences] | None:
        """Who the subscribers file names, None where there is no such file. Raises Refused."""
        return self._named_under(self.settings)

    def _named_under(self, settings: Settings) -> Sequence[Preferences] | None:
        file = self.subscribers_file
        return read_subscribers(file, settings) if file.exists() else None

    @property
    def subscribers_file(self) -> Path:
        """``subscribers.toml`` beside the configuration; in the data folder if it is only there."""
        beside = (self._config_file or self.data / CONFIG).with_name(SUBSCRIBERS)
        usual = self.data / SUBSCRIBERS
        return usual if usual.exists() and not beside.exists() else beside

    def configured(self) -> Settings:
        """The settings of an installation that may send mail.

        Raises Refused without a file, and with the problems of both files if there are any.
        """
        if self._config_file is None:
            line = f"{self.data / CONFIG}: no configuration; run `paperround init`"
            raise Refused(line, os.EX_CONFIG)
        problems = []
        for read in (lambda: self.settings, lambda: self._named_under(self._settings_or_defaults)):
            try:
                read()
            except Refused as refused:
                problems.append(str(refused))
        if problems:
            raise Refused("\n".join(problems), os.EX_CONFIG)
        return self.settings

    @property
    def _settings_or_defaults(self) -> Settings:
        try:
            return self.settings
        except Refused:  # told already; the other file is checked all the same
            return replace(read_settings(None, {}, self.data), rule_sets=UNREAD)

    @property
    def _config_file(self) -> Path | None:
        if self.config:
            return self.config
        usual = self.data / CONFIG
        return usual if usual.exists() else None


def placed(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--config`` and ``--data`` and hand it the Place they name."""

    @click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        envvar="PAPERROUND_CONFIG",
        help=f"The configuration; {SUBSCRIBERS} lies beside it.  [default: {CONFIG} in --data]",
    )
    @click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        envvar="PAPERROUND_DATA",
        help="Where everything is kept.  [default: the platform's usual place]",
    )
    @click.pass_context
    @functools.wraps(command)
    def with_place(
        context: click.Context, /, config: Path | None, data: Path | None, **others: Any
    ) -> Any:
        above = context.find_object(Place)
        config = config or (above.config if above else None)
        data = data or (above.data if above else None)
        place = Place(config, data or Path(platformdirs.user_data_dir("paperround")))
        return context.invoke(command, place, **others)

    return with_place


def terminal() -> Console:
    """The terminal on standard output; a pipe gets plain text, nothing wrapped or cut."""
    console = Console(highlight=False, soft_wrap=False)
    return console if console.is_terminal else Console(highlight=False, width=10_000, no_color=True)


def written(outcome: Outcome) -> None:
    """Raises Refused if a message could not be written into its folder."""
    if not isinstance(outcome, Accepted):
        raise Refused(outcome.reply, os.EX_CANTCREAT)


def say_configured(place: Place) -> None:
    """Say that the configuration is good, and what in it is unwise. Raises Refused if it is not."""
    warn(place.configured())
    count = len(place.named or ())
    click.echo(f"configuration: good; {count} subscribers in {place.subscribers_file}")


def warn(settings: Settings) -> None:
    """Say on standard error what is allowed but unwise."""
    for warning in settings.warnings:
        click.echo(f"paperround: warning: {warning}", err=True)


def say_json(value: object) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
