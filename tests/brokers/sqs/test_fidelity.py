"""SQS as AWS has it, clause by clause, through boto3. The numbers are those of docs/fidelity.md.

Each clause is a thing that stock moto did otherwise when it was written down (S19 apart, which it had right).
`python -m benchmarks.stock_moto` says which ones the installed moto still fails. Pages are below
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/; "recorded" is what was seen on AWS where no page says it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 1_048_576
ABCD = ["a1", "a2", "a3", "a4"]


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
    """The visibility timeout ends at receive + timeout, not after it.

    Page: SQSDeveloperGuide/sqs-visibility-timeout.html
    """
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
    """ChangeMessageVisibility(0) makes a message available at once.

    Page: SQSDeveloperGuide/sqs-visibility-timeout.html
    """
    url = world.queue()
    world.send(url, "a")
    [message] = world.receive(url)
    world.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    assert world.bodies(url) == ["a"]


def test_s03_visible_right_after_changing_it_to_0_in_a_batch(world: Any) -> None:
    """ChangeMessageVisibilityBatch does the same for each entry.

    Page: APIReference/API_ChangeMessageVisibilityBatch.html
    """
    url = world.queue()
    world.send(url, "a", "b")
    entries = [
        {"Id": str(at), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
        for at, message in enumerate(world.receive(url))
    ]
    world.sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)
    assert world.bodies(url) == ["a", "b"]


def test_s04_changing_the_visibility_after_the_timeout_is_refused(world: Any) -> None:
    """Only a message in flight can have its visibility changed.

    Page: APIReference/API_ChangeMessageVisibility.html
    """
    url = world.queue(VisibilityTimeout=30)
    world.send(url, "a")
    [message] = world.receive(url)
    world.wait(31)
    with refused("InvalidParameterValue", f"Value {message['ReceiptHandle']} for parameter ReceiptHandle is invalid."):
        world.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=5)


def test_s05_changing_the_visibility_of_a_deleted_message_is_refused(world: Any) -> None:
    """The handle is a true one, the message is gone: InvalidParameterValue, not ReceiptHandleIsInvalid.

    Page: APIReference/API_ChangeMessageVisibility.html; the code recorded
    """
    url = world.queue()
    world.send(url, "a")
    [message] = world.receive(url)
    world.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    with refused("InvalidParameterValue", f"Value {message['ReceiptHandle']} for parameter ReceiptHandle is invalid."):
        world.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=5)


def test_s06_the_12_hours_count_from_the_receive(world: Any) -> None:
    """A message may be hidden for 12 hours from the receive, however long ago it was sent.

    Page: SQSDeveloperGuide/sqs-visibility-timeout.html
    """
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
    """What ChangeMessageVisibility refuses, its batch reports for the entry.

    Page: APIReference/API_ChangeMessageVisibilityBatch.html
    """
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
    """DelaySeconds is 0 to 900; in a batch the entry fails.

    Page: APIReference/API_SendMessage.html
    """
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


# -- FIFO: order ------------------------------------------------------------------------------------------------------


def test_s09_a_batch_that_times_out_comes_back_in_order(world: Any) -> None:
    """The order within a message group holds, also for messages that were received before.

    Page: SQSDeveloperGuide/FIFO-queues-understanding-logic.html
    """
    url = world.fifo(VisibilityTimeout=30)
    world.send(url, *ABCD, group="a")
    assert world.bodies(url) == ABCD
    world.wait(31)
    assert world.bodies(url) == ABCD


def test_s10_messages_reach_the_dlq_in_order(world: Any) -> None:
    """A FIFO dead-letter queue gets a group's messages in the group's order.

    Page: SQSDeveloperGuide/sqs-dead-letter-queues.html
    """
    url, dead = world.with_dlq(VisibilityTimeout=30, fifo=True)
    world.send(url, *ABCD, group="a")
    assert world.bodies(url) == ABCD
    world.wait(31)
    assert world.bodies(url) == []
    assert world.bodies(dead) == ABCD


def test_s11_a_batch_that_is_shown_again_comes_back_in_order(world: Any) -> None:
    """ChangeMessageVisibility(0) gives messages back to where they were.

    Page: SQSDeveloperGuide/FIFO-queues-understanding-logic.html
    """
    url = world.fifo()
    world.send(url, *ABCD, group="a")
    for message in world.receive(url):
        change = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
        world.sqs.change_message_visibility(**change, VisibilityTimeout=0)
    world.wait(1)
    assert world.bodies(url) == ABCD


def test_s12_the_rest_of_a_partly_deleted_batch_comes_back_in_order(world: Any) -> None:
    """A message that was deleted leaves a gap, and nothing else changes.

    Page: SQSDeveloperGuide/FIFO-queues-understanding-logic.html
    """
    url = world.fifo(VisibilityTimeout=30)
    world.send(url, *ABCD, group="a")
    world.sqs.delete_message(QueueUrl=url, ReceiptHandle=world.receive(url)[1]["ReceiptHandle"])
    world.wait(31)
    assert world.bodies(url) == ["a1", "a3", "a4"]


def test_s13_what_is_in_flight_holds_back_only_what_is_behind_it(world: Any) -> None:
    """With a2 hidden for longer, a1 comes back, and nothing after a2.

    Page: SQSDeveloperGuide/FIFO-queues-understanding-logic.html
    """
    url = world.fifo(VisibilityTimeout=30)
    world.send(url, *ABCD, group="a")
    second = world.receive(url)[1]
    change = {"QueueUrl": url, "ReceiptHandle": second["ReceiptHandle"]}
    world.sqs.change_message_visibility(**change, VisibilityTimeout=100)
    world.wait(31)
    assert world.bodies(url) == ["a1"]
    assert world.bodies(url) == []


# -- long polling -----------------------------------------------------------------------------------------------------


def test_s14_long_polling_an_empty_queue_returns(world: Any) -> None:
    """An empty long poll comes back empty after its wait.

    Page: SQSDeveloperGuide/sqs-short-and-long-polling.html
    """
    url = world.queue()
    assert world.receive(url, WaitTimeSeconds=20) == []
    assert world.elapsed == 20


def test_s15_the_queue_s_own_wait_time_is_used(world: Any) -> None:
    """ReceiveMessageWaitTimeSeconds holds for a receive that says nothing; 0 in the call wins over it.

    Page: APIReference/API_SetQueueAttributes.html
    """
    url = world.queue(ReceiveMessageWaitTimeSeconds=5)
    assert world.receive(url, WaitTimeSeconds=0) == []
    assert world.elapsed == 0
    assert world.receive(url) == []
    assert world.elapsed == 5


def test_s16_long_polling_waits_for_a_delayed_message(world: Any) -> None:
    """A long poll returns as soon as a message is there, and with those that are there then.

    Page: SQSDeveloperGuide/sqs-short-and-long-polling.html
    """
    url = world.queue()
    world.sqs.send_message(QueueUrl=url, MessageBody="late", DelaySeconds=9)
    world.sqs.send_message(QueueUrl=url, MessageBody="soon", DelaySeconds=7)
    assert world.bodies(url, WaitTimeSeconds=20) == ["soon"]
    assert world.elapsed == 7


# -- retention --------------------------------------------------------------------------------------------------------


def test_s17_expired_messages_are_not_counted(world: Any) -> None:
    """At the end of MessageRetentionPeriod a message is gone.

    Page: APIReference/API_SetQueueAttributes.html
    """
    url = world.queue(MessageRetentionPeriod=60)
    world.send(url, "a")
    world.wait(59.999)
    assert world.counts(url) == (1, 0, 0)
    world.wait(0.001)
    assert world.counts(url) == (0, 0, 0)


def test_s18_expired_messages_are_not_in_the_way(world: Any) -> None:
    """A receive gives what is alive, at once.

    Page: APIReference/API_SetQueueAttributes.html
    """
    url = world.queue(MessageRetentionPeriod=60)
    world.send(url, "a", "b", "c")
    world.wait(60)
    world.send(url, "fresh")
    assert world.bodies(url) == ["fresh"]


def test_s19_a_standard_dlq_keeps_the_original_enqueue_time(world: Any) -> None:
    """A redriven message expires by the time it was first sent (Developer Guide, dead-letter queues).

    Page: SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
    """
    url, dead = world.with_dlq(VisibilityTimeout=10)
    world.sqs.set_queue_attributes(QueueUrl=dead, Attributes={"MessageRetentionPeriod": "100"})
    world.send(url, "a")
    world.receive(url)
    world.wait(50)
    assert world.receive(url) == []
    assert world.counts(dead) == (1, 0, 0)
    world.wait(50)
    assert world.bodies(dead) == []


def test_s20_a_fifo_dlq_counts_from_the_redrive(world: Any) -> None:
    """In a FIFO dead-letter queue the enqueue timestamp is new, and with it SentTimestamp and retention.

    Page: SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
    """
    url, dead = world.with_dlq(VisibilityTimeout=10, fifo=True)
    world.sqs.set_queue_attributes(QueueUrl=dead, Attributes={"MessageRetentionPeriod": "100"})
    world.send(url, "a", group="g")
    world.receive(url)
    world.wait(50)
    assert world.receive(url) == []
    [message] = world.receive(dead, MessageSystemAttributeNames=["All"], VisibilityTimeout=1)
    assert message["Attributes"]["SentTimestamp"] == "1735689650000"
    world.wait(99.999)
    assert world.counts(dead) == (1, 0, 0)
    world.wait(0.001)
    assert world.counts(dead) == (0, 0, 0)


# -- FIFO: once ------------------------------------------------------------------------------------------------------


def test_s21_a_duplicate_of_a_deleted_message_is_one(world: Any) -> None:
    """The deduplication interval is 5 minutes from the send, whatever happened to the message.

    Page: SQSDeveloperGuide/using-messagededuplicationid-property.html
    """
    url = world.fifo()
    world.send(url, "a", group="g")
    [message] = world.receive(url)
    world.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    world.wait(299.999)
    world.send(url, "a", group="g")
    assert world.bodies(url) == []
    world.wait(0.001)
    world.send(url, "a", group="g")
    assert world.bodies(url) == ["a"]


def test_s22_no_message_is_lost_in_a_redrive(world: Any) -> None:
    """Two messages of one deduplication id, from two queues, are two in their dead-letter queue.

    Page: SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
    """
    dead = world.fifo("dead.fifo")
    policy = f'{{"deadLetterTargetArn":"{world.arn(dead)}","maxReceiveCount":1}}'
    urls = [world.fifo(name, RedrivePolicy=policy, VisibilityTimeout=10) for name in ("one.fifo", "two.fifo")]
    for url in urls:
        world.send(url, "a", group="g", MessageDeduplicationId="same")
        world.receive(url)
    world.wait(11)
    for url in urls:
        assert world.receive(url) == []
    assert world.bodies(dead) == ["a", "a"]


def test_s23_deduplication_may_be_by_message_group(world: Any) -> None:
    """DeduplicationScope messageGroup: the same id in another group is another message.

    Page: APIReference/API_CreateQueue.html
    """
    url = world.fifo(DeduplicationScope="messageGroup")
    for group in ("g", "h", "g"):
        world.send(url, f"to {group}", group=group, MessageDeduplicationId="same")
    assert world.counts(url) == (2, 0, 0)
    assert sorted(world.bodies(url)) == ["to g", "to h"]


def test_s24_a_duplicate_is_answered_with_the_original(world: Any) -> None:
    """SQS accepts a duplicate and answers with the MessageId and SequenceNumber of the first.

    Page: APIReference/API_SendMessage.html; the answer's form recorded
    """
    url = world.fifo()
    message = {"QueueUrl": url, "MessageBody": "a", "MessageGroupId": "g", "MessageDeduplicationId": "d"}
    first = world.sqs.send_message(**message)
    second = world.sqs.send_message(**message)
    third = world.sqs.send_message(**{**message, "MessageDeduplicationId": "e"})
    assert [second[name] for name in ("MessageId", "SequenceNumber")] == [
        first[name] for name in ("MessageId", "SequenceNumber")
    ]
    assert third["MessageId"] != first["MessageId"]
    assert world.counts(url) == (2, 0, 0)


def test_s25_sequence_numbers_rise(world: Any) -> None:
    """20 digits; later messages of a queue have greater ones, in a batch and in one moment, too.

    Page: APIReference/API_SendMessage.html
    """
    url = world.fifo()
    sent = [
        world.sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g", MessageDeduplicationId=body)
        for body in ABCD
    ]
    entries = [
        {"Id": body, "MessageBody": body, "MessageGroupId": "g", "MessageDeduplicationId": body} for body in "efg"
    ]
    sent += world.sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]
    numbers = [answer["SequenceNumber"] for answer in sent]
    assert numbers == sorted(set(numbers))
    assert {len(number) for number in numbers} == {20}
    got = world.receive(url, MessageSystemAttributeNames=["SequenceNumber"])
    assert [message["Attributes"]["SequenceNumber"] for message in got] == numbers


def test_s26_sequence_numbers_are_there_with_content_based_deduplication(world: Any) -> None:
    """A message without a deduplication id of its own has a SequenceNumber, too, and the id is SHA-256 of the body.

    Page: APIReference/API_SendMessage.html
    """
    url = world.fifo()
    answer = world.sqs.send_message(QueueUrl=url, MessageBody="Test", MessageGroupId="g")
    [message] = world.receive(url, MessageSystemAttributeNames=["All"])
    attributes = message["Attributes"]
    assert attributes["SequenceNumber"] == answer["SequenceNumber"]
    digest = "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25"
    assert (attributes["MessageGroupId"], attributes["MessageDeduplicationId"]) == ("g", digest)


def test_s27_a_receive_can_be_tried_again(world: Any) -> None:
    """With the same ReceiveRequestAttemptId the same messages come again, under the same handles.

    Page: APIReference/API_ReceiveMessage.html
    """
    url = world.fifo()
    world.send(url, "a1", "a2", group="a")
    first = world.receive(url, ReceiveRequestAttemptId="try")
    assert [message["Body"] for message in first] == ["a1", "a2"]
    assert world.receive(url) == []
    assert world.receive(url, ReceiveRequestAttemptId="other") == []
    world.wait(5)
    again = world.receive(url, ReceiveRequestAttemptId="try")
    assert [message["ReceiptHandle"] for message in again] == [message["ReceiptHandle"] for message in first]


def test_s28_a_fifo_delete_with_an_expired_handle_is_refused(world: Any) -> None:
    """On a FIFO queue a receipt handle is good until the visibility timeout ends.

    Page: APIReference/API_DeleteMessage.html; the words recorded
    """
    url = world.fifo(VisibilityTimeout=30)
    world.send(url, "a", group="g")
    [message] = world.receive(url)
    world.wait(31)
    handle = message["ReceiptHandle"]
    reason = f"Value {handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
    with refused("InvalidParameterValue", reason):
        world.sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
    assert world.bodies(url) == ["a"]


# -- attributes -------------------------------------------------------------------------------------------------------


def test_s29_a_redriven_message_names_its_source(world: Any) -> None:
    """DeadLetterQueueSourceArn, on a redriven message only; id and receive count go on.

    Page: APIReference/API_ReceiveMessage.html
    """
    url, dead = world.with_dlq(VisibilityTimeout=10)
    world.send(url, "a")
    [first] = world.receive(url, MessageSystemAttributeNames=["All"])
    assert "DeadLetterQueueSourceArn" not in first["Attributes"]
    world.wait(11)
    assert world.receive(url) == []
    [message] = world.receive(dead, MessageSystemAttributeNames=["All"])
    assert message["MessageId"] == first["MessageId"]
    assert message["Attributes"]["DeadLetterQueueSourceArn"] == world.arn(url)
    assert message["Attributes"]["ApproximateReceiveCount"] == "2"
    assert message["Attributes"]["ApproximateFirstReceiveTimestamp"] == "1735689600000"


# -- dead-letter queues and the way back ------------------------------------------------------------------------------


def test_s30_the_redrive_allow_policy_can_be_read(world: Any) -> None:
    """GetQueueAttributes gives RedriveAllowPolicy, by its name and among All.

    Page: APIReference/API_GetQueueAttributes.html
    """
    policy = '{"redrivePermission":"denyAll"}'
    url = world.queue(RedriveAllowPolicy=policy)
    for name in ("RedriveAllowPolicy", "All"):
        got = world.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"]
        assert got["RedriveAllowPolicy"] == policy
    world.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": ""})
    got = world.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert "RedriveAllowPolicy" not in got


def test_s31_the_redrive_allow_policy_is_kept(world: Any) -> None:
    """Who is not allowed cannot name the queue as its dead-letter queue; the words are ours.

    Page: APIReference/API_SetQueueAttributes.html
    """
    dead = world.queue("dead", RedriveAllowPolicy='{"redrivePermission":"denyAll"}')
    policy = f'{{"deadLetterTargetArn":"{world.arn(dead)}","maxReceiveCount":3}}'
    start = f"Value {policy} for parameter RedrivePolicy is invalid. Reason: "
    with refused("InvalidParameterValue", start):
        world.queue("orders", RedrivePolicy=policy)
    url = world.queue("orders")
    allow = f'{{"redrivePermission":"byQueue","sourceQueueArns":["{world.arn(url)}"]}}'
    world.sqs.set_queue_attributes(QueueUrl=dead, Attributes={"RedriveAllowPolicy": allow})
    world.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    with refused("InvalidParameterValue", start):
        world.queue("others", RedrivePolicy=policy)
    world.sqs.set_queue_attributes(QueueUrl=dead, Attributes={"RedriveAllowPolicy": '{"redrivePermission":"allowAll"}'})
    world.queue("others", RedrivePolicy=policy)


def test_s32_messages_move_back_from_a_dlq(world: Any) -> None:
    """StartMessageMoveTask: a moved message is a new one, with an id and an enqueue time of its own.

    Page: APIReference/API_StartMessageMoveTask.html, SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
    """
    url, dead = world.with_dlq(VisibilityTimeout=10)
    world.send(url, "a", "b")
    first = world.receive(url)
    world.wait(11)
    assert world.receive(url) == []
    assert world.counts(dead) == (2, 0, 0)
    assert world.sqs.start_message_move_task(SourceArn=world.arn(dead))["TaskHandle"]
    assert world.counts(dead) == (0, 0, 0)
    moved = world.receive(url, MessageSystemAttributeNames=["All"])
    assert [message["Body"] for message in moved] == ["a", "b"]
    assert {message["MessageId"] for message in moved}.isdisjoint(message["MessageId"] for message in first)
    for message in moved:
        assert message["Attributes"]["SentTimestamp"] == "1735689611000"
        assert message["Attributes"]["ApproximateReceiveCount"] == "1"
        assert "DeadLetterQueueSourceArn" not in message["Attributes"]
    with refused("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue."):
        world.sqs.start_message_move_task(SourceArn=world.arn(url))


def test_s33_move_tasks_are_listed(world: Any) -> None:
    """ListMessageMoveTasks: the latest first, one by default; a task handle only while it runs.

    Page: APIReference/API_ListMessageMoveTasks.html
    """
    url, dead = world.with_dlq(VisibilityTimeout=10)
    world.send(url, "a", "b", "c")
    world.receive(url)
    world.wait(11)
    world.receive(url)
    source = world.arn(dead)
    handle = world.sqs.start_message_move_task(SourceArn=source, MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
    running = {
        "TaskHandle": handle,
        "Status": "RUNNING",
        "SourceArn": source,
        "MaxNumberOfMessagesPerSecond": 1,
        "ApproximateNumberOfMessagesMoved": 1,
        "ApproximateNumberOfMessagesToMove": 3,
        "StartedTimestamp": 1_735_689_611_000,
    }
    assert world.sqs.list_message_move_tasks(SourceArn=source)["Results"] == [running]
    world.wait(2)
    ended = {**running, "Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 3}
    ended.pop("TaskHandle")
    assert world.sqs.list_message_move_tasks(SourceArn=source)["Results"] == [ended]
    world.sqs.start_message_move_task(SourceArn=source, DestinationArn=world.arn(url))
    results = world.sqs.list_message_move_tasks(SourceArn=source, MaxResults=10)["Results"]
    assert [result.get("DestinationArn") for result in results] == [world.arn(url), None]


def test_s34_a_move_task_can_be_cancelled(world: Any) -> None:
    """CancelMessageMoveTask: what was moved stays moved, the rest stays.

    Page: APIReference/API_CancelMessageMoveTask.html
    """
    url, dead = world.with_dlq(VisibilityTimeout=10)
    world.send(url, "a", "b", "c")
    world.receive(url)
    world.wait(11)
    world.receive(url)
    start = {"SourceArn": world.arn(dead), "MaxNumberOfMessagesPerSecond": 1}
    handle = world.sqs.start_message_move_task(**start)["TaskHandle"]
    world.wait(1)
    assert world.sqs.cancel_message_move_task(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"] == 2
    world.wait(10)
    [result] = world.sqs.list_message_move_tasks(SourceArn=world.arn(dead))["Results"]
    assert (result["Status"], result["ApproximateNumberOfMessagesMoved"]) == ("CANCELLED", 2)
    assert (world.bodies(url), world.bodies(dead)) == (["a", "b"], ["c"])


# -- attributes that are not the message's own ------------------------------------------------------------------------

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


def test_s35_the_trace_header_survives_a_batch(world: Any) -> None:
    """AWSTraceHeader is kept from SendMessage and from SendMessageBatch.

    Page: APIReference/API_SendMessageBatch.html
    """
    url = world.queue()
    system = {"AWSTraceHeader": text(TRACE)}
    world.sqs.send_message(QueueUrl=url, MessageBody="a", MessageSystemAttributes=system)
    entry = {"Id": "b", "MessageBody": "b", "MessageSystemAttributes": system}
    world.sqs.send_message_batch(QueueUrl=url, Entries=[entry])
    got = world.receive(url, AttributeNames=["AWSTraceHeader"])
    assert [message["Attributes"] for message in got] == [{"AWSTraceHeader": TRACE}] * 2


def test_s36_system_attributes_have_an_md5(world: Any) -> None:
    """MD5OfMessageSystemAttributes, by the rule of message attributes (value seen on AWS).

    Page: APIReference/API_SendMessage.html
    """
    url = world.queue()
    system = {"AWSTraceHeader": text("some-trace-id")}
    answer = world.sqs.send_message(QueueUrl=url, MessageBody="Test Message", MessageSystemAttributes=system)
    assert answer["MD5OfMessageSystemAttributes"] == "fdce4f2818803f2f73becc09a54792c0"
    entry = {"Id": "b", "MessageBody": "b", "MessageSystemAttributes": system}
    [sent] = world.sqs.send_message_batch(QueueUrl=url, Entries=[entry])["Successful"]
    assert sent["MD5OfMessageSystemAttributes"] == "fdce4f2818803f2f73becc09a54792c0"


@pytest.mark.parametrize("parameter", ["AttributeNames", "MessageSystemAttributeNames"])
def test_s37_an_unknown_attribute_name_is_refused(world: Any, parameter: str) -> None:
    """ReceiveMessage knows its system attributes, and receives nothing when it is asked for others.

    Page: APIReference/API_ReceiveMessage.html
    """
    url = world.queue()
    world.send(url, "a")
    with refused("InvalidAttributeName", "Unknown Attribute SentTime."):
        world.receive(url, **{parameter: ["SentTime"]})
    assert world.counts(url) == (1, 0, 0)


# -- what a message may be --------------------------------------------------------------------------------------------


def test_s38_size_counts_in_bytes_of_utf_8(world: Any) -> None:
    """1 MiB is 1,048,576 bytes, not characters, for a batch in all; MaximumMessageSize counts likewise.

    Page: SQSDeveloperGuide/quotas-messages.html
    """
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
    url = world.queue("small", MaximumMessageSize=1024)
    words = "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes."
    with refused("InvalidParameterValue", words):
        world.send(url, "é" * 513)
    entries = [{"Id": "long", "MessageBody": "é" * 513}, {"Id": "short", "MessageBody": "é" * 512}]
    answer = world.sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert [(entry["Id"], entry["Message"]) for entry in answer["Failed"]] == [("long", words)]
    assert [entry["Id"] for entry in answer["Successful"]] == ["short"]


def test_s39_attributes_count_towards_the_size(world: Any) -> None:
    """Names, types and values of attributes are part of the message.

    Page: SQSDeveloperGuide/quotas-messages.html
    """
    url = world.queue(MaximumMessageSize=1024)
    attributes = {"name": text("x" * 1000)}  # 4 + 6 + 1000 bytes
    world.sqs.send_message(QueueUrl=url, MessageBody="x" * 14, MessageAttributes=attributes)
    with refused("InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than"):
        world.sqs.send_message(QueueUrl=url, MessageBody="x" * 15, MessageAttributes=attributes)


def test_s40_a_batch_of_11_is_refused(world: Any) -> None:
    """Batches have 10 entries at most: sends, deletes and visibility changes.

    Page: APIReference/API_SendMessageBatch.html
    """
    url = world.queue()
    words = "Maximum number of entries per request are 10. You have sent 11."
    for call, more in (
        (world.sqs.delete_message_batch, {}),
        (world.sqs.change_message_visibility_batch, {"VisibilityTimeout": 1}),
    ):
        with refused("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", words):
            call(QueueUrl=url, Entries=[{"Id": str(at), "ReceiptHandle": str(at), **more} for at in range(11)])
    with refused("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", words):
        world.sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(at), "MessageBody": "x"} for at in range(11)])


def test_s41_an_empty_body_is_refused(world: Any) -> None:
    """A message has at least one character.

    Page: APIReference/API_SendMessage.html
    """
    url = world.queue()
    with refused("MissingParameter", "The request must contain the parameter MessageBody."):
        world.send(url, "")


@pytest.mark.parametrize("body", ["\x00", "a\x1bb", "\ufffe"])
def test_s42_control_characters_are_refused(world: Any, body: str) -> None:
    """Only characters of XML 1.0.

    Page: APIReference/API_SendMessage.html
    """
    url = world.queue()
    with refused("InvalidMessageContents", "Invalid characters found."):
        world.send(url, body)
    world.send(url, "tab\t, line\n, return\r, and \U0001f600 are fine")


def test_s43_more_than_10_message_attributes_are_refused(world: Any) -> None:
    """A message has at most 10 attributes.

    Page: SQSDeveloperGuide/quotas-messages.html
    """
    url = world.queue()
    attributes = {f"a{at}": text("x") for at in range(11)}
    words = "Number of message attributes [11] exceeds the allowed maximum [10]."
    with refused("InvalidParameterValue", words):
        world.sqs.send_message(QueueUrl=url, MessageBody="a", MessageAttributes=attributes)
    attributes.pop("a10")
    world.sqs.send_message(QueueUrl=url, MessageBody="a", MessageAttributes=attributes)


# -- what a queue may be ----------------------------------------------------------------------------------------------


def test_s44_a_standard_queue_with_a_fifo_dlq_is_refused(world: Any) -> None:
    """A dead-letter queue is of its source's kind.

    Page: SQSDeveloperGuide/sqs-dead-letter-queues.html
    """
    dead = world.queue("dead.fifo", FifoQueue="true")
    policy = f'{{"deadLetterTargetArn":"{world.arn(dead)}","maxReceiveCount":3}}'
    with refused(
        "InvalidParameterValue",
        f"Value {policy} for parameter RedrivePolicy is invalid. Reason: Dead-letter queue must be same type of queue "
        "as the source..",
    ):
        world.queue("orders", RedrivePolicy=policy)


@contextmanager
def refused_count(count: int) -> Iterator[None]:
    with pytest.raises(ClientError) as caught:
        yield
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValue"
    reason = f"Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive."
    assert reason in str(caught.value)


def test_s45_max_receive_count_is_at_least_1(world: Any) -> None:
    """A redrive policy with a maxReceiveCount of 0 is refused.

    Page: SQSDeveloperGuide/sqs-configure-dead-letter-queue.html; the words recorded
    """
    with refused_count(0):
        world.with_dlq(0)
    world.with_dlq(1)


def test_s46_max_receive_count_is_at_most_1000(world: Any) -> None:
    """A redrive policy with a maxReceiveCount of 1001 is refused.

    Page: SQSDeveloperGuide/sqs-configure-dead-letter-queue.html; the words recorded
    """
    with refused_count(1001):
        world.with_dlq(1001)
    world.with_dlq(1000)


def check_range(world: Any, name: str, lowest: int, highest: int) -> None:
    """CreateQueue and SetQueueAttributes refuse a value out of range, and leave the queue as it was."""
    url = world.queue("other")
    for value in (lowest - 1, highest + 1):
        with refused("InvalidAttributeValue", f"Invalid value for the parameter {name}."):
            world.queue("new", **{name: value})
        with refused("InvalidAttributeValue", f"Invalid value for the parameter {name}."):
            world.sqs.set_queue_attributes(QueueUrl=url, Attributes={name: str(value)})
    for value in (lowest, highest):
        world.sqs.set_queue_attributes(QueueUrl=url, Attributes={name: str(value)})
        got = world.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"]
        assert got == {name: str(value)}


def test_s47_visibility_timeout_has_a_range(world: Any) -> None:
    """VisibilityTimeout is 0 to 43,200 seconds.

    Page: APIReference/API_SetQueueAttributes.html
    """
    check_range(world, "VisibilityTimeout", 0, 43_200)


def test_s48_message_retention_period_has_a_range(world: Any) -> None:
    """MessageRetentionPeriod is 60 to 1,209,600 seconds.

    Page: APIReference/API_SetQueueAttributes.html
    """
    check_range(world, "MessageRetentionPeriod", 60, 1_209_600)


def test_s49_delay_seconds_has_a_range(world: Any) -> None:
    """DelaySeconds is 0 to 900 seconds.

    Page: APIReference/API_SetQueueAttributes.html
    """
    check_range(world, "DelaySeconds", 0, 900)


def test_s50_receive_message_wait_time_has_a_range(world: Any) -> None:
    """ReceiveMessageWaitTimeSeconds is 0 to 20 seconds.

    Page: APIReference/API_SetQueueAttributes.html
    """
    check_range(world, "ReceiveMessageWaitTimeSeconds", 0, 20)


def test_s51_a_deleted_queue_s_name_is_not_free_for_60_seconds(world: Any) -> None:
    """CreateQueue gives QueueDeletedRecently within a minute.

    Page: APIReference/API_CreateQueue.html
    """
    world.sqs.delete_queue(QueueUrl=world.queue())
    world.wait(59.999)
    words = "You must wait 60 seconds after deleting a queue before you can create another with the same name."
    with refused("AWS.SimpleQueueService.QueueDeletedRecently", words):
        world.queue()
    world.queue("another")
    world.wait(0.001)
    assert world.counts(world.queue()) == (0, 0, 0)


def test_s52_in_a_fifo_batch_the_entry_without_a_group_fails_alone(world: Any) -> None:
    """SendMessageBatch reports each entry by itself.

    Page: APIReference/API_SendMessageBatch.html
    """
    url = world.fifo()
    entries = [
        {"Id": "bad", "MessageBody": "a"},
        {"Id": "good", "MessageBody": "b", "MessageGroupId": "g"},
    ]
    answer = world.sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert [entry["Id"] for entry in answer["Successful"]] == ["good"]
    assert [(entry["Id"], entry["Code"], entry["SenderFault"], entry["Message"]) for entry in answer["Failed"]] == [
        ("bad", "MissingParameter", True, "The request must contain the parameter MessageGroupId.")
    ]
    assert world.bodies(url) == ["b"]


# -- the suite itself -------------------------------------------------------------------------------------------------


def test_every_clause_has_exactly_one_test_and_its_page() -> None:
    tests = {name: value for name, value in globals().items() if name.startswith("test_s") and callable(value)}
    numbers = sorted(int(name[6:8]) for name in tests if name[6:8].isdigit())
    assert numbers == list(range(1, 53))
    pages = ("APIReference/API_", "SQSDeveloperGuide/", "recorded")
    assert [name for name, test in tests.items() if not any(page in (test.__doc__ or "") for page in pages)] == []
