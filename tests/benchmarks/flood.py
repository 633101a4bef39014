"""Hostile posts at a steady rate: ``python -m tests.benchmarks.flood PORT RATE SECONDS KEYS``.

A process of its own, so that it costs the site nothing but what it sends. It does not wait for
answers before it sends the next: whoever attacks does not either. Each post comes on a connection
of its own, from a network of its own, as a proxy hands it on. Half of them subscribe a new address
with the token of a form that was open for long enough (made with the site's KEYS: whoever attacks
has gathered some before); half of them try rules that are as much work as rules can be.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from tests.benchmarks.trial import beginnings, regexes, slow_regexes, windows
from worker.core.keys import Keys
from worker.core.tokens import FORM, Pass, made_pass
from worker.store import keys as keys_file
from worker.web.formtoken import FIELD, HOLDS
from worker.web.signupform import PURPOSE

HOST = "papers.example.org"
READ_FOR = timedelta(seconds=30)
RULES = 10
KINDS = (beginnings, windows, slow_regexes, regexes)
PATIENCE = 20.0


class Flood:
    """So many posts a second for so long; ``answers`` counts statuses by page, 0 for none."""

    def __init__(self, port: int, keys: Keys) -> None:
        self.answers: Counter[str] = Counter()
        self.took: list[float] = []
        self._port = port
        self._keys = keys
        self._chance = random.Random()
        self._rules = ["\n".join(kind(self._chance) for _ in range(RULES)) for kind in KINDS * 5]

    async def pour(self, rate: float, seconds: float) -> None:
        """Send them all, and wait for what is answered yet."""
        begun, sent = time.monotonic(), set[asyncio.Task[None]]()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
            sent.add(asyncio.create_task(self._post("/try" if number % 2 else "/subscribe")))
        await asyncio.wait(sent)

    async def _post(self, page: str) -> None:
        begun, status = time.monotonic(), 0
        with contextlib.suppress(OSError, TimeoutError, ValueError, IndexError):
            async with asyncio.timeout(PATIENCE):
                status = await posted(self._port, page, self._form(page), self._anywhere())
        self.took.append(time.monotonic() - begun)
        self.answers[f"{page} {status}"] += 1

    def _form(self, page: str) -> dict[str, str]:
        rules = self._chance.choice(self._rules)
        if page == "/try":
            return {"rules": rules}
        name, domain = (f"{self._chance.getrandbits(40):x}" for _ in range(2))
        opened = datetime.now(UTC) - READ_FOR
        token = Pass(self._chance.getrandbits(63), opened + HOLDS)
        form = made_pass(self._keys.secret, self._keys.newest, f"{FORM} {PURPOSE}", token)
        return {FIELD: form, "address": f"{name}@d{domain}.org", "rules": "diffusion -survey"}

    def _anywhere(self) -> str:
        return ".".join(str(self._chance.randint(1, 223)) for _ in range(4))


async def posted(port: int, page: str, form: dict[str, str], peer: str) -> int:
    """Post it on a connection of its own and read the answer: its status."""
    body = urlencode(form).encode()
    head = (
        f"POST {page} HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-For: {peer}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return await asked(port, head.encode() + body)


async def asked(port: int, request: bytes) -> int:
    """Send a request, read until the other side hangs up: the status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        answer = await reader.read(-1)
        return int(answer.split(b" ", 2)[1])
    finally:
        writer.close()


def main(port: str, rate: str, seconds: str, keys: str) -> None:
    flood = Flood(int(port), keys_file.load(Path(keys)))
    begun = time.monotonic()
    asyncio.run(flood.pour(float(rate), float(seconds)))
    spent = time.monotonic() - begun
    print(json.dumps({"answers": flood.answers, "took": flood.took, "spent": spent}))


if __name__ == "__main__":
    main(*sys.argv[1:])
