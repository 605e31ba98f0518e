"""Envelopes through a queue: what they bring along travels with the message, to the handler's event."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pytest_lambda_events.envelopes import eventbridge, extended_client, s3_put, sns
from pytest_lambda_events.events import validate

if TYPE_CHECKING:
    from pytest_lambda_events import Harness


def delivered(aws: Harness, queue: Any) -> list[dict[str, Any]]:
    """The records of the event that a handler of the queue gets."""
    event = aws.event_source_mapping(queue, lambda *_: None).run_until_idle().invocations[0].event
    assert validate(event) == []
    records: list[dict[str, Any]] = event["Records"]
    return records


def test_raw_delivery_gives_each_message_its_own_attributes(aws: Harness) -> None:
    """Also beside payloads that have none; types are kept, and numbers canonical."""
    queue = aws.sqs_queue("orders")
    queue.send(
        sns({"order": 1}, raw=True, message_attributes={"kind": "new", "raw": b"\xff"}),
        {"order": 2},
        extended_client("large-messages", size=300_000),
        sns("four", message_attributes={"kind": "in the body"}),
    )
    first, second, third, fourth = delivered(aws, queue)
    assert first["body"] == '{"order":1}'
    assert {name: value["dataType"] for name, value in first["messageAttributes"].items()} == {
        "kind": "String",
        "raw": "Binary",
    }
    assert second["messageAttributes"] == {}
    assert third["messageAttributes"]["ExtendedPayloadSize"]["stringValue"] == "300000"
    assert fourth["messageAttributes"] == {}


def test_what_is_given_goes_before_what_is_brought_along(aws: Harness) -> None:
    """Attributes of the call are those of all messages."""
    queue = aws.sqs_queue("orders")
    queue.send(sns("a", raw=True, message_attributes={"kind": "new"}), "b", message_attributes={"other": 1})
    assert [list(record["messageAttributes"]) for record in delivered(aws, queue)] == [["other"], ["other"]]


def test_a_fifo_topics_ids_are_the_queues(aws: Harness) -> None:
    """Group and deduplication id: a queue without ContentBasedDeduplication takes the message, once."""
    queue = aws.sqs_queue("orders.fifo")
    sent = queue.send(
        sns("a", topic="orders.fifo", message_group_id="g"),
        sns("a", topic="orders.fifo", message_group_id="g"),
        sns("a", topic="orders.fifo", message_group_id="h", message_deduplication_id="mine"),
    )
    assert sent[0] == sent[1]
    attributes = [record["attributes"] for record in delivered(aws, queue)]
    assert [one["MessageGroupId"] for one in attributes] == ["g", "h"]
    assert attributes[1]["MessageDeduplicationId"] == "mine"


def test_the_ids_of_the_call_go_before_a_topics(aws: Harness) -> None:
    """Each by itself."""
    queue = aws.sqs_queue("orders.fifo")
    queue.send(sns("a", topic="orders.fifo", message_group_id="g"), message_group_id="other")
    (record,) = delivered(aws, queue)
    assert record["attributes"]["MessageGroupId"] == "other"
    assert len(record["attributes"]["MessageDeduplicationId"]) == 64


def test_a_standard_queue_gets_no_ids_of_a_fifo_topic(aws: Harness) -> None:
    """SNS passes neither to it; the tenant of a fair queue it does pass."""
    queue = aws.sqs_queue("orders")
    queue.send(
        sns("a", topic="orders.fifo"), sns("b", message_group_id="tenant"), eventbridge({}, message_group_id="other")
    )
    groups = [record["attributes"].get("MessageGroupId") for record in delivered(aws, queue)]
    assert groups == [None, "tenant", "other"]


def test_nothing_is_sent_unless_everything_can_be(aws: Harness) -> None:
    """Attributes that an envelope brings along are checked with the rest, before the first message is sent."""
    queue = aws.sqs_queue("orders")
    reserved = sns("b", raw=True, message_attributes={"AWS.kind": "new"})
    with pytest.raises(ClientError, match="reserved"):
        queue.send(sns("a", raw=True, message_attributes={"kind": "new"}), reserved)
    assert queue.messages == []
    fifo = aws.sqs_queue("orders.fifo", ContentBasedDeduplication=True)
    with pytest.raises(ClientError, match="MessageGroupId"):
        fifo.send(sns("a", topic="orders.fifo"), eventbridge({}))
    assert fifo.messages == []


def test_the_sender_stays_the_harnesss_own(aws: Harness) -> None:
    """Who sends to this queue is the test: a sender that an envelope brings along is for events without a queue."""
    queue = aws.sqs_queue("orders")
    enveloped, plain = queue.send(s3_put("incoming", "k"), "a")
    assert enveloped.sender_id == plain.sender_id


def test_what_moto_publishes_has_the_same_fields(aws: Harness) -> None:
    """A stand-in for SNS that is not ours agrees on what a notification has in it, and on raw delivery."""
    topic = boto3.client("sns", region_name="us-east-1")
    arn = topic.create_topic(Name="orders")["TopicArn"]
    queues = [aws.sqs_queue(name) for name in ("wrapped", "raw")]
    for queue in queues:
        raw = str(queue.name == "raw").lower()
        topic.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue.arn, Attributes={"RawMessageDelivery": raw})
    attributes = {"kind": {"DataType": "String", "StringValue": "new"}}
    topic.publish(TopicArn=arn, Message="a", Subject="s", MessageAttributes=attributes)
    wrapped, raw_message = (queue.records[0] for queue in queues)

    ours = sns("a", topic=arn, subject="s", message_attributes=attributes)
    theirs = json.loads(wrapped.body)
    assert set(json.loads(ours)) == set(theirs)
    assert json.loads(ours)["MessageAttributes"] == theirs["MessageAttributes"]
    raw_payload = sns("a", topic=arn, raw=True, message_attributes=attributes)
    (sent,) = queues[1].send(raw_payload)
    assert (sent.body, sent.message_attributes) == (raw_message.body, raw_message.message_attributes)
