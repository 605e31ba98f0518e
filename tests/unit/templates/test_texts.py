"""JSON and YAML with their lines: the same values as the libraries', and nothing that could do harm."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates import limits
from pytest_lambda_events.templates.json_text import read_json
from pytest_lambda_events.templates.placed import PlacedDict, PlacedList, section
from pytest_lambda_events.templates.yaml_text import read_yaml

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("abc: #-'\"\n{}[]é", max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcé", min_size=1), inner, max_size=4),
    max_leaves=20,
)


@given(values, st.sampled_from([None, 1, "\t"]))
def test_json_is_what_the_standard_library_reads(value: Any, indent: Any) -> None:
    """Whatever the layout."""
    text = json.dumps(value, indent=indent)
    assert read_json(text, "f") == json.loads(text)


@given(st.text('{}[]:,"\\ \n0123456789.eE+-truefalsn', max_size=12))
def test_json_refuses_what_the_standard_library_refuses(text: str) -> None:
    """And takes what it takes, but for keys that stand twice and for what is no JSON (NaN)."""
    try:
        expected = json.loads(text, object_pairs_hook=_unique, parse_constant=_never)
    except (ValueError, RecursionError):
        with pytest.raises(TemplateError):
            read_json(text, "f")
    else:
        assert read_json(text, "f") == expected


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError
    return dict(pairs)


def _never(name: str) -> None:
    raise ValueError(name)


@given(plain)
def test_yaml_is_what_pyyaml_reads(value: Any) -> None:
    """Blocks and flows."""
    for style in (True, False):
        text = yaml.safe_dump(value, default_flow_style=style, allow_unicode=True)
        assert read_yaml(text, "f") == yaml.safe_load(text)


@given(plain.filter(lambda value: isinstance(value, dict)))
def test_lines_are_those_of_the_text(value: dict[str, Any]) -> None:
    """Of each key at the top, in both formats."""
    for text, read in (
        (json.dumps(value, indent=1, ensure_ascii=False), read_json),
        (yaml.safe_dump(value, default_flow_style=False, allow_unicode=True), read_yaml),
    ):
        found = read(text, "f")
        lines = text.split("\n")
        for key in found:
            line = found.place(key).line
            assert key.split("\n")[0] in lines[line - 1] or json.dumps(key)[1:-1] in lines[line - 1]


def test_places() -> None:
    """Paths of keys, numbers of items, and where a key would stand."""
    found = read_yaml("a:\n  b:\n    - c: 1\n    - d\n", "t.yaml")
    assert str(found["a"]["b"][0].place("c")) == "t.yaml:3: a.b[0].c"
    assert str(found["a"]["b"].place(1)) == "t.yaml:4: a.b[1]"
    assert str(found["a"].place("z")) == "t.yaml:1: a.z"
    assert str(found.origin) == "t.yaml:1"
    assert isinstance(found["a"]["b"], PlacedList)


SHORT = [
    ("!Ref Queue", {"Ref": "Queue"}),
    ("!GetAtt Queue.Arn", {"Fn::GetAtt": ["Queue", "Arn"]}),
    ("!GetAtt [Queue, Arn]", {"Fn::GetAtt": ["Queue", "Arn"]}),
    ("!GetAtt Stack.Outputs.Arn", {"Fn::GetAtt": ["Stack", "Outputs.Arn"]}),
    ("!Condition IsProd", {"Condition": "IsProd"}),
    ("!Join ['-', [!Ref A, b]]", {"Fn::Join": ["-", [{"Ref": "A"}, "b"]]}),
    ("!Sub ['${x}', {x: !Ref A}]", {"Fn::Sub": ["${x}", {"x": {"Ref": "A"}}]}),
    ("!Transform {Name: T}", {"Fn::Transform": {"Name": "T"}}),
]
PLAIN = [
    ("2012-10-17", "2012-10-17"),
    ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
    ("'5'", "5"),
    ("! 5", 5),
    ("!!map {b: 1}", {"b": 1}),
    ("!!seq [1]", [1]),
    ("!!str 5", "5"),
    ("0x10", 16),
    ("no", False),
    ("~", None),
    ("=", "="),
    ("<<", "<<"),
    (".inf", float("inf")),
]


@pytest.mark.parametrize(("text", "expected"), [*SHORT, *PLAIN])
def test_scalars_and_short_forms(text: str, expected: Any) -> None:
    """CloudFormation's tags are its functions; times stay texts, because policies have versions that look like days."""
    found = read_yaml(f"a: {text}\n", "f")["a"]
    assert found == expected
    assert type(found) is type(expected) or isinstance(found, (PlacedDict, PlacedList))


def test_anchors_and_merges() -> None:
    """A key of one's own wins, then the first of several."""
    text = """
base: &base {a: 1, b: 2}
more: &more {b: 3, c: 4}
both: {<<: [*base, *more], a: 0}
same: *base
text: [&text x, *text]
key: {1: one, true: two, null: three}
"""
    found = read_yaml(text, "f")
    assert found["both"] == {"a": 0, "b": 2, "c": 4}
    assert str(found["both"].place("c")) == "f:3: more.c"
    assert found["same"] == {"a": 1, "b": 2}
    assert found["text"] == ["x", "x"]
    assert found["key"] == {"1": "one", "true": "two", "null": "three"}


HOSTILE = [
    ("a: !!python/object/apply:os.system [id]", "neither one of YAML's own for data"),
    ("a: !!python/name:os.system ''", "neither one of YAML's own"),
    ("a: !Nonsense b", "neither one of YAML's own"),
    ("a: !!set {b}", "neither one of YAML's own"),
    ("a: !!int b", "is no int"),
    ("a: !!bool maybe", "is no bool"),
    ("a: *b", "names nothing that is complete"),
    ("a: &a [*a]", "names nothing that is complete"),
    ("a: &a {b: *a}", "names nothing that is complete"),
    ("a: {<<: 1}", "<< takes a mapping"),
    ("a: 1\na: 2", "f:2: the key 'a' stands here a second time"),
    ("? [a]\n: b", "a key is a text"),
    ("a: [", "this is not YAML"),
    ("a: 1\n---\nb: 2", "here are 2"),
    ("", "here are 0"),
    ("\x00", "this is not YAML"),
    ("[" * 250, "nested more than 200 levels deep"),
    ("{a: " * 250, "nested more than 200 levels deep"),
]


@pytest.mark.parametrize(("text", "words"), HOSTILE)
def test_yaml_that_is_refused(text: str, words: str) -> None:
    """With the line, and without doing anything."""
    with pytest.raises(TemplateError, match="f") as refused:
        read_yaml(text, "f")
    assert words in str(refused.value)


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    """A few lines that would be a thousand million values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(TemplateError, match="aliases written out"):
        read_yaml("\n".join(lines), "f")


@pytest.mark.parametrize("text", ["[" * 300 + "]" * 300, '{"a":' * 300 + "1" + "}" * 300])
def test_json_that_is_too_deep_is_refused(text: str) -> None:
    """Before Python's own stack ends."""
    with pytest.raises(TemplateError, match="nested more than 200"):
        read_json(text, "f")


def test_json_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the number of its values."""
    monkeypatch.setattr(limits, "_MOST_VALUES", 100)
    with pytest.raises(TemplateError, match="more than 100 values"):
        read_json(json.dumps([0] * 100), "f")


JSON_ERRORS = [
    ('{"a": 1,}', "f:1:9: this is not JSON: a key in double quotes"),
    ('{"a" 1}', "':' should stand here"),
    ("[1 2]", "',' should stand here"),
    ("[1]\n2", "f:2:1: this is not JSON: nothing should follow"),
    ('{"a": 1,\n "a": 2}', "f:2:5: this is not JSON: the key 'a' stands here a second time"),
    ('"a', "Unterminated string"),
    ("[NaN]", "a value should stand here"),
]


@pytest.mark.parametrize(("text", "words"), JSON_ERRORS)
def test_json_errors_have_line_and_column(text: str, words: str) -> None:
    """As a compiler's have."""
    with pytest.raises(TemplateError) as refused:
        read_json(text, "f")
    assert words in str(refused.value)


@pytest.mark.skipif(not hasattr(sys, "get_int_max_str_digits"), reason="this Python converts numbers of any length")
def test_a_number_of_endless_digits_is_refused() -> None:
    """As Python refuses to convert it."""
    with pytest.raises(TemplateError, match="not JSON"):
        read_json("9" * 5000, "f")


def test_yaml_without_pyyaml_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(TemplateError, match=r"pip install 'pytest-lambda-events\[templates\]'"):
        read_yaml("a: 1", "f")


def test_a_section_is_a_mapping() -> None:
    """Or not there."""
    root = read_yaml("a: {b: 1}\nc: 1\nd:\n", "f")
    assert section(root, "a") == {"b": 1}
    assert section(root, "d") == section(root, "e") == {}
    with pytest.raises(TemplateError, match="f:2: c: a mapping should stand here, not 1"):
        section(root, "c")
