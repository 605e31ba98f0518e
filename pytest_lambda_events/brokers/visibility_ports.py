"""What a queue with visibility timeouts stands on: its attributes, and who is told of its messages. The law: the engine
(`visibility_queue`) asks and tells, and knows nobody by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pytest_lambda_events.brokers.visibility_queue import VisibilityQueue
    from pytest_lambda_events.model.records import Fate, SqsMessage

__all__ = ["FixedSettings", "Journal", "QueueSettings"]


class QueueSettings(Protocol):
    """The queue's attributes, read anew at each use: whoever owns the resource may change them at any time."""

    @property
    def visibility_ms(self) -> int:
        """VisibilityTimeout in milliseconds."""

    @property
    def delay_ms(self) -> int:
        """DelaySeconds in milliseconds."""

    @property
    def retention_ms(self) -> int:
        """MessageRetentionPeriod in milliseconds."""

    @property
    def max_receive_count(self) -> int | None:
        """The redrive policy's maxReceiveCount, None without one."""

    @property
    def dead_letter_queue(self) -> VisibilityQueue | None:
        """Where the redrive policy sends messages."""

    @property
    def deduplication_scope(self) -> str:
        """DeduplicationScope of a FIFO queue: `queue` or `messageGroup`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedSettings:
    """Settings that do not change, for queues that nobody else owns. Times in milliseconds; defaults are SQS's."""

    visibility_ms: int = 30_000
    delay_ms: int = 0
    retention_ms: int = 345_600_000
    max_receive_count: int | None = None
    dead_letter_queue: VisibilityQueue | None = None
    deduplication_scope: str = "queue"


class Journal(Protocol):
    """Who is told what happened to messages. `at_ms` may lie before the present: when it fell due."""

    def entered(self, at_ms: int, arn: str, record: SqsMessage) -> None:
        """A record came into the queue."""

    def received(self, at_ms: int, arn: str, record_ids: tuple[str, ...], counts: tuple[int, ...]) -> None:
        """Records were received by somebody, each for the `counts`-th time."""

    def reappeared(self, at_ms: int, arn: str, record_id: str) -> None:
        """A received record became visible again."""

    def left(self, at_ms: int, arn: str, record_ids: tuple[str, ...], fate: Fate) -> None:
        """Records left the queue for good."""

    def moved(self, at_ms: int, arn: str, record_ids: tuple[str, ...]) -> None:
        """Records left the queue for another, and their story goes on there."""
