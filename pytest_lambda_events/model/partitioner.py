"""Which partition a keyed record goes to. The law: that of Kafka's own Java producer, to the bit.

Kafka hashes the serialized key with murmur2 and takes the positive part modulo the number of partitions (Apache Kafka,
`Utils.murmur2`, `Utils.toPositive` and `BuiltInPartitioner.partitionForKey`). librdkafka's clients do so only when they
are told to (`partitioner=murmur2_random`): by default they take CRC32.
"""

from __future__ import annotations

from typing import Final

__all__ = ["murmur2", "partition_for_key"]

_SEED: Final = 0x9747B28C
_M: Final = 0x5BD1E995
_R: Final = 24
_MASK: Final = 0xFFFFFFFF
_SIGN: Final = 0x80000000
_POSITIVE: Final = 0x7FFFFFFF
_WORD: Final = 4


def murmur2(data: bytes) -> int:
    """Kafka's 32-bit murmur2 of some bytes, signed as Java's int is."""
    whole = len(data) - len(data) % _WORD
    h = _SEED ^ len(data)
    for at in range(0, whole, _WORD):
        k = int.from_bytes(data[at : at + _WORD], "little") * _M & _MASK
        h = (h * _M & _MASK) ^ ((k ^ (k >> _R)) * _M & _MASK)
    if whole < len(data):
        h = (h ^ int.from_bytes(data[whole:], "little")) * _M & _MASK
    h = (h ^ (h >> 13)) * _M & _MASK
    h ^= h >> 15
    return h - (_SIGN << 1) if h & _SIGN else h


def partition_for_key(key: bytes, partitions: int) -> int:
    """The partition, from 0, of a key in a topic with so many of them."""
    return (murmur2(key) & _POSITIVE) % partitions
