"""SQS as AWS has it, clause by clause, through boto3. The numbers are those of docs/fidelity.md."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 1_048_576


@contextmanager
def refused(code: str, message: str) -> Iterator[None]:
    """AWS's code, and its message from the beginning."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert (code, message) == (error["Code"], error["Message"][: len(message)])


def text(value: str, data_type: str = "String") -> dict[str, Any]:
    return {"DataType": data_type, "StringValue": value}


# -- visibility -------------------------------------------------------------------------------------------------------


def test_s01_a_message_is_visible_again_at_exactly_the_timeout(world: Any) -> None:
    """The visibility timeout ends at receive + timeout, not after it."""
    url = world.queue(VisibilityTimeout=30)
    world.send(url, "a")
    world.receive(url)
    world.wait(29.999)
    assert world.bodies(url) == []
    assert world.counts(url) == (0, 1, 0)
    world.wait(0.001)
    assert world.counts(url) == (1, 0, 0)
    assert world.bodies(url) == ["a"]


def test_s02_visible_right_after_changing_the_visibility_to_0(world: Any) -> None:
    """ChangeMessageVisibility(0) makes a message available at once."""
    url = world.queue()
    world.send(url, "a")
    [message] = world.receive(url)
    world.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    assert world.bodies(url) == ["a"]


def test_s03_visible_right_after_changing_it_to_0_in_a_batch(world: Any) -> None:
    """ChangeMessageVisibilityBatch does the same for each entry."""
    url = world.queue()
    world.send(url, "a", "b")
    entries = [
        {"Id": str(at), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
        for at, message in enumerate(world.receive(url))
    ]
    world.sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)
    assert world.bodies(url) == ["a", "b"]


def test_s04_changing_the_visibility_after_the_timeout_is_refused(world: Any) -> None:
    """Only a message in flight can have its visibility changed."""
    url = world.queue(VisibilityTimeout=30)
    world.send(url, "a")
    [message] = world.receive(url)
    world.wait(31)
    with refused("InvalidParameterValue", f"Value {message['ReceiptHandle']} for parameter ReceiptHandle is invalid."):
        world.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=5)


def test_s05_changing_the_visibility_of_a_deleted_message_is_refused(world: Any) -> None:
    """The handle is a true one, the message is gone: InvalidParameterValue, not ReceiptHandleIsInvalid."""
    url = world.queue()
    world.send(url, "a")
    [message] = world.receive(url)
    world.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    with refused("InvalidParameterValue", f"Value {message['ReceiptHandle']} for parameter ReceiptHandle is invalid."):
        world.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=5)


def test_s06_the_12_hours_count_from_the_receive(world: Any) -> None:
    """A message may be hidden for 12 hours from the receive, however long ago it was sent."""
    url = world.queue()
    world.send(url, "a")
    world.wait(3600)
    [message] = world.receive(url)
    change = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
    world.sqs.change_message_visibility(**change, VisibilityTimeout=43_200)
    world.wait(1)
    with refused("InvalidParameterValue", "Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total"):
        world.sqs.change_message_visibility(**change, VisibilityTimeout=43_200)


def test_s07_past_the_12_hours_only_the_entry_of_a_batch_fails(world: Any) -> None:
    """What ChangeMessageVisibility refuses, its batch reports for the entry."""
    url = world.queue(VisibilityTimeout=100)
    world.send(url, "a", "b")
    messages = world.receive(url)
    world.wait(1)
    entries = [
        {"Id": str(seconds), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": seconds}
        for seconds, message in zip((43_200, 60), messages, strict=True)
    ]
    answer = world.sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)
    assert [entry["Id"] for entry in answer["Successful"]] == ["60"]
    [failed] = answer["Failed"]
    assert (failed["Id"], failed["Code"], failed["SenderFault"]) == ("43200", "InvalidParameterValue", True)


def test_s08_a_negative_delay_is_refused(world: Any) -> None:
    """DelaySeconds is 0 to 900; in a batch the entry fails."""
    url = world.queue()
    words = "Value -1 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
    with refused("InvalidParameterValue", words):
        world.sqs.send_message(QueueUrl=url, MessageBody="a", DelaySeconds=-1)
    answer = world.sqs.send_message_batch(
        QueueUrl=url,
        Entries=[{"Id": "bad", "MessageBody": "a", "DelaySeconds": -1}, {"Id": "good", "MessageBody": "b"}],
    )
    assert [(entry["Id"], entry["Message"]) for entry in answer["Failed"]] == [("bad", words)]
    assert world.bodies(url) == ["b"]


# -- long polling -----------------------------------------------------------------------------------------------------


def test_s14_long_polling_an_empty_queue_returns(world: Any) -> None:
    """An empty long poll comes back empty after its wait."""
    url = world.queue()
    assert world.receive(url, WaitTimeSeconds=20) == []
    assert world.elapsed == 20


def test_s15_the_queue_s_own_wait_time_is_used(world: Any) -> None:
    """ReceiveMessageWaitTimeSeconds holds for a receive that says nothing; 0 in the call wins over it."""
    url = world.queue(ReceiveMessageWaitTimeSeconds=5)
    assert world.receive(url, WaitTimeSeconds=0) == []
    assert world.elapsed == 0
    assert world.receive(url) == []
    assert world.elapsed == 5


def test_s16_long_polling_waits_for_a_delayed_message(world: Any) -> None:
    """A long poll returns as soon as a message is there, and with those that are there then."""
    url = world.queue()
    world.sqs.send_message(QueueUrl=url, MessageBody="late", DelaySeconds=9)
    world.sqs.send_message(QueueUrl=url, MessageBody="soon", DelaySeconds=7)
    assert world.bodies(url, WaitTimeSeconds=20) == ["soon"]
    assert world.elapsed == 7


# -- retention --------------------------------------------------------------------------------------------------------


def test_s17_expired_messages_are_not_counted(world: Any) -> None:
    """At the end of MessageRetentionPeriod a message is gone."""
    url = world.queue(MessageRetentionPeriod=60)
    world.send(url, "a")
    world.wait(59.999)
    assert world.counts(url) == (1, 0, 0)
    world.wait(0.001)
    assert world.counts(url) == (0, 0, 0)


def test_s18_expired_messages_are_not_in_the_way(world: Any) -> None:
    """A receive gives what is alive, at once."""
    url = world.queue(MessageRetentionPeriod=60)
    world.send(url, "a", "b", "c")
    world.wait(60)
    world.send(url, "fresh")
    assert world.bodies(url) == ["fresh"]


def test_s19_a_standard_dlq_keeps_the_original_enqueue_time(world: Any) -> None:
    """A redriven message expires by the time it was first sent (Developer Guide, dead-letter queues)."""
    url, dead = world.with_dlq(VisibilityTimeout=10)
    world.sqs.set_queue_attributes(QueueUrl=dead, Attributes={"MessageRetentionPeriod": "100"})
    world.send(url, "a")
    world.receive(url)
    world.wait(50)
    assert world.receive(url) == []
    assert world.counts(dead) == (1, 0, 0)
    world.wait(50)
    assert world.bodies(dead) == []


# -- attributes -------------------------------------------------------------------------------------------------------


def test_s29_a_redriven_message_names_its_source(world: Any) -> None:
    """DeadLetterQueueSourceArn, on a redriven message only; id and receive count go on."""
    url, dead = world.with_dlq(VisibilityTimeout=10)
    world.send(url, "a")
    [first] = world.receive(url, MessageSystemAttributeNames=["All"])
    assert "DeadLetterQueueSourceArn" not in first["Attributes"]
    world.wait(10)
    assert world.receive(url) == []
    [message] = world.receive(dead, MessageSystemAttributeNames=["All"])
    assert message["MessageId"] == first["MessageId"]
    assert message["Attributes"]["DeadLetterQueueSourceArn"] == world.arn(url)
    assert message["Attributes"]["ApproximateReceiveCount"] == "2"
    assert message["Attributes"]["ApproximateFirstReceiveTimestamp"] == "1735689600000"


TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


def test_s35_the_trace_header_survives_a_batch(world: Any) -> None:
    """AWSTraceHeader is kept from SendMessage and from SendMessageBatch."""
    url = world.queue()
    system = {"AWSTraceHeader": text(TRACE)}
    world.sqs.send_message(QueueUrl=url, MessageBody="a", MessageSystemAttributes=system)
    entry = {"Id": "b", "MessageBody": "b", "MessageSystemAttributes": system}
    world.sqs.send_message_batch(QueueUrl=url, Entries=[entry])
    got = world.receive(url, AttributeNames=["AWSTraceHeader"])
    assert [message["Attributes"] for message in got] == [{"AWSTraceHeader": TRACE}] * 2


def test_s36_system_attributes_have_an_md5(world: Any) -> None:
    """MD5OfMessageSystemAttributes, by the rule of message attributes (value seen on AWS)."""
    url = world.queue()
    system = {"AWSTraceHeader": text("some-trace-id")}
    answer = world.sqs.send_message(QueueUrl=url, MessageBody="Test Message", MessageSystemAttributes=system)
    assert answer["MD5OfMessageSystemAttributes"] == "fdce4f2818803f2f73becc09a54792c0"
    entry = {"Id": "b", "MessageBody": "b", "MessageSystemAttributes": system}
    [sent] = world.sqs.send_message_batch(QueueUrl=url, Entries=[entry])["Successful"]
    assert sent["MD5OfMessageSystemAttributes"] == "fdce4f2818803f2f73becc09a54792c0"


@pytest.mark.parametrize("parameter", ["AttributeNames", "MessageSystemAttributeNames"])
def test_s37_an_unknown_attribute_name_is_refused(world: Any, parameter: str) -> None:
    """ReceiveMessage knows its system attributes, and receives nothing when it is asked for others."""
    url = world.queue()
    world.send(url, "a")
    with refused("InvalidAttributeName", "Unknown Attribute SentTime."):
        world.receive(url, **{parameter: ["SentTime"]})
    assert world.counts(url) == (1, 0, 0)


# -- what a message may be --------------------------------------------------------------------------------------------


def test_s38_size_counts_in_bytes_of_utf_8(world: Any) -> None:
    """1 MiB is 1,048,576 bytes, not characters; for a batch in all."""
    url = world.queue()
    world.send(url, "ä" * (MIB // 2))
    too_long = f"One or more parameters are invalid. Reason: Message must be shorter than {MIB} bytes."
    with refused("InvalidParameterValue", too_long):
        world.send(url, "ä" * (MIB // 2) + "x")
    with refused(
        "AWS.SimpleQueueService.BatchRequestTooLong",
        f"Batch requests cannot be longer than {MIB} bytes. You have sent {MIB + 2} bytes.",
    ):
        world.sqs.send_message_batch(
            QueueUrl=url, Entries=[{"Id": str(at), "MessageBody": "ä" * (MIB // 4) + "x"} for at in range(2)]
        )


def test_s38_the_queue_s_own_maximum_counts(world: Any) -> None:
    """MaximumMessageSize, in a batch for the entry."""
    url = world.queue(MaximumMessageSize=1024)
    words = "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes."
    with refused("InvalidParameterValue", words):
        world.send(url, "é" * 513)
    entries = [{"Id": "long", "MessageBody": "é" * 513}, {"Id": "short", "MessageBody": "é" * 512}]
    answer = world.sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert [(entry["Id"], entry["Message"]) for entry in answer["Failed"]] == [("long", words)]
    assert [entry["Id"] for entry in answer["Successful"]] == ["short"]


def test_s39_attributes_count_towards_the_size(world: Any) -> None:
    """Names, types and values of attributes are part of the message."""
    url = world.queue(MaximumMessageSize=1024)
    attributes = {"name": text("x" * 1000)}  # 4 + 6 + 1000 bytes
    world.sqs.send_message(QueueUrl=url, MessageBody="x" * 14, MessageAttributes=attributes)
    with refused("InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than"):
        world.sqs.send_message(QueueUrl=url, MessageBody="x" * 15, MessageAttributes=attributes)


def test_s40_a_batch_of_11_is_refused(world: Any) -> None:
    """Batches have 10 entries at most: sends, deletes and visibility changes."""
    url = world.queue()
    words = "Maximum number of entries per request are 10. You have sent 11."
    ids = [{"Id": str(at)} for at in range(11)]
    for call, more in (
        (world.sqs.delete_message_batch, {"ReceiptHandle": "x"}),
        (world.sqs.change_message_visibility_batch, {"ReceiptHandle": "x", "VisibilityTimeout": 1}),
        (world.sqs.send_message_batch, {"MessageBody": "x"}),
    ):
        with refused("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", words):
            call(QueueUrl=url, Entries=[{**entry, **more} for entry in ids])


def test_s41_an_empty_body_is_refused(world: Any) -> None:
    """A message has at least one character."""
    url = world.queue()
    with refused("MissingParameter", "The request must contain the parameter MessageBody."):
        world.send(url, "")


@pytest.mark.parametrize("body", ["\x00", "a\x1bb", "\ufffe"])
def test_s42_control_characters_are_refused(world: Any, body: str) -> None:
    """Only characters of XML 1.0."""
    url = world.queue()
    with refused("InvalidMessageContents", "Invalid characters found."):
        world.send(url, body)
    world.send(url, "tab\t, line\n, return\r, and \U0001f600 are fine")


def test_s43_more_than_10_message_attributes_are_refused(world: Any) -> None:
    """A message has at most 10 attributes."""
    url = world.queue()
    attributes = {f"a{at}": text("x") for at in range(11)}
    words = "Number of message attributes [11] exceeds the allowed maximum [10]."
    with refused("InvalidParameterValue", words):
        world.sqs.send_message(QueueUrl=url, MessageBody="a", MessageAttributes=attributes)
    attributes.pop("a10")
    world.sqs.send_message(QueueUrl=url, MessageBody="a", MessageAttributes=attributes)


# -- what a queue may be ----------------------------------------------------------------------------------------------


def test_s44_a_standard_queue_with_a_fifo_dlq_is_refused(world: Any) -> None:
    """A dead-letter queue is of its source's kind."""
    dead = world.queue("dead.fifo", FifoQueue="true")
    policy = f'{{"deadLetterTargetArn":"{world.arn(dead)}","maxReceiveCount":3}}'
    with refused(
        "InvalidParameterValue",
        f"Value {policy} for parameter RedrivePolicy is invalid. Reason: Dead-letter queue must be same type of queue "
        "as the source..",
    ):
        world.queue("orders", RedrivePolicy=policy)


@pytest.mark.parametrize(
    ("clause", "name", "wrong", "right"),
    [
        ("s47", "VisibilityTimeout", (-1, 43_201), (0, 43_200)),
        ("s48", "MessageRetentionPeriod", (59, 1_209_601), (60, 1_209_600)),
        ("s49", "DelaySeconds", (-1, 901), (0, 900)),
        ("s50", "ReceiveMessageWaitTimeSeconds", (-1, 21), (0, 20)),
    ],
    ids=["s47", "s48", "s49", "s50"],
)
def test_queue_attributes_have_ranges(
    world: Any, clause: str, name: str, wrong: tuple[int, ...], right: tuple[int, ...]
) -> None:
    """CreateQueue and SetQueueAttributes refuse a value out of range, and leave the queue as it was."""
    url = world.queue("other")
    for value in wrong:
        with refused("InvalidAttributeValue", f"Invalid value for the parameter {name}."):
            world.queue(f"{clause}-queue", **{name: value})
        with refused("InvalidAttributeValue", f"Invalid value for the parameter {name}."):
            world.sqs.set_queue_attributes(QueueUrl=url, Attributes={name: str(value)})
    for value in right:
        world.sqs.set_queue_attributes(QueueUrl=url, Attributes={name: str(value)})
        got = world.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"]
        assert got == {name: str(value)}


@pytest.mark.parametrize("count", [pytest.param(0, id="s45"), pytest.param(1001, id="s46")])
def test_max_receive_count_is_1_to_1000(world: Any, count: int) -> None:
    """The redrive policy's maxReceiveCount has a range too."""
    with pytest.raises(ClientError) as caught:
        world.with_dlq(count)
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValue"
    reason = f"Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive."
    assert reason in str(caught.value)
