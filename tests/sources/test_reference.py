"""What BibTeX and RIS share: how people write references."""

from __future__ import annotations

import pytest

from worker.sources.reference import arxiv_id_in, names_in


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        ("Roe, Jane and Li, Bo", ("Jane Roe", "Bo Li")),
        ("Jane Roe\n  AND Bo Li", ("Jane Roe", "Bo Li")),
        ("Jane Roe, Bo Li, Ada Lee", ("Jane Roe", "Bo Li", "Ada Lee")),
        ("Roe, Jane; Li, Bo", ("Jane Roe", "Bo Li")),
        ("van der Berg, Jan Pieter", ("Jan Pieter van der Berg",)),
        ("{ATLAS Collaboration} and others", ("ATLAS Collaboration",)),
        ("Roe, Jane, III", ("Jane Roe III",)),
        ("M&uuml;ller, Eva", ("Eva M&uuml;ller",)),
        ("{Rock and {Roll} Band} and Li, Bo", ("{Rock and {Roll} Band}", "Bo Li")),
        ("", ()),
    ],
)
def test_authors_are_parted_and_turned(authors: str, names: tuple[str, ...]) -> None:
    assert names_in(authors) == names


@pytest.mark.parametrize(
    ("said", "id_"),
    [
        ("arXiv preprint arXiv:1706.03762", "arxiv:1706.03762"),
        ("https://arxiv.org/abs/1706.03762v5", "arxiv:1706.03762"),
        ("ARXIV: cs/9301115.", "arxiv:cs/9301115"),
        ("10.1000/182", ""),
        ("the arXiv: a history", ""),
    ],
)
def test_an_arxiv_id_is_found_in_words(said: str, id_: str) -> None:
    assert arxiv_id_in(["", said]) == id_
