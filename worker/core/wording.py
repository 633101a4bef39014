"""What somebody can prefer besides his rules, in words: one for each choice, and sentences.

Forms, commands and pages all say it so.
"""

from __future__ import annotations

from typing import Final

from worker.core.inwords import in_words
from worker.manner import Abstracts, Language, Manner, Order, Relation
from worker.model import Preferences, WhenEmpty
from worker.schedules import Immediately, Schedule

LANGUAGES: Final = {
    Language.EN: "English",
    Language.CS: "čeština",
    Language.DA: "dansk",
    Language.DE: "Deutsch",
    Language.EL: "ελληνικά",
    Language.ES: "español",
    Language.FI: "suomi",
    Language.FR: "français",
    Language.IT: "italiano",
    Language.JA: "日本語",
    Language.KO: "한국어",
    Language.NB: "norsk bokmål",
    Language.NL: "Nederlands",
    Language.PL: "polski",
    Language.PT: "português",
    Language.SV: "svenska",
    Language.TR: "Türkçe",
    Language.UK: "українська",
    Language.ZH: "中文",
}
ABSTRACTS: Final = {
    Abstracts.FULL: "in full",
    Abstracts.OPENING: "first sentences",
    Abstracts.NONE: "titles only",
}
ORDERS: Final = {
    Order.RULES: "by rule, the best match first",
    Order.UPVOTES: "by upvotes",
}
RELATIONS: Final = {
    Relation.AGAIN: "listed again",
    Relation.REPLACED: "new versions",
    Relation.CROSS: "cross-lists",
}


def said(wanted: Preferences) -> dict[str, str]:
    """What is wanted besides the rules: by topic, a sentence each."""
    empty = "a short mail says so" if wanted.when_empty is WhenEmpty.SAY_SO else "no mail comes"
    return {
        "schedule": f"A digest comes {in_words(wanted.schedule)}.",
        "timezone": f"Times are those of {wanted.timezone}.",
        "when_empty": f"When nothing matches, {empty}.",
        "max_papers": f"A digest has at most {many(wanted.max_papers, 'paper')}.",
        **manner_said(wanted.manner),
    }


def manner_said(manner: Manner) -> dict[str, str]:
    """How mail is written: by topic, a sentence each."""
    formed = "are plain text only" if manner.plain else "come as HTML, with plain text too"
    return {
        "language": f"Days are written in {LANGUAGES[manner.language]}.",
        "plain": f"Mails {formed}.",
        "abstracts": f"Abstracts: {ABSTRACTS[manner.abstracts]}.",
        "order": f"Order: {ORDERS[manner.order]}.",
        "related": f"Told of papers that you had: {related_said(manner)}.",
    }


def related_said(manner: Manner) -> str:
    """Which later listings somebody is told of, as a list in words."""
    return ", ".join(word for each, word in RELATIONS.items() if each in manner.related) or "none"


def terms(wanted: Preferences) -> tuple[str, ...]:
    """What is asked for besides the rules, a sentence each; of what is usual, nothing is said."""
    usual = said(Preferences("", wanted.schedule, wanted.timezone, ()))
    others = (sentence for topic, sentence in said(wanted).items() if sentence != usual[topic])
    return (rhythm(wanted.schedule, wanted.timezone), *others)


def rhythm(schedule: Schedule, timezone: str) -> str:
    """When digests come, and by whose clock."""
    by = "" if isinstance(schedule, Immediately) else f" ({timezone})"
    return f"A digest comes {in_words(schedule)}{by}."


def many(count: int, noun: str) -> str:
    """As in ``1 rule``, ``2 rules``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
