"""``init``, ``check``, ``demo``: the first steps."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from worker import opening, premises, shipped, templates
from worker.cli.demonstrating import demonstrate, show
from worker.cli.place import CONFIG, Place, placed, say_configured, terminal
from worker.clock import SystemClock
from worker.config.dkim import SELECTOR, key_files
from worker.store import dkimkeys
from worker.store.departures import NAME

NOBODY_YET = """\
# Who gets the digests. The file wins for those it names; others come and go with
# `paperround subscribers`. For example:
#
# [[subscriber]]
# address  = "reader@example.org"
# schedule = "daily 08:00"   # or immediately, mon,thu 18:00, weekly fri 16:00, monthly 1 09:00
# timezone = "Europe/Vienna"
# rules    = ["diffusion -survey", { name = "Operators", query = '"neural operator" OR pde' }]
#
# And if wanted; without these, [digest] in paperround.toml says the first two:
#
# max_papers   = 20            # at most so many in one digest; the rest comes with the next one
# when_empty   = "say so"      # a short word when nothing matched, instead of no mail ("skip")
# paused_until = 2030-01-31    # no mail before that day; what matched meanwhile comes then
# language     = "de"          # how days are written: cs, da, de, el, en, es, fi, fr, it, ja, ko,
#                              # nb, nl, pl, pt, sv, tr, uk or zh
# plain        = true          # plain text only, without an HTML part
# abstracts    = "opening"     # only the first sentences of each; "none": titles only; else "full"
# order        = "upvotes"     # one list, the most upvoted first, instead of by rule ("rules")
# related      = ["replaced"]  # news of papers he had: listed "again", "replaced" by a new version,
#                              # or listed in another category ("cross")
"""

LEFT_SINCE = (
    f"{NAME} is lost too, so who left since that backup is on the list again; "
    "remove each with `paperround subscribers remove ADDRESS`"
)


@click.command()
@click.option(
    "--new-log",
    is_flag=True,
    help="Accept the paper log as it is now; everybody starts at its end.",
)
@click.option(
    "--restored",
    type=click.Choice(["skip", "repeat"]),
    help="Go on with a ledger from a backup: skip what came since it, or repeat that.",
)
@click.option("--new-keys", is_flag=True, help="Make new keys if the old ones are lost.")
@click.option("--dkim", is_flag=True, help="Make the keys that mail is signed with, too.")
@placed
def init(place: Place, new_log: bool, restored: str | None, new_keys: bool, dkim: bool) -> None:
    """Make the configuration, the keys, the stores and the inbox; nothing existing is changed."""
    premises.ready(place.data)
    config = place.config or place.data / CONFIG
    for file, content in (
        (config, shipped.path("config").joinpath(CONFIG).read_text("utf-8")),
        (place.subscribers_file, NOBODY_YET),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        _make(file, content)
    here = Place(place.config, place.data)
    if dkim:  # before the settings are read, which may name these very keys
        _make_dkim_keys(config, here.data)
    if restored and not asyncio.run(opening.go_on_restored(here.settings, skip=restored == "skip")):
        click.echo(f"paperround: warning: {LEFT_SINCE}", err=True)
    asyncio.run(_init(here, new_log=new_log, new_keys=new_keys))
    click.echo(f"ready: put daily files into {here.settings.inbox}")
    click.echo(f"next: name your mail server in {config}, then `paperround check`")
    if dkim:
        off = here.settings.signing is None
        first = f'set selector = "{SELECTOR}" under [dkim] in {config}, then ' if off else ""
        click.echo(f"to sign mail: {first}publish the DNS records that `paperround doctor` shows")


def _make(file: Path, content: str) -> None:
    if file.exists():
        click.echo(f"kept  {file}")
        return
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as new:
        new.write(content)
    click.echo(f"made  {file}")


def _make_dkim_keys(config: Path, data: Path) -> None:
    for file in key_files(config, os.environ, data):
        made = dkimkeys.create(file.path, file.kind)
        click.echo(f"made  {file.path}" if made else f"kept  {file.path}")


async def _init(place: Place, *, new_log: bool, new_keys: bool) -> None:
    clock = SystemClock()
    if new_keys:
        opening.new_keys(place.settings)
    if new_log:
        await opening.adopt_log(place.settings)
    async with opening.opened(place.settings, place.named, clock) as opened:
        opened.inbox.ensure()


@click.command()
@placed
def check(place: Place) -> None:
    """Read the configuration, the subscribers, the templates and the stores; say what is wrong."""
    settings = place.configured()
    say_configured(place)
    templates.checked(settings.data)
    click.echo("templates: good")
    click.echo(asyncio.run(_stores(place)))


async def _stores(place: Place) -> str:
    async with opening.beside(place.settings) as opened:
        end = await opened.papers.end()
        return f"stores: good; {end.paper} papers from {end.intake} files"


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    metavar="DIR",
    help="Where the messages are written.  [default: ./demo]",
)
@placed
def demo(place: Place, out: Path) -> None:
    """Take in the two daily files that ship and write what would be mailed. No network.

    It has stores of its own, which it throws away: no other installation is looked at or changed.
    """
    show(asyncio.run(demonstrate(out)), terminal())


COMMANDS = (init, demo, check)
