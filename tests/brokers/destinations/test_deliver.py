"""Invocation records in queues, topics and buckets, as the user's boto3 finds them there."""

from __future__ import annotations

import json
import re
import sys
from typing import Any
from urllib.parse import unquote_plus

import boto3
import pytest

from pytest_lambda_events import Harness
from pytest_lambda_events.brokers.moto.delivering import Delivering
from pytest_lambda_events.errors import NotSimulated
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.discard import Discard
from pytest_lambda_events.model.kinesis_record import KinesisRecord

REGION = "eu-west-1"
ACCOUNT = "123456789012"
START_MS = 1_735_689_600_000
MAPPING = "ab5863a1-91ee-4e18-8529-93984bfee847"
EVENT = '{"Records":[{"kinesis":{"data":"w6k="}}],"é":"\\u00e9"}'


def discard(clock: Any, **changes: Any) -> Discard:
    record = KinesisRecord(
        id="49678482485914992647128486738460559735979993999471542271",
        data=b"{}",
        partition_key="key",
        arrival_ms=START_MS,
        shard_id="shardId-000000000001",
    )
    given: dict[str, Any] = {
        "records": (record,),
        "condition": "RetryAttemptsExhausted",
        "request_id": "30d0e7bd-5ddd-4e96-af57-03a7080f606d",
        "invoke_count": 3,
        "function_error": "Unhandled",
        "has_response_context": True,
        "shard_id": "shardId-000000000001",
        "at_ms": clock.now_ms,
        "event_text": EVENT,
    }
    return Discard(**{**given, **changes})


def make_queue(name: str = "failures", region: str = REGION, **attributes: str) -> tuple[Any, str, str]:
    """A client, the URL of a new queue, and its ARN."""
    sqs = boto3.client("sqs", region_name=region)
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return sqs, url, f"arn:aws:sqs:{region}:{ACCOUNT}:{name}"


def received(sqs: Any, url: str) -> list[Any]:
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"])
    return answer.get("Messages", [])


# -- queues -----------------------------------------------------------------------------------------------------------


def test_a_queue_gets_the_record_as_the_body_of_a_message(destination, clock):
    """And never the event; the message is there at once."""
    sqs, url, arn = make_queue()
    clock.jump_to(START_MS + 60_021)

    reason = destination(arn).deliver(discard(clock))

    assert reason is None
    (message,) = received(sqs, url)
    record = json.loads(message["Body"])
    assert record["requestContext"]["functionArn"] == "arn:aws:lambda:eu-west-1:123456789012:function:clicks:live"
    assert record["timestamp"] == "2025-01-01T00:01:00.021Z"
    assert record["KinesisBatchInfo"]["streamArn"] == "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"
    assert "payload" not in record
    assert message["Attributes"]["SentTimestamp"] == str(START_MS + 60_021)


def test_the_sender_is_the_execution_role_in_a_session_of_the_poller(destination, clock):
    """The session is opened with the first delivery, and kept."""
    sqs, url, arn = make_queue()
    clock.jump_to(START_MS + 7)
    first = destination(arn)
    first.deliver(discard(clock))
    clock.jump_to(START_MS + 30_000)
    first.deliver(discard(clock))
    destination(arn, mapping="another").deliver(discard(clock))
    destination(arn, role_arn="another").deliver(discard(clock))

    senders = [message["Attributes"]["SenderId"] for message in received(sqs, url)]

    assert re.fullmatch(r"AROA[A-Z2-7]{17}:awslambda_[1-9][0-9]{2}_20250101000000007", senders[0])
    assert senders[1] == senders[0]
    roles = [sender.partition(":")[0] for sender in senders]
    assert roles[2] == roles[0]
    assert senders[2] != senders[0]
    assert roles[3] != roles[0]


def test_a_mapped_queue_of_the_same_harness_receives_the_record():
    """The exact engine has it, so a second function can look after what the first one failed."""
    with Harness(region=REGION) as aws:
        queue = aws.sqs_queue("failures")
        bodies = []
        mapping = aws.event_source_mapping(queue, lambda event, _: bodies.append(event["Records"][0]["body"]))

        assert Delivering(aws._surface).send_message(queue.arn, '{"version":"1.0"}', sender_id="AROA:me") is None
        run = mapping.run_until_idle()

    assert bodies == ['{"version":"1.0"}']
    assert run.processed == run.records
    assert [record.sender_id for record in run.records] == ["AROA:me"]
    assert [record.message_attributes for record in run.records] == [{}]


def test_a_queue_of_another_region_gets_it_too(destination, clock):
    """The ARN says where it is."""
    sqs, url, arn = make_queue(region="us-west-2")

    assert destination(arn).deliver(discard(clock)) is None
    assert len(received(sqs, url)) == 1


def test_a_queue_of_another_account_gets_it_too(destination, clock, monkeypatch):
    """The ARN says whose it is."""
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "210987654321")
    sqs, url, _ = make_queue()

    assert destination("arn:aws:sqs:eu-west-1:210987654321:failures").deliver(discard(clock)) is None
    assert len(received(sqs, url)) == 1


@pytest.mark.parametrize(
    ("arn", "reason"),
    [
        pytest.param(
            "arn:aws:sqs:eu-west-1:123456789012:failure",
            "arn:aws:sqs:eu-west-1:123456789012:failure did not take it: The specified queue does not exist. "
            "(there is failures)",
            id="misspelt",
        ),
        pytest.param(
            "arn:aws:sqs:us-east-1:123456789012:failures",
            "arn:aws:sqs:us-east-1:123456789012:failures did not take it: The specified queue does not exist. "
            "(there is arn:aws:sqs:eu-west-1:123456789012:failures, in another account or region)",
            id="another-region",
        ),
    ],
)
def test_a_queue_that_is_not_there_is_a_reason(destination, clock, arn, reason):
    """With the queue that was meant, perhaps."""
    make_queue()

    assert destination(arn).deliver(discard(clock)) == reason


def test_a_queue_that_was_deleted_is_a_reason(destination, clock):
    """It was there when the mapping was made."""
    sqs, url, arn = make_queue()
    target = destination(arn)
    sqs.delete_queue(QueueUrl=url)

    reason = target.deliver(discard(clock))

    assert reason == (
        f"{arn} did not take it: The specified queue does not exist. (moto has no queue at all; make one first)"
    )


def test_a_fifo_queue_takes_no_record(destination, clock):
    """Lambda gives no message group, so SQS refuses each."""
    sqs, url, arn = make_queue("failures.fifo", FifoQueue="true", ContentBasedDeduplication="true")

    reason = destination(arn).deliver(discard(clock))

    assert reason == f"{arn} did not take it: The request must contain the parameter MessageGroupId."
    assert received(sqs, url) == []


# -- topics -----------------------------------------------------------------------------------------------------------


def subscribed(region: str = REGION, **attributes: str) -> tuple[str, Any, str]:
    """A topic with a queue that subscribed: its ARN, the client of the queue, its URL."""
    sns = boto3.client("sns", region_name=region)
    topic = sns.create_topic(Name="failures")["TopicArn"]
    sqs, url, arn = make_queue("subscriber", region)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    return topic, sqs, url


def test_a_topic_tells_its_subscribers_of_the_record(destination, clock):
    """As the message of a notification that has no subject and no attributes (recorded), from SNS itself."""
    topic, sqs, url = subscribed()

    reason = destination(topic).deliver(discard(clock))

    assert reason is None
    (message,) = received(sqs, url)
    notification = json.loads(message["Body"])
    assert list(notification) == [
        "Type",
        "MessageId",
        "TopicArn",
        "Message",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertURL",
        "UnsubscribeURL",
    ]
    assert json.loads(notification["Message"])["KinesisBatchInfo"]["batchSize"] == 1
    assert notification["Timestamp"] == "2025-01-01T00:00:00.000Z"
    assert message["Attributes"]["SenderId"] == "AIDAISMY7JYY5F7RTT6AO"


def test_a_subscriber_of_raw_messages_gets_the_record_itself(destination, clock):
    """Without the envelope."""
    topic, sqs, url = subscribed(RawMessageDelivery="true")

    assert destination(topic).deliver(discard(clock)) is None
    (message,) = received(sqs, url)
    assert json.loads(message["Body"])["version"] == "1.0"


def test_a_topic_of_another_region_gets_it_too(destination, clock):
    """The ARN says where it is."""
    topic, sqs, url = subscribed("us-west-2")

    assert destination(topic).deliver(discard(clock)) is None
    assert len(received(sqs, url)) == 1


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sns:eu-west-1:123456789012:failure",
        "arn:aws:sns:us-east-1:123456789012:failures",
        "arn:aws:sns:eu-west-1:210987654321:failures",
    ],
)
def test_a_topic_that_is_not_there_is_a_reason(destination, clock, arn):
    """Another name, region or account."""
    subscribed()

    assert destination(arn).deliver(discard(clock)) == f"there is no topic {arn}"


def test_a_topic_may_refuse(destination, clock):
    """AWS lets no mapping name a FIFO topic, but a mapping may have been adopted."""
    sns = boto3.client("sns", region_name=REGION)
    topic = sns.create_topic(Name="failures.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]

    reason = destination(topic).deliver(discard(clock))

    assert reason.startswith(f"{topic} did not take it: ")
    assert "MessageGroupId" in reason


# -- buckets ----------------------------------------------------------------------------------------------------------

KEY = (
    rf"aws/lambda/{MAPPING}/shardId-000000000001/2025/01/01/2025-01-01T00\.01\.00-"
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)


def make_bucket(name: str = "failures") -> Any:
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return s3


def test_a_bucket_gets_the_record_with_the_whole_event(destination, clock):
    """Under a key that says which mapping, which shard and when."""
    s3 = make_bucket()
    clock.jump_to(START_MS + 60_021)

    reason = destination("arn:aws:s3:::failures").deliver(discard(clock))

    assert reason is None
    (item,) = s3.list_objects_v2(Bucket="failures")["Contents"]
    assert re.fullmatch(KEY, item["Key"])
    found = s3.get_object(Bucket="failures", Key=item["Key"])
    assert found["ContentType"] == "application/octet-stream"
    record = json.loads(found["Body"].read())
    assert list(record) == [
        "requestContext",
        "responseContext",
        "version",
        "payload",
        "timestamp",
        "KinesisBatchInfo",
    ]
    assert record["payload"] == EVENT


def test_each_record_is_an_object_of_its_own(destination, clock):
    """Two of the same moment have two keys, and the same seed makes the same ones."""
    s3 = make_bucket()
    target = destination("arn:aws:s3:::failures")
    for _ in range(2):
        target.deliver(discard(clock))

    keys = {item["Key"] for item in s3.list_objects_v2(Bucket="failures")["Contents"]}

    ids = Identifiers(0)
    unique = [ids.uuid4(f"destination/{MAPPING}") for _ in range(2)]
    prefix = f"aws/lambda/{MAPPING}/shardId-000000000001/2025/01/01/2025-01-01T00.00.00-"
    assert keys == {f"{prefix}{one}" for one in unique}


def test_the_notifications_of_the_bucket_tell_of_the_record(destination, clock):
    """As AWS suggests: a queue hears of each record."""
    s3 = make_bucket()
    sqs, url, arn = make_queue()
    s3.put_bucket_notification_configuration(
        Bucket="failures",
        NotificationConfiguration={"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]},
    )
    received(sqs, url)  # the test event of S3

    destination("arn:aws:s3:::failures").deliver(discard(clock))

    (message,) = received(sqs, url)
    (told,) = json.loads(message["Body"])["Records"]
    assert told["eventName"] == "ObjectCreated:Put"
    assert unquote_plus(told["s3"]["object"]["key"]).startswith(f"aws/lambda/{MAPPING}/")


def test_a_bucket_of_another_account_gets_it_too(destination, clock, monkeypatch):
    """Names of buckets are the world's."""
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "210987654321")
    s3 = make_bucket()

    assert destination("arn:aws:s3:::failures").deliver(discard(clock)) is None
    assert s3.list_objects_v2(Bucket="failures")["KeyCount"] == 1


def test_a_bucket_that_is_not_there_is_a_reason(destination, clock):
    """Another one is no help."""
    make_bucket()

    assert destination("arn:aws:s3:::failure").deliver(discard(clock)) == "there is no bucket failure"


# -- the rest ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "arn", "reason"),
    [
        pytest.param(
            "moto.sns.models",
            "arn:aws:sns:eu-west-1:123456789012:failures",
            "there is no topic arn:aws:sns:eu-west-1:123456789012:failures",
            id="sns",
        ),
        pytest.param("moto.s3.models", "arn:aws:s3:::failures", "there is no bucket failures", id="s3"),
    ],
)
def test_a_service_that_nobody_used_is_not_loaded_for_it(destination, clock, monkeypatch, module, arn, reason):
    """What was never used holds nothing."""
    monkeypatch.delitem(sys.modules, module, raising=False)

    assert destination(arn).deliver(discard(clock)) == reason
    assert module not in sys.modules


def test_a_topic_of_a_kafka_cluster_is_not_simulated(destination):
    """It is said when the mapping is made, not when the first record is lost."""
    with pytest.raises(NotSimulated, match=r"^kafka://failed as an on-failure destination is not simulated yet"):
        destination("kafka://failed")
