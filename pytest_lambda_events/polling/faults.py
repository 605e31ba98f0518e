"""Rolling the dice for faults. The law: one seeded stream for each mapping, asked in the order of events, and every
fault that happens is a step in the trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from pytest_lambda_events.model.faults import Faults
    from pytest_lambda_events.model.trace import Ledger

__all__ = ["Dice"]

_LATEST_MS = 10_000


class Dice:
    """Faults for one mapping: what happens to its receives, invocations and deletes."""

    def __init__(self, faults: Faults, rng: random.Random, ledger: Ledger, mapping: str) -> None:
        self._faults = faults
        self._rng = rng
        self._ledger = ledger
        self._mapping = mapping

    def _happens(self, probability: float) -> bool:
        # a fault that was not asked for draws nothing, so that adding one does not move the others
        return probability > 0 and self._rng.random() < probability

    def _say(self, now_ms: int, name: str, record_ids: tuple[str, ...]) -> None:
        self._ledger.fault(now_ms, self._mapping, record_ids, name)

    def reordered(self, received: Sequence[Any], now_ms: int) -> Sequence[Any]:
        """A receive's messages, perhaps in another order."""
        if len(received) < 2 or not self._happens(self._faults.reordering):  # noqa: PLR2004 - one has no order
            return received
        shuffled = list(received)
        self._rng.shuffle(shuffled)
        self._say(now_ms, "reordering", tuple([one.record.id for one in shuffled]))
        return shuffled

    def later_ms(self, delivery: Any, now_ms: int) -> int:
        """By how much a message's visibility timeout ends late."""
        if not self._happens(self._faults.late_visibility):
            return 0
        self._say(now_ms, "late_visibility", (delivery.record.id,))
        return self._rng.randint(1, _LATEST_MS)

    def throttles(self, record_ids: tuple[str, ...], now_ms: int) -> bool:
        """Whether an invocation is throttled."""
        happens = self._happens(self._faults.throttles)
        if happens:
            self._say(now_ms, "throttles", record_ids)
        return happens

    def crashes(self, record_ids: tuple[str, ...], now_ms: int) -> bool:
        """Whether the poller is gone before it deletes."""
        happens = self._happens(self._faults.crashes)
        if happens:
            self._say(now_ms, "crashes", record_ids)
        return happens

    def undeleted(self, record_id: str, now_ms: int) -> str | None:
        """What keeps a processed message from being deleted: "failed_deletes", "duplicates" or nothing."""
        for name in ("failed_deletes", "duplicates"):
            if self._happens(getattr(self._faults, name)):
                self._say(now_ms, name, (record_id,))
                return name
        return None
