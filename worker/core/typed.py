r"""Signs as TeX users type them: ` `quoted'' is “quoted”, -- is –, Fig.~3 is Fig. 3.

Addresses, ``--flags``, arrows, rules of dashes, ``~5``, ``10~20`` and ``X~N(0,1)`` stay.
"""

from __future__ import annotations

import re

_SIGN = re.compile(
    r"""
    (?P<kept>https?://\S++ | -{4,}+)
    | (?P<long>(?<=[^\n|])---(?=[^\n>|]))
    | (?P<short>(?<=[^\s<!|`'"(\[{/\\=,])--(?=[^\s>|]) | (?<!\S)--(?!\S))
    | (?P<open>(?<!`)``(?!`)(?=[^`]*(?:''|")))
    | (?P<close>(?<!')''(?!')|")
    | (?P<tie>(?<=[!%&)*,.0-;>?@\]}"'A-Za-z\u00c0-\u052f])~(?=[\s!-}\u00c0-\u052f])
        (?!(?<=[0-9]~)[0-9]|(?<=[A-Za-z]~)[A-Z]\())
    """,
    re.VERBOSE,
)


def typeset(text: str) -> str:
    """The text with its quotes, dashes and ties set, in linear time."""
    if "~" not in text and "--" not in text and "``" not in text:
        return text
    pieces: list[str] = []
    end, quoted = 0, False
    for sign in _SIGN.finditer(text):
        if sign.lastgroup == "kept" or (sign.lastgroup == "close" and not quoted):
            continue
        quoted = sign.lastgroup == "open" or (quoted and sign.lastgroup != "close")
        pieces += text[end : sign.start()], _set(sign, text[sign.end() : sign.end() + 1])
        end = sign.end()
    return "".join((*pieces, text[end:]))


def _set(sign: re.Match[str], after: str) -> str:
    if sign.lastgroup == "tie":
        return "" if after.isspace() else " "
    return {"long": "—", "short": "–", "open": "“", "close": "”"}[sign.lastgroup or ""]
