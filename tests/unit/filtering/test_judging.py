"""A mapping's filters before any record comes: which keys a record of each source has, by AWS's own examples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_lambda_events.filtering.judging import unmatchable
from pytest_lambda_events.filtering.seeing import seen

SAMPLES = Path(__file__).parents[2] / "data" / "aws-samples"

SOURCES = ["activemq", "dynamodb", "kafka", "kinesis", "msk", "rabbitmq", "sqs", "sqs_fifo"]


def criteria(*patterns):
    """The patterns as a mapping has them."""
    return {"Filters": [{"Pattern": json.dumps(pattern)} for pattern in patterns]}


def first_record(name):
    """The first record of the event that AWS's documentation prints for a source."""
    event = json.loads((SAMPLES / f"{name.replace('_', '-')}.json").read_text(encoding="utf-8"))
    records = event.get("Records") or event.get("messages") or event.get("records") or event["rmqMessagesByQueue"]
    return records[0] if isinstance(records, list) else next(iter(records.values()))[0]


@pytest.mark.parametrize("name", SOURCES)
def test_what_a_documented_record_has_may_be_wanted(name):
    """Every key at the top of what the filter sees. One is misprinted there: Lambda sends correlationID."""
    keys = seen(name, first_record(name)).value.keys() - {"correlationId"}

    assert keys
    assert {} == {key: found for key in keys if (found := unmatchable(criteria({key: ["x"]}), name))}


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("activemq", "correlationID expiration replyTo type timestamp"),
        ("dynamodb", "userIdentity"),
        ("kafka", "headers key keySchemaMetadata valueSchemaMetadata"),
        ("kinesis", "encryptionType"),
        ("msk", "headers key keySchemaMetadata valueSchemaMetadata"),
        ("sqs", "md5OfMessageAttributes messageAttributes"),
        ("sqs_fifo", "md5OfMessageAttributes messageAttributes"),
    ],
)
def test_what_only_some_records_have_may_be_wanted(name, keys):
    """The examples lack it, and the tables beside them do not."""
    assert {} == {key: found for key in keys.split() if (found := unmatchable(criteria({key: ["x"]}), name))}


@pytest.mark.parametrize("name", SOURCES)
def test_what_no_record_has_is_told(name):
    """Of every source whose records have the same keys always."""
    assert ("nothing",) == unmatchable(criteria({"nothing": ["x"]}), name)


@pytest.mark.parametrize(
    ("patterns", "strange"),
    [
        pytest.param([{"nothing": ["x"]}], ("nothing",), id="a key that no record has"),
        pytest.param([{"a": {"b": ["x"]}, "c": ["x"], "body": ["x"]}], ("a", "c"), id="each of them, by its top"),
        pytest.param([{"a": ["x"]}, {"b": ["x"]}], ("a", "b"), id="of every pattern"),
        pytest.param([{"a": ["x"]}, {"a": ["y"]}], ("a",), id="once"),
        pytest.param([{"a": ["x"]}, {"body": ["x"]}], (), id="unless another pattern may match"),
        pytest.param([{"$or": [{"a": ["x"]}, {"body": ["x"]}]}], (), id="or another branch"),
        pytest.param([{"a": [{"exists": False}]}], (), id="or it is to be absent"),
        pytest.param([], (), id="no pattern"),
    ],
)
def test_what_nothing_can_match(patterns, strange):
    """Only when it stands in the way of every record."""
    assert strange == unmatchable(criteria(*patterns), "sqs")


def test_another_source_is_not_judged():
    """DocumentDB's changes have what the documents have."""
    assert () == unmatchable(criteria({"a": ["x"]}), "documentdb")
