"""What people of ill will write into titles, abstracts, names and rules (section 4)."""

from __future__ import annotations

from html import escape
from typing import Final

CORPUS: Final = (
    "<script>alert(1)</script>",
    "</title><script>alert(2)</script>",
    "</textarea><img src=x onerror=alert(3)>",
    '" onmouseover="alert(4)',
    "' onfocus='alert(5)' autofocus='",
    "javascript:alert(6)",
    "{{7*7}} {% raw %} ${7*7} #{7*7} %s {0.__class__}",
    "]]><svg onload=alert(7)>",
    "<!-- --!><iframe srcdoc='<script>alert(8)</script>'>",
    "&lt;script&gt;alert(9)&lt;/script&gt; &#60;b&#62;",
    "<a href='javascript:alert(10)'>x</a>",
)
ALL: Final = " ".join(CORPUS)


def literal(text: str) -> str:
    """The text as a page shows it: to the letter."""
    return escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")


CANARIES: Final = (
    "<script>document.title = 'pwned'</script>",
    "<img src=x onerror=\"document.title = 'pwned'\">",
    '" autofocus onfocus="document.title = \'pwned\'" x="',
    "<svg onload=\"document.title = 'pwned'\"></svg>",
    "javascript:document.title='pwned'",
)
"""Any of them that is ever more than text renames the page."""
