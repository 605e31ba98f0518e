"""Whose event is this? The event says, or its keys do, or nobody knows and the nearest is named."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events import UsageError
from pytest_lambda_events.errors import UnknownEvent
from pytest_lambda_events.events import identify, sqs_event, sqs_fifo_event, validate
from pytest_lambda_events.sources import SOURCES, builder, named, rules_of

NAMES = [source.name for source in SOURCES]


def without_event_source(event: Any) -> Any:
    """The same event, whose source nobody wrote down."""
    event = copy.deepcopy(event)
    event.pop("eventSource", None)
    for record in event.get("Records", []):
        record.pop("eventSource", None)
    return event


@pytest.mark.parametrize("name", [name for name in NAMES if name != "s3_batch"])
def test_an_event_without_its_source_is_measured_against_the_nearest(name: str) -> None:
    """It is not identified, but the error and the finding name what is missing."""
    event = without_event_source(builder(named(name))(seed=1))
    with pytest.raises(UnknownEvent, match=f"most like one of {name}") as caught:
        identify(event)
    assert caught.value.nearest == name
    assert any(one.severity == "error" and one.path.endswith("eventSource") for one in validate(event))


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (None, "a NoneType, and an event is an object"),
        ([1], "a list"),
        ({}, "an object with no key"),
        ({"version": "2.0", "routeKey": "$default"}, "an object with 'version', 'routeKey'$"),
    ],
)
def test_what_is_no_event_is_nobodys(event: Any, why: str) -> None:
    """It says what was given instead."""
    with pytest.raises(UnknownEvent, match=why) as caught:
        identify(event)
    assert caught.value.nearest is None
    (finding,) = validate(event)
    assert finding.severity == "error"
    assert "Records" in finding.expected


@pytest.mark.parametrize("records", [7, [], [[]], [7], None])
def test_records_of_no_source_are_said_to_be(records: Any) -> None:
    """There is an envelope, and nothing in it that could be known."""
    (finding,) = validate({"Records": records})
    assert finding.path == "Records"
    assert "sqs" in finding.expected


def test_queues_are_told_apart_by_their_arn_or_their_sequence_numbers() -> None:
    """A FIFO queue whose ARN lost its end is still one."""
    assert identify(sqs_event("a")).name == "sqs"
    event = sqs_fifo_event("a")
    event["Records"][0]["eventSourceARN"] = "arn:aws:sqs:us-east-1:123456789012:orders"
    assert identify(event).name == "sqs_fifo"


def test_a_source_is_found_by_name() -> None:
    """A near miss is shown, and all there are."""
    assert named("sqs").title == "Amazon SQS"
    with pytest.raises(UsageError, match="did you mean 'kinesis'") as caught:
        named("kinesys")
    assert "s3_batch" in str(caught.value)


def test_a_source_without_a_mapping_says_so() -> None:
    """S3 Batch Operations calls the function by itself."""
    assert rules_of("sqs").default_batch_size == 10
    with pytest.raises(UsageError, match="S3 Batch Operations has no event source mappings"):
        rules_of("s3_batch")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*(one.form.envelope for one in SOURCES), *(min(one.form.keys) for one in SOURCES)])
            | st.sampled_from(["eventSource", "eventSourceARN", "dynamodb", "kinesis", "attributes", "window"]),
            inner | st.sampled_from([name for one in SOURCES for name in one.form.event_sources]),
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(JSON)
def test_no_json_breaks_validation(value: Any) -> None:
    """It is somebody's event or nobody's; either way there is an answer."""
    for finding in validate(value):
        assert finding.severity in ("error", "note")
        assert str(finding)
