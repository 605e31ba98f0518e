"""Explanations: which clause held or failed, and on what."""

from __future__ import annotations

import pytest

from pytest_lambda_events.filtering.explaining import Clause
from pytest_lambda_events.filtering.pattern import compile_pattern


def explained(pattern, record) -> list[str]:
    """The lines of an explanation."""
    return str(compile_pattern(pattern).explain(record)).splitlines()


def test_a_match_is_explained():
    """Each clause with what it found."""
    assert explained(
        {"body": {"kind": ["order", "refund"], "price": [{"numeric": [">", 10]}]}},
        {"body": {"kind": "order", "price": 30}},
    ) == [
        "the record matches",
        '  body.kind: holds, expected "order" or "refund", found "order"',
        "  body.price: holds, expected a number > 10 (within ±5e9), found 30",
    ]


def test_each_failed_clause_is_explained():
    """Also the second one."""
    assert explained({"a": ["x"], "b": [{"prefix": "ü"}], "c": [None, 1.5]}, {"a": "y", "b": "größe", "c": None}) == [
        "the record does not match",
        '  a: FAILS, expected "x", found "y"',
        '  b: FAILS, expected a string that starts with "ü", found "größe"',
        "  c: holds, expected null or 1.5, found null",
    ]


EXPECTED = {
    'a string that ends with "a"': {"suffix": "a"},
    'a string that starts with "a" in any case': {"prefix": {"equals-ignore-case": "a"}},
    'a string that ends with "a" in any case': {"suffix": {"equals-ignore-case": "a"}},
    '"a" in any case': {"equals-ignore-case": "a"},
    'a string like "a*"': {"wildcard": "a*"},
    'anything but "a"': {"anything-but": "a"},
    "anything but 1 or 2": {"anything-but": [1, 2]},
    'anything but a string that starts with "a" or "b"': {"anything-but": {"prefix": ["a", "b"]}},
    'anything but a string that ends with "a"': {"anything-but": {"suffix": "a"}},
    'anything but a string like "a*"': {"anything-but": {"wildcard": "a*"}},
    'anything but "a" in any case': {"anything-but": {"equals-ignore-case": "a"}},
    "a number >= 1 and < 2.5 (within ±5e9)": {"numeric": [">=", 1, "<", 2.5]},
    "a value, whatever it is": {"exists": True},
    "no value": {"exists": False},
    "an address in 10.0.0.0/8": {"cidr": "10.0.0.0/8"},
    "300.0": 300.0,
    "true": True,
}


@pytest.mark.parametrize(("words", "rule"), EXPECTED.items())
def test_operators_are_put_in_words(words, rule):
    """What is expected can be read without knowing the operator."""
    (clause,) = compile_pattern({"k": [rule]}).explain({}).clauses

    assert clause.expected == words


FOUND = {
    "nothing is there": ({"a": {"b": [1]}}, {"a": {}}, "nothing"),
    "not even the parent is there": ({"a": {"b": [1]}}, {}, "nothing"),
    "a value stands in the place of the parent": ({"a": {"b": [1]}}, {"a": 1}, "nothing"),
    "an object": ({"a": [1]}, {"a": {"b": 1}}, "an object, which is no value"),
    "an empty array": ({"a": [1]}, {"a": []}, "an array without values"),
    "an array of objects": ({"a": [1]}, {"a": [{"b": 1}]}, "an array without values"),
    "no object at all": ({"a": [1]}, [1], "nothing: the record is no JSON object"),
    "values of an array": ({"a": [1]}, {"a": [True, "1", None]}, '"1", null, true'),
    "each value once": ({"a": [1]}, {"a": [2, [2, 3]]}, "2, 3"),
    "many values": ({"a": ["x"]}, {"a": list(range(9))}, "0, 1, 2, 3, 4, 4 more"),
    "a long value": ({"a": ["x"]}, {"a": "y" * 1_000}, '"' + "y" * 79),
    "a key with a dot": ({"a": {"b": [1]}}, {"a.b": 2}, "2"),
}


@pytest.mark.parametrize(("pattern", "record", "words"), FOUND.values(), ids=FOUND)
def test_what_was_found_is_put_in_words(pattern, record, words):
    """The values, or what is there instead of one."""
    assert explained(pattern, record)[1].endswith(f"found {words}")


def test_conditions_that_hold_in_different_objects_are_explained():
    """The value that is shown is the one of the object in which the earlier clause holds."""
    record = {"items": [{"sku": "A", "stock": 0}, {"sku": "B", "stock": 5}]}

    assert explained({"items": {"sku": ["A"], "stock": [5]}}, record) == [
        "the record does not match",
        '  items.sku: holds, expected "A", found "A", "B"',
        "  items.stock: FAILS, expected 5, found 0",
    ]


def test_each_alternative_is_explained():
    """With the clauses that it shares with the others."""
    pattern = {"kind": ["order"], "$or": [{"price": [1]}, {"vip": [True], "d": {"$or": [{"e": [1]}, {"f": [1]}]}}]}

    assert explained(pattern, {"kind": "order", "price": 2, "vip": True, "d": {"f": 1}}) == [
        "the record matches",
        "  $or[0]: FAILS",
        '    kind: holds, expected "order", found "order"',
        "    price: FAILS, expected 1, found 2",
        "  $or[1] and $or[1].d.$or[0]: FAILS",
        "    d.e: FAILS, expected 1, found nothing",
        '    kind: holds, expected "order", found "order"',
        "    vip: holds, expected true, found true",
        "  $or[1] and $or[1].d.$or[1]: holds",
        "    d.f: holds, expected 1, found 1",
        '    kind: holds, expected "order", found "order"',
        "    vip: holds, expected true, found true",
    ]


def test_a_flood_of_alternatives_is_cut():
    """Twenty are told, the others counted."""
    lines = explained({"$or": [{"a": [number]} for number in range(50)]}, {"a": 60})

    assert len(lines) == 1 + 20 * 2 + 1
    assert lines[-1] == "  and 30 more alternatives"


def test_an_explanation_is_data():
    """What the text says can be read from fields."""
    explanation = compile_pattern({"a": [1, 2], "$or": [{"b": [1]}, {"c": [1]}]}).explain({"a": 3, "b": 1})

    assert not explanation.matched
    assert explanation.clauses[:2] == (
        Clause(path="a", expected="1 or 2", found=(3,), passed=False, alternative="$or[0]", remark=""),
        Clause(path="b", expected="1", found=(1,), passed=True, alternative="$or[0]", remark=""),
    )
    assert len(explanation.clauses) == 4
