"""Which shards a mapping reads, and from where. The law: a shard that came from others waits until they are drained;
one that comes later is read from its beginning; every record that will be read is announced to the journal, once.

Rules: Lambda Developer Guide, "Polling and batching streams"; recorded for resharding: siblings run concurrently, a
merged child waits for both parents.
"""

from __future__ import annotations

from collections import Counter
from heapq import merge
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import ConservationError
from pytest_lambda_events.polling.reading import Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.model.trace import Ledger
    from pytest_lambda_events.polling.ports import StreamBroker

__all__ = ["Following"]

_arrival_ms = attrgetter("arrival_ms")


class Following:
    """The shards of one mapping: `readers` of all that were ever seen, `active` those that are read now."""

    def __init__(self, uuid: str, broker: StreamBroker, ledger: Ledger) -> None:
        self.readers: dict[str, Reader] = {}
        self.active: dict[str, Reader] = {}
        self.has_begun = False
        self._uuid = uuid
        self._broker = broker
        self._ledger = ledger
        self._orphans: list[Reader] = []  # wait until their parents are drained
        self._expected: Counter[str] = Counter()
        self._unsubscribe: Callable[[], None] | None = None

    # -- where it begins --------------------------------------------------------------------------------------------

    def begin(self, config: MappingConfig, now_ms: int) -> None:
        """Take a place in each shard that is there. LATEST is where the stream ends now."""
        self.has_begun = True
        self._broker.settle(now_ms)
        for shard_id, shard in self._broker.shards.items():
            self.readers[shard_id] = Reader(shard, self._first_place(config, shard, now_ms), now_ms)
        self._orphans = list(self.readers.values())
        for reader in self._orphans:
            self._expected[reader.shard_id] = reader.shard.end - reader.first
        known = [reader.shard.records[reader.first :] for reader in self._orphans]
        for record in merge(*known, key=_arrival_ms):
            self._ledger.expects(now_ms, self._uuid, record)
        self._unsubscribe = self._broker.subscribe(self._expect)

    def _first_place(self, config: MappingConfig, shard: Any, now_ms: int) -> int:
        if config.starting_position == "LATEST":
            return int(shard.end)
        if config.starting_position == "AT_TIMESTAMP" and config.starting_ms is not None:
            return self._broker.place_at(shard.id, config.starting_ms, now_ms)
        return int(shard.first)

    def _expect(self, at_ms: int, shard_id: str, record: Any) -> None:
        self._expected[shard_id] += 1
        self._ledger.expects(at_ms, self._uuid, record)

    def close(self) -> None:
        """Announce nothing more."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    # -- how it goes on ---------------------------------------------------------------------------------------------

    @property
    def is_behind(self) -> bool:
        """Whether there are shards to take up."""
        shards, readers = self._broker.shards, self.readers
        if len(shards) != len(readers) and any(shard_id not in readers for shard_id in shards):
            return True
        return any(map(self._may_start, self._orphans))

    def follow(self, now_ms: int) -> None:
        """Take up new shards, and leave those that are drained."""
        for reader in [reader for reader in self.active.values() if reader.is_done and not reader.in_flight]:
            del self.active[reader.shard_id]
        while self.is_behind:
            for shard_id, shard in self._broker.shards.items():
                if shard_id not in self.readers:
                    self.readers[shard_id] = Reader(shard, 0, now_ms)
                    self._orphans.append(self.readers[shard_id])
            ready = [reader for reader in self._orphans if self._may_start(reader)]
            self._orphans = [reader for reader in self._orphans if reader not in ready]
            self.active.update((reader.shard_id, reader) for reader in ready)

    def _may_start(self, reader: Reader) -> bool:
        """Whether its parents are drained; those that are not there any more are."""
        return all(self.readers[one].is_done for one in reader.shard.parents if one in self.readers)

    # -- nothing is lost --------------------------------------------------------------------------------------------

    def agree(self, reader: Reader) -> None:
        """A comparison for each outcome: the records of a shard are those announced. Errors: `ConservationError`."""
        expected, there = self._expected[reader.shard_id], reader.shard.end - reader.first
        if self._unsubscribe is not None and expected != there:
            raise ConservationError(f"{self._uuid} expects {expected} records of {reader.shard_id}, which has {there}")

    def check(self) -> None:
        """Count everything: each record has ended or is in one place, and the ledger agrees.

        It costs the whole stream each time. Errors: `ConservationError`.
        """
        pending = [
            record.id
            for shard_id, shard in self._broker.shards.items()
            if shard_id not in self.readers  # opened since it last had a turn
            for record in shard.records
        ]
        for reader in self.readers.values():
            held, due = sorted(reader.held_places()), reader.open_places()
            if len(set(held)) != len(held) or (reader.lanes and held != due):
                raise ConservationError(f"{reader.shard_id}: read and not ended are {due}, but held are {held}")
            pending += [record.id for record in reader.open_records()]
        entries = self._ledger.places.get(self._uuid, [])
        fates = self._ledger.fates([self._uuid], [len(entries)])
        noted = [record_id for record_id, fate in fates.items() if fate == "pending"]
        if self._unsubscribe is not None and sorted(noted) != sorted(pending):
            raise ConservationError(f"{self._uuid}: pending in the ledger are {noted}, in the stream {pending}")
