"""What expires when, by key. The law: pure; what is next costs the same, however much expires later or never.

A heap of moments, and beside it the moment that holds for each key: what a later write has made untrue stays in the
heap and is passed over when its time comes.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["ExpiryIndex"]

K = TypeVar("K", bound="Hashable")

_SMALL = 64  # a heap of so many entries is not worth clearing up


class ExpiryIndex(Generic[K]):
    """Keys by the moment (epoch milliseconds) at which they expire; of one moment, in the order of setting."""

    __slots__ = ("_due", "_heap", "_settings")

    def __init__(self) -> None:
        self._due: dict[K, tuple[int, int]] = {}
        self._heap: list[tuple[int, int, K]] = []
        self._settings = 0

    def __len__(self) -> int:
        return len(self._due)

    def set(self, key: K, at_ms: int | None) -> None:
        """Let `key` expire at a moment, or never; what was set before is forgotten."""
        if at_ms is None:
            self._due.pop(key, None)
            return
        self._settings += 1
        self._due[key] = (at_ms, self._settings)
        heappush(self._heap, (at_ms, self._settings, key))
        if len(self._heap) > _SMALL + 2 * len(self._due):  # more than half of it is no longer true
            self._heap = sorted((at_ms, number, key) for key, (at_ms, number) in self._due.items())

    def next_ms(self) -> int | None:
        """When the next key expires; None when none will."""
        heap, due = self._heap, self._due
        while heap:
            at_ms, number, key = heap[0]
            if due.get(key) == (at_ms, number):
                return at_ms
            heappop(heap)
        return None

    def pop(self, now_ms: int) -> tuple[int, K] | None:
        """The next key that has expired by now, with its moment, and forget it; None when none has."""
        at_ms = self.next_ms()
        if at_ms is None or at_ms > now_ms:
            return None
        _, _, key = heappop(self._heap)
        del self._due[key]
        return at_ms, key
