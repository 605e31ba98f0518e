"""A Kafka record, from nothing but a payload. The law: what Kafka's producer and broker would refuse is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.delivered import aside_of
from pytest_lambda_events.model.kafka_record import MAX_MESSAGE_BYTES, NO_TIMESTAMP, TIMESTAMP_TYPES, KafkaRecord
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.records import payload_text
from pytest_lambda_events.model.registered_schema import RegisteredSchema
from pytest_lambda_events.model.schema_framing import framed, indexed

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.kafka_record import TimestampType
    from pytest_lambda_events.model.schema_framing import KafkaSchema, Registry

__all__ = ["make_record"]

_PAIR: Final = 2


def make_record(
    payload: Any,
    *,
    topic: str,
    place: Callable[[bytes | None], tuple[int, int]],
    sent_ms: int,
    timestamp: int | None = None,
    timestamp_type: TimestampType = "CREATE_TIME",
    key: Any = None,
    headers: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None,
    key_schema: KafkaSchema | None = None,
    value_schema: KafkaSchema | None = None,
    framing: Registry | None = None,
    writes_registered: bool = False,
    max_message_bytes: int = MAX_MESSAGE_BYTES,
) -> KafkaRecord:
    """A record as a producer would have sent it and the topic kept it. Errors: `UsageError`.

    `place` says partition and offset from the serialized key: that is the topic's business. A payload None is a
    tombstone, not JSON's null. With `framing` the schemas stand in the bytes, otherwise beside them; those that a
    registry gave stand in the bytes with `writes_registered`, too, in that registry's form.
    """
    aside = aside_of(payload)
    key_framing, value_framing = framing, framing
    if writes_registered:
        key_framing = framing or _framing_of(key_schema)
        value_framing = framing or _framing_of(value_schema)
    key_bytes = _serialized(aside.get("key") if key is None else key, key_schema, key_framing, "key")
    value = _serialized(payload, value_schema, value_framing, "value")
    partition, offset = place(key_bytes)
    record = KafkaRecord(
        topic=topic,
        partition=partition,
        offset=offset,
        timestamp=_timestamp(timestamp, timestamp_type, sent_ms),
        timestamp_type=timestamp_type,
        key=key_bytes,
        value=value,
        headers=_headers(aside.get("headers") if headers is None else headers),
        key_schema=None if key_framing or key_bytes is None else key_schema,
        value_schema=None if value_framing or value is None else value_schema,
    )
    size = record.batch_bytes
    if size > max_message_bytes:
        raise UsageError(
            f"record {record.id} makes a batch of {size:,} bytes, and the topic takes {max_message_bytes:,} "
            "(max.message.bytes); send less, or say max_message_bytes= if your topic takes more"
        )
    return record


def _serialized(given: Any, schema: KafkaSchema | None, framing: Registry | None, what: str) -> bytes | None:
    """The bytes of a key or value, None for none."""
    if given is None:
        if schema is not None and not isinstance(schema, RegisteredSchema):  # of a null, serializers make a null
            raise UsageError(
                f"{what}_schema for a record without a {what}: no serializer has seen it; for only some records, "
                f"let {what}_schema be a function of the record's number that returns None for the others"
            )
        return None
    if isinstance(schema, RegisteredSchema):
        data = schema.encode(given)
        return framed(data, schema, framing) if framing else indexed(data, schema, schema.registry)
    data = _bytes_of(given, what)
    return framed(data, schema, framing) if framing and schema is not None else data


def _framing_of(schema: KafkaSchema | None) -> Registry | None:
    return schema.registry if isinstance(schema, RegisteredSchema) else None


def _bytes_of(given: Any, what: str) -> bytes:
    if isinstance(given, (bytes, bytearray)):
        return bytes(given)
    return _utf8(payload_text(given), what)


def _utf8(text: str, what: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"this {what} is no text that UTF-8 can write: {error}. Give bytes") from error


def _timestamp(given: Any, kind: TimestampType, sent_ms: int) -> int:
    if kind not in TIMESTAMP_TYPES:
        near = nearest(str(kind), TIMESTAMP_TYPES)
        raise UsageError(f"timestamp_type={kind!r}{near}: Kafka has {', '.join(TIMESTAMP_TYPES)}")
    if kind == "NO_TIMESTAMP_TYPE":
        if given not in (None, NO_TIMESTAMP):
            raise UsageError(f"timestamp={given!r} of NO_TIMESTAMP_TYPE: such a record has none, written as -1")
        return NO_TIMESTAMP
    moment = sent_ms if given is None else given
    if not isinstance(moment, int) or isinstance(moment, bool) or moment < 0:
        raise UsageError(f"timestamp={moment!r}: write epoch milliseconds, such as 1735689600000")
    return moment


def _headers(given: Any) -> tuple[tuple[str, bytes], ...]:
    if given is None:
        return ()
    pairs = given.items() if isinstance(given, Mapping) else given
    if isinstance(pairs, (str, bytes)) or not isinstance(pairs, Iterable):
        raise UsageError(f"headers={given!r:.200}: write {{'name': 'value'}}, or (name, value) pairs to repeat a name")
    return tuple(map(_header, pairs))


def _header(pair: Any) -> tuple[str, bytes]:
    if not isinstance(pair, (tuple, list)) or len(pair) != _PAIR or not isinstance(pair[0], str):
        raise UsageError(f"header {pair!r:.200}: write (name, value), the name as a str")
    name, value = pair
    _utf8(name, "header's name")
    if isinstance(value, str):
        return name, _utf8(value, "header")
    if isinstance(value, (bytes, bytearray)):
        return name, bytes(value)
    raise UsageError(
        f"header {name!r} has a value of type {type(value).__name__}: a header's value is bytes, or a str for UTF-8; "
        "write a number as text"
    )
