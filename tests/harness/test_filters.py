"""Filters through a harness: what passes, what becomes of the rest, what AWS refuses, what changes with an update."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from pytest_lambda_events import UsageError, matches

if TYPE_CHECKING:
    from pytest_lambda_events import Harness


def criteria(*patterns: Any) -> dict[str, Any]:
    """FilterCriteria with these patterns, as JSON."""
    return {"Filters": [{"Pattern": one if isinstance(one, str) else json.dumps(one)} for one in patterns]}


BIG = {"body": {"amount": [{"numeric": [">", 100]}]}}
EUROPEAN = {"body": {"country": ["DE", "FR"]}}


def test_what_does_not_pass_is_deleted_and_counted(aws: Harness, recorder: Any) -> None:
    """Recorded on AWS: FilteredOut and Deleted; the function sees only what passes, as it was sent."""
    queue = aws.sqs_queue("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, FilterCriteria=criteria(BIG, EUROPEAN))
    big, european, small, text = queue.send('{ "amount" : 500 }', {"amount": 1, "country": "FR"}, {"amount": 1}, "text")
    run = mapping.run_until_idle()
    assert run.processed == [big, european]
    assert run.filtered == [small, text]
    assert run.attempts(small) == []
    assert handler.batches == [['{ "amount" : 500 }', '{"amount":1,"country":"FR"}']]
    assert run.metrics["PolledEventCount"] == 4
    assert run.metrics["FilteredOutEventCount"] == 2
    assert run.metrics["DeletedEventCount"] == 4
    assert queue.messages == []


def test_filtered_records_do_not_count_toward_the_batch(aws: Harness, recorder: Any) -> None:
    """Filtering comes before batching (recorded on AWS)."""
    queue = aws.sqs_queue("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, BatchSize=2, FilterCriteria=criteria(BIG))
    queue.send(*({"amount": amount} for amount in (1, 500, 1, 501, 1, 502)))
    mapping.run_until_idle()
    assert [len(batch) for batch in handler.batches] == [2, 1]


def test_a_fifo_queue_is_filtered_too(aws: Harness, recorder: Any) -> None:
    """What is filtered does not hold back its group."""
    queue = aws.sqs_queue("orders.fifo", ContentBasedDeduplication=True)
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, FilterCriteria=criteria({"body": ["b"]}))
    queue.send("a", "b", message_group_id="g")
    run = mapping.run_until_idle()
    assert handler.batches == [["b"]]
    assert len(run.filtered) == 1


def test_metadata_is_filtered_on(aws: Harness, recorder: Any) -> None:
    """Message attributes, for one; a body is not looked at where the pattern does not name it."""
    queue = aws.sqs_queue("orders")
    handler = recorder()
    pattern = {"messageAttributes": {"kind": {"stringValue": ["new"]}}}
    mapping = aws.event_source_mapping(queue, handler, FilterCriteria=criteria(pattern))
    queue.send("a", message_attributes={"kind": "new"})
    queue.send("b", message_attributes={"kind": "old"})
    queue.send("c")
    assert len(mapping.run_until_idle().filtered) == 2
    assert handler.batches == [["a"]]


def test_an_update_changes_the_filter_at_once_and_an_empty_one_clears_it(aws: Harness) -> None:
    """A null changes nothing."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, lambda *_: None, FilterCriteria=criteria(BIG))
    assert mapping.describe()["FilterCriteria"] == criteria(BIG)

    def passes(body: Any) -> bool:
        (record,) = queue.send(body)
        return mapping.run_until_idle().fate(record) == "processed"

    assert not passes({"country": "FR"})
    mapping.update(FilterCriteria=None)
    assert not passes({"country": "FR"})
    mapping.update(FilterCriteria=criteria(EUROPEAN))
    assert passes({"country": "FR"})
    assert not passes({"amount": 500})
    mapping.update(FilterCriteria={})
    assert passes({"amount": 500})
    assert "FilterCriteria" not in mapping.describe()


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("{", "Filters[0].Pattern"),
        ('{"body": "a"}', "array"),
        ('{"body": {"a": [{"prefx": "x"}]}}', "prefix"),
        ("null", "Filters[0].Pattern"),
    ],
)
def test_a_bad_pattern_is_refused_in_awss_words_with_our_reason(aws: Harness, pattern: str, why: str) -> None:
    """At creation and at an update, which then changes nothing."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, lambda *_: None)
    words = "Invalid filter pattern definition."
    for change in (
        lambda: aws.event_source_mapping(queue, lambda *_: 1, FilterCriteria=criteria(pattern)),
        lambda: mapping.update(FilterCriteria=criteria(pattern)),
    ):
        with pytest.raises(ClientError) as caught:
            change()
        assert caught.value.response["Error"]["Code"] == "InvalidParameterValueException"
        assert caught.value.response["Error"]["Message"] == words
        assert why in caught.value.hint
    assert "FilterCriteria" not in mapping.describe()


def test_a_plain_string_for_a_streams_data_is_refused(aws: Harness) -> None:
    """The format table: Kinesis takes only JSON there."""
    stream = aws.kinesis_stream("clicks")
    with pytest.raises(ClientError) as caught:
        aws.event_source_mapping(
            stream, lambda *_: None, StartingPosition="LATEST", FilterCriteria=criteria({"data": ["x"]})
        )
    assert caught.value.response["Error"]["Message"] == "Invalid filter pattern definition."
    assert "takes only JSON" in caught.value.hint


def test_a_filter_that_drops_everything_is_named(aws: Harness) -> None:
    """The commonest mistake of all: a pattern that was never tried."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, lambda *_: None, FilterCriteria=criteria({"Body": {"amount": [1]}}))
    queue.send({"amount": 1})
    assert [advice.code for advice in mapping.run_until_idle().advice] == ["filter-drops-everything"]


def test_patterns_that_lambda_does_not_document_are_named(aws: Harness) -> None:
    """When the mapping is made, and when it is changed."""
    queue = aws.sqs_queue("orders")
    wildcard = {"body": {"path": [{"wildcard": "/a/*"}]}}
    mapping = aws.event_source_mapping(queue, lambda *_: None, FilterCriteria=criteria(wildcard))
    assert [advice.code for advice in mapping.view().advice] == ["filter-undocumented-operator"]
    mapping.update(FilterCriteria=criteria('{"body": {"amount": [300.0]}}'))
    assert [advice.code for advice in mapping.view().advice][1:] == ["filter-number-spelling"]


@pytest.mark.parametrize("source", [5, [], "kafak"])
def test_what_is_no_source_has_no_filters(source: Any) -> None:
    """Whatever its type."""
    with pytest.raises(UsageError, match="has no filters"):
        matches({"a": [1]}, {}, source=source)
