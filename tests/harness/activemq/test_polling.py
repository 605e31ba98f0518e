"""Mappings of ActiveMQ queues: batches, acknowledgement, the redelivery policy, ActiveMQ.DLQ, expiration, concurrency.

Lambda Developer Guide, "Using Lambda with Amazon MQ".
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import Faults, NotSimulated, RunLimitReached, UsageError
from pytest_lambda_events.events import validate

if TYPE_CHECKING:
    from pytest_lambda_events import Harness


@pytest.fixture
def queue(aws: Harness) -> Any:
    """With ActiveMQ's own redelivery policy."""
    return aws.activemq_queue("orders")


# -- events ------------------------------------------------------------------------------------------------------------


def test_the_event_is_what_lambda_sends(aws: Harness, queue: Any, recorder: Any) -> None:
    """A text and a bytes message, headers, typed properties, the broker's times."""
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler)
    text, raw = queue.send(
        {"order": 1},
        b"\x00",
        correlation_id="c-1",
        reply_to="answers",
        type="order",
        time_to_live=lambda number: 60_000 * number,
        priority=9,
        delivery_mode=lambda number: 2 - number,
        properties={"tries": 3, "new": True, "price": 1e10, "tenant": "blue"},
    )
    run = mapping.run_until_idle()
    assert run.processed == [text, raw]
    (event,) = handler.events
    assert validate(event) == []
    first, second = event["messages"]
    now_ms = 1_735_689_600_000
    assert (event["eventSourceArn"], first["messageID"]) == (queue.arn, text.id)
    assert (first["messageType"], second["messageType"]) == ("jms/text-message", "jms/bytes-message")
    assert (first["deliveryMode"], second["deliveryMode"]) == (2, 1)
    assert (first["expiration"], second["expiration"]) == (0, now_ms + 60_000)
    assert (first["timestamp"], first["brokerInTime"], first["brokerOutTime"]) == (now_ms,) * 3
    assert first["properties"] == {"tries": "3", "new": "true", "price": "1.0E10", "tenant": "blue"}
    assert (first["replyTo"], first["destination"]) == ("queue://answers", {"physicalName": "orders"})


def test_ids_rise_and_tell_queues_apart(aws: Harness) -> None:
    """One producer for each queue, on the broker's own connection; ActiveMQ.DLQ has one, too."""
    one, two = aws.activemq_queue("one"), aws.activemq_queue("two")
    ids = [record.id for record in (*one.send("a", "b"), *two.send("c"), *one.dlq.send("d"))]
    assert len(set(ids)) == 4
    assert [found.rsplit(":", 2)[1:] for found in ids] == [["1", "1"], ["1", "2"], ["2", "1"], ["3", "1"]]
    assert len({found.rsplit(":", 2)[0] for found in ids}) == 1


# -- batches and failures ----------------------------------------------------------------------------------------------


def test_a_batch_waits_half_a_second_for_others(aws: Harness, queue: Any, recorder: Any) -> None:
    """From the first message received."""
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, BatchSize=3)
    queue.send("a")
    queue.send("b", at=0.4)
    queue.send("c", "d", "e", "f", at=2)
    run = mapping.run_until_idle()
    assert handler.batches == ["ab", "cde", "f"]
    assert [call.at for call in run.invocations] == [0.5, 2, 2.5]


def test_seven_deliveries_a_second_apart_and_then_the_dlq(aws: Harness, queue: Any, recorder: Any) -> None:
    """Of the whole batch: the good message goes with the poison one."""
    handler = recorder(fails="b")
    mapping = aws.event_source_mapping(queue, handler)
    good, poison = queue.send("a", "b")
    run = mapping.run_until_idle()
    assert run.dead_lettered == [good, poison]
    assert run.attempts(poison) == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5]
    assert handler.batches == ["ab", *["AB"] * 6]
    assert run.metrics["Errors"] == 7
    assert (queue.messages, queue.dlq.messages, queue.dlq.dlq) == ([], [good, poison], None)
    assert run.advice == []


@pytest.mark.parametrize(
    ("policy", "attempts"),
    [
        ({"maximumRedeliveries": 0}, [0.5]),
        ({"maximumRedeliveries": 2, "initialRedeliveryDelay": 200, "redeliveryDelay": 300}, [0.5, 0.7, 1]),
        ({"maximumRedeliveries": 3, "useExponentialBackOff": True, "backOffMultiplier": 2}, [0.5, 1.5, 3.5, 7.5]),
    ],
)
def test_another_policy(aws: Harness, recorder: Any, policy: dict[str, Any], attempts: list[float]) -> None:
    """ActiveMQ's own names and milliseconds."""
    queue = aws.activemq_queue("orders", **policy)
    mapping = aws.event_source_mapping(queue, recorder(fails="b"))
    (poison,) = queue.send("b")
    run = mapping.run_until_idle()
    assert run.attempts(poison) == attempts
    assert run.dead_lettered == [poison]


def test_a_policy_without_end(aws: Harness, recorder: Any) -> None:
    """Meets the bound of the run, and says what blocks."""
    queue = aws.activemq_queue("orders", maximumRedeliveries=-1)
    mapping = aws.event_source_mapping(queue, recorder(fails="b"))
    queue.send("b")
    with pytest.raises(RunLimitReached, match=r"orders is blocked by <ActiveMqMessage ID:.*50 attempts"):
        mapping.run_until_idle(max_invocations=50)


@pytest.mark.parametrize("outcome", ["error", "timeout", "malformed", "throttled"])
def test_every_failure_is_rolled_back(aws: Harness, queue: Any, outcome: str) -> None:
    """Raised, timed out, not JSON, throttled: seven times, and a message that was only throttled never ran."""

    def handler(event: Any, context: Any) -> Any:
        if outcome == "timeout":
            time.sleep(10)
        if outcome == "malformed":
            return {1, 2}
        raise ValueError("no")

    function = {"Timeout": 3, **({"ReservedConcurrentExecutions": 0} if outcome == "throttled" else {})}
    mapping = aws.event_source_mapping(queue, handler, function=function)
    (record,) = queue.send("a")
    run = mapping.run_until_idle()
    assert run.dead_lettered == [record]
    assert [call.outcome for call in run.invocations] == [outcome] * 7
    codes = [advice.code for advice in run.advice]
    assert codes == (["throttled-to-death"] if outcome == "throttled" else [])
    if outcome == "throttled":
        assert "maximumRedeliveries" in run.advice[0].message


def test_what_comes_meanwhile_waits_behind_a_failed_batch(aws: Harness, queue: Any, recorder: Any) -> None:
    """A consumer that redelivers takes nothing else; then what came is in the batch, in its order."""
    handler = recorder(fails="a")
    mapping = aws.event_source_mapping(queue, handler)
    queue.send("a")
    queue.send("b", at=1)
    mapping.run_for(1.5)
    assert handler.batches == ["a", "Ab"]


# -- expiration --------------------------------------------------------------------------------------------------------


def test_an_expired_message_goes_to_the_dlq_if_it_is_persistent(aws: Harness, queue: Any, recorder: Any) -> None:
    """Otherwise it is gone."""
    mapping = aws.event_source_mapping(queue, recorder(), MaximumBatchingWindowInSeconds=0)
    mapping.disable()
    kept, lost = queue.send("a", "b", time_to_live=1_000, delivery_mode=lambda number: 2 - number)
    mapping.run_for(5)
    mapping.enable()
    run = mapping.run_until_idle()
    assert (run.dead_lettered, run.expired) == ([kept], [lost])
    (dead,) = queue.dlq.records
    assert dead.properties["dlqDeliveryFailureCause"].startswith("java.lang.Throwable: Message Expired. Expiration:")
    assert dead.expiration == 0


def test_a_failing_message_that_expires(aws: Harness, queue: Any, recorder: Any) -> None:
    """When it would have been redelivered."""
    mapping = aws.event_source_mapping(queue, recorder(fails="a"))
    (record,) = queue.send("a", time_to_live=2_000)
    run = mapping.run_until_idle()
    assert run.attempts(record) == [0.5, 1.5]
    assert [second for second, step in run.steps_of(record) if step.kind == "left"] == [2.5]


def test_a_mapped_dlq_expects_what_will_expire(aws: Harness, queue: Any, recorder: Any) -> None:
    """And gives it up for good when it fails there: ActiveMQ.DLQ has none of its own."""
    mapping = aws.event_source_mapping(queue.dlq, recorder(fails="a"))
    (record,) = queue.send("a", time_to_live=10_000)
    run = mapping.run_until_idle()
    assert run.attempts(record)[0] == 10.5
    assert run.discarded == [record]
    assert len(run.invocations) == 7


# -- order and concurrency ---------------------------------------------------------------------------------------------


def test_priorities_mean_nothing_unless_the_broker_is_told_so(aws: Harness, recorder: Any) -> None:
    """PrioritizedMessages of the destination policy."""
    for prioritized, expected in ((False, "abc"), (True, "bca")):
        queue = aws.activemq_queue(f"p-{prioritized}", prioritizedMessages=prioritized)
        handler = recorder()
        mapping = aws.event_source_mapping(queue, handler)
        queue.send(*"abc", priority=lambda number: (1, 9, 5)[number])
        mapping.run_until_idle()
        assert handler.batches == [expected]


def test_one_consumer_unless_asked_for_more(aws: Harness, queue: Any, recorder: Any) -> None:
    """Up to AWS's five; each takes a batch while the others work."""
    mapping = aws.event_source_mapping(queue, recorder(), duration=3, BatchSize=1, function={"Timeout": 10})
    queue.send(*"abc")
    assert [call.at for call in mapping.run_until_idle().invocations] == [0, 3, 6]
    mapping.delete()
    mapping = aws.event_source_mapping(
        queue, recorder(), duration=3, BatchSize=1, function={"Timeout": 10}, concurrency=5
    )
    queue.send(*"abcdefg")
    run = mapping.run_until_idle()
    assert [call.at for call in run.invocations] == [9] * 5 + [12] * 2
    with pytest.raises(UsageError, match=r"Lambda has 1 to 5 consumer\(s\)"):
        aws.event_source_mapping(queue, recorder(), concurrency=6)


def test_others_go_on_while_one_consumer_waits_for_its_redelivery(aws: Harness, queue: Any, recorder: Any) -> None:
    """With one, they would wait."""
    handler = recorder(fails="p")
    mapping = aws.event_source_mapping(queue, handler, BatchSize=1, concurrency=2)
    poison, one, two = queue.send("p", "a", "b")
    run = mapping.run_until_idle()
    assert run.attempts(one) == run.attempts(two) == [0]
    assert run.dead_lettered == [poison]


def test_concurrency_is_for_activemq(aws: Harness, recorder: Any) -> None:
    """Other sources have AWS's own parameters."""
    with pytest.raises(UsageError, match="ScalingConfig, ProvisionedPollerConfig, ParallelizationFactor"):
        aws.event_source_mapping(aws.sqs_queue("orders"), recorder(), concurrency=2)


def test_faults(aws: Harness, recorder: Any) -> None:
    """A poller that is gone counts as a delivery."""
    queue = aws.activemq_queue("orders", maximumRedeliveries=1)
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, faults=Faults(crashes=1))
    (record,) = queue.send("a")
    run = mapping.run_until_idle()
    assert handler.batches == ["a", "A"]
    assert run.dead_lettered == [record]
    assert run.attempts(record) == [0.5, 0.7]


def test_a_second_delivery_has_the_flag(aws: Harness, queue: Any, recorder: Any) -> None:
    """`check_idempotency` delivers as the broker would."""
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler)
    queue.send(*"ab")
    mapping.run_until_idle()
    assert mapping.check_idempotency(seen=lambda: len(handler.events)) == ["seen"]
    assert handler.batches == ["ab", "AB"]
    (advice,) = mapping.view().advice
    assert "Amazon MQ for ActiveMQ: a record is delivered at least once" in advice.message
    assert "depend on the record's id" in advice.message


def test_a_disabled_mapping_gives_back_what_it_gathered(aws: Harness, queue: Any, recorder: Any) -> None:
    """At once, marked as redelivered, with a new brokerOutTime."""
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, MaximumBatchingWindowInSeconds=10)
    queue.send("a")
    mapping.run_for(1)
    mapping.disable()
    mapping.run_for(1)
    mapping.enable()
    mapping.run_until_idle()
    assert handler.batches == ["A"]
    (message,) = handler.events[0]["messages"]
    assert message["brokerOutTime"] - message["brokerInTime"] == 2_000


# -- sources -----------------------------------------------------------------------------------------------------------


def test_a_mapping_by_arn(aws: Harness, queue: Any, recorder: Any) -> None:
    """With the parameters of a template."""
    entries = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:mq"}]
    mapping = aws.event_source_mapping(queue.arn, recorder(), Queues=["orders"], SourceAccessConfigurations=entries)
    assert mapping.source is queue
    assert mapping.describe()["Queues"] == ["orders"]
    with pytest.raises(NotSimulated, match=r"its queue is not here; make it with activemq_queue"):
        aws.event_source_mapping(queue.arn, recorder(), Queues=["other"], SourceAccessConfigurations=entries)
    with pytest.raises(UsageError, match="the source is the queue orders"):
        aws.event_source_mapping(queue, recorder(), Queues=["other"])


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("a,b", {}, "mean several queues"),
        ("orders.>", {}, "mean several queues"),
        ("queue://orders", {}, "give the name alone"),
        ("", {}, "1 to 1000 characters"),
        ("ActiveMQ.DLQ", {}, "it is the dlq of its queues"),
        ("q", {"maximumRedeliverys": 1}, "activemq_queue takes no maximumRedeliverys"),
        ("q", {"maximumRedeliveries": -5}, "maximumRedeliveries=-5"),
        ("q", {"prioritizedMessages": 1}, "prioritizedMessages=1"),
        ("q", {"broker": "no broker"}, "is no name of a broker"),
    ],
)
def test_a_queue_that_cannot_be(aws: Harness, name: str, given: dict[str, Any], told: str) -> None:
    """Refused when it is made."""
    with pytest.raises(UsageError, match=told):
        aws.activemq_queue(name, **given)


def test_names_and_sends(aws: Harness) -> None:
    """A name is made up where none is given, and taken once; nothing is sent unless every payload can be."""
    queue = aws.activemq_queue()
    assert queue.name == "queue-1"
    assert repr(queue) == f"<ActiveMqQueue {queue.arn}#queue-1>"
    assert aws.activemq_queue("q", broker=queue.arn).arn == queue.arn
    with pytest.raises(UsageError, match="exists already"):
        aws.activemq_queue("q")
    with pytest.raises(UsageError, match="time_to_live=-1"):
        queue.send("a", "b", time_to_live=lambda number: -number)
    assert queue.records == []
    (record,) = queue.send("a")
    assert record.id.endswith(":1")
    queue.purge()
    assert queue.messages == []
