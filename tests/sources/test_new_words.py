"""New words of real weeks: what they find is worth a line in a mail."""

from __future__ import annotations

from datetime import date

import pytest

from tests.sources import real
from worker.core.newwords import new_words
from worker.core.past import Past
from worker.model import Edition, Paper, PaperNumber

pytestmark = pytest.mark.skipif(not real.files(), reason=real.MISSING)


def month() -> list[Paper]:
    """A month of daily papers in a row, each once."""
    editions = [real.outcome(path) for path in real.files() if "main_2026" in str(path)]
    found: dict[str, Paper] = {}
    for edition in editions:
        assert isinstance(edition, Edition)
        for one in edition.listings:
            number = PaperNumber(len(found) + 1)
            found.setdefault(
                one.title, Paper(number, edition.day, (one.title,), one.title, one.abstract)
            )
    return list(found.values())


def test_the_new_words_of_a_real_month_are_benchmarks_models_and_subjects() -> None:
    papers = month()
    told = {
        last: [word for word, _ in new_words(Past([one for one in papers if one.day <= last]))]
        for last in (date(2026, 3, 24), date(2026, 4, 3), date(2026, 4, 7), date(2026, 4, 8))
    }
    assert told == {
        date(2026, 3, 24): ["DINO", "kinematic", "Nemotron", "snapshot"],
        date(2026, 4, 3): ["cell", "Codex", "LiveCodeBench"],
        date(2026, 4, 7): ["LiveCodeBench", "MMLU"],
        date(2026, 4, 8): ["MMLU"],
    }
