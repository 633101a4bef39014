"""A page shown in the browser of whoever sits here, if somebody does."""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from collections.abc import Mapping
from pathlib import Path


def show(page: str, name: str) -> str:
    """Put the page into a private file and open it; say where it is.

    Without a desktop, or if nothing opens it, that is all. The file stays: a browser reads it
    when it likes.
    """
    path = Path(tempfile.mkdtemp(prefix="paperround-preview-")) / name  # 0700: nobody else's
    path.write_text(page, encoding="utf-8")
    return f"opened {path}" if _opens(path) else str(path)


def _opens(path: Path) -> bool:
    if not has_desktop(os.environ, sys.platform):
        return False
    try:
        return webbrowser.open(path.as_uri())
    except (webbrowser.Error, ValueError):  # $BROWSER is no command
        return False


def has_desktop(environ: Mapping[str, str], platform: str) -> bool:
    """Whether a browser can show itself; one in this very terminal is nobody's wish."""
    if platform in ("darwin", "win32"):
        return True
    return any(environ.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"))
