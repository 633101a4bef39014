"""What SpamAssassin says of our mails, by its rules for the content alone (``-L``: no network)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.generated import deliveries
from tests.test_hostile import COMPOSER

SPAMASSASSIN = shutil.which("spamassassin")
GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.eml"))
MOST_POINTS = 0.5
MOST_BY_ONE_RULE = 1.0

pytestmark = pytest.mark.skipif(SPAMASSASSIN is None, reason="SpamAssassin is not installed")


def judged(home: Path, mails: Sequence[bytes]) -> list[dict[str, float]]:
    """The points of each rule that a mail met, mail by mail, in one run."""
    files = [home / f"{number:04}.eml" for number in range(len(mails))]
    for file, mail in zip(files, mails, strict=True):
        file.write_bytes(mail)
    done = subprocess.run(
        [str(SPAMASSASSIN), "-L", "-t", "-x", "--cf", "report_safe 0", *map(str, files)],
        env={**os.environ, "HOME": str(home), "LC_ALL": "C"},
        capture_output=True,
        check=True,
        timeout=60 + 10 * len(mails),
    )
    reports = re.split(rb"^Content analysis details: ", done.stdout, flags=re.MULTILINE)[1:]
    assert len(reports) == len(mails)
    return [points(report.decode("utf-8", "replace")) for report in reports]


def points(report: str) -> dict[str, float]:
    """The rules of one report; it ends with the first empty line after them."""
    total, table = report.partition(" points")[0], report.partition("----\n")[2]
    found = re.findall(
        r"^ ?(-?\d+(?:\.\d)?) ([A-Z][A-Z0-9_]+) ", table.partition("\n\n")[0], re.MULTILINE
    )
    rules = {name: float(given) for given, name in found}
    assert abs(sum(rules.values()) - float(total.strip(" ("))) < 0.05 * (len(rules) + 1)
    return rules


def unwelcome(rules: dict[str, float]) -> bool:
    return sum(rules.values()) > MOST_POINTS or max(rules.values(), default=0) >= MOST_BY_ONE_RULE


def test_the_golden_mails_are_no_spam(tmp_path: Path) -> None:
    found = judged(tmp_path, [path.read_bytes() for path in GOLDEN])
    assert found
    assert [rules for rules in found if unwelcome(rules)] == []


@pytest.mark.parametrize("count", [6, pytest.param(50, marks=pytest.mark.nightly)])
def test_generated_mails_are_no_spam_either(tmp_path: Path, count: int) -> None:
    # To one plain address: an apostrophe in somebody's own costs a point, and is his affair.
    sent = [replace(delivery, address="reader@example.org") for delivery in deliveries(count)]
    found = judged(tmp_path, [COMPOSER(delivery).content for delivery in sent])
    assert [rules for rules in found if unwelcome(rules)] == []


def test_a_mail_that_is_spam_would_be_seen_here(tmp_path: Path) -> None:
    """GTUBE, the text that every SpamAssassin takes for spam."""
    gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    (rules,) = judged(tmp_path, [f"From: a@example.org\nSubject: x\n\n{gtube}\n".encode()])
    assert rules["GTUBE"] >= 1000
