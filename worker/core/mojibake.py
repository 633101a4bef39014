"""UTF-8 that somebody read as Windows-1252 (``MÃ¼ller``, ``donâ€™t``), read again as what it is."""

from __future__ import annotations

import re

# Windows-1252 leaves five bytes out; who reads it so reads those as Latin-1.
_BYTES = {bytes((code,)).decode("cp1252", "replace"): code for code in range(0x80, 0x100)}
_BYTES |= {chr(code): code for code in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
del _BYTES["\ufffd"]
_TO_LATIN1 = {ord(sign): code for sign, code in _BYTES.items()}

# Two letters in one text that is UTF-8 throughout may be chance (1 Å—2, 20 Å²); these are none.
_TYPICAL = re.compile(
    "[ÃÎÏÐÑ][\u00a0-\u00bf€‚ƒ„†‡ˆ‰Š‹ŒŽ˜š›œžŸ\x81\x8d\x8f\x90\x9d]|Â[\u00a0-\u00bf]"
    "|(?<=[A-Za-z])[ÄÅ][\u00a0-\u00bf‡†‚„ˆ‰Š‹Œ›œžŸ\x81\x8d\x8f\x90\x9d]"
    "|[à-ï][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{2}|ðŸ"
)


def unmangled(text: str) -> str:
    """The text as it was meant, if all of it went through the mangle; any other as it is.

    What is right is left alone: NÃO, ÂNGELO and Å are no UTF-8, and half a mangled text is none
    either.
    """
    if text.isascii() or not _TYPICAL.search(text):
        return text
    try:
        return text.translate(_TO_LATIN1).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
