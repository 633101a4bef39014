"""Texts that break things: any code point at all, and the ones with a history."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

unhurried = settings(deadline=None)
"""For every property: a busy machine is no failure."""

PIECES = (
    *("=", "?", "=?", "=\u0338?", "=\u200b?", "=?UTF-8?Q?=0D=0ABcc:_v=40x?="),
    *("\0", "\a", "\t", "\n", "\v", "\f", "\r", "\r\n", "\x1b[31m", "\x1b", "\x1c", "\x85", "\x9f"),
    *("\u2028", "\u2029", "\ufeff", "\u200b", "\u200f", "\u202e", "\u2066", "\u061c", "\u00a0"),
    *("\ud800", "\udfff", "\ufdd0", "\uffff", "\U0010fffe", "\U000e0041", "\u3000", "\u2000"),
    *("\u0301", "\u0323", "\u0344", "\u0345", "\u0d4b", "\u1161", "\u11a8", "\u20dd", "\ufe0f"),
    *("e", "\u1100", "\uac00", "Ö", "\u0958", "💩", " ", "  ", ".", "ß", "ſ", "İ", "\U0001d160"),
    *("\\", '\\"o', "\\c{c}", "\\ss ", "{", "}", "$", "[31m", "…"),
)

anything = st.text(st.characters(exclude_categories=()), max_size=40)
nasty = st.lists(st.sampled_from(PIECES) | anything, max_size=30).map("".join)
zalgo = st.text(st.sampled_from("e\u0301\u0323\u0344\u0345\u0338\u20dd =?"), max_size=60)
texts = st.one_of(nasty, zalgo, anything)
