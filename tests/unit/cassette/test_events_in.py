"""Events in what people have of them: each way in which one comes, and what is none."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.cassette import events_in as searching
from pytest_lambda_events.cassette.events_in import events_in
from pytest_lambda_events.errors import CassetteTooLarge, UsageError
from pytest_lambda_events.events import dynamodb_event, kafka_event, kinesis_event, sqs_event
from pytest_lambda_events.sources import SOURCES, builder

if TYPE_CHECKING:
    from collections.abc import Callable

EVENT = sqs_event({"it's": 'a "quoted" {brace}'}, "é\n}")
REQUEST = "79104efb-640b-4b3a-9b1b-1d2b5f2f2b3a"


def logs_csv(*messages: str) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([("@timestamp", "@message"), *(("2025-01-01 00:00:00.000", one) for one in messages)])
    return out.getvalue()


WAYS: dict[str, Callable[[Any], str]] = {
    "json": json.dumps,
    "indented": lambda event: json.dumps(event, indent=2, ensure_ascii=False),
    "byte order mark": lambda event: f"\ufeff{json.dumps(event)}",
    "list": lambda event: json.dumps([event]),
    "a line": lambda event: f"{json.dumps(event)}\n{{}}\n",
    "printed by Python": str,
    "printed in a list": lambda event: str([event]),
    "logged by Python": lambda event: f"[INFO]\t2025-01-01T00:00:00.000Z\t{REQUEST}\tgot {event} as an event",
    "logged by Node": lambda event: f"2025-01-01T00:00:00.000Z\t{REQUEST}\tINFO\tEVENT {json.dumps(event, indent=2)}",
    "among other lines": lambda event: (
        f"START RequestId: {REQUEST} Version: $LATEST\n{{'no': 'event'}} it's {{ so\n{json.dumps(event)}\n"
        f'END RequestId: {REQUEST}\nREPORT {{"duration": 1}}\n'
    ),
    "deeper than anybody logs": lambda event: json.dumps({"a": {"b": {"c": {"d": {"e": event}}}}}),
    "structured log": lambda event: json.dumps({"level": "INFO", "message": {"event": event}, "requestId": REQUEST}),
    "text in a log": lambda event: json.dumps({"level": "INFO", "message": f"event: {json.dumps(event)}"}),
    "filter-log-events": lambda event: json.dumps({"events": [{"timestamp": 1, "message": f"x {json.dumps(event)}"}]}),
    "text in text": lambda event: json.dumps({"a": json.dumps({"b": json.dumps(event)})}),
    "console's CSV": lambda event: logs_csv("START", json.dumps(event), "END"),
    "CSV with more around": lambda event: logs_csv(f"got {event}"),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_event_is_found_as_it_was(way: str) -> None:
    """With the name of its source."""
    assert events_in(WAYS[way](EVENT)) == [("sqs", EVENT)]


@pytest.mark.parametrize("source", [source.name for source in SOURCES])
def test_events_of_every_source_are_found(source: str) -> None:
    """In JSON and in a log."""
    event = builder(next(one for one in SOURCES if one.name == source))()
    assert events_in(json.dumps(event)) == [(source, event)]
    assert events_in(f"INFO {event}") == [(source, event)]


def test_several_events_come_in_their_order() -> None:
    """Of any source."""
    events = [sqs_event("a"), kinesis_event("b"), dynamodb_event({"id": "c"}), kafka_event("d")]
    text = "\n".join(f"got {json.dumps(event)}" for event in events)
    names = ["sqs", "kinesis", "dynamodb", "kafka"]
    assert events_in(text) == list(zip(names, events, strict=True))
    assert events_in(json.dumps({"a": events[:2], "b": events[2:]})) == list(zip(names, events, strict=True))


def test_numbers_keep_their_spelling() -> None:
    """Those of JSON."""
    from pytest_lambda_events.cassette.json_text import compact

    text = '{"Records":[{"eventSource":"aws:dynamodb","dynamodb":{"ApproximateCreationDateTime":1.7E9}}]}'
    ((name, event),) = events_in(f"x {text} y")
    assert (name, compact(event)) == ("dynamodb", text)


NOTHING = [
    "",
    "nothing",
    "{}",
    "[]",
    "null",
    '"text"',
    "{'a': 1}",
    '{"Records": []}',
    json.dumps({"a": {"b": {"c": {"d": {"e": {"f": {"g": "{}"}}}}}}}),
    '{"Records": [{"eventSource": "aws:s3"}]}',
    '{"Records": [{"eventSource": "aws:sqs", "eventSource": "aws:sqs"}]}',
    "{'Records': [{'eventSource': 'aws:sqs', 'x': __import__('os')}]}",
    "{'Records': [{'eventSource': 'aws:sqs', 'x': {1, 2}}]}",
    "{'Records': [{'eventSource': 'aws:sqs', 1: 2}]}",
    "{'Records': [{'eventSource': 'aws:sqs', 'x': 1e999}]}",
    "{'Records': [{'eventSource': 'aws:sqs', 'x': b''}]}",
    '{"Records": [{"eventSource": "aws:sqs", "body": "cut of',
    "{'Records': [{'eventSource': 'aws:sqs', 'body': 'cut of",
    "[" * 5_000,
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_event_is_none(text: str) -> None:
    """Code is not run, what comes twice is not guessed at."""
    assert events_in(text) == []


def test_what_is_too_much_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is searched, or while it is."""
    with pytest.raises(CassetteTooLarge, match="nests deeper"):
        events_in('{"a":' * 5_000 + "1" + "}" * 5_000)
    with pytest.raises(CassetteTooLarge, match="nests deeper"):
        events_in("{'a': " * 300 + "1" + "}" * 300)
    monkeypatch.setattr(searching, "MOST_TEXT", 1_000)
    with pytest.raises(CassetteTooLarge, match=re.escape("there are 1,001 characters, and 1,000 are the most")):
        events_in("x" * 1_001)
    with pytest.raises(CassetteTooLarge, match="too much that begins like an event"):
        events_in('{"' * 490)
    monkeypatch.setattr(searching, "_MOST_PRINTED", 10)
    assert events_in(str({"Records": []})) == []


def test_csv_that_is_none_is_said_to_be() -> None:
    """With the reason; the limit of Python's csv module is as it was."""
    before = csv.field_size_limit()
    with pytest.raises(UsageError, match="begins like CSV and is none"):
        events_in("timestamp,message\na\rb,c\n")
    assert csv.field_size_limit() == before


@given(st.text(alphabet="{}[]\"'\\ab:,\n", max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    """Whatever its braces and quotes are."""
    assert events_in(text) == []
    assert events_in(f"{text}\n{json.dumps(EVENT)}") == [("sqs", EVENT)]
