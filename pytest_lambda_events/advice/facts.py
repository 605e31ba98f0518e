"""What advice is given on: how a mapping is configured, and what was seen of it. The law: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_lambda_events.model.trace import Invocation

__all__ = ["BrokerFacts", "Facts", "Measured", "QueueFacts", "StreamFacts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFacts:
    """A queue's attributes. Times in milliseconds; None without a redrive policy."""

    visibility_ms: int
    retention_ms: int
    is_fifo: bool
    max_receive_count: int | None = None
    dead_letter_retention_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFacts:
    """A stream as a mapping meets it: the records that were there before it, and that it will never see."""

    records_before_latest: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerFacts:
    """A queue of a broker. `endless`: messages in it failed that no time to live and no limit will end."""

    queue: str
    endless: int = 0


class Measured:
    """What the invocations of one mapping showed, taken in one by one as they end."""

    __slots__ = ("_taken", "failed", "raised", "reported", "seconds_per_record")

    def __init__(self) -> None:
        self._taken = 0
        self.failed = 0
        self.raised = 0
        self.reported = 0
        self.seconds_per_record = 0.0

    def take(self, invocations: Sequence[Invocation[Any]], mapping: str) -> None:
        """Look at those that ended since the last time; `invocations` are the ledger's, of all mappings."""
        for call in invocations[self._taken :]:
            if call.mapping == mapping and call.outcome != "throttled":
                self._look_at(call)
        self._taken = len(invocations)

    def _look_at(self, call: Invocation[Any]) -> None:
        self.failed += bool(call.failed)
        self.raised += call.outcome in ("error", "timeout")
        self.reported += isinstance(call.response, dict) and "batchItemFailures" in call.response
        if call.records and call.outcome in ("success", "partial"):
            self.seconds_per_record = max(self.seconds_per_record, call.duration / len(call.records))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that advice is given on.

    `parameters` are those of CreateEventSourceMapping as AWS would echo them, `family` the source's, `queue`,
    `stream` or `broker` what there is of it; `metrics` are the mapping's, by CloudWatch's names.

    `planned` says that nothing ran: the mapping was read from a template, and advice is on what may come. What follows
    it is known then only: `unmatchable` are keys that all patterns want, and that no record of the source has.
    """

    family: str
    source_arn: str
    parameters: Mapping[str, Any]
    batch_size: int
    window_ms: int
    reports_failures: bool
    function_timeout_ms: int
    metrics: Mapping[str, int]
    measured: Measured
    queue: QueueFacts | None = None
    stream: StreamFacts | None = None
    broker: BrokerFacts | None = None
    planned: bool = False
    starting_position: str | None = None
    reserved_concurrency: int | None = None
    unmatchable: tuple[str, ...] = ()
