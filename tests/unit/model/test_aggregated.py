"""Aggregated records of the Kinesis Producer Library: its format, byte for byte, and what is not one."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.model.aggregated import MAGIC, UserRecord, aggregated, deaggregated


def packed(message: bytes) -> bytes:
    """What is around a message."""
    return MAGIC + message + hashlib.md5(message).digest()


def test_the_format_is_the_producer_librarys() -> None:
    """Tables first, a key once, indices from 0; the index of a hash key only where there is one."""
    records = [
        UserRecord(data=b"x", partition_key="k1"),
        UserRecord(data=b"yz", partition_key="k2", explicit_hash_key="7"),
        UserRecord(data=b"", partition_key="k1", explicit_hash_key="7"),
    ]
    message = (
        b"\x0a\x02k1"
        b"\x0a\x02k2"
        b"\x12\x017"
        b"\x1a\x05\x08\x00\x1a\x01x"
        b"\x1a\x08\x08\x01\x10\x00\x1a\x02yz"
        b"\x1a\x06\x08\x00\x10\x00\x1a\x00"
    )
    assert aggregated(records) == packed(message)
    assert deaggregated(packed(message)) == records


KEYS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@given(
    st.lists(
        st.builds(
            UserRecord,
            data=st.binary(max_size=300),
            partition_key=KEYS,
            explicit_hash_key=st.none() | st.integers(0, 2**128 - 1).map(str),
        ),
        min_size=1,
        max_size=200,
    )
)
def test_what_is_packed_is_unpacked(records: list[UserRecord]) -> None:
    """Lengths and indices of one byte and of several."""
    assert deaggregated(aggregated(records)) == records


def test_an_aggregate_of_many_keys_has_indices_of_two_bytes() -> None:
    """From the 129th on."""
    records = [UserRecord(data=b"x" * 1_000, partition_key=str(place)) for place in range(300)]
    assert deaggregated(aggregated(records)) == records


def test_fields_of_a_later_version_are_passed_over() -> None:
    """Tags of a record are in the format already, and nobody writes them; all wire types are known."""
    tag = b"\x22\x03\x0a\x01t"
    others = b"\x28\x96\x01" + b"\x31" + b"\xff" * 8 + b"\x3d" + b"\xff" * 4
    record = b"\x08\x00\x1a\x01x" + tag + others
    message = b"\x0a\x01k" + others + b"\x1a" + bytes([len(record)]) + record
    assert deaggregated(packed(message)) == [UserRecord(data=b"x", partition_key="k")]


GOOD = aggregated([UserRecord(data=b"x", partition_key="k", explicit_hash_key="7")])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        MAGIC,
        MAGIC + bytes(16),
        b"\x00" + GOOD[1:],
        GOOD[:-1],
        GOOD[:-1] + bytes([GOOD[-1] ^ 1]),
        GOOD + b"\x00",
        packed(b""),  # nothing within
        packed(b"\x0a\x05k"),  # a key that ends beyond the message
        packed(b"\x0a"),  # a key without a length
        packed(b"\x0b\x00"),  # a wire type that is none of ours
        packed(b"\x0a\x01\xff"),  # a key that is no text
        packed(b"\x80" * 11),  # a number without an end
        packed(b"\x1a\x02\x08\x00"),  # a record without data
        packed(b"\x1a\x03\x1a\x01x"),  # a record without a key
        packed(b"\x1a\x05\x08\x00\x1a\x01x"),  # a key that is in no table
        packed(b"\x0a\x01k\x1a\x07\x08\x00\x10\x01\x1a\x01x"),  # a hash key that is in no table
    ],
)
def test_what_is_not_aggregated_is_nobodys_aggregate(data: bytes) -> None:
    """A record of its own, even where the beginning is the same."""
    assert deaggregated(data) is None


@given(st.binary(max_size=60))
def test_no_message_breaks_the_reader(message: bytes) -> None:
    """Whatever is between the beginning and a right sum."""
    found = deaggregated(packed(message))
    assert found is None or all(isinstance(record, UserRecord) for record in found)


@given(st.binary())
def test_no_data_breaks_the_reader(data: bytes) -> None:
    """Nothing by chance has the beginning and the sum."""
    assert deaggregated(data) is None
