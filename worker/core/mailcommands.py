"""What a reader may write in answer to a mail of ours: one command a line, in any case.

    =============================  ===========================================================
    ``pause until 2026-10-01``     also ``1 October``, ``friday``, ``pause 2 weeks``
    ``resume``                     end the pause
    ``stop``                       leave for good; whatever else the mail says is not done
    ``rules``                      show them, numbered
    ``add QUERY``                  or ``add NAME = QUERY``
    ``remove 2``                   by its number before this mail, also where two are removed
    ``daily``, ``weekdays``        at the time so far, or ``daily 7:30``
    ``weekly``                     on the weekday that he writes on, or ``weekly fri 16:00``
    ``monthly``                    on that day of the month, or ``monthly 1 9:00``
    ``immediately``                as soon as a daily file comes
    ``abstracts opening``          first sentences only; ``abstracts none``, ``abstracts full``
    ``order upvotes``              or ``order rules``
    ``related replaced cross``     told of papers that he had: also ``again``, ``all``, ``none``
    ``help``                       say all this
    =============================  ===========================================================

People greet and sign: the first line that is no command ends the reading, unless it greets. A line
that begins like a command and cannot be one is ``Wrong``; then nothing of the mail is done.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from worker.core.clean import clean_line
from worker.core.named import LONGEST_RULE, named_rule
from worker.core.query import QueryError
from worker.core.rulesets import NO_SETS, RuleSets
from worker.core.said import KINDS, bare, day_said, greets, schedule_said
from worker.core.styles import VERBS, style_said
from worker.core.wishes import (
    Add,
    Command,
    Explain,
    Leave,
    Pause,
    Remove,
    Reschedule,
    Resume,
    Show,
    Wrong,
)
from worker.model import Refused
from worker.schedules import Schedule

QUOTED: Final = 60
"""Characters of a line of his that are quoted to him."""

LONGEST_PAUSE: Final = timedelta(days=3 * 366)
"""The log keeps all that he has yet to read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The commands of a mail in order, and the beginning of the line that ended the reading."""

    commands: tuple[Command, ...]
    unread: str = ""


def read(text: str, schedule: Schedule, today: date, sets: RuleSets = NO_SETS) -> Reading:
    """Read what he wrote on that day of his, who has this schedule. Never raises.

    A rule that he adds may name one of the ``sets``.
    """
    commands: list[Command] = []
    for line in filter(None, map(bare, text.splitlines())):
        command = _command(line, schedule, today, sets)
        if command is None and not commands and greets(line):
            continue
        if command is None:
            return Reading(tuple(commands), clean_line(line, QUOTED))
        commands.append(command)
    return Reading(tuple(commands))


_POLITE = frozenset({"please", "now", "thanks", "thank", "you"})
_LEAVING = _POLITE | {
    *("it", "this", "these", "all", "the", "everything", "sending", "me"),
    *("mail", "mails", "email", "emails", "digest", "digests"),
}
_CRIES = frozenset({"it", "this", "now", "spam", "spamming", "mailing", "emailing"})
_PLAIN: Final[dict[str, Command]] = {
    "resume": Resume(),
    "rules": Show(),
    "help": Explain(),
    "stop": Leave(),
    "unsubscribe": Leave(),
    "abbestellen": Leave(),
    "désinscription": Leave(),
    "désabonner": Leave(),
    "baja": Leave(),
}


def _command(line: str, schedule: Schedule, today: date, sets: RuleSets) -> Command | None:
    verb, *rest = re.findall(r"[^\s,;!]+", line.lower().rstrip(".!")) or [""]
    verb = verb.removesuffix(":")
    try:
        if verb in _PLAIN:
            command = _PLAIN[verb]
            leaves = command == Leave()
            cries = leaves and _CRIES.issuperset(rest[:1])  # "Stop it, you spammers!"
            polite = (_LEAVING if leaves else _POLITE).issuperset(rest)
            return command if cries or polite else None
        match verb:
            case "pause":
                return _pause([word for word in rest if word not in _POLITE], today)
            case "add":
                return _add(line.partition(line.split()[0])[2].strip(), sets)
            case "remove":
                return _remove(rest)
            case _ if verb in VERBS:
                return style_said(verb, [word for word in rest if word not in _POLITE])
            case _ if verb in KINDS:
                said = schedule_said([verb, *rest], schedule, today)
                return Reschedule(said) if said else None
        return None
    except Refused as refused:
        return Wrong(str(refused))


def _pause(rest: Sequence[str], today: date) -> Command | None:
    said = [word for word in rest if word not in ("until", "till", "for")]
    if not said:
        raise Refused("“pause” needs a day: “pause until 2026-10-01” or “pause 2 weeks”")
    until = day_said(said, today)
    if until is None and said == list(rest) and not said[0][0].isdigit():
        return None  # a sentence that happens to begin so
    if until is None:
        raise Refused(
            f"“{_cut(' '.join(said))}” is no day; write it as in “pause until 2026-10-01”"
        )
    return paused_until(until, today)


def paused_until(until: date, today: date) -> Pause:
    """A pause that may be. Raises Refused for one that is over, or longer than anybody waits."""
    if not today < until <= today + LONGEST_PAUSE:
        when = "not in the future" if until <= today else "more than three years away"
        raise Refused(f"a pause cannot last until {until}: that is {when}")
    return Pause(until)


def _add(text: str, sets: RuleSets) -> Command:
    if not text:
        raise Refused("“add” needs a rule: “add diffusion -survey”")
    if len(text) > LONGEST_RULE:
        raise Refused(f"the rule “{_cut(text)}” is longer than {LONGEST_RULE} characters")
    try:
        return Add(named_rule(text, sets))
    except QueryError as error:
        place = f"position {error.position + 1}"
        raise Refused(f"the rule “{_cut(text)}” cannot be read; {place}: {error.reason}") from None


def _remove(rest: Sequence[str]) -> Command:
    match [word for word in rest if word not in (*_POLITE, "rule")]:
        case [number] if found := re.fullmatch(r"#?([0-9]{1,4})", number):
            return Remove(int(found[1]))
        case ["me", *_]:
            return Leave()
        case _:
            raise Refused("“remove” takes the number of one rule: “remove 2”; “rules” shows them")


def _cut(text: str) -> str:
    return clean_line(text, QUOTED)
