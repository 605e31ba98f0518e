"""A world of DynamoDB on virtual time, seen through boto3 alone, so that the same test can look at stock moto.

`DYNAMODB_WORLD=stock pytest tests/brokers/dynamodb/test_fidelity.py` runs the clauses against moto's own streams: what
passes there needs no repair of ours any more. Clients are then told to leave the account's own host alone (D23 apart).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from pytest_lambda_events.brokers.moto.surface import MotoSurface
from pytest_lambda_events.clock.travel import Travel
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.trace import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

START_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
REGION = "eu-west-1"


class World:
    """DynamoDB and its streams through boto3, and time."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.db = boto3.client("dynamodb", region_name=REGION)
        self.streams = boto3.client("dynamodbstreams", region_name=REGION)

    # -- tables -----------------------------------------------------------------------------------------------------

    def table(self, name: str = "users", view: str | None = "NEW_AND_OLD_IMAGES", **more: Any) -> str:
        """A table with the key `id`; the ARN of its stream, or of the table without one."""
        if view is not None:
            more["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view}
        made = self.db.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            **more,
        )["TableDescription"]
        return made.get("LatestStreamArn") or made["TableArn"]

    def with_ttl(self, **more: Any) -> str:
        arn = self.table(**more)
        self.ttl(True)
        return arn

    def ttl(self, enabled: bool, attribute: str = "expires_at") -> None:
        specification = {"Enabled": enabled, "AttributeName": attribute}
        self.db.update_time_to_live(TableName="users", TimeToLiveSpecification=specification)

    def stream(self, enabled: bool, view: str | None = None) -> str:
        """Enable or disable the stream; the latest stream's ARN."""
        specification = {"StreamEnabled": enabled} | ({} if view is None else {"StreamViewType": view})
        made = self.db.update_table(TableName="users", StreamSpecification=specification)
        return made["TableDescription"]["LatestStreamArn"]

    # -- items ------------------------------------------------------------------------------------------------------

    def put(self, name: str = "a", **attributes: Any) -> None:
        self.db.put_item(TableName="users", Item={"id": {"S": name}, **attributes})

    def update(self, name: str, expression: str, **values: Any) -> None:
        more = {"ExpressionAttributeValues": {f":{key}": value for key, value in values.items()}} if values else {}
        self.db.update_item(TableName="users", Key={"id": {"S": name}}, UpdateExpression=expression, **more)

    def delete(self, name: str = "a") -> None:
        self.db.delete_item(TableName="users", Key={"id": {"S": name}})

    def item(self, name: str = "a") -> dict[str, Any] | None:
        return self.db.get_item(TableName="users", Key={"id": {"S": name}}).get("Item")

    def names(self) -> list[str]:
        return sorted(item["id"]["S"] for item in self.db.scan(TableName="users")["Items"])

    # -- streams ----------------------------------------------------------------------------------------------------

    def described(self, arn: str, **more: Any) -> dict[str, Any]:
        return self.streams.describe_stream(StreamArn=arn, **more)["StreamDescription"]

    def iterator(self, arn: str, kind: str = "TRIM_HORIZON", shard: int = -1, **more: Any) -> str:
        shard_id = self.described(arn)["Shards"][shard]["ShardId"]
        return self.streams.get_shard_iterator(StreamArn=arn, ShardId=shard_id, ShardIteratorType=kind, **more)[
            "ShardIterator"
        ]

    def records(self, arn: str) -> list[dict[str, Any]]:
        """Everything that the stream's shards hold."""
        found: list[dict[str, Any]] = []
        for number in range(len(self.described(arn)["Shards"])):
            found += self.streams.get_records(ShardIterator=self.iterator(arn, shard=number))["Records"]
        return found

    def events(self, arn: str) -> list[tuple[str, str]]:
        """Names and keys of the records."""
        return [(record["eventName"], record["dynamodb"]["Keys"]["id"]["S"]) for record in self.records(arn)]

    def wait(self, seconds: float) -> None:
        self.clock.jump_to(self.clock.now_ms + round(seconds * 1000))

    def at(self, seconds: int) -> dict[str, str]:
        """An attribute that names the moment so many seconds after the start."""
        return {"N": str(START_MS // 1000 + seconds)}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualClock]:
    """Virtual time, and the process on it."""
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ACCOUNT_ID_ENDPOINT_MODE"):
        monkeypatch.delenv(name, raising=False)
    clock = VirtualClock(START_MS)
    travel = Travel(clock)
    travel.start()
    yield clock
    travel.stop()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def surface(clock: VirtualClock, ledger: Ledger) -> Iterator[MotoSurface]:
    surface = MotoSurface(clock, ledger, Identifiers(0), REGION)
    surface.start()
    yield surface
    surface.stop()


@pytest.fixture
def world(clock: VirtualClock, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    if os.environ.get("DYNAMODB_WORLD") == "stock":
        if "_d23_" not in request.node.name:
            monkeypatch.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")
        with mock_aws():
            yield World(clock)
    else:
        request.getfixturevalue("surface")
        yield World(clock)
