"""The page of one paper, by what it says for machines: ``citation_`` tags, or JSON-LD."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from worker.sources import record
from worker.sources.html_arxiv import codes_in
from worker.sources.html_pieces import elements, rendered
from worker.sources.html_whole import Contents, Page
from worker.sources.literal import Malformed, value_of

_ARTICLE: Final = "ScholarlyArticle"
_AUTHORS: Final = ("citation_author", "dc.creator")
_DATES: Final = ("citation_publication_date", "citation_date", "citation_online_date")
_ABSTRACTS: Final = ("citation_abstract", "dc.description", "og:description", "description")


def cited(page: Page) -> Contents | None:
    """The paper in the tags that Google Scholar reads (arXiv, OpenReview, journals)."""
    said: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in page.metas():
        said[name].append(value)
    if not any(said["citation_title"]):
        return None
    authors = next((said[name] for name in _AUTHORS if said[name]), [])
    paper = {
        "title": said["citation_title"][0],
        "abstract": _abstract(page, said),
        "authors": [_first_name_first(name) for name in authors],
        "arxiv_id": "".join(said["citation_arxiv_id"][:1]),
        "doi": "".join(said["citation_doi"][:1]),
        "published": next((said[name][0] for name in _DATES if said[name]), ""),
        "url": page.address,
        "categories": list(_categories(page)),
    }
    return Contents((record.listing(paper, "page"),))


def described(page: Page) -> Contents | None:
    """The papers in the JSON-LD of the page (schema.org)."""
    scripts = (tag for tag in page.starts("script") if "ld+json" in tag.attributes)
    articles = [one for script in scripts for one in _articles(script.content)]
    if not articles:
        return None
    outcomes = (record.listing(_record(one), f"item {n}") for n, one in enumerate(articles, 1))
    return Contents(tuple(outcomes))


def _articles(script: str) -> Iterator[Mapping[str, object]]:
    """The articles in it, however deep, in order."""
    try:
        ahead: list[object] = [value_of(script)]
    except Malformed:
        return
    while ahead:
        value = ahead.pop()
        if isinstance(value, dict) and _is_article(value.get("@type")):
            yield value
        elif isinstance(value, dict):
            ahead += reversed(list(value.values()))
        elif isinstance(value, list):
            ahead += reversed(value)


def _is_article(kind: object) -> bool:
    """Whether that is the type, or among the types; or an address that ends in it."""
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(one, str) and one.endswith(_ARTICLE) for one in kinds)


def _record(article: Mapping[str, object]) -> Mapping[str, object]:
    """Under the names that records of papers have."""
    return {
        "title": article.get("headline") or article.get("name"),
        "url": article.get("url") or article.get("sameAs"),
        **article,
    }


def _abstract(page: Page, said: Mapping[str, list[str]]) -> str:
    """The whole one on the page, where arXiv shows it; else what the tags say."""
    quotes = elements(page.row, "blockquote")
    shown = (rendered(inner) for tag, inner in quotes if tag.has_class("abstract"))
    told = (said[name][0] for name in _ABSTRACTS if said.get(name))
    return next(shown, "").removeprefix("Abstract:").strip() or next(told, "")


def _categories(page: Page) -> Iterator[str]:
    for tag, inner in elements(page.row, "td"):
        if tag.has_class("subjects"):
            yield from codes_in(rendered(inner))


def _first_name_first(name: str) -> str:
    last, _, first = name.partition(",")
    return f"{first} {last}".strip()
