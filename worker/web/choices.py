"""What the forms of preferences are given: how they are filled in, and what they offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from worker.core.due import zone_names
from worker.core.schedule import DAYS
from worker.core.timetable import Fields
from worker.manner import Language

_AREAS: Final = (
    "Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/",
    "Indian/", "Pacific/",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LANGUAGES: Final = {
    Language.EN: "English",
    Language.CS: "čeština",
    Language.DA: "dansk",
    Language.DE: "Deutsch",
    Language.EL: "ελληνικά",
    Language.ES: "español",
    Language.FI: "suomi",
    Language.FR: "français",
    Language.IT: "italiano",
    Language.JA: "日本語",
    Language.KO: "한국어",
    Language.NB: "norsk bokmål",
    Language.NL: "Nederlands",
    Language.PL: "polski",
    Language.PT: "português",
    Language.SV: "svenska",
    Language.TR: "Türkçe",
    Language.UK: "українська",
    Language.ZH: "中文",
}


@dataclass(frozen=True, slots=True)
class Choices:
    """``days`` and ``languages`` by the value that is sent; ``zones`` are those with a city."""

    days: Mapping[str, str]
    languages: Mapping[str, str]
    zones: tuple[str, ...]


CHOICES: Final = Choices(
    days=dict(zip(DAYS, _DAYS, strict=True)),
    languages={language.value: name for language, name in _LANGUAGES.items()},
    zones=("UTC", *(name for name in zone_names() if name.startswith(_AREAS))),
)

_FOLDED: Final = ("when_empty", "max_papers", "language", "plain")
_FEWEST_ROWS, _MOST_ROWS = 4, 16


def filled_in(fields: Fields, before: Fields, faults: Mapping[str, str]) -> dict[str, object]:
    """What ``fields.html.j2`` needs. What lies folded is open where it is not as ``before``."""
    return {
        "fields": fields,
        "faults": faults,
        "choices": CHOICES,
        "rows": min(max(_FEWEST_ROWS, fields["rules"].count("\n") + 2), _MOST_ROWS),
        "opened": any(fields.get(name) != before.get(name) for name in _FOLDED),
    }
