"""How long signing takes: ``python -m tests.benchmarks.dkim [MAILS]``.

The mails are digests of 1, 20 and 100 papers. dkimpy signs the same ones in the same run: what
counts is the ratio, as the milliseconds are those of the machine.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import dkim

from tests.made import KEY, LETTERHEAD, NOON, delivery, paper, pick
from tests.signing import DOMAIN, both, rsa_pem, signer, verdicts
from tests.signing import published as dns
from worker import shipped
from worker.core.compose import Composer
from worker.core.dkim import COVERED, OVER_SIGNED, Signing
from worker.core.keys import Keys
from worker.core.render import Templates

ABSTRACT = "We prove that so many steps suffice, where the bound known before was worse. " * 14
NAMES = [name.encode() for name in (*COVERED, *OVER_SIGNED)]


def digest(papers: int) -> bytes:
    """A digest of so many papers with full abstracts."""
    composer = Composer(LETTERHEAD, Templates(shipped.mail_templates()), Keys(1, {1: KEY}))
    numbers = range(1, papers + 1)
    listed = [paper(number, f"A paper, the {number}th", ABSTRACT) for number in numbers]
    return composer(delivery(*(pick(number) for number in numbers), papers=listed)).content


def theirs(message: bytes) -> bytes:
    """The RSA signature as dkimpy makes it of the key's file."""
    made: bytes = dkim.sign(
        message, b"test-rsa", DOMAIN.encode(), rsa_pem(),
        canonicalize=(b"relaxed", b"relaxed"), include_headers=NAMES,
    )  # fmt: skip
    return made


def milliseconds(sign: Callable[[bytes], bytes], message: bytes, mails: int) -> float:
    """For one mail, in the best of five runs."""
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        for _ in range(mails):
            sign(message)
        best = min(best, time.perf_counter() - begun)
    return best / mails * 1000


def main(mails: int) -> None:
    one, two = Signing(DOMAIN, (signer("rsa"),)), both()
    print(
        f"{'papers':>8} {'bytes':>9} {'RSA, ms':>8} {'both, ms':>9} {'dkimpy RSA':>11} {'ratio':>6}"
    )
    for papers in (1, 20, 100):
        message = digest(papers)
        assert verdicts(two.signed(message, NOON), dns(two)) == [True, True]
        rsa = milliseconds(lambda mail: one.signed(mail, NOON), message, mails)
        pair = milliseconds(lambda mail: two.signed(mail, NOON), message, mails)
        other = milliseconds(theirs, message, max(1, mails // 20))
        print(
            f"{papers:8} {len(message):9,} {rsa:8.3f} {pair:9.3f} {other:11.3f} {other / rsa:5.1f}x"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
