"""A DynamoDB table's stream. The law: read with iterators of our own, which no other reader notices.

DynamoDB API Reference, DescribeStream, GetShardIterator, GetRecords. A shard of a stream takes two readers without
throttling; a function is one of them. Nothing has to be made up: the stream says all that Lambda passes on.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.cassette.capture.shards import PAUSE_SECONDS, Page, Shard, ShardReader, left_alone
from pytest_lambda_events.cassette.capture.taps import Taken
from pytest_lambda_events.cassette.capture.waiting import stamp
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.dynamodb_record import DynamoDbRecord
from pytest_lambda_events.model.dynamodb_values import base64_text
from pytest_lambda_events.sources.dynamodb.event import DynamoDbEventShape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_lambda_events.cassette.capture.aws import Account
    from pytest_lambda_events.cassette.capture.shards import Start
    from pytest_lambda_events.cassette.capture.taps import Closed

__all__ = ["DynamoDbTap"]

_MOST: Final = 1_000
_DRY_READS: Final = 3
"""DynamoDB does not say how far behind a read is, and an empty one may have records behind it."""


class DynamoDbTap:
    """The stream of a table, by the table's name or its own ARN. Errors: `UsageError` where is none; botocore's."""

    source = "dynamodb"
    records_at = "Records"
    invented = ()
    pause_seconds = PAUSE_SECONDS

    def __init__(
        self, account: Account, table: str, *, start: Start | int = "oldest", shard: str | None = None
    ) -> None:
        arn = table if "/stream/" in table else _stream_of(account.client("dynamodb"), table)
        self.name = arn.split("/")[1]
        self._shape = DynamoDbEventShape(arn)
        self._reader = ShardReader(_Streams(account.client("dynamodbstreams"), arn), start, shard, _DRY_READS)

    @property
    def at_rest(self) -> bool:
        """Whether every shard has been read to its tip."""
        return self._reader.at_rest

    @property
    def over(self) -> bool:
        """Whether nothing can come any more."""
        return self._reader.over

    def take(self, most: int, seconds: float) -> list[Taken]:
        """One read of each shard."""
        del seconds  # a read of a stream does not wait
        return [self._taken(shard, record) for shard, record in self._reader.take(most)]

    def _taken(self, shard: str, given: Mapping[str, Any]) -> Taken:
        change, identity = given["dynamodb"], given.get("userIdentity")
        record = DynamoDbRecord(
            id=change["SequenceNumber"],
            event_id=given["eventID"],
            event_name=given["eventName"],
            keys=_image(change["Keys"]),
            new_image=_image(change["NewImage"]) if "NewImage" in change else None,
            old_image=_image(change["OldImage"]) if "OldImage" in change else None,
            view_type=change["StreamViewType"],
            size_bytes=change["SizeBytes"],
            created_ms=round(change["ApproximateCreationDateTime"].timestamp() * 1000),
            user_identity=None
            if identity is None
            else {"principalId": identity["PrincipalId"], "type": identity["Type"]},
        )
        text = self._shape.record_text(record)
        return Taken(native=text, shown=json.loads(text), at=stamp(), lane=shard)

    def event(self, taken: Sequence[Taken]) -> Any:
        """The event of these records, of one shard."""
        return json.loads(self._shape.event_text([one.native for one in taken]))

    def close(self) -> Closed:
        """Nothing was moved."""
        return left_alone(self._reader)


def _stream_of(client: Any, table: str) -> str:
    described = client.describe_table(TableName=table)["Table"]
    arn = described.get("LatestStreamArn")
    if not arn:
        raise UsageError(
            f"the table {table} has no stream: switch one on (StreamSpecification) to have its changes captured"
        )
    return str(arn)


def _image(given: Mapping[str, Any]) -> dict[str, Any]:
    """An item as JSON has it: bytes as base64."""
    return {name: _value(value) for name, value in given.items()}


def _value(value: Mapping[str, Any]) -> dict[str, Any]:
    ((kind, content),) = value.items()
    if kind == "B":
        return {kind: base64_text(content)}
    if kind == "BS":
        return {kind: [base64_text(one) for one in content]}
    if kind == "M":
        return {kind: _image(content)}
    if kind == "L":
        return {kind: [_value(one) for one in content]}
    return {kind: content}


class _Streams:
    """`ShardService` of DynamoDB Streams."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client = client
        self._arn = arn

    def shards(self) -> list[Shard]:
        """All of them, page by page."""
        found: list[dict[str, Any]] = []
        asked: dict[str, Any] = {"StreamArn": self._arn}
        while True:
            described = self._client.describe_stream(**asked)["StreamDescription"]
            found += described["Shards"]
            if not described.get("LastEvaluatedShardId"):
                break
            asked["ExclusiveStartShardId"] = described["LastEvaluatedShardId"]
        return [
            Shard(
                id=one["ShardId"],
                parents=(one["ParentShardId"],) if one.get("ParentShardId") else (),
                closed=bool(one["SequenceNumberRange"].get("EndingSequenceNumber")),
            )
            for one in found
        ]

    def iterator(self, shard_id: str, start: Start | int, after: str | None) -> str:
        """As asked; DynamoDB knows no moments."""
        where = {"ShardIteratorType": "TRIM_HORIZON" if start == "oldest" else "LATEST"}
        if after is not None:
            where = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
        answer = self._client.get_shard_iterator(StreamArn=self._arn, ShardId=shard_id, **where)
        return str(answer["ShardIterator"])

    def read(self, iterator: str, most: int) -> Page:
        """GetRecords."""
        answer = self._client.get_records(ShardIterator=iterator, Limit=min(most, _MOST))
        return Page(records=answer["Records"], following=answer.get("NextShardIterator"), at_tip=False)

    def sequence_number(self, record: Any) -> str:
        """SequenceNumber."""
        return str(record["dynamodb"]["SequenceNumber"])
