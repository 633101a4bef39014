"""How tests read a configuration, and what it is refused with."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import pytest

from worker.config.settings import Settings
from worker.model import Refused

Read = Callable[..., Settings]


def problems(read: Read, text: str | bytes, **environ: str) -> list[str]:
    """The lines of the refusal, without the folder."""
    with pytest.raises(Refused) as refused:
        read(text, **environ)
    assert refused.value.exit_code == os.EX_CONFIG
    return [
        re.sub(r"^\S*/(?=paperround.toml)", "", line) for line in str(refused.value).split("\n")
    ]


SITE = "web.listen = '127.0.0.1:8080'\nweb.proxies = '127.0.0.1'\n"
"""A site that there is nothing to warn of."""
