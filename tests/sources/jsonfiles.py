"""Lists of papers in JSON, for the tests of that form."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.sources.daily import MODIFIED
from worker.model import Edition, Unreadable
from worker.sources.form import Text
from worker.sources.json_papers import parse

ALPHA: dict[str, object] = {
    "id": "2509.01234",
    "title": "Alpha: A Paper\n  That Wraps",
    "abstract": "We show that it holds.",
    "authors": ["Ann Lee", "Bo Chen"],
}
BETA: dict[str, object] = {"id": "2509.05678", "title": "Beta", "url": "https://example.org/beta"}


def api(paper: Mapping[str, object], at: str = "2025-09-08T00:04:05.000Z") -> dict[str, object]:
    """As the Hugging Face API of 2025 answers it."""
    inner = {
        "id": paper["id"],
        "title": paper["title"],
        "summary": paper.get("abstract", "We ask."),
        "authors": [
            {"_id": "0123456789abcdef01234567", "name": name, "hidden": False}
            for name in ("Ann Lee", "Bo Chen")
        ],
        "publishedAt": "2025-09-05T17:00:00.000Z",
        "submittedOnDailyAt": at,
        "submittedOnDailyBy": {"fullname": "Cy", "name": "cy", "type": "user"},
        "upvotes": 12,
        "githubStars": 3,
        "ai_summary": "Not the abstract.",
    }
    return {
        "paper": inner,
        "publishedAt": "2025-09-05T13:00:00.000Z",
        "title": paper["title"],
        "numComments": 2,
        "submittedBy": {"name": "cy", "type": "user"},
    }


def parsed(value: object, name: str = "papers.json") -> Edition:
    return parse(text(value, name))


def text(value: object, name: str = "papers.json") -> Text:
    written = value if isinstance(value, str) else json.dumps(value)
    return Text(written, name, MODIFIED, None)


def lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def refused(value: object) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        parsed(value)
    return caught.value


SHAPES = {
    "list": [ALPHA, BETA],
    "papers": {"papers": [ALPHA, BETA]},
    "data": {"status": "success", "date": "2025-09-08", "count": 2, "data": [ALPHA, BETA]},
    "items": {"title": "My papers", "description": "Daily", "items": [ALPHA, BETA]},
    "nested": {"status": "ok", "message": {"items": [ALPHA, BETA], "total-results": 2}},
    "feed": {"feed": {"title": "Query", "entry": [ALPHA, BETA]}},
    "by id": {"2509.01234": {**ALPHA, "id": None}, "2509.05678": {**BETA, "id": None}},
    "by id, wrapped": {"papers": {"a": ALPHA, "b": BETA}},
    "by day": {"2025-09-08": [ALPHA], "2025-09-07": [BETA]},
    "by category": {"cs.CL": [ALPHA], "cs.LG": [BETA], "updated": "2025-09-08"},
    "paper inside": [{"paper": ALPHA}, {"paper": BETA}],
    "python in texts": [repr(ALPHA), repr(BETA)],
    "json in texts": {"data": [json.dumps(ALPHA), json.dumps(BETA)]},
    "lines": lines(ALPHA, BETA),
    "python lines": f"{ALPHA!r}\n{BETA!r}\n",
    "python": repr([ALPHA, BETA]),
    "one behind the other": json.dumps(ALPHA, indent=1) + json.dumps(BETA, indent=1),
}
