"""Which partitions a mapping reads, and from where. The law: a mapping is a member of its consumer group, and no more;
every record of its partitions is announced to the journal, once, and ends there or goes to another member (`moved`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import ConservationError
from pytest_lambda_events.polling.log_reading import Lane, Reader, lane_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.model.trace import Ledger
    from pytest_lambda_events.polling.log_ports import LogBroker, LogGroup, LogPartition
    from pytest_lambda_events.polling.log_reading import LogBatch

__all__ = ["LogFollowing"]


class LogFollowing:
    """The partitions of one mapping: `readers` by partition, in `lanes`; `in_flight` is what is with the function.

    `records_before_latest` counts what a mapping that begins at LATEST does not see.
    """

    def __init__(
        self,
        uuid: str,
        config: MappingConfig,
        *,
        broker: LogBroker,
        group: LogGroup,
        ledger: Ledger,
        metrics: dict[str, int],
        now_ms: int,
    ) -> None:
        self.records_before_latest = 0
        self.readers: dict[int, Reader] = {}
        self.in_flight: list[LogBatch] = []
        self._uuid = uuid
        self._config = config
        self._broker = broker
        self._group = group
        self._ledger = ledger
        self._metrics = metrics
        self.lanes: list[Lane] = self._new_lanes()
        broker.settle(now_ms)
        self._unsubscribe: Callable[[], None] | None = broker.subscribe(self)
        if config.enabled:
            group.join(self, now_ms)
        elif config.starting_position != "LATEST":
            group.hold(self, now_ms)

    def reconfigure(self, config: MappingConfig, now_ms: int) -> None:
        """Read on by another configuration, in fresh lanes. A disabled mapping leaves its group."""
        was_enabled, self._config = self._config.enabled, config
        self.lanes = self._new_lanes()
        for reader in self.readers.values():
            reader.since_ms = now_ms
        self._broker.settle(now_ms)
        if config.enabled and not was_enabled:
            self._group.join(self, now_ms)
        elif was_enabled and not config.enabled:
            self._group.leave(self, now_ms)

    def close(self) -> None:
        """Expect nothing more."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    # -- a member of the group --------------------------------------------------------------------------------------

    def assigned(self, partitions: Sequence[int], now_ms: int) -> None:
        """Read these, too, from what the group has committed; where it has nothing, from StartingPosition."""
        expected: list[tuple[int, Any]] = []
        for number in partitions:
            partition = self._broker.partitions[number]
            start = self._group.committed.get(number)
            if start is None:
                start = self._first_offset(partition, now_ms)
                self._group.commit(number, start)
            reader = self.readers[number] = Reader(partition, max(start, partition.first), now_ms)
            lane = self.lane_of(number)
            lane.readers[number] = reader
            lane.begins_at([_place(reader, len(self._broker.order))])
            there = slice(reader.position, partition.end)
            found = zip(partition.places[there], partition.records[there], strict=True)
            expected += [pair for pair in found if pair[1] is not None]
            self._note_lag(reader)
        for _, record in sorted(expected, key=lambda pair: pair[0]):
            self._ledger.expects(now_ms, self._uuid, record)

    def _first_offset(self, partition: LogPartition, now_ms: int) -> int:
        position, at_ms = self._config.starting_position, self._config.starting_ms
        if position == "LATEST":
            self.records_before_latest += partition.end - partition.first
            return partition.end
        if position == "AT_TIMESTAMP" and at_ms is not None:
            return self._broker.offset_at(partition.number, at_ms, now_ms)
        return partition.first

    def revoked(self, partitions: Sequence[int], now_ms: int) -> None:
        """Another member reads these from now on, and so all that has not ended."""
        for number in partitions:
            reader = self.readers.pop(number)
            lane = self.lane_of(number)
            del lane.readers[number]
            gone = reader.open_offsets(reader.partition.end)
            reader.is_revoked = True
            lane.forget_ended()
            if gone:
                self._ledger.moved(now_ms, self._uuid, _ids(reader, gone))

    def appended(self, at_ms: int, record: Any) -> None:
        """A record came into the topic."""
        reader = self.readers.get(record.partition)
        if reader is not None:
            reader.expected += 1
            self._ledger.expects(at_ms, self._uuid, record)
            self._note_lag(reader)

    def trimmed(self, at_ms: int, partition: int, first: int) -> None:
        """Retention took what stands before `first`. What is with the function is decided when that ends."""
        reader = self.readers.get(partition)
        if reader is None:
            return
        flying = {one.record.offset for batch in self.in_flight for one in batch.held if one.reader is reader}
        lost = [offset for offset in reader.open_offsets(first) if offset not in flying]
        reader.position = max(reader.position, first)
        if lost:
            reader.progress.end(lost)
            self._ledger.left(at_ms, self._uuid, _ids(reader, lost), "expired")
            self.lane_of(partition).forget_ended()

    def skipped(self, partition: int, offsets: range) -> None:
        """Nothing stands at these offsets, the next ones: there is nothing to wait for."""
        reader = self.readers.get(partition)
        if reader is not None:
            reader.expected += len(offsets)
            reader.progress.end(offsets)

    def _note_lag(self, reader: Reader) -> None:
        lag = reader.partition.end - self._group.committed[reader.partition.number]
        if self._config.enabled and lag > self._metrics["OffsetLag"]:
            self._metrics["OffsetLag"] = lag

    def commit(self, readers: Iterable[Reader]) -> None:
        """Commit as far as everything has ended."""
        for reader in readers:
            number, offset = reader.partition.number, reader.progress.checkpoint
            ahead = offset - self._group.committed[number]
            if ahead > 0 and not reader.is_revoked:
                self._metrics["CommittedEventCount"] += ahead
                self._group.commit(number, offset)

    # -- lanes ------------------------------------------------------------------------------------------------------

    def _new_lanes(self) -> list[Lane]:
        """Fresh lanes for the partitions that are read; each goes to the same lane whoever else joins."""
        lanes = [Lane() for _ in range(lane_count(self._config.parameters, len(self._broker.partitions)))]
        for number, reader in self.readers.items():
            lanes[number % len(lanes)].readers[number] = reader
        return lanes

    def lane_of(self, partition: int) -> Lane:
        """The lane of a partition's records."""
        return self.lanes[partition % len(self.lanes)]

    def may_begin(self, lane: Lane) -> bool:
        """Whether a lane could begin: nothing of its partitions, lost ones too, is with the function from before."""
        return not lane.is_begun and not any(
            self.lane_of(record.partition) is lane for batch in self.in_flight for record in batch.records
        )

    def begin(self, lane: Lane, now_ms: int) -> None:
        """Read on from what the group has committed, whether or not that is where this mapping has stopped."""
        again: list[tuple[int, Any]] = []
        for number, reader in lane.readers.items():
            partition = reader.partition
            start = max(self._group.committed[number], partition.first)
            skipped = reader.open_offsets(start)
            if skipped:
                self._ledger.moved(now_ms, self._uuid, _ids(reader, skipped))
            again += [(partition.places[one], partition.records[one]) for one in reader.ended_offsets(start)]
            reader.begin(start)
            self._note_lag(reader)
        for _, record in sorted(again, key=lambda pair: pair[0]):
            self._ledger.expects(now_ms, self._uuid, record)
        lane.is_begun = True
        lane.cursor = len(self._broker.order)
        lane.begins_at([_place(reader, lane.cursor) for reader in lane.readers.values()])

    # -- nothing is lost --------------------------------------------------------------------------------------------

    def agree(self, batch: LogBatch) -> None:
        """A comparison for each outcome: a partition's records are those announced. Errors: `ConservationError`."""
        for reader in batch.readers:
            if self._unsubscribe is not None and not reader.is_revoked and reader.expected != reader.partition.end:
                raise ConservationError(f"{self._uuid} expects {reader.expected} records of {reader.partition!r}")

    def check(self) -> None:
        """Count everything: each record of the mapping has ended or is in one place, and the ledger agrees.

        It costs the whole topic each time. Errors: `ConservationError`.
        """
        pending: list[str] = []
        for lane in self.lanes:
            places: dict[Reader, list[int]] = {reader: [] for reader in lane.readers.values()}
            for one in (*lane.waiting, *(one for batch in lane.work for one in batch.held)):
                if not one.reader.is_revoked:
                    places[one.reader].append(one.record.offset)
            for reader, held in places.items():
                unread = reader.open_offsets(reader.position)
                if lane.is_begun and sorted(held) != unread:
                    raise ConservationError(f"{reader.partition!r}: read and not ended {unread}, but held are {held}")
                pending += _ids(reader, reader.open_offsets(reader.partition.end))
        place = self._ledger.places.get(self._uuid, [])
        fates = self._ledger.fates([self._uuid], [len(place)])
        noted = [record_id for record_id, fate in fates.items() if fate == "pending"]
        if self._unsubscribe is not None and sorted(noted) != sorted(pending):
            raise ConservationError(f"{self._uuid}: pending in the ledger are {noted}, in the topic {pending}")


def _place(reader: Reader, behind: int) -> int:
    """Where a reader's next record stands in the topic's order; `behind` all of them when there is none yet."""
    places = reader.partition.places
    return places[reader.position] if reader.position < len(places) else behind


def _ids(reader: Reader, offsets: Iterable[int]) -> tuple[str, ...]:
    return tuple([reader.partition.records[offset].id for offset in offsets])
