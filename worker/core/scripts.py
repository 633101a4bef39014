r"""What stands above or below the line: ``x^2`` is x², ``10^{-3}`` is 10⁻³, ``H_2O`` is H₂O.

Words stay on the line, so that they can be read and found: ``L_{task}`` is L_task, ``x_{ij}`` x_ij.
"""

from __future__ import annotations

import re

_LONGEST = 12
_WORD = re.compile(r"[^\W\d_][^\W\d_]")
_ONE = re.compile(r"(?>(?:[^\W_]|[\u0300-\u036f\u20d0-\u20ff])+)(?:\.[0-9]+)?|\S|\([^()]*\)")
_RAISED = str.maketrans(
    "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW⊤",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵀ",
)
_LOWERED = str.maketrans("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
SCRIPTS = frozenset(map(chr, (*_RAISED.values(), *_LOWERED.values())))
"""Letters and signs above and below the line."""

# Signs that are above the line by themselves.
_HIGH = {"∘": "°", "′": "′", "′′": "″", "*": "*", "∗": "*", "†": "†", "°": "°"}


def script(sign: str, text: str) -> str | None:
    """The text above (``^``) or below (``_``) the line, or None if Unicode has no such letters."""
    if sign == "^" and text in _HIGH:
        return _HIGH[text]
    close = text.replace(" ", "")
    if len(close) > _LONGEST or _WORD.search(close):
        return None
    table = _RAISED if sign == "^" else _LOWERED
    return close.translate(table) if all(ord(one) in table for one in close) else None


def on_the_line(sign: str, text: str) -> str:
    """The text behind its ``^`` or ``_``, in brackets if it is more than one word or number."""
    return f"{sign}{text}" if is_one(text) else f"{sign}({text})"


def is_one(text: str) -> bool:
    """Whether the text is one word, number, sign or bracket, which needs no (more) brackets."""
    return _ONE.fullmatch(text) is not None
