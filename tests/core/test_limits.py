"""How many asks are listened to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import NOON
from worker.asks import Ask, Asked, AskKind, AskState, Limit, Limits, Scope, Traces
from worker.core.limits import exceeded, limited, moves_too_often, only, unheard

MINUTE = timedelta(minutes=1)
TRACES = Traces("address", "network", "domain")
NONE = Limits((), (), (), ())
OTHER = {
    Scope.ADDRESS: replace(TRACES, address="other"),
    Scope.NETWORK: replace(TRACES, network="other"),
    Scope.DOMAIN: replace(TRACES, domain="other"),
}
SCOPES = list(Scope)


def on(scope: Scope, *limits: Limit) -> Limits:
    """These limits, and no others."""
    return only(replace(Limits(), **{scope.value: limits}), scope)


def asked(minutes: float, traces: Traces = TRACES) -> Asked:
    return Asked(NOON + minutes * MINUTE, traces)


def scope_of(recent: list[Asked], limits: Limits, traces: Traces = TRACES) -> Scope | None:
    return exceeded(traces, NOON, recent, limits)


def test_without_limits_everybody_is_listened_to() -> None:
    assert scope_of([asked(0)] * 1000, NONE) is None


@pytest.mark.parametrize("scope", SCOPES)
def test_one_more_than_so_many_is_one_too_many(scope: Scope) -> None:
    limits = on(scope, Limit(2, 10 * MINUTE))
    assert scope_of([asked(-1)], limits) is None
    assert scope_of([asked(-1), asked(-9)], limits) is scope


@pytest.mark.parametrize("scope", SCOPES)
def test_what_is_as_old_as_the_limit_reaches_counts_no_more(scope: Scope) -> None:
    limits = on(scope, Limit(1, 10 * MINUTE))
    assert scope_of([asked(-10)], limits) is None
    assert scope_of([asked(-9.99)], limits) is scope


@pytest.mark.parametrize("scope", OTHER)
def test_only_what_is_alike_counts(scope: Scope) -> None:
    assert scope_of([asked(-1, OTHER[scope])], on(scope, Limit(1, 10 * MINUTE))) is None
    assert scope_of([asked(-1, OTHER[scope])], on(Scope.ALL, Limit(1, 10 * MINUTE))) is Scope.ALL


@pytest.mark.parametrize("scope", SCOPES)
def test_each_limit_of_several_counts(scope: Scope) -> None:
    limits = on(scope, Limit(1, MINUTE), Limit(2, 100 * MINUTE))
    assert scope_of([asked(-50)], limits) is None
    assert scope_of([asked(-0.5)], limits) is scope
    assert scope_of([asked(-50), asked(-60)], limits) is scope


def test_a_network_that_is_not_known_is_not_limited() -> None:
    unknown = replace(TRACES, network="")
    limits = on(Scope.NETWORK, Limit(1, MINUTE))
    assert scope_of([asked(0, unknown)] * 9, limits, unknown) is None


def test_that_the_site_is_closed_comes_first_then_what_is_his_own() -> None:
    for number, scope in enumerate([Scope.ALL, Scope.NETWORK, Scope.ADDRESS, Scope.DOMAIN]):
        full = (Limit(1, MINUTE),)
        rest = [Scope.ALL, Scope.NETWORK, Scope.ADDRESS, Scope.DOMAIN][number:]
        limits = replace(NONE, **{each.value: full for each in rest})
        assert scope_of([asked(0)], limits) is scope


@pytest.mark.parametrize("scope", SCOPES)
def test_limits_can_be_looked_at_one_after_the_other(scope: Scope) -> None:
    alone = only(Limits(), scope)
    given = {each: limited(alone, each) for each in SCOPES}
    assert given == {each: limited(Limits(), each) if each is scope else () for each in SCOPES}


def test_a_clock_that_was_years_ahead_closes_the_site_for_nobody() -> None:
    """F53. One that was set back by less than a limit reaches makes no room in it."""
    limits = on(Scope.ALL, Limit(1, 60 * MINUTE))
    assert scope_of([asked(365 * 24 * 60)], limits) is None
    assert scope_of([asked(30)], limits) is Scope.ALL


def test_the_usual_limits_are_those_of_reliability_6() -> None:
    """One mail to an address in a quarter of an hour, three a day; a hundred an hour in all."""
    usual = Limits()
    assert scope_of([asked(-14)], usual) is Scope.ADDRESS
    assert scope_of([asked(-15)], usual) is None
    assert scope_of([asked(-60 * hour) for hour in (1, 2, 3)], usual) is Scope.ADDRESS
    strangers = [
        asked(-1, Traces(f"a{number}", f"n{number}", f"d{number}")) for number in range(100)
    ]
    assert scope_of(strangers, usual) is Scope.ALL
    assert scope_of(strangers[1:], usual) is None


SOME = st.builds(
    Asked,
    st.integers(0, 400).map(lambda number: NOON + number * MINUTE / 4),
    st.builds(Traces, st.sampled_from("ab"), st.sampled_from(["", "n", "m"]), st.sampled_from("x")),
)
FEW = st.lists(
    st.builds(Limit, st.integers(1, 3), st.integers(1, 40).map(lambda n: n * MINUTE)), max_size=2
).map(tuple)


@given(st.lists(SOME, max_size=40), st.builds(Limits, FEW, FEW, FEW, FEW))
def test_never_are_more_listened_to_in_any_stretch_of_time(
    asks: list[Asked], limits: Limits
) -> None:
    """In whatever order they come in."""
    taken: list[Asked] = []
    for each in asks:
        if exceeded(each.traces, each.at, taken, limits) is None:
            taken.append(each)
    for scope in Scope:
        for limit in limited(limits, scope):
            for group in _alike(taken, scope):
                assert _most(group, limit.within) <= limit.many


def _alike(taken: list[Asked], scope: Scope) -> list[list[datetime]]:
    """The instants of the asks that count together."""
    groups: dict[str, list[datetime]] = {}
    for each in taken:
        trace = "all" if scope is Scope.ALL else getattr(each.traces, scope.value)
        if trace:
            groups.setdefault(trace, []).append(each.at)
    return list(groups.values())


def _most(instants: list[datetime], within: timedelta) -> int:
    """How many there are in the fullest stretch of that length, its end not counted."""
    return max(sum(begin <= each < begin + within for each in instants) for begin in instants)


ASK = Ask(1, AskKind.MOVE, NOON, "a@b.org", None, TRACES, "192.0.2.0/24", 7, mover=9)


@pytest.mark.parametrize("met", [Scope.ADDRESS, Scope.DOMAIN])
def test_of_who_met_another_ones_limit_only_his_network_is_noted(met: Scope) -> None:
    bare = unheard(ASK, met)
    assert bare is not None
    assert (bare.address, bare.network, bare.mover, bare.state) == ("", "", None, AskState.CLOSED)
    assert bare.traces == Traces("", TRACES.network, "")
    assert (bare.number, bare.form, bare.at) == (ASK.number, ASK.form, ASK.at)
    once = Limit(1, MINUTE)
    noted = [Asked(bare.at, bare.traces)]
    assert scope_of(noted, on(Scope.ALL, once)) is None
    assert scope_of(noted, on(Scope.NETWORK, once)) is Scope.NETWORK


@pytest.mark.parametrize("met", [Scope.ALL, Scope.NETWORK])
def test_of_who_asks_too_often_himself_nothing_is_noted(met: Scope) -> None:
    assert unheard(ASK, met) is None


def test_who_moves_three_times_a_day_has_moved_enough() -> None:
    moves = [NOON - hours * 60 * MINUTE for hours in (1, 5, 23)]
    assert moves_too_often(NOON, moves, Limits())
    assert not moves_too_often(NOON + 60 * MINUTE, moves, Limits())
    assert not moves_too_often(NOON, moves[:2], Limits())
