"""Where the files that ship are: in the wheel beside this module, in a checkout at its top.

An operator's own folder overrides them file by file.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def path(name: str) -> Path:
    """The shipped file or folder of this name, such as ``config/paperround.toml``."""
    installed = Path(__file__).with_name("assets") / name
    return installed if installed.exists() else Path(__file__).parent.parent / name


def mail_templates(folders: Iterable[Path] = ()) -> dict[str, str]:
    """The mail templates by name: the shipped ones, overridden by those in each of the folders.

    Raises OSError for one that cannot be read.
    """
    return _templates("mail", folders)


def web_templates(folders: Iterable[Path] = ()) -> dict[str, str]:
    """The templates of the site, in the same way."""
    return _templates("web", folders)


def _templates(kind: str, folders: Iterable[Path]) -> dict[str, str]:
    sources: dict[str, str] = {}
    for folder in (path("templates") / kind, *folders):
        for file in sorted(folder.glob("*.j2")):
            sources[file.name] = file.read_text(encoding="utf-8")
    return sources
