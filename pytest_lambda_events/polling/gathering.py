"""Reading ahead: what a lane still wants, and which lane gets what was read. The law: the filter comes first, and what
it drops, or what retention took before it was read, has its fate at once.

A lane wants records as long as another one could change its next batch: none while it is busy, full, or at the end of a
tumbling window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.polling.batching import PAYLOAD_LIMIT_BYTES
from pytest_lambda_events.polling.reading import UNROUTED, Held
from pytest_lambda_events.polling.windows import start_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.polling.ports import StreamBroker, StreamShape
    from pytest_lambda_events.polling.reading import Lane, Reader
    from pytest_lambda_events.polling.stream_settling import StreamSettler

__all__ = ["Gatherer"]


class Gatherer:
    """Reads for one mapping, by one configuration; `passes` is its filter, None without one."""

    def __init__(
        self,
        config: MappingConfig,
        *,
        broker: StreamBroker,
        shape: StreamShape,
        passes: Callable[[str], bool] | None,
        settler: StreamSettler,
        metrics: dict[str, int],
    ) -> None:
        self._batch_size = config.batch_size
        self._tumbling_ms = config.tumbling_ms
        # records in the order of their window take one lane (AWS refuses to have both)
        self._lanes = 1 if config.tumbling_ms else config.parallelization
        self._most_bytes = PAYLOAD_LIMIT_BYTES - shape.overhead
        self._broker = broker
        self._shape = shape
        self._passes = passes
        self._settler = settler
        self._metrics = metrics

    def is_full(self, lane: Lane) -> bool:
        """Whether a batch goes without more records, though it has fewer than BatchSize."""
        if lane.waiting_bytes >= self._most_bytes:
            return True
        if not self._tumbling_ms or not lane.waiting:
            return False
        first, last = lane.waiting[0].record, lane.waiting[-1].record
        return start_of(first.arrival_ms, self._tumbling_ms) != start_of(last.arrival_ms, self._tumbling_ms)

    def wants(self, reader: Reader) -> bool:
        """Whether there is something to read, and a lane that would take it."""
        return reader.has_unread and any(map(self._is_hungry, reader.lanes))

    def _is_hungry(self, lane: Lane) -> bool:
        return lane.is_free and len(lane.waiting) < self._batch_size and not self.is_full(lane)

    def gather(self, reader: Reader, now_ms: int) -> bool:
        """Read as much as the lanes want; whether retention has taken records that were never read."""
        has_lost = False
        if not reader.lanes:
            if reader.in_flight:
                return False
            reader.begin(self._lanes)
        while self.wants(reader):
            room = max(self._batch_size - len(lane.waiting) for lane in reader.lanes if self._is_hungry(lane))
            place, records = self._broker.read(reader.shard_id, reader.place, room, now_ms)
            if place > reader.place:
                self._expire(reader, place, now_ms)
                has_lost = True
            reader.place = place + self._sort(reader, place, records, now_ms)
        return has_lost

    def _expire(self, reader: Reader, place: int, now_ms: int) -> None:
        lost = [
            Held(at, reader.shard.records[at], "", 0, UNROUTED)
            for at in range(reader.place, place)
            if not reader.progress.has_ended(at)
        ]
        self._settler.end(reader, lost, now_ms, "expired")

    def _sort(self, reader: Reader, place: int, records: Sequence[Any], now_ms: int) -> int:
        """Filter, and let each record wait in its lane; how many, up to those that would fill an event."""
        shape, passes, routes, has_ended = self._shape, self._passes, reader.routes, reader.progress.has_ended
        lane = reader.lanes[0]
        filtered = []
        polled, taken, at = 0, 0, place - 1
        for at, record in enumerate(records, place):
            if has_ended(at):  # by an invocation that overlapped with a change of the mapping
                continue
            polled += 1
            text = shape.record_text(record)
            if passes is not None and not passes(text):
                filtered.append(Held(at, record, text, 0, UNROUTED))
                continue
            key = UNROUTED
            if routes is not None:
                key = shape.order_key(record)
                lane = reader.lanes[routes.enter(key)]
            size = len(text) if text.isascii() else len(text.encode())
            lane.hold(Held(at, record, text, size, key))
            taken += size
            if taken >= self._most_bytes:
                break
        self._metrics["PolledEventCount"] += polled
        self._metrics["FilteredOutEventCount"] += len(filtered)
        self._settler.end(reader, filtered, now_ms, "filtered")
        return at + 1 - place
