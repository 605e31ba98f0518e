"""How many batches may be with a function at once. The law: pure arithmetic on time; who counts is told the answers.

A mapping that says nothing sends one batch at a time, as documented in docs/decisions.md: AWS starts with five pollers,
which makes the split of small batches a matter of chance. One that names its concurrency gets AWS's: with
MaximumConcurrency five batches at first and up to 300 more each minute; with ProvisionedPollerConfig ten batches for
each of MinimumPollers and up to 1,000 more each minute (Lambda Developer Guide, "Configuring scaling behavior for SQS
event source mappings"). Function errors begin the climb anew, unless batch item failures are reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ONE_AT_A_TIME", "Concurrency", "Reservation", "concurrency_of", "grows_at", "slots"]

_MINUTE_MS: Final = 60_000
_FIRST: Final = 5
_PER_MINUTE: Final = 300
_PER_POLLER: Final = 10
_PROVISIONED_PER_MINUTE: Final = 1_000
_LOWEST_POLLERS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Concurrency:
    """Batches at once: `first` when work begins, `per_minute` more after each minute of it, `most` at the most."""

    first: int
    most: int
    per_minute: int


ONE_AT_A_TIME: Final = Concurrency(first=1, most=1, per_minute=0)


def concurrency_of(parameters: Mapping[str, Any]) -> Concurrency:
    """What a mapping's ScalingConfig or ProvisionedPollerConfig allows (AWS refuses both together)."""
    most = parameters.get("ScalingConfig", {}).get("MaximumConcurrency")
    if most is not None:
        return Concurrency(first=min(_FIRST, most), most=most, per_minute=_PER_MINUTE)
    pollers = parameters.get("ProvisionedPollerConfig", {})
    if pollers:
        fewest = pollers.get("MinimumPollers", _LOWEST_POLLERS)
        return Concurrency(
            first=fewest * _PER_POLLER,
            most=pollers.get("MaximumPollers", fewest) * _PER_POLLER,
            per_minute=_PROVISIONED_PER_MINUTE,
        )
    return ONE_AT_A_TIME


def slots(concurrency: Concurrency, busy_ms: int) -> int:
    """Batches at once after `busy_ms` of work."""
    return min(concurrency.most, concurrency.first + concurrency.per_minute * (busy_ms // _MINUTE_MS))


def grows_at(concurrency: Concurrency, busy_since_ms: int, now_ms: int) -> int | None:
    """When there will be more, None when there are as many as there will ever be."""
    busy_ms = now_ms - busy_since_ms
    if slots(concurrency, busy_ms) >= concurrency.most:
        return None
    return busy_since_ms + (busy_ms // _MINUTE_MS + 1) * _MINUTE_MS


class Reservation:
    """The concurrency that a function has reserved, shared by all its mappings; `limit` None: as much as is asked for.

    Lambda Developer Guide, "Configuring reserved concurrency for a function". 0 throttles every invocation.
    """

    __slots__ = ("_ends", "limit")

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self._ends: list[int] = []

    def is_full(self, now_ms: int) -> bool:
        """Whether an invocation at `now_ms` would be throttled; one that ends at that moment is out of the way."""
        if self.limit is None:
            return False
        ends = self._ends
        while ends and ends[0] <= now_ms:
            heappop(ends)
        return len(ends) >= self.limit

    def hold(self, until_ms: int) -> None:
        """An invocation runs until then."""
        if self.limit is not None:
            heappush(self._ends, until_ms)
