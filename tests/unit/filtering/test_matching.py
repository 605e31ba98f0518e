"""How conditions work together: paths, arrays, `$or`."""

from __future__ import annotations

import json
from collections import OrderedDict
from types import MappingProxyType

import pytest

from pytest_lambda_events.filtering.pattern import compile_pattern

EMPLOYEES = {
    "employees": [
        {"first": "John", "last": "Doe", "ids": [1234, 1000, 9999]},
        {"first": "Anna", "last": "Smith"},
        {"first": "Peter", "last": "Jones", "ids": []},
    ]
}
NESTED = {"employees": [EMPLOYEES["employees"][:2], EMPLOYEES["employees"][2:]]}
SONGS = {
    "songs": [
        {"name": "Norwegian Wood", "writers": [{"first": "John", "last": "Lennon"}, {"first": "Paul", "last": "M"}]},
        {"name": "Paint It Black", "writers": [{"first": "Keith", "last": "R"}, {"first": "Mick", "last": "J"}]},
    ]
}

# what is shown: pattern, record, whether it matches
CASES = {
    # keys and values
    "all keys must match": ({"a": [1], "b": [2]}, {"a": 1, "b": 3}, False),
    "and then they do": ({"a": [1], "b": [2]}, {"a": 1, "b": 2}, True),
    "any value of an array will do": ({"a": [1, "x", None]}, {"a": "x"}, True),
    "an operator beside a value": ({"a": ["x", {"numeric": [">", 5]}]}, {"a": 6}, True),
    "keys that the pattern does not name are ignored": ({"a": [1]}, {"a": 1, "b": {"a": 2}}, True),
    "keys are case-sensitive": ({"a": [1]}, {"A": 1}, False),
    "nested keys": ({"a": {"b": {"c": [1]}}}, {"a": {"b": {"c": 1}}}, True),
    "a value where the pattern goes deeper": ({"a": {"b": [1]}}, {"a": 1}, False),
    "an object where the pattern ends": ({"a": [1]}, {"a": {"b": 1}}, False),
    "null is not a missing key": ({"a": [None]}, {}, False),
    "a missing key is not null": ({"a": [{"exists": True}]}, {"a": None}, True),
    "the empty key": ({"": {"": [1]}}, {"": {"": 1}}, True),
    # DynamoDB
    "a number of DynamoDB is a string": (
        {"dynamodb": {"N": [{"numeric": [">", 100]}]}},
        {"dynamodb": {"N": "101"}},
        False,
    ),
    "and matches as one": ({"dynamodb": {"N": ["101"]}}, {"dynamodb": {"N": "101"}}, True),
    "an attribute is no leaf": ({"dynamodb": {"k": [{"exists": True}]}}, {"dynamodb": {"k": {"S": "x"}}}, False),
    # absence
    "absence of the parent": ({"a": {"b": {"c": [{"exists": False}]}}}, {"x": 1}, True),
    "absence under a value": ({"a": {"b": [{"exists": False}]}}, {"a": 1}, True),
    "absence beside a value": ({"a": {"b": [{"exists": False}], "c": [1]}}, {"a": {"c": 1}}, True),
    "a value or absence, with another value": ({"a": ["x", {"exists": False}]}, {"a": "y"}, False),
    "a value or absence, with the value": ({"a": ["x", {"exists": False}]}, {"a": "x"}, True),
    "a value or absence, with neither": ({"a": {"S": [{"anything-but": ["r"]}, {"exists": False}]}}, {"b": 1}, True),
    "an object below which all may be absent": ({"a": {"b": ["x", {"exists": False}]}}, {"a": {}}, True),
    "an object below which not all may be": ({"a": {"b": [{"exists": False}], "c": ["x"]}}, {}, False),
    # arrays of values
    "any element of an array": ({"a": [2]}, {"a": [1, 2, 3]}, True),
    "no element of an array": ({"a": [4]}, {"a": [1, 2, 3]}, False),
    "one element that is different is enough": ({"a": [{"anything-but": "x"}]}, {"a": ["x", "y"]}, True),
    "all elements are excluded": ({"a": [{"anything-but": "x"}]}, {"a": ["x", "x"]}, False),
    "an empty array has no element": ({"a": [{"anything-but": "x"}]}, {"a": []}, False),
    "an empty array is not null": ({"a": [None]}, {"a": []}, False),
    "an empty array does not exist": ({"a": [{"exists": True}]}, {"a": []}, False),
    "an empty array is absent": ({"a": [{"exists": False}]}, {"a": []}, True),
    "arrays of arrays": ({"a": [3]}, {"a": [[1], [2, [3]]]}, True),
    "arrays of arrays without it": ({"a": [4]}, {"a": [[1], [2, [3]]]}, False),
    "arrays of empty arrays": ({"a": [{"exists": False}]}, {"a": [[], [[]]]}, True),
    "arrays of a value and an array": ({"a": [{"exists": False}]}, {"a": [[], [[1]]]}, False),
    "values beside objects": ({"a": [1]}, {"a": [{"a": 2}, 1]}, True),
    "conditions on values of one array are independent": (
        {"a": [1], "$or": [{"a": [2]}, {"b": [1]}]},
        {"a": [1, 2]},
        True,
    ),
    # arrays of objects
    "any object of an array": ({"employees": {"first": ["Anna"]}}, EMPLOYEES, True),
    "no object of an array": ({"employees": {"first": ["Alice"]}}, EMPLOYEES, False),
    "both in one object": ({"employees": {"first": ["Anna"], "last": ["Smith"]}}, EMPLOYEES, True),
    "not in one object": ({"employees": {"first": ["Anna"], "last": ["Jones"]}}, EMPLOYEES, False),
    "a value of an array in it": ({"employees": {"first": ["John"], "ids": [1000]}}, EMPLOYEES, True),
    "another's value": ({"employees": {"first": ["Anna"], "ids": [1000]}}, EMPLOYEES, False),
    "absent in this one": ({"employees": {"first": ["Anna"], "ids": [{"exists": False}]}}, EMPLOYEES, True),
    "absent in one, named before": ({"employees": {"aid": [{"exists": False}], "first": ["Anna"]}}, EMPLOYEES, True),
    "empty in this one": ({"employees": {"last": ["Jones"], "ids": [{"exists": False}]}}, EMPLOYEES, True),
    "present in this one": ({"employees": {"first": ["John"], "ids": [{"exists": False}]}}, EMPLOYEES, False),
    "absent in all": ({"employees": {"age": [{"exists": False}]}}, EMPLOYEES, True),
    "absent in some, and none chosen": ({"employees": {"ids": [{"exists": False}]}}, EMPLOYEES, False),
    "objects in arrays of arrays": ({"employees": {"first": ["Anna"], "last": ["Smith"]}}, NESTED, True),
    "not in one of arrays of arrays": ({"employees": {"first": ["Anna"], "last": ["Jones"]}}, NESTED, False),
    "not in one, though in one inner array": ({"employees": {"first": ["Anna"], "last": ["Doe"]}}, NESTED, False),
    "arrays in arrays": (
        {"songs": {"name": ["Norwegian Wood"], "writers": {"first": ["Paul"], "last": ["M"]}}},
        SONGS,
        True,
    ),
    "another song's writer": ({"songs": {"name": ["Norwegian Wood"], "writers": {"first": ["Mick"]}}}, SONGS, False),
    "half of each writer": ({"songs": {"writers": {"first": ["John"], "last": ["M"]}}}, SONGS, False),
    "two arrays are independent": (
        {"x": {"a": [1]}, "y": {"a": [2]}},
        {"x": [{"a": 0}, {"a": 1}], "y": [{"a": 2}, {"a": 0}]},
        True,
    ),
    "an array above a $or": (
        {"x": {"a": [1], "$or": [{"b": [1]}, {"c": [1]}]}},
        {"x": [{"a": 1, "b": 0, "c": 0}, {"a": 0, "b": 1, "c": 1}]},
        False,
    ),
    "an array inside and outside of a $or": (
        {"x": {"a": [1]}, "$or": [{"x": {"b": [1]}}, {"x": {"c": [1]}}]},
        {"x": [{"a": 1, "b": 0, "c": 0}, {"a": 0, "b": 1, "c": 1}]},
        False,
    ),
    "the same object inside and outside of a $or": (
        {"x": {"a": [1]}, "$or": [{"x": {"b": [1]}}, {"x": {"c": [1]}}]},
        {"x": [{"a": 0, "b": 0, "c": 0}, {"a": 1, "b": 0, "c": 1}]},
        True,
    ),
    "a value of an array fits to any of its objects": (
        {"x": [7], "$or": [{"x": {"a": [1]}}, {"y": [0]}]},
        {"x": [{"a": 0}, 7, {"a": 1}]},
        True,
    ),
    "a value of an inner array only to objects beside it": (
        {"x": [7], "$or": [{"x": {"a": [1]}}, {"y": [0]}]},
        {"x": [[7], [{"a": 1}]]},
        False,
    ),
    # $or
    "the first of $or": ({"$or": [{"a": [1]}, {"b": [2]}]}, {"a": 1}, True),
    "the second of $or": ({"$or": [{"a": [1]}, {"b": [2]}]}, {"b": 2}, True),
    "neither of $or": ({"$or": [{"a": [1]}, {"b": [2]}]}, {"a": 2, "b": 1}, False),
    "$or beside a key, without the key": ({"k": [0], "$or": [{"a": [1]}, {"b": [2]}]}, {"a": 1, "b": 2}, False),
    "$or beside a key": ({"k": [0], "$or": [{"a": [1]}, {"b": [2]}]}, {"k": 0, "b": 2}, True),
    "keys in an alternative of $or are all needed": (
        {"$or": [{"a": [1], "b": [2]}, {"c": [3]}]},
        {"a": 1, "b": 3},
        False,
    ),
    "$or below a key": ({"d": {"$or": [{"a": [1]}, {"b": [2]}]}}, {"d": {"b": 2}}, True),
    "$or in $or": ({"$or": [{"a": [1]}, {"b": [2], "$or": [{"c": [3]}, {"d": [4]}]}]}, {"b": 2, "d": 4}, True),
    "$or in $or, without the outer key": (
        {"$or": [{"a": [1]}, {"b": [2], "$or": [{"c": [3]}, {"d": [4]}]}]},
        {"d": 4},
        False,
    ),
    "two $or": (
        {"$or": [{"a": [1]}, {"b": [2]}], "d": {"$or": [{"a": [1]}, {"b": [2]}]}},
        {"b": 2, "d": {"a": 1}},
        True,
    ),
    "one of two $or": ({"$or": [{"a": [1]}, {"b": [2]}], "d": {"$or": [{"a": [1]}, {"b": [2]}]}}, {"b": 2}, False),
    "a path inside and outside of $or: both count": (
        {"a": [{"numeric": [">", 0]}], "$or": [{"a": [{"numeric": ["<", 5]}]}, {"b": [1]}]},
        {"a": -1},
        False,
    ),
    "operators' names are keys outside of $or": ({"prefix": {"exists": ["x"]}}, {"prefix": {"exists": "x"}}, True),
    # dots
    "a dot in the pattern is a step": ({"a.b": [1]}, {"a": {"b": 1}}, True),
    "a dot in the record is a step": ({"a": {"b": [1]}}, {"a.b": 1}, True),
    "steps are counted": ({"a.b": {"b": [1]}}, {"a": {"b": 1}}, False),
    "and not forgotten": ({"a": {"b": [1]}}, {"a.b": {"b": 1}}, False),
    "dots on one side in the middle": ({"a": {"b": {"c": {"d": [1]}}}}, {"a": {"b.c": {"d": 1}}}, True),
    "both spellings in one record": ({"a": {"b": [2]}}, {"a": {"b": 1}, "a.b": 2}, True),
    "a dotted key with another value": ({"a": {"b": [{"exists": False}]}}, {"a": {}, "a.b": 2}, False),
    "a dotted key deeper": ({"a": {"b": {"c": [1]}}}, {"a": {"b.c": 1}}, True),
    "an array below a dotted key": ({"a": {"b": {"c": [1], "d": [2]}}}, {"a.b": [{"c": 1, "d": 2}]}, True),
    "a leaf and a deeper one": ({"a": [1], "a.b": [2]}, {"a": [1, {"b": 2}]}, True),
    "a leaf and a deeper one that is not there": ({"a": [1], "a.b": [{"exists": False}]}, {"a": 1}, True),
    "a leaf and a deeper one that is missing": ({"a": [1], "a.b": [2]}, {"a": 1}, False),
}


@pytest.mark.parametrize(("pattern", "record", "expected"), CASES.values(), ids=CASES)
def test_a_record_matches_by_the_rules(pattern, record, expected):
    """Each rule of EventBridge's patterns, as documented or recorded."""
    assert compile_pattern(pattern).matches(record) == expected


@pytest.mark.parametrize(("pattern", "record", "expected"), CASES.values(), ids=CASES)
def test_a_pattern_is_the_same_as_text(pattern, record, expected):
    """As text, as bytes or as an object."""
    text = json.dumps(pattern)

    assert compile_pattern(text).matches(record) == expected
    assert compile_pattern(text.encode()).matches(record) == expected


@pytest.mark.parametrize(("pattern", "record", "expected"), CASES.values(), ids=CASES)
def test_an_explanation_says_what_the_match_says(pattern, record, expected):
    """They cannot differ, and a match has no failed clause in one of its alternatives."""
    assert compile_pattern(pattern).explain(record).matched == expected


def test_of_a_repeated_key_the_last_counts():
    """As recorded on AWS."""
    pattern = compile_pattern('{"a": [1], "a": [2]}')

    assert [pattern.matches({"a": 1}), pattern.matches({"a": 2})] == [False, True]


@pytest.mark.parametrize("record", [None, 1, "x", True, [], [{"a": 1}], ()])
@pytest.mark.parametrize("pattern", [{"a": [1]}, {"a": [{"exists": False}]}])
def test_only_an_object_can_match(pattern, record):
    """Events are objects; nothing is found, nor found absent, in anything else."""
    assert not compile_pattern(pattern).matches(record)
    assert not compile_pattern(pattern).explain(record).matched


def test_types_that_are_as_good_as_jsons_match():
    """A subclass of dict, list, str or int is its JSON type."""

    class Text(str):
        __slots__ = ()

    class Many(list):
        pass

    class Number(int):
        pass

    pattern = compile_pattern({"a": {"b": [1], "c": ["x"]}, "d": ["x"]})

    assert pattern.matches(OrderedDict(a=OrderedDict(b=Number(1), c=Text("x")), d=Many([Text("x")])))


def test_a_pattern_may_be_made_of_what_is_as_good_as_json():
    """Any mapping, and tuples for arrays."""
    pattern = compile_pattern(MappingProxyType({"a": OrderedDict(b=(1, 2)), 3: ["x"]}))

    assert pattern.matches({"a": {"b": 2}, "3": "x"})


def test_the_same_array_in_two_places_is_two_arrays():
    """What a record holds twice is chosen from twice."""
    shared = [{"a": 1}, {"a": 2}]

    assert compile_pattern({"x": {"a": [1]}, "y": {"a": [2]}}).matches({"x": shared, "y": shared})


def test_independent_arrays_are_not_multiplied():
    """Twelve arrays of thirty objects that all fit, and a condition that fails: 30^12 combinations are not tried."""
    names = [f"k{number:02}" for number in range(12)]
    pattern = compile_pattern({name: {"a": [1], "b": [{"exists": False}]} for name in names} | {"z": {"a": [1]}})
    record = {name: [{"a": 1}] * 30 for name in names}

    assert not pattern.matches(record | {"z": [{"a": 0}] * 30})
    assert pattern.matches(record | {"z": [{"a": 0}] * 30 + [{"a": 1}]})


def test_a_long_array_is_not_compared_with_itself():
    """Of ten thousand objects each is looked at once for each condition."""
    looked_at = []

    class Watched(dict):
        def __getitem__(self, key):
            looked_at.append(key)
            return super().__getitem__(key)

    record = {"x": [Watched(a=1, b=number) for number in range(2_000)]}

    assert compile_pattern({"x": {"a": [1], "b": [1_999]}}).matches(record)
    assert len(looked_at) == 4_000


def test_deep_arrays_are_walked():
    """As deep as a record may be nested."""
    value = 1
    for _ in range(5_000):
        value = [value]

    assert compile_pattern({"a": [1]}).matches({"a": value})
    assert not compile_pattern({"a": [2]}).matches({"a": value})


def test_only_keys_that_the_pattern_names_are_touched():
    """What else is in the record is neither looked up nor counted."""
    asked = []

    class Watched(dict):
        def get(self, key, default=None):
            asked.append(key)
            return super().get(key, default)

        def __iter__(self):
            raise AssertionError("the record was looked through")

        keys = items = values = __iter__

    record = Watched(a=Watched({"b": 1, "x": 0}), c=2, y=0)

    assert compile_pattern({"c": [2], "d": [{"exists": False}]}).matches(record)
    assert asked == ["c", "d"]


def test_parts_of_a_pattern_can_be_left_out():
    """Without its conditions on a key a pattern asks for the rest, and for nothing when nothing is left."""
    pattern = compile_pattern({"value": {"a": [1]}, "valued": [2], "key": ["k"]})

    assert [pattern.kind_of(name) for name in ("value", "key", "offset")] == ["object", "array", "none"]
    assert pattern.without(()).matches({"value": {"a": 1}, "valued": 2, "key": "k"})
    assert pattern.without(("value",)).matches({"valued": 2, "key": "k"})
    assert not pattern.without(("value",)).matches({"valued": 2, "key": "x"})
    assert pattern.without(("value", "key", "valued")).matches({})


def test_alternatives_are_patterns():
    """One for each choice of `$or`."""
    pattern = compile_pattern({"k": [0], "$or": [{"a": [1]}, {"a": {"b": [1]}}]})

    assert [one.kind_of("a") for one in pattern.alternatives] == ["array", "object"]
    assert [one.matches({"k": 0, "a": 1}) for one in pattern.alternatives] == [True, False]
    assert pattern.kind_of("a") == "object"
