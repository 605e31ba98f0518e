"""Kafka's default partitioner: the vectors of its own tests, and where keys go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.model.partitioner import murmur2, partition_for_key

# Apache Kafka, clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java, testMurmur2
KAFKAS_OWN = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}
# the same function in Akka's and Pekko's Kafka connectors (Murmur2Spec), for every length modulo four
CONNECTORS = {
    b"1": -1993445489,
    b"12": 126087238,
    b"123": -267702483,
    b"1234": -1614185708,
    b"12345": -1188365604,
}


@pytest.mark.parametrize(("data", "expected"), sorted({**KAFKAS_OWN, **CONNECTORS}.items()))
def test_the_hash_is_kafkas(data: bytes, expected: int) -> None:
    """To the bit, and signed as Java's int."""
    assert murmur2(data) == expected


def test_an_empty_key_is_a_key() -> None:
    """It is hashed like any other; only a record without a key is not."""
    assert murmur2(b"") == 275646681
    assert partition_for_key(b"", 7) == 275646681 % 7


@pytest.mark.parametrize(("key", "partitions", "expected"), [(b"foobar", 50, 16), (b"foobar", 10, 6), (b"AAPL", 16, 1)])
def test_a_key_goes_where_the_java_client_sends_it(key: bytes, partitions: int, expected: int) -> None:
    """The positive part of the hash, modulo the partitions: not its absolute value."""
    assert partition_for_key(key, partitions) == expected


@given(st.binary(max_size=64), st.integers(1, 1_000))
def test_every_key_has_a_partition(key: bytes, partitions: int) -> None:
    """One of those that there are, and always the same."""
    assert 0 <= partition_for_key(key, partitions) < partitions
    assert -(2**31) <= murmur2(key) < 2**31
