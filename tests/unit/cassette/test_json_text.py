"""JSON within bounds: what is read is written as it was, and what is hostile is refused before anything is built."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.cassette.json_text import (
    MOST_LEVELS,
    MOST_VALUES,
    Malformed,
    TooMuch,
    WrittenFloat,
    compact,
    pretty,
    read,
)

NUMBERS = (
    "1735689600.0",
    "1545084650.987",
    "1.7E9",
    "1.7e9",
    "1e3",
    "-0",
    "-0.0",
    "0.10",
    "1E400",
    "12345678901234567890123456789",
    "0.1234567890123456789",
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_what_is_written_is_read_again(value: Any) -> None:
    """On many lines or on one; and writing it again changes nothing."""
    for write in (pretty, compact):
        text = write(value)
        assert read(text.encode("utf-8")) == value == json.loads(text)
        assert write(read(text)) == text


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_keeps_its_spelling(text: str) -> None:
    """Also in copies; to Python it is the number that it is."""
    event = read(f'{{"n":{text}}}')
    assert compact(copy.deepcopy(event)) == f'{{"n":{text}}}'
    assert event["n"] == float(text) or math.isclose(event["n"], int(text))


def test_only_a_spelling_of_its_own_needs_another_type() -> None:
    """A handler or a test that looks at types sees Python's own for all that Lambda sends."""
    assert type(read("1735689600.0")) is float
    assert type(read("1.7E9")) is WrittenFloat
    assert type(read("17")) is int


def test_a_key_a_line_and_numbers_in_one() -> None:
    """Small diffs, and headers of Kafka that can be read."""
    text = pretty({"a": {"b": [], "c": {}}, "headers": [{"x": [1, -2, 3]}], "list": ["a", True], "mixed": [1, False]})
    assert text.splitlines() == [
        "{",
        '  "a": {',
        '    "b": [],',
        '    "c": {}',
        "  },",
        '  "headers": [',
        "    {",
        '      "x": [1, -2, 3]',
        "    }",
        "  ],",
        '  "list": [',
        '    "a",',
        "    true",
        "  ],",
        '  "mixed": [',
        "    1,",
        "    false",
        "  ]",
        "}",
    ]


def test_text_stays_text() -> None:
    """What is not ASCII stands as it is; half of a surrogate pair can only be escaped."""
    assert compact({"é": "日本 😀"}) == '{"é":"日本 😀"}'
    assert compact("\ud83d") == '"\\ud83d"'
    assert read(compact("\ud83d")) == "\ud83d"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b'{"a": 1, "a": 2}', 'the key "a" stands twice'),
        (b'[{"b": {"c": 0, "c": 0}}]', 'the key "c" stands twice'),
        (b"[NaN]", "NaN is no number"),
        (b"[-Infinity]", "-Infinity is no number"),
        (b"", "not JSON: Expecting value at line 1, column 1"),
        (b"{", "not JSON"),
        (b'"\\', "not JSON"),
        (b'{"a": "b', "not JSON: Unterminated string"),
        (b"\xff\xfe{}", "not UTF-8: byte 0 is 0xff"),
        (b"[1 2]", "at line 1, column 4"),
    ],
)
def test_what_is_no_strict_json_is_refused(text: bytes, why: str) -> None:
    """With the reason and the place."""
    with pytest.raises(Malformed) as caught:
        read(text)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"[" * (MOST_LEVELS + 1) + b"]" * (MOST_LEVELS + 1), "deeper than 200"),
        (b"[" * 5_000_000, "more than 300,000 values"),
        (b'{"a":' * 201 + b"0" + b"}" * 201, "deeper than 200"),
        (b"[" + b"0," * MOST_VALUES + b"0]", "more than 300,000 values"),
        (b"[" + b'"a",' * (MOST_VALUES + 1) + b"0]", "more than 300,000 values"),
        (b"[" + b"9" * 401 + b"]", "a number of 401 characters"),
        (b"[" + b"9" * 5_000_000 + b"]", "a number of 5000000 characters"),
        (b"[0." + b"9" * 401 + b"]", "a number of 403 characters"),
    ],
)
def test_what_is_too_much_is_refused(text: bytes, why: str) -> None:
    """Before it is built."""
    with pytest.raises(TooMuch, match=why):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        b"[" * MOST_LEVELS + b"]" * MOST_LEVELS,
        json.dumps({"body": "[[[" * 1_000 + '\\"' * 100 + "{{{"}).encode(),
        json.dumps(['"', "\\", '\\"', "[", "]", '"]']).encode(),
        b'\xef\xbb\xbf{"a": 1}',
    ],
)
def test_what_is_within_bounds_is_read(text: bytes) -> None:
    """Brackets and quotes in texts do not count; a byte order mark is passed over."""
    assert read(text) == json.loads(text.decode("utf-8-sig"))


@pytest.mark.parametrize("value", [{1: 2}, {"a": object()}, [float("nan")], {"a": b"bytes"}, float("inf")])
def test_what_is_no_json_is_not_written(value: Any) -> None:
    """A TypeError that shows it."""
    with pytest.raises(TypeError):
        pretty(value)


def test_what_nests_too_deep_is_not_written() -> None:
    """It could not be read again."""
    deep: Any = 0
    for _ in range(MOST_LEVELS):
        deep = [[deep], ""]
    with pytest.raises(TooMuch):
        compact(deep)
    with pytest.raises(TooMuch):
        pretty(deep)


def test_a_stack_that_is_nearly_full_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads from deep within gets the same error."""

    def overflow(*_arguments: Any, **_named: Any) -> None:
        raise RecursionError

    monkeypatch.setattr(json, "loads", overflow)
    with pytest.raises(TooMuch, match="nests deeper"):
        read(b"[]")
