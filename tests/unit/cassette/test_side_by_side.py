"""What differs, for people: golden pages, and what counts as the same."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.cassette.json_text import read
from pytest_lambda_events.cassette.model import Failure, Returned
from pytest_lambda_events.cassette.side_by_side import (
    changes,
    outcome_changes,
    outcome_text,
    same_json,
    same_outcome,
    side_by_side,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        (read("1.0"), 1, True),
        (read("1.50E1"), 15.0, True),
        (1, True, False),
        (0, False, False),
        (None, False, False),
        (None, "", False),
        ([1, 2], [2, 1], False),
        ([1], [1, None], False),
        ({"a": None}, {}, False),
        ({}, [], False),
        ("1", 1, False),
        ({"a": [1]}, {"a": {"0": 1}}, False),
    ],
)
def test_json_is_compared_as_json(one: Any, other: Any, same: bool) -> None:
    """Whatever the order of keys and the spelling of numbers; types count."""
    assert same_json(one, other) is same
    assert same_json(other, one) is same


@given(JSON, JSON)
def test_what_is_the_same_has_no_changes(one: Any, other: Any) -> None:
    """A value is the same as itself, and two values are the same when no path differs."""
    assert same_json(one, one)
    assert same_json(one, other) == (changes(one, other) == [])


def test_changes_name_the_path() -> None:
    """And both values; what is missing on one side is said to be."""
    recorded = {"batchItemFailures": [{"itemIdentifier": "a"}], "took": 3}
    now = {"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "c"}]}
    assert changes(recorded, now) == [
        'batchItemFailures[0].itemIdentifier: recorded "a", now "b"',
        'batchItemFailures[1]: recorded no such key, now {"itemIdentifier": "c"}',
        "took: recorded 3, now no such key",
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Returned(None), Returned(None), True),
        (Returned(None), Returned({}), False),
        (Returned(None), Failure(type="ValueError"), False),
        (Failure(type="ValueError"), Returned(None), False),
        (Failure(type="ValueError", message="x"), Failure(type="ValueError", message="x"), True),
        (Failure(type="ValueError", message="x"), Failure(type="ValueError", message="y"), False),
        (Failure(type="ValueError", message="x"), Failure(type="KeyError", message="x"), False),
    ],
)
def test_outcomes(one: Any, other: Any, same: bool) -> None:
    """The same JSON, or the same class and message."""
    assert same_outcome(one, other) is same
    assert (outcome_changes(one, other) == "") is same


def test_an_outcome_in_words() -> None:
    """Nothing recorded is an outcome of its own."""
    assert outcome_text(None) == "nothing was recorded"
    assert outcome_text(Returned([])) == "returned\n[]"
    assert outcome_text(Failure(type="ValueError")) == "raised ValueError"


def page(text: str) -> str:
    """A page as it is written here: without the blanks in front."""
    return dedent(text).strip("\n")


def test_a_changed_answer_side_by_side() -> None:
    """Golden: paths first, then both columns, with a mark where a line is another."""
    recorded = Returned({"batchItemFailures": [{"itemIdentifier": "a-1"}], "region": "eu"})
    now = Returned({"batchItemFailures": [{"itemIdentifier": "a-2"}, {"itemIdentifier": "b"}], "region": "eu"})
    assert outcome_changes(recorded, now) == page(
        """
        batchItemFailures[0].itemIdentifier: recorded "a-1", now "a-2"
        batchItemFailures[1]: recorded no such key, now {"itemIdentifier": "b"}
        recorded                                           now
        -------------------------------------------------+-------------------------------------------------
        returned                                           returned
        {                                                  {
          "batchItemFailures": [                             "batchItemFailures": [
            {                                                  {
              "itemIdentifier": "a-1"                    |       "itemIdentifier": "a-2"
                                                         >     },
                                                         >     {
                                                         >       "itemIdentifier": "b"
            }                                                  }
          ],                                                 ],
          "region": "eu"                                     "region": "eu"
        }                                                  }
        """
    )


def test_an_error_in_the_place_of_an_answer() -> None:
    """Golden: what was only recorded has `<`."""
    now = Failure(type="KeyError", message="'amount'")
    assert outcome_changes(Returned({"ok": True}), now) == page(
        """
        recorded                                           now
        -------------------------------------------------+-------------------------------------------------
        returned                                         | raised KeyError
        {                                                | 'amount'
          "ok": true                                     <
        }                                                <
        """
    )


def test_long_lines_begin_shortly_before_their_difference() -> None:
    """Both are cut at the same place, and say so."""
    one, other = "x" * 200 + "one" + "y" * 100, "x" * 200 + "two" + "y" * 100
    text = side_by_side(one, other, width=43).splitlines()[-1]
    assert text == "...xxxxxxoneyyyyy... | ...xxxxxxtwoyyyyy..."
    seen = "x" * 12 + "one" + "y" * 50, "x" * 12 + "two" + "y" * 50
    assert side_by_side(*seen, width=43).splitlines()[-1] == "xxxxxxxxxxxxoneyy... | xxxxxxxxxxxxtwoyy..."


def test_long_equal_stretches_are_folded() -> None:
    """Three lines around each difference are enough."""
    left = [f"line {number}" for number in range(30)]
    right = [*left[:10], "another", *left[11:]]
    lines = side_by_side("\n".join(left), "\n".join(right)).splitlines()[2:]
    assert [line.split("  ")[0] for line in lines] == [
        "... 7 equal lines",
        "line 7",
        "line 8",
        "line 9",
        "line 10",
        "line 11",
        "line 12",
        "line 13",
        "... 16 equal lines",
    ]
    assert "|" in lines[4]


def test_a_page_is_bounded() -> None:
    """However much differs; and so are the paths above it."""
    one, other = ({str(number): number + more for number in range(200)} for more in (0, 1))
    lines = outcome_changes(Returned(one), Returned(other)).splitlines()
    assert len(lines) < 80
    assert lines[8] == "and 192 more"
    assert side_by_side("\n".join("a" * 200), "\n".join("b" * 200)).splitlines()[-1] == "... and 140 more lines"
