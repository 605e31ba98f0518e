"""The whole trace of each source, as it is committed in tests/data/traces: a success, one poison record, a batch that
fails as a whole, and a restart. The law: same seed, same bytes; `golden` (conftest) says how they are written anew.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from pytest_lambda_events.responses import s3_batch_response

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUE = "arn:aws:sqs:us-east-1:123456789012:given-up"
TO_QUEUE = {"DestinationConfig": {"OnFailure": {"Destination": QUEUE}}}
TO_TOPIC = {"DestinationConfig": {"OnFailure": {"Destination": "kafka://given-up"}}}
REPORTS = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
PROVISIONED = {"ProvisionedPollerConfig": {"MinimumPollers": 1}}
STREAM = {"StartingPosition": "TRIM_HORIZON", "MaximumRetryAttempts": 1}


class Kind(NamedTuple):
    """A source: how it is made, how texts are put into it, how a handler reads them, and what its mappings have.

    `first` is when the first attempt is over, and the second not yet due, in seconds.
    """

    make: Callable[[Any], Any]
    put: Callable[[Any, tuple[str, ...]], Any]
    read: Callable[[Any], list[tuple[Any, str]]]
    parameters: dict[str, Any]
    first: float = 0.1


def messages(event: Any) -> list[tuple[Any, str]]:
    return [(one["messageId"], one["body"]) for one in event["Records"]]


def clicks(event: Any) -> list[tuple[Any, str]]:
    return [
        (one["kinesis"]["sequenceNumber"], base64.b64decode(one["kinesis"]["data"]).decode())
        for one in event["Records"]
    ]


def items(event: Any) -> list[tuple[Any, str]]:
    return [(one["dynamodb"]["SequenceNumber"], one["dynamodb"]["Keys"]["id"]["S"]) for one in event["Records"]]


def values(event: Any) -> list[tuple[Any, str]]:
    return [
        ({"partition": name, "offset": one["offset"]}, base64.b64decode(one["value"]).decode())
        for name, records in event["records"].items()
        for one in records
    ]


def queue_of(aws: Any) -> Any:
    return aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=5)


def fifo_queue_of(aws: Any) -> Any:
    return aws.sqs_queue("orders.fifo", VisibilityTimeout=30, maxReceiveCount=5)


def with_queue(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A source, and the queue for what is given up."""

    def made(aws: Any) -> Any:
        aws.sqs_queue("given-up")
        return make(aws)

    return made


def topic_of(aws: Any) -> Any:
    aws.kafka_topic("given-up")
    return aws.kafka_topic("orders", partitions=2)


def in_turn(topic: Any, texts: tuple[str, ...]) -> None:
    topic.send(*texts, key=lambda number: f"key-{number}", partition=lambda number: number % 2)


def one_group(queue: Any, texts: tuple[str, ...]) -> None:
    for text in texts:
        queue.send(text, message_group_id="g", message_deduplication_id=text)


def put_items(table: Any, texts: tuple[str, ...]) -> None:
    for text in texts:
        table.put({"id": text})


KINDS = {
    "sqs": Kind(queue_of, lambda queue, texts: queue.send(*texts), messages, {}),
    "sqs_fifo": Kind(fifo_queue_of, one_group, messages, {}),
    "kinesis": Kind(
        with_queue(lambda aws: aws.kinesis_stream("orders")),
        lambda stream, texts: stream.send(*texts, partition_key="key"),
        clicks,
        {**STREAM, **TO_QUEUE},
    ),
    "dynamodb": Kind(with_queue(lambda aws: aws.dynamodb_table("orders")), put_items, items, {**STREAM, **TO_QUEUE}),
    "kafka": Kind(topic_of, in_turn, values, {**STREAM, **TO_TOPIC, **PROVISIONED}, first=0.6),
    "msk": Kind(
        with_queue(lambda aws: aws.msk_topic("orders", partitions=2)),
        in_turn,
        values,
        {**STREAM, **TO_QUEUE, **PROVISIONED},
        first=0.6,
    ),
}
each_kind = pytest.mark.parametrize(("name", "kind"), KINDS.items(), ids=KINDS)


def reporting(kind: Kind) -> Any:
    """A handler that reports the text "poison"."""

    def handler(event: Any, _context: Any) -> Any:
        failed = [identifier for identifier, text in kind.read(event) if text == "poison"]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}

    return handler


def raising(kind: Kind, times: int = 10**9) -> Any:
    """A handler that raises for a batch with the text "poison", so often."""
    left = iter(range(times))

    def handler(event: Any, _context: Any) -> None:
        if any(text == "poison" for _, text in kind.read(event)) and next(left, None) is not None:
            raise ValueError("poison")

    return handler


@each_kind
def test_a_success(aws: Any, golden: Any, name: str, kind: Kind) -> None:
    """Three records, one batch."""
    source = kind.make(aws)
    mapping = aws.event_source_mapping(source, raising(kind), **kind.parameters)
    kind.put(source, ("a", "b", "c"))
    run = mapping.run_until_idle()
    assert len(run.processed) == 3
    golden(run, f"{name}/success")


@each_kind
def test_one_poison_record(aws: Any, golden: Any, name: str, kind: Kind) -> None:
    """It is reported each time, until the queue moves it away or the poller gives it up."""
    source = kind.make(aws)
    mapping = aws.event_source_mapping(source, reporting(kind), **kind.parameters, **REPORTS)
    kind.put(source, ("a", "poison", "c"))
    run = mapping.run_until_idle()
    assert len(run.dead_lettered) + len(run.discarded) >= 1
    assert run.records[0] in run.processed
    golden(run, f"{name}/poison")


@each_kind
def test_a_batch_that_fails_as_a_whole(aws: Any, golden: Any, name: str, kind: Kind) -> None:
    """All of it is tried again, and lost together."""
    source = kind.make(aws)
    mapping = aws.event_source_mapping(source, raising(kind), **kind.parameters)
    kind.put(source, ("a", "poison", "c"))
    run = mapping.run_until_idle()
    assert (len(run.dead_lettered) or len(run.discarded), run.processed) == (3, [])
    golden(run, f"{name}/whole-batch")


@each_kind
def test_a_restart(aws: Any, golden: Any, name: str, kind: Kind) -> None:
    """The mapping is disabled between two attempts, and goes on where it was."""
    source = kind.make(aws)
    mapping = aws.event_source_mapping(source, raising(kind, times=1), **kind.parameters)
    kind.put(source, ("a", "poison"))
    mapping.run_for(kind.first)
    mapping.disable()
    mapping.run_for(5)
    kind.put(source, ("c",))
    mapping.enable()
    run = mapping.run_until_idle()
    assert len(run.processed) == 3
    golden(run, f"{name}/restart")


# -- S3 Batch has no mapping -------------------------------------------------------------------------------------------


def answering(code: str, times: int = 10**9) -> Any:
    """A handler of tasks that answers with this code for the key "poison", so often."""
    left = iter(range(times))

    def handler(event: Any, _context: Any) -> Any:
        is_poison = event["tasks"][0]["s3Key"] == "poison" and next(left, None) is not None
        return s3_batch_response(event, code if is_poison else "Succeeded", "done")

    return handler


@pytest.mark.parametrize(
    ("name", "handler", "keys"),
    [
        ("success", answering("Succeeded"), ["a", "b", "c"]),
        ("poison", answering("PermanentFailure"), ["a", "poison", "c"]),
        ("whole-batch", answering("TemporaryFailure"), ["poison"]),  # a batch is one task
    ],
)
def test_a_job(aws: Any, golden: Any, name: str, handler: Any, keys: list[str]) -> None:
    """Of each task there is one invocation at a time."""
    job = aws.s3_batch_job(handler, keys=keys, schema="2.0", user_arguments={"size": "small"})
    golden(job.run_until_idle(), f"s3_batch/{name}")


def test_a_job_that_is_stopped_in_the_middle(aws: Any, golden: Any) -> None:
    """What runs it may stop between two attempts; the job knows where it was."""
    job = aws.s3_batch_job(answering("TemporaryFailure", times=1), keys=["a", "poison", "c"])
    job.run_for(30)
    aws.virtual_clock.advance(100)
    run = job.run_until_idle()
    assert len(run.processed) == 3
    golden(run, "s3_batch/restart")
