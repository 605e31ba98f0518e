"""The log by itself: offsets, partitions, timestamps, retention, announced puts."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from pytest_lambda_events.brokers.memory_log import Draft, MemoryLog
from pytest_lambda_events.errors import ConservationError
from pytest_lambda_events.model.partitioner import partition_for_key

DAY_MS = 86_400_000
NOW_MS = 10 * DAY_MS


@dataclass(frozen=True)
class Line:
    partition: int
    offset: int
    timestamp: int = NOW_MS
    key: bytes | None = None
    batch_bytes: int = 100

    @property
    def id(self):
        return f"{self.partition}-{self.offset}"


class Journal:
    def __init__(self):
        self.entries = []

    def entered(self, at_ms, arn, record):
        self.entries.append((at_ms, arn, record.id))


class Listener:
    def __init__(self):
        self.heard = []

    def appended(self, at_ms, record):
        self.heard.append((at_ms, record.id))

    def trimmed(self, at_ms, partition, first):
        self.heard.append((at_ms, partition, first))


@pytest.fixture
def make():
    def make_log(partitions=1, retention_ms=7 * DAY_MS):
        return MemoryLog(
            "topic", partitions=partitions, journal=Journal(), dice=random.Random(0), retention_ms=retention_ms
        )

    return make_log


def put(log, partition=0, now_ms=NOW_MS, timestamp=None, **fields):
    record = Line(partition, log.partitions[partition].end, now_ms if timestamp is None else timestamp, **fields)
    log.append(record, now_ms)
    return record


def drafted(log, keys, *, size=100, partition=None):
    draft = Draft(log)
    for key in keys:
        chosen, offset = draft.placing(partition)(key)
        record = Line(chosen, offset, key=key, batch_bytes=size)
        draft.add(record, is_sticky=partition is None and key is None)
    return draft


def test_offsets_count_each_partition_and_the_order_is_of_all(make) -> None:
    """A record that would leave a gap has no place."""
    log = make(2)
    records = [put(log, 0), put(log, 1), put(log, 0)]
    assert [record.id for record in records] == ["0-0", "1-0", "0-1"]
    assert log.order == records
    assert [list(partition.places) for partition in log.partitions] == [[0, 2], [1]]
    assert [entry[2] for entry in log._journal.entries] == ["0-0", "1-0", "0-1"]
    with pytest.raises(ConservationError, match="the next offset is 2"):
        log.append(Line(0, 3), NOW_MS)


def test_keys_decide_as_in_kafkas_java_client(make) -> None:
    """murmur2 of the key, whatever was there before; an explicit partition wins."""
    log = make(8)
    keys = [f"customer-{number}".encode() for number in range(50)]
    draft = drafted(log, keys)
    assert [record.partition for record in draft.records] == [partition_for_key(key, 8) for key in keys]
    log.append_all(draft, NOW_MS)
    assert [record.offset for record in drafted(log, keys[:1]).records] == [
        log.partitions[partition_for_key(keys[0], 8)].end
    ]
    assert [record.partition for record in drafted(log, keys[:3], partition=5).records] == [5, 5, 5]


def test_records_without_a_key_stay_together_until_a_batch_is_full(make) -> None:
    """16,384 bytes, also over several sends; then another partition is drawn, which may be the same."""
    log = make(8)
    log.append_all(drafted(log, [None] * 3, size=5_000), NOW_MS)
    log.append_all(drafted(log, [None] * 9, size=5_000), NOW_MS)
    runs = [record.partition for record in log.order]
    assert runs == [runs[0]] * 4 + [runs[4]] * 4 + [runs[8]] * 4
    assert len(set(runs)) > 1


def test_a_draft_that_is_dropped_changes_nothing(make) -> None:
    """Neither offsets nor the bytes of the open batch."""
    log = make(1)
    drafted(log, [None] * 3, size=9_000)
    assert (log.sticky, log.sticky_bytes, log.partitions[0].end) == (None, 0, 0)


def test_retention_takes_from_the_front_at_the_very_moment(make) -> None:
    """Offsets stay; the listener hears of each moment once."""
    log = make(2, retention_ms=1_000)
    listener = Listener()
    end = log.subscribe(listener)
    put(log, 0)
    put(log, 0)
    put(log, 1, NOW_MS + 400)
    log.settle(NOW_MS + 999)
    assert [partition.first for partition in log.partitions] == [0, 0]
    log.settle(NOW_MS + 1_400)
    assert [partition.first for partition in log.partitions] == [2, 1]
    assert listener.heard[3:] == [(NOW_MS + 1_000, 0, 2), (NOW_MS + 1_400, 1, 1)]
    assert log.retained(NOW_MS + 1_400) == []
    end()
    record = put(log, 0, NOW_MS + 2_000)
    assert record.offset == 2
    assert log.retained(NOW_MS + 2_000) == [record]
    assert len(listener.heard) == 5


def test_a_late_timestamp_keeps_what_is_behind_it(make) -> None:
    """Kafka deletes from the front only."""
    log = make(retention_ms=DAY_MS)
    first = put(log, timestamp=NOW_MS + 500)
    second = put(log, timestamp=NOW_MS)
    assert log.expires_ms(first) == log.expires_ms(second) == NOW_MS + DAY_MS + 500


@pytest.mark.parametrize(("retention_ms", "stays_ms"), [(DAY_MS, 300_000), (60_000, 60_000)])
def test_an_old_timestamp_stays_until_the_broker_looks(make, retention_ms, stays_ms) -> None:
    """Five minutes, or as long as retention if that is less."""
    log = make(retention_ms=retention_ms)
    assert log.expires_ms(put(log, timestamp=1)) == NOW_MS + stays_ms


def test_a_record_without_a_timestamp_counts_from_its_coming(make) -> None:
    """NO_TIMESTAMP_TYPE."""
    log = make(retention_ms=DAY_MS)
    assert log.expires_ms(put(log, timestamp=-1)) == NOW_MS + DAY_MS


def test_without_retention_nothing_goes(make) -> None:
    """retention.ms = -1."""
    log = make(retention_ms=None)
    record = put(log)
    log.settle(NOW_MS + 1_000 * DAY_MS)
    assert log.expires_ms(record) is None
    assert log.retained(NOW_MS) == [record]


def test_lookup_by_timestamp_finds_the_first_that_is_not_earlier(make) -> None:
    """Also where timestamps fall, and where what was latest is gone."""
    log = make(retention_ms=DAY_MS)
    for second in (1, 5, 3, 7):
        put(log, timestamp=NOW_MS + second)
    found = [log.offset_at(0, NOW_MS + second, NOW_MS) for second in range(9)]
    assert found == [0, 0, 1, 1, 1, 1, 3, 3, 4]
    falling = make(retention_ms=DAY_MS)
    put(falling, now_ms=NOW_MS - DAY_MS, timestamp=NOW_MS)
    put(falling, now_ms=NOW_MS - 1, timestamp=NOW_MS - 5)
    put(falling, now_ms=NOW_MS - 1, timestamp=NOW_MS + 5)
    falling.partitions[0].first = 1
    assert falling.offset_at(0, NOW_MS - 2, NOW_MS) == 2


def test_announced_puts_happen_in_their_order_between_the_ends_of_retention(make) -> None:
    """Each with its own moment, however late somebody looks."""
    log = make(retention_ms=1_000)
    listener = Listener()
    log.subscribe(listener)
    assert log.next_change(NOW_MS) is None
    log.announce(NOW_MS + 2_000, lambda at_ms: put(log, now_ms=at_ms))
    log.announce(NOW_MS + 500, lambda at_ms: put(log, now_ms=at_ms))
    assert log.next_change(NOW_MS) == NOW_MS + 500
    assert log.next_change(NOW_MS + 700) == NOW_MS + 700
    log.settle(NOW_MS + 2_500)
    assert listener.heard == [(NOW_MS + 500, "0-0"), (NOW_MS + 1_500, 0, 1), (NOW_MS + 2_000, "0-1")]
    assert [record.offset for record in log.retained(NOW_MS + 2_500)] == [1]


def test_a_group_is_there_as_soon_as_somebody_asks(make) -> None:
    """And is the same one afterwards."""
    log = make(3)
    assert log.group("billing") is log.group("billing")
    assert log.groups.keys() == {"billing"}
    assert repr(log.partitions[0]) == "<Partition 0: offsets 0 to -1>"
