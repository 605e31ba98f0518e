"""A Kafka record by itself: what it is equal by, what its value is, how large it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.kafka_record import KafkaRecord, check_topic


def record(offset: int = 5, value: bytes | None = b'{"order":1}', topic: str = "shop-orders") -> KafkaRecord:
    """A record of the third partition."""
    return KafkaRecord(topic=topic, partition=2, offset=offset, timestamp=1, value=value)


def test_a_record_is_its_place() -> None:
    """Equal and hashable by topic, partition and offset, whatever it carries."""
    assert record().id == "shop-orders-2-5"
    assert record() == record(value=b"another")
    assert record() != record(offset=6)
    assert record() != "shop-orders-2-5"
    assert len({record(), record(value=None), record(offset=6)}) == 2


def test_a_value_is_parsed_when_it_is_asked_for() -> None:
    """A tombstone is None; what is no JSON says so."""
    assert record().json() == {"order": 1}
    assert record(value=None).json() is None
    with pytest.raises(json.JSONDecodeError):
        record(value=b"text").json()


def test_a_record_shows_its_place_and_the_beginning_of_its_value() -> None:
    """In one line, however long the value is."""
    assert repr(record(value=b"v")) == "<KafkaRecord shop-orders-2-5 b'v'>"
    assert repr(record(value=None)) == "<KafkaRecord shop-orders-2-5 tombstone>"
    assert repr(record(value=b"v" * 99)) == f"<KafkaRecord shop-orders-2-5 b'{'v' * 55}...>"


def zigzag(number: int) -> bytes:
    """A signed varint, as Kafka's message format writes lengths."""
    number = (number << 1) ^ (number >> 63)
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*written, number))


def counted(data: bytes | None) -> bytes:
    """Bytes behind their length."""
    return zigzag(-1) if data is None else zigzag(len(data)) + data


@given(
    st.none() | st.binary(),
    st.none() | st.binary() | st.integers(0, 20_000).map(bytes),
    st.lists(st.tuples(st.text(), st.binary()), max_size=70),
)
def test_a_batch_is_as_large_as_kafka_writes_it(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
) -> None:
    """Apache Kafka, message format: a header of 61 bytes, and the record with lengths as zigzag varints."""
    made = KafkaRecord(topic="t", partition=0, offset=0, timestamp=0, key=key, value=value, headers=tuple(headers))
    body = b"\x00" + zigzag(0) + zigzag(0) + counted(key) + counted(value) + zigzag(len(headers))
    body += b"".join(counted(name.encode()) + counted(content) for name, content in headers)
    assert made.batch_bytes == 61 + len(zigzag(len(body))) + len(body)


@pytest.mark.parametrize("name", ["orders", "shop.orders-v2_x", "...", "a" * 249, "-", "0"])
def test_names_that_kafka_takes(name: str) -> None:
    """Letters, digits, periods, underscores and hyphens."""
    assert check_topic(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", "a" * 250, "orders/eu", "bestellungén", "two words", "a\n"])
def test_names_that_kafka_refuses(name: str) -> None:
    """Kafka's own rule, in words."""
    with pytest.raises(UsageError, match="Kafka takes 1 to 249"):
        check_topic(name)
