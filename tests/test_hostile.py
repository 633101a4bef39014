"""B1-B22: whatever a title or an abstract says, it becomes one sound mail that says just that."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import KEY, LETTERHEAD, MONDAY, delivery, pick
from worker import shipped
from worker.core.clean import clean_listing
from worker.core.compose import Composer
from worker.core.identity import keys
from worker.core.keys import Keys
from worker.core.render import Templates
from worker.deliveries import DeliveryKind
from worker.manner import Manner
from worker.model import Listing, Paper, PaperNumber

COMPOSER = Composer(LETTERHEAD, Templates(shipped.mail_templates()), Keys(1, {1: KEY}))
PLAIN = Manner(plain=True)
RULES = ("*", "a OR title:gate", "/x+/")

HEADERS = [
    "From", "Reply-To", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
    "Content-Language", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Post",
    "Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "Feedback-ID",
]  # fmt: skip


def mailed(listing: Listing) -> tuple[bytes, EmailMessage]:
    """The message that a digest of this one listing becomes, and what a mail program reads."""
    clean = clean_listing(listing)
    one = Paper(
        PaperNumber(1), MONDAY, keys(clean), clean.title, clean.abstract,
        clean.authors, clean.ids, clean.url, clean.categories, clean.published,
    )  # fmt: skip
    content = COMPOSER(delivery(pick(1, *RULES), papers=[one])).content
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return content, message


def sound(listing: Listing) -> EmailMessage:
    content, message = mailed(listing)
    whole(content, HEADERS)
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body is not None
        assert body.get_content().count("Paper Round") >= 1
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    return body.get_content() if body else ""


ROWS = {
    "B1": "A\r\nBcc: v@x",
    "B2": "A\nB\rC",
    "B3": "A 💩 x=?UTF-8?Q?=0A?=Bcc: v@x",
    "B4": "Ü =?UTF-8?Q?=0D=0ABcc:_v=40x?=",
    "B5": "x =?utf-8?b?PHNjcmlwdD4=?=",
    "B6": "A\x0bB\x0cC\x85D\u2028E\u2029F",
    "B7": "A\x00B\x07C\x1b[31mD",
    "B8": "A\ud800B\udfffC",
    "B9": "A\u202eB\u2066C\u200dD\U000e0041E",
    "B10": "w" * 2000 + " " + "t" * 100_000,
    "B11": "A" + "\u0301" * 300,
    "B12": "שלום and العربية with Latin",
    "B14": "   ",
    "B14 emoji": "💩💩",
    "B15": "{{7*7}} {% raw %} ${7} #{7} %s {0.__class__}",
    "B16": '<script>alert(1)</script> "><img onerror=x> </title> <!--[if mso]> ]]> &#x3c;',
    "B19": r"$\frac{a}{b}$ \input{/etc/passwd}",
}


@pytest.mark.parametrize("title", ROWS.values(), ids=ROWS)
def test_a_hostile_title_makes_a_sound_mail(title: str) -> None:
    message = sound(Listing(title, f"An abstract, and {title}."))
    assert "v@x" not in str(message["Bcc"])
    assert "<script" not in part(message, "html")
    assert "<img" not in part(message, "html")
    assert "49" not in str(message["Subject"])


def test_words_that_could_be_a_header_are_shown_as_words() -> None:
    """B1."""
    assert "A Bcc: v@x" in str(sound(Listing(ROWS["B1"], "x"))["Subject"])


@pytest.mark.parametrize(
    "abstract",
    ["line\n.\nMAIL FROM:<x>", "\r.\r", "\n.\r\n", "\r\n.\r\n", ".", "..", "From here\n.on"],
)
def test_an_abstract_ends_no_message_early(abstract: str) -> None:
    """B13."""
    sound(Listing("A title", abstract))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//evil",
        "https://a@b", "http://[::1", "https://x/\r\nBcc: v@x", 'https://x/"onclick="y',
        "https://" + "x" * 10_000,
    ],
)  # fmt: skip
def test_only_a_sound_link_is_linked(url: str) -> None:
    """B17."""
    html = part(sound(Listing("A title", "x", url=url)), "html")
    assert url not in html
    assert "the title opens a search on arXiv" in html


def test_an_author_list_of_thousands_is_shortened() -> None:
    """B18."""
    authors = ("", *(f"Author {n}" for n in range(5000)))
    text = part(sound(Listing("A title", "x", authors=authors)), "plain")
    assert "Author 0, Author 1" in text
    assert "and" in text
    assert "more" in text
    assert "Author 4999" not in text


def test_an_abstract_of_a_megabyte_is_capped() -> None:
    """B20."""
    content, _ = mailed(Listing("A title", "word " * 200_000))
    assert len(content) < 60_000


anything = st.text(max_size=200) | st.text(
    st.characters(categories=["Cs", "Cc", "Cf", "Mn", "Zl", "Zp", "Lo"]), max_size=60
)


@given(title=anything, abstract=anything, author=anything, url=anything)
def test_any_text_at_all_makes_a_sound_mail(
    title: str, abstract: str, author: str, url: str
) -> None:
    sound(Listing(title, abstract, authors=(author,), url=url, ids=(author,), categories=(url,)))


@pytest.mark.parametrize("title", ROWS.values(), ids=ROWS)
def test_a_hostile_title_makes_a_sound_mail_of_plain_text_alone(title: str) -> None:
    listing = clean_listing(Listing(title, f"An abstract, and {title}."))
    one = Paper(PaperNumber(1), MONDAY, keys(listing), listing.title, listing.abstract)
    content = COMPOSER(replace(delivery(pick(1), papers=[one]), manner=PLAIN)).content
    message = whole(content, [*HEADERS, "Content-Transfer-Encoding"])
    assert message.get_content_type() == "text/plain"
    assert " ".join(listing.title.split()) in " ".join(message.get_content().split())
    assert "Bcc" not in message


@pytest.mark.parametrize("kind", [DeliveryKind.CONFIRM, DeliveryKind.NOTICE, DeliveryKind.ANSWER])
@given(title=anything, line=anything, row=anything)
def test_whatever_is_said_in_it_a_mail_that_is_no_digest_is_sound(
    kind: DeliveryKind, title: str, line: str, row: str
) -> None:
    """Nobody can have us say anything; if somebody could, it would be text."""
    notes = (title, "", line, "", f"{row}\t{line}", f"{row}\t")
    one = replace(delivery(notes=notes), kind=kind, ask=1)
    message = whole(COMPOSER(one).content, HEADERS)
    assert part(message, "plain")
    assert "<script" not in part(message, "html")
    plain = whole(
        COMPOSER(replace(one, manner=PLAIN)).content, [*HEADERS, "Content-Transfer-Encoding"]
    )
    assert plain.get_content_type() == "text/plain"


@pytest.mark.parametrize("text", ROWS.values(), ids=ROWS)
def test_words_in_a_confirmation_are_words(text: str) -> None:
    one = replace(delivery(notes=(text, "", text)), kind=DeliveryKind.CONFIRM, ask=1)
    message = whole(COMPOSER(one).content, HEADERS)
    for tag in ("<script", "<img", "<!--"):
        assert tag not in part(message, "html")
    assert "49" not in str(message["Subject"])


def whole(content: bytes, headers: list[str]) -> EmailMessage:
    """What a mail program reads, where nothing is wrong with how it travels."""
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert sorted(message.keys()) == sorted(headers)
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert b"\r\n.\r\n" not in content
    assert message.defects == []
    return message
