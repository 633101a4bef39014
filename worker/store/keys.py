"""The secrets behind links and bounce addresses, in a file of their own, 0600, never in a backup
of the ledger by default.

Who loses the file loses every unsubscribe link that is out there: so it is made once, with the
ledger, and a ledger without it is refused until the operator says that he has no copy of it.
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

import msgspec

from worker import durable
from worker.core.keys import Keys
from worker.model import Refused


def load(path: Path) -> Keys:
    """Read the keys. Raises Refused if the file is missing or cannot be read."""
    try:
        entries = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
        by_id = {int(name): base64.b64decode(key, validate=True) for name, key in entries.items()}
    except FileNotFoundError:
        line = (
            f"{path}: missing; restore it from a backup. Without it the unsubscribe links in mails"
        )
        way_out = "already sent stop working; if it is lost, run `paperround init --new-keys`"
        raise Refused(f"{line} {way_out}", os.EX_CONFIG) from None
    except (OSError, ValueError, msgspec.DecodeError, binascii.Error) as error:
        line = f"{path}: the keys cannot be read ({type(error).__name__}); restore the file"
        raise Refused(line, os.EX_CONFIG) from None
    if not by_id or min(map(len, by_id.values())) < 16:
        raise Refused(f"{path}: holds no usable key; restore the file", os.EX_CONFIG)
    return Keys(max(by_id), by_id)


def create(path: Path, secret: bytes) -> Keys:
    """Write a file with this one key, never over an existing one: then that one is read."""
    content = msgspec.json.encode({"1": base64.b64encode(secret).decode()})
    durable.write_new(path, content + b"\n")
    return load(path)
