"""Moto's Kinesis with our engine behind it: what it takes over, gives back and leaves alone, who may put records in."""

from __future__ import annotations

import base64
import gc
import gzip
import json
import sys
import weakref
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core.model_instances import reset_model_data
from moto.kinesis.models import kinesis_backends

from pytest_lambda_events.brokers.moto.kinesis.table import OPERATIONS
from pytest_lambda_events.brokers.moto.surface import MotoSurface
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.aggregated import UserRecord
from pytest_lambda_events.model.refusal import Refusal
from pytest_lambda_events.model.sequence_numbers import KinesisNumber

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lambda_events.clock.virtual import VirtualClock
    from pytest_lambda_events.model.trace import Ledger

REGION = "eu-west-1"
ACCOUNT = "123456789012"
HALF = 1 << 127
TOP = (1 << 128) - 1
SHARD = "shardId-000000000000"


def backend() -> Any:
    return kinesis_backends[ACCOUNT][REGION]


def replaceable() -> dict[str, Any]:
    """Everything that a surface may replace of moto's Kinesis, as it is now."""
    now: dict[str, Any] = {
        f"{operation.owner.__name__}.{operation.name}": vars(operation.owner).get(operation.name)
        for operation in OPERATIONS
    }
    now["meta_path"] = tuple(sys.meta_path)
    return now


@pytest.fixture
def make(clock: VirtualClock, ledger: Ledger) -> Iterator[Any]:
    """Surfaces that a test starts itself."""
    made: list[MotoSurface] = []

    def make(seed: int = 0) -> MotoSurface:
        made.append(MotoSurface(clock, ledger, Identifiers(seed), REGION))
        return made[-1]

    yield make
    for surface in made:
        surface.stop()


@pytest.fixture
def user() -> Iterator[Any]:
    """A client inside a mock of the user's own, with a stream `clicks`."""
    with mock_aws():
        client = boto3.client("kinesis", region_name=REGION)
        client.create_stream(StreamName="clicks", ShardCount=1)
        yield client


def put(client: Any, *data: str, at: int = 0) -> None:
    for one in data:
        client.put_record(StreamName="clicks", Data=one.encode(), PartitionKey="k", ExplicitHashKey=str(at))


def read(client: Any, shard: int = 0) -> list[dict[str, Any]]:
    iterator = client.get_shard_iterator(
        StreamName="clicks", ShardId=f"shardId-{shard:012d}", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    return client.get_records(ShardIterator=iterator)["Records"]


def data_of(client: Any, shard: int = 0) -> list[str]:
    return [record["Data"].decode() for record in read(client, shard)]


# -- nothing is left --------------------------------------------------------------------------------------------------


def test_each_line_of_the_table_is_there_once_and_says_its_rule() -> None:
    keys = [(operation.owner, operation.name) for operation in OPERATIONS]
    assert len(keys) == len(set(keys))
    assert all(operation.replacement.__doc__ for operation in OPERATIONS)


def test_stop_leaves_everything_as_it_was(make: Any) -> None:
    before = replaceable()
    surface = make()
    surface.start()
    during = replaceable()
    assert {name for name, value in during.items() if before[name] is not value} == set(before)
    surface.stop()
    after = replaceable()
    assert {name for name, value in after.items() if before[name] != value} == set()


def test_an_engine_goes_with_its_stream(surface: MotoSurface, world: Any) -> None:
    world.put(world.stream(), "a")
    kinesis = surface.late.room("kinesis")
    engine = weakref.ref(kinesis.find("clicks").engine)
    world.kinesis.delete_stream(StreamName="clicks")
    reset_model_data()  # moto itself remembers everything that it ever made
    gc.collect()
    assert engine() is None


# -- in and around mock_aws -------------------------------------------------------------------------------------------


def test_records_from_before_are_taken_over_and_the_rest_given_back(
    clock: VirtualClock, ledger: Ledger, make: Any, user: Any
) -> None:
    put(user, "a", "b")
    clock.jump_to(clock.now_ms + 1_500)
    put(user, "c")
    surface = make()
    surface.start()
    stream = surface.late.room("kinesis").find("clicks")
    assert [record.data for record in stream.engine.shards[SHARD].records] == [b"a", b"b", b"c"]
    assert dict(backend().streams["clicks"].shards[SHARD].records) == {}
    assert [record.data for record in ledger.known(stream.arn)] == [b"a", b"b", b"c"]
    records = read(user)
    assert [record["ApproximateArrivalTimestamp"].timestamp() % 60 for record in records] == [0, 0, 1.5]
    numbers = [record["SequenceNumber"] for record in records]
    assert [KinesisNumber.read(number) is not None for number in numbers] == [True] * 3
    put(user, "d")
    surface.stop()

    again = read(user)
    assert [record["Data"] for record in again] == [b"a", b"b", b"c", b"d"]
    assert [record["SequenceNumber"] for record in again[:3]] == numbers
    assert [record["ApproximateArrivalTimestamp"].timestamp() % 60 for record in again] == [0, 0, 1.5, 1.5]


def test_numbers_that_were_given_back_are_kept_and_later_ones_greater(
    clock: VirtualClock, make: Any, user: Any
) -> None:
    first = make()
    first.start()
    clock.jump_to(clock.now_ms + 60_000)
    put(user, "a", "b")
    numbers = [record["SequenceNumber"] for record in read(user)]
    first.stop()
    second = make()
    second.start()
    put(user, "c")
    later = [record["SequenceNumber"] for record in read(user)]
    assert later[:2] == numbers
    assert sorted(later) == later
    assert len(set(later)) == 3


def test_what_stock_moto_put_behind_given_back_records_gets_a_number(make: Any, user: Any) -> None:
    first = make()
    first.start()
    put(user, "a")
    first.stop()
    put(user, "b")
    second = make()
    second.start()
    put(user, "c")
    numbers = [record["SequenceNumber"] for record in read(user)]
    assert data_of(user) == ["a", "b", "c"]
    assert sorted(numbers) == numbers
    assert all(KinesisNumber.read(number) for number in numbers)


def test_a_mock_on_real_time_is_not_ahead_of_virtual_time(
    clock: VirtualClock, make: Any, user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(user, "a", "b")
    for record in backend().streams["clicks"].shards[SHARD].records.values():
        record.created_at_datetime = record.created_at_datetime.replace(year=2026)
    surface = make()
    surface.start()
    assert [record["ApproximateArrivalTimestamp"].year for record in read(user)] == [2025, 2025]
    clock.jump_to(clock.now_ms + 1_000)
    later_ms = clock.now_ms + 60_000
    room = sys.modules["pytest_lambda_events.brokers.moto.kinesis.streams"]
    monkeypatch.setattr(room, "unix_time_millis", lambda: float(later_ms))
    surface.stop()
    # as old there as they were here: one second
    arrivals = {record["ApproximateArrivalTimestamp"].timestamp() for record in read(user)}
    assert arrivals == {later_ms / 1000 - 1}


def test_expired_records_are_not_taken_over(clock: VirtualClock, ledger: Ledger, make: Any, user: Any) -> None:
    put(user, "old")
    clock.jump_to(clock.now_ms + 86_400_000)
    put(user, "new")
    surface = make()
    surface.start()
    assert data_of(user) == ["new"]
    assert [step.kind for step in ledger.steps] == ["entered"]


def test_a_resharded_stream_is_taken_over_with_its_shards(clock: VirtualClock, make: Any, user: Any) -> None:
    user.split_shard(StreamName="clicks", ShardToSplit=SHARD, NewStartingHashKey=str(HALF))
    backend().streams["clicks"].shards[SHARD].records.clear()
    put(user, "closed")  # stock moto puts into the closed parent
    clock.jump_to(clock.now_ms + 1_000)
    surface = make()
    surface.start()
    put(user, "open")
    assert [data_of(user, shard) for shard in range(3)] == [["closed"], ["open"], []]
    shards = user.list_shards(StreamName="clicks")["Shards"]
    assert ["EndingSequenceNumber" in shard["SequenceNumberRange"] for shard in shards] == [True, False, False]
    surface.stop()
    assert [data_of(user, shard) for shard in range(3)] == [["closed"], ["open"], []]


def test_records_that_a_merge_in_moto_mixed_up_keep_their_order(clock: VirtualClock, make: Any) -> None:
    with mock_aws():
        client = boto3.client("kinesis", region_name=REGION)
        client.create_stream(StreamName="clicks", ShardCount=1)
        put(client, "a", "b")
        late, early = backend().streams["clicks"].shards[SHARD].records.values()
        clock.jump_to(clock.now_ms + 5_000)
        late.created_at_datetime = late.created_at_datetime.replace(second=5)
        surface = make()
        surface.start()
        records = read(client)
        assert [record["Data"] for record in records] == [b"a", b"b"]
        assert {record["ApproximateArrivalTimestamp"].second for record in records} == {5}
        assert early.created_at_datetime.second == 0


def test_shards_that_were_made_by_ours_stay_in_moto(make: Any, user: Any) -> None:
    surface = make()
    surface.start()
    put(user, "a")
    user.split_shard(StreamName="clicks", ShardToSplit=SHARD, NewStartingHashKey=str(HALF))
    put(user, "b", at=TOP)
    assert backend().streams["clicks"].shard_count == 2
    surface.stop()
    stream = backend().streams["clicks"]
    assert [(shard.is_open, shard.parent) for shard in stream.shards.values()] == [
        (False, None),
        (True, SHARD),
        (True, SHARD),
    ]
    assert [data_of(user, shard) for shard in range(3)] == [["a"], [], ["b"]]


def test_a_stream_of_an_old_moto_s_cloudformation_keeps_records_for_a_day(
    clock: VirtualClock, make: Any, user: Any
) -> None:
    stream = backend().streams["clicks"]
    stream.retention_period_hours = "clicks"
    stream.creation_datetime = "2025-01-01T00:00:00.000000000"
    surface = make()
    surface.start()
    put(user, "a")
    clock.jump_to(clock.now_ms + 86_399_999)
    assert data_of(user) == ["a"]
    clock.jump_to(clock.now_ms + 1)
    assert data_of(user) == []


# -- who puts records in ----------------------------------------------------------------------------------------------


def test_cloudformation_makes_scales_and_deletes_streams(surface: MotoSurface, world: Any) -> None:
    def template(shards: int, hours: int) -> str:
        properties = {"Name": "clicks", "ShardCount": shards, "RetentionPeriodHours": hours}
        return json.dumps({"Resources": {"Clicks": {"Type": "AWS::Kinesis::Stream", "Properties": properties}}})

    stacks = boto3.client("cloudformation", region_name=REGION)
    stacks.create_stack(StackName="app", TemplateBody=template(1, 24))
    world.put("clicks", "a", at=TOP)
    stacks.update_stack(StackName="app", TemplateBody=template(2, 48))
    assert list(world.ranges("clicks")) == ["1", "2"]
    world.wait(86_400)
    assert world.data("clicks") == ["a"]
    stacks.update_stack(StackName="app", TemplateBody=template(2, 72))
    assert list(world.ranges("clicks")) == ["1", "2"]
    stacks.delete_stack(StackName="app")
    assert world.kinesis.list_streams()["StreamNames"] == []


def test_cloudwatch_logs_delivers_into_a_stream(surface: MotoSurface, world: Any) -> None:
    name = world.stream()
    logs = boto3.client("logs", region_name=REGION)
    logs.create_log_group(logGroupName="/app")
    logs.create_log_stream(logGroupName="/app", logStreamName="one")
    logs.put_subscription_filter(
        logGroupName="/app",
        filterName="all",
        filterPattern="",
        destinationArn=world.arn(name),
        roleArn="arn:aws:iam::1:r",
    )
    event = {"timestamp": world.clock.now_ms, "message": "hello"}
    logs.put_log_events(logGroupName="/app", logStreamName="one", logEvents=[event])
    [record] = world.read(world.iterator(name))["Records"]
    assert json.loads(gzip.decompress(record["Data"]))["logEvents"][0]["message"] == "hello"


def test_a_mapping_in_moto_is_not_pushed_to(surface: MotoSurface, world: Any) -> None:
    name = world.stream()
    backend().streams[name].lambda_event_source_mappings = {"arn:aws:lambda:eu-west-1:1:function:f": None}
    world.put(name, "a")
    assert world.data(name) == ["a"]


def test_moto_s_own_methods_go_the_same_way(surface: MotoSurface, world: Any) -> None:
    name = world.stream()
    moto = backend()
    number, shard_id = moto.put_record(None, name, "k", "", base64.b64encode(b"a").decode())
    assert shard_id == SHARD
    moto.put_records(world.arn(name), None, [{"PartitionKey": "k", "Data": base64.b64encode(b"b").decode()}])
    iterator = moto.get_shard_iterator(None, name, SHARD, "AT_SEQUENCE_NUMBER", number, None)
    following, records, behind_ms = moto.get_records(None, iterator, None)
    assert [(base64.b64decode(record.data), behind_ms) for record in records] == [(b"a", 0), (b"b", 0)]
    assert moto.get_records(None, following, 5)[1] == []
    moto.streams[name].split_shard(SHARD, str(HALF))
    moto.streams[name].merge_shards("shardId-000000000001", "shardId-000000000002")
    assert moto.get_records(None, following, 5)[0] is None
    moto.split_shard(None, name, "shardId-000000000003", str(HALF))
    assert list(world.ranges(name)) == ["4", "5"]
    assert moto.get_shard_iterator(None, name, "shardId-000000000004", "LATEST", None, None)
    since = moto.get_shard_iterator(None, name, SHARD, "AT_TIMESTAMP", None, world.clock.now_ms / 1000)
    assert len(moto.get_records(None, since, None)[1]) == 2


def test_a_stream_that_is_gone_takes_nothing(surface: MotoSurface, world: Any) -> None:
    world.stream()
    kinesis = surface.late.room("kinesis")
    handle = kinesis.find("clicks")
    world.kinesis.delete_stream(StreamName="clicks")
    world.stream()
    assert handle != kinesis.find("clicks")
    assert len({handle, kinesis.find("clicks")}) == 2
    assert (handle == "clicks", repr(handle)) == (False, f"<StreamHandle {handle.arn}>")
    with pytest.raises(Refusal, match="Stream clicks under account 123456789012 not found"):
        kinesis.put_all(handle, [UserRecord(data=b"a", partition_key="k")])


def test_what_is_announced_goes_with_a_deleted_stream(surface: MotoSurface, world: Any, ledger: Ledger) -> None:
    world.put(world.stream(2), "a")
    kinesis = surface.late.room("kinesis")
    handle = kinesis.find("clicks")
    engine = handle.engine
    kinesis.put_all(handle, [UserRecord(data=b"b", partition_key="k")], world.clock.now_ms + 5_000)
    world.merge("clicks")
    world.kinesis.delete_stream(StreamName="clicks")
    assert engine.next_change(world.clock.now_ms) is None
    assert {shard.closed_ms for shard in engine.shards.values()} == {world.clock.now_ms}
    assert [shard.first == shard.end for shard in engine.shards.values()] == [True] * 3
    assert [record.data for record in ledger.known(handle.arn)] == [b"a"]


def test_another_account_or_region_is_named(surface: MotoSurface, world: Any) -> None:
    kinesis = surface.late.room("kinesis")
    with pytest.raises(Refusal) as nothing:
        kinesis.find("clicks")
    assert nothing.value.hint == "moto has no stream at all; make one first"
    world.stream()
    boto3.client("kinesis", region_name="us-east-1").create_stream(StreamName="clicks", ShardCount=1)
    assert kinesis.find("clicks").region == REGION
    assert {handle.region for handle in kinesis.all()} == {"us-east-1", REGION}
    with pytest.raises(Refusal) as elsewhere:
        kinesis.find("arn:aws:kinesis:us-west-2:123456789012:stream/clicks")
    assert "in another account or region" in elsewhere.value.hint
    with pytest.raises(Refusal) as near:
        kinesis.find("click")
    assert "clicks" in near.value.hint


# -- the rest of the API ----------------------------------------------------------------------------------------------


@pytest.fixture
def free(surface: MotoSurface, world: Any) -> Any:
    """A client that sends what botocore would not let through."""
    world.stream()
    return boto3.client("kinesis", region_name=REGION, config=Config(parameter_validation=False))


@pytest.mark.parametrize(
    ("operation", "parameters", "code", "words"),
    [
        (
            "put_record",
            {"Data": b"a", "PartitionKey": "k"},
            "InvalidArgumentException",
            "Either StreamName or StreamARN",
        ),
        (
            "put_record",
            {"StreamName": "clicks", "Data": b"a", "PartitionKey": ""},
            "ValidationException",
            "'partitionKey'",
        ),
        ("get_shard_iterator", {"ShardId": SHARD, "ShardIteratorType": "LATEST"}, "InvalidArgumentException", "Either"),
        (
            "get_shard_iterator",
            {"StreamName": "clicks", "ShardId": SHARD, "ShardIteratorType": "FIRST"},
            "ValidationException",
            "enum value set: [AFTER_SEQUENCE_NUMBER",
        ),
        (
            "get_shard_iterator",
            {"StreamName": "clicks", "ShardId": "shardId-1", "ShardIteratorType": "LATEST"},
            "ResourceNotFoundException",
            "Shard shardId-000000000001 in stream clicks",
        ),
        (
            "get_shard_iterator",
            {"StreamName": "clicks", "ShardId": "first", "ShardIteratorType": "LATEST"},
            "ResourceNotFoundException",
            "Could not find shard first in stream clicks",
        ),
        ("describe_stream", {"StreamName": "clicks", "Limit": 0}, "ValidationException", "greater than or equal to 1"),
        ("list_shards", {}, "InvalidArgumentException", "Either NextToken or StreamName should be provided."),
        ("list_shards", {"NextToken": "e30="}, "InvalidArgumentException", "NextToken is invalid."),
        (
            "list_shards",
            {"StreamName": "clicks", "ShardFilter": {"Type": "AFTER_SHARD_ID"}},
            "InvalidArgumentException",
            "",
        ),
        (
            "list_shards",
            {"StreamName": "clicks", "ShardFilter": {"Type": "AT_TIMESTAMP"}},
            "InvalidArgumentException",
            "",
        ),
        (
            "split_shard",
            {"StreamName": "clicks", "ShardToSplit": SHARD, "NewStartingHashKey": "x"},
            "ValidationException",
            "'newStartingHashKey'",
        ),
        (
            "split_shard",
            {"StreamName": "clicks", "ShardToSplit": "shardId-7", "NewStartingHashKey": "5"},
            "ResourceNotFoundException",
            "Could not find shard shardId-000000000007 in stream clicks",
        ),
        ("create_stream", {"StreamName": "a b", "ShardCount": 1}, "ValidationException", "[a-zA-Z0-9_.-]+"),
        (
            "create_stream",
            {"StreamName": "a" * 129, "ShardCount": 1},
            "ValidationException",
            "less than or equal to 128",
        ),
        ("create_stream", {"StreamName": "a", "ShardCount": 0}, "ValidationException", "greater than or equal to 1"),
        ("create_stream", {"StreamName": "a", "ShardCount": 10_001}, "ValidationException", "or equal to 10000"),
        (
            "create_stream",
            {"StreamName": "a", "ShardCount": 1, "MaxRecordSizeInKiB": 10_241},
            "ValidationException",
            "less than or equal to 10240",
        ),
        (
            "update_max_record_size",
            {"StreamARN": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks", "MaxRecordSizeInKiB": 1},
            "ValidationException",
            "greater than or equal to 1024",
        ),
        (
            "increase_stream_retention_period",
            {"StreamName": "clicks", "RetentionPeriodHours": 23},
            "InvalidArgumentException",
            "Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.",
        ),
        (
            "increase_stream_retention_period",
            {"StreamName": "clicks", "RetentionPeriodHours": 8_761},
            "InvalidArgumentException",
            "Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long.",
        ),
        (
            "decrease_stream_retention_period",
            {"StreamName": "clicks", "RetentionPeriodHours": 25},
            "InvalidArgumentException",
            "can not be longer than existing retention period (24 hours). Use IncreaseRetentionPeriod API.",
        ),
        (
            "describe_stream_consumer",
            {"StreamARN": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks", "ConsumerName": "fan"},
            "ResourceNotFoundException",
            "Consumer fan, account 123456789012 not found.",
        ),
        ("describe_stream_consumer", {}, "InvalidArgumentException", "Either ConsumerARN"),
        (
            "subscribe_to_shard",
            {
                "ConsumerARN": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks/consumer/fan:1",
                "ShardId": SHARD,
                "StartingPosition": {"Type": "LATEST"},
            },
            "ResourceNotFoundException",
            "/consumer/fan:1, account",
        ),
    ],
    ids=str,
)
def test_what_aws_refuses_is_refused(free: Any, operation: str, parameters: Any, code: str, words: str) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(free, operation)(**parameters)
    error = caught.value.response["Error"]
    assert (error["Code"], words in error["Message"]) == (code, True), error["Message"]


def test_retention_is_not_made_shorter_by_increasing_it(surface: MotoSurface, world: Any) -> None:
    name = world.stream()
    world.kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=48)
    with pytest.raises(ClientError, match=r"can not be shorter than existing retention period \(48 hours\)"):
        world.kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=24)


def test_consumers_are_listed_a_page_at_a_time(surface: MotoSurface, world: Any) -> None:
    name = world.stream()
    for number in range(20):
        world.consumer(name, f"fan-{number}")
    with pytest.raises(ClientError, match="LimitExceededException"):
        world.consumer(name, "one-more")
    arn = world.arn(name)
    page = world.kinesis.list_stream_consumers(StreamARN=arn, MaxResults=15)
    rest = world.kinesis.list_stream_consumers(StreamARN=arn, NextToken=page["NextToken"])
    names = [consumer["ConsumerName"] for consumer in page["Consumers"] + rest["Consumers"]]
    assert names == [f"fan-{number}" for number in range(20)]
    assert "NextToken" not in rest
    consumer = page["Consumers"][7]
    for asked in ({"ConsumerARN": consumer["ConsumerARN"]}, {"StreamARN": arn, "ConsumerName": "fan-7"}):
        described = world.kinesis.describe_stream_consumer(**asked)["ConsumerDescription"]
        assert (described["ConsumerARN"], described["StreamARN"]) == (consumer["ConsumerARN"], arn)


def test_a_subscription_pushes_page_after_page(surface: MotoSurface, world: Any) -> None:
    name = world.stream()
    arn = world.consumer(name)
    world.put(name, *("a" * 1_048_575 for _ in range(12)))
    answer = world.kinesis.subscribe_to_shard(
        ConsumerARN=arn, ShardId=SHARD, StartingPosition={"Type": "AT_TIMESTAMP", "Timestamp": world.clock.now()}
    )
    events = [event["SubscribeToShardEvent"] for event in answer["EventStream"]]
    assert [len(event["Records"]) for event in events] == [10, 2]
    assert [event["MillisBehindLatest"] for event in events] == [1, 0]
    empty = world.kinesis.subscribe_to_shard(ConsumerARN=arn, ShardId=SHARD, StartingPosition={"Type": "LATEST"})[
        "EventStream"
    ]
    [event] = [event["SubscribeToShardEvent"] for event in empty]
    assert (event["Records"], event["ContinuationSequenceNumber"]) == ([], events[-1]["ContinuationSequenceNumber"])


def test_a_subscription_to_an_empty_shard_continues_at_its_beginning(surface: MotoSurface, world: Any) -> None:
    name = world.stream()
    arn = world.consumer(name)
    answer = world.kinesis.subscribe_to_shard(ConsumerARN=arn, ShardId=SHARD, StartingPosition={"Type": "TRIM_HORIZON"})
    [event] = [event["SubscribeToShardEvent"] for event in answer["EventStream"]]
    beginning = world.shards(name)["0"]["SequenceNumberRange"]["StartingSequenceNumber"]
    assert event["ContinuationSequenceNumber"] == beginning


def test_an_encrypted_stream_says_so(surface: MotoSurface, world: Any) -> None:
    name = world.stream()
    world.kinesis.start_stream_encryption(StreamName=name, EncryptionType="KMS", KeyId="alias/key")
    put = world.kinesis.put_record(StreamName=name, Data=b"a", PartitionKey="k")
    [record] = world.read(world.iterator(name))["Records"]
    assert (put["EncryptionType"], record["EncryptionType"]) == ("KMS", "KMS")


def test_tags_and_record_size_are_set_with_the_stream(surface: MotoSurface, world: Any) -> None:
    name = world.stream(Tags={"team": "web"}, MaxRecordSizeInKiB=2_048)
    assert world.kinesis.list_tags_for_stream(StreamName=name)["Tags"] == [{"Key": "team", "Value": "web"}]
    summary = world.kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    assert summary["MaxRecordSizeInKiB"] == 2_048


def test_what_moto_counts_in_cloudwatch_it_still_counts(surface: MotoSurface, world: Any) -> None:
    counted: list[tuple[str, int, int]] = []
    moto = backend()
    moto._send_stream_metrics = lambda name, incoming_bytes, incoming_records: counted.append(
        (name, incoming_bytes, incoming_records)
    )
    name = world.stream()
    world.put(name, "abc", key="key")
    moto._send_stream_metrics = None  # an older moto has none
    world.put(name, "abc", key="key")
    assert counted == [("clicks", 6, 1)]


def test_a_large_record_comes_alone(surface: MotoSurface, world: Any) -> None:
    name = world.stream(MaxRecordSizeInKiB=10_240)
    world.put(name, "a" * (10 * 1_048_576 - 1), "b")
    first = world.read(world.iterator(name))
    assert [len(record["Data"]) for record in first["Records"]] == [10 * 1_048_576 - 1]
    assert [record["Data"] for record in world.read(first["NextShardIterator"])["Records"]] == [b"b"]
