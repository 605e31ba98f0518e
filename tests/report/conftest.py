"""A small run of each source: two records, of which one, `poison`, fails whenever it is tried, until it is given up."""

from __future__ import annotations

import base64
import contextlib
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import Harness
from pytest_lambda_events.report.view import view_of
from pytest_lambda_events.responses import s3_batch_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.report.view import RunView

POISON = {"note": "poison", "email": "ada@example.com", "password": "hunter2"}
FAILING = ["poison"]  # what the handlers cannot take
GIVEN_UP = "arn:aws:sqs:us-east-1:123456789012:given-up"
STREAM = {
    "StartingPosition": "TRIM_HORIZON",
    "MaximumRetryAttempts": 1,
    "BisectBatchOnFunctionError": True,
    "DestinationConfig": {"OnFailure": {"Destination": GIVEN_UP}},
}
KAFKA = {
    "StartingPosition": "TRIM_HORIZON",
    "ProvisionedPollerConfig": {"MinimumPollers": 1},
    "MaximumRetryAttempts": 1,
    "DestinationConfig": {"OnFailure": {"Destination": GIVEN_UP}},
}


def texts(event: Any) -> list[str]:
    """All that the event carries, as text."""
    found: list[str] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            for one in value.values():
                look(one)
        elif isinstance(value, list):
            for one in value:
                look(one)
        elif isinstance(value, str):
            found.append(value)
            with contextlib.suppress(ValueError):
                found.append(base64.b64decode(value, validate=True).decode())

    look(event)
    return found


def handler(event: Any, context: Any) -> None:
    if any(word in text for word in FAILING for text in texts(event)):
        raise ValueError("cannot take poison for ada@example.com")


def answering(event: Any, context: Any) -> Any:
    task = event["tasks"][0]
    code = "PermanentFailure" if any(word in task["s3Key"] for word in FAILING) else "Succeeded"
    return s3_batch_response(event, code, "no poison for ada@example.com")


def queue(aws: Any, name: str) -> Any:
    made = aws.sqs_queue(
        name,
        VisibilityTimeout=30,
        maxReceiveCount=3,
        **({"ContentBasedDeduplication": True} if name.endswith(".fifo") else {}),
    )
    mapping = aws.event_source_mapping(made, handler, BatchSize=1)
    group = {"message_group_id": "a"} if name.endswith(".fifo") else {}
    made.send({"order": 1}, POISON, **group)
    return mapping.run_until_idle()


def stream(aws: Any) -> Any:
    made = aws.kinesis_stream("clicks")
    mapping = aws.event_source_mapping(made, handler, **STREAM)
    made.send({"order": 1}, POISON, partition_key="a")
    return mapping.run_until_idle()


def table(aws: Any) -> Any:
    made = aws.dynamodb_table("orders", keys=("id",))
    mapping = aws.event_source_mapping(made, handler, **STREAM)
    made.put({"id": "1"})
    made.put({"id": "2", **POISON})
    return mapping.run_until_idle()


def topic(aws: Any, make: Callable[..., Any]) -> Any:
    made = make("orders")
    mapping = aws.event_source_mapping(made, handler, **KAFKA, BatchSize=1)
    made.send({"order": 1}, POISON, key="a")
    return mapping.run_until_idle()


def active_mq(aws: Any) -> Any:
    made = aws.activemq_queue("orders")
    mapping = aws.event_source_mapping(made, handler, BatchSize=1)
    made.send({"order": 1}, POISON)
    return mapping.run_until_idle()


def rabbit_mq(aws: Any) -> Any:
    made = aws.rabbitmq_queue("orders")
    mapping = aws.event_source_mapping(made, handler, BatchSize=1)
    made.send({"order": 1})
    made.send(POISON, expiration="5000")
    return mapping.run_for(20)


def collection(aws: Any) -> Any:
    made = aws.documentdb_collection("shop.orders")
    mapping = aws.event_source_mapping(made, handler, StartingPosition="TRIM_HORIZON", BatchSize=1)
    made.insert({"_id": "1"})
    made.insert({"_id": "2", **POISON})
    return mapping.run_for(30)


def job(aws: Any) -> Any:
    return aws.s3_batch_job(answering, keys=["a.jpg", "poison for ada@example.com.jpg"]).run_until_idle()


RUNS: dict[str, Callable[[Any], Any]] = {
    "sqs": lambda aws: queue(aws, "orders"),
    "sqs_fifo": lambda aws: queue(aws, "orders.fifo"),
    "kinesis": stream,
    "dynamodb": table,
    "msk": lambda aws: topic(aws, aws.msk_topic),
    "kafka": lambda aws: topic(aws, aws.kafka_topic),
    "activemq": active_mq,
    "rabbitmq": rabbit_mq,
    "documentdb": collection,
    "s3_batch": job,
}


@pytest.fixture
def run_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., RunView]:
    """The view of the run of a source; nothing fails where `is_mended`."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    def view(name: str, *, seed: int = 0, is_mended: bool = False) -> RunView:
        monkeypatch.setattr(sys.modules[__name__], "FAILING", [] if is_mended else ["poison"])
        with Harness(seed=seed) as aws:
            aws.sqs_queue("given-up")
            return view_of(RUNS[name](aws))

    return view


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `source` is one for each source."""
    if "source" in metafunc.fixturenames:
        metafunc.parametrize("source", RUNS)
