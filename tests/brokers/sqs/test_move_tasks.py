"""Message move tasks: at their rate, from whichever side one looks, and to whatever end they come."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pytest_lambda_events.model.trace import Ledger
from pytest_lambda_events.sources.sqs.broker import create_queue

if TYPE_CHECKING:
    from pytest_lambda_events.brokers.moto.surface import MotoSurface
    from pytest_lambda_events.clock.virtual import VirtualClock
    from pytest_lambda_events.sources.sqs.broker import SqsQueue


class Room:
    """A queue with messages in its dead-letter queue, at 11 s."""

    def __init__(self, world: Any, count: int, *, fifo: bool = False) -> None:
        self.world = world
        self.sqs = world.sqs
        self.url, self.dead = world.with_dlq(VisibilityTimeout=10, fifo=fifo)
        self.source, self.origin = world.arn(self.dead), world.arn(self.url)
        group = {"group": "g"} if fifo else {}
        world.send(self.url, *[f"m{at}" for at in range(count)], **group)
        for _ in range((count + 9) // 10):
            world.receive(self.url)
        world.wait(11)
        assert world.receive(self.url) == []
        assert world.counts(self.dead) == (count, 0, 0)

    def start(self, **options: Any) -> str:
        return self.sqs.start_message_move_task(SourceArn=self.source, **options)["TaskHandle"]

    def task(self) -> dict[str, Any]:
        return self.sqs.list_message_move_tasks(SourceArn=self.source)["Results"][0]


@pytest.fixture
def room(world: Any) -> Room:
    return Room(world, 4)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def journal(ledger: Ledger, journal: Any, request: pytest.FixtureRequest) -> Any:
    """What the surface writes to: for queues of ours, the ledger that they read."""
    return ledger if "ledger_queue" in request.fixturenames else journal


@pytest.fixture
def ledger_queue(surface: MotoSurface, clock: VirtualClock, ledger: Ledger) -> SqsQueue:
    return create_queue("things", {"VisibilityTimeout": 10}, surface, clock, ledger, max_receive_count=1)


def refusal(call: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


# -- the rate ---------------------------------------------------------------------------------------------------------


def test_a_rate_is_kept_to_the_millisecond(room: Room) -> None:
    room.start(MaxNumberOfMessagesPerSecond=3)
    seen = []
    for _ in range(4):
        seen.append((round(room.world.elapsed, 3), room.world.counts(room.url)[0]))
        room.world.wait(0.333)
        seen.append((round(room.world.elapsed, 3), room.world.counts(room.url)[0]))
        room.world.wait(0.001)
    assert seen[:6] == [(11, 1), (11.333, 1), (11.334, 2), (11.667, 3), (11.668, 3), (12.001, 4)]
    assert room.task()["Status"] == "COMPLETED"


def test_a_long_poll_of_the_destination_ends_when_a_message_comes(room: Room) -> None:
    other = room.world.queue("other")
    room.start(MaxNumberOfMessagesPerSecond=1, DestinationArn=room.world.arn(other))
    for at, body in enumerate(["m0", "m1", "m2", "m3"]):
        assert room.world.bodies(other, WaitTimeSeconds=20) == [body]
        assert room.world.elapsed == 11 + at
    assert room.world.bodies(other, WaitTimeSeconds=20) == []
    assert room.world.elapsed == 34


def test_a_poller_of_the_original_source_sees_what_comes(room: Room, surface: MotoSurface) -> None:
    room.start(MaxNumberOfMessagesPerSecond=2)
    clock, engine = surface.clock, surface.find_queue(room.url).engine
    other = surface.create_queue("other", {}).engine
    assert len(engine.receive(10, clock.now_ms, visibility_ms=60_000)) == 1
    assert engine.next_change(clock.now_ms) == clock.now_ms + 500
    assert other.next_change(clock.now_ms) is None
    clock.jump_to(clock.now_ms + 500)
    assert engine.next_change(clock.now_ms) == clock.now_ms


def test_each_looks_at_the_same_past(room: Room, surface: MotoSurface, journal: Any) -> None:
    """Whoever asks first after a long time, each message moved at its own moment."""
    start_ms = surface.clock.now_ms
    room.start(MaxNumberOfMessagesPerSecond=1)
    room.world.wait(100)
    assert len(surface.find_queue(room.dead).engine.messages(surface.clock.now_ms)) == 0
    assert [(call[0] - start_ms) // 1000 for call in journal.of("moved")] == [0, 1, 2, 3]
    entered = [
        (at_ms - start_ms, record.sent_timestamp - start_ms) for at_ms, arn, record in journal.of("entered")[-4:]
    ]
    assert entered == [(0, 0), (1000, 1000), (2000, 2000), (3000, 3000)]


def test_what_a_consumer_took_first_is_not_moved(room: Room) -> None:
    room.start(MaxNumberOfMessagesPerSecond=1)
    assert len(room.world.receive(room.dead, VisibilityTimeout=60)) == 3
    room.world.wait(1)
    task = room.task()
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 1)
    assert room.world.counts(room.dead) == (0, 3, 0)


def test_what_comes_later_is_another_task_s(room: Room) -> None:
    other = room.world.queue("other")
    room.start(MaxNumberOfMessagesPerSecond=1, DestinationArn=room.world.arn(other))
    room.world.send(room.dead, "late")
    room.world.wait(60)
    assert room.world.bodies(other) == ["m0", "m1", "m2", "m3"]
    assert room.world.bodies(room.dead) == ["late"]


def test_the_destination_s_delay_and_retention_begin_anew(room: Room) -> None:
    other = room.world.queue("other", DelaySeconds=5, MessageRetentionPeriod=60)
    room.start(DestinationArn=room.world.arn(other))
    assert room.world.counts(other) == (0, 0, 4)
    room.world.wait(59.999)
    assert room.world.counts(other) == (4, 0, 0)
    room.world.wait(0.001)
    assert room.world.counts(other) == (0, 0, 0)


# -- how it ends ------------------------------------------------------------------------------------------------------


def test_an_empty_dlq_has_nothing_to_move(world: Any) -> None:
    room = Room(world, 0)
    room.start()
    task = room.task()
    assert (task["Status"], task["ApproximateNumberOfMessagesToMove"]) == ("COMPLETED", 0)


@pytest.mark.parametrize("rate", [{}, {"MaxNumberOfMessagesPerSecond": 1}])
def test_a_message_of_unknown_origin_ends_the_task(room: Room, rate: dict[str, int]) -> None:
    """Developer Guide, "Troubleshooting DLQ redrive": CouldNotDetermineMessageSource."""
    room.world.send(room.dead, "direct")
    room.start(**rate)
    room.world.wait(10)
    task = room.task()
    assert (task["Status"], task["FailureReason"]) == ("FAILED", "CouldNotDetermineMessageSource")
    assert task["ApproximateNumberOfMessagesMoved"] == 4
    [left] = room.world.receive(room.dead, MessageSystemAttributeNames=["All"])
    assert (left["Body"], left["Attributes"]["ApproximateReceiveCount"]) == ("direct", "1")
    room.start(DestinationArn=room.origin)  # with a destination that is no matter
    assert room.task()["Status"] == "COMPLETED"


def test_a_destination_that_is_deleted_ends_the_task(room: Room) -> None:
    other = room.world.queue("other")
    room.start(MaxNumberOfMessagesPerSecond=1, DestinationArn=room.world.arn(other))
    room.world.wait(1)
    room.sqs.delete_queue(QueueUrl=other)
    room.world.wait(1)
    task = room.task()
    assert (task["Status"], task["FailureReason"]) == ("FAILED", "AWS.SimpleQueueService.NonExistentQueue")
    assert (task["ApproximateNumberOfMessagesMoved"], room.world.counts(room.dead)) == (2, (2, 0, 0))


def test_an_origin_that_is_deleted_ends_the_task(room: Room) -> None:
    room.world.queue("another", RedrivePolicy=json.dumps({"deadLetterTargetArn": room.source, "maxReceiveCount": 1}))
    room.sqs.delete_queue(QueueUrl=room.url)
    room.start()
    task = room.task()
    assert (task["Status"], task["FailureReason"]) == ("FAILED", "AWS.SimpleQueueService.NonExistentQueue")
    assert room.world.counts(room.dead) == (4, 0, 0)


def test_a_source_that_is_deleted_ends_the_task(room: Room, surface: MotoSurface) -> None:
    room.start(MaxNumberOfMessagesPerSecond=1)
    room.sqs.delete_queue(QueueUrl=room.dead)
    room.world.wait(60)
    assert room.world.counts(room.url) == (1, 0, 0)
    assert refusal(room.task)[0] == "ResourceNotFoundException"


def test_a_task_ends_with_the_harness(room: Room, surface: MotoSurface) -> None:
    room.start(MaxNumberOfMessagesPerSecond=1)
    room.world.wait(1)
    surface.stop()
    surface.start()
    surface.engines.tasks.settle(surface.clock.now_ms + 60_000)
    assert surface.queues() == []


# -- FIFO -------------------------------------------------------------------------------------------------------------


def test_fifo_messages_move_back_in_order_and_none_is_a_duplicate(world: Any) -> None:
    room = Room(world, 3, fifo=True)
    world.send(room.url, "new", group="g")
    room.start()
    messages = world.receive(room.url, MessageSystemAttributeNames=["All"])
    assert [message["Body"] for message in messages] == ["new", "m0", "m1", "m2"]
    numbers = [message["Attributes"]["SequenceNumber"] for message in messages]
    assert numbers == sorted(set(numbers))
    assert {message["Attributes"]["MessageGroupId"] for message in messages} == {"g"}


def test_a_group_that_is_in_flight_holds_its_messages_back(world: Any) -> None:
    """What a receive would not give, a task does not move."""
    room = Room(world, 3, fifo=True)
    assert world.bodies(room.dead, MaxNumberOfMessages=1, VisibilityTimeout=60) == ["m0"]
    room.start()
    task = room.task()
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 0)
    assert world.counts(room.dead) == (2, 1, 0)


# -- what is refused --------------------------------------------------------------------------------------------------


def test_tasks_are_refused_in_aws_s_words(room: Room) -> None:
    invalid = "InvalidParameterValue"
    gone = "ResourceNotFoundException"
    fifo = room.world.arn(room.world.fifo("x.fifo"))
    missing = f"{room.source}-not"
    for options, expected in (
        ({"SourceArn": room.origin}, (invalid, "Source queue must be configured as a Dead Letter Queue.")),
        (
            {"SourceArn": missing},
            (gone, "The resource that you specified for the SourceArn parameter doesn't exist."),
        ),
        (
            {"DestinationArn": missing},
            (gone, "The resource that you specified for the DestinationArn parameter doesn't exist."),
        ),
    ):
        request = {"SourceArn": room.source, **options}
        assert refusal(lambda request=request: room.sqs.start_message_move_task(**request)) == expected
    for options in (
        {"MaxNumberOfMessagesPerSecond": 0},
        {"MaxNumberOfMessagesPerSecond": 501},
        {"DestinationArn": room.source},
        {"DestinationArn": fifo},
    ):
        assert refusal(lambda options=options: room.start(**options))[0] == invalid
    assert refusal(lambda: room.sqs.list_message_move_tasks(SourceArn=room.source, MaxResults=11))[0] == invalid
    assert not room.sqs.list_message_move_tasks(SourceArn=room.source).get("Results")
    assert room.world.counts(room.dead) == (4, 0, 0)


def test_one_task_at_a_time(room: Room) -> None:
    room.start(MaxNumberOfMessagesPerSecond=1)
    words = "There is already a task running. Only one active task is allowed for a source queue arn at a given time."
    assert refusal(room.start) == ("InvalidParameterValue", words)
    room.world.wait(3)
    room.start()


def test_a_task_handle_is_checked(room: Room) -> None:
    """It has the form that AWS's have: base64 of the task's id and the source's ARN."""
    handle = room.start()
    content = json.loads(b64decode(handle))
    assert content["sourceArn"] == room.source
    cancel = room.sqs.cancel_message_move_task
    assert refusal(lambda: cancel(TaskHandle=handle))[0] == "InvalidParameterValue"  # it has ended
    words = "Value for parameter TaskHandle is invalid."
    for wrong in ("foobared", b64encode(b"[]").decode(), b64encode(b'{"sourceArn":1}').decode()):
        assert refusal(lambda wrong=wrong: cancel(TaskHandle=wrong)) == ("InvalidParameterValue", words)
    for changes, words in (
        ({"taskId": "x"}, "Task does not exist."),
        ({"sourceArn": "arn:x"}, "The resource that you specified for the SourceArn parameter doesn't exist."),
    ):
        other = b64encode(json.dumps({**content, **changes}).encode()).decode()
        assert refusal(lambda other=other: cancel(TaskHandle=other)) == ("ResourceNotFoundException", words)


# -- a queue of ours --------------------------------------------------------------------------------------------------


def test_redrive_gives_the_records_that_came_to_be(ledger_queue: SqsQueue, clock: VirtualClock) -> None:
    dlq = ledger_queue.dlq
    assert dlq is not None
    first, second = ledger_queue.send("a", "b")
    ledger_queue.engine.receive(10, clock.now_ms)
    clock.jump_to(clock.now_ms + 10_000)
    ledger_queue.engine.receive(10, clock.now_ms)
    assert dlq.messages == [first, second]
    moved = dlq.redrive(max_per_second=1)
    assert [record.body for record in moved] == ["a"]
    assert ledger_queue.messages == moved
    assert moved[0] != first
    assert dlq.messages == [second]
    clock.advance(1)
    assert [record.body for record in ledger_queue.messages] == ["a", "b"]
    assert [record.body for record in ledger_queue.records] == ["a", "b", "a", "b"]
    assert dlq.records == [first, second]


@pytest.mark.parametrize("form", ["queue", "name", "arn"])
def test_redrive_goes_where_it_is_told(
    ledger_queue: SqsQueue, surface: MotoSurface, clock: VirtualClock, form: str
) -> None:
    other = create_queue("other", {}, surface, clock, Ledger())
    dlq = ledger_queue.dlq
    assert dlq is not None
    dlq.send("direct")
    destination = {"queue": other, "name": "other", "arn": other.arn}[form]
    assert dlq.redrive(destination=destination) == other.messages
    assert [record.body for record in other.messages] == ["direct"]


def test_redrive_of_another_queue_is_refused(ledger_queue: SqsQueue) -> None:
    with pytest.raises(ClientError, match=r"StartMessageMoveTask.*must be configured as a Dead Letter Queue"):
        ledger_queue.redrive()


def test_a_fifo_name_makes_a_fifo_dlq(surface: MotoSurface, clock: VirtualClock) -> None:
    queue = create_queue(
        "orders.fifo", {"ContentBasedDeduplication": True}, surface, clock, Ledger(), max_receive_count=3
    )
    assert queue.dlq is not None
    assert (queue.dlq.name, queue.dlq.attributes["FifoQueue"]) == ("orders-dlq.fifo", "true")
    [first] = queue.send({"n": 1}, message_group_id="g")
    assert queue.send({"n": 1}, {"n": 1}, message_group_id="g") == [first, first]
    [other] = queue.send({"n": 1}, message_group_id="g", message_deduplication_id="d")
    assert queue.messages == [first, other]
    with pytest.raises(ClientError, match=r"SendMessage.*MessageGroupId"):
        queue.send("x")
    with pytest.raises(ClientError, match="punctuation"):
        queue.send("x", "y", message_group_id="g", message_deduplication_id="d d")
    assert queue.messages == [first, other]
    assert boto3.client("sqs").get_queue_attributes(QueueUrl=queue.url, AttributeNames=["FifoQueue"])["Attributes"] == {
        "FifoQueue": "true"
    }
