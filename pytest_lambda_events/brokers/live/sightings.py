"""Which message is which, where the protocol gives them no identity. The law: a message that comes again is the first
one that went back and looks the same; one that comes for the first time, the first one sent that looks the same.

RabbitMQ puts what is given back at its old place, so among messages that look the same the order of going back is the
order of coming again, and nobody could tell whether it were otherwise.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["Sightings"]


class Sightings:
    """The messages of one queue, as far as they were sent or received here; `look_of` says what they look like."""

    def __init__(self, look_of: Callable[[Any], Hashable]) -> None:
        self._look_of = look_of
        self._sent: dict[Hashable, deque[Any]] = defaultdict(deque)
        self._back: dict[Hashable, deque[Any]] = defaultdict(deque)
        self._counts: dict[str, int] = {}

    def sent(self, record: Any) -> None:
        """It was sent here."""
        self._sent[self._look_of(record)].append(record)

    def went_back(self, record: Any) -> None:
        """It was received here and given back."""
        self._back[self._look_of(record)].append(record)

    def known(self, received: Any, *, redelivered: bool) -> Any | None:
        """The record that this is; None for one that was never seen here."""
        look = self._look_of(received)
        for there in (self._back, self._sent) if redelivered else (self._sent,):
            if there[look]:
                return there[look].popleft()
        return None

    def count(self, record_id: str, *, redelivered: bool) -> int:
        """One more delivery; how many there were, as far as is known."""
        count = self._counts.get(record_id, 1 if redelivered else 0) + 1
        self._counts[record_id] = count
        return count
