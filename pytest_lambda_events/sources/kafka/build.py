"""Kafka events without a poller. The law: the records of one batch, where the topic would have put them.

`send` is what Amazon MSK's builder shares: the events differ in their envelope only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.building import compact, each, finished, moment_ms, payloads_of
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.kafka_record import MAX_MESSAGE_BYTES, check_topic
from pytest_lambda_events.model.partitioner import partition_for_key
from pytest_lambda_events.model.schema_framing import schema_from
from pytest_lambda_events.sources.kafka.event import event_of
from pytest_lambda_events.sources.kafka.make import make_record
from pytest_lambda_events.sources.kafka.servers import servers_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pytest_lambda_events.model.kafka_record import KafkaRecord, TimestampType
    from pytest_lambda_events.model.schema_framing import KafkaSchema, Registry

__all__ = ["delivered", "kafka_event", "send"]

_MOST_RECORDS: Final = 10_000  # API Reference, CreateEventSourceMapping: BatchSize of Kafka
_MOST_BYTES: Final = 6 * 1024 * 1024  # Developer Guide, Lambda quotas: invocation payload
_MOST_OFFSET: Final = 2**63 - 1
_LIKELY_OFFSETS: Final = 1_000_000


def kafka_event(
    *payloads: Any,
    topic: str = "orders",
    count: int | None = None,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    key: str | bytes | Callable[[int], str | bytes | None] | None = None,
    headers: Mapping[str, Any] | Iterable[tuple[str, Any]] | Callable[[int], Any] | None = None,
    partition: int | Callable[[int], int | None] | None = None,
    partitions: int = 1,
    offset: int | Callable[[int], int] | None = None,
    timestamp: int | Callable[[int], int | None] | None = None,
    timestamp_type: TimestampType | Callable[[int], TimestampType] = "CREATE_TIME",
    key_schema: KafkaSchema | Mapping[str, Any] | Callable[[int], Any] | None = None,
    value_schema: KafkaSchema | Mapping[str, Any] | Callable[[int], Any] | None = None,
    framing: Registry | None = None,
    max_message_bytes: int = MAX_MESSAGE_BYTES,
    bootstrap_servers: str | Sequence[str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Any:
    """An event of a self-managed Kafka topic of one record for each payload, by partition and in offset order.

    Args:
        payloads: The values: `str`, `bytes` as they are, None a tombstone, else compact JSON; orders when none given.
        topic: The topic's name.
        count: How often to repeat a single payload, or how many orders to make when no payload is given.
        seed: Fixes every offset and choice: same seed, same event.
        time: When the records were sent, ISO 8601 or a datetime; the virtual present when a harness is active.
        key: The key, as payloads are written; no key when left out.
        headers: Header values (str or bytes) by name, or (name, value) pairs where a name comes twice.
        partition: The partition; where Kafka's default partitioner would put the record when left out.
        partitions: How many partitions the topic has: keys decide among them, records without a key stay together.
        offset: The offset of a partition's first record, or a function of the partition; drawn when left out.
        timestamp: When the record was sent, in epoch milliseconds, instead of time.
        timestamp_type: CREATE_TIME, LOG_APPEND_TIME, or NO_TIMESTAMP_TYPE (then timestamp is -1).
        key_schema: The registry's schema of the key, {"schemaId": "7", "dataFormat": "AVRO"} (or JSON, PROTOBUF).
        value_schema: The registry's schema of the value; the payload is what a serializer made, and travels as it is.
            One that a harness's registry gave encodes the payload.
        framing: Where schema ids stand when the mapping has no registry: in the bytes, as of confluent or glue.
        max_message_bytes: The topic's max.message.bytes; what is larger is refused.
        bootstrap_servers: The brokers' addresses, host:port.
        overrides: What to put at which path when all is derived, e.g. `{"records[*][0].offset": 7}`.

    An argument of the records may be a function of the record's number (from 0) instead of one value for all.
    Errors: `UsageError`.
    """
    identifiers = Identifiers(seed)
    records = send(
        payloads,
        identifiers=identifiers,
        topic=topic,
        count=count,
        sent_ms=moment_ms(time),
        key=key,
        headers=headers,
        partition=partition,
        partitions=partitions,
        offset=offset,
        timestamp=timestamp,
        timestamp_type=timestamp_type,
        key_schema=key_schema,
        value_schema=value_schema,
        framing=framing,
        max_message_bytes=max_message_bytes,
    )
    return delivered(event_of(records, ",".join(servers_of(bootstrap_servers))), overrides)


def send(
    payloads: Sequence[Any],
    *,
    identifiers: Identifiers,
    topic: str,
    count: int | None,
    sent_ms: int,
    key: Any,
    headers: Any,
    partition: int | Callable[[int], int | None] | None,
    partitions: int,
    offset: int | Callable[[int], int] | None,
    timestamp: int | Callable[[int], int | None] | None,
    timestamp_type: TimestampType | Callable[[int], TimestampType],
    key_schema: Any,
    value_schema: Any,
    framing: Registry | None,
    max_message_bytes: int,
) -> list[KafkaRecord]:
    """The records that come of the payloads; the arguments are those of `kafka_event`. Errors: `UsageError`."""
    log = _Log(check_topic(topic), partitions, offset, identifiers)
    values = payloads_of(payloads, count, kind="order", identifiers=identifiers)
    if len(values) > _MOST_RECORDS:
        raise UsageError(f"{len(values):,} records: a batch of a Kafka topic has at most {_MOST_RECORDS:,}")
    if framing and key_schema is None and value_schema is None:
        raise UsageError(f"framing={framing!r} writes a schema's id: say which, with value_schema= or key_schema=")
    return [
        make_record(
            value,
            topic=topic,
            place=log.placing(each(partition, number)),
            sent_ms=sent_ms,
            timestamp=each(timestamp, number),
            timestamp_type=each(timestamp_type, number),
            key=each(key, number),
            headers=each(headers, number),
            key_schema=schema_from(each(key_schema, number)),
            value_schema=schema_from(each(value_schema, number)),
            framing=framing,
            max_message_bytes=max_message_bytes,
        )
        for number, value in enumerate(values)
    ]


def delivered(event: dict[str, Any], overrides: Mapping[str, Any] | None) -> Any:
    """The event with its overrides. Errors: `UsageError` for one that Lambda could not have sent."""
    size = len(compact(event).encode())
    if size > _MOST_BYTES:
        raise UsageError(
            f"this event has {size:,} bytes, and Lambda hands over at most {_MOST_BYTES:,} (6 MB): it would have made "
            "several events of it; give fewer or smaller payloads"
        )
    return finished(event, overrides)


class _Log:
    """The topic's partitions, and what the next offset of each is."""

    def __init__(
        self,
        topic: str,
        partitions: int,
        first: int | Callable[[int], int] | None,
        identifiers: Identifiers,
    ) -> None:
        if partitions < 1:
            raise UsageError(f"partitions={partitions}: a topic has at least one partition")
        self._topic = topic
        self._partitions = partitions
        self._first = first
        self._identifiers = identifiers
        self._next: dict[int, int] = {}
        self._sticky: int | None = None

    def placing(self, partition: Any) -> Callable[[bytes | None], tuple[int, int]]:
        """Where a record goes that is meant for this partition, or for that of its key."""
        if partition is not None and not (isinstance(partition, int) and 0 <= partition < self._partitions):
            raise UsageError(
                f"partition={partition!r}: the topic has {self._partitions}, numbered from 0; say how many there are "
                "with partitions="
            )

        def place(key: bytes | None) -> tuple[int, int]:
            chosen = partition
            if chosen is None:
                chosen = self._sticky_partition() if key is None else partition_for_key(key, self._partitions)
            offset = self._next.get(chosen)
            if offset is None:
                offset = self._first_offset(chosen)
            self._next[chosen] = offset + 1
            return chosen, offset

        return place

    def _sticky_partition(self) -> int:
        """Without a key Kafka's producer stays with one partition until a batch is full."""
        if self._sticky is None:
            self._sticky = self._identifiers.stream(f"sticky/{self._topic}").randrange(self._partitions)
        return self._sticky

    def _first_offset(self, partition: int) -> int:
        given: Any = each(self._first, partition)
        if given is None:
            return self._identifiers.stream(f"offset/{self._topic}-{partition}").randrange(_LIKELY_OFFSETS)
        if not isinstance(given, int) or not 0 <= given <= _MOST_OFFSET - _MOST_RECORDS:
            raise UsageError(f"offset={given!r}: offsets are whole numbers from 0, in 63 bits")
        return given
