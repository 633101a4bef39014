"""The fields of a record of a paper, by the names that people and programs give them.

Case and signs in a name do not count: ``Paper Title`` is ``paper_title`` is ``paperTitle``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Final

TITLES: Final = ("title", "papertitle", "articletitle", "name")
ABSTRACTS: Final = (
    *("abstract", "paperabstract", "summary", "papersummary", "description", "annote"),
    *("abstractnote", "abstracttext"),
)
AUTHORS: Final = (
    *("authors", "author", "paperauthors", "authornames", "authorlist", "authorship"),
    *("authorships", "creators", "creator", "dccreator"),
)
IDS: Final = (
    *("arxivid", "arxiv", "eprint", "paperid", "id", "entryid", "identifier", "doi", "arxivdoi"),
    "paperdoi",
)
PUBMED: Final = ("pmid", "pubmedid", "pubmed")
PAGES: Final = (
    *("url", "link", "absurl", "abslink", "abs", "urlabs", "arxivurl", "arxivlink", "arxivabsurl"),
    *("paperurl", "paperlink", "htmlurl", "htmllink", "pageurl", "landingpageurl", "entryid"),
    *("hfurl", "huggingfaceurl", "sourceurl", "links", "href", "uri"),
)
PDFS: Final = ("pdfurl", "pdf", "pdflink", "urlpdf", "arxivpdfurl", "openaccesspdf", "paperpdf")
CATEGORIES: Final = (
    *("primarycategory", "arxivprimarycategory", "categories", "category", "subjects", "subject"),
    *("subjectclass", "cate", "tags", "cats"),
)
KINDS: Final = ("announcetype", "arxivannouncetype", "kind", "type")
PUBLISHED: Final = (
    *("published", "publishedat", "publisheddate", "publicationdate", "publishdate", "pubdate"),
    *("datepublished", "publishedon"),
    *("submitted", "submittedat", "submitteddate", "submissiondate"),
    *("created", "createdat", "updated", "updatedat", "updateddate", "updatedate"),
)
UPVOTES: Final = ("upvotes", "upvote", "numupvotes", "upvotescount", "votes", "likes", "score")
COMMENTS: Final = ("numcomments", "commentscount", "commentcount", "comments")
STARS: Final = ("githubstars", "stars", "stargazerscount", "stargazers", "githubstarscount")
DAYS: Final = ("submittedondailyat", "dailydate", "date", "day", "announced", "announceddate")

Fields = dict[str, object]
"""Values by their names in small letters and digits alone."""

_NOTHING: Final = frozenset({"", "none", "null", "nan", "n/a", "-"})
_SIGNS = re.compile(r"[\W_]+")


def fields_of(record: Mapping[str, object]) -> Fields:
    """The values by their names in small letters and digits alone; those of ``paper`` come first.

    What is empty is left out, and so are names that begin with ``_``: those are a database's.
    """
    inner = record.get("paper")
    parts = (inner, record) if isinstance(inner, Mapping) else (record,)
    fields: Fields = {}
    for part in parts:
        for name, value in part.items():
            if not str(name).startswith("_") and _says_something(value):
                fields.setdefault(folded(str(name)), value)
    return fields


def folded(name: str) -> str:
    """Small letters and digits alone."""
    return _SIGNS.sub("", name).casefold()


def _says_something(value: object) -> bool:
    """Not null, NaN, nor an empty list or text, nor a word for those."""
    if isinstance(value, str):
        return value.strip().casefold() not in _NOTHING
    if isinstance(value, float):
        return isfinite(value)
    return value is not None and value not in ([], {}, ())


def values(fields: Fields, names: tuple[str, ...]) -> Iterator[object]:
    """Those there are, the first name first."""
    return (fields[name] for name in names if name in fields)
