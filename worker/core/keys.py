"""The secrets that tokens are made with."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets that tokens are made with, by id; the newest makes, all of them verify."""

    newest: int
    by_id: dict[int, bytes] = field(repr=False)

    @property
    def secret(self) -> bytes:
        """The key that new tokens are made with."""
        return self.by_id[self.newest]
