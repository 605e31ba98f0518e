"""The matcher against a brute-force model and against moto's, and against any JSON at all.

By default a few hundred patterns; `LAMBDA_EVENTS_EXAMPLES=20000` tries so many.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import re
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from moto.events.models import EventPattern

from pytest_lambda_events.filtering.criteria import read_criteria
from pytest_lambda_events.filtering.formats import PAYLOADS
from pytest_lambda_events.filtering.pattern import InvalidPattern, compile_pattern

# by path: the oldest pytest that we support does not make a package of a test file's folder
_spec = importlib.util.spec_from_file_location("naive_pattern", Path(__file__).with_name("naive_pattern.py"))
naive = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(naive)

EXAMPLES = int(os.environ.get("LAMBDA_EVENTS_EXAMPLES", "400"))
PLAN = settings(
    max_examples=EXAMPLES,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

# few of everything, so that patterns and records meet
KEYS = st.sampled_from(["a", "b", "a.b"])
TEXTS = st.sampled_from(["", "a", "A", "ab", "b", "a*", "10.0.0.1", "10.0.1.1"])
PARTS = st.sampled_from(["", "a", "A", "b"])
WILDCARDS = st.sampled_from(["", "*", "a*", "*b", "*a*", "a*b", "a\\*", "*\\\\*", "ab", "?", "[a]"])
NUMBERS = st.sampled_from([0, 1, 1.0, 2, 2.5, -1, 300.0, 6_000_000_000])
SMALL = st.sampled_from([0, 1, 2, 2.5, -1])
VALUES = TEXTS | NUMBERS | st.sampled_from([None, True, False])


def operator(name, operand):
    return operand.map(lambda value: {name: value})


def in_any_case(texts):
    return texts | operator("equals-ignore-case", texts)


def some(values):
    return values | st.lists(values, min_size=1, max_size=2)


@st.composite
def ranges(draw):
    low, high = sorted(draw(st.lists(SMALL, min_size=2, max_size=2, unique=True)))
    lower = [draw(st.sampled_from([">", ">="])), low]
    upper = [draw(st.sampled_from(["<", "<="])), high]
    return {"numeric": draw(st.sampled_from([lower, upper, lower + upper, ["=", low]]))}


NEGATED = st.one_of(
    operator("prefix", some(PARTS.filter(bool))),
    operator("suffix", some(PARTS.filter(bool))),
    operator("equals-ignore-case", some(PARTS)),
    operator("wildcard", some(WILDCARDS)),
)
OPERATORS = st.one_of(
    operator("prefix", in_any_case(PARTS)),
    operator("suffix", in_any_case(PARTS)),
    operator("equals-ignore-case", PARTS),
    operator("wildcard", WILDCARDS),
    operator("anything-but", some(TEXTS) | some(SMALL)),
    operator(
        "anything-but",
        st.sampled_from(["prefix", "suffix"]).flatmap(lambda name: operator(name, some(PARTS.filter(bool)))),
    ),
    ranges(),
    operator("exists", st.booleans()),
    operator("cidr", st.sampled_from(["10.0.0.0/24", "10.0.0.0/8", "2001:db8::/32"])),
)
LEAVES = st.lists(st.one_of(VALUES, OPERATORS, OPERATORS), min_size=1, max_size=2)


def objects(below, keys=KEYS, least=1):
    return st.dictionaries(keys, below, min_size=least, max_size=2)


@st.composite
def with_or(draw, plain):
    pattern = dict(draw(plain))
    if draw(st.integers(0, 3)) == 0:
        pattern["$or"] = draw(st.lists(plain, min_size=2, max_size=2))
    return pattern


PATTERNS = with_or(objects(LEAVES | with_or(objects(LEAVES | objects(LEAVES)))))
BELOW = VALUES | st.lists(VALUES, max_size=2)
DEEP = st.recursive(
    BELOW, lambda below: st.lists(objects(below, least=0) | below, max_size=2) | objects(below, least=0), max_leaves=5
)
ROWS = st.lists(st.fixed_dictionaries({"a": BELOW}, optional={"b": BELOW, "c": SMALL}), min_size=1, max_size=3)
RECORDS = objects(DEEP | ROWS | ROWS.map(lambda rows: [rows[:1], rows[1:]]), least=0)


@st.composite
def fitting(draw, record):
    """A pattern that asks for some of what is in the record, most of the time for what it is."""
    fields = list(naive.flattened(record, "", {})) or [("a", 1, {})]
    pattern = {}
    for path, value, _ in draw(st.lists(st.sampled_from(fields), min_size=1, max_size=3)):
        leaf = draw(LEAVES) if draw(st.integers(0, 2)) == 0 else [value]
        *steps, last = path.split(".")
        inside = pattern
        for step in steps:
            inside = inside.setdefault(step, {}) if isinstance(inside, dict) else {}
        if isinstance(inside, dict) and (not isinstance(inside.get(last), dict)):
            inside[last] = leaf
    if draw(st.integers(0, 3)) == 0:
        pattern["$or"] = [draw(st.just(pattern.copy()) | PATTERNS), draw(PATTERNS)]
        for key in draw(st.lists(st.sampled_from(sorted(pattern)), max_size=1)):
            if key != "$or":
                del pattern[key]
    return pattern


def paired(record):
    """A pattern for the record, and the record."""
    return st.tuples(PATTERNS | fitting(record) | fitting(record), st.just(record))


PAIRS = RECORDS.flatmap(paired)
FILLED = VALUES | st.lists(VALUES, min_size=1, max_size=2)
PLAIN_PAIRS = objects(FILLED | objects(FILLED, keys=st.sampled_from("ab")), keys=st.sampled_from("ab")).flatmap(paired)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | TEXTS,
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["$or", "a", "b", "prefix", "suffix", "wildcard", "numeric", "anything-but", "exists", "cidr", "="]
            )
            | st.text(max_size=3),
            below,
            max_size=3,
        )
    ),
    max_leaves=12,
)


# -- the model --------------------------------------------------------------------------------------------------------


@PLAN
@given(pair=PAIRS | PLAIN_PAIRS)
def test_the_matcher_agrees_with_brute_force(pair):
    """The same answer to every pattern and record, also in words."""
    pattern, record = pair
    compiled = compile_pattern(pattern)

    expected = naive.matches(pattern, record)

    event(f"matched: {expected}")
    assert compiled.matches(record) == expected
    assert compiled.explain(record).matched == expected
    assert str(compiled.explain(record)).startswith(f"the record {'matches' if expected else 'does not match'}\n")


@pytest.mark.once
def test_both_answers_occur_often():
    """A sample of what is generated has matches and mismatches, with arrays and without, with `$or` and without."""
    counted = {}

    @settings(PLAN, max_examples=400, derandomize=True)
    @given(pair=PAIRS | PLAIN_PAIRS)
    def count(pair):
        pattern, record = pair
        kind = ("$or" in json.dumps(pattern), "[{" in json.dumps(record), naive.matches(pattern, record))
        counted[kind] = counted.get(kind, 0) + 1

    count()

    matched = sum(number for (*_, yes), number in counted.items() if yes)
    total = sum(counted.values())
    assert total / 10 < matched < total * 9 / 10
    assert len(counted) == 8
    assert min(counted.values()) >= 5


# -- moto -------------------------------------------------------------------------------------------------------------

# why moto's answer may differ: a minimal pattern and record, moto's answer, ours
MOTO_DIFFERS = {
    "arrays of objects": ({"a": {"b": [1]}}, {"a": [{"b": 1}]}, False, True),
    "arrays of arrays": ({"a": [1]}, {"a": [[1]]}, False, True),
    "empty arrays": ({"a": [{"exists": True}]}, {"a": []}, True, False),
    "empty objects": ({"a": [{"exists": True}]}, {"a": {}}, True, False),
    "booleans are numbers": ({"a": [1]}, {"a": True}, True, False),
    "numbers are booleans": ({"a": [True]}, {"a": 1}, True, False),
    "booleans are excluded numbers": ({"a": [{"anything-but": 0}]}, {"a": False}, False, True),
    "numbers beyond 5e9": ({"a": [{"numeric": [">", 0]}]}, {"a": 6_000_000_000}, True, False),
    "a network with host bits": ({"a": [{"cidr": "10.0.0.1/24"}]}, {"a": "10.0.0.2"}, False, True),
    "numbers are addresses": ({"a": [{"cidr": "0.0.0.0/24"}]}, {"a": 7}, True, False),
    "newlines end a wildcard": ({"a": [{"wildcard": "a*b"}]}, {"a": "a\nb"}, False, True),
    "a path in two spellings": ({"a": {"b": [2]}}, {"a.b": 2, "a": {"b": 1}}, False, True),
}


def moto_matches(pattern, record) -> bool:
    """What moto says."""
    return EventPattern.load(json.dumps(pattern)).matches_event(record)


def moto_has_every_operator() -> bool:
    """Older ones warn, and take every record for what they do not implement: there is no answer to compare."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return not moto_matches({"a": [{"wildcard": "x*"}]}, {"a": "y"})


needs_motos_whole_matcher = pytest.mark.skipif(
    not moto_has_every_operator(), reason="this moto implements only some operators of event patterns"
)


@needs_motos_whole_matcher
@pytest.mark.parametrize(("pattern", "record", "moto", "ours"), MOTO_DIFFERS.values(), ids=MOTO_DIFFERS)
def test_where_moto_differs(pattern, record, moto, ours):
    """Each reason for another answer, in its simplest form."""
    assert moto_matches(pattern, record) == moto
    assert compile_pattern(pattern).matches(record) == ours == naive.matches(pattern, record)


def pieces(value, path=""):
    """All values of a record with their paths, arrays and what is in them at the same path."""
    yield path, value
    if isinstance(value, dict):
        for key, below in value.items():
            yield from pieces(below, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for below in value:
            yield from pieces(below, path)


def reasons(pattern, record) -> set[str]:
    """What in a pattern and a record makes moto's answer unusable (see `MOTO_DIFFERS`)."""
    asked = re.sub('"exists": (true|false)', "", json.dumps(pattern))
    found = list(pieces(record))
    arrays = [value for _, value in found if isinstance(value, list)]
    ends = [path for path, value in found if not isinstance(value, dict)]
    numbers = [value for _, value in found if type(value) in {int, float}]
    present = {
        "arrays of objects": any(isinstance(one, dict) for array in arrays for one in array),
        "arrays of arrays": any(isinstance(one, list) for array in arrays for one in array),
        "empty arrays": [] in arrays,
        "empty objects": any(value == {} and path for path, value in found),
        "booleans are numbers": any(isinstance(value, bool) for _, value in found) and any(map(str.isdigit, asked)),
        "numbers are booleans": bool(numbers) and ("true" in asked or "false" in asked),
        "numbers beyond 5e9": "numeric" in asked and any(abs(number) > 5e9 for number in numbers),
        "numbers are addresses": "cidr" in asked and bool(numbers),
        "a path in two spellings": len(set(ends)) < len(ends) and not arrays,
    }
    return {reason for reason, there in present.items() if there}


@needs_motos_whole_matcher
@PLAN
@given(pair=PAIRS | PLAIN_PAIRS)
def test_moto_agrees_where_it_can(pair):
    """Where none of the reasons for another answer is there, moto gives the same."""
    pattern, record = pair

    differs = compile_pattern(pattern).matches(record) != moto_matches(pattern, record)

    event(f"differs: {differs}")
    why = reasons(pattern, record)
    assert why <= set(MOTO_DIFFERS)
    assert why or not differs


@pytest.mark.once
def test_moto_is_asked_often_enough():
    """A sample of what is generated has, without any reason to differ, matches and mismatches."""
    counted = {True: 0, False: 0}

    @settings(PLAN, max_examples=400, derandomize=True)
    @given(pair=PLAIN_PAIRS)
    def count(pair):
        if not reasons(*pair):
            counted[naive.matches(*pair)] += 1

    count()

    assert min(counted.values()) > 20


# -- anything -------------------------------------------------------------------------------------------------------


@PLAN
@given(pattern=ANYTHING | st.text() | st.binary(), record=ANYTHING)
def test_anything_is_a_pattern_or_refused(pattern, record):
    """No value, text or bytes ends in another error, nor does any record."""
    for source in (pattern, json.dumps(pattern, default=repr)):
        try:
            compiled = compile_pattern(source)
        except InvalidPattern:
            event("refused")
        else:
            event("taken")
            assert compiled.matches(record) == compiled.explain(record).matched


@PLAN
@given(pattern=PATTERNS, record=ANYTHING | RECORDS)
def test_any_record_has_an_answer(pattern, record):
    """Whatever a record holds, it matches or it does not, and each is explained."""
    compiled = compile_pattern(pattern)

    explanation = compiled.explain(record)

    assert compiled.matches(record) == explanation.matched
    assert len(str(explanation).splitlines()) > len({clause.alternative for clause in explanation.clauses})


@PLAN
@given(
    patterns=st.lists(PATTERNS, min_size=1, max_size=2),
    name=st.sampled_from(sorted(PAYLOADS)),
    payload=st.text() | RECORDS.map(json.dumps) | st.binary(),
)
def test_any_payload_passes_or_does_not(patterns, name, payload):
    """Of every source, under patterns on every key of it."""
    paths = PAYLOADS[name][1]
    filters = [{"Pattern": json.dumps({paths[-1]: pattern})} for pattern in patterns]
    data = payload if isinstance(payload, bytes) else payload.encode("utf-8", "surrogatepass")
    record = {
        "body": data.decode("utf-8", "replace"),
        "kinesis": {"data": base64.b64encode(data).decode()},
        **{key: base64.b64encode(data).decode() for key in ("data", "key", "value")},
    }

    assert read_criteria({"Filters": filters}).passes(name, record) in {True, False}
