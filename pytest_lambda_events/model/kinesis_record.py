"""A Kinesis record, and what PutRecord takes. The law: pure; refuses in Kinesis's own words.

Rules: Kinesis API Reference, PutRecord, RegisterStreamConsumer, UpdateMaxRecordSize; Developer Guide, "Handle large
records" (1 MiB by default, up to 10 MiB where a stream allows it, since October 2025). Words as answered by AWS; those
marked [?] were not found in a recording.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.refusal import Refusal

__all__ = [
    "DEFAULT_RECORD_KIB",
    "LARGEST_RECORD_KIB",
    "KinesisRecord",
    "check_record",
    "hash_key",
    "inner_id",
    "shard_id_of",
    "shard_index_of",
]

DEFAULT_RECORD_KIB: Final = 1_024
"""MaxRecordSizeInKiB of a stream that says nothing else."""

LARGEST_RECORD_KIB: Final = 10_240

_LONGEST_KEY: Final = 256
_HASH_KEYS: Final = 1 << 128
_HASH_KEY: Final = re.compile(r"0|[1-9][0-9]{0,38}")
_SHARD_ID: Final = re.compile(r"shardId-([0-9]{12})")
_SHARDS: Final = 1 << 31  # the room that a sequence number has for the shard's index
_INNER: Final = "#"
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class KinesisRecord:
    """One record of a stream: `id` is its sequence number, `arrival_ms` epoch milliseconds.

    `explicit_hash_key` decided about the shard in place of the partition key; Kinesis does not hand it out again. The
    records of an aggregate that was taken apart share one sequence number: their ids also say which of them it is.
    """

    id: str
    data: bytes
    partition_key: str
    arrival_ms: int
    shard_id: str
    explicit_hash_key: str | None = None

    @property
    def sequence_number(self) -> str:
        """What Kinesis calls it by."""
        return self.id.partition(_INNER)[0]

    def json(self) -> Any:
        """The data, parsed as JSON. Errors: `json.JSONDecodeError` when it is not."""
        return json.loads(self.data)

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, KinesisRecord) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        data = self.data if len(self.data) <= _SHOWN else self.data[: _SHOWN - 3] + b"..."
        return f"<KinesisRecord {self.id} {self.partition_key!r} {data!r}>"


def inner_id(number: str, place: int) -> str:
    """The id of the record at a place (from 0) within the aggregate that has this sequence number."""
    return f"{number}{_INNER}{place}"


def check_record(
    data: bytes, partition_key: str, explicit_hash_key: str | None, maximum_kib: int, *, within: str = ""
) -> None:
    """Whether PutRecord takes this, in a stream with MaxRecordSizeInKiB `maximum_kib`.

    `within` is where the record stands in a request of many (`records.1.member.`). Errors: `Refusal`; `UsageError` for
    a partition key that is no text.
    """
    if not isinstance(partition_key, str):
        raise UsageError(f"partition_key={partition_key!r} is no text: a partition key is a str of 1 to 256 characters")
    most = maximum_kib * 1_024
    problems = list(_problems(data, partition_key, explicit_hash_key, most, within))
    if problems:
        found = f"{len(problems)} validation error{'s' * (len(problems) > 1)} detected: "
        raise Refusal("ValidationException", found + "; ".join(problems), _size_hint(data, most))
    if explicit_hash_key is not None and int(explicit_hash_key) >= _HASH_KEYS:
        raise Refusal(
            "InvalidArgumentException",
            "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was "
            f"{explicit_hash_key}",
        )
    size = len(data) + _key_size(partition_key)
    if size > most:
        raise Refusal(  # the words are [?]: recorded is only a refusal of data that is too large by itself
            "ValidationException",
            f"1 validation error detected: {_too_long(f'{within}data', most)}",
            f"data and partition key have {size} bytes together, and both count",
        )


def _problems(data: bytes, partition_key: str, explicit_hash_key: str | None, most: int, within: str) -> list[str]:
    """What violates the constraints of the API's model, in AWS's order."""
    found = []
    if not partition_key:
        found.append(
            f"Value '' at '{within}partitionKey' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1"
        )
    if len(partition_key) > _LONGEST_KEY:
        found.append(_too_long(f"{within}partitionKey", _LONGEST_KEY, f"'{partition_key}' "))
    if explicit_hash_key is not None and _HASH_KEY.fullmatch(explicit_hash_key) is None:
        found.append(
            f"Value '{explicit_hash_key}' at '{within}explicitHashKey' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})"
        )
    if len(data) > most:
        found.append(_too_long(f"{within}data", most))
    return found


def _too_long(member: str, most: int, value: str = "") -> str:
    return (
        f"Value {value}at '{member}' failed to satisfy constraint: Member must have length less than or equal to {most}"
    )


def _size_hint(data: bytes, most: int) -> str:
    if len(data) <= most:
        return ""
    return (
        f"the data has {len(data)} bytes; a stream takes 1 MiB, or up to 10 MiB where it has "
        f"MaxRecordSizeInKiB={LARGEST_RECORD_KIB}"
    )


def _key_size(partition_key: str) -> int:
    try:
        return len(partition_key.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise UsageError(f"partition_key={partition_key!r} is no Unicode text: {error}") from None


def hash_key(partition_key: str) -> int:
    """Where a partition key lies in the range of hash keys, 0 to 2^128-1: its MD5 as a number."""
    return int.from_bytes(hashlib.md5(partition_key.encode("utf-8"), usedforsecurity=False).digest(), "big")


def shard_id_of(index: int) -> str:
    """`shardId-000000000006` for 6."""
    return f"shardId-{index:012d}"


def shard_index_of(shard_id: str) -> int | None:
    """6 for `shardId-000000000006`; None for what is no shard's id."""
    found = _SHARD_ID.fullmatch(shard_id)
    index = int(found[1]) if found is not None else _SHARDS
    return index if index < _SHARDS else None
