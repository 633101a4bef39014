"""Files moved out of the way: nothing overwritten, nothing taken but what was meant.

The name is reserved first and the file then renamed onto it: whatever comes in between in its
place was moved as well, is found out, and goes back.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

from worker import durable
from worker.core.settle import MANIFEST, PROMISE, REASON, WISH, numbered, reason_text
from worker.model import Rejected

_PUBLIC = 0o644  # daily papers are no secret, and who put a file here should read what became of it


def set_aside(
    source: Path,
    folder: Path,
    is_it: Callable[[Path], bool],
    content: bytes | None = None,
    reasons: Sequence[Rejected] | None = None,
) -> Path | None:
    """Move ``source`` into ``folder`` under a name that is free, beside the reasons if there are.

    Gives where it lies now. Nothing happens if it is gone, or if ``is_it`` says that another has
    come in its place. ``content`` is what to keep where ``folder`` is on another disk.
    Raises OSError.
    """
    if not is_it(source):
        return None
    durable.make_folder(folder)
    return _put(source, _reserved(folder, source.name), is_it, content, reasons)


def put_back(target: Path, folder: Path, name: str) -> None:
    """Move a file that was set aside into the folder again, without the reasons. Raises OSError."""
    durable.move(target, _reserved(folder, name))
    _drop(_beside(target, REASON))


def _reserved(folder: Path, name: str) -> Path:
    """An empty file of that name, or of the first free number, which nobody else will take."""
    for number in count(1):
        path = folder / numbered(name, number)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            break
    return path


def _put(
    source: Path,
    target: Path,
    is_it: Callable[[Path], bool],
    content: bytes | None,
    reasons: Sequence[Rejected] | None,
) -> Path | None:
    """Move to the reserved target, with what belongs beside it; or leave nothing there."""
    moved = False
    try:
        if reasons is not None:
            durable.write(_beside(target, REASON), reason_text(reasons).encode(), _PUBLIC)
        # What was said of it goes first: left behind, it would be taken for that of the next such.
        for ending in (PROMISE, MANIFEST):
            _move_along(_beside(source, ending), _beside(target, ending))
        for ending in (WISH, REASON):  # granted, and no longer true
            _drop(_beside(source, ending))
        moved = _moved(source, target, is_it, content)
    finally:
        if not moved:
            _clear(target, source)
    return target if moved else None


def _moved(
    source: Path, target: Path, is_it: Callable[[Path], bool], content: bytes | None
) -> bool:
    """Whether it could be moved. What turns out to be something else goes back."""
    try:
        durable.move(source, target)
    except (FileNotFoundError, NotADirectoryError):  # gone, or a folder now
        return False
    except OSError as error:
        if error.errno != errno.EXDEV or content is None:
            raise
        return _copied(source, target, is_it, content)
    if is_it(target):
        return True
    durable.move(target, _reserved(source.parent, source.name))
    return False


def _copied(source: Path, target: Path, is_it: Callable[[Path], bool], content: bytes) -> bool:
    """To another disk: the copy that was read is what is kept, whatever lies there now."""
    durable.write(target, content, _PUBLIC)
    if is_it(source):
        source.unlink(missing_ok=True)
    return True


def _move_along(source: Path, target: Path) -> None:
    try:
        durable.move(source, target)
    except OSError as error:
        if error.errno == errno.EXDEV:
            source.unlink(missing_ok=True)
        elif error.errno not in (errno.ENOENT, errno.ENAMETOOLONG):  # there is none, or cannot be
            raise


def _drop(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        if error.errno not in (errno.ENAMETOOLONG, errno.EISDIR, errno.EPERM):  # none of ours
            raise


def _clear(target: Path, source: Path) -> None:
    """Take a target back that is still the empty reservation; anything else is left alone.

    What was said of the file goes back to where it lay: it may hold for what lies there now.
    """
    with suppress(FileNotFoundError):
        if target.lstat().st_size > 0:
            return
        target.unlink()
    _beside(target, REASON).unlink(missing_ok=True)
    for belonging in (PROMISE, MANIFEST):
        _move_along(_beside(target, belonging), _beside(source, belonging))


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
