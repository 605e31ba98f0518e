"""What AWS does not take as a pattern is refused, with the place and the reason."""

from __future__ import annotations

import json

import pytest

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.filtering.operators import OPERATORS
from pytest_lambda_events.filtering.pattern import InvalidPattern, compile_pattern
from pytest_lambda_events.filtering.reading import MAX_CHARACTERS


def nested(depth: int) -> dict:
    """A pattern so deep."""
    pattern: object = [1]
    for _ in range(depth):
        pattern = {"a": pattern}
    return pattern


def choices(depth: int) -> dict:
    """`$or` in `$or`, so deep."""
    pattern: dict = {"a": [1]}
    for _ in range(depth):
        pattern = {"$or": [pattern, {"b": [1]}]}
    return pattern


itself: dict = {}
itself["a"] = itself
PAIR = [{"a": [1]}, {"b": [1]}]

# pattern, the place, what the reason says
INVALID = {
    "not JSON": ("{", "", "not JSON"),
    "empty text": ("", "", "not JSON"),
    "a word": ("order", "", "not JSON"),
    "single quotes": ("{'a': [1]}", "", "not JSON"),
    "a byte order mark": ("\ufeff" + '{"a": [1]}', "", "not JSON"),
    "not UTF-8": (b'{"a": ["\xff"]}', "", "not UTF-8"),
    "UTF-16": ('{"a": [1]}'.encode("utf-16"), "", "not UTF-8"),
    "NaN": ('{"a": [NaN]}', "", "NaN is no JSON number"),
    "Infinity": ('{"a": [-Infinity]}', "", "-Infinity is no JSON number"),
    "too large a number": ('{"a": [1e999]}', "a[0]", "inf is no JSON number"),
    "NaN in an object": ({"a": [float("nan")]}, "", "NaN is no JSON number"),
    "null": ("null", "", "a JSON object, not null"),
    "a string": ('"a"', "", "a JSON object, not a string"),
    "a number": ("1", "", "a JSON object, not a number"),
    "a boolean": ("true", "", "a JSON object, not a boolean"),
    "an array": ('[{"a": [1]}]', "", "a JSON object, not an array"),
    "None": (None, "", "a JSON object, not null"),
    "something of Python's": ({"a": [{1}]}, "", "cannot be written as JSON"),
    "a pattern in itself": (itself, "", "cannot be written as JSON"),
    "keys that are no strings": ({(1, 2): [1]}, "", "cannot be written as JSON"),
    "a set": ({"a"}, "", "cannot be written as JSON"),
    "a list": ([{"a": [1]}], "", "a JSON object, not an array"),
    "an empty pattern": ("{}", "", "the object is empty"),
    "an empty object": ('{"a": {"b": {}}}', "a.b", "the object is empty"),
    "a string at the end": ('{"a": "x"}', "a", "an array of what is expected there, such as [1, 2], not a string"),
    "a number at the end": ('{"a": {"b": 1}}', "a.b", "not a number"),
    "null at the end": ('{"a": null}', "a", "not null"),
    "a boolean at the end": ('{"a": true}', "a", "not a boolean"),
    "an empty array": ('{"a": []}', "a", "the array is empty"),
    "an array in an array": ('{"a": [1, [2]]}', "a[1]", "not [2]"),
    "an operator without a name": ('{"a": [{}]}', "a[0]", "exactly one key, this has none"),
    "two operators in one": ('{"a": [{"prefix": "a", "suffix": "b"}]}', "a[0]", 'this has "prefix" or "suffix"'),
    "an unknown operator": ('{"a": [1, {"prefx": "a"}]}', "a[1]", 'no operator "prefx" here; did you mean prefix?'),
    "an operator in capitals": ('{"a": [{"NUMERIC": ["=", 5]}]}', "a[0]", "did you mean numeric?"),
    "an operator with an underscore": ('{"a": [{"anything_but": "x"}]}', "a[0]", "did you mean anything-but?"),
    "an operator like no other": ('{"a": [{"zzz": 1}]}', "a[0]", "it must be one of: prefix, suffix"),
    "a nested pattern in an array": ('{"a": [{"b": [1]}]}', "a[0]", 'no operator "b" here'),
    "$or in an array": ('{"a": [{"$or": [1, 2]}]}', "a[0]", 'no operator "$or" here'),
    "prefix of a number": ('{"a": [{"prefix": 1}]}', "a[0].prefix", "give a string, not 1"),
    "prefix of a list": ('{"a": [{"prefix": ["x"]}]}', "a[0].prefix", 'give a string, not ["x"]'),
    "prefix of null": ('{"a": [{"prefix": null}]}', "a[0].prefix", "give a string, not null"),
    "prefix with another operator": (
        '{"a": [{"prefix": {"suffix": "x"}}]}',
        "a[0].prefix",
        "it must be one of: equals-ignore-case",
    ),
    "prefix in any case of a number": (
        '{"a": [{"prefix": {"equals-ignore-case": 1}}]}',
        "a[0].prefix.equals-ignore-case",
        "give a string, not 1",
    ),
    "prefix with two operators": (
        '{"a": [{"prefix": {"equals-ignore-case": "x", "b": 1}}]}',
        "a[0].prefix",
        "exactly one key",
    ),
    "suffix of a number": ('{"a": [{"suffix": 1}]}', "a[0].suffix", "give a string, not 1"),
    "suffix of a list": ('{"a": [{"suffix": [".png"]}]}', "a[0].suffix", "give a string"),
    "suffix of an empty object": ('{"a": [{"suffix": {}}]}', "a[0].suffix", "exactly one key"),
    "equals-ignore-case of a list": (
        '{"a": [{"equals-ignore-case": ["x"]}]}',
        "a[0].equals-ignore-case",
        "give a string",
    ),
    "equals-ignore-case of an operator": (
        '{"a": [{"equals-ignore-case": {"prefix": "x"}}]}',
        "a[0].equals-ignore-case",
        "give a string",
    ),
    "wildcard of a number": ('{"a": [{"wildcard": 1}]}', "a[0].wildcard", "give a string"),
    "wildcard of a list": ('{"a": [{"wildcard": ["x*"]}]}', "a[0].wildcard", "give a string"),
    "wildcard with two stars": ('{"a": [{"wildcard": "x**y"}]}', "a[0].wildcard", "two * in a row"),
    "wildcard with an escape of something else": (
        r'{"a": [{"wildcard": "x\\y"}]}',
        "a[0].wildcard",
        'stands before "y"',
    ),
    "wildcard that ends in an escape": (r'{"a": [{"wildcard": "x\\"}]}', "a[0].wildcard", "stands before nothing"),
    "anything-but null": ('{"a": [{"anything-but": null}]}', "a[0].anything-but", "not null"),
    "anything-but a boolean": ('{"a": [{"anything-but": true}]}', "a[0].anything-but", "not true"),
    "anything-but nothing": ('{"a": [{"anything-but": []}]}', "a[0].anything-but", "the list is empty"),
    "anything-but a mixture": ('{"a": [{"anything-but": [1, "x"]}]}', "a[0].anything-but", "of numbers only"),
    "anything-but with null": ('{"a": [{"anything-but": ["x", null]}]}', "a[0].anything-but", "of strings only"),
    "anything-but a list in a list": ('{"a": [{"anything-but": [["x"]]}]}', "a[0].anything-but", "of strings only"),
    "anything-but a number beyond": (
        '{"a": [{"anything-but": 5000000001}]}',
        "a[0].anything-but",
        "beyond the numbers",
    ),
    "anything-but an unknown operator": (
        '{"a": [{"anything-but": {"numeric": ["=", 1]}}]}',
        "a[0].anything-but",
        "it must be one of: prefix, suffix, wildcard, equals-ignore-case",
    ),
    "anything-but two operators": (
        '{"a": [{"anything-but": {"prefix": "x", "suffix": "y"}}]}',
        "a[0].anything-but",
        "exactly one key",
    ),
    "anything-but an empty prefix": (
        '{"a": [{"anything-but": {"prefix": ""}}]}',
        "a[0].anything-but.prefix",
        "the empty prefix",
    ),
    "anything-but an empty suffix": (
        '{"a": [{"anything-but": {"suffix": ["x", ""]}}]}',
        "a[0].anything-but.suffix",
        "the empty suffix",
    ),
    "anything-but a prefix of a number": (
        '{"a": [{"anything-but": {"prefix": 1}}]}',
        "a[0].anything-but.prefix",
        "give a string",
    ),
    "anything-but prefixes and a number": (
        '{"a": [{"anything-but": {"prefix": ["x", 1]}}]}',
        "a[0].anything-but.prefix",
        "give a string",
    ),
    "anything-but no prefixes": (
        '{"a": [{"anything-but": {"prefix": []}}]}',
        "a[0].anything-but.prefix",
        "list is empty",
    ),
    "anything-but a prefix in any case": (
        '{"a": [{"anything-but": {"prefix": {"equals-ignore-case": "x"}}}]}',
        "a[0].anything-but.prefix",
        "give a string",
    ),
    "anything-but a bad wildcard": (
        '{"a": [{"anything-but": {"wildcard": ["x*", "y**"]}}]}',
        "a[0].anything-but.wildcard",
        "two * in a row",
    ),
    "anything-but a number in any case": (
        '{"a": [{"anything-but": {"equals-ignore-case": [123]}}]}',
        "a[0].anything-but.equals-ignore-case",
        "give a string",
    ),
    "numeric of a number": ('{"a": [{"numeric": 5}]}', "a[0].numeric", "give comparisons in a list"),
    "numeric of nothing": ('{"a": [{"numeric": []}]}', "a[0].numeric", "give comparisons in a list"),
    "numeric without a number": ('{"a": [{"numeric": [">", 0, "<"]}]}', "a[0].numeric", 'nothing follows "<"'),
    "numeric with a number first": ('{"a": [{"numeric": [5, ">"]}]}', "a[0].numeric", "5 is no comparison"),
    "numeric with an unknown comparison": ('{"a": [{"numeric": ["!=", 5]}]}', "a[0].numeric", '"!=" is no comparison'),
    "numeric with a list as comparison": ('{"a": [{"numeric": [[], 5]}]}', "a[0].numeric", "[] is no comparison"),
    "numeric with a string": ('{"a": [{"numeric": ["=", "5"]}]}', "a[0].numeric", '"=" needs a number, not "5"'),
    "numeric with a boolean": ('{"a": [{"numeric": ["=", true]}]}', "a[0].numeric", "needs a number, not true"),
    "numeric with two lower bounds": ('{"a": [{"numeric": [">", 0, ">", 1]}]}', "a[0].numeric", "is no range"),
    "numeric with the upper bound first": ('{"a": [{"numeric": ["<", 5, ">", 0]}]}', "a[0].numeric", "is no range"),
    "numeric with an equals in a range": ('{"a": [{"numeric": ["=", 0, "<", 5]}]}', "a[0].numeric", "is no range"),
    "numeric with three bounds": ('{"a": [{"numeric": [">", 0, "<", 5, "<", 6]}]}', "a[0].numeric", "is no range"),
    "numeric range upside down": ('{"a": [{"numeric": [">", 5, "<", 0]}]}', "a[0].numeric", "is empty"),
    "numeric range without width": ('{"a": [{"numeric": [">=", 5, "<=", 5]}]}', "a[0].numeric", "is empty"),
    "numeric beyond": (
        '{"a": [{"numeric": [">", 1700000000000]}]}',
        "a[0].numeric",
        "1700000000000 is beyond the numbers",
    ),
    "numeric beyond, below": ('{"a": [{"numeric": ["<", -5000000000.5]}]}', "a[0].numeric", "beyond the numbers"),
    "numeric of infinity": ('{"a": [{"numeric": ["<", 1e400]}]}', "a[0].numeric", "inf is no JSON number"),
    "exists of a string": ('{"a": [{"exists": "true"}]}', "a[0].exists", 'give true or false, not "true"'),
    "exists of a number": ('{"a": [{"exists": 1}]}', "a[0].exists", "give true or false, not 1"),
    "exists of null": ('{"a": [{"exists": null}]}', "a[0].exists", "give true or false, not null"),
    "cidr without bits": ('{"a": [{"cidr": "10.0.0.0"}]}', "a[0].cidr", "no range of addresses"),
    "cidr without an address": ('{"a": [{"cidr": "xx.11.xx/8"}]}', "a[0].cidr", "no range of addresses"),
    "cidr with letters for bits": ('{"a": [{"cidr": "10.0.0.0/xx"}]}', "a[0].cidr", "no range of addresses"),
    "cidr with a mask": ('{"a": [{"cidr": "10.0.0.0/255.0.0.0"}]}', "a[0].cidr", "no range of addresses"),
    "cidr with too many bits": ('{"a": [{"cidr": "10.0.0.0/33"}]}', "a[0].cidr", "no range of addresses"),
    "cidr with a number too large": ('{"a": [{"cidr": "10.0.0.256/8"}]}', "a[0].cidr", "no range of addresses"),
    "cidr of v6 with letters": ('{"a": [{"cidr": "xxxx:db8::/32"}]}', "a[0].cidr", "no range of addresses"),
    "cidr of a list": ('{"a": [{"cidr": ["10.0.0.0/8"]}]}', "a[0].cidr", "give a string"),
    "$or of an object": ('{"$or": {"a": [1]}}', "$or", "$or is an array of objects, not an object"),
    "$or of a string": ('{"k": {"$or": "a"}}', "k.$or", "not a string"),
    "$or of nothing": ('{"$or": []}', "$or", "at least two alternatives, this has 0"),
    "$or of one": ('{"$or": [{"a": [1]}]}', "$or", "at least two alternatives, this has 1"),
    "$or of values": ('{"$or": [{"a": [1]}, 2]}', "$or[1]", "an object, not a number"),
    "$or with an empty alternative": ('{"$or": [{"a": [1]}, {}]}', "$or[1]", "the object is empty"),
    "$or with a bad alternative": ('{"$or": [{"a": [1]}, {"b": {"c": 2}}]}', "$or[1].b.c", "not a number"),
    "$or with an operator for a key": (
        '{"$or": [{"a": [1]}, {"numeric": [">", 1]}]}',
        "$or[1].numeric",
        "name the field",
    ),
    "$or with one further down": (
        '{"$or": [{"a": [1]}, {"b": {"prefix": ["x"]}}]}',
        "$or[1].b.prefix",
        "name the field",
    ),
    "too many alternatives": (
        {f"k{number}": {"$or": PAIR} for number in range(10)},
        "k9",
        "1,024 alternatives of the pattern",
    ),
    "too many alternatives at once": (
        {"a": {"$or": [{"b": [1]}] * 11}, "$or": [{"b": [1]}] * 100},
        "$or",
        "1,100 alternatives",
    ),
    "too deep": (nested(100), "", "nested more than 100 deep"),
    "far too deep": (nested(20_000), "", "nested more than 100 deep"),
    "too deep as text": ('{"a":' * 600 + "[1]" + "}" * 600, "", "nested more than 100 deep"),
    "arrays too deep": ('{"a":' + "[" * 900 + "]" * 900 + "}", "", "nested more than 100 deep"),
    "arrays far too deep": ("[" * 4_000, "", "the pattern is n"),
    "$or too deep": (choices(50), "", "nested more than 100 deep"),
    "too many steps": ({".".join("a" * 101): [1]}, ".".join("a" * 101), "more than 100 steps"),
    "too long": (json.dumps({"a": ["x" * MAX_CHARACTERS]}), "", "characters, and at most 4,096 are allowed"),
    "too long as an object": ({"a": ["x" * MAX_CHARACTERS]}, "", "characters, and at most 4,096 are allowed"),
}


@pytest.mark.parametrize(("pattern", "path", "reason"), INVALID.values(), ids=INVALID)
def test_an_invalid_pattern_is_refused(pattern, path, reason):
    """With AWS's words, the place and the reason."""
    with pytest.raises(InvalidPattern) as caught:
        compile_pattern(pattern)

    assert caught.value.path == path
    assert reason in caught.value.reason
    assert str(caught.value) == f"Invalid filter pattern definition. At {path or 'the top'}: {caught.value.reason}"
    assert isinstance(caught.value, UsageError)


def test_a_pattern_may_have_exactly_so_many_characters():
    """4,096, counted as text."""
    text = json.dumps({"a": ["x" * (MAX_CHARACTERS - len('{"a": [""]}'))]})

    assert len(text) == MAX_CHARACTERS
    assert compile_pattern(text).matches({"a": text[8:-3]})


def test_a_pattern_may_be_as_deep_as_that():
    """A hundred objects and arrays, and a hundred steps."""
    record: object = 1
    for _ in range(99):
        record = {"a": record}

    assert compile_pattern(nested(99)).matches(record)
    assert compile_pattern({".".join("a" * 99): [1]}).matches(record)
    assert compile_pattern(nested(99)).matches({".".join("a" * 99): 1})
    assert compile_pattern({".".join("a" * 100): [1]}).matches({"a": record})
    assert compile_pattern(choices(49)).matches({"b": 1})


def test_a_pattern_may_have_so_many_alternatives():
    """A thousand."""
    pattern = compile_pattern({f"k{number}": {"$or": [{"a": [number]} for _ in range(10)]} for number in range(3)})

    assert len(pattern.alternatives) == 1_000
    assert pattern.matches({"k0": {"a": 0}, "k1": {"a": 1}, "k2": {"a": 2}})


@pytest.mark.parametrize(
    "key",
    [*OPERATORS, "exactly", "=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case"],
)
def test_an_operator_is_no_field_of_an_or(key):
    """AWS's matching engine takes it for a condition without its field; elsewhere it is a field like any other."""
    with pytest.raises(InvalidPattern, match=r"cannot be a key inside \$or"):
        compile_pattern({"$or": [{key: [1]}, {"b": [1]}]})
    assert compile_pattern({key: [1]}).matches({key: 1})
