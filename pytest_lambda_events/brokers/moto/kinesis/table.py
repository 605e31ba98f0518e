"""The table of what ours replace of moto's Kinesis. The law: what we read and write of moto's is named here, and looked
at before anything is replaced (`tables`).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError
from moto.kinesis.models import Consumer, KinesisBackend, Record, Shard, Stream
from moto.kinesis.responses import KinesisResponse

from pytest_lambda_events.brokers.moto.kinesis import (
    consumers,
    describing,
    putting,
    reading,
    resharding,
    resources,
    subscribing,
)
from pytest_lambda_events.brokers.moto.kinesis.room import KinesisRoom
from pytest_lambda_events.brokers.moto.tables import Operation, Table, check_fields

if TYPE_CHECKING:
    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = ["TABLE", "begin"]

_STREAM = ("stream_arn", "stream_name")
_CONSUMER = ("stream_arn", "consumer_name", "consumer_arn")

OPERATIONS: tuple[Operation, ...] = (
    Operation(KinesisResponse, "create_stream", resources.create_stream),
    Operation(KinesisResponse, "delete_stream", resources.delete_stream),
    Operation(KinesisResponse, "describe_stream", describing.describe_stream),
    Operation(KinesisResponse, "describe_stream_summary", describing.describe_stream_summary),
    Operation(KinesisResponse, "get_records", reading.get_records),
    Operation(KinesisResponse, "get_shard_iterator", reading.get_shard_iterator),
    Operation(KinesisResponse, "list_shards", describing.list_shards),
    Operation(KinesisResponse, "list_stream_consumers", consumers.list_stream_consumers),
    Operation(KinesisResponse, "put_record", putting.put_record),
    Operation(KinesisResponse, "put_records", putting.put_records),
    Operation(KinesisResponse, "subscribe_to_shard", subscribing.subscribe_to_shard, added=True),
    Operation(KinesisResponse, "update_max_record_size", resources.update_max_record_size, added=True),
    Operation(KinesisResponse, "update_shard_count", resharding.update_shard_count),
    Operation(
        KinesisBackend,
        "decrease_stream_retention_period",
        resources.backend_decrease_stream_retention_period,
        (*_STREAM, "retention_period_hours"),
    ),
    Operation(KinesisBackend, "delete_stream", resources.backend_delete_stream, _STREAM),
    Operation(KinesisBackend, "deregister_stream_consumer", consumers.backend_deregister_stream_consumer, _CONSUMER),
    Operation(KinesisBackend, "describe_stream_consumer", consumers.backend_describe_stream_consumer, _CONSUMER),
    Operation(KinesisBackend, "get_records", reading.backend_get_records, ("stream_arn", "shard_iterator", "limit")),
    Operation(
        KinesisBackend,
        "get_shard_iterator",
        reading.backend_get_shard_iterator,
        (*_STREAM, "shard_id", "shard_iterator_type", "starting_sequence_number", "at_timestamp"),
    ),
    Operation(
        KinesisBackend,
        "increase_stream_retention_period",
        resources.backend_increase_stream_retention_period,
        (*_STREAM, "retention_period_hours"),
    ),
    Operation(
        KinesisBackend,
        "merge_shards",
        resharding.backend_merge_shards,
        (*_STREAM, "shard_to_merge", "adjacent_shard_to_merge"),
    ),
    Operation(
        KinesisBackend,
        "register_stream_consumer",
        consumers.backend_register_stream_consumer,
        ("stream_arn", "consumer_name"),
    ),
    Operation(
        KinesisBackend,
        "split_shard",
        resharding.backend_split_shard,
        (*_STREAM, "shard_to_split", "new_starting_hash_key"),
    ),
    Operation(Stream, "merge_shards", resharding.stream_merge_shards, ("shard_to_merge", "adjacent_shard_to_merge")),
    Operation(Stream, "put_record", putting.stream_put_record, ("partition_key", "explicit_hash_key", "data")),
    Operation(Stream, "split_shard", resharding.stream_split_shard, ("shard_to_split", "new_starting_hash_key")),
    Operation(Stream, "update_shard_count", resharding.stream_update_shard_count, ("target_shard_count",)),
)

_STREAM_FIELDS = (
    "account_id",
    "arn",
    "consumers",
    "creation_datetime",
    "encryption_type",
    "region",
    "retention_period_hours",
    "shard_count",
    "shards",
    "stream_mode",
    "stream_name",
    "tags",
    "to_json",
    "to_json_summary",
)
_SHARD_FIELDS = (
    "_shard_id",
    "adjacent_parent",
    "ending_hash",
    "is_open",
    "parent",
    "records",
    "shard_id",
    "starting_hash",
)
_RECORD_FIELDS = (
    "created_at",
    "created_at_datetime",
    "data",
    "explicit_hash_key",
    "partition_key",
    "sequence_number",
)
_CONSUMER_FIELDS = ("consumer_arn", "consumer_name", "to_json")


@cache
def check_internals() -> None:
    """Whether moto's streams, shards, records have the fields that we know. Errors: `UnsupportedMoto`, by name."""
    check_fields(KinesisResponse, ("_get_param", "kinesis_backend"))
    check_fields(KinesisBackend, ("create_stream",))
    make: Any = Stream  # abstract to a type checker, like moto's queue
    stream = make("probe", 1, None, None, "123456789012", "us-east-1")
    check_fields(stream, _STREAM_FIELDS)
    check_fields(Shard(0, 0, 1), _SHARD_FIELDS)
    check_fields(Record("probe", "", 1, ""), _RECORD_FIELDS)
    check_fields(Consumer("probe", "123456789012", "us-east-1", stream.arn), _CONSUMER_FIELDS)


TABLE = Table(OPERATIONS, check=check_internals, refused=JsonRESTError)


def begin(surface: MotoSurface) -> KinesisRoom:
    """Kinesis of a harness."""
    return KinesisRoom(surface)
