"""A realistic Kinesis record, from nothing but a payload. The law: every derived field is derived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.model.aggregated import UserRecord, aggregated
from pytest_lambda_events.model.delivered import aside_of
from pytest_lambda_events.model.kinesis_record import (
    DEFAULT_RECORD_KIB,
    KinesisRecord,
    check_record,
    hash_key,
    shard_id_of,
)
from pytest_lambda_events.model.records import payload_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.sequence_numbers import KinesisNumber

__all__ = ["make_aggregate", "make_record", "make_user_record"]

_AGGREGATE_KEY = "a"  # the KPL's: the explicit hash key decides, and one byte is the shortest key


def make_user_record(
    payload: Any,
    *,
    identifiers: Identifiers,
    partition_key: str | None = None,
    explicit_hash_key: str | int | None = None,
) -> UserRecord:
    """Data and keys of one payload, as a producer has them before it puts them. Errors: `UsageError`.

    What goes with the payload (an envelope's partition key) holds where nothing else is given; else the key is a UUID.
    """
    aside = aside_of(payload)
    given = aside.get("partition_key") if partition_key is None else partition_key
    chosen = aside.get("explicit_hash_key") if explicit_hash_key is None else explicit_hash_key
    return UserRecord(
        data=payload_bytes(payload),
        partition_key=identifiers.uuid4("partition-key") if given is None else given,
        explicit_hash_key=None if chosen is None else str(chosen),
    )


def make_record(
    put: UserRecord, *, number: KinesisNumber, arrival_ms: int, maximum_kib: int = DEFAULT_RECORD_KIB
) -> KinesisRecord:
    """The record that a PutRecord makes. Errors: `Refusal`, `UsageError`."""
    check_record(put.data, put.partition_key, put.explicit_hash_key, maximum_kib)
    return KinesisRecord(
        id=number.text,
        data=put.data,
        partition_key=put.partition_key,
        arrival_ms=arrival_ms,
        shard_id=shard_id_of(number.shard),
        explicit_hash_key=put.explicit_hash_key,
    )


def make_aggregate(records: Sequence[UserRecord], maximum_kib: int = DEFAULT_RECORD_KIB) -> UserRecord:
    """What the Kinesis Producer Library (KPL) puts in place of these; a single one it puts as it is.

    Errors: `Refusal`, `UsageError` for keys that no record may have.
    """
    for record in records:
        check_record(record.data, record.partition_key, record.explicit_hash_key, maximum_kib)
    first = records[0]
    if len(records) == 1:
        return first
    explicit = first.explicit_hash_key
    return UserRecord(
        data=aggregated(records),
        partition_key=_AGGREGATE_KEY,
        explicit_hash_key=str(hash_key(first.partition_key)) if explicit is None else explicit,
    )
