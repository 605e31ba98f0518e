"""How things are measured here: CPU or wall seconds of a call, best of several, and a bar to hold it against."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# real clocks; in a tuple, because freezegun replaces time functions that it finds in a module's globals
_CLOCKS = (time.perf_counter, time.process_time)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A promise: what was measured must be at most `most`, in `unit`."""

    what: str
    measured: float
    most: float
    unit: str = "x"
    detail: str = ""

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self.measured <= self.most

    def __str__(self) -> str:
        verdict = "holds" if self.holds else "DOES NOT HOLD"
        detail = f"  ({self.detail})" if self.detail else ""
        return f"{verdict:14}{self.what}: {self.measured:.3g}{self.unit}, bar {self.most:g}{self.unit}{detail}"


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
