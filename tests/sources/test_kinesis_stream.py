"""A stream as tests hold it: sent to, resharded, adopted, read by consumers; and its events as text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pytest_lambda_events.brokers.moto.surface import MotoSurface
from pytest_lambda_events.clock.travel import Travel
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.delivered import DeliveredBytes
from pytest_lambda_events.model.trace import Ledger
from pytest_lambda_events.model.windows import TumblingWindow
from pytest_lambda_events.sources.kinesis.broker import KinesisConsumer, adopt_stream, create_stream, is_reference
from pytest_lambda_events.sources.kinesis.event import KinesisEventShape

if TYPE_CHECKING:
    from collections.abc import Iterator

START_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
REGION = "eu-west-1"
ARN = f"arn:aws:kinesis:{REGION}:123456789012:stream/clicks"
HALF = 1 << 127
TOP = (1 << 128) - 1


class World:
    """What a harness has."""

    def __init__(self) -> None:
        self.clock = VirtualClock(START_MS)
        self.ledger = Ledger()
        self.identifiers = Identifiers(0)
        self.surface = MotoSurface(self.clock, self.ledger, self.identifiers, REGION)

    def create(self, name: str = "clicks", **attributes: Any) -> Any:
        return create_stream(name, attributes, self.surface, self.clock, self.ledger, identifiers=self.identifiers)

    def adopt(self, reference: str) -> Any:
        return adopt_stream(reference, self.surface, self.clock, self.ledger, identifiers=self.identifiers)

    @property
    def kinesis(self) -> Any:
        return boto3.client("kinesis", region_name=REGION)

    def read(self, shard: int = 0) -> list[dict[str, Any]]:
        iterator = self.kinesis.get_shard_iterator(
            StreamName="clicks", ShardId=f"shardId-{shard:012d}", ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        return self.kinesis.get_records(ShardIterator=iterator)["Records"]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    world = World()
    travel = Travel(world.clock)
    world.surface.start()
    travel.start()
    yield world
    travel.stop()
    world.surface.stop()


# -- sending ----------------------------------------------------------------------------------------------------------


def test_what_is_sent_is_what_boto3_reads(world: World) -> None:
    """Bytes and text as they are, anything else as compact JSON; numbers, keys and times are the same."""
    stream = world.create()
    sent = stream.send(b"\x00\xff", "text", {"a": [1, "é"]}, partition_key="k")
    assert [record.data for record in sent] == [b"\x00\xff", b"text", '{"a":[1,"é"]}'.encode()]
    read = world.read()
    assert [record["Data"] for record in read] == [record.data for record in sent]
    assert [record["SequenceNumber"] for record in read] == [record.id for record in sent]
    assert {record["PartitionKey"] for record in read} == {"k"}
    assert {record.arrival_ms for record in sent} == {START_MS}
    assert stream.records == sent
    assert sent[2].json() == {"a": [1, "é"]}


def test_what_boto3_puts_the_stream_has(world: World) -> None:
    """In one order with what was sent."""
    stream = world.create()
    [first] = stream.send("a")
    world.kinesis.put_record(StreamName="clicks", Data=b"b", PartitionKey="k")
    assert [record.data for record in stream.records] == [b"a", b"b"]
    assert stream.records[0] == first


def test_without_a_partition_key_each_record_has_one_of_its_own(world: World) -> None:
    """A UUID; a key may also be a function of the payload's number."""
    stream = world.create()
    own = {record.partition_key for record in stream.send("a", "b", "c")}
    assert {len(key) for key in own} == {36}
    assert len(own) == 3
    assert [record.partition_key for record in stream.send("a", "b", partition_key="k{}".format)] == ["k0", "k1"]


def test_an_explicit_hash_key_chooses_the_shard(world: World) -> None:
    """In place of the partition key's."""
    stream = world.create(ShardCount=2)
    sent = stream.send("a", "b", partition_key="k", explicit_hash_key=lambda number: number * TOP)
    assert [record.shard_id[-1] for record in sent] == ["0", "1"]
    assert [record.explicit_hash_key for record in sent] == ["0", str(TOP)]


def test_what_an_envelope_brings_along_holds_where_nothing_is_given(world: World) -> None:
    """CloudWatch Logs gives its records a partition key."""
    stream = world.create()
    brought, given = DeliveredBytes(b"a", partition_key="logs"), DeliveredBytes(b"b", partition_key="logs")
    assert stream.send(brought)[0].partition_key == "logs"
    assert stream.send(given, partition_key="mine")[0].partition_key == "mine"


def test_nothing_is_sent_unless_everything_can_be(world: World) -> None:
    """AWS's words are PutRecord's."""
    stream = world.create()
    with pytest.raises(
        ClientError, match=r"calling the PutRecord operation.*Member must have length less than"
    ) as caught:
        stream.send("a", "b" * 1_048_577)
    assert caught.value.operation_name == "PutRecord"
    with pytest.raises(ClientError, match="InvalidArgumentException"):
        stream.send("a", explicit_hash_key=TOP + 1)
    with pytest.raises(UsageError, match="cannot be"):
        stream.send("a", {1, 2})
    assert stream.records == []
    assert stream.send() == []


def test_at_puts_later(world: World) -> None:
    """The record is there when time passes the moment, and in its place among the others."""
    stream = world.create()
    [later] = stream.send("later", at=10)
    [now] = stream.send("now")
    assert stream.records == [now]
    world.clock.advance(10)
    [last] = stream.send("last")
    assert stream.records == [now, later, last]
    assert later.arrival_ms == START_MS + 10_000
    assert sorted([now.id, later.id, last.id]) == [now.id, later.id, last.id]
    with pytest.raises(UsageError, match=r"at=9 lies in the past: virtual time is at 10 s"):
        stream.send("a", at=9)
    assert stream.send("present", at=10)[0] in stream.records


def test_an_aggregate_is_one_record(world: World) -> None:
    """As the Kinesis Producer Library packs it: partition key `a`."""
    stream = world.create()
    [whole] = stream.send("a", "b", partition_key="k{}".format, aggregate=True)
    assert stream.records == [whole]
    assert whole.partition_key == "a"
    assert whole.data.startswith(b"\xf3\x89\x9a\xc2")
    assert stream.send(aggregate=True) == []


# -- shards -----------------------------------------------------------------------------------------------------------


def test_a_stream_is_split_and_merged(world: World) -> None:
    """In the middle unless a hash key says where; shards show their lineage and what they hold."""
    stream = world.create()
    [first] = stream.send("a")
    [only] = stream.shards
    assert (only.id, only.is_open, only.records) == ("shardId-000000000000", True, (first,))
    lower, upper = stream.split(only)
    assert [(shard.starting_hash_key, shard.ending_hash_key) for shard in (lower, upper)] == [
        (0, HALF - 1),
        (HALF, TOP),
    ]
    child = stream.merge(lower.id, upper)
    assert (child.parents, child.starting_hash_key, child.ending_hash_key) == ((lower.id, upper.id), 0, TOP)
    assert [shard.is_open for shard in stream.shards] == [False, False, False, True]
    assert [shard.starting_hash_key for shard in stream.split(child.id, 5)] == [0, 5]
    assert stream.shards[0].records == (first,)
    described = world.kinesis.list_shards(StreamName="clicks")["Shards"]
    assert [shard["ShardId"] for shard in described] == [shard.id for shard in stream.shards]


def test_what_cannot_be_split_or_merged_is_refused(world: World) -> None:
    """As AWS answers to SplitShard and MergeShards."""
    stream = world.create(ShardCount=2)
    with pytest.raises(ClientError, match=r"calling the SplitShard operation: NewStartingHashKey 1 used in SplitShard"):
        stream.split("shardId-000000000000", 1)
    with pytest.raises(ClientError, match=r"calling the MergeShards operation: .*not an adjacent pair"):
        stream.merge("shardId-000000000001", "shardId-000000000000")


# -- streams ----------------------------------------------------------------------------------------------------------


def test_a_stream_is_made_with_createstream_s_attributes(world: World) -> None:
    """One shard unless they say otherwise, and RetentionPeriodHours as in templates."""
    stream = world.create(ShardCount=3, RetentionPeriodHours=48, MaxRecordSizeInKiB=2_048, Tags={"team": "web"})
    assert (stream.name, stream.arn, stream.mapped_arn, stream.kind) == ("clicks", ARN, ARN, "kinesis")
    assert (stream.visibility_ms, repr(stream)) == (None, f"<KinesisStream {ARN}>")
    assert len(stream.shards) == 3
    [record] = stream.send("a" * 2_000_000)
    world.clock.advance(86_400)
    stream.settle(world.clock.now_ms)
    assert record in [one for shard in stream.shards for one in shard.records]
    world.clock.advance(86_400)
    assert [shard.records for shard in stream.shards] == [()] * 3
    assert stream.records == [record]
    on_demand = world.create("on-demand", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    assert len(on_demand.shards) == 4


def test_a_stream_that_cannot_be_made_is_refused(world: World) -> None:
    """As AWS answers to CreateStream; and an attribute that there is not, by name."""
    world.create()
    with pytest.raises(ClientError, match=r"calling the CreateStream operation: Stream clicks under account"):
        world.create()
    with pytest.raises(ClientError, match="Minimum allowed retention period is 24 hours"):
        world.create("other", RetentionPeriodHours=1)
    with pytest.raises(UsageError, match=r"a stream has no Shardcount.*ShardCount"):
        world.create("other", Shardcount=1)


@pytest.mark.parametrize("reference", ["clicks", ARN])
def test_a_stream_of_the_user_s_own_is_adopted(world: World, reference: str) -> None:
    """By its name or ARN."""
    world.kinesis.create_stream(StreamName="clicks", ShardCount=1)
    world.kinesis.put_record(StreamName="clicks", Data=b"a", PartitionKey="k")
    stream = world.adopt(reference)
    assert stream.arn == ARN
    assert [record.data for record in stream.records] == [b"a"]
    assert is_reference(ARN)
    assert not is_reference("clicks")


def test_a_stream_that_is_not_there_is_not_adopted(world: World) -> None:
    """As AWS answers, with what there is."""
    world.create("visits")
    with pytest.raises(ClientError, match=r"Stream visit under account 123456789012 not found.\nHint: there is visits"):
        world.adopt("visit")


# -- consumers --------------------------------------------------------------------------------------------------------


def test_a_consumer_has_an_arn_of_its_own_and_aggregates_apart(world: World) -> None:
    """The records within share one sequence number, and are told apart all the same."""
    stream = world.create()
    consumer = stream.consumer("fan")
    assert consumer.arn == consumer.mapped_arn == f"{ARN}/consumer/fan:{START_MS // 1000}"
    assert (consumer.kind, consumer.name, consumer.visibility_ms) == ("kinesis", "fan", None)
    assert repr(consumer) == f"<KinesisConsumer {consumer.arn}>"
    [whole] = stream.send({"n": 1}, {"n": 2}, aggregate=True)
    [alone] = consumer.send({"n": 3})
    inner = consumer.records
    assert [record.json() for record in inner] == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert [record.sequence_number for record in inner] == [whole.id, whole.id, alone.id]
    assert len(set(inner)) == 3
    consumer.settle(world.clock.now_ms)
    assert list(consumer.engine.read(inner[0].shard_id, 0, 10, world.clock.now_ms)[1]) == inner
    assert stream.records == [whole, alone]
    both = consumer.send("a", "b", aggregate=True)
    assert both == consumer.records[3:]


def test_a_consumer_is_registered_once(world: World) -> None:
    """Whoever registered it; it is adopted by its ARN, too."""
    stream = world.create()
    registered = world.kinesis.register_stream_consumer(StreamARN=ARN, ConsumerName="fan")["Consumer"]["ConsumerARN"]
    assert stream.consumer("fan").arn == registered
    stream.consumer("other")
    adopted = world.adopt(registered)
    assert isinstance(adopted, KinesisConsumer)
    assert (adopted.name, adopted.stream.arn) == ("fan", ARN)
    with pytest.raises(ClientError, match=r"Consumer arn:.*/consumer/fan:1, account 123456789012 not found"):
        world.adopt(f"{ARN}/consumer/fan:1")
    with pytest.raises(ClientError, match="RegisterStreamConsumer"):
        stream.consumer("a b")


# -- the event as text ------------------------------------------------------------------------------------------------


def test_a_poller_s_text_says_what_the_event_says(world: World) -> None:
    """Record by record and as a whole, compact, with anything in keys and data."""
    stream = world.create()
    world.clock.advance(0.007)
    records = stream.send(b"\x00\xff", "", {"a": "é"}, partition_key='"quoted" é \\ \u2028'.replace(" ", "\t").format)
    shape = KinesisEventShape(ARN, "arn:aws:iam::123456789012:role/r")
    texts = [shape.record_text(record) for record in records]
    assert [json.loads(text) for text in texts] == [shape.record(record) for record in records]
    assert shape.event_text(texts) == json.dumps(shape.event(records), separators=(",", ":"), ensure_ascii=False)
    assert shape.overhead == len(shape.event_text([]))
    assert [shape.item_identifier(record) for record in records] == [record.id for record in records]
    assert {shape.order_key(record) for record in records} == {records[0].partition_key}


def test_the_records_of_an_aggregate_are_known_by_one_identifier(world: World) -> None:
    """What names them in batchItemFailures is the number that they share."""
    consumer = world.create().consumer("fan")
    inner = consumer.send("a", "b", partition_key="k{}".format, aggregate=True)
    shape = KinesisEventShape(consumer.arn, "role")
    assert len({shape.item_identifier(record) for record in inner}) == 1
    assert [shape.order_key(record) for record in inner] == ["k0", "k1"]
    shown = [shape.record(record) for record in inner]
    assert {record["eventID"] for record in shown} == {f"shardId-000000000000:{inner[0].sequence_number}"}
    assert {record["eventSourceARN"] for record in shown} == {consumer.arn}


def test_a_window_s_text_says_what_the_event_says(world: World) -> None:
    """With records and, at its end, without."""
    records = world.create().send("a", "b")
    shape = KinesisEventShape(ARN, "role")
    window = TumblingWindow(seconds=30, state={"é": [1]}, is_final=False, terminated_early=False)
    where = {"shard_id": "shardId-000000000000", "moment_ms": START_MS + 31_000}
    texts = [shape.record_text(record) for record in records]
    for given, written in ((records, texts), ([], [])):
        event = shape.window_event(given, window, **where)
        assert shape.window_text(written, window, **where) == json.dumps(
            event, separators=(",", ":"), ensure_ascii=False
        )
