"""What a response means for a batch of Kafka records: the table of all sources, with an object as the identifier."""

from __future__ import annotations

import pytest

from pytest_lambda_events.polling.partial import (
    EMPTY_ENTRY,
    ENTRY_WITHOUT_IDENTIFIER,
    FAILURES_NOT_A_LIST,
    INVALID_IDENTIFIER,
    MISSPELT_KEY,
    NOT_ENABLED,
    RESPONSE_NOT_AN_OBJECT,
    UNKNOWN_IDENTIFIER,
)
from pytest_lambda_events.polling.partial_offsets import identifier_text, judge_offsets

IDS = ("my-topic-0-7", "my-topic-0-8", "my-topic-1-7")


def failures(*identifiers):
    return {"batchItemFailures": [{"itemIdentifier": one} for one in identifiers]}


def at(partition, offset):
    return {"partition": partition, "offset": offset}


@pytest.mark.parametrize(
    ("response", "kind", "failed", "advice"),
    [
        (None, "success", (), None),
        ({}, "success", (), None),
        ([], "success", (), None),
        ("", "success", (), None),
        (failures(), "success", (), None),
        ({"batchItemFailures": None}, "success", (), None),
        (failures(at("my-topic-0", 8)), "partial", ("my-topic-0-8",), None),
        (failures(at("my-topic-1", 7), at("my-topic-0", 7)), "partial", ("my-topic-0-7", "my-topic-1-7"), None),
        (failures(at("my-topic-0", 8), at("my-topic-0", 8)), "partial", ("my-topic-0-8",), None),
        (failures({**at("my-topic-0", 8), "topic": "my-topic"}), "partial", ("my-topic-0-8",), None),
        (failures(at("my-topic-0", 9)), "malformed", IDS, UNKNOWN_IDENTIFIER),
        (failures(at("my-topic-0", 8), at("my-topic-2", 7)), "malformed", IDS, UNKNOWN_IDENTIFIER),
        (failures(at("my-topic", 7)), "malformed", IDS, UNKNOWN_IDENTIFIER),
        (failures("my-topic-0-8"), "malformed", IDS, INVALID_IDENTIFIER),
        (failures(""), "malformed", IDS, INVALID_IDENTIFIER),
        (failures(None), "malformed", IDS, INVALID_IDENTIFIER),
        (failures(8), "malformed", IDS, INVALID_IDENTIFIER),
        (failures({}), "malformed", IDS, INVALID_IDENTIFIER),
        (failures(at(0, 8)), "malformed", IDS, INVALID_IDENTIFIER),
        (failures(at("my-topic-0", "8")), "malformed", IDS, INVALID_IDENTIFIER),
        (failures(at("my-topic-0", 8.0)), "malformed", IDS, INVALID_IDENTIFIER),
        (failures(at("my-topic-0", True)), "malformed", IDS, INVALID_IDENTIFIER),
        ({"batchItemFailures": [{"foo": 1}]}, "malformed", IDS, ENTRY_WITHOUT_IDENTIFIER),
        ({"batchItemFailures": ["my-topic-0-8"]}, "malformed", IDS, ENTRY_WITHOUT_IDENTIFIER),
        ({"batchItemFailures": [{}]}, "malformed", IDS, EMPTY_ENTRY),
        ({"batchItemFailures": "all"}, "malformed", IDS, FAILURES_NOT_A_LIST),
        ("ok", "malformed", IDS, RESPONSE_NOT_AN_OBJECT),
        ({"BatchItemFailures": [{"itemIdentifier": at("my-topic-0", 8)}]}, "success", (), MISSPELT_KEY),
    ],
)
def test_every_response_has_its_verdict(response, kind, failed, advice) -> None:
    """With ReportBatchItemFailures."""
    verdict = judge_offsets(response, IDS, reports_failures=True)
    assert (verdict.kind, verdict.failed, verdict.advice) == (kind, failed, advice)
    assert (verdict.problem is None) == (advice is None)


def test_without_the_setting_failures_are_ignored_and_named() -> None:
    """Whatever their form."""
    verdict = judge_offsets(failures("my-topic-0-8"), IDS, reports_failures=False)
    assert (verdict.kind, verdict.failed, verdict.advice) == ("success", (), NOT_ENABLED)


@pytest.mark.parametrize(
    ("response", "told"),
    [
        (failures("my-topic-0-8"), r"batchItemFailures\[0\] is 'my-topic-0-8'; for Kafka it is an object such as"),
        (failures(at("my-topic-0", 8), at("my-topic-0", "7")), r"\[1\] is \{'offset': '7', 'partition': 'my-topic-0'"),
        (failures(at("my-topic-0", 99)), r"which is not in this batch of 3: .*my-topic-0-7"),
    ],
)
def test_the_problem_says_what_was_wrong_and_what_is_right(response, told) -> None:
    """With the identifier as the function gave it."""
    problem = judge_offsets(response, IDS, reports_failures=True).problem
    assert problem is not None
    assert problem.startswith("the whole batch failed: ")
    with pytest.raises(ValueError, match=told):
        raise ValueError(problem)


@pytest.mark.parametrize(
    ("identifier", "text"),
    [
        (at("a-0", 1), "a-0-1"),
        (at("a-0", "1"), None),
        (at("a-0", True), None),
        (at("a-0", 1.0), None),
        (at(0, 1), None),
        (at(None, 1), None),
        ({}, None),
        ("a-0-1", None),
        ("", None),
        (None, None),
        (3, None),
        ([], None),
    ],
    ids=str,
)
def test_what_names_a_record(identifier: object, text: str | None) -> None:
    """The poller, and what builds and checks responses, ask the same function."""
    assert identifier_text(identifier) == text
