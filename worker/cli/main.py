"""The command ``paperround``: one clear line and a sysexits code for whatever goes wrong."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

import click

from worker import durable, log
from worker.cli import (
    bouncing,
    checking,
    daily,
    doctor,
    explaining,
    fetch,
    look,
    people,
    queue,
    replaying,
    standing,
    start,
    stats,
    suppressing,
    web,
)
from worker.cli.place import placed
from worker.model import Refused, Unreadable


@click.group(
    context_settings={
        "auto_envvar_prefix": "PAPERROUND",
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    }
)
@click.version_option(package_name="paperround", message="Paper Round %(version)s")
@placed
@click.pass_context
def cli(context: click.Context, place: Any) -> None:
    """Deliver the daily papers: watch for daily files, match keyword rules, send digests."""
    context.obj = place
    log.for_people()


for command in (
    *start.COMMANDS,
    *doctor.COMMANDS,
    *daily.COMMANDS,
    *look.COMMANDS,
    *explaining.COMMANDS,
    *standing.COMMANDS,
    *stats.COMMANDS,
    *replaying.COMMANDS,
    *fetch.COMMANDS,
    queue.queue,
    *suppressing.COMMANDS,
    *bouncing.COMMANDS,
    people.subscribers,
    web.web,
):
    cli.add_command(command)


look.rules.add_command(checking.check)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    _keep_standard_streams()
    sys.excepthook = _unexpected
    sys.exit(run(sys.argv[1:]))


def _keep_standard_streams() -> None:
    """Where one was closed, nothing of ours may get its number: others write there blindly."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


def run(arguments: list[str]) -> int:
    """Run one command. Gives the exit code; what went wrong is said on standard error."""
    try:
        return cli.main(arguments, prog_name="paperround", standalone_mode=False) or 0
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.Abort:
        return _complain("stopped", 130)
    except click.ClickException as wrong:
        wrong.show()
        return os.EX_USAGE if isinstance(wrong, click.UsageError) else os.EX_DATAERR
    except Unreadable as unreadable:
        return _complain(str(unreadable), os.EX_DATAERR)
    except Refused as refused:
        return _complain(str(refused), refused.exit_code)
    except BrokenPipeError:
        return _hung_up()
    except FileNotFoundError as missing:
        return _complain(f"{missing.filename}: no such file", os.EX_NOINPUT)
    except OSError as failed:
        code = os.EX_TEMPFAIL if failed.errno in durable.PASSING else os.EX_IOERR
        return _complain(f"{failed.filename or 'input/output'}: {failed.strerror}", code)


def _complain(line: str, exit_code: int) -> int:
    click.echo(f"paperround: {line}", err=True)
    return exit_code


def _hung_up() -> int:
    """The reader of our output has gone: nobody is left to tell, and Python must not try either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 128 + 13


def _unexpected(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """A fault of ours: kept in a file for the report, one line for the person."""
    descriptor, name = tempfile.mkstemp(prefix="paperround-fault-", suffix=".txt")
    with open(descriptor, "w", encoding="utf-8") as file:
        traceback.print_exception(kind, error, trace, file=file)
    _complain(f"internal error ({kind.__name__}); please report it with {Path(name)}", 0)
    os._exit(os.EX_SOFTWARE)
