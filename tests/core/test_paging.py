"""Lists on several pages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.core.paging import Portion, portion


@given(st.integers(0, 1000), st.integers(1, 100))
def test_each_item_is_on_one_page_and_no_page_is_empty_but_of_an_empty_list(
    total: int, per_page: int
) -> None:
    pages = portion(total, per_page, 1).pages
    shown = [portion(total, per_page, number) for number in range(1, pages + 1)]
    assert [number for one in shown for number in range(one.begin, one.end)] == list(range(total))
    assert all(one.begin < one.end for one in shown) or total == 0
    assert [one.page for one in shown] == list(range(1, pages + 1))


def test_what_is_no_page_is_the_nearest() -> None:
    assert portion(7, 3, 9) == portion(7, 3, 3) == Portion(3, 3, 6, 7)
    assert portion(7, 3, -1) == portion(7, 3, 0) == Portion(1, 3, 0, 3)
    assert portion(0, 3, 5) == Portion(1, 1, 0, 0)
