"""The secrets behind links and bounce addresses, in a file of their own, 0600, never in a backup
of the ledger by default.

Who loses the file loses every unsubscribe link that is out there: so it is made once, and a ledger
that knows a key which the file lacks is refused by the daemon.
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

import msgspec

from worker import durable
from worker.core.compose import Keys
from worker.model import Refused


def load(path: Path) -> Keys:
    """Read the keys. Raises Refused if the file is missing or cannot be read."""
    try:
        entries = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
        by_id = {int(name): base64.b64decode(key, validate=True) for name, key in entries.items()}
    except FileNotFoundError:
        raise Refused(f"{path}: no keys; run `paperround init`", os.EX_CONFIG) from None
    except (OSError, ValueError, msgspec.DecodeError, binascii.Error) as error:
        line = f"{path}: the keys cannot be read ({type(error).__name__}); restore the file"
        raise Refused(line, os.EX_CONFIG) from None
    if not by_id or min(map(len, by_id.values())) < 16:
        raise Refused(f"{path}: holds no usable key; restore the file", os.EX_CONFIG)
    return Keys(max(by_id), by_id)


def create(path: Path, secret: bytes) -> Keys:
    """Write a file with this one key, never over an existing one."""
    content = msgspec.json.encode({"1": base64.b64encode(secret).decode()})
    durable.write(path, content + b"\n")
    return load(path)
