"""A Kinesis stream. The law: read with iterators of our own, which no other reader notices.

Kinesis API Reference, ListShards, GetShardIterator, GetRecords. What only Lambda knows is the role that it reads with.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.cassette.capture.shards import PAUSE_SECONDS, Page, Shard, ShardReader, left_alone
from pytest_lambda_events.cassette.capture.taps import Taken
from pytest_lambda_events.cassette.capture.waiting import stamp
from pytest_lambda_events.model.kinesis_record import KinesisRecord
from pytest_lambda_events.sources.kinesis.event import KinesisEventShape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.cassette.capture.aws import Account
    from pytest_lambda_events.cassette.capture.shards import Start
    from pytest_lambda_events.cassette.capture.taps import Closed

__all__ = ["KinesisTap"]

_MOST: Final = 1_000  # of the 10,000 that GetRecords gives: others read, too


class KinesisTap:
    """A stream by its name or ARN. `role` is the ARN of the function's role; made up when left out.

    Errors: botocore's.
    """

    source = "kinesis"
    records_at = "Records"
    invented = ()
    pause_seconds = PAUSE_SECONDS

    def __init__(
        self,
        account: Account,
        stream: str,
        *,
        start: Start | int = "oldest",
        shard: str | None = None,
        role: str | None = None,
    ) -> None:
        client = account.client("kinesis")
        asked = {"StreamARN": stream} if stream.startswith("arn:") else {"StreamName": stream}
        summary = client.describe_stream_summary(**asked)["StreamDescriptionSummary"]
        self.name = str(summary["StreamName"])
        arn = str(summary["StreamARN"])
        partition, owner = arn.split(":")[1], arn.split(":")[4]
        self._made_up = () if role else ("invokeIdentityArn",)
        self._shape = KinesisEventShape(arn, role or f"arn:{partition}:iam::{owner}:role/lambda-role")
        self._reader = ShardReader(_Kinesis(client, arn), start, shard)

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
        del seconds  # a read of Kinesis does not wait
        return [self._taken(shard, record) for shard, record in self._reader.take(most)]

    def _taken(self, shard: str, given: dict[str, Any]) -> Taken:
        record = KinesisRecord(
            id=given["SequenceNumber"],
            data=given["Data"],
            partition_key=given["PartitionKey"],
            arrival_ms=round(given["ApproximateArrivalTimestamp"].timestamp() * 1000),
            shard_id=shard,
        )
        return Taken(native=record, shown=self._shape.record(record), at=stamp(), lane=shard, invented=self._made_up)

    def event(self, taken: Sequence[Taken]) -> Any:
        """The event of these records, of one shard."""
        return self._shape.event([one.native for one in taken])

    def close(self) -> Closed:
        """Nothing was moved."""
        return left_alone(self._reader)


class _Kinesis:
    """`ShardService` of Kinesis."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client = client
        self._arn = arn

    def shards(self) -> list[Shard]:
        """All of them, page by page."""
        found: list[dict[str, Any]] = []
        asked: dict[str, Any] = {"StreamARN": self._arn}
        while True:
            answer = self._client.list_shards(**asked)
            found += answer["Shards"]
            if not answer.get("NextToken"):
                break
            asked = {"NextToken": answer["NextToken"]}
        return [
            Shard(
                id=one["ShardId"],
                parents=tuple(one[key] for key in ("ParentShardId", "AdjacentParentShardId") if one.get(key)),
                closed=bool(one["SequenceNumberRange"].get("EndingSequenceNumber")),
            )
            for one in found
        ]

    def iterator(self, shard_id: str, start: Start | int, after: str | None) -> str:
        """As asked."""
        where: dict[str, Any]
        if after is not None:
            where = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": after}
        elif isinstance(start, str):
            where = {"ShardIteratorType": "TRIM_HORIZON" if start == "oldest" else "LATEST"}
        else:
            moment = dt.datetime.fromtimestamp(start / 1000, tz=dt.timezone.utc)
            where = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": moment}
        answer = self._client.get_shard_iterator(StreamARN=self._arn, ShardId=shard_id, **where)
        return str(answer["ShardIterator"])

    def read(self, iterator: str, most: int) -> Page:
        """GetRecords."""
        answer = self._client.get_records(StreamARN=self._arn, ShardIterator=iterator, Limit=min(most, _MOST))
        return Page(
            records=answer["Records"],
            following=answer.get("NextShardIterator"),
            at_tip=answer.get("MillisBehindLatest") == 0,
        )

    def sequence_number(self, record: Any) -> str:
        """SequenceNumber."""
        return str(record["SequenceNumber"])
