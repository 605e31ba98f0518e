"""How things are measured here: CPU or wall seconds of a call, best of several, and a bar to hold it against.

The law: whatever is compared is measured in turns, so that all of it meets the same noise, and its best counts.
"""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# real clocks; in a tuple, because freezegun replaces time functions that it finds in a module's globals
_CLOCKS = (time.perf_counter, time.process_time)

PATIENCE = 10.0
"""Seconds: what took longer the first time is not measured again, because no noise could change what it says."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A promise: what was measured must be at most `most`, in `unit`. None was not measured here; `detail` says why."""

    what: str
    measured: float | None
    most: float
    unit: str = "x"
    detail: str = ""

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self.measured is not None and self.measured <= self.most

    @property
    def verdict(self) -> str:
        """`holds`, `DOES NOT HOLD` or `not measured`."""
        return "not measured" if self.measured is None else "holds" if self.holds else "DOES NOT HOLD"

    @property
    def share(self) -> str:
        """How much of what is promised was needed, such as `62 %`; nothing where nothing was promised or measured."""
        return f"{100 * self.measured / self.most:.0f} %" if self.measured is not None and self.most else ""

    @property
    def figure(self) -> str:
        """What was measured, with its unit."""
        return "" if self.measured is None else f"{self.measured:.3g}{self.unit}"

    def __str__(self) -> str:
        detail = f"  ({self.detail})" if self.detail else ""
        return f"{self.verdict:14}{self.what}: {self.figure or '-'}, bar {self.most:g}{self.unit}{detail}"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One way of doing what a `case` asks for: seconds it took at best (None: it did not), in so many tries."""

    case: str
    who: str
    took: float | None
    tries: int = 0
    note: str = ""

    def times(self, ours: Peer) -> str:
        """How many times as long as ours it took."""
        if self.took is None or ours.took is None:
            return ""
        ratio = self.took / ours.took
        return f"{ratio:,.0f}x" if ratio >= 10 else f"{ratio:.2g}x"

    def __str__(self) -> str:
        took = "-" if self.took is None else length(self.took)
        note = f"  ({self.note})" if self.note else ""
        return f"{self.case}: {self.who}: {took}, best of {self.tries}{note}"


def length(seconds: float) -> str:
    """A length of time in the unit that reads best."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def seconds(call: Callable[[], object], *, times: int = 5, number: int = 1, cpu: bool = False) -> float:
    """The best of `times` measurements of `number` calls, per call."""
    clock = _CLOCKS[cpu]
    best = float("inf")
    for _ in range(times):
        gc.collect()
        began = clock()
        for _ in range(number):
            call()
        best = min(best, (clock() - began) / number)
    return best


def compared(
    ours: Callable[[], object], floor: Callable[[], object], *, times: int = 7, number: int = 1
) -> tuple[float, float]:
    """CPU seconds of a call of each, the best of `times` measurements that take turns."""
    calls = {"ours": ours, "floor": floor}
    measures = {name: partial(seconds, call, times=1, number=number, cpu=True) for name, call in calls.items()}
    best = in_turns(measures, rounds=times)
    return best["ours"][0], best["floor"][0]


def stopwatch() -> Callable[[], float]:
    """Seconds since now, on a clock that no frozen time stops."""
    clock = _CLOCKS[0]
    began = clock()
    return lambda: clock() - began


def in_turns(measures: Mapping[str, Callable[[], float]], *, rounds: int = 5) -> dict[str, tuple[float, int]]:
    """The best of each measure's answers, and how many there were: a round asks each once, after a round to warm up.

    A measure that answers more than `PATIENCE` while warming up is not asked again.
    """
    found: dict[str, list[float]] = {who: [measure()] for who, measure in measures.items()}
    for who, measure in _rounds(measures, rounds):
        if found[who][0] <= PATIENCE:
            found[who].append(measure())
    return {who: (min(answers[1:] or answers), len(answers[1:] or answers)) for who, answers in found.items()}


def _rounds(measures: Mapping[str, Callable[[], float]], rounds: int) -> Iterator[tuple[str, Callable[[], float]]]:
    for turn in range(rounds):
        # who comes first takes turns, too
        order = list(measures.items())
        yield from order if turn % 2 == 0 else reversed(order)
