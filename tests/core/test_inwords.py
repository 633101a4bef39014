"""Schedules in words."""

from __future__ import annotations

import pytest

from worker.core.due import parse_schedule
from worker.core.inwords import in_words, ordinal


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("immediately", "as soon as there are new papers"),
        ("daily 08:00", "every day at 08:00"),
        ("weekdays 7:05", "Monday to Friday at 07:05"),
        ("weekly fri 16:00", "every Friday at 16:00"),
        ("mon,thu 18:30", "every Monday and Thursday at 18:30"),
        ("mon,wed,sat 18:30", "every Monday, Wednesday and Saturday at 18:30"),
        ("monthly 1 9:00", "on the 1st of each month at 09:00"),
        ("monthly 31 9:00", "on the 31st of each month, or its last day, at 09:00"),
    ],
)
def test_a_schedule_is_said_as_people_say_it(schedule: str, words: str) -> None:
    assert in_words(parse_schedule(schedule)) == words


def test_numbers_end_as_they_are_spoken() -> None:
    said = " ".join(map(ordinal, (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 31)))
    assert said == "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 23rd 31st"
