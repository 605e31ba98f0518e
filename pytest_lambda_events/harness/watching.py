"""Looking at a run while it goes on. The law: who looks pays: no step of a run is slower because somebody might look.

So nothing is counted while a run goes on; whoever asks has counted what came since it was last asked, and that once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.model.trace import Ledger, PlaceEntry

__all__ = ["Standing", "Tally", "Watcher"]


class Standing(NamedTuple):
    """How far a run has come: seconds since the harness began; records that have their fate, and those that wait for
    it; how many invocations have ended.
    """

    elapsed: float
    done: int
    left: int
    invocations: int


class Watcher(Protocol):
    """Who looks at runs: after each step, and when a run call ends, however it does."""

    def step(self) -> None:
        """A step was taken."""
        ...

    def end(self) -> None:
        """The run call has ended."""
        ...


class Tally:
    """How many records are done and how many are left, as `Ledger.fates` would say."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._read: dict[str, int] = {}  # how many of a place's entries are counted
        self._latest: dict[str, tuple[int, Fate | None]] = {}  # of each record
        self._done = 0
        self._left = 0

    def count(self, places: Iterable[str]) -> tuple[int, int]:
        """Records done and left in these places, and in those that were asked for before."""
        for place in dict.fromkeys(places):
            entries = self._ledger.places.get(place, ())
            begin = self._read.get(place, 0)
            if begin < len(entries):
                self._read[place] = len(entries)
                for entry in entries[begin:]:
                    self._take(entry)
        return self._done, self._left

    def _take(self, entry: PlaceEntry) -> None:
        order, fate = self._latest.get(entry.record_id, (-1, None))
        if entry.order < order:
            return  # another place has had it since
        self._latest[entry.record_id] = (entry.order, entry.fate)
        self._count(fate, -1)
        self._count(entry.fate, 1)

    def _count(self, fate: Fate | None, by: int) -> None:
        if fate == "pending":
            self._left += by
        elif fate is not None:
            self._done += by
