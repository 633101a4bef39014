"""Why a paper came to somebody, or why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.made import MONDAY, NOON, delivery, paper, pick, subscriber
from worker.core import explainjson
from worker.core.explain import explain
from worker.core.explained import kept_back, lines, listed_told, role_told, ruling_told
from worker.core.explanation import Explanation, Fate, Footing, Known, Role, Stop
from worker.core.fates import fate_told
from worker.core.rulings import Company, Says, ruling
from worker.core.voice import OF_HIM
from worker.deliveries import Delivery, DeliveryState, Reason, Suppression
from worker.digests import Mention, News
from worker.model import Counts, Cursor, PaperNumber, Rule, Subscriber, SubscriberState

PAPER = paper(5, "Diffusion survey", "A survey of diffusion, and of what came of it.")
PAST = Cursor(PaperNumber(9), 1)
LATER = NOON + timedelta(hours=1)
KNOWN = Known(PaperNumber(5), LATER, (MONDAY,), {1: PAPER})
GONE = replace(KNOWN, versions={})
TUESDAY = date(2025, 9, 9)


def asked(who: Subscriber, *history: Delivery, known: Known = KNOWN) -> Explanation:
    return explain(who, known, history, LATER)


def told(who: Subscriber, *history: Delivery, known: Known = KNOWN) -> str:
    return " ".join(fate_told(asked(who, *history, known=known)))


def with_paper(footing: Footing) -> Delivery:
    """A digest that was sent, to which the paper was that, as the second of its kind."""
    made, two = delivery(pick(6), state=DeliveryState.SENT), (pick(4, "*"), pick(5, "*"))
    if footing is Footing.OVER:
        return replace(made, digest=replace(made.digest, rest=two))
    return replace(made, digest=replace(made.digest, removed=two))


# --- the rules --------------------------------------------------------------


def test_each_rule_says_yes_or_no_with_its_words() -> None:
    found = asked(subscriber("diffusion", "*", "diffusion -survey", "diffusion koopman", '"open'))
    assert [one.says for one in found.rulings] == [
        Says.YES, Says.YES, Says.EXCLUDED, Says.MISSING, Says.BROKEN,
    ]  # fmt: skip
    assert [ruling_told(one) for one in found.rulings[:4]] == [
        "yes, because of diffusion",
        "yes, as it does of every paper",
        "no, left out by its NOT: survey",
        "no, it has no koopman; it does have diffusion",
    ]
    assert ruling_told(found.rulings[4]).startswith("can no longer be read: position 1: ")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("diffusion -survey -koopman", ("survey",)),
        ("diffusion -(survey OR koopman)", ("survey OR koopman",)),
        ("(diffusion -survey) OR (came -diffusion)", ("survey", "diffusion")),
        ("diffusion -title:survey -survey", ("title:survey", "survey")),
    ],
)
def test_of_a_rule_that_left_it_out_the_nots_are_told_that_did(
    query: str, words: tuple[str, ...]
) -> None:
    one = ruling(Rule(query, query), PAPER)
    assert one.says is Says.EXCLUDED
    assert one.words == words


def test_words_are_marked_in_the_title_and_in_a_passage_of_the_abstract() -> None:
    long = f"{'word ' * 60}the survey of surveys {'more ' * 60}"
    one = ruling(Rule("r", "flow survey"), paper(5, "A flow", long))
    assert [(piece.text, piece.marked) for piece in one.title] == [("A ", False), ("flow", True)]
    first, before, mark, between, again, after, last = one.passage
    assert (first.text, last.text) == ("… ", " …")
    assert before.text.startswith("word word")
    assert before.text.endswith("word the ")
    assert (mark.text, mark.marked) == ("survey", True)
    assert (between.text, again.text) == (" of ", "surveys")
    assert after.text.endswith(" more")
    assert ruling(Rule("r", "came"), PAPER).title == ()
    assert ruling(Rule("r", "flow"), paper(5, "A flow")).passage == ()
    excluded = ruling(Rule("r", "came -survey"), PAPER)
    assert [piece.text for piece in excluded.title if piece.marked] == ["survey"]


def test_one_long_word_is_not_cut_for_a_passage() -> None:
    one = ruling(Rule("r", "/b+/"), paper(5, "T", f"{'a' * 200}bb{'c' * 200}"))
    assert [piece.text for piece in one.passage] == ["… ", "bb", " …"]


def test_a_paper_that_was_sent_is_explained_by_the_rules_of_then() -> None:
    chosen = replace(pick(5, "gone", '"open'), because=("top:10",))
    who = subscriber("diffusion", "gone", cursor=PAST)
    had = delivery(chosen, state=DeliveryState.SENT, papers=[PAPER])
    found = asked(who, had)
    assert [(one.rule.name, one.says, one.then) for one in found.rulings] == [
        ("gone", Says.YES, True), ('"open', Says.YES, True), ("diffusion", Says.YES, False),
    ]  # fmt: skip
    assert ruling_told(found.rulings[0]) == "said yes, because of top:10"
    assert found.is_caught
    assert asked(subscriber("gone"), had).is_caught
    assert not asked(subscriber("koopman"), had).is_caught


def test_what_only_the_whole_log_could_tell_is_told_of_the_rule_that_asked_for_it() -> None:
    because = ("top:5", "like “Flows”: diffusion")
    chosen = replace(pick(5, "survey", "top:5", 'like:"Flows"', "-koopman"), because=because)
    found = asked(subscriber(), delivery(chosen, state=DeliveryState.SENT, papers=[PAPER]))
    assert [ruling_told(one) for one in found.rulings[:4]] == [
        "said yes, because of survey",
        "said yes, because of top:5",
        "said yes, because of like “Flows”: diffusion",
        "said yes",
    ]


def test_the_newest_version_is_the_last_one_whatever_its_number() -> None:
    newer = replace(PAPER, title="Renamed", version=2)
    assert replace(KNOWN, versions={9: PAPER, 2: newer}).newest == newer


def test_it_is_explained_in_the_version_that_was_sent() -> None:
    newer = replace(PAPER, title="Renamed", version=2)
    known = replace(KNOWN, versions={1: PAPER, 2: newer})
    had = delivery(pick(5, "survey"), state=DeliveryState.SENT)
    found = asked(subscriber("title:renamed"), had, known=known)
    assert found.rulings[0].words == ("survey",)
    assert "Renamed" in "".join(piece.text for piece in found.rulings[1].title)


def test_what_only_its_company_tells_is_told_too() -> None:
    voted = replace(PAPER, counts=Counts(upvotes=9))
    company = Company((replace(paper(6), counts=Counts(upvotes=30)),))
    known = replace(KNOWN, versions={1: voted})
    who = subscriber("top:2", "top:1", "diffusion top:1")
    found = explain(who, known, (), LATER, company=company)
    assert [ruling_told(one) for one in found.rulings] == [
        "yes, because of top:2",
        "no, it is not the most upvoted of its day",
        "no, it is not the most upvoted of its day; it does have diffusion",
    ]


# --- its fate ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (DeliveryState.SENT, "It was sent to you in the digest of Monday, 8 September 2025, so it"),
        (DeliveryState.PLANNED, "which waits for its turn."),
        (DeliveryState.SENDING, "which is being sent."),
        (DeliveryState.DEFERRED, "your mail server asked to try later, next at 12:00 UTC."),
        (DeliveryState.UNCERTAIN, "which may have arrived: the connection broke"),
        (DeliveryState.FAILED, "which your mail server refused for good, so it did not arrive."),
        (DeliveryState.CANCELLED, "which was cancelled before it was sent."),
        (DeliveryState.SUPERSEDED, "which went on in a later one."),
        (DeliveryState.EXPIRED, "which could not be delivered in time."),
    ],
)
def test_of_a_paper_in_a_digest_it_says_what_became_of_that(
    state: DeliveryState, says: str
) -> None:
    had = delivery(pick(5), state=state, papers=[PAPER])
    found = asked(subscriber(cursor=PAST), had, delivery(pick(6)))
    assert (found.fate, [role.footing for role in found.roles]) == (Fate.CARRIED, [Footing.CARRIED])
    assert says in fate_told(found)[0]
    assert len(fate_told(found)) == 1


def test_no_next_try_is_told_where_there_is_none() -> None:
    had = delivery(pick(5), state=DeliveryState.DEFERRED, due_at=None, papers=[PAPER])
    assert told(subscriber(cursor=PAST), had).endswith("asked to try later.")


@pytest.mark.parametrize(
    ("history", "says"),
    [
        ((), "It is held over and comes in your next digest that has room."),
        (
            (with_paper(Footing.OVER),),
            (
                "It is held over since the digest of Monday, 8 September 2025: it was over your "
                "cap then, and is on the page of that digest, and comes in your next digest that "
                "has room."
            ),
        ),
        (
            (delivery(pick(5), state=DeliveryState.FAILED),),
            (
                "It is held over since the digest of Monday, 8 September 2025, which did not reach "
                "you, and comes in your next digest that has room."
            ),
        ),
    ],
)
def test_of_a_paper_held_over_it_says_since_when(history: Sequence[Delivery], says: str) -> None:
    found = asked(subscriber(cursor=PAST, held_over=[pick(5)]), *history)
    assert found.fate is Fate.HELD_OVER
    assert fate_told(found) == (says,)


OVER, CARRIED = Footing.OVER, Footing.CARRIED
SENT, FAILED, SUPERSEDED = DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.SUPERSEDED


def digests(*history: tuple[str, Footing, DeliveryState]) -> Sequence[Delivery]:
    """One of each day in September, to which the paper was that."""
    made = []
    for day, footing, state in history:
        carried = (pick(5),) if footing is Footing.CARRIED else (pick(6),)
        one = delivery(*carried, state=state, slot=f"2025-09-{day}")
        over = (pick(5),) if footing is Footing.OVER else ()
        made.append(replace(one, digest=replace(one.digest, rest=over)))
    return made


@pytest.mark.parametrize(
    ("history", "since", "footing"),
    [
        ((("08", OVER, SENT), ("09", OVER, SENT)), 8, "over"),
        ((("08", CARRIED, SUPERSEDED), ("09", OVER, SENT)), 8, "carried"),
        ((("08", OVER, SENT), ("09", CARRIED, FAILED)), 8, "over"),
        (
            (("08", OVER, SENT), ("09", CARRIED, SENT), ("10", OVER, SENT), ("11", OVER, SENT)),
            10,
            "over",
        ),
    ],
)
def test_held_over_is_since_the_first_of_all_digests_in_a_row_that_did_not_bring_it(
    history: Sequence[tuple[str, Footing, DeliveryState]], since: int, footing: str
) -> None:
    last = asked(subscriber(cursor=PAST, held_over=[pick(5)]), *digests(*history)).last
    assert last
    assert (last.delivery.digest.slot.day.day, last.footing) == (since, footing)


def test_what_a_not_left_out_is_said_so_also_if_a_rule_of_now_would_catch_it() -> None:
    left_out = with_paper(Footing.REMOVED)
    never = asked(subscriber("came -survey", cursor=PAST), left_out)
    assert (never.fate, never.last and never.last.place) == (Fate.REMOVED, 1)
    assert fate_told(never) == (
        (
            "It was left out of the digest of Monday, 8 September 2025 by a NOT, "
            "and no other rule caught it."
        ),
    )
    assert "A rule that you have now would, but rules hold for what comes after them." in told(
        subscriber("came", cursor=PAST), left_out
    )


def test_what_came_before_him_and_what_was_passed_by_are_told_apart() -> None:
    early = replace(KNOWN, came=NOON - timedelta(days=1))
    who = subscriber("koopman", cursor=PAST)
    assert told(who, known=early).startswith("It was listed before you subscribed;")
    assert told(who) == (
        "It was passed by: no rule of yours caught it then, "
        "or you had no subscription at that time."
    )
    assert told(subscriber("survey", cursor=PAST)).endswith("hold for what comes after them.")
    assert not told(subscriber(cursor=PAST), known=GONE).endswith("what comes after them.")


@pytest.mark.parametrize(
    ("who", "says"),
    [
        (
            subscriber("survey", last_slot=MONDAY),
            (
                "Not read yet: your next digest decides, Tuesday, 9 September 2025, 08:00. "
                "As your rules are now, it comes then, or later if there are too many."
            ),
        ),
        (
            subscriber("koopman", schedule="immediately"),
            (
                "Not read yet: your next digest decides. "
                "As your rules are now, none of them catches it."
            ),
        ),
        (
            replace(subscriber("koopman"), created_at=NOON - timedelta(days=3)),
            (
                "Not read yet: your next digest decides, and it is due now. "
                "As your rules are now, none of them catches it."
            ),
        ),
        (
            subscriber("survey", paused_until=TUESDAY),
            (
                "Not read yet: your next digest decides. As your rules are now, it comes then, or "
                "later if there are too many. "
                "No digest comes before Tuesday, 9 September 2025: you are paused."
            ),
        ),
    ],
)
def test_of_a_paper_not_read_yet_it_says_when_his_next_digest_comes(
    who: Subscriber, says: str
) -> None:
    assert asked(who).fate is Fate.AHEAD
    assert told(who) == says


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (SubscriberState.PENDING, "No mail goes there yet: the subscription is not confirmed."),
        (SubscriberState.UNLISTED, "No mail goes there: he is no longer in the subscribers file."),
        (SubscriberState.REMOVED, "No mail goes there: the operator removed him."),
        (SubscriberState.UNSUBSCRIBED, "No mail goes there: he unsubscribed."),
        (SubscriberState.SUPPRESSED, "No mail goes there: suppressed."),
    ],
)
def test_it_says_why_no_mail_goes_to_him_at_all(state: SubscriberState, says: str) -> None:
    found = asked(replace(subscriber(held_over=[pick(5)]), state=state))
    assert fate_told(found, OF_HIM) == (
        "It is held over and comes in his next digest that has room.",
        says,
    )


def test_a_suppressed_address_is_so_for_whatever_list_he_is_on() -> None:
    entry = Suppression("reader@example.org", Reason.COMPLAINT, NOON, "abuse")
    found = explain(subscriber(), KNOWN, (), LATER, entry)
    assert found.stop is Stop.SUPPRESSED
    assert fate_told(found)[-1] == (
        "No mail goes there: suppressed since 2025-09-08: its owner called our mail spam (abuse)."
    )


# --- what it was to each digest ---------------------------------------------


def test_each_digest_that_had_to_do_with_it_is_told() -> None:
    news = Mention(News.AGAIN, PaperNumber(5), 1, TUESDAY, MONDAY)
    other = replace(news, paper=PaperNumber(6))
    spoke = delivery(pick(6), state=DeliveryState.SENT, slot="2025-09-10")
    spoke = replace(spoke, digest=replace(spoke.digest, mentions=(other, news)))
    history = (
        replace(with_paper(Footing.OVER), state=DeliveryState.SENT),
        delivery(pick(5), state=DeliveryState.SENT, slot="2025-09-09"),
        spoke,
        with_paper(Footing.REMOVED),
    )
    found = asked(subscriber(cursor=PAST), *history)
    assert [(role.footing, role.place) for role in found.roles] == [
        (Footing.OVER, 1), (Footing.CARRIED, 0), (Footing.MENTIONED, 1), (Footing.REMOVED, 1),
    ]  # fmt: skip
    assert [role_told(role) for role in found.roles] == [
        "matched, over your cap; on the page of that digest",
        "was in it; sent",
        "mentioned, as there was news of it",
        "left out by the NOT of “*”",
    ]


@pytest.mark.parametrize(
    ("state", "due_at", "held", "says"),
    [
        (DeliveryState.PLANNED, NOON, True, "held by the operator: `paperround queue release 7`"),
        (DeliveryState.UNCERTAIN, None, False, "held until somebody decides: `paperround queue"),
        (DeliveryState.UNCERTAIN, NOON, False, ""),
        (DeliveryState.SENT, None, True, ""),
    ],
)
def test_the_operator_is_told_what_he_keeps_back(
    state: DeliveryState, due_at: datetime | None, held: bool, says: str
) -> None:
    had = replace(delivery(pick(5), state=state, due_at=due_at, papers=[PAPER]), held=held)
    assert kept_back(had).startswith(says)
    (line,) = (one for one in lines(asked(subscriber(), had)) if one.startswith("digest "))
    assert line.count("held") == (1 if says else 0)


# --- all of it --------------------------------------------------------------


def test_the_operator_gets_it_in_lines() -> None:
    had = delivery(pick(5, "survey"), state=DeliveryState.FAILED, papers=[PAPER])
    assert lines(asked(subscriber("survey", "koopman", cursor=PAST), had)) == (
        "5  Diffusion survey",
        "First listed on Monday, 8 September 2025.",
        "rule “survey”: said yes, because of survey",
        "rule “koopman”: no, it has no koopman",
        "digest 2025-09-08: was in it; his mail server refused for good, so it did not arrive",
        (
            "It is in the digest of Monday, 8 September 2025, which his mail server refused for "
            "good, so it did not arrive."
        ),
    )


def test_of_a_paper_of_long_ago_there_is_its_day_alone() -> None:
    found = asked(subscriber(cursor=PAST), known=GONE)
    assert found.rulings == ()
    assert lines(found)[:2] == (
        "5  a paper whose text is not kept",
        (
            "First listed on Monday, 8 September 2025; its text is no longer kept, "
            "so what the rules say of it cannot be told."
        ),
    )
    again = replace(KNOWN, listed=(MONDAY, TUESDAY, date(2025, 9, 11)))
    assert listed_told(again) == (
        "First listed on Monday, 8 September 2025, and again on 9 and 11 September."
    )
    had = delivery(pick(5), state=DeliveryState.SENT)
    assert asked(subscriber(cursor=PAST), had, known=GONE).rulings == ()


def test_it_is_told_as_json() -> None:
    had = delivery(pick(5, "survey"), state=DeliveryState.SENT, papers=[PAPER])
    said = explainjson.explanation(asked(subscriber("survey", cursor=PAST), had))
    assert said["paper"]["listed"] == ["2025-09-08"]
    assert said["rules"][0]["words"] == ["survey"]
    assert said["rules"][0]["as_of_then"]
    assert (said["fate"], said["digest"], said["stopped"]) == ("carried", "2025-09-08", None)
    assert said["digests"][0]["told"] == "was in it; sent"
    assert said["told"][0].startswith("It was sent to him in the digest of Monday")
    bare = explainjson.explanation(asked(replace(subscriber(), paused_until=TUESDAY), known=GONE))
    assert (bare["paper"]["title"], bare["digest"], bare["stopped"]) == (None, None, "paused")
    assert explainjson.choice([PAPER], 3) == {
        "found": 3, "papers": [{"number": 5, "title": "Diffusion survey"}],
    }  # fmt: skip


def test_a_role_without_a_pick_names_no_rule() -> None:
    assert role_told(Role(delivery(), Footing.REMOVED, 0)).endswith("by the NOT of ")
