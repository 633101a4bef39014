r"""What TeX's commands look like: ``\leq`` is ≤, ``\textbf`` only dresses, ``x^2`` is x².

The names of the symbols are pylatexenc's. Its parser is not used: it drops the commands that it
does not know and some of the text, and it recurses.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pylatexenc.latex2text import get_default_latex_context_db

_MORE: Final = {
    "prime": "′", "models": "⊨", "bot": "⊥", "S": "§", "P": "¶", "copyright": "©", "pounds": "£",
    "euro": "€", "iff": "⟺", "implies": "⟹", "impliedby": "⟸", "land": "∧", "lor": "∨", "neg": "¬",
    "ne": "≠", "gets": "←", "owns": "∋", "degree": "°", "coloneqq": "≔", "eqqcolon": "≕",
    "triangle": "△", "triangleq": "≜", "checkmark": "✓", "cmark": "✓", "xmark": "✗", "Box": "□",
    "imath": "ı", "jmath": "ȷ", "thickapprox": "≈", "thicksim": "∼", "vDash": "⊨", "nsim": "≁",
    "leadsto": "⇝", "upsilon": "υ", "Join": "⋈", "lhd": "⊲", "rhd": "⊳", "lbrack": "[",
    "rbrack": "]", "lvert": "|", "rvert": "|", "vert": "|", "mid": "|", "colon": ":", "lt": "<",
    "gt": ">", "textless": "<", "textgreater": ">", "textbar": "|", "lbrace": "{", "rbrace": "}",
    "textdollar": "$", "textunderscore": "_", "textasciitilde": "~", "backslash": "\\",
    "textbackslash": "\\", "eg": "e.g.", "ie": "i.e.", "etal": "et al.", "item": "\n• ",
    "newline": "\n", "linebreak": "\n", "par": "\n", "quad": " ", "qquad": " ", "enspace": " ",
    "thinspace": " ", "space": " ", "nobreakspace": " ", "ddagger": "‡", "ddag": "‡", "eth": "ð",
    "diamond": "⋄", "Diamond": "◇", "diamondsuit": "♢", "heartsuit": "♡", "clubsuit": "♣",
    "spadesuit": "♠", "unlhd": "⊴", "unrhd": "⊵", "slash": "/", "textperiodcentered": "·",
    "xrightarrow": "→", "xleftarrow": "←",
}  # fmt: skip


def _symbols() -> Mapping[str, str]:
    """Command → sign, of those that are one sign that every font has."""
    known = get_default_latex_context_db()
    found: dict[str, str] = {}
    for category in ("latex-base", "latex-approximations", "advanced-symbols"):
        for name, spec in known.d[category]["macros"].items():
            sign = spec.simplify_repl
            if name.isalpha() and isinstance(sign, str) and "\x7f" < sign < "\U00010000":
                found.setdefault(name, sign)
    return {name: sign for name, sign in found.items() if len(sign) == 1} | _MORE


SYMBOLS: Final = MappingProxyType(_symbols())

_DRESS = """
text textbf textit textrm textsf textsc textsl textup textmd textnormal textgreek emph underline
uline ul mbox hbox fbox makebox ensuremath uppercase mathrm mathbf mathcal mathfrak mathit
mathsf mathtt mathscr mathnormal mathop mathbin mathrel mathord mathopen mathclose mathinner bm
boldsymbol pmb bold operatorname operatornamewithlimits overbrace underbrace overline smash
"""
DRESS: Final = frozenset(_DRESS.split())
"""Commands with one argument, which they dress and leave as it is."""

_SILENT = """
em it bf tt sc rm sf sl cal boldmath unboldmath bfseries mdseries itshape scshape slshape upshape
rmfamily sffamily ttfamily normalfont normalsize tiny scriptsize footnotesize small large Large
LARGE huge Huge displaystyle textstyle scriptstyle scriptscriptstyle left right middle big Big
bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm Bigm biggm Biggm limits nolimits
noindent centering xspace protect relax hfill hfil vfill nonumber notag allowbreak nobreak
smallskip medskip bigskip leavevmode null strut
"""
SILENT: Final = frozenset(_SILENT.split())
"""Commands without argument that change the dress or the spacing only."""

MARKS: Final = MappingProxyType(
    {
        "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303",
        "bar": "\u0304", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308", "acute": "\u0301",
        "grave": "\u0300", "breve": "\u0306", "check": "\u030c", "mathring": "\u030a",
    }
)  # fmt: skip
"""The accents of formulas; they go over one letter, and are left out over more."""
