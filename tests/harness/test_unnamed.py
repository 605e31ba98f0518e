"""Sources that are given no name: each is a new one, whatever there is already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest

if TYPE_CHECKING:
    from pytest_lambda_events import Harness

STEMS = {
    "sqs_queue": "queue",
    "kinesis_stream": "stream",
    "dynamodb_table": "table",
    "kafka_topic": "topic",
    "msk_topic": "topic",
    "activemq_queue": "queue",
    "rabbitmq_queue": "queue",
    "documentdb_collection": "test.collection",
}


@pytest.mark.parametrize("kind", STEMS)
@pytest.mark.parametrize("taken", [[1], [2], [3], [1, 3]])
def test_a_name_that_is_made_up_is_nobody_elses(aws: Harness, kind: str, taken: list[int]) -> None:
    """Also where somebody gave the very name that would have come next."""
    factory = getattr(aws, kind)
    given = {factory(f"{STEMS[kind]}-{number}").name for number in taken}
    made = [factory().name for _ in range(3)]

    assert 3 == len({*made} - given)


def test_a_queue_that_was_deleted_leaves_no_name_twice(aws: Harness) -> None:
    """CreateQueue would answer with the queue that is there, and no error."""
    first, second = aws.sqs_queue(), aws.sqs_queue()
    boto3.client("sqs", region_name=aws.region).delete_queue(QueueUrl=first.url)

    assert second.name != aws.sqs_queue().name


def test_a_fifo_queue_is_told_from_a_standard_one(aws: Harness) -> None:
    """Their names differ by the ending."""
    aws.sqs_queue("queue-2.fifo")

    assert "queue-3.fifo" == aws.sqs_queue(fifo=True).name
