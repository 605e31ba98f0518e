"""What a user sees of topics when a test fails, and at the edges that topics share with other sources."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_lambda_events.report.terminal.account import account
from pytest_lambda_events.report.view import view_of
from pytest_lambda_events.report.words import name_of


def test_a_timeline_shows_values_tombstones_and_the_topics_name(aws: Any, recorder: Any) -> None:
    """Rather than failing at a record that has no body."""
    topic = aws.msk_topic("orders")
    mapping = aws.event_source_mapping(topic, recorder(), StartingPosition="TRIM_HORIZON")
    topic.send({"order": 1}, None)
    text = account(view_of(mapping.run_until_idle()))
    assert '{"order":1}' in text
    assert "(tombstone)" in text
    assert "put into orders" in text


def test_names_of_topics() -> None:
    """Self-managed, MSK's, and a topic for failures."""
    assert name_of("kafka://a:9092,b:9092/clicks") == "clicks"
    assert name_of("kafka://dead") == "dead"
    assert name_of(
        "arn:aws:kafka:us-east-1:123456789012:topic/shop/a93759a9-c9d0-4952-984c-492c6bfa2be8-13/clicks"
    ) == ("clicks")


def test_a_second_mapping_of_a_topic_names_it(aws: Any, recorder: Any) -> None:
    """A self-managed cluster has no ARN to name."""
    topic, handler = aws.kafka_topic("orders"), recorder()
    function = {"FunctionName": "one"}
    aws.event_source_mapping(topic, handler, function=function)
    with pytest.raises(ClientError, match="already exists") as caught:
        aws.event_source_mapping(topic, handler, function=function)
    assert "None" not in str(caught.value)


def test_a_deleted_mapping_reads_nothing_any_more(aws: Any, recorder: Any) -> None:
    """What is sent afterwards is not pending for it."""
    topic = aws.msk_topic("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler, StartingPosition="TRIM_HORIZON")
    mapping.delete()
    topic.send("late")
    assert aws.run_until_idle().records == []
    assert handler.events == []


def test_a_topic_with_a_name_longer_than_any_queue_is_delivered_once_more(aws: Any) -> None:
    """Receipt handles are made by the lengths that queues' names have; a topic has none, and its name may be longer."""
    topic = aws.msk_topic("o" * 249)
    topic.send("a")
    mapping = aws.event_source_mapping(topic, lambda event, context: None, StartingPosition="TRIM_HORIZON")
    mapping.run_until_idle()
    assert mapping.check_idempotency(nothing=lambda: None) == []


def test_everything_is_delivered_once_more(aws: Any) -> None:
    """`check_idempotency` of a topic's mapping, with the same events."""
    seen: list[str] = []

    def handler(event: Any, context: Any) -> None:
        seen.extend(event["records"]["orders-0"][0]["value"])

    topic = aws.msk_topic("orders")
    mapping = aws.event_source_mapping(topic, handler, StartingPosition="TRIM_HORIZON")
    topic.send("a")
    mapping.run_until_idle()
    before = len(seen)
    report = mapping.check_idempotency(seen=lambda: list(seen))
    assert len(seen) == 2 * before
    assert report
