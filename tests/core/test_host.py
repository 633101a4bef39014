from __future__ import annotations

import pytest

from worker.core.host import ip, is_loopback, may_be_inside


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_is_known_by_name_and_by_address(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "localhost.example.org", "127.0.0.1.example.org", "192.0.2.1", "fe80::1", "2130706433"],
)
def test_nothing_else_is_this_machine(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "localhost",
            "localhost.",
            "x.LOCALHOST",
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
        ),
        *("0.0.0.0", "::", "::1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254", "fe80::1", ""),
    ],
)
def test_what_may_be_in_here_is_told_however_it_is_written(host: str) -> None:
    assert may_be_inside(host)


@pytest.mark.parametrize("host", ["example.org", "1.1.1.1", "2606:4700::1111", "localhost.org"])
def test_what_is_out_in_the_world_is_not_in_here(host: str) -> None:
    assert not may_be_inside(host)


def test_a_name_is_no_address() -> None:
    assert ip("example.org") is None
    assert str(ip("::1")) == "::1"
