"""What stands in a line of Markdown: links, emphasis, escaped signs (CommonMark 6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from worker.core.identity import normalise_id
from worker.sources.paper_link import paper_in
from worker.sources.sentence import is_cut_id

_LONGEST_LABEL: Final = 100  # characters of the name of an address
_LONGEST_TEXT: Final = 3_000  # characters of the text of a link
_PIECE = re.compile(
    r"\\[\[\]]|[\[\]]|<(?P<angled>https?://[^\s<>]+)>|(?P<bare>https?://[^\s<>()\[\]\"|`*，。、]++)"
)
_TAIL = re.compile(
    r"\(\s*<?(?P<url>[^\s()<>]*+(?>(?:\([^\s()]*+\)[^\s()<>]*+)*))>?(?:\s+\"[^\"]*+\")?\s*\)"
    r"|\[(?P<label>[^\[\]]*+)\]"
)
_IMAGE = re.compile(r"!\[[^\[\]]*+\](?:\([^()]*+\)|\[[^\[\]]*+\])")
_ID = r"(?:(?:0[7-9]|1[0-4])[0-9]{2}\.[0-9]{4}|(?:1[5-9]|[2-9][0-9])[0-9]{2}\.[0-9]{5})(?![0-9.])"
_NAMED_ID = re.compile(rf"\barXiv:\s*({_ID})", re.IGNORECASE)
_SITE = re.compile(
    r"https?://(?:www\.)?(?:openreview\.net/(?:forum|pdf)|aclanthology\.org/[0-9A-Z]"
    r"|proceedings\.mlr\.press/v|openaccess\.thecvf\.com/content|(?:bio|med)rxiv\.org/content"
    r"|(?:www\.)?semanticscholar\.org/paper|papers\.nips\.cc/paper|proceedings\.neurips\.cc/paper)"
)
_MARKED = re.compile(r"[*_`\\]")
_STRONG = re.compile(r"(?<![\w*\\])\*{2,3}(?=\S)|(?<=[^\s*\\])\*{2,3}(?!\w)|(?<!\w)__(?=\S)")
_STRONG_END = re.compile(r"(?<=[^\s_\\])__(?!\w)")
_STAR = re.compile(r"(?<![\w*\\$])\*(?=[^\s*])([^*\n]*[^\s*\\])\*(?![\w*])")
_UNDERSCORE = re.compile(r"(?<![\w\\$_])_(?=[^\s_])([^_\n]*[^\s_\\])_(?!\w)")
_CODE = re.compile(r"(?<![`\\])`([^`\n]+)`(?!`)")
_ESCAPED = re.compile(r"\\([*_\[\]#`])")
_GENERIC: Final = frozenset(
    {
        *("pdf", "html", "abs", "abstract", "arxiv", "arxiv page", "paper", "link", "url", "doi"),
        *(
            "hf",
            "hugging face",
            "huggingface",
            "hf page",
            "code",
            "github",
            "project",
            "project page",
        ),
        *(
            "here",
            "source",
            "read",
            "read more",
            "read paper",
            "full text",
            "alphaxiv",
            "demo",
            "hjfy",
        ),
        *(
            "链接",
            "论文",
            "论文链接",
            "原文",
            "原文链接",
            "查看",
            "代码",
            "링크",
            "논문",
            "원문",
            "リンク",
            "論文",
        ),
    }
)
"""Texts of links that are no title."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link from ``start`` to ``end``: its text as written, and its address."""

    start: int
    end: int
    text: str
    url: str

    @property
    def paper(self) -> str:
        """The key of the paper it leads to, though not to its comments; or ""."""
        key = "" if "#" in self.url else paper_in(self.url)
        return "" if is_cut_id(key) else key

    @property
    def target(self) -> str:
        """The key of the paper it leads to, or the address of a page that is a paper's; or ""."""
        return self.paper or (self.url if _SITE.match(self.url) else "")

    @property
    def is_generic(self) -> bool:
        """Whether its text says what it is, not whose."""
        bare = re.sub(r"[^\w .:/-]", "", plain(self.text)).strip().casefold()
        return not bare or bare in _GENERIC or "://" in bare or normalise_id(bare) is not None


def links(text: str, addresses: Mapping[str, str]) -> list[Link]:
    """The links in their order; those of images and those within others are none."""
    found: list[Link] = []
    opened: list[int] = []
    at = 0 if "[" in text or "://" in text else len(text)
    while piece := _PIECE.search(text, at):
        at = piece.end()
        if piece[0] == "[":
            opened.append(piece.start())
        elif piece[0] == "]" and opened:
            link = _link(text, opened.pop(), piece.start(), addresses)
            if link:
                while found and found[-1].start > link.start:
                    found.pop()
                found.append(link)
                at = link.end
        elif url := piece["angled"] or piece["bare"]:
            found.append(Link(piece.start(), piece.end(), url, url.rstrip(".,;:!?'’")))
    return found


def _link(text: str, start: int, end: int, addresses: Mapping[str, str]) -> Link | None:
    """The link whose text stands between the brackets at ``start`` and ``end``, if it is one."""
    if end - start > _LONGEST_TEXT:
        return None
    label = text[start + 1 : end]
    tail = _TAIL.match(text, end + 1)
    if tail and tail["url"] is not None:
        return Link(start, tail.end(), label, tail["url"])
    named = (tail["label"] if tail else "") or label
    url = addresses.get(named.casefold(), "") if len(named) <= _LONGEST_LABEL else ""
    after = tail.end() if tail else end + 1
    return Link(start, after, label, url) if url else None


def without_images(text: str) -> str:
    return _IMAGE.sub("", text)


def without(text: str, dropped: Iterable[Link]) -> str:
    """The text without these links, which stand in their order."""
    kept, at = [], 0
    for link in dropped:
        kept.append(text[at : link.start])
        at = link.end
    return "".join((*kept, text[at:]))


def plain(text: str, addresses: Mapping[str, str] | None = None) -> str:
    """The text as it is read: links by their text, without emphasis, signs no longer escaped."""
    shown, at = [], 0
    for link in links(text, addresses or {}):
        shown += [text[at : link.start], link.text]
        at = link.end
    return _unmarked("".join((*shown, text[at:])))


def _unmarked(text: str) -> str:
    if not _MARKED.search(text):
        return text.strip()
    text = _STRONG_END.sub("", _STRONG.sub("", text))
    text = _CODE.sub(r"\1", _UNDERSCORE.sub(r"\1", _STAR.sub(r"\1", text)))
    return _ESCAPED.sub(r"\1", text).strip()


def named_papers(text: str) -> Iterator[str]:
    """The keys of ``arXiv:2606.01234`` in a text."""
    return (f"arxiv:{found[1]}" for found in _NAMED_ID.finditer(text))


def bare_paper(text: str) -> str:
    """The key that the whole text is: ``2606.01234v2``, ``10.1000/182``; or ""."""
    key = normalise_id(text.strip(" `*_[]()")) or ""
    return "" if is_cut_id(key) else key
