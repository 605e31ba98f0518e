"""The text of a cassette: one for each, and a clear error with a path for everything else."""

from __future__ import annotations

import copy
import importlib.resources
import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.cassette import (
    Captured,
    Cassette,
    Failure,
    HttpCall,
    HttpRequest,
    HttpResponse,
    Interaction,
    Redacted,
    Returned,
)
from pytest_lambda_events.cassette.codec import LINES_FROM, LINES_NAME, VERSION, decode, encode, json_of
from pytest_lambda_events.errors import CassetteBroken, CassetteTooLarge
from pytest_lambda_events.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable


SCHEMA = json.loads((importlib.resources.files("pytest_lambda_events.cassette") / "schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def nothing_beside(name: str) -> bytes:
    raise AssertionError(name)


def decoded(tree: Any) -> Cassette:
    return decode(json.dumps(tree).encode(), "x.json", nothing_beside)


def test_everything_is_read_again(everything: Cassette) -> None:
    """What is written is what is read, and writing it again changes nothing."""
    text, lines = encode(everything, "x")
    again = decode(text.encode(), "x.json", nothing_beside)
    assert lines is None
    assert again == everything
    assert encode(again, "x") == (text, None)


def test_the_text_is_made_for_diffs(everything: Cassette) -> None:
    """Our keys in their order, a key a line, an end of line at the end, and the event's keys in AWS's order."""
    text, _ = encode(everything, "x")
    lines = text.splitlines()
    assert lines[:10] == [
        "{",
        '  "format": "lambda-events-cassette",',
        '  "version": 1,',
        '  "source": "sqs",',
        '  "recorded_at": "2025-01-01T00:00:00Z",',
        '  "recorded_by": "pytest-lambda-events 1.0",',
        '  "captured": {',
        '    "how": "handler",',
        '    "notes": [',
        '      "two of three records were kept"',
    ]
    assert text.endswith("\n}\n")
    assert "\r" not in text
    assert text.index('"messageId"') < text.index('"receiptHandle"') < text.index('"body"')


def test_the_schema_is_one_of_this_version(everything: Cassette) -> None:
    """With the sources and the names of lines that the code has."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["version"] == {"const": VERSION}
    assert SCHEMA["properties"]["source"]["enum"] == [source.name for source in SOURCES]
    lines = SCHEMA["properties"]["interactions"]["oneOf"][1]["properties"]["lines"]["pattern"]
    assert lines == f"^{LINES_NAME.pattern}$"
    VALIDATOR.validate(json_of(everything))
    VALIDATOR.validate({**json_of(everything), "interactions": {"lines": "x.0a1b2c3d4e5f.jsonl", "count": 5}})


headers = st.dictionaries(st.text(min_size=1), st.lists(st.text(), min_size=2, max_size=3).map(tuple), max_size=2)
bodies = st.none() | st.binary()
failures = st.builds(Failure, type=st.text(), message=st.text())
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
calls = st.builds(
    HttpCall,
    request=st.builds(HttpRequest, method=st.sampled_from(["GET", "PUT"]), url=st.text(), headers=headers, body=bodies),
    outcome=failures | st.builds(HttpResponse, status=st.integers(100, 599), headers=headers, body=bodies),
)
interactions = st.builds(
    Interaction,
    event=st.dictionaries(st.text(), json_values, max_size=3),
    outcome=st.none() | failures | st.builds(Returned, json_values),
    http=st.lists(calls, max_size=2).map(tuple),
    at=st.none() | st.just("2025-01-01T00:00:00.5Z"),
    invented=st.sampled_from([(), ("Records[0].body", 'records["a.b"]')]),
)
cassettes = st.builds(
    Cassette,
    source=st.sampled_from(["sqs", "kafka"]),
    recorded_at=st.just("2024-02-29T23:59:59Z"),
    recorded_by=st.text(),
    captured=st.builds(Captured, how=st.just("file"), notes=st.lists(st.text(), max_size=2).map(tuple)),
    redacted=st.none() | st.sampled_from([Redacted(key="random"), Redacted(key="0a1b2c3d")]),
    interactions=st.lists(interactions, max_size=3).map(tuple),
)


@given(cassettes)
def test_any_cassette_is_read_again(one: Cassette) -> None:
    """Whatever its values are."""
    text, _ = encode(one, "x")
    again = decode(text.encode(), "x.json", nothing_beside)
    assert again == one
    assert encode(again, "x")[0] == text


@given(cassettes)
def test_any_cassette_keeps_the_schema(one: Cassette) -> None:
    """That in the package, which says the same as the reader."""
    VALIDATOR.validate(json_of(one))


def test_many_interactions_stand_beside(cassette: Callable[..., Cassette]) -> None:
    """One a line; the name of the lines is that of their content."""
    one = cassette(*(Interaction(event={"n": number}) for number in range(LINES_FROM)))
    text, lines = encode(one, "orders")
    assert lines is not None
    name, content = lines
    assert json.loads(text)["interactions"] == {"lines": name, "count": LINES_FROM}
    assert content.splitlines()[7] == '{"event":{"n":7}}'
    assert decode(text.encode(), "orders.json", {name: content.encode()}.__getitem__) == one
    fewer = cassette(*one.interactions[1:])
    assert encode(fewer, "orders")[1] is None


def at(tree: Any, *path: Any) -> Any:
    for step in path:
        tree = tree[step]
    return tree


BROKEN: list[tuple[tuple[Any, ...], Any, str]] = [
    (("source",), "sqs2", 'source is "sqs2", expected a source: sqs, sqs_fifo'),
    (("source",), 7, "source is 7"),
    (("recorded_at",), "yesterday", "expected a time in UTC such as"),
    (("recorded_at",), "2025-02-30T00:00:00Z", "expected a time in UTC such as"),
    (("recorded_by",), None, "recorded_by is null"),
    (("captured",), [], "captured is [], expected captured"),
    (("captured", "how"), "From File", "expected a word such as file"),
    (("captured", "notes"), "x", "expected a list of sentences"),
    (("captured", "notes", 0), 1, "captured.notes[0] is 1, expected a text"),
    (("redacted",), {"key": "zz"}, 'redacted.key is "zz"'),
    (("redacted",), None, "redacted is null"),
    (("interactions",), "x", "interactions is"),
    (("interactions",), {"lines": "../../etc/passwd", "count": 1}, 'interactions.lines is "../../etc/passwd"'),
    (("interactions",), {"lines": "/etc/0a1b2c3d4e5f.jsonl", "count": 1}, "interactions.lines"),
    (("interactions",), {"lines": "a\\b.0a1b2c3d4e5f.jsonl", "count": 1}, "interactions.lines"),
    (("interactions",), {"lines": "C:b.0a1b2c3d4e5f.jsonl", "count": 1}, "interactions.lines"),
    (("interactions",), {"lines": "x\u0000.0a1b2c3d4e5f.jsonl", "count": 1}, "interactions.lines"),
    (("interactions",), {"lines": "x.0a1b2c3d4e5f.jsonl", "count": True}, "interactions.count is true"),
    (("interactions",), {"lines": "x.0a1b2c3d4e5f.jsonl", "count": -1}, "interactions.count is -1"),
    (("interactions",), {"lines": "x.0a1b2c3d4e5f.jsonl"}, "interactions.count is no such key"),
    (("interactions", 0), 5, "interactions[0] is 5, expected an interaction"),
    (("interactions", 0, "evnet"), 5, "no such key (did you mean 'event'?): an interaction has at, event"),
    (("interactions", 0, "event"), [], "interactions[0].event is [], expected the event, an object"),
    (("interactions", 0, "at"), "2025-13-01T00:00:00Z", "interactions[0].at"),
    (("interactions", 0, "error"), {}, "an invocation ends in one way"),
    (("interactions", 2, "error", "type"), None, "interactions[2].error.type is null"),
    (("interactions", 0, "invented"), ["Records["], "a path in the event: 'Records[' is not a path"),
    (("interactions", 0, "http"), {}, "expected a list of HTTP calls"),
    (("interactions", 0, "http", 0, "request", "method"), "get", "expected a method such as GET"),
    (("interactions", 0, "http", 0, "request", "url"), 1, "expected a URL"),
    (("interactions", 0, "http", 0, "request", "headers"), [], "expected an object of headers"),
    (("interactions", 0, "http", 0, "request", "headers", "X"), 1, "headers.X is 1, expected a text"),
    (("interactions", 0, "http", 0, "request", "headers", "X"), ["a", 1], "headers.X[1] is 1"),
    (("interactions", 0, "http", 0, "request", "body_base64"), "", "no such key: there is a body"),
    (("interactions", 0, "http", 0, "response", "body_base64"), "é", "expected base64"),
    (("interactions", 0, "http", 0, "response", "body_base64"), "abc", "expected base64"),
    (("interactions", 0, "http", 0, "response", "status"), 99, "expected a status"),
    (("interactions", 0, "http", 0, "response", "status"), "200", "expected a status"),
    (("interactions", 0, "http", 0, "error"), {}, "a call ends in one way"),
    (("version",), "1", 'version is "1", expected the version of the format'),
    (("version",), True, "version is true"),
    (("version",), -1, "version is -1"),
    (("version",), 99, "version 99 of the format, and this library reads up to 1: a newer pytest-lambda-events"),
    (("version",), 0, "run `lambda-events migrate x.json`"),
    (("format",), "vcr", "is no cassette"),
    (("interactionss",), [], "no such key (did you mean 'interactions'?)"),
]


@pytest.mark.parametrize(("path", "value", "why"), BROKEN)
def test_what_is_wrong_is_named(everything: Cassette, path: tuple[Any, ...], value: Any, why: str) -> None:
    """File, path, what is there, what should be, and what to do."""
    tree = copy.deepcopy(json_of(everything))
    at(tree, *path[:-1])[path[-1]] = value
    with pytest.raises(CassetteBroken) as caught:
        decoded(tree)
    assert "x.json" in str(caught.value)
    assert why in str(caught.value)
    # two things that a schema does not know: the calendar, and the spelling of paths
    if value not in ("2025-02-30T00:00:00Z", "2025-13-01T00:00:00Z", ["Records["]):
        assert not VALIDATOR.is_valid(tree)


KEYS = [("source",), ("recorded_at",), ("recorded_by",), ("captured",), ("captured", "how"), ("interactions",)]
KEYS += [("interactions", 0, "event"), ("interactions", 0, "http", 0, "request"), ("version",)]
KEYS += [("interactions", 0, "http", 0, "response", "status"), ("interactions", 2, "error", "message")]


@pytest.mark.parametrize("path", KEYS)
def test_what_is_missing_is_named(everything: Cassette, path: tuple[Any, ...]) -> None:
    """As no such key."""
    tree = copy.deepcopy(json_of(everything))
    del at(tree, *path[:-1])[path[-1]]
    with pytest.raises(CassetteBroken, match=rf"{path[-1]} is no such key"):
        decoded(tree)
    assert not VALIDATOR.is_valid(tree)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'"text"', b"\x00\x01", b"format: lambda-events-cassette\n"])
def test_what_is_no_cassette_is_said_to_be_none(data: bytes) -> None:
    """A YAML file, a saved event, nothing at all: an error, never an empty cassette."""
    with pytest.raises(CassetteBroken, match=r"x\.json is (no cassette|broken)"):
        decode(data, "x.json", nothing_beside)


def test_what_is_too_deep_is_too_large() -> None:
    """A class of its own, because another cap may help."""
    with pytest.raises(CassetteTooLarge, match=r"x\.json: it nests deeper than 200 levels"):
        decode(b"[" * 1_000, "x.json", nothing_beside)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"event":{}}\n', "has 1 lines, and x.json says 2"),
        (b'{"event":{}}\n{"event":{}', "its last line does not end"),
        (b'{"event":{}}\n\n', "line 2 is broken"),
        (b'{"event":{}}\n{"event":7}\n', "line 2 is no sound cassette: event is 7"),
        (b'{"event":{}}\n{"event":{"a":1,"a":2}}\n', "stands twice"),
    ],
)
def test_broken_lines_are_named(everything: Cassette, content: bytes, why: str) -> None:
    """With the number of the line."""
    tree = {**json_of(everything), "interactions": {"lines": "x.0a1b2c3d4e5f.jsonl", "count": 2}}
    with pytest.raises(CassetteBroken) as caught:
        decode(json.dumps(tree).encode(), "x.json", lambda _name: content)
    assert "x.0a1b2c3d4e5f.jsonl" in str(caught.value)
    assert why in str(caught.value)


def test_an_event_is_handed_over_as_a_copy() -> None:
    """Of plain values, whatever the spelling was."""
    one = decode(
        b'{"format":"lambda-events-cassette","version":1,"source":"sqs","recorded_at":"2025-01-01T00:00:00Z",'
        b'"recorded_by":"x","captured":{"how":"file"},"interactions":[{"event":{"n":1.7E9,"list":[]}}]}',
        "x.json",
        nothing_beside,
    )
    (interaction,) = one.interactions
    given = interaction.handed_over()
    given["list"].append(1)
    assert type(given["n"]) is float
    assert interaction.event == {"n": 1.7e9, "list": []}
    assert '"n": 1.7E9' in encode(one, "x")[0]
