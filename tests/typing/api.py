"""The public surface as a user's type checker sees it. The law: never run, only checked, by `mypy --strict`.

What must be refused carries a `type: ignore` with its code; the checker complains when it is no longer needed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import pytest
from typing_extensions import assert_type

import pytest_lambda_events.events as made
from pytest_lambda_events import (
    Advice,
    ClockError,
    ClockStuck,
    DeadlinePassed,
    EventSourceMapping,
    Explanation,
    Fate,
    Finding,
    HandlerNotUsable,
    Harness,
    Invocation,
    LambdaContext,
    NotSimulated,
    Outcome,
    Run,
    RunComparison,
    RunLimitReached,
    SqsMessage,
    SqsQueue,
    Step,
    Trace,
    UsageError,
    compare_runs,
    explain,
    identify,
    matches,
    validate,
)
from pytest_lambda_events.model.activemq_message import ActiveMqMessage
from pytest_lambda_events.model.change_event import ChangeEvent
from pytest_lambda_events.model.rabbitmq_message import RabbitMqMessage
from pytest_lambda_events.responses import batch_response
from pytest_lambda_events.strategies import sqs_events

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from pytest_lambda_events import LambdaEventsError, Record
    from pytest_lambda_events.typing import (
        ActiveMqQueueFactory,
        DocumentDbCollectionFactory,
        DocumentDbDatabaseFactory,
        EventFactory,
        EventSourceMappingFactory,
        KinesisEvent,
        LambdaCassette,
        PartialBatchResponse,
        RabbitMqQueueFactory,
        SchemaRegistryFactory,
        SqsEvent,
        SqsQueueFactory,
        TumblingWindowResponse,
        VirtualClock,
    )

# -- handlers, as people annotate them ---------------------------------------------------------------------------------


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    assert_type(context.aws_request_id, str)
    assert_type(context.memory_limit_in_mb, str)
    assert_type(context.get_remaining_time_in_millis(), int)
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in event["Records"]]}


def consumer(event: dict[str, Any], _context: object) -> None:
    del event["Records"]


def configured(table: str, event: dict[str, Any], context: Any) -> str:
    return f"{table} {event} {context}"


class App:
    def __call__(self, event: Any, context: Any) -> list[str]:
        return [str(event), str(context)]

    def method(self, event: Any, context: Any) -> None: ...


def forgets_the_context(event: Any) -> None: ...


def test_handlers(sqs_queue: SqsQueueFactory, event_source_mapping: EventSourceMappingFactory) -> None:
    queue = sqs_queue()
    assert_type(event_source_mapping(queue, handler), EventSourceMapping[SqsMessage])
    assert_type(event_source_mapping(queue, consumer), EventSourceMapping[SqsMessage])
    assert_type(event_source_mapping(queue, App()), EventSourceMapping[SqsMessage])
    assert_type(event_source_mapping(queue, App().method), EventSourceMapping[SqsMessage])
    assert_type(event_source_mapping(queue, partial(configured, "orders")), EventSourceMapping[SqsMessage])
    assert_type(event_source_mapping(queue, lambda event, context: None), EventSourceMapping[SqsMessage])
    assert_type(event_source_mapping(queue, "app.orders:handler"), EventSourceMapping[SqsMessage])
    assert_type(event_source_mapping(queue.arn, handler), EventSourceMapping[Any])
    event_source_mapping(queue, forgets_the_context)  # type: ignore[arg-type]
    assert_type(event_source_mapping("0b83c28c-bc37-4da1-9e24-b0c470e65a16"), EventSourceMapping[Any])
    assert_type(
        event_source_mapping.from_template(
            "template.yaml", "Orders", event="Queue", handlers={"Orders": handler}, parameters={"Stage": "test"}
        ),
        EventSourceMapping[Any],
    )
    event_source_mapping.from_template("template.yaml")  # type: ignore[call-arg]
    event_source_mapping(handler, queue)  # type: ignore[call-overload]


# -- fixtures ----------------------------------------------------------------------------------------------------------


def test_queues(sqs_queue: SqsQueueFactory) -> None:
    queue = sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3, tags={"team": "orders"})
    assert_type(queue, SqsQueue)
    assert_type(sqs_queue("orders", fifo=True), SqsQueue)
    assert_type(sqs_queue(queue.arn), SqsQueue)
    sqs_queue(7)  # type: ignore[arg-type]
    sqs_queue("orders", maxReceiveCount="3")  # type: ignore[arg-type]

    good, poison = queue.send({"order": 1}, "text", delay_seconds=5, message_attributes={"kind": "new"}, at=3.5)
    assert_type(good, SqsMessage)
    assert_type(queue.send(b"bytes"), list[SqsMessage])
    queue.send("text", delay_second=5)  # type: ignore[call-arg]

    assert_type(queue.name, str)
    assert_type(queue.arn, str)
    assert_type(queue.url, str)
    assert_type(queue.records, list[SqsMessage])
    assert_type(queue.messages, list[SqsMessage])
    assert_type(queue.attributes, dict[str, str])
    assert_type(queue.dlq, "SqsQueue | None")

    assert_type(poison.id, str)
    assert_type(poison.body, str)
    assert_type(poison.json(), Any)
    assert_type({good: "hashable"}, dict[SqsMessage, str])
    _: Record = good
    good.body = "changed"  # type: ignore[misc]


def test_documents(
    documentdb_collection: DocumentDbCollectionFactory,
    documentdb_database: DocumentDbDatabaseFactory,
    event_source_mapping: EventSourceMappingFactory,
) -> None:
    orders = documentdb_collection("shop.orders", cluster="shop", change_stream_log_retention_duration=3600)
    assert_type(orders.insert({"total": 5}, at=3.5), list[ChangeEvent])
    assert_type(orders.update_one({"total": 5}, {"$inc": {"total": 1}}, upsert=True).modified_count, int)
    assert_type(orders.find_one({"total": 6}), "dict[str, Any] | None")
    assert_type(orders.rename("archive"), list[ChangeEvent])
    mapping = event_source_mapping(documentdb_database("shop"), handler)
    assert_type(mapping, EventSourceMapping[ChangeEvent])
    assert_type(event_source_mapping(orders, handler).run_until_idle().expired[0].change, dict[str, Any])
    documentdb_collection(7)  # type: ignore[arg-type]


def test_mappings(sqs_queue: SqsQueueFactory, event_source_mapping: EventSourceMappingFactory) -> None:
    mapping = event_source_mapping(
        sqs_queue("orders"),
        handler,
        function={"Timeout": 5, "Environment": {"TABLE": "orders"}},
        duration=lambda event: 0.1 * len(event["Records"]),
        BatchSize=50,
        MaximumBatchingWindowInSeconds=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    assert_type(mapping.uuid, str)
    assert_type(mapping.arn, str)
    assert_type(mapping.source, Any)
    assert_type(mapping.enabled, bool)
    assert_type(mapping.describe(), dict[str, Any])
    mapping.update(BatchSize=5)
    mapping.disable()
    mapping.enable()
    mapping.delete()
    event_source_mapping(sqs_queue("orders"), handler, duration="long")  # type: ignore[call-overload]

    assert_type(mapping.run_until_idle(max_invocations=10, max_seconds=60), Run[SqsMessage])
    assert_type(mapping.run_for(60), Run[SqsMessage])
    assert_type(mapping.run_for(0.5, max_invocations=10, max_seconds=None), Run[SqsMessage])
    assert_type(mapping.run_until(lambda run: bool(run.dead_lettered), max_seconds=60), Run[SqsMessage])
    assert_type(mapping.view(), Run[SqsMessage])
    assert_type(compare_runs(mapping.view(), mapping.view(), names=("main", "branch")), RunComparison)
    mapping.run_for()  # type: ignore[call-arg]
    mapping.run_until(lambda: True)  # type: ignore[arg-type, misc]


def test_time(virtual_clock: VirtualClock) -> None:
    virtual_clock.advance(3600)
    virtual_clock.advance(0.25)
    assert_type(virtual_clock.elapsed, float)
    assert_type(virtual_clock.now(), "dt.datetime")
    virtual_clock.elapsed = 5  # type: ignore[misc]


def test_events(sqs_event: EventFactory, lambda_context: LambdaContext) -> None:
    event = sqs_event({"order": 1}, "text", receive_count=2)
    assert_type(event, Any)
    assert_type(handler(event, lambda_context), dict[str, Any])
    assert_type(made.sqs_event("text", count=3, seed=1, time="2025-01-01"), Any)
    assert_type(made.lambda_context(seed=1, Timeout=5), LambdaContext)
    made.sqs_event("text", colour="red")  # type: ignore[call-arg]


def test_scenarios(lambda_run: Run[Any]) -> None:
    assert_type(lambda_run.fate(lambda_run.records[0]), Fate)
    assert_type(lambda_run.attempts(lambda_run.records[0]), list[float])


def test_cassettes(lambda_cassette: LambdaCassette, sqs_queue: SqsQueueFactory) -> None:
    assert_type(lambda_cassette.events, list[Any])
    assert_type(lambda_cassette.source, "str | None")
    (one,) = lambda_cassette.replay(handler, events=[0], record=lambda: [made.sqs_event("a")], function={"Timeout": 5})
    assert_type(one.same, bool)
    assert_type(one.difference, str)
    (record,) = lambda_cassette.pour(sqs_queue("orders"), at=5, keep_times=True)
    assert_type(lambda_cassette.captured(record).path, str)
    assert_type(lambda_cassette.job(), dict[str, Any])
    lambda_cassette.replay(handler, event=0)  # type: ignore[call-arg]


def counts(event: SqsEvent, _context: object) -> PartialBatchResponse:
    """A handler that is annotated with the event's own type."""
    record = event["Records"][0]
    assert_type(record["body"], str)
    assert_type(record["attributes"]["SentTimestamp"], str)
    record["colour"]  # type: ignore[typeddict-item]
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}


def sums(event: KinesisEvent, _context: object) -> TumblingWindowResponse:
    assert_type(event["Records"][0]["kinesis"]["approximateArrivalTimestamp"], float)
    return {"state": {"sum": 1}}


def test_typed_handlers(kinesis_event: EventFactory, lambda_context: LambdaContext) -> None:
    assert_type(counts(made.sqs_event("a"), lambda_context), "PartialBatchResponse")
    assert_type(sums(kinesis_event("a"), lambda_context), "TumblingWindowResponse")
    assert_type(validate(made.sqs_event("a")), list[Finding])
    assert_type(identify(made.sqs_event("a")).name, str)
    assert_type(matches({"body": ["a"]}, made.sqs_event("a")["Records"][0]), bool)
    assert_type(explain('{"body": ["a"]}', {}), Explanation)
    assert_type(batch_response(made.sqs_event("a"), failed=[0]), dict[str, Any])
    made.kinesis_event("a", partition_key=lambda number: f"key-{number}")
    made.kinesis_event("a", partition_key=7)  # type: ignore[arg-type]
    assert_type(sqs_events().map(identify).example().title, str)


def test_the_root(lambda_events: Harness) -> None:
    assert_type(lambda_events.run_until_idle(), Run[Any])
    assert_type(lambda_events.run_for(5), Run[Any])
    assert_type(lambda_events.run_until(lambda run: len(run.processed) > 1), Run[Any])
    assert_type(lambda_events.view(), Run[Any])
    assert_type(lambda_events.lambda_context(Timeout=5), LambdaContext)
    assert_type(lambda_events.virtual_clock.elapsed, float)
    assert_type(lambda_events.region, str)
    assert_type(lambda_events.seed, int)


def test_a_method_is_what_its_fixture_is(lambda_events: Harness) -> None:
    """A helper that takes a fixture takes the harness's method, too."""
    _queue: SqsQueueFactory = lambda_events.sqs_queue
    _mapping: EventSourceMappingFactory = lambda_events.event_source_mapping
    _event: EventFactory = made.sqs_event
    _confluent: SchemaRegistryFactory = lambda_events.schema_registry
    _glue: SchemaRegistryFactory = lambda_events.glue_registry
    _clock: VirtualClock = lambda_events.virtual_clock


@pytest.fixture
def orders(sqs_queue: SqsQueueFactory) -> SqsQueue:
    """A fixture of a project's own on top of ours."""
    return sqs_queue("orders", VisibilityTimeout=30)


@pytest.fixture
def aws() -> Iterator[Harness]:
    """The harness with a start and a region of the project's own."""
    with Harness(seed=1, start="2026-01-01T00:00:00Z", region="eu-west-1") as harness:
        yield harness


# -- without pytest ----------------------------------------------------------------------------------------------------


def as_a_context_manager(start: dt.datetime) -> Run[SqsMessage]:
    with Harness(start=start) as aws:
        assert_type(aws, Harness)
        queue = aws.sqs_queue("orders", maxReceiveCount=3)
        queue.send("text")
        return aws.event_source_mapping(queue, handler).run_until_idle()


def an_error_passes_the_context_manager() -> int:  # the checker knows that nothing is swallowed: no return is missing
    with Harness():
        return 1


def without_a_context_manager() -> None:
    aws = Harness(3)
    aws.start()
    aws.stop()
    Harness(seed="3")  # type: ignore[arg-type]


# -- what a run tells --------------------------------------------------------------------------------------------------


def test_a_run(run: Run[SqsMessage], record: SqsMessage) -> None:
    for records in (run.records, run.processed, run.filtered, run.dead_lettered, run.discarded, run.expired):
        assert_type(records, list[SqsMessage])
    assert_type(run.pending, list[SqsMessage])
    assert_type(run.attempts(record), list[float])
    assert_type(run.receives(record), list[float])
    assert_type(run.invocations, list[Invocation[SqsMessage]])
    assert_type(run.metrics, dict[str, int])
    assert_type(run.advice, list[Advice])
    assert_type(run.elapsed, float)
    assert_type(run.seed, int)
    run.processed = []  # type: ignore[misc]
    run.attempts("an id")  # type: ignore[arg-type]

    fate = run.fate(record)
    assert_type(fate, Fate)
    assert_type(fate, Literal["processed", "filtered", "dead_lettered", "discarded", "expired", "pending"])
    assert fate != "dead-lettered"  # type: ignore[comparison-overlap]

    assert_type(run.trace, Trace)
    assert_type(run.trace[0], Step)
    assert_type(run.trace[0].at_ms, int)
    assert_type(run.trace.to_json(), str)


def test_an_invocation(call: Invocation[SqsMessage]) -> None:
    assert_type(call.at, float)
    assert_type(call.duration, float)
    assert_type(call.records, tuple[SqsMessage, ...])
    assert_type(call.failed, tuple[SqsMessage, ...])
    assert_type(call.outcome, Outcome)
    assert_type(call.outcome, Literal["success", "partial", "error", "timeout", "malformed", "throttled"])
    assert_type(call.event, Any)
    assert_type(call.response, Any)
    assert_type(call.error, "BaseException | None")
    assert_type(call.problem, "str | None")
    assert_type(call.request_id, str)
    call.outcome = "success"  # type: ignore[misc]


def test_advice(advice: Advice) -> None:
    assert_type(advice.code, str)
    assert_type(advice.message, str)
    assert_type(advice.records, tuple[str, ...])


def test_brokers(
    activemq_queue: ActiveMqQueueFactory,
    rabbitmq_queue: RabbitMqQueueFactory,
    event_source_mapping: EventSourceMappingFactory,
) -> None:
    orders = activemq_queue("orders", maximumRedeliveries=2, prioritizedMessages=True)
    assert_type(orders.send("a", properties={"tries": 3}), list[ActiveMqMessage])
    assert_type(event_source_mapping(orders, handler, concurrency=5), EventSourceMapping[ActiveMqMessage])
    payments = rabbitmq_queue("payments", vhost="shop", arguments={"x-message-ttl": 1_000})
    assert_type(payments.send(b"a", headers=lambda number: {"n": number}), list[RabbitMqMessage])
    assert_type(payments.bind("x").publish("a", routing_key="payments"), list[RabbitMqMessage])
    run = event_source_mapping(payments, handler).run_until_idle()
    assert_type(run.processed, list[RabbitMqMessage])
    assert_type(run.processed[0].expiration, "str | None")
    rabbitmq_queue("payments", ttl=5)  # type: ignore[call-arg]


# -- errors ------------------------------------------------------------------------------------------------------------


def test_errors(run_it: Callable[[], Run[Any]]) -> None:
    with pytest.raises(RunLimitReached) as caught:
        run_it()
    assert_type(caught.value, RunLimitReached)
    ours: list[type[LambdaEventsError]] = [RunLimitReached, UsageError, ClockError]
    usage: list[type[UsageError]] = [HandlerNotUsable, NotSimulated]
    clock: type[ClockError] = ClockStuck
    swallowed: type[Exception] = DeadlinePassed  # type: ignore[assignment]
    del ours, usage, clock, swallowed
