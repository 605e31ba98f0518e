"""BatchSize, the batching window, the 6 MB payload and Enabled act as on AWS (Lambda Developer Guide, "Batching")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_lambda_events import Harness


def sizes(handler: Any) -> list[int]:
    """How many records each batch had."""
    return [len(batch) for batch in handler.batches]


def test_a_batch_has_at_most_batch_size_records_in_order(aws: Harness, recorder: Any) -> None:
    """25 waiting messages go as 10, 10, 5, at once."""
    queue = aws.sqs_queue("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler)
    sent = queue.send(*[str(n) for n in range(25)])
    run = mapping.run_until_idle()
    assert sizes(handler) == [10, 10, 5]
    assert [body for batch in handler.batches for body in batch] == [record.body for record in sent]
    assert run.elapsed == 0
    assert run.metrics["Invocations"] == 3
    assert run.metrics["PolledEventCount"] == run.metrics["DeletedEventCount"] == 25


def test_a_window_gathers_more_than_one_receive_hands_out(aws: Harness, recorder: Any) -> None:
    """BatchSize 10,000 with a window of 5 s: 2,500 messages go as one batch when the window ends."""
    queue = aws.sqs_queue("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, BatchSize=10_000, MaximumBatchingWindowInSeconds=5)
    (record, *_) = queue.send(*[str(n) for n in range(2_500)])
    run = mapping.run_until_idle()
    assert sizes(handler) == [2_500]
    assert run.attempts(record) == [5]
    assert run.receives(record) == [0]


def test_a_full_batch_does_not_wait_for_its_window(aws: Harness, recorder: Any) -> None:
    """BatchSize reached: it goes at once; what is left waits for the next window, from the end of that invocation."""
    queue = aws.sqs_queue("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, BatchSize=20, MaximumBatchingWindowInSeconds=5)
    sent = queue.send(*[str(n) for n in range(30)])
    run = mapping.run_until_idle()
    assert sizes(handler) == [20, 10]
    assert run.attempts(sent[0]) == [0]
    assert run.attempts(sent[29]) == [5]


def test_after_idleness_a_lone_record_goes_at_once(aws: Harness) -> None:
    """The window runs from the end of the previous invocation, so after an hour nothing is left to wait for."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, lambda *_: None, MaximumBatchingWindowInSeconds=60)
    (first,) = queue.send("a")
    (second,) = queue.send("b", at=3_600)
    (third,) = queue.send("c", at=3_601)
    run = mapping.run_until_idle()
    assert run.attempts(first) == [60]
    assert run.attempts(second) == [3_600]
    assert run.attempts(third) == [3_660]


def test_messages_that_arrive_within_the_window_share_a_batch(aws: Harness, recorder: Any) -> None:
    """Three sends within a window of 10 s are one invocation, each received when it came."""
    queue = aws.sqs_queue("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, MaximumBatchingWindowInSeconds=10)
    a, b, c = (queue.send(str(second), at=second)[0] for second in (0, 4, 8))
    run = mapping.run_until_idle()
    assert handler.batches == [["0", "4", "8"]]
    assert [run.receives(record) for record in (a, b, c)] == [[0], [4], [8]]
    assert run.attempts(c) == [10]


def test_a_window_longer_than_the_visibility_timeout_receives_again(aws: Harness, recorder: Any) -> None:
    """The newer receive takes the older one's place: one copy in the batch, with receive count 2."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=6)
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, MaximumBatchingWindowInSeconds=10)
    (record,) = queue.send("a")
    run = mapping.run_until_idle()
    assert handler.batches == [["a"]]
    assert run.receives(record) == [0, 6]
    assert handler.events[0]["Records"][0]["attributes"]["ApproximateReceiveCount"] == "2"


def test_an_event_stays_within_six_megabytes(aws: Harness, recorder: Any) -> None:
    """Ten bodies of 1,000,000 bytes do not fit one event: six go, then four."""
    queue = aws.sqs_queue("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler)
    sent = queue.send(*[str(n) + "x" * 999_999 for n in range(10)])
    run = mapping.run_until_idle()
    assert sizes(handler) == [6, 4]
    assert run.processed == sent
    assert max(len(call.event_text) for call in run.invocations) <= 6_291_456


def test_a_window_ends_early_at_six_megabytes(aws: Harness, recorder: Any) -> None:
    """With BatchSize 100 and a window of 60 s the payload limit sends the batch before either is reached."""
    queue = aws.sqs_queue("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, BatchSize=100, MaximumBatchingWindowInSeconds=60)
    sent = queue.send(*["é" * 500_000 for _ in range(8)])  # two bytes each in UTF-8
    run = mapping.run_until_idle()
    assert sizes(handler) == [6, 2]
    assert run.attempts(sent[0]) == [0]
    assert run.attempts(sent[7]) == [60]


def test_md5_of_message_attributes_is_null_with_a_window_and_absent_without(aws: Harness, recorder: Any) -> None:
    """Recorded on AWS: the key is there, and null, when the mapping has a window."""
    queue = aws.sqs_queue("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler)
    queue.send("a")
    mapping.run_until_idle()
    mapping.update(MaximumBatchingWindowInSeconds=1)
    queue.send("b")
    mapping.run_until_idle()
    first, second = (event["Records"][0] for event in handler.events)
    assert "md5OfMessageAttributes" not in first
    assert second["md5OfMessageAttributes"] is None


def test_a_disabled_mapping_does_not_poll(aws: Harness, recorder: Any) -> None:
    """Made with Enabled=False, then enabled, disabled with a message waiting, and enabled again."""
    queue = aws.sqs_queue("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, Enabled=False)
    (record,) = queue.send("a")
    assert mapping.run_until_idle().pending == [record]
    assert mapping.describe()["State"] == "Disabled"
    mapping.enable()
    assert mapping.run_until_idle().processed == [record]
    mapping.disable()
    (second,) = queue.send("b")
    assert mapping.run_for(60).pending == [second]
    mapping.enable()
    run = mapping.run_until_idle()
    assert run.attempts(second) == [60]
    assert mapping.enabled


def test_disabling_lets_what_was_gathered_come_back(aws: Harness, recorder: Any) -> None:
    """A batch that waited for its window is let go: its messages return after their visibility timeout."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=30)
    mapping = aws.event_source_mapping(queue, recorder(), MaximumBatchingWindowInSeconds=20)
    (record,) = queue.send("a")
    mapping.run_for(5)
    mapping.disable()
    mapping.run_for(1)
    mapping.enable()
    run = mapping.run_until_idle()
    assert run.receives(record) == [0, 30]
    assert run.attempts(record) == [30]


def test_updates_act_at_once(aws: Harness, recorder: Any) -> None:
    """BatchSize changed between two runs."""
    queue = aws.sqs_queue("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, BatchSize=1)
    queue.send("a", "b")
    mapping.run_until_idle()
    mapping.update(BatchSize=5)
    queue.send("c", "d")
    mapping.run_until_idle()
    assert sizes(handler) == [1, 1, 2]
    assert mapping.describe()["BatchSize"] == 5


def test_a_deleted_mapping_polls_no_more_and_its_view_stays(aws: Harness, recorder: Any) -> None:
    """Deleting the mapping leaves the queue, and what the mapping did."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, recorder(), function={"Timeout": 20}, duration=10, BatchSize=1)
    a, b = queue.send("a", "b")
    mapping.run_for(5)
    mapping.delete()
    run = aws.run_until_idle()
    assert run.fate(a) == "processed"  # it was with the function already
    assert run.fate(b) == "pending"
    assert mapping.view().processed == [a]


def test_the_window_runs_from_the_moment_of_enabling(aws: Harness, recorder: Any) -> None:
    """Not from the mapping's beginning, though messages have been waiting; another change does not move it."""
    queue = aws.sqs_queue("orders")
    window = {"MaximumBatchingWindowInSeconds": 10}
    mapping = aws.event_source_mapping(queue, recorder(), Enabled=False, **window)
    (record,) = queue.send("a")
    mapping.run_for(100)
    mapping.update(Enabled=True)
    mapping.run_for(4)
    mapping.update(BatchSize=7)
    run = mapping.run_until_idle()
    assert run.attempts(record) == [110]


def test_a_message_that_is_received_again_fills_no_batch(aws: Harness, recorder: Any) -> None:
    """A window that is longer than the visibility timeout: its bytes count once, and the batch waits for its end."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=1)
    mapping = aws.event_source_mapping(queue, recorder(), function={"Timeout": 1}, MaximumBatchingWindowInSeconds=60)
    (record,) = queue.send("x" * 200_000)
    run = mapping.run_until_idle()
    assert run.attempts(record) == [60]
    assert len(run.receives(record)) > 30
