"""Paths into JSON values: one spelling, read and written."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.paths import ABSENT, EVERY, parse_path, path_text, with_override

SPELLINGS = [
    ((), "event"),
    (("Records", 0, "body"), "Records[0].body"),
    (("records", "my.topic-0", 12), 'records["my.topic-0"][12]'),
    (("a", 'b"c', "é"), 'a["b\\"c"]["é"]'),
    (("$timestamp", "t-1"), "$timestamp.t-1"),
    (("",), '[""]'),
]


@pytest.mark.parametrize(("path", "text"), SPELLINGS)
def test_a_path_is_spelled(path: tuple[Any, ...], text: str) -> None:
    """Keys with dots, places in brackets, other keys in quotes."""
    assert path_text(path) == text
    if path:
        assert parse_path(text) == path


@given(st.lists(st.text(max_size=4) | st.integers(0, 99), min_size=1, max_size=5).map(tuple))
def test_whatever_is_spelled_is_read_again(path: tuple[Any, ...]) -> None:
    """No key is too strange."""
    assert parse_path(path_text(path)) == path


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "empty"),
        (".a", "not a path"),
        ("a..b", "after 'a'"),
        ("a[b]", "after 'a'"),
        ("a[0", "after 'a'"),
        ("a b", "after 'a'"),
        ('a["\\q"]', "no JSON string"),
        (f"a[{'9' * 5_000}]", "after 'a'"),
        (5, "that is a text"),
    ],
)
def test_what_is_no_path_is_refused(text: Any, where: str) -> None:
    """With the place where it goes wrong."""
    with pytest.raises(UsageError, match=where):
        parse_path(text)


TREE = {"Records": [{"body": "a", "n": 1}, {"body": "b", "n": 2}], "map": {"x.y": [1], "z": [2]}}


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("Records[0].body", "c", {**TREE, "Records": [{"body": "c", "n": 1}, {"body": "b", "n": 2}]}),
        ("Records[*].n", 0, {**TREE, "Records": [{"body": "a", "n": 0}, {"body": "b", "n": 0}]}),
        (
            "Records[*].new",
            {},
            {**TREE, "Records": [{"body": "a", "n": 1, "new": {}}, {"body": "b", "n": 2, "new": {}}]},
        ),
        ("Records[1].n", ABSENT, {**TREE, "Records": [{"body": "a", "n": 1}, {"body": "b"}]}),
        ("Records[1].none", ABSENT, TREE),
        ('map["x.y"][0]', 5, {**TREE, "map": {"x.y": [5], "z": [2]}}),
        ("map[*][*]", 7, {**TREE, "map": {"x.y": [7], "z": [7]}}),
        ("map[*]", ABSENT, {**TREE, "map": {}}),
    ],
)
def test_an_override_is_put_at_its_path(text: str, value: Any, expected: Any) -> None:
    """One place, every element, a new key, a key left out."""
    tree = copy.deepcopy(TREE)
    with_override(tree, text, value)
    assert tree == expected


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        ("Records[2].body", 1, "Records has 2 elements"),
        ("Record[0].body", 1, "no 'Record' in event, which has Records, map"),
        ("Records.body", 1, "Records is a list"),
        ("Records[0].body.x", 1, "is neither"),
        ("map[0]", 1, "map is an object"),
        ("Records[0]", ABSENT, "cannot be left out"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(text: str, value: Any, why: str) -> None:
    """It says what there is instead."""
    with pytest.raises(UsageError, match=why):
        with_override(copy.deepcopy(TREE), text, value)


def test_the_markers_say_what_they_are() -> None:
    """In a failure's output."""
    assert repr(ABSENT) == "ABSENT"
    assert parse_path("a[*]") == ("a", EVERY)
