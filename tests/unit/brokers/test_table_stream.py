"""The stream of a table without moto: shards that follow one another, records of changes, and what falls due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.brokers.table_stream import Change, TableStream
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.dynamodb_numbers import SHARD
from pytest_lambda_events.model.trace import Ledger

if TYPE_CHECKING:
    from pytest_lambda_events.model.dynamodb_record import DynamoDbRecord, ViewType

HOUR = 3_600_000
START = 1_735_689_600_000
ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/users/stream/2025-01-01T00:00:00.000"


class Table:
    """What falls due by itself, said by the test."""

    def __init__(self) -> None:
        self.settled: list[int] = []
        self.announced: int | None = None
        self.expiry: int | None = None

    def settle(self, now_ms: int) -> None:
        self.settled.append(now_ms)

    def next_announced_ms(self) -> int | None:
        return self.announced

    def next_expiry_ms(self) -> int | None:
        return self.expiry


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def stream(table: Table, ledger: Ledger) -> TableStream:
    return made(table, ledger)


def made(table: Table, ledger: Ledger, view: ViewType = "NEW_AND_OLD_IMAGES") -> TableStream:
    return TableStream(ARN, view=view, created_ms=START, table=table, journal=ledger, identifiers=Identifiers(0))


def write(stream: TableStream, at_ms: int, name: str = "a", **how: Any) -> DynamoDbRecord:
    keys = {"id": {"S": name}}
    return stream.write(Change(**{"keys": keys, "old_image": None, "new_image": keys, **how}), at_ms)


def test_a_change_becomes_a_record_that_the_journal_is_told(stream: TableStream, ledger: Ledger) -> None:
    """It has arrived when the write happened."""
    record = write(stream, START + 5)
    assert (record.event_name, record.created_ms, record.arrival_ms) == ("INSERT", START + 5, START + 5)
    assert list(ledger.known(ARN)) == [record]
    assert (record.size_bytes, record.user_identity) == (6, None)


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [(None, {"id": {"S": "a"}}, "INSERT"), ({"id": {"S": "a"}}, None, "REMOVE"), ({"id": {"S": "a"}}, {}, "MODIFY")],
)
def test_a_change_is_named_by_its_images(old: Any, new: Any, name: str) -> None:
    """An image that is not there says that there was, or is, no item."""
    assert Change(keys={"id": {"S": "a"}}, old_image=old, new_image=new).event_name == name


def test_the_view_type_is_the_streams(table: Table, ledger: Ledger) -> None:
    """What it leaves out is not counted either."""
    record = write(made(table, ledger, "KEYS_ONLY"), START)
    assert (record.new_image, record.old_image, record.view_type, record.size_bytes) == (None, None, "KEYS_ONLY", 3)


def test_an_expiry_says_so(stream: TableStream) -> None:
    """The service itself removed the item."""
    record = write(stream, START, old_image={"id": {"S": "a"}}, new_image=None, by_ttl=True)
    assert record.event_name == "REMOVE"
    assert dict(record.user_identity or {}) == {"principalId": "dynamodb.amazonaws.com", "type": "Service"}


def test_a_shard_takes_records_for_four_hours(stream: TableStream) -> None:
    """The next one has it as its parent, and begins at the same moment."""
    write(stream, START)
    write(stream, START + 4 * HOUR - 1)
    write(stream, START + 4 * HOUR)
    first, second = stream.shards.values()
    assert (first.end, first.closed_ms, first.parents) == (2, START + 4 * HOUR, ())
    assert (second.end, second.closed_ms, second.parents) == (1, None, (first.id,))
    assert second.created_ms == START + 4 * HOUR
    assert all(SHARD.fullmatch(shard.id) for shard in (first, second))
    assert stream.children(first.id) == [second.id]
    numbers = [int(record.id) for shard in (first, second) for record in shard.records]
    assert numbers == sorted(numbers)
    assert int(first.records[-1].id) < int(stream.starts[second.id]) < int(second.records[0].id)


def test_shards_that_nothing_came_into_are_passed_over(stream: TableStream) -> None:
    """A quiet week makes one shard, which lies on the four-hour grid."""
    stream.settle(START + 50 * HOUR)
    first, second = stream.shards.values()
    assert (first.closed_ms, second.created_ms) == (START + 4 * HOUR, START + 48 * HOUR)
    stream.settle(START + 51 * HOUR)
    assert len(stream.shards) == 2


def test_a_disabled_stream_ends_its_shard_and_can_be_read_for_a_day(stream: TableStream) -> None:
    """No shard follows it."""
    record = write(stream, START)
    stream.disable(START + HOUR)
    stream.settle(START + 5 * HOUR)
    [shard] = stream.shards.values()
    assert (shard.closed_ms, stream.last_number(shard)) == (START + HOUR, record.id)
    assert stream.is_readable(START + 25 * HOUR - 1)
    assert not stream.is_readable(START + 25 * HOUR)


def test_an_empty_closed_shard_ends_where_it_starts(stream: TableStream) -> None:
    """As in the documentation's sample; an open one has no end."""
    [shard] = stream.shards.values()
    assert stream.last_number(shard) is None
    stream.disable(START)
    assert stream.last_number(shard) == stream.starts[shard.id]


def test_shards_are_shown_until_their_last_record_may_be_trimmed(stream: TableStream) -> None:
    """A day after they closed."""
    stream.settle(START + 4 * HOUR)
    first, second = stream.shards
    assert [shard.id for shard in stream.listed_shards(START + 28 * HOUR - 1)] == [first, second]
    assert [shard.id for shard in stream.listed_shards(START + 28 * HOUR)] == [second]


def test_records_are_kept_for_a_day(stream: TableStream) -> None:
    """At exactly 24 hours they are gone."""
    record = write(stream, START)
    [shard_id] = stream.shards
    assert stream.read(shard_id, 0, 10, START + 24 * HOUR - 1) == (0, [record])
    assert stream.read(shard_id, 0, 10, START + 24 * HOUR) == (1, [])
    assert stream.expires_ms(record) == START + 24 * HOUR


def test_the_table_is_settled_before_anything_is_read(stream: TableStream, table: Table) -> None:
    """What fell due there belongs into the stream first."""
    [shard_id] = stream.shards
    stream.read(shard_id, 0, 10, START + 1)
    assert table.settled == [START + 1]


def test_what_comes_by_itself_is_what_was_announced(stream: TableStream, table: Table) -> None:
    """Expiries are asked for apart: a run does not wait for them."""
    assert (stream.next_change(START), stream.next_expiry_ms(START)) == (None, None)
    table.announced, table.expiry = START + 10, START + 20
    assert (stream.next_change(START), stream.next_expiry_ms(START)) == (START + 10, START + 20)
    assert (stream.next_change(START + 30), stream.next_expiry_ms(START + 30)) == (START + 30, START + 30)


def test_the_same_seed_makes_the_same_stream(table: Table, ledger: Ledger) -> None:
    """Ids included."""
    one, other = made(table, ledger), made(Table(), Ledger())
    assert list(one.shards) == list(other.shards)
    first, second = write(one, START), write(other, START)
    assert (first.id, first.event_id) == (second.id, second.event_id)
