from __future__ import annotations

import pytest

from worker.core.host import ip, is_loopback


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_is_known_by_name_and_by_address(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "localhost.example.org", "127.0.0.1.example.org", "192.0.2.1", "fe80::1", "2130706433"],
)
def test_nothing_else_is_this_machine(host: str) -> None:
    assert not is_loopback(host)


def test_a_name_is_no_address() -> None:
    assert ip("example.org") is None
    assert str(ip("::1")) == "::1"
