"""FilterCriteria: which records pass."""

from __future__ import annotations

import base64
import json

import pytest

from pytest_lambda_events.filtering import seeing
from pytest_lambda_events.filtering.criteria import read_criteria
from pytest_lambda_events.filtering.pattern import InvalidPattern


def criteria(*patterns):
    """The criteria with these patterns."""
    return read_criteria({"Filters": [{"Pattern": json.dumps(pattern)} for pattern in patterns]})


def encoded(payload) -> str:
    """A payload as events have it."""
    return base64.b64encode(payload if isinstance(payload, bytes) else json.dumps(payload).encode()).decode()


def sqs(body, **more):
    """A record of SQS."""
    return {"messageId": "m", "body": body if isinstance(body, str) else json.dumps(body), **more}


def plain(payload: str) -> str:
    """A plain string as events have it."""
    return encoded(payload.encode())


@pytest.mark.parametrize("value", [None, {}, {"Filters": None}, {"Filters": []}, [], ()])
def test_without_filters_there_are_no_criteria(value):
    """Everything passes then."""
    assert read_criteria(value) is None


def test_any_filter_may_match():
    """They are ORed."""
    either = criteria({"body": {"a": [1]}}, {"body": {"b": [2]}})

    assert [either.passes("sqs", sqs(body)) for body in ({"a": 1}, {"b": 2}, {"a": 2, "b": 1})] == [True, True, False]


def test_the_list_alone_is_taken_too():
    """Some write only the filters."""
    assert len(read_criteria([{"Pattern": '{"a": [1]}'}]).patterns) == 1


BAD = {
    "a string": ("x", "Filters", 'give {"Filters": [{"Pattern": "..."}]}, not \'x\''),
    "filters that are no list": ({"Filters": {"Pattern": "{}"}}, "Filters", 'give {"Filters"'),
    "a filter that is a string": (
        {"Filters": ['{"a": [1]}']},
        "Filters[0].Pattern",
        "a filter is {'Pattern': <JSON text>}",
    ),
    "a filter without a pattern": (
        {"Filters": [{}]},
        "Filters[0].Pattern",
        "a filter is {'Pattern': <JSON text>}, not {}",
    ),
    "a pattern that is no text": (
        {"Filters": [{"Pattern": '{"a": [1]}'}, {"Pattern": {"a": [1]}}]},
        "Filters[1].Pattern",
        "for a dict, give json.dumps of it",
    ),
    "a bad pattern": (
        {"Filters": [{"Pattern": '{"a": [1]}'}, {"Pattern": '{"a": [{"prefx": "b"}]}'}]},
        "Filters[1].Pattern: a[0]",
        "did you mean prefix?",
    ),
    "a pattern that is no JSON": ({"Filters": [{"Pattern": "simple string"}]}, "Filters[0].Pattern", "not JSON"),
    "too many": (
        {"Filters": [{"Pattern": '{"a": [1]}'}] * 11},
        "Filters",
        "there are 11 filters, and a mapping has at most 10",
    ),
}


@pytest.mark.parametrize(("value", "path", "reason"), BAD.values(), ids=BAD)
def test_bad_criteria_are_refused(value, path, reason):
    """With the place of the filter."""
    with pytest.raises(InvalidPattern) as caught:
        read_criteria(value)

    assert caught.value.path == path
    assert reason in caught.value.reason


def test_ten_filters_are_allowed():
    """Five by default, ten on request."""
    assert len(criteria(*[{"a": [1]}] * 10).patterns) == 10


def test_advice_is_that_of_all_patterns():
    """Each is looked at."""
    both = read_criteria({"Filters": [{"Pattern": '{"a": [{"wildcard": "x"}]}'}, {"Pattern": '{"a": [1.0]}'}]})

    assert both.advice == {"filter-undocumented-operator", "filter-number-spelling"}


OBJECT, ARRAY, METADATA = {"body": {"a": [1]}}, {"body": ["x"]}, {"messageId": ["m"]}
ABSENT = {"body": {"a": [{"exists": False}]}}

# the source, the pattern, the record, whether it passes
PASSING = {
    # SQS
    "sqs: JSON and an object": ("sqs", OBJECT, sqs({"a": 1}), True),
    "sqs: JSON and an object that does not match": ("sqs", OBJECT, sqs({"a": 2}), False),
    "sqs: an array of objects": ("sqs_fifo", OBJECT, sqs([{"a": 2}, {"a": 1}]), True),
    "sqs: a plain string and an object": ("sqs", OBJECT, sqs("x"), False),
    "sqs: a plain string and the absence of a key": ("sqs", ABSENT, sqs("x"), False),
    "sqs: JSON and the absence of a key": ("sqs", ABSENT, sqs({"b": 1}), True),
    "sqs: a plain string and an array": ("sqs", ARRAY, sqs("x"), True),
    "sqs: another plain string and an array": ("sqs", ARRAY, sqs("y"), False),
    "sqs: a number alone is a plain string": ("sqs", {"body": ["1"]}, sqs("1"), True),
    "sqs: JSON and an array": ("sqs", ARRAY, sqs(["x"]), False),
    "sqs: JSON and an array that asks for nothing": ("sqs", {"body": [{"exists": False}]}, sqs({"a": 1}), False),
    "sqs: metadata of a plain string": ("sqs", METADATA, sqs("x"), True),
    "sqs: metadata that do not match": ("sqs", {"messageId": ["n"]}, sqs({"a": 1}), False),
    "sqs: metadata and a body": ("sqs", METADATA | OBJECT, sqs({"a": 1}), True),
    "sqs: an alternative for each format": (
        "sqs",
        {"$or": [{"body": {"a": [1]}}, {"body": ["x"]}]},
        sqs("x"),
        True,
    ),
    # streams
    "kinesis: data": ("kinesis", {"data": {"a": [1]}}, {"kinesis": {"data": encoded({"a": 1})}}, True),
    "kinesis: data in their object": (
        "kinesis",
        {"kinesis": {"data": {"a": [1]}}},
        {"kinesis": {"data": encoded({"a": 1})}},
        True,
    ),
    "kinesis: other data": ("kinesis", {"data": {"a": [1]}}, {"kinesis": {"data": encoded({"a": 2})}}, False),
    "kinesis: plain data": ("kinesis", {"data": {"a": [{"exists": False}]}}, {"kinesis": {"data": plain("x")}}, False),
    "kinesis: not UTF-8": (
        "kinesis",
        {"data": {"a": [{"exists": False}]}},
        {"kinesis": {"data": encoded(b"\xff")}},
        False,
    ),
    "kinesis: not UTF-8, and metadata": (
        "kinesis",
        {"partitionKey": ["p"], "kinesis": {"partitionKey": ["p"]}},
        {"kinesis": {"data": encoded(b"\xff"), "partitionKey": "p"}},
        True,
    ),
    "dynamodb: an image": (
        "dynamodb",
        {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"id": {"S": [{"prefix": "a"}]}}}},
        {"eventName": "INSERT", "dynamodb": {"NewImage": {"id": {"S": "ab"}}}},
        True,
    ),
    "dynamodb: another event": ("dynamodb", {"eventName": ["INSERT"]}, {"eventName": "REMOVE", "dynamodb": {}}, False),
    # brokers
    "kafka: JSON": ("kafka", {"value": {"a": [1]}}, {"value": encoded({"a": 1})}, True),
    "kafka: other JSON": ("kafka", {"value": {"a": [1]}}, {"value": encoded({"a": 2})}, False),
    "kafka: plain": ("msk", {"value": ["x"]}, {"value": plain("x")}, True),
    "kafka: otherwise plain": ("msk", {"value": ["x"]}, {"value": plain("y")}, False),
    "kafka: plain, and an object": ("kafka", {"value": {"a": [1]}}, {"value": plain("x")}, True),
    "kafka: plain, an object and metadata": (
        "kafka",
        {"value": {"a": [1]}, "topic": ["t"]},
        {"value": plain("x"), "topic": "u"},
        False,
    ),
    "kafka: JSON, and an array": (
        "kafka",
        {"value": ["x"], "topic": ["t"]},
        {"value": encoded({}), "topic": "t"},
        True,
    ),
    "kafka: not UTF-8": ("kafka", {"value": ["x"]}, {"value": encoded(b"\xff")}, True),
    "kafka: the key counts where the value does not": (
        "kafka",
        {"value": {"a": [1]}, "key": ["k"]},
        {"value": plain("x"), "key": plain("l")},
        False,
    ),
    "kafka: a tombstone": ("kafka", {"value": {"a": [1]}}, {"topic": "t"}, False),
    "kafka: a tombstone that is wanted": ("kafka", {"value": [{"exists": False}]}, {"topic": "t", "value": None}, True),
    "activemq: JSON": ("activemq", {"data": {"a": [{"numeric": [">", 0]}]}}, {"data": encoded({"a": 1})}, True),
    "activemq: plain": ("activemq", {"data": [{"prefix": "Result: "}]}, {"data": plain("Result: 1")}, True),
    "activemq: properties": (
        "activemq",
        {"properties": {"k": ["v"]}},
        {"data": plain("x"), "properties": {"k": "v"}},
        True,
    ),
    "rabbitmq: properties": (
        "rabbitmq",
        {"basicProperties": {"contentType": ["a"]}},
        {"data": plain("x"), "basicProperties": {"contentType": "b"}},
        False,
    ),
}


@pytest.mark.parametrize(("source", "pattern", "record", "expected"), PASSING.values(), ids=PASSING)
def test_a_record_passes_by_its_format_and_by_the_pattern(source, pattern, record, expected):
    """As AWS documents it for each source."""
    found = criteria(pattern)

    assert found.passes(source, record) == expected
    assert found.passes(source, record) == expected  # also the second time


def test_payloads_are_only_decoded_when_a_pattern_names_them(monkeypatch):
    """And then once, however many filters there are."""
    decoded = []

    def text(body):
        decoded.append(body)
        return json.loads(body), "json"

    monkeypatch.setattr(seeing, "_text", text)

    criteria({"messageId": ["m"]}, {"attributes": {"a": [1]}}).passes("sqs", sqs({"a": 1}))
    assert decoded == []
    criteria({"body": {"a": [2]}}, {"body": {"a": [3]}}, {"body": {"a": [1]}}).passes("sqs", sqs({"a": 1}))
    assert decoded == ['{"a": 1}']


def test_a_source_without_filters_is_an_error():
    """It says which have some."""
    with pytest.raises(ValueError, match="'documentdb' has no filters"):
        criteria({"a": [1]}).passes("documentdb", {})
