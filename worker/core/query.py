r"""The language of rules.

    ============================  ================================================================
    ``neural operator``           both words, anywhere in the title or the abstract (also ``AND``)
    ``video OR audio``            either; ``a b OR c`` is ``(a AND b) OR c``
    ``-survey``, ``NOT survey``   not; binds tightest, so ``-a b`` is ``(-a) b``
    ``( … )``                     brackets, at most 20 deep, NOTs counted
    ``"image editing"``           a phrase: these words side by side, each spelled like this
    ``"graph network"~5``         all of them within 5 words (1 to 50), in any order
    ``operat*``                   a beginning, of at least 2 letters; in phrases too
    ``title:`` ``abstract:``      before a word, a phrase, a regex or brackets: look only there
    ``author:lecun``              any word, or ``author:"yann lecun"``, of one author's name
    ``cat:cs``, ``cat:cs.CV``     a category and all below it; just this one; ``cat:cs.c*``
    ``id:2509.01234``             an arXiv id or DOI, with or without prefix and version
    ``kind:cross``                ``new``, ``cross`` (a cross-list) or ``replacement``
    ``source:arxiv``              who listed it first: ``huggingface`` (also ``hf``), ``arxiv``, or
                                  the host of a feed; ``source:blog.*``
    ``upvotes:>=20``              also ``>``, ``<=``, ``<``, ``20`` exactly, and ``20..50`` with
    ``comments:`` ``stars:``      both; never if the source does not count that
    ``day:2025-09-08``            the day it was first listed; likewise ``>=2025-09-08``, a range
                                  ``2025-09-08..2025-09-12``, ``2025-09-08..``, a month ``2025-09``
    ``like:2509.01234``           the papers like that one, by the telling words that they share;
                                  also ``like:"its title"``; at most 5
    ``/diffusi(on|ng)\b/``        a regex as RE2 takes it, on the text as it stands; at most 5.
                                  Case does not matter but after ``(?-i)``; a slash is ``\/``
    ``top:10``                    among the so many (1 to 100) most upvoted of those first listed
                                  on its day, of equal ones the earlier; never without upvotes
    ``*``                         every paper: ``* -survey``
    ``set:nlp``                   all rules of a set, in a rule only: ``core.shared`` has its form
    ``+``, ``++``, ``+++``        before the whole rule: it matters more, so its papers come first
    ============================  ================================================================

Whole words always: ``gate`` is not in "aggregate". Accents, LaTeX accents and case do not matter,
a hyphen is a blank (``mixture-of-experts`` is a phrase), and a plural is its singular; quotes
switch the plural off and nothing else. Short words in capitals (2 to 5 letters, 2 of them capitals:
``RL``, ``LoRA``) keep their case, with or without quotes, and without them find their plain plural
(``PDE``: PDEs). For names of authors neither capitals nor plurals matter.

``AND``, ``OR`` and ``NOT`` are operators in capitals only; ``-`` only where it touches a word. A
rule and each side of an ``OR`` must ask for something, not only leave out. At most 1,000
characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from worker.core.scan import Scanner
from worker.core.terms import And, Not, Or, Query, QueryError, Scope
from worker.core.weight import HEAVIEST, pluses

__all__ = ["Query", "QueryError", "parse", "readable"]

LONGEST = 1000
DEEPEST = 20


@lru_cache(maxsize=10_000)  # the same rules are asked for at each tick and for each paper shown
def parse(text: str) -> Query:
    """The query that this text of a rule means. Raises QueryError."""
    if len(text) > LONGEST:
        raise QueryError(LONGEST, f"the rule is longer than {LONGEST:,} characters")
    scanner = Scanner(text, _begin(text))
    start = scanner.at
    query = _any(scanner, None, 0, "the rule is empty")
    if scanner.peek():
        raise QueryError(scanner.at, "this bracket was never opened")
    _check_asks(query, start)
    return query


def readable(text: str) -> Query | None:
    """The query that it means; None if it is no rule any more."""
    try:
        return parse(text)
    except QueryError:
        return None


def _begin(text: str) -> int:
    """Where the rule begins, behind its weight."""
    found = pluses(text)
    if len(found) > HEAVIEST:
        raise QueryError(found[HEAVIEST], f"at most {'+' * HEAVIEST} may stand before a rule")
    return found.stop if found else 0


def _any(scanner: Scanner, field: Scope | None, depth: int, missing: str) -> Query:
    """Branches with OR between them. ``missing`` is the complaint if nothing comes."""
    branches = [_branch(scanner, field, depth, missing)]
    while scanner.peek() == "OR":
        scanner.at += len("OR")
        branches.append(_branch(scanner, field, depth, "OR is followed by nothing"))
    if len(branches) == 1:
        return branches[0][1]
    for start, branch in branches:
        _check_asks(branch, start)
    flat = (part for _, b in branches for part in (b.parts if isinstance(b, Or) else (b,)))
    return Or(tuple(flat))


def _branch(scanner: Scanner, field: Scope | None, depth: int, missing: str) -> tuple[int, Query]:
    """Where it starts, and what it is."""
    scanner.peek()
    return scanner.at, _all(scanner, field, depth, missing)


def _all(scanner: Scanner, field: Scope | None, depth: int, missing: str) -> Query:
    """Operands side by side, or with AND between them."""
    operands = [_one(scanner, field, depth, missing)]
    while (ahead := scanner.peek()) not in ("", ")", "OR"):
        if ahead == "AND":
            scanner.at += len("AND")
        operands.append(_one(scanner, field, depth, "AND is followed by nothing"))
    if len(operands) == 1:
        return operands[0]
    flat = (part for o in operands for part in (o.parts if isinstance(o, And) else (o,)))
    return And(tuple(flat))


def _one(scanner: Scanner, field: Scope | None, depth: int, missing: str) -> Query:
    """A term, brackets, or the NOT of one."""
    ahead = scanner.peek()
    if depth > DEEPEST:
        raise QueryError(scanner.at, f"brackets and NOTs are more than {DEEPEST} deep")
    if ahead in ("", ")"):
        raise QueryError(scanner.at, missing)
    if ahead in ("AND", "OR"):
        raise QueryError(scanner.at, f"{ahead} has nothing before it")
    if ahead in ("NOT", "-"):
        return _not(scanner, field, depth, ahead)
    return _scoped(scanner, field, depth)


def _not(scanner: Scanner, field: Scope | None, depth: int, operator: str) -> Not:
    scanner.at += len(operator)
    following = scanner.text[scanner.at : scanner.at + 1]
    if operator == "-" and (not following or following.isspace()):
        raise QueryError(scanner.at - 1, "a - must touch the word that it leaves out")
    return Not(_one(scanner, field, depth + 1, "NOT is followed by nothing"))


def _scoped(scanner: Scanner, outer: Scope | None, depth: int) -> Query:
    start, named = scanner.at, scanner.scope()
    if named and outer:
        raise QueryError(start, f"{named}: stands within the brackets of {outer}:")
    field = named or outer
    if scanner.peek() != "(":
        return scanner.term(field)
    scanner.at += 1
    inner = _any(scanner, field, depth + 1, "the brackets are empty")
    if scanner.peek() != ")":
        raise QueryError(start, "the bracket is not closed")
    scanner.at += 1
    return inner


def _check_asks(query: Query, start: int) -> None:
    if not _asks(query):
        raise QueryError(start, "this only leaves papers out; write * -word for all the others")


def _asks(query: Query) -> bool:
    """Whether the query asks for something; each branch of an Or was made to."""
    parts: Sequence[Query] = query.parts if isinstance(query, And) else (query,)
    return not all(isinstance(part, Not) for part in parts)
