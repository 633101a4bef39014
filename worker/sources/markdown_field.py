"""The fields of a paper in Markdown: ``**Authors**: …``, ``Vote: 75``, ``- 摘要：…``, ``⭐ 12``."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final, NamedTuple


class What(Enum):
    """What a field tells. OTHER is a part of a text on the paper, under a title of its own."""

    TITLE = auto()
    ORIGINAL = auto()
    AUTHORS = auto()
    LINK = auto()
    ABSTRACT = auto()
    SUMMARY = auto()
    CATEGORIES = auto()
    PUBLISHED = auto()
    UPVOTES = auto()
    COMMENTS = auto()
    STARS = auto()
    IGNORED = auto()
    OTHER = auto()


class Field(NamedTuple):
    """One field: what it tells, its label as written, and its value, which may be empty."""

    what: What
    label: str
    value: str


_NAMES: Final = {
    What.TITLE: "title, paper title, 标题, 论文标题, 题目, 제목, 論文タイトル",
    What.ORIGINAL: "original title, english title, title (en), title in english, 英文标题, "
    "原文标题, 原标题, 英文题目, 영문 제목, 원제, 원문 제목, 原題",
    What.AUTHORS: "author, authors, by, 作者, 저자, 著者",
    What.LINK: "link, links, url, arxiv, arxiv link, arxiv url, arxiv id, pdf, pdf link, paper, "
    "paper link, paper url, abs, html, hugging face, huggingface, hf, hf link, source, doi, id, "
    "paper id, read, 链接, 论文链接, 论文地址, 地址, "
    "原文链接, 原文, 링크, 논문, 논문 링크, 원문, リンク",
    What.ABSTRACT: "abstract, original abstract, english abstract, 英文摘要, 原文摘要",
    What.SUMMARY: "summary, tl;dr, tldr, tl; dr, ai summary, one-line summary, description, 摘要, "
    "中文摘要, 论文摘要, 简介, 总结, 一句话总结, 概要, 要約, 요약, 초록",
    What.CATEGORIES: "category, categories, main category, primary category, subject, subjects, "
    "arxiv category, 分类, 类别, 카테고리",
    What.PUBLISHED: "date, published, published on, publish date, publication date, submitted, "
    "submitted on, submission date, 日期, 发布日期, 发布时间, 发表日期, 提交日期, 발행일, 게시일",
    What.UPVOTES: "vote, votes, upvote, upvotes, hf upvotes, likes, 👍, ⬆, ⬆️, 🔺, 🔼, ▲, 点赞, "
    "点赞数, 赞, 投票, 추천, 추천수, 투표",
    What.COMMENTS: "comment, comments, num comments, 💬, 评论, 评论数, 댓글",
    What.STARS: "star, stars, github stars, ⭐, ⭐️, 🌟, ★, 星标",
    What.IGNORED: "code, github, repo, repository, project, project page, demo, keywords, keyword, "
    "venue, affiliation, affiliations, institution, institutions, organization, organisation, "
    "submitted by, journal ref, journal-ref, report-no, msc-class, acm-class, 代码, 关键词, 机构, "
    "项目主页, 키워드, 코드",
}
_LONGEST_LABEL: Final = 60  # characters
_KNOWN: Final = {name.strip(): what for what, names in _NAMES.items() for name in names.split(",")}
_HEADINGS: Final = frozenset({What.AUTHORS, What.LINK, What.ABSTRACT, What.SUMMARY})
_LEAD = re.compile(r"[ \t>]*(?:[-*+•] +)?[^\w\[(<*_`$#\\\"'“]{0,6}(?=[\w*_⭐★👍💬🔺🔼▲⬆])")
_STRONG = re.compile(
    r"(\*{1,3}|_{1,2})([^*_\n:：]{1,60})([:：]?)\s*\1[ \t]*(?P<colon>[:：]?)[ \t]*(?P<value>.*)",
    re.DOTALL,
)
_PLAIN = re.compile(r"([^\n:：*\[\]<>|`]{1,40})[:：][ \t]*(.*)", re.DOTALL)
_SIGN = re.compile(r"[ \t]*(👍|⬆️?|🔺|🔼|▲|💬|⭐️?|🌟|★)[ \t:：]*([0-9][0-9,.]*k?)[ \t]*")
_COUNTED = re.compile(r"([0-9][0-9,.]*k?)[ \t]+(upvotes?|votes?|likes|comments?|stars?)", re.I)
_COUNT = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,9})|([0-9]{1,4}(?:\.[0-9]{1,2})?)k", re.I)


def field_at(line: str) -> Field | None:
    """The field that the line, or a text of several, begins with.

    A label that is not known makes one of kind OTHER only in bold, before a colon.
    """
    if signed := _SIGN.fullmatch(line) or _SIGN.fullmatch(line.strip("*_ ")):
        return Field(_KNOWN[signed[1]], signed[1], signed[2])
    if counted := _COUNTED.fullmatch(line.strip("*_ ")):
        return Field(_KNOWN[counted[2].casefold()], counted[2], counted[1])
    lead = _LEAD.match(line)
    text = line[lead.end() :] if lead else line
    if strong := _STRONG.match(text):
        return _strong_field(strong)
    named = _PLAIN.match(text)
    what = what_of(named[1]) if named else None
    return Field(what, named[1], named[2].strip()) if named and what else None


def _strong_field(strong: re.Match[str]) -> Field | None:
    label, value = strong[2].strip(), strong["value"].strip()
    colon, what = strong[3] or strong["colon"], what_of(label)
    if what and (colon or not value):
        return Field(what, label, value)
    return Field(What.OTHER, label, value) if colon and len(strong[1]) > 1 else None


def titled(heading: str) -> What | None:
    """What the text below such a heading is, if the heading is a label and nothing else."""
    field = field_at(heading)
    if field and field.what is not What.OTHER:
        return field.what
    what = what_of(heading.strip(" *_#:："))
    return what if what in _HEADINGS else None


def count_in(value: str) -> int | None:
    """The number, if it is nothing else: ``75``, ``1,204``, ``1.2k``."""
    found = _COUNT.fullmatch(value.strip("*_` +"))
    if not found:
        return None
    return int(found[1].replace(",", "")) if found[1] else round(float(found[2]) * 1000)


def what_of(label: str) -> What | None:
    """Also where two names of the same are given: ``英文标题 / 原文标题``."""
    whole = label.strip().casefold()
    if whole in _KNOWN or len(whole) > _LONGEST_LABEL:
        return _KNOWN.get(whole)
    told = {_KNOWN.get(name.strip()) for name in whole.split("/")}
    return min(told, key=_order) if None not in told else None


def _order(what: What | None) -> int:
    """The original comes first; otherwise the names of a label mean the same."""
    return 0 if what is What.ORIGINAL else 1
