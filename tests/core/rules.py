"""Random rules about the seed papers, as people write them."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.core.oracle import seed_papers
from worker.core.words import words

_SAID = [text for paper in seed_papers() for text in (paper.title, paper.abstract)]
_TEXTS = [[text[w.start : w.end] for w in words(text) if w.folded.isalnum()] for text in _SAID]
_COMMON = ["dynamic", "neural", "network", "the", "Networks", "PDE", "PDEs", "LLM", "RL", "MoE"]


@st.composite
def _phrase(draw: st.DrawFn, gap: str) -> str:
    text = draw(st.sampled_from(_TEXTS))
    start = draw(st.integers(0, len(text) - 1))
    return gap.join(text[start : start + draw(st.integers(1, 4))])


@st.composite
def _window(draw: st.DrawFn) -> str:
    found = draw(_phrase(" ")).split()
    asked = draw(st.permutations(found))[:3]
    return f'"{" ".join(asked)}"~{draw(st.integers(max(3, len(asked)), 12))}'


_WORDS = st.sampled_from(_COMMON) | _phrase("-")
_STARS = _WORDS.filter(lambda word: word[:3].isalnum() and len(word) > 1).map("{:.3}*".format)
_PHRASES = _phrase(" ").map('"{}"'.format)
_REGEXES = st.sampled_from(["net(work)?s?", r"\bgat(e|ing)\b", "[0-9]{3}", "a/b|c", "200?|q"]).map(
    lambda regex: "/" + regex.replace("/", r"\/") + "/"
)
_FIELDS = st.sampled_from(["title:", "abstract:", "Title:"])
_AUTHORS = st.sampled_from(["lecun", "LI", "william", '"Yann LeCun"', '"li lecun"~50', "garc*"])
_CATS = st.sampled_from(["cs", "cs.cv", "CS.LG", "math", "math-ph", "st*", "/^cs/", '"cs.CV"'])
_IDS = st.sampled_from(
    ["2509.00004", "arXiv:2509.00005v2", "10.1000/8", "doi:10.1000/5", "2509.0*", "/^2509/"]
)
_KINDS = st.sampled_from(["new", "CROSS", "replaced", "/^re/", '"cross-list"'])
_SOURCES = st.sampled_from(["hf", "arxiv", "Huggingface", "blog*", "blog.example.org", "/arx/"])
_SIGNS = st.sampled_from(["", ">", ">=", "<", "<=", "=", "≥"])
NUMBERS = st.builds("{}{}".format, _SIGNS, st.integers(1, 40)) | st.builds(
    lambda low, more: f"{low}..{low + more}", st.integers(0, 40), st.integers(0, 20)
)
_DATES = st.builds("2025-{:02}-{:02}".format, st.integers(8, 10), st.integers(1, 28))
DAYS = st.one_of(
    st.builds(str.__add__, _SIGNS, _DATES),
    st.sampled_from(["2025-09", ">2025-09", "..2025-08", "2025-8-5..", "2025-09-20…2025-10"]),
)
MEASURED = st.builds(
    "{}:{}".format, st.sampled_from(["upvotes", "comments", "Stars"]), NUMBERS
) | st.builds("day:{}".format, DAYS)
TOPS = st.integers(1, 9).map("top:{}".format)
LEAVES = st.one_of(
    _WORDS, _WORDS, _PHRASES, _STARS, _window(), _REGEXES, st.just("*"),
    st.builds(str.__add__, _FIELDS, _WORDS | _PHRASES | _STARS | _REGEXES),
    _AUTHORS.map("author:{}".format), _CATS.map("cat:{}".format), _IDS.map("id:{}".format),
    _KINDS.map("kind:{}".format), _SOURCES.map("source:{}".format), MEASURED, TOPS,
)  # fmt: skip

RULES = st.recursive(
    LEAVES,
    lambda rules: st.one_of(
        st.builds("{} {}".format, rules, rules),
        st.builds("{} OR {}".format, rules, rules),
        st.builds("({}) AND ({} OR {})".format, rules, rules, rules),
        st.builds("({}) -({})".format, rules, rules),
        st.builds("NOT ({}) {}".format, rules, rules),
        st.builds("* -(-({}))".format, rules),
        st.builds("title:({} OR {})".format, _WORDS, _PHRASES),
    ),
    max_leaves=5,
)
