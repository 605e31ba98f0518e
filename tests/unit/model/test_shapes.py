"""Shapes: what is an error, what is a note, and at which path."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.model.findings import Finding, Report
from pytest_lambda_events.model.looking import decoded, integer_at, text_at, value_at
from pytest_lambda_events.model.shapes import (
    ANYTHING,
    BOOLEAN,
    NUMBER,
    STRING,
    Arn,
    Base64,
    Constant,
    Fields,
    Integer,
    ListOf,
    MapOf,
    Nullable,
    Printed,
    Text,
)

HEX = Text(re.compile("[0-9a-f]+"), "hex digits")
STRICT = Text(re.compile("[0-9]+"), "digits", "error")
QUEUE = Arn("sqs", re.compile(r"[a-z]+"), "arn:aws:sqs:us-east-1:123456789012:orders")
RECORD = Fields(always={"id": HEX}, expected={"size": Integer(1, 9)}, sometimes={"note": Nullable(STRING)})


def findings(shape: Any, value: Any) -> list[tuple[str, str]]:
    """Severity and path of each finding."""
    report = Report()
    shape.check(value, ("x",), report)
    return [(one.severity, one.path) for one in report.findings]


SOUND: list[tuple[Any, Any]] = [
    (ANYTHING, object()),
    (STRING, ""),
    (NUMBER, 1.5),
    (BOOLEAN, False),
    (HEX, "0af"),
    (Constant(("a", 1)), 1),
    (Integer(0), 0),
    (Base64(), "AP8="),
    (QUEUE, "arn:aws:sqs:us-east-1:123456789012:orders"),
    (QUEUE, "arn:aws-cn:sqs:cn-north-1:123456789012:orders"),
    (QUEUE, "arn:aws-us-gov:sqs:us-gov-west-1:000000000001:orders"),
    (Nullable(STRING), None),
    (ListOf(STRING), []),
    (MapOf(STRING, HEX), {"a": "b"}),
    (RECORD, {"id": "a", "size": 1, "note": None}),
]
UNSOUND: list[tuple[Any, Any, list[tuple[str, str]]]] = [
    (STRING, 1, [("error", "x")]),
    (NUMBER, True, [("error", "x")]),
    (NUMBER, "1", [("error", "x")]),
    (BOOLEAN, 0, [("error", "x")]),
    (HEX, "xyz", [("note", "x")]),
    (HEX, None, [("error", "x")]),
    (STRICT, "abc", [("error", "x")]),
    (Constant(("a",), ("b",)), "b", [("note", "x")]),
    (Constant(("a",), ("b",)), "c", [("error", "x")]),
    (Constant((1,)), True, [("error", "x")]),
    (Integer(0), 1.0, [("error", "x")]),
    (Integer(0), True, [("error", "x")]),
    (Integer(0), -1, [("note", "x")]),
    (Integer(0, 9), 10, [("note", "x")]),
    (Base64(), "A", [("error", "x")]),
    (Base64("note"), "é", [("note", "x")]),
    (Base64(), 7, [("error", "x")]),
    (QUEUE, "orders", [("error", "x")]),
    (QUEUE, 7, [("error", "x")]),
    (QUEUE, "arn:aws:sns:us-east-1:123456789012:orders", [("error", "x")]),
    (QUEUE, "arn:aws:sqs:moon:123456789012:orders", [("note", "x")]),
    (QUEUE, "arn:aws:sqs:us-east-1:1234:orders", [("note", "x")]),
    (QUEUE, "arn:aws:sqs:us-east-1:123456789012:Orders", [("note", "x")]),
    (Nullable(STRING), 1, [("error", "x")]),
    (Printed(Integer(0), STRICT, "a number"), "60", [("note", "x")]),
    (Printed(Integer(0), STRICT, "a number"), "abc", [("error", "x")]),
    (ListOf(STRING), {}, [("error", "x")]),
    (ListOf(STRING, least=1), [], [("error", "x")]),
    (ListOf(STRING), ["a", 1], [("error", "x[1]")]),
    (MapOf(STRING), [], [("error", "x")]),
    (MapOf(STRING, least=1), {}, [("error", "x")]),
    (MapOf(STRING, HEX), {"a": 1, "z": "z"}, [("error", "x.a"), ("note", "x.z")]),
    (RECORD, [], [("error", "x")]),
    (RECORD, {}, [("error", "x.id"), ("note", "x.size")]),
    (RECORD, {"id": "a", "size": 1, "more": 2}, [("note", "x.more")]),
    (RECORD, {"id": 1, "size": 1, "note": 2}, [("error", "x.id"), ("error", "x.note")]),
]


@pytest.mark.parametrize(("shape", "value"), SOUND)
def test_what_is_sound_is_not_spoken_of(shape: Any, value: Any) -> None:
    """No finding."""
    assert findings(shape, value) == []


@pytest.mark.parametrize(("shape", "value", "expected"), UNSOUND)
def test_what_is_wrong_is_said_where_it_is(shape: Any, value: Any, expected: list[tuple[str, str]]) -> None:
    """Types and missing keys are errors, forms are notes."""
    assert findings(shape, value) == expected


def test_a_finding_reads_as_a_sentence() -> None:
    """Severity, path, what is there, what should be; long values are cut, and what is no JSON is shown, too."""
    report = Report()
    HEX.check("z" * 200, ("Records", 0), report)
    STRING.check({1, 2}, ("a",), report)
    RECORD.check({"size": 1}, (), report)
    assert [str(one) for one in report.findings] == [
        f'note: Records[0]: found "{"z" * 76}..., expected hex digits',
        "error: a: found {1, 2} (set), expected a string",
        "error: id: found no such key, expected this key, which every real event has",
    ]
    assert report.findings[0] == Finding(
        severity="note", path="Records[0]", found=f'"{"z" * 76}...', expected="hex digits"
    )


def test_a_value_without_a_bottom_is_found_and_not_shown() -> None:
    """A validator is asked about whatever a test made up."""
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    report = Report()
    STRING.check(value, (), report)
    assert [str(one) for one in report.findings] == [
        "error: event: found something nested too deep to show (list), expected a string"
    ]


def test_values_are_read_without_complaint() -> None:
    """What is not there, or of another type, is None."""
    tree = {"a": [{"b": "text", "n": 7, "digits": "12", "t": True}]}
    assert value_at(tree, "a", 0, "n") == 7
    assert [value_at(tree, "a", 1), value_at(tree, "a", "b"), value_at(tree, 0), value_at(None, "a")] == [None] * 4
    assert text_at(tree, "a", 0, "b") == "text"
    assert text_at(tree, "a", 0, "n") is None
    assert [integer_at(tree, "a", 0, key) for key in ("n", "digits", "b", "t", "none")] == [7, 12, None, None, None]
    assert integer_at({"n": "9" * 5_000}, "n") is None
    assert decoded(7) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["id", "size", "note"]), inner),
    max_leaves=10,
)


@given(JSON)
def test_no_json_breaks_a_shape(value: Any) -> None:
    """Whatever it is given, it says something or nothing, and returns."""
    for shape, _ in SOUND:
        findings(shape, value)
