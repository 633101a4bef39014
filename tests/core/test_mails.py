"""What each kind of mail leads to, says and is: digest, answer, notice, confirmation."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import KEY, LETTERHEAD, MONDAY, NOON, delivery, paper, pick
from worker import shipped
from worker.asks import CONFIRM_WITHIN
from worker.core.compose import Composer
from worker.core.jinja import RenderError
from worker.core.keys import Keys
from worker.core.links import DIGEST_HOLDS, PREFERENCES_HOLD
from worker.core.render import Templates
from worker.core.sample import samples
from worker.core.tokens import BOUNCE, CONFIRM, DIGEST, PREFERENCES, Pass, read_pass, read_token
from worker.deliveries import Delivery, DeliveryKind
from worker.digests import Receipt
from worker.manner import Language, Manner

KEYS = {1: KEY}
SOURCES = shipped.mail_templates()
SITE = replace(LETTERHEAD, has_site=True, commands_mailbox="cmd@example.org")
COMPOSER = Composer(SITE, Templates(SOURCES), Keys(1, KEYS))
WITHOUT = replace(COMPOSER, letterhead=LETTERHEAD)
ONE = replace(delivery(pick(1)), epoch=3)
SAID = ("Confirm your subscription", "", "Somebody, most likely you, asked for digests.")
ASKED = replace(delivery(notes=SAID), kind=DeliveryKind.CONFIRM, ask=4711)
TOLD = replace(delivery(notes=("You are subscribed already", "", "So it is.")), epoch=3)
TOLD = replace(TOLD, kind=DeliveryKind.NOTICE)
ANSWERED = replace(delivery(notes=("Done", "", "It is.")), kind=DeliveryKind.ANSWER)
PLAIN = Manner(plain=True)
GERMAN = Manner(Language.DE)


def message(one: Delivery, composer: Composer = COMPOSER) -> EmailMessage:
    parsed = message_from_bytes(composer(one).content, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def part(one: Delivery, kind: str, composer: Composer = COMPOSER) -> str:
    body = message(one, composer).get_body((kind,))
    assert body is not None
    text: str = body.get_content()
    return text.replace("\r\n", "\n")


def parts(one: Delivery, composer: Composer = COMPOSER) -> tuple[str, str]:
    return part(one, "plain", composer), part(one, "html", composer)


def behind(text: str, page: str) -> str:
    """The token of the link to that page, which is there."""
    return text.partition(f"{LETTERHEAD.base_url}/{page}/")[2][:40]


def stands_for(text: str, page: str, purpose: str, now: datetime) -> Pass | None:
    return read_pass(KEYS, purpose, behind(text, page), now)


# --- where mails lead to


@pytest.mark.parametrize("one", [ONE, TOLD, ANSWERED], ids=lambda one: str(one.kind))
def test_every_mail_to_a_subscriber_leads_to_his_preferences_for_a_month(one: Delivery) -> None:
    until = NOON + PREFERENCES_HOLD
    for text in parts(one):
        found = stands_for(text, "p", PREFERENCES, until - timedelta(seconds=1))
        assert found == Pass(one.uid, until, one.epoch)
        assert stands_for(text, "p", PREFERENCES, until) is None


def test_a_digest_leads_to_its_own_page() -> None:
    for text in parts(ONE):
        assert stands_for(text, "d", DIGEST, NOON) == Pass(ONE.id, NOON + DIGEST_HOLDS, 3)
    html = part(ONE, "html")
    assert html.index("/d/") < html.index("<h1")


def test_no_other_mail_has_a_page_of_a_digest_or_something_to_confirm() -> None:
    for one in (TOLD, ANSWERED):
        for text in parts(one):
            assert "/d/" not in text
            assert "/c/" not in text


def test_a_confirmation_leads_to_the_ask_for_two_days_and_to_nothing_of_its_owner() -> None:
    until = NOON + CONFIRM_WITHIN
    for text in parts(ASKED):
        assert stands_for(text, "c", CONFIRM, until - timedelta(seconds=1)) == Pass(4711, until)
        assert stands_for(text, "c", CONFIRM, until) is None
        assert "/p/" not in text
        assert "/d/" not in text
        assert f"{LETTERHEAD.base_url}/u/" in text


@pytest.mark.parametrize("one", [ONE, TOLD, ANSWERED], ids=lambda one: str(one.kind))
def test_without_a_site_no_mail_offers_pages_that_nobody_serves(one: Delivery) -> None:
    for text in parts(one, WITHOUT):
        assert "/p/" not in text
        assert "/d/" not in text
        assert "in the browser" not in text.lower()
        assert f"{LETTERHEAD.base_url}/u/" in text


def test_the_header_to_unsubscribe_by_is_the_same_with_and_without_a_site() -> None:
    for one in (ONE, TOLD, ANSWERED, ASKED, replace(ONE, manner=PLAIN)):
        with_site, without = message(one), message(one, WITHOUT)
        assert with_site["List-Unsubscribe"] == without["List-Unsubscribe"]
        assert with_site["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_base_url_with_a_slash_at_its_end_gives_the_same_links() -> None:
    slashed = replace(COMPOSER, letterhead=replace(SITE, base_url=f"{SITE.base_url}/"))
    assert part(ONE, "html", slashed) == part(ONE, "html")


def test_new_private_links_are_others() -> None:
    later = replace(ONE, epoch=4)
    for page in ("p", "d"):
        assert behind(part(ONE, "plain"), page) != behind(part(later, "plain"), page)


@pytest.mark.parametrize("one", samples(), ids=lambda one: f"{one.kind} {one.manner.language}")
def test_a_repeat_is_the_same_to_the_byte(one: Delivery) -> None:
    again = Composer(SITE, Templates(SOURCES), Keys(1, KEYS))
    assert COMPOSER(one) == again(replace(one, attempts=3, due_at=None))


def test_links_stand_on_lines_of_their_own_in_plain_text() -> None:
    for one in (ONE, TOLD, ANSWERED, ASKED):
        lines = part(one, "plain").splitlines()
        for page in ("p", "d", "c"):
            found = [line for line in lines if f"/{page}/" in line]
            assert all(line.startswith("https://") and " " not in line for line in found)


# --- what they say


def test_the_page_is_named_where_the_mail_does_not_have_it_all() -> None:
    capped = delivery(pick(1), receipt=Receipt(3, 3, 0, 3, held_over=2))
    text, html = parts(capped)
    assert "2  held over for your next digest, and on its page now:\n        https://" in text
    assert "#rest" in text
    assert '#rest">on its page</a> now' in html
    for whole in (*parts(ONE), *parts(capped, WITHOUT)):
        assert "its page" not in whole


def test_papers_that_have_no_room_are_on_the_page() -> None:
    many = [paper(number, f"{number} " + "&<" * 240) for number in range(1, 101)]
    crowded = delivery(*(pick(one.number) for one in many), papers=many)
    html = part(crowded, "html")
    assert "more are <a href=" in html
    assert ">on the page of this digest</a>." in html
    assert "The page of this digest</a> has all of it." in html


def test_each_mail_says_why_it_comes() -> None:
    why = {
        ONE: "because you subscribed to Paper Round",
        ANSWERED: "because you wrote to Paper Round",
        TOLD: "because this address is subscribed to Paper Round",
        ASKED: "because somebody entered this address",
    }
    for one, said in why.items():
        for text in parts(one):
            assert said in " ".join(text.split())
            assert sum(other in text for other in why.values()) <= 1


def test_a_confirmation_says_what_it_is_and_what_becomes_of_it() -> None:
    assert message(ASKED)["Subject"] == "Confirm your subscription – Paper Round"
    for text in parts(ASKED):
        said = " ".join(text.split())
        assert "Somebody, most likely you, asked for digests." in said
        assert "ignore this mail, and nothing happens" in said
        assert "Never mail me again" in said
        assert "works for two days" in said
    html = part(ASKED, "html")
    assert html.count(behind(html, "c")) == 3  # the button, the link in full, and what it shows


def test_a_title_that_names_the_list_is_the_subject_as_it_is() -> None:
    named = replace(ASKED, digest=replace(ASKED.digest, notes=("Come to Paper Round", "", "x")))
    assert message(named)["Subject"] == "Come to Paper Round"


@given(address=st.from_regex(r"[a-z!#$%&'*+/=?^_`{|}~-]{20,40}", fullmatch=True))
def test_nothing_of_who_is_asked_gets_into_what_a_confirmation_says(address: str) -> None:
    asked = replace(ASKED, address=f"{address}@example.net")
    found = message(asked)
    assert address not in str(found["Subject"])
    for kind in ("plain", "html"):
        body = found.get_body((kind,))
        assert body is not None
        assert body.get_content() == message(ASKED).get_body((kind,)).get_content()  # type: ignore[union-attr]  # it has both


def test_a_notice_has_its_link_in_its_midst_and_warns_of_passing_it_on() -> None:
    assert message(TOLD)["Subject"] == "Paper Round: You are subscribed already"
    for text in parts(TOLD):
        assert "Change what you get" in text
        assert "do not pass this mail on" in " ".join(text.split())


# --- how they travel


@pytest.mark.parametrize("one", [ASKED, TOLD], ids=lambda one: str(one.kind))
def test_notices_and_confirmations_come_back_to_us_and_are_answers_to_nobody(one: Delivery) -> None:
    """RFC 3834, and so that an address that does not exist is counted."""
    envelope, headers = COMPOSER(one), message(one)
    assert read_token(KEYS, BOUNCE, envelope.mail_from[2:].partition("@")[0]) == one.id
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Feedback-ID"] == f"2025-09-08:{one.kind}:papers.example.org"
    assert "In-Reply-To" not in headers


@pytest.mark.parametrize("one", [ONE, TOLD, ANSWERED, ASKED], ids=lambda one: str(one.kind))
def test_who_wants_plain_text_gets_nothing_else(one: Delivery) -> None:
    both, plain = message(one), message(replace(one, manner=PLAIN))
    assert plain.get_content_type() == "text/plain"
    assert not plain.is_multipart()
    assert set(plain.keys()) == {*both.keys(), "Content-Transfer-Encoding"}
    assert {name: plain[name] for name in both if name != "Content-Type"} == {
        name: both[name] for name in both if name != "Content-Type"
    }
    assert plain.get_content().replace("\r\n", "\n").rstrip("\n") == part(one, "plain").rstrip("\n")


def test_days_are_written_in_his_language_and_marked_as_such() -> None:
    german = replace(delivery(pick(1), receipt=Receipt(days=(MONDAY,))), manner=GERMAN)
    text, html = parts(german)
    assert "Paper Round – Montag, 8. September 2025" in text
    assert "listed on 8. September" in text
    assert '<span lang="de">Montag, 8. September 2025</span>' in html
    assert html.count('<span lang="de">8. September</span>') == 3
    assert str(message(german)["Subject"]).endswith(" – 8. September")
    assert "<title>Paper Round, Montag, 8. September 2025</title>" in html


@pytest.mark.parametrize("one", [TOLD, ANSWERED, ASKED], ids=lambda one: str(one.kind))
def test_so_they_are_in_every_other_mail(one: Delivery) -> None:
    html = part(replace(one, manner=GERMAN), "html")
    assert '<span lang="de">Montag, 8. September 2025</span>' in html
    assert "<span" not in part(one, "html")


# --- templates that will not do


@pytest.mark.parametrize(
    ("name", "one", "lacks"),
    [
        ("confirm.html.j2", ASKED, "unsubscribe"),
        ("confirm.txt.j2", ASKED, "confirm"),
        ("answer.html.j2", TOLD, "unsubscribe"),
        ("answer.txt.j2", replace(TOLD, manner=PLAIN), "unsubscribe"),
        ("digest.txt.j2", replace(ONE, manner=PLAIN), "unsubscribe"),
        ("confirm.txt.j2", replace(ASKED, manner=PLAIN), "unsubscribe"),
    ],
)
def test_a_mail_without_the_link_that_it_must_have_is_none(
    name: str, one: Delivery, lacks: str
) -> None:
    composer = replace(COMPOSER, templates=Templates({**SOURCES, name: "<p>Hello</p>"}))
    with pytest.raises(RenderError, match=rf"^{name}: the {lacks} link is missing"):
        composer(one)


def test_a_confirmation_without_its_link_is_refused_though_it_can_be_left() -> None:
    source = "<p>{{ links.unsubscribe }}</p>"
    composer = replace(COMPOSER, templates=Templates({**SOURCES, "confirm.html.j2": source}))
    with pytest.raises(RenderError, match=r"^confirm\.html\.j2: the confirm link is missing"):
        composer(ASKED)
