"""Mappings of RabbitMQ queues: batches, acknowledgement, requeueing, delays, time to live, filters, concurrency.

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
    """A queue that nothing ends messages in."""
    return aws.rabbitmq_queue("orders")


# -- batches -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "batches", "at"),
    [
        ({}, ["abcde"], [0.5]),
        ({"MaximumBatchingWindowInSeconds": 0}, ["abcde"], [0]),
        ({"MaximumBatchingWindowInSeconds": 20}, ["abcde"], [20]),
        ({"BatchSize": 2}, ["ab", "cd", "e"], [0, 0, 0.5]),
        ({"BatchSize": 5, "MaximumBatchingWindowInSeconds": 300}, ["abcde"], [0]),
    ],
)
def test_a_batch_goes_when_it_is_full_or_its_window_ends(
    aws: Harness, queue: Any, recorder: Any, parameters: dict[str, Any], batches: list[str], at: list[float]
) -> None:
    """The window runs from the first message received, half a second unless the mapping says otherwise."""
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, **parameters)
    sent = queue.send(*"abcde")
    run = mapping.run_until_idle()
    assert handler.batches == batches
    assert [call.at for call in run.invocations] == at
    assert run.processed == sent
    assert queue.messages == []


def test_the_event_is_what_lambda_sends(aws: Harness, recorder: Any) -> None:
    """With the properties of each message, and the broker and virtual host of the queue."""
    queue = aws.rabbitmq_queue("orders", vhost="shop", broker="shop")
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler)
    (record,) = queue.send(
        {"order": 1}, headers={"a": "b"}, timestamp=True, expiration=60_000, priority=lambda number: number + 7
    )
    mapping.run_until_idle()
    (event,) = handler.events
    assert validate(event) == []
    assert event["eventSourceArn"] == queue.arn == mapping.describe()["EventSourceArn"]
    ((name, (message,)),) = event["rmqMessagesByQueue"].items()
    assert (name, record.id) == ("orders::shop", "orders::shop#0")
    properties = message["basicProperties"]
    assert (properties["contentType"], properties["expiration"]) == ("application/json", "60000")
    assert (properties["priority"], properties["deliveryMode"]) == (7, 2)
    assert properties["timestamp"] == "Jan 1, 2025, 12:00:00 AM"
    assert record.json() == {"order": 1}


def test_batches_stay_below_six_megabytes(aws: Harness, queue: Any, recorder: Any) -> None:
    """In the order of the queue, though the one that did not fit was received already when the others failed."""
    handler = recorder(fails="x")
    bodies = [letter + "." * 1_900_000 for letter in "abcd"]
    mapping = aws.event_source_mapping(queue, handler, MaximumBatchingWindowInSeconds=0)
    sent = queue.send(*bodies)
    handler.fails = bodies[0]
    run = mapping.run_for(0.5)
    assert [len(call.records) for call in run.invocations] == [2]
    handler.fails = ""
    run = mapping.run_until_idle()
    assert [call.records for call in run.invocations[1:]] == [tuple(sent[:2]), tuple(sent[2:])]
    assert all(len(call.event_text) <= 6_291_456 for call in run.invocations)


def test_a_message_that_is_too_large_is_dropped(aws: Harness, queue: Any, recorder: Any) -> None:
    """It never reaches the function, and holds up nobody."""
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler)
    large, small = queue.send("x" * 4_800_000, "s")
    run = mapping.run_until_idle()
    assert (run.discarded, run.processed) == ([large], [small])
    assert run.metrics["DroppedEventCount"] == 1
    assert handler.batches == ["s"]


def test_filtered_messages_are_acknowledged(aws: Harness, queue: Any, recorder: Any) -> None:
    """At once, and they count for no batch."""
    handler = recorder()
    criteria = {"Filters": [{"Pattern": '{"data": {"kind": ["good"]}}'}]}
    mapping = aws.event_source_mapping(queue, handler, FilterCriteria=criteria, BatchSize=1)
    bad, good = queue.send({"kind": "bad"}, {"kind": "good"})
    run = mapping.run_until_idle()
    assert (run.filtered, run.processed) == ([bad], [good])
    assert (run.metrics["FilteredOutEventCount"], run.metrics["PolledEventCount"]) == (1, 2)
    assert len(handler.events) == 1


def test_a_filter_that_changes(aws: Harness, queue: Any, recorder: Any) -> None:
    """Holds for what is received from then on."""
    mapping = aws.event_source_mapping(queue, recorder())
    (first,) = queue.send({"kind": "bad"})
    mapping.run_until_idle()
    mapping.update(FilterCriteria={"Filters": [{"Pattern": '{"data": {"kind": ["good"]}}'}]})
    (second,) = queue.send({"kind": "bad"})
    run = mapping.run_until_idle()
    assert (run.processed, run.filtered) == ([first], [second])


# -- failures ----------------------------------------------------------------------------------------------------------


def test_a_failed_batch_is_requeued_as_a_whole_and_tried_later_and_later(
    aws: Harness, queue: Any, recorder: Any
) -> None:
    """A second after the failure, then two, four and so on to a minute: our choice. All of it is `redelivered`."""
    handler = recorder(fails="b")
    mapping = aws.event_source_mapping(queue, handler)
    good, poison = queue.send("a", "b")
    run = mapping.run_for(300)
    waits = [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert run.attempts(poison) == run.attempts(good) == [0.5 + sum(waits[:number]) for number in range(10)]
    assert handler.batches == ["ab", *["AB"] * 9]
    assert run.receives(poison)[:3] == [0, 1.5, 3.5]
    assert run.pending == [good, poison]
    assert mapping.describe()["LastProcessingResult"] == "PROBLEM: Function call failed"
    handler.fails = ""
    run = mapping.run_until_idle()
    assert run.processed == [good, poison]
    assert run.metrics["Errors"] == 10
    assert run.metrics["FailedInvokeEventCount"] == 20
    assert mapping.describe()["LastProcessingResult"] == "OK"


@pytest.mark.parametrize("outcome", ["error", "timeout", "malformed", "throttled"])
def test_every_failure_requeues(aws: Harness, queue: Any, outcome: str) -> None:
    """Raised, timed out, not JSON, throttled: the same."""

    def handler(event: Any, context: Any) -> Any:
        if outcome == "timeout":
            time.sleep(10)
        if outcome == "malformed":
            return {1, 2}
        raise ValueError("no")

    function = {"Timeout": 3, **({"ReservedConcurrentExecutions": 0} if outcome == "throttled" else {})}
    mapping = aws.event_source_mapping(queue, handler, function=function)
    (record,) = queue.send("a")
    run = mapping.run_for(5)
    assert {call.outcome for call in run.invocations} == {outcome}
    assert len(run.invocations) > 1
    assert run.pending == [record]
    assert len(run.receives(record)) == len(run.invocations)
    if outcome == "throttled":
        assert run.attempts(record) == []
        assert run.metrics["Throttles"] == len(run.invocations) == 3


def test_a_message_that_was_throttled_until_it_expired(aws: Harness, recorder: Any) -> None:
    """It never ran: said, but not of one that was never handed out."""
    queue = aws.rabbitmq_queue("orders", arguments={"x-message-ttl": 2_000})
    mapping = aws.event_source_mapping(
        queue, recorder(), function={"ReservedConcurrentExecutions": 0}, BatchSize=1, MaximumBatchingWindowInSeconds=0
    )
    throttled, _behind = queue.send("a", "b")
    run = mapping.run_until_idle()
    assert len(run.expired) == 2
    (advice,) = run.advice
    assert (advice.code, advice.records) == ("throttled-to-death", (throttled.id,))
    assert "until their time to live ended" in advice.message


def test_what_the_function_returns_is_ignored(aws: Harness, queue: Any, recorder: Any) -> None:
    """There are no partial batch responses; one that is returned is advised against."""
    handler = recorder(answer={"batchItemFailures": [{"itemIdentifier": "x"}]})
    mapping = aws.event_source_mapping(queue, handler)
    sent = queue.send("a")
    run = mapping.run_until_idle()
    assert run.processed == sent
    (advice,) = run.advice
    assert advice.code == "partial-response-not-enabled"
    assert "for this source Lambda reads none" in advice.message


def test_a_good_batch_begins_the_delays_anew(aws: Harness, queue: Any, recorder: Any) -> None:
    """Each poison message starts with a second."""
    handler = recorder(fails="p")
    mapping = aws.event_source_mapping(queue, handler)
    queue.send("p")
    mapping.run_for(4)  # tried at 0.5, 1.5 and 3.5
    handler.fails = ""
    mapping.run_until_idle()
    handler.fails = "q"
    (poison,) = queue.send("q")
    run = mapping.run_for(4)
    begun = run.attempts(poison)
    assert [later - begun[0] for later in begun] == [0, 1, 3]


def test_a_message_that_expired_gives_the_delays_back(aws: Harness, recorder: Any) -> None:
    """The next poison message is tried a second later, not half a minute."""
    queue = aws.rabbitmq_queue("orders", arguments={"x-message-ttl": 5_000})
    mapping = aws.event_source_mapping(queue, recorder(fails="pq"))
    queue.send("p")
    run = mapping.run_until_idle()
    assert run.elapsed == 5  # at the moment of its end, not at that of the next try
    (poison,) = queue.send("q", at=20)
    run = mapping.run_until_idle()
    assert run.attempts(poison) == [20.5, 21.5, 23.5]
    assert [run.fate(record) for record in run.records] == ["expired", "expired"]


def test_redelivered_messages_do_not_wait_for_a_window(aws: Harness, queue: Any, recorder: Any) -> None:
    """Five minutes are for what is new."""
    handler = recorder(fails="a")
    mapping = aws.event_source_mapping(queue, handler, MaximumBatchingWindowInSeconds=300)
    (record,) = queue.send("a")
    assert mapping.run_for(302).attempts(record) == [300, 301]


def test_a_test_that_ends_in_the_handler_gives_the_batch_back(aws: Harness, queue: Any, recorder: Any) -> None:
    """As a poller does that is gone."""

    def handler(event: Any, context: Any) -> None:
        pytest.fail("enough")

    mapping = aws.event_source_mapping(queue, handler)
    (record,) = queue.send("a")
    with pytest.raises(pytest.fail.Exception, match="enough"):
        mapping.run_until_idle()
    assert mapping.view().pending == [record]
    mapping.delete()
    again = recorder()
    assert aws.event_source_mapping(queue, again).run_until_idle().processed == [record]
    assert again.batches == ["A"]


# -- what ends a message -----------------------------------------------------------------------------------------------


def test_a_time_to_live_and_a_dead_letter_exchange_end_a_poison_message(aws: Harness, recorder: Any) -> None:
    """It is the same record in the dead-letter queue, which can be mapped itself, and tells where it came from."""
    dead = aws.rabbitmq_queue("dead")
    dead.bind("dlx", "orders")
    queue = aws.rabbitmq_queue("orders", arguments={"x-message-ttl": 3_000, "x-dead-letter-exchange": "dlx"})
    assert queue.dlq is dead
    assert dead.dlq is None
    mapping = aws.event_source_mapping(queue, recorder(fails="b"))
    seen = recorder()
    buried = aws.event_source_mapping(dead, seen)
    (poison,) = queue.send("b")
    run = mapping.run_until_idle()
    assert run.dead_lettered == [poison]
    assert run.attempts(poison) == [0.5, 1.5]
    assert buried.view().processed == dead.records == [poison]
    assert aws.view().processed == [poison]
    ((message,),) = seen.events[0]["rmqMessagesByQueue"].values()
    assert message["redelivered"] is False
    (death,) = message["basicProperties"]["headers"]["x-death"]
    assert death["queue"] == {"bytes": list(b"orders")}
    assert death["time"] == "Jan 1, 2025, 12:00:03 AM"
    assert validate(seen.events[0]) == []
    assert poison.headers is None
    assert "x-death" in dead.records[0].headers


def test_a_dead_letter_exchange_alone_ends_nothing(aws: Harness, recorder: Any) -> None:
    """Lambda requeues, it does not reject. The advice says so, once something failed."""
    aws.rabbitmq_queue("dead")
    queue = aws.rabbitmq_queue("orders", arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"})
    handler = recorder(fails="b")
    mapping = aws.event_source_mapping(queue, handler)
    queue.send("a")
    assert mapping.run_until_idle().advice == []
    (poison,) = queue.send("b")
    run = mapping.run_for(3_600)
    assert run.pending == [poison]
    (advice,) = run.advice
    assert advice.code == "rabbitmq-endless-retries"
    assert advice.message.startswith("1 message(s) of the queue orders failed and are requeued without limit")


@pytest.mark.parametrize(
    ("arguments", "properties"),
    [({"x-message-ttl": 10_000}, {}), ({"x-max-length": 5}, {}), ({}, {"expiration": 10_000})],
)
def test_where_something_ends_messages_there_is_no_advice(
    aws: Harness, recorder: Any, arguments: dict[str, Any], properties: dict[str, Any]
) -> None:
    """A time to live of the queue or the message, or a limit."""
    queue = aws.rabbitmq_queue("orders", arguments=arguments)
    mapping = aws.event_source_mapping(queue, recorder(fails="b"))
    queue.send("b", **properties)
    assert mapping.run_for(5).advice == []


def test_a_run_that_never_ends_says_why(aws: Harness, queue: Any, recorder: Any) -> None:
    """What blocks the queue, and what would end it."""
    mapping = aws.event_source_mapping(queue, recorder(fails="b"))
    queue.send("b")
    with pytest.raises(RunLimitReached) as caught:
        mapping.run_until_idle(max_invocations=4)
    text = str(caught.value)
    assert (
        "orders is blocked by <RabbitMqMessage orders::/#0 b'b'>: 4 attempts and 0 throttles; raised ValueError" in text
    )
    assert 'arguments={"x-message-ttl": 600000' in text


def test_a_blocked_queue_counts_throttles_too(aws: Harness, queue: Any, recorder: Any) -> None:
    """Until a batch succeeds."""
    mapping = aws.event_source_mapping(queue, recorder(), function={"ReservedConcurrentExecutions": 0})
    queue.send("b")
    mapping.run_for(2)
    (blocked,) = mapping.poller.blocked()
    assert (blocked.attempts, blocked.throttles, blocked.iterator_age_ms) == (0, 2, None)
    assert blocked.problem.startswith("TooManyRequestsException")


def test_messages_behind_a_poison_one_go_with_it(aws: Harness, recorder: Any) -> None:
    """The queue is blocked as long as it is tried; with a batch of one they come after it."""
    queue = aws.rabbitmq_queue("orders", arguments={"x-message-ttl": 4_000})
    mapping = aws.event_source_mapping(queue, recorder(fails="p"), BatchSize=1)
    poison, good = queue.send("p", "g")
    run = mapping.run_until_idle()
    assert run.expired == [poison, good]  # the good one waited behind it until it had expired itself
    assert run.attempts(good) == []


def test_a_retry_through_a_waiting_queue_is_awaited(aws: Harness, recorder: Any) -> None:
    """What dies elsewhere and comes back here is expected: the run does not end before."""
    queue = aws.rabbitmq_queue("work")
    wait = aws.rabbitmq_queue(
        "wait",
        arguments={"x-message-ttl": 30_000, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "work"},
    )
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler)
    (record,) = wait.send("a")
    run = mapping.run_until_idle()
    assert run.attempts(record) == [30.5]
    assert run.processed == [record]
    assert wait.messages == []


def test_a_purge(aws: Harness, queue: Any, recorder: Any) -> None:
    """What nobody holds is discarded."""
    mapping = aws.event_source_mapping(queue, recorder())
    mapping.disable()
    sent = queue.send("a", "b")
    queue.purge()
    assert mapping.run_until_idle().discarded == sent


def test_what_another_consumer_rejects_is_dead_lettered(aws: Harness, recorder: Any) -> None:
    """For tests of what comes after."""
    dead = aws.rabbitmq_queue("dead")
    queue = aws.rabbitmq_queue("orders", arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"})
    one, two = queue.send("a", "b")
    queue.reject(two)
    assert (queue.messages, dead.messages) == ([one], [two])
    with pytest.raises(UsageError, match="is not ready in orders"):
        queue.reject(two)


# -- one at a time -----------------------------------------------------------------------------------------------------


def test_one_batch_at_a_time(aws: Harness, queue: Any, recorder: Any) -> None:
    """A mapping of RabbitMQ has one consumer, however long the function takes."""
    mapping = aws.event_source_mapping(queue, recorder(), duration=3, BatchSize=1, function={"Timeout": 10})
    queue.send(*"abc")
    run = mapping.run_until_idle()
    assert [call.at for call in run.invocations] == [0, 3, 6]
    with pytest.raises(UsageError, match=r"Lambda has 1 to 1 consumer\(s\)"):
        aws.event_source_mapping(queue, recorder(), concurrency=2)


def test_two_mappings_share_a_queue(aws: Harness, queue: Any, recorder: Any) -> None:
    """Each message goes to one of them, and its fate is one."""
    one, two = recorder(), recorder()
    first = aws.event_source_mapping(queue, one, BatchSize=1)
    second = aws.event_source_mapping(queue, two, BatchSize=1)
    sent = queue.send(*"abcd")
    run = aws.run_until_idle()
    assert sorted(one.batches + two.batches) == list("abcd")
    assert run.processed == sent == first.view().processed == second.view().processed


def test_a_slow_function_is_disabled_while_it_works(aws: Harness, queue: Any, recorder: Any) -> None:
    """What is with it ends; what was gathered behind goes back, and nothing else is taken."""
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, duration=2, BatchSize=1)
    one, two = queue.send("a", "b")
    mapping.run_for(1)
    mapping.disable()
    run = mapping.run_until_idle()
    assert (run.processed, run.pending) == ([one], [two])
    mapping.enable()
    assert mapping.run_until_idle().processed == [one, two]
    assert handler.batches == ["a", "b"]


def test_what_was_gathered_comes_back_when_a_mapping_is_disabled(aws: Harness, queue: Any, recorder: Any) -> None:
    """Its connection closes: the broker marks the messages as redelivered, though no function ever saw them."""
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, MaximumBatchingWindowInSeconds=10)
    (record,) = queue.send("a")
    mapping.run_for(1)
    mapping.disable()
    assert mapping.run_for(60).attempts(record) == []
    mapping.enable()
    run = mapping.run_until_idle()
    assert (handler.batches, run.attempts(record)) == (["A"], [61])


def test_disabling_forgets_the_delay(aws: Harness, queue: Any, recorder: Any) -> None:
    """A mapping that is enabled begins at once."""
    handler = recorder(fails="a")
    mapping = aws.event_source_mapping(queue, handler)
    (record,) = queue.send("a")
    mapping.run_for(20)
    mapping.disable()
    assert mapping.poller.blocked() == []
    mapping.enable()
    assert mapping.run_for(0).attempts(record)[-1] == 20


def test_faults(aws: Harness, queue: Any, recorder: Any) -> None:
    """Throttles and crashes are for all sources, the others are SQS's."""
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, faults=Faults(crashes=0.5, throttles=0.5))
    sent = queue.send(*"abc")
    run = mapping.run_until_idle()
    assert run.processed == sent
    assert {step.detail for step in run.trace if step.kind == "fault"} == {"crashes", "throttles"}
    with pytest.raises(UsageError, match="only throttles and crashes"):
        aws.event_source_mapping(queue, recorder(), faults=Faults(duplicates=1))


def test_a_second_delivery_has_the_flag(aws: Harness, queue: Any) -> None:
    """`check_idempotency` delivers as the broker would: redelivered, and AMQP has no id to go by."""
    charged: list[bool] = []

    def handler(event: Any, context: Any) -> None:
        ((message,),) = event["rmqMessagesByQueue"].values()
        charged.append(message["redelivered"])

    mapping = aws.event_source_mapping(queue, handler)
    queue.send("a")
    mapping.run_until_idle()
    assert mapping.check_idempotency(charged=lambda: list(charged)) == ["charged"]
    assert charged == [False, True]
    (advice,) = mapping.view().advice
    assert "Amazon MQ for RabbitMQ: a record is delivered at least once" in advice.message
    assert "between the work and the acknowledgement" in advice.message
    assert "the publisher's messageId" in advice.message


# -- sources -----------------------------------------------------------------------------------------------------------


def test_exchanges(aws: Harness, recorder: Any) -> None:
    """A direct exchange leads to every queue that is bound with the key; what leads nowhere is dropped."""
    orders, audit = aws.rabbitmq_queue("orders"), aws.rabbitmq_queue("audit")
    exchange = orders.bind("events", "order.created")
    audit.bind("events", "order.created")
    one, two, three, four = exchange.publish(
        "a", "b", routing_key="order.created", app_id=lambda number: f"app{number}"
    )
    assert [record.id for record in (one, two, three, four)] == [
        "orders::/#0",
        "audit::/#0",
        "orders::/#1",
        "audit::/#1",
    ]
    assert (one.app_id, three.app_id) == ("app0", "app1")
    assert exchange.publish("c", routing_key="order.deleted") == []
    assert orders.records == [one, three]
    (late,) = orders.bind("direct").publish("d", routing_key="orders", at=5)
    mapping = aws.event_source_mapping(orders, recorder())
    assert mapping.run_until_idle().attempts(late) == [5.5]
    assert repr(exchange).startswith("<RabbitMqExchange 'events' of arn:aws:mq:us-east-1:")
    with pytest.raises(UsageError, match="AMQP has no property colour"):
        exchange.publish("e", routing_key="x", colour="red")


def test_announced_messages(aws: Harness, queue: Any, recorder: Any) -> None:
    """They have their ids at once, and are there at their moment."""
    mapping = aws.event_source_mapping(queue, recorder())
    (late,) = queue.send("a", at=10)
    (soon,) = queue.send("b")
    assert (late.id, queue.records) == ("orders::/#0", [soon])
    run = mapping.run_until_idle()
    assert run.attempts(late) == [10.5]
    with pytest.raises(UsageError, match="at=1 lies in the past"):
        queue.send("c", at=1)


def test_queues_of_two_virtual_hosts(aws: Harness, recorder: Any) -> None:
    """The same name, the same function: two mappings."""
    one, two = aws.rabbitmq_queue("orders"), aws.rabbitmq_queue("orders", vhost="shop")
    handler = recorder()
    for queue in (one, two):
        aws.event_source_mapping(queue, handler)
    one.send("a")
    two.send("b")
    assert [record.id for record in aws.run_until_idle().processed] == ["orders::/#0", "orders::shop#0"]
    with pytest.raises(Exception, match="already exists"):
        aws.event_source_mapping(two, handler)


@pytest.mark.parametrize("vhost", ["/", "shop"])
def test_a_mapping_by_arn(aws: Harness, recorder: Any, vhost: str) -> None:
    """With the parameters of a template."""
    queue = aws.rabbitmq_queue("orders", vhost=vhost)
    entries = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:mq"}]
    if vhost != "/":
        entries.append({"Type": "VIRTUAL_HOST", "URI": vhost})
    mapping = aws.event_source_mapping(queue.arn, recorder(), Queues=["orders"], SourceAccessConfigurations=entries)
    assert mapping.source is queue
    with pytest.raises(NotSimulated, match="its queue is not here; make it with"):
        aws.event_source_mapping(queue.arn, recorder(), Queues=["other"], SourceAccessConfigurations=entries)


def test_parameters_that_are_about_another_queue(aws: Harness, recorder: Any) -> None:
    """Said before anything is polled."""
    queue = aws.rabbitmq_queue("orders", vhost="shop")
    secret = {"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:mq"}
    with pytest.raises(UsageError, match="the source is the queue orders"):
        aws.event_source_mapping(queue, recorder(), Queues=["other"])
    with pytest.raises(UsageError, match="mean the virtual host /, but the queue orders is in shop"):
        aws.event_source_mapping(queue, recorder(), SourceAccessConfigurations=[secret])
    with pytest.raises(Exception, match="Unsupported 'functionResponseTypes' parameter"):
        aws.event_source_mapping(queue, recorder(), FunctionResponseTypes=["ReportBatchItemFailures"])
    with pytest.raises(Exception, match="840"):
        aws.event_source_mapping(queue, recorder(), function={"Timeout": 900})


@pytest.mark.parametrize(
    ("name", "given", "kind", "told"),
    [
        ("amq.mine", {}, UsageError, "RabbitMQ keeps amq. for itself"),
        ("", {}, UsageError, "is no name for a queue"),
        ("x" * 256, {}, UsageError, "short strings have at most 255"),
        ("q", {"vhost": ""}, UsageError, "vhost='' is empty"),
        ("q", {"broker": "no broker"}, UsageError, "is no name of a broker"),
        ("q", {"arguments": {"x-queue-type": "quorum"}}, NotSimulated, "queues are classic ones here"),
    ],
)
def test_a_queue_that_cannot_be(
    aws: Harness, name: str, given: dict[str, Any], kind: type[Exception], told: str
) -> None:
    """Refused when it is made."""
    with pytest.raises(kind, match=told):
        aws.rabbitmq_queue(name, **given)


def test_names(aws: Harness) -> None:
    """One is made up where none is given; a name is taken once in a virtual host."""
    queue = aws.rabbitmq_queue()
    assert (queue.name, queue.vhost) == ("queue-1", "/")
    assert repr(queue) == f"<RabbitMqQueue {queue.arn}#queue-1::/>"
    assert aws.rabbitmq_queue("q", broker=queue.arn).arn == queue.arn
    with pytest.raises(UsageError, match="exists already"):
        aws.rabbitmq_queue("q")
    with pytest.raises(NotSimulated, match="sender-selected distribution"):
        queue.send("a", headers={"CC": ["q"]})
    assert queue.records == []
