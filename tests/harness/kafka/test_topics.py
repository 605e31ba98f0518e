"""A topic as tests hold it: what it takes, what it refuses, what it shows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_lambda_events import UsageError
from pytest_lambda_events.model.partitioner import partition_for_key

START_MS = 1_735_689_600_000


def test_putting_returns_the_records_in_order(aws: Any) -> None:
    """Payloads travel as they are, or as compact JSON; keys decide on partitions."""
    topic = aws.kafka_topic("orders", partitions=4)
    sent = topic.send({"order": 1}, "text", b"\xff", None, 7, key=lambda number: f"k{number}")
    assert [record.value for record in sent] == [b'{"order":1}', b"text", b"\xff", None, b"7"]
    assert sent[0].json() == {"order": 1}
    assert [record.partition for record in sent] == [partition_for_key(f"k{number}".encode(), 4) for number in range(5)]
    assert topic.records == topic.messages == sent
    assert topic.send() == []


def test_records_are_named_by_their_place(aws: Any) -> None:
    """topic-partition-offset."""
    topic = aws.msk_topic("my.topic-x", partitions=2)
    assert [record.id for record in topic.send("a", "b", partition=1)] == ["my.topic-x-1-0", "my.topic-x-1-1"]
    assert topic.partitions[1].records[1].value == b"b"
    assert [(one.number, one.beginning_offset, one.end_offset) for one in topic.partitions] == [(0, 0, 0), (1, 0, 2)]


def test_retention_takes_records_and_leaves_their_offsets(aws: Any) -> None:
    """`records` is all that it ever took, `messages` what is there."""
    topic = aws.kafka_topic("orders", retention_ms=10_000)
    old = topic.send("a", "b")
    aws.virtual_clock.advance(10)
    new = topic.send("c")
    assert topic.messages == new
    assert topic.records == [*old, *new]
    assert topic.partitions[0][1:] == (2, 3, tuple(new))


def test_a_put_is_announced_for_later(aws: Any) -> None:
    """It gets the next offset when it comes, and the moment of its coming as its timestamp."""
    topic = aws.kafka_topic("orders", partitions=2)
    assert topic.send("late", "later", key="k", at=10) == []
    assert topic.records == []
    (early,) = topic.send("early", key="k")
    assert topic.send("now", at=0)[0].offset == 1
    aws.virtual_clock.advance(10)
    assert [record.value for record in topic.records] == [b"early", b"now", b"late", b"later"]
    late = topic.records[2]
    assert (late.partition, late.offset, late.timestamp) == (early.partition, 2, START_MS + 10_000)


def test_an_announced_put_without_a_key_goes_where_the_producer_then_is(aws: Any) -> None:
    """Sticky, as any other."""
    topic = aws.kafka_topic("orders", partitions=50)
    topic.send("a")
    topic.send("b", at=1)
    topic.send("c", partition=7, at=1)
    aws.virtual_clock.advance(1)
    a, b, c = topic.records
    assert a.partition == b.partition
    assert c.partition == 7


def test_the_brokers_clock_may_stamp_records(aws: Any) -> None:
    """message.timestamp.type LogAppendTime: what the producer says is overwritten."""
    topic = aws.kafka_topic("orders", timestamp_type="LOG_APPEND_TIME")
    aws.virtual_clock.advance(5)
    (record,) = topic.send("a", timestamp=1)
    assert (record.timestamp, record.timestamp_type) == (START_MS + 5_000, "LOG_APPEND_TIME")


def test_nothing_is_sent_unless_everything_can_be(aws: Any) -> None:
    """And the offsets go on as if nothing had been tried."""
    topic = aws.kafka_topic("orders", max_message_bytes=200)
    with pytest.raises(UsageError, match=r"max\.message\.bytes"):
        topic.send("a", "x" * 300)
    assert topic.records == []
    assert topic.send("b")[0].offset == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"partition": 2}, "partition=2: the topic orders has 2, numbered from 0"),
        ({"partition": True}, "partition=True"),
        ({"partition": -1}, "partition=-1"),
        ({"at": 1}, "at=1 lies in the past: virtual time is at 5 s"),
        ({"timestamp": "now"}, "timestamp='now'"),
        ({"headers": "x"}, "headers='x'"),
    ],
)
def test_what_kafka_does_not_take_is_refused(aws: Any, arguments: Any, told: str) -> None:
    """With the value, and what to do."""
    topic = aws.kafka_topic("orders", partitions=2)
    aws.virtual_clock.advance(5)
    with pytest.raises(UsageError, match=told):
        topic.send("a", **arguments)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"partitions": 0}, "partitions=0: a topic has at least one partition"),
        ({"partitions": True}, "partitions=True"),
        ({"retention_ms": 0}, "retention_ms=0: write milliseconds"),
        ({"retention_ms": 1.5}, r"retention_ms=1\.5"),
        ({"timestamp_type": "NO_TIMESTAMP_TYPE"}, "a topic has CREATE_TIME or LOG_APPEND_TIME"),
        ({"bootstrap_servers": "nowhere"}, "'nowhere' is no address"),
        ({"name": "no/topic"}, "Kafka takes 1 to 249"),
    ],
)
def test_a_topic_that_cannot_be_is_refused(aws: Any, arguments: Any, told: str) -> None:
    """Before anything is made."""
    given = {"name": "orders", **arguments}
    with pytest.raises(UsageError, match=told):
        aws.kafka_topic(**given)
    aws.kafka_topic("orders")


def test_a_name_is_taken_once(aws: Any) -> None:
    """On its cluster, and on any other, because records are told apart by their topic."""
    aws.kafka_topic("orders", bootstrap_servers="a:1")
    with pytest.raises(UsageError, match="the topic orders exists already"):
        aws.kafka_topic("orders", bootstrap_servers=["a:1"])
    with pytest.raises(UsageError, match="there is a topic orders on another cluster"):
        aws.msk_topic("orders")
    assert aws.kafka_topic().name == "topic-2"
    assert aws.msk_topic().name == "topic-3"


def test_a_topic_of_msk_knows_its_cluster(aws: Any) -> None:
    """By name or ARN; its own ARN is the topic's."""
    arn = "arn:aws:kafka:us-west-2:123456789012:cluster/shop/a93759a9-c9d0-4952-984c-492c6bfa2be8-13"
    topic = aws.msk_topic("orders", cluster=arn, auth="scram")
    assert topic.mapped_arn == topic.cluster == arn
    assert topic.arn == arn.replace(":cluster/", ":topic/") + "/orders"
    assert all(server.endswith("us-west-2.amazonaws.com:9096") for server in topic.bootstrap_servers)
    assert repr(topic) == f"<MskTopic {topic.arn}>"
    serverless = aws.msk_topic("clicks", serverless=True)
    assert serverless.bootstrap_servers[0].startswith("boot-")
    assert (topic.visibility_ms, topic.kind, serverless.kind) == (None, "msk", "msk")
    with pytest.raises(UsageError, match="a serverless cluster has IAM only"):
        aws.msk_topic("more", serverless=True, auth="tls")


def test_a_mapping_is_filled_in_with_what_the_topic_knows(aws: Any, recorder: Any) -> None:
    """Topics, and for a self-managed cluster where it is and how to get in; what is given stays."""
    own = aws.kafka_topic("orders", bootstrap_servers="a:1,b:2")
    described = aws.event_source_mapping(own, recorder()).describe()
    assert described["Topics"] == ["orders"]
    assert described["SelfManagedEventSource"] == {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["a:1", "b:2"]}}
    assert described["SourceAccessConfigurations"][0]["Type"] == "SASL_SCRAM_512_AUTH"
    assert "EventSourceArn" not in described
    given = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:mine-a1B2c3"}]
    assert own.fill_in({"SourceAccessConfigurations": given, "Topics": ["orders"], "BatchSize": None}) == {
        "Topics": ["orders"],
        "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["a:1", "b:2"]}},
        "SourceAccessConfigurations": given,
    }
    msk = aws.msk_topic("clicks")
    assert msk.fill_in({"BatchSize": 5}) == {"Topics": ["clicks"], "BatchSize": 5}
    with pytest.raises(UsageError, match="leave Topics out"):
        msk.fill_in({"Topics": ["orders"]})


def test_a_topic_is_found_by_the_parameters_of_its_mapping(aws: Any) -> None:
    """The cluster's ARN or any of its addresses, and Topics."""
    own = aws.kafka_topic("orders", bootstrap_servers="a:1,b:2")
    msk = aws.msk_topic("clicks")
    find = aws._clusters().mapped
    endpoints = {"SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["b:2"]}}}
    assert find(None, {"Topics": ["orders"], **endpoints}) is own
    assert find(msk.mapped_arn, {"Topics": ["clicks"]}) is msk
    for arn, parameters in (
        (None, {"Topics": ["orders"]}),
        (None, {"Topics": ["orders"], "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["c:3"]}}}),
        (None, {"Topics": ["nothing"], **endpoints}),
        (msk.mapped_arn, {}),
        (msk.mapped_arn, {"Topics": ["orders"]}),
        (None, {"Topics": ["clicks"], **endpoints}),
    ):
        assert find(arn, parameters) is None
    assert msk.sibling("orders") is None
    assert own.sibling("orders") is own


def test_a_payload_that_cannot_be_serialised_is_refused(aws: Any) -> None:
    """With its type."""
    with pytest.raises(UsageError, match="cannot be sent"):
        aws.kafka_topic("orders").send({1, 2})


def test_the_schemas_id_may_stand_in_the_bytes(aws: Any) -> None:
    """As the serializer of a registry writes it, where the mapping has none."""
    (record,) = aws.kafka_topic("orders").send(
        b"x", value_schema={"schemaId": "7", "dataFormat": "AVRO"}, framing="confluent"
    )
    assert record.value == b"\x00\x00\x00\x00\x07x"
    assert record.value_schema is None
    assert json.dumps(record.headers) == "[]"
