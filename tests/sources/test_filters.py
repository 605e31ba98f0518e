"""`matches` and `explain`: the filter by itself, on records of events and on any JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_lambda_events import InvalidPattern, UsageError, explain, matches
from pytest_lambda_events.events import (
    activemq_event,
    dynamodb_event,
    kafka_event,
    kinesis_event,
    msk_event,
    rabbitmq_event,
    sqs_event,
    sqs_fifo_event,
)

PAYLOAD = {"kind": "new", "amount": 5}


def first(event: Any) -> Any:
    """The first record of an event."""
    for key in ("Records", "messages"):
        if key in event:
            return event[key][0]
    lists = event.get("records") or event["rmqMessagesByQueue"]
    return next(iter(lists.values()))[0]


@pytest.mark.parametrize(
    ("event", "key", "source"),
    [
        (sqs_event(PAYLOAD), "body", None),
        (sqs_fifo_event(PAYLOAD), "body", None),
        (kinesis_event(PAYLOAD), "data", None),
        (msk_event(PAYLOAD), "value", "msk"),
        (kafka_event(PAYLOAD), "value", "kafka"),
        (activemq_event(PAYLOAD), "data", "activemq"),
        (rabbitmq_event(PAYLOAD), "data", "rabbitmq"),
    ],
)
def test_a_record_is_seen_as_aws_shows_it(event: Any, key: str, source: str | None) -> None:
    """A body that is JSON, data in base64; a record that says its source needs no source."""
    record = first(event)
    assert matches({key: {"kind": ["new"]}}, record, source=source)
    assert not matches({key: {"kind": ["old"]}}, record, source=source)
    assert matches(json.dumps({key: {"amount": [{"numeric": ["<", 6]}]}}), record, source=source)


def test_a_change_of_a_table_is_seen_with_its_types() -> None:
    """`numeric` never matches DynamoDB's {"N": "101"} (recorded on AWS)."""
    record = first(dynamodb_event({"id": "a", "total": 101}))
    assert matches({"eventName": ["INSERT"], "dynamodb": {"NewImage": {"total": {"N": ["101"]}}}}, record)
    assert not matches({"dynamodb": {"NewImage": {"total": {"N": [{"numeric": ["=", 101]}]}}}}, record)


def test_any_other_json_is_matched_as_it_is() -> None:
    """A pattern by itself."""
    assert matches({"a": [1]}, {"a": 1})
    assert not matches({"a": [1]}, {"a": 2})
    assert not matches({"a": [1]}, [1])
    assert matches({"eventSource": ["somebody"]}, {"eventSource": "somebody"})
    assert matches({"eventSource": [{"prefix": "aws:"}]}, {"eventSource": "aws:docdb", "Records": []})


def test_an_explanation_names_clause_and_value() -> None:
    """For people, and for programs."""
    record = first(sqs_event(PAYLOAD))
    told = explain({"body": {"kind": ["old"], "amount": [5]}}, record)
    assert not told.matched
    assert [(clause.path, clause.passed) for clause in told.clauses] == [("body.amount", True), ("body.kind", False)]
    assert 'body.kind: FAILS, expected "old", found "new"' in str(told)
    assert explain({"a": [1]}, {"a": 1}).matched


@pytest.mark.parametrize(
    ("source", "record", "pattern", "matched", "said"),
    [
        ("sqs", first(sqs_event("text")), {"body": {"a": [1]}}, False, "otherwise the record is dropped"),
        ("sqs", first(sqs_event(PAYLOAD)), {"body": ["text"]}, False, "expected a plain text"),
        ("kafka", first(kafka_event("text")), {"value": {"a": [1]}, "topic": ["orders"]}, True, "are left out"),
        ("kafka", first(kafka_event(b"\xff")), {"value": {"a": [1]}, "topic": ["x"]}, False, "bytes that are no UTF-8"),
    ],
)
def test_another_format_than_the_patterns_is_explained(
    source: str, record: Any, pattern: Any, matched: bool, said: str
) -> None:
    """The format table: dropped, or the conditions on the payload are left out."""
    told = explain(pattern, record, source=source)
    assert told.matched is matched is matches(pattern, record, source=source)
    assert said in str(told)


def test_alternatives_are_told_apart() -> None:
    """Each choice of `$or`."""
    told = explain({"$or": [{"body": {"kind": ["old"]}}, {"eventSource": ["aws:sqs"]}]}, first(sqs_event(PAYLOAD)))
    assert told.matched
    assert [clause.alternative for clause in told.clauses] == ["alternative 1", "alternative 2"]


def test_what_cannot_be_asked_is_refused() -> None:
    """Bad patterns with reason and place, sources without filters with the nearest that has them."""
    with pytest.raises(InvalidPattern) as caught:
        matches({"a": [{"prefx": "x"}]}, {})
    assert "prefix" in caught.value.reason
    assert caught.value.path
    with pytest.raises(UsageError, match="did you mean 'kafka'"):
        matches({}, {}, source="kafkaa")
    with pytest.raises(UsageError, match="an object of its event, not a str"):
        matches({"a": [1]}, "text", source="kafka")
    with pytest.raises(InvalidPattern, match="takes only JSON"):
        matches({"data": ["x"]}, first(kinesis_event("x")))
