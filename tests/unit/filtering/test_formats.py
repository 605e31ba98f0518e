"""What becomes of a payload of one format under a pattern for another."""

from __future__ import annotations

import pytest

from pytest_lambda_events.filtering.criteria import read_criteria
from pytest_lambda_events.filtering.formats import PAYLOADS, check_against, family_of, verdict
from pytest_lambda_events.filtering.pattern import compile_pattern

# AWS's tables: payload, pattern, then SQS; Kinesis and DynamoDB; Kafka and MQ
CELLS = """
json   object evaluated     evaluated     evaluated
text   object dropped       dropped       metadata_only
json   array  dropped       refused       metadata_only
text   array  evaluated     refused       evaluated
json   none   metadata_only metadata_only metadata_only
text   none   metadata_only metadata_only metadata_only
binary object dropped       dropped       metadata_only
binary array  dropped       refused       metadata_only
binary none   metadata_only metadata_only metadata_only
absent object evaluated     evaluated     evaluated
absent array  evaluated     refused       evaluated
absent none   metadata_only metadata_only metadata_only
"""
ROWS = [line.split() for line in CELLS.split("\n") if line]


@pytest.mark.parametrize(
    ("payload", "pattern", "family", "expected"),
    [
        (payload, pattern, family, cell)
        for payload, pattern, *cells in ROWS
        for family, cell in zip(("sqs", "stream", "broker"), cells, strict=True)
    ],
)
def test_every_cell_of_the_table(payload, pattern, family, expected):
    """As AWS documents it."""
    assert verdict(payload, pattern, family) == expected


def test_every_source_with_filters_is_in_a_family():
    """DocumentDB and S3 Batch have no filters."""
    assert {name: family_of(name) for name in PAYLOADS} == {
        "sqs": "sqs",
        "sqs_fifo": "sqs",
        "kinesis": "stream",
        "dynamodb": "stream",
        "activemq": "broker",
        "rabbitmq": "broker",
        "msk": "broker",
        "kafka": "broker",
    }


def test_a_source_without_filters_is_an_error():
    """It says which have some."""
    with pytest.raises(ValueError, match="'documentdb' has no filters; those that have: sqs, "):
        family_of("documentdb")


# the source, its pattern, whether a mapping is refused
REFUSED = {
    "kinesis, plain data": ("kinesis", {"data": ["x"]}, True),
    "kinesis, plain data in its object": ("kinesis", {"kinesis": {"data": [{"prefix": "x"}]}}, True),
    "kinesis, plain data in an alternative": ("kinesis", {"$or": [{"data": {"a": [1]}}, {"data": ["x"]}]}, True),
    "kinesis, JSON data": ("kinesis", {"data": {"a": ["x"]}}, False),
    "kinesis, metadata": ("kinesis", {"partitionKey": ["x"]}, False),
    "dynamodb, a plain record": ("dynamodb", {"dynamodb": ["x"]}, True),
    "dynamodb, an image": ("dynamodb", {"dynamodb": {"NewImage": {"id": {"S": ["x"]}}}}, False),
    "sqs": ("sqs", {"body": ["x"]}, False),
    "kafka": ("kafka", {"key": ["x"], "value": ["y"]}, False),
    "activemq": ("activemq", {"data": ["x"]}, False),
}


@pytest.mark.parametrize(("source", "pattern", "refused"), REFUSED.values(), ids=REFUSED)
def test_a_mapping_of_a_stream_is_refused_for_plain_strings(source, pattern, refused):
    """Their data has to be JSON."""
    assert (check_against(source, compile_pattern(pattern)) is not None) == refused


def test_the_reason_says_what_to_do():
    """It names the payload and the source."""
    assert check_against("kinesis", compile_pattern({"data": ["x"]})) == (
        "the pattern has an array of plain values for data, and kinesis takes only JSON there; "
        'name a key inside of it: {"data": {"key": [...]}}'
    )


def test_checking_against_a_source_without_filters_is_an_error():
    """There is nothing to check."""
    with pytest.raises(ValueError, match="'s3_batch' has no filters"):
        check_against("s3_batch", compile_pattern({"a": [1]}))


def test_what_should_have_been_refused_lets_nothing_pass():
    """Whoever did not check gets no records."""
    criteria = read_criteria({"Filters": [{"Pattern": '{"data": ["x"]}'}]})

    assert not criteria.passes("kinesis", {"kinesis": {"data": "eA=="}})
