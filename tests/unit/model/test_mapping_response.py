"""What AWS answers about a mapping: one whole response per source, and AWS's own sample."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.model.mapping_response import (
    NO_RECORDS,
    PROBLEM,
    RESPONSE_MEMBERS,
    SUCCESS,
    Identity,
    describe,
    mapping_arn,
    state_of,
)
from pytest_lambda_events.sources import rules_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.mapping import MappingConfig

    Read = Callable[..., MappingConfig]

SAMPLES = Path(__file__).parents[2] / "data" / "aws-samples"
UUID = "14e0db71-5d35-4eb5-b481-8945cf9d10c2"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:orders:live"
ARN = f"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{UUID}"
MODIFIED = dt.datetime(2025, 1, 1, 0, 0, 0, 250_000, tzinfo=dt.timezone.utc)
SECRET = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"}]
CLUSTER = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["broker:9092"]}}

COMMON: dict[str, Any] = {
    "UUID": UUID,
    "FunctionArn": FUNCTION,
    "LastModified": MODIFIED,
    "State": "Enabled",
    "EventSourceMappingArn": ARN,
}
QUEUE: dict[str, Any] = {
    **COMMON,
    "BatchSize": 10,
    "MaximumBatchingWindowInSeconds": 0,
    "FunctionResponseTypes": [],
    "StateTransitionReason": "USER_INITIATED",
}
STREAM: dict[str, Any] = {
    **COMMON,
    "BatchSize": 100,
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "FunctionResponseTypes": [],
    "LastProcessingResult": "No records processed",
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "StartingPosition": "LATEST",
    "StateTransitionReason": "User action",
    "TumblingWindowInSeconds": 0,
}
LOG: dict[str, Any] = {
    **COMMON,
    "BatchSize": 100,
    "FunctionResponseTypes": [],
    "LastProcessingResult": "No records processed",
    "StartingPosition": "TRIM_HORIZON",
    "StateTransitionReason": "USER_INITIATED",
    "Topics": ["orders"],
}
BROKER: dict[str, Any] = {
    **COMMON,
    "BatchSize": 100,
    "LastProcessingResult": "No records processed",
    "Queues": ["orders"],
    "SourceAccessConfigurations": SECRET,
    "StateTransitionReason": "USER_INITIATED",
}
GOLDEN: dict[str, dict[str, Any]] = {
    "activemq": BROKER,
    "documentdb": {
        **COMMON,
        "BatchSize": 100,
        "DocumentDBEventSourceConfig": {"DatabaseName": "db", "FullDocument": "Default"},
        "LastProcessingResult": "No records processed",
        "SourceAccessConfigurations": SECRET,
        "StartingPosition": "LATEST",
        "StateTransitionReason": "User action",
    },
    "dynamodb": STREAM,
    "kafka": {
        **LOG,
        "SelfManagedEventSource": CLUSTER,
        "SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": UUID},
        "SourceAccessConfigurations": SECRET,
    },
    "kinesis": STREAM,
    "msk": {**LOG, "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": UUID}},
    "rabbitmq": BROKER,
    "sqs": QUEUE,
    "sqs_fifo": QUEUE,
}


def identity(source_arn: str | None, **more: Any) -> Identity:
    """One mapping."""
    arn = mapping_arn("us-east-1", "123456789012", UUID)
    return Identity(
        uuid=UUID, arn=arn, source_arn=source_arn, function_arn=FUNCTION, modified_ms=1_735_689_600_250, **more
    )


@pytest.mark.parametrize("source", sorted(GOLDEN))
def test_the_whole_response(read: Read, arn_of: Callable[[str], str], source: str) -> None:
    """With the fewest parameters: the key set, the defaults, the words; in the order of AWS's model."""
    arn = arn_of(source) or None
    response = describe(read(source, {}), rules_of(source), identity(arn))
    assert response == {**GOLDEN[source], **({"EventSourceArn": arn} if arn else {})}
    assert list(response) == [name for name in RESPONSE_MEMBERS if name in response]


@pytest.mark.parametrize("source", sorted(GOLDEN))
def test_what_is_never_in_a_response(read: Read, source: str) -> None:
    """Enabled and FunctionName are parameters; so are Tags; filters that are none are not echoed."""
    given: dict[str, Any] = {"Enabled": False, "Tags": {"team": "orders"}, "FilterCriteria": {"Filters": []}}
    response = describe(read(source, given), rules_of(source), identity("arn"))
    assert not {"Enabled", "FunctionName", "Tags", "FilterCriteria"} & set(response)
    assert response["State"] == "Disabled"


def test_what_was_given_is_echoed(read: Read) -> None:
    """Filters, a window, a destination, a group; a moment as a datetime."""
    config = read(
        "msk",
        {
            "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": "g"},
            "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::b"}},
            "FilterCriteria": {"Filters": [{"Pattern": "{}"}]},
            "MaximumBatchingWindowInSeconds": 0,
            "StartingPosition": "AT_TIMESTAMP",
            "StartingPositionTimestamp": "1735689600.25",
        },
    )
    response = describe(config, rules_of("msk"), identity("arn"))
    assert response["AmazonManagedKafkaEventSourceConfig"] == {"ConsumerGroupId": "g"}
    assert response["DestinationConfig"] == {"OnFailure": {"Destination": "arn:aws:s3:::b"}}
    assert response["FilterCriteria"] == {"Filters": [{"Pattern": "{}"}]}
    assert response["MaximumBatchingWindowInSeconds"] == 0
    assert response["StartingPositionTimestamp"] == MODIFIED


@pytest.mark.parametrize("result", [NO_RECORDS, SUCCESS, PROBLEM])
def test_the_last_result(read: Read, result: str) -> None:
    """A stream says how it went; a queue of SQS never does."""
    assert describe(read("kinesis", {}), rules_of("kinesis"), identity("a", last_result=result))[
        "LastProcessingResult"
    ] == (result)
    assert "LastProcessingResult" not in describe(read("sqs", {}), rules_of("sqs"), identity("a", last_result=result))


def test_the_words_of_the_last_result() -> None:
    """As recorded."""
    assert (NO_RECORDS, SUCCESS, PROBLEM) == ("No records processed", "OK", "PROBLEM: Function call failed")


def test_the_state(read: Read) -> None:
    """At rest by whether it polls; a transitional one can be said."""
    config = read("sqs", {})
    assert (state_of(config), state_of(read("sqs", {"Enabled": False}))) == ("Enabled", "Disabled")
    assert describe(config, rules_of("sqs"), identity("a"), "Creating")["State"] == "Creating"


def test_a_response_may_be_changed(read: Read) -> None:
    """It is new each time, all the way down."""
    config = read("kinesis", {"FunctionResponseTypes": ["ReportBatchItemFailures"]})
    first = describe(config, rules_of("kinesis"), identity("a"))
    first["FunctionResponseTypes"].clear()
    first["DestinationConfig"]["OnFailure"]["Destination"] = "x"
    assert describe(config, rules_of("kinesis"), identity("a"))["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert describe(config, rules_of("kinesis"), identity("a"))["DestinationConfig"] == {"OnFailure": {}}


def test_awss_own_sample(read: Read) -> None:
    """Every key of it is in ours, and every value that has not changed since it was written is the same."""
    sample = json.loads((SAMPLES / "dynamodb-create-mapping-response.json").read_text(encoding="utf-8"))
    config = read("dynamodb", {"BatchSize": 500, "MaximumRecordAgeInSeconds": 604_800, "MaximumRetryAttempts": 10_000})
    ours = describe(
        config,
        rules_of("dynamodb"),
        Identity(
            uuid=sample["UUID"],
            arn=ARN,
            source_arn=sample["EventSourceArn"],
            function_arn=sample["FunctionArn"],
            modified_ms=round(sample["LastModified"] * 1000),
        ),
        "Creating",
    )
    assert set(sample) <= set(ours)
    assert ours["LastModified"].timestamp() == sample["LastModified"]
    # the sample is older than tumbling windows, response types and the empty OnFailure
    younger = ("DestinationConfig", "LastModified")
    assert {name: ours[name] for name in sample if name not in younger} == {
        name: value for name, value in sample.items() if name not in younger
    }
    assert set(ours) - set(sample) == {
        "EventSourceMappingArn",
        "FunctionResponseTypes",
        "StartingPosition",
        "TumblingWindowInSeconds",
    }


def test_the_arn_of_a_mapping() -> None:
    """Of AWS's partition, or of another."""
    assert mapping_arn("us-east-1", "123456789012", UUID) == ARN
    assert mapping_arn("cn-north-1", "123456789012", UUID).startswith("arn:aws-cn:lambda:cn-north-1:")
