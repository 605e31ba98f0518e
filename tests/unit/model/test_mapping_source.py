"""Which source a mapping has: by its ARN, by its parameters, or AWS's refusal."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_lambda_events.model.mapping_source import source_of
from pytest_lambda_events.model.refusal import Refusal

PLACE = "us-east-1:123456789012"
BROKER = f"arn:aws:mq:{PLACE}:broker:b:b-1"


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        (f"arn:aws:sqs:{PLACE}:orders", "sqs"),
        (f"arn:aws:sqs:{PLACE}:orders.fifo", "sqs_fifo"),
        (f"arn:aws-cn:sqs:{PLACE.replace('us-east', 'cn-north')}:orders", "sqs"),
        (f"arn:aws-us-gov:kinesis:{PLACE.replace('us-east', 'us-gov-east')}:stream/s", "kinesis"),
        (f"arn:aws:kinesis:{PLACE}:stream/s", "kinesis"),
        (f"arn:aws:kinesis:{PLACE}:stream/s/consumer/c:1735689600", "kinesis"),
        (f"arn:aws:dynamodb:{PLACE}:table/t/stream/2025-01-01T00:00:00.000", "dynamodb"),
        (f"arn:aws:kafka:{PLACE}:cluster/c/0b83c28c-bc37-4da1-9e24-b0c470e65a16-1", "msk"),
        (f"arn:aws:kafka:{PLACE}:vpc-connection/123456789012/c/1", "msk"),
        (f"arn:aws:rds:{PLACE}:cluster:c", "documentdb"),
        (BROKER, "activemq"),
    ],
)
def test_by_the_arn(arn: str, name: str) -> None:
    """In every partition; a stream's consumer is the stream."""
    assert source_of(arn, {}) == name


@pytest.mark.parametrize(
    ("entries", "name"),
    [
        ([{"Type": "BASIC_AUTH"}, {"Type": "VIRTUAL_HOST", "URI": "/"}], "rabbitmq"),
        ([{"Type": "BASIC_AUTH"}], "activemq"),
        ([], "activemq"),
        (None, "activemq"),
        ("VIRTUAL_HOST", "activemq"),
        (["VIRTUAL_HOST"], "activemq"),
    ],
)
def test_a_broker_with_a_virtual_host_is_rabbitmq(entries: Any, name: str) -> None:
    """Nothing else tells it; what is of a wrong type is refused later."""
    assert source_of(BROKER, {"SourceAccessConfigurations": entries}) == name


def test_a_self_managed_cluster_has_no_arn() -> None:
    """Its parameter says what it is; with an ARN, the ARN does."""
    assert source_of(None, {"SelfManagedEventSource": {}}) == "kafka"
    assert source_of(f"arn:aws:sqs:{PLACE}:q", {"SelfManagedEventSource": {}}) == "sqs"


@pytest.mark.parametrize(
    "arn",
    [
        None,
        f"arn:aws:sns:{PLACE}:topic",
        f"arn:aws:dynamodb:{PLACE}:table/t",
        f"arn:aws:firehose:{PLACE}:deliverystream/d",
        f"arn:aws:rds:{PLACE}:db:d",
        f"arn:aws:kinesis:{PLACE}:s",
        f"arn:aws:mq:{PLACE}:configuration:c",
        "arn:aws:s3:::bucket",
    ],
)
def test_no_event_source(arn: str | None) -> None:
    """AWS's words, and what an ARN can be."""
    with pytest.raises(Refusal) as refused:
        source_of(arn, {})
    assert (refused.value.code, refused.value.message) == (
        "InvalidParameterValueException",
        "Unrecognized event source.",
    )
    assert "a DynamoDB stream (not its table)" in refused.value.hint


def test_no_arn_at_all() -> None:
    """Its form is the API model's affair."""
    with pytest.raises(Refusal, match=r"Value 'arn:aws:sqs:nowhere:1:q' at 'eventSourceArn' failed") as refused:
        source_of("arn:aws:sqs:nowhere:1:q", {})
    assert refused.value.code == "ValidationException"
