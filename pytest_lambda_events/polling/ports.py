"""What a poller needs from the rest, as Protocols. The law: these say all that `polling` knows of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from pytest_lambda_events.model.discard import Discard
    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.model.outcome import Ending
    from pytest_lambda_events.model.records import Fate, SqsMessage
    from pytest_lambda_events.polling.reading import Blocked

__all__ = [
    "Delivery",
    "Destination",
    "EventShape",
    "Function",
    "MappingPoller",
    "Poller",
    "QueueBroker",
    "StreamBroker",
    "StreamShape",
]


class Delivery(Protocol):
    """A record as it was received: a broker's message."""

    @property
    def record(self) -> SqsMessage:
        """The record itself."""

    @property
    def receive_count(self) -> int:
        """How often it has been received."""

    @property
    def receipt_handle(self) -> str:
        """What the latest receive is answered with."""

    @property
    def visible_ms(self) -> int:
        """When it comes back by itself, epoch milliseconds."""


class QueueBroker(Protocol):
    """A queue that hides what it hands out until it is deleted or its visibility timeout ends."""

    def receive(self, limit: int, now_ms: int) -> Sequence[Any]:
        """Up to `limit` deliveries."""

    def delete_received(self, received: Sequence[tuple[Any, int]], now_ms: int, *, fate: Fate) -> int:
        """Delete deliveries, each with its receive count at the receive that is answered for; how many were deleted."""

    def change_visibility(self, receipt_handle: str, visibility_ms: int, now_ms: int) -> None:
        """Hide a delivery for so long from now on; 0 shows it at once. Errors: `Refusal`."""

    def next_change(self, now_ms: int) -> int | None:
        """When there may be something to receive or something ends; None when nothing is or will be there."""

    def check(self) -> None:
        """Raise when a record has no place, or two."""


class EventShape(Protocol):
    """How deliveries become the event that the function gets."""

    @property
    def overhead(self) -> int:
        """Bytes of the envelope around the records."""

    def record_text(self, delivery: Any) -> str:
        """One record as compact JSON."""

    def event_text(self, record_texts: Sequence[str]) -> str:
        """The event around them."""


class StreamBroker(Protocol):
    """A stream of shards that is read by place and disturbed by nobody (`brokers.shard_stream.ShardStream`)."""

    @property
    def shards(self) -> Mapping[str, Any]:
        """Every shard by its id, in order of creation; each has `parents`, `closed_ms`, `first`, `end`, `records`."""

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due."""

    def next_change(self, now_ms: int) -> int | None:
        """When something comes by itself; None when nothing will."""

    def expires_ms(self, record: Any) -> int:
        """When retention ends for a record, epoch milliseconds."""

    def read(self, shard_id: str, place: int, limit: int, now_ms: int) -> tuple[int, Sequence[Any]]:
        """Up to `limit` records from `place` on, and the place of the first, later where retention ended."""

    def place_at(self, shard_id: str, at_ms: int, now_ms: int) -> int:
        """The place of the first record that arrived at `at_ms` or later."""

    def is_drained(self, shard_id: str, place: int) -> bool:
        """Whether the shard is closed and nothing comes at or after `place`."""

    def subscribe(self, listener: Callable[[int, str, Any], None]) -> Callable[[], None]:
        """Have `listener(at_ms, shard_id, record)` called for each record that comes in; what is returned ends that."""


class StreamShape(Protocol):
    """How records of a shard become the event that the function gets."""

    @property
    def overhead(self) -> int:
        """Bytes of the envelope around the records, as text."""

    def record_text(self, record: Any) -> str:
        """One record as compact JSON."""

    def event_text(self, record_texts: Sequence[str]) -> str:
        """The event around them."""

    def window_text(self, record_texts: Sequence[str], window: Any, *, shard_id: str, moment_ms: int) -> str:
        """The event of an invocation for the tumbling window that `moment_ms` lies in (`model.windows`)."""

    def item_identifier(self, record: Any) -> str:
        """What names the record in batchItemFailures."""

    def order_key(self, record: Any) -> Hashable:
        """What is kept in order under parallelization: the partition key, or the item's key."""


class Destination(Protocol):
    """Where the invocation records of what a mapping gave up go."""

    def deliver(self, discard: Discard) -> str | None:
        """Write the record of what was given up, and deliver it. None when that was done, else a sentence: why not."""


class Function(Protocol):
    """The function behind a mapping."""

    def invoke(self, event_text: str, request_id: str) -> Ending:
        """Call the handler with a fresh copy of the event, on virtual time."""


class MappingPoller(Protocol):
    """A mapping's poller as the harness holds it; `Poller` is what the agenda sees of it."""

    @property
    def config(self) -> MappingConfig:
        """What it goes by."""

    @property
    def metrics(self) -> Mapping[str, int]:
        """CloudWatch's names and numbers."""

    def reconfigure(self, config: MappingConfig) -> None:
        """Change what it goes by, at once."""

    def close(self) -> None:
        """Expect nothing more: the mapping is deleted (and disabled before)."""

    def blocked(self) -> Sequence[Blocked]:
        """The batches that everything behind them waits for; none where nothing has to wait, as in a queue."""

    def next_due(self, now_ms: int) -> int | None:
        """When it can act next; None when nothing will come by itself."""

    def step(self, now_ms: int) -> int:
        """Act once, at the present; how many invocations began."""


class Poller(Protocol):
    """What the agenda drives."""

    def next_due(self, now_ms: int) -> int | None:
        """When this poller can act next; None when nothing will come by itself."""

    def step(self, now_ms: int) -> int:
        """Act once, at the present; how many invocations began."""
