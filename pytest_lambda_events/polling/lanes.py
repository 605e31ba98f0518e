"""Several batches of one shard at once. The law: records of one order key take one lane at a time, so that they are
never concurrent and stay in order; the checkpoint moves only over what has ended without a gap.

AWS promises so much for ParallelizationFactor, and not which batch a record is in. Ours: a key whose records are under
way keeps its lane, any other takes the lane with the fewest records, the first of several.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.errors import ConservationError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

__all__ = ["Progress", "Routes"]


class Progress:
    """How far a reader of a shard has come: every place before `checkpoint` has ended, and some beyond it.

    Places count the shard's records from 0; the first is the one where the reader began.
    """

    __slots__ = ("_beyond", "checkpoint")

    def __init__(self, first: int) -> None:
        self.checkpoint = first
        self._beyond: set[int] = set()

    def has_ended(self, place: int) -> bool:
        """Whether the record at this place has ended."""
        return place < self.checkpoint or place in self._beyond

    @property
    def beyond(self) -> frozenset[int]:
        """The places that have ended behind one that has not."""
        return frozenset(self._beyond)

    def end(self, places: Iterable[int]) -> None:
        """Let the records at these places end, and the checkpoint move as far as there is no gap.

        Errors: `ConservationError` when one has ended before.
        """
        beyond = self._beyond
        checkpoint = self.checkpoint
        for place in places:
            if place < checkpoint or place in beyond:
                raise ConservationError(f"the record at place {place} of its shard ended twice")
            if place == checkpoint:
                checkpoint += 1
            else:
                beyond.add(place)
        while checkpoint in beyond:
            beyond.remove(checkpoint)
            checkpoint += 1
        self.checkpoint = checkpoint


class Routes:
    """Which lane each order key takes, as long as a record of it is under way."""

    __slots__ = ("_keys", "_loads")

    def __init__(self, lanes: int) -> None:
        self._loads = [0] * lanes
        self._keys: dict[Hashable, tuple[int, int]] = {}  # to its lane and how many records

    def enter(self, key: Hashable) -> int:
        """The lane of one more record of this key."""
        loads = self._loads
        lane, many = self._keys.get(key) or (loads.index(min(loads)), 0)
        self._keys[key] = (lane, many + 1)
        loads[lane] += 1
        return lane

    def leave(self, key: Hashable) -> None:
        """A record of this key has ended."""
        lane, many = self._keys.pop(key)
        self._loads[lane] -= 1
        if many > 1:
            self._keys[key] = (lane, many - 1)
