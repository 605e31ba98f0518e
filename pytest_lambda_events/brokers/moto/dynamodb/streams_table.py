"""The table of what ours replace of moto's DynamoDB Streams, which is a service of its own to boto3 and to moto. The
law: as `brokers.moto.tables` has it; who reads a stream reads ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moto.dynamodbstreams.responses import DynamoDBStreamsHandler
from moto.dynamodbstreams.urls import url_bases

from pytest_lambda_events.brokers.moto.dynamodb import reading
from pytest_lambda_events.brokers.moto.dynamodb.table import refused
from pytest_lambda_events.brokers.moto.hosts import STREAMS_HOST
from pytest_lambda_events.brokers.moto.tables import Operation, Table, check_fields

if TYPE_CHECKING:
    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = ["OPERATIONS", "TABLE", "begin", "check_internals"]

OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(DynamoDBStreamsHandler, "describe_stream", reading.describe_stream),
    Operation(DynamoDBStreamsHandler, "get_records", reading.get_records),
    Operation(DynamoDBStreamsHandler, "get_shard_iterator", reading.get_shard_iterator),
    Operation(DynamoDBStreamsHandler, "list_streams", reading.list_streams),
)


def check_internals() -> None:
    """Whether moto's handler is the one that we know. Errors: `UnsupportedMoto`, by name."""
    check_fields(DynamoDBStreamsHandler, ("_get_param", "backend"))


TABLE: Final = Table(OPERATIONS, check=check_internals, refused=refused)


class _Host:
    """That moto answers where botocore asks: all that a harness has of this service."""

    @staticmethod
    def release(*, keep: bool) -> None:
        """Nothing was kept; what is in the streams is the tables' (`table.begin`)."""


def begin(surface: MotoSurface) -> _Host:
    """Let moto's handler answer for the account's own host, too."""
    url_bases.append(STREAMS_HOST)
    surface.late._stack.callback(url_bases.remove, STREAMS_HOST)
    return _Host()
