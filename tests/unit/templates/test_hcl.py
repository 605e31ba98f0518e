"""Terraform's expressions: values, what is open, what is no expression."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates.declared import Unresolved
from pytest_lambda_events.templates.hcl import Reference, evaluate
from pytest_lambda_events.templates.placed import Place

PLACE = Place(file="main.tf.json", path="resource.x", line=3)
KNOWN = {"var.stage": "dev", "var.n": 3, "var.names": ["a", "b"], "aws_sqs_queue.q.arn": "arn:q", 'local.m["k"]': 1}


def lookup(reference: Reference, place: Place) -> Any:
    """A few references; all others are open."""
    return KNOWN.get(reference.path, Unresolved((reference.path,), place))


VALUES: list[tuple[str, Any]] = [
    ("plain", "plain"),
    ("${var.stage}", "dev"),
    ("${var.n}", 3),
    ("x-${var.stage}-${var.n}", "x-dev-3"),
    ("${var.names}", ["a", "b"]),
    ("${ 1 + 2 * 3 - 1 }", 6),
    ("${-var.n}", -3),
    ("${1.5}", 1.5),
    ("${(1 + 2) * 2}", 6),
    ('${var.stage == "dev" ? "yes" : "no"}', "yes"),
    ('${var.stage != "dev" ? "yes" : "no"}', "no"),
    ("${true && !false || false}", True),
    ("${null}", None),
    ("x${null}", "x"),
    ("x${true}", "xtrue"),
    ('${"a\\"b\\n${var.stage}\\u00e9"}', 'a"b\ndevé'),
    ("${[1, var.stage,]}", [1, "dev"]),
    ('${{a = 1, "b" = var.stage, c: 2}}', {"a": 1, "b": "dev", "c": 2}),
    ("${{}}", {}),
    ('${local.m["k"]}', 1),
    ("$${var.stage}", "${var.stage}"),
    ("${jsonencode({a = aws_sqs_queue.q.arn, b = 2})}", '{"a":"arn:q","b":2}'),
    ('${join("-", ["a", var.stage, 1])}', "a-dev-1"),
    ('${format("%s-%d", var.stage, 2)}', "dev-2"),
    ('${format("100%% {of} %v", "-3")}', "100% {of} -3"),
    ('${format("%d", "-3")}', "-3"),
    ('${lower(upper("Ab"))}', "ab"),
    ('${replace("a.b", ".", "-")}', "a-b"),
    ('${split(",", "a,b")}', ["a", "b"]),
    ('${coalesce(null, "", "x")}', "x"),
    ("${concat([1], [2])}", [1, 2]),
    ("${merge({a = 1}, {a = 2})}", {"a": 2}),
    ('${tonumber("5")}', 5),
    ('${tonumber("5.5")}', 5.5),
    ("${tostring(5)}", "5"),
    ("${tostring(true)}", "true"),
    ('${toset(["a"])}', ["a"]),
    ('${tolist(["a"])}', ["a"]),
    ('${trimsuffix("a.fifo", ".fifo")}', "a"),
]


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_a_value(text: str, expected: Any) -> None:
    """One that is a single expression keeps its type."""
    found = evaluate(text, lookup, PLACE)
    assert found == expected
    assert type(found) is type(expected)


OPEN = [
    ("${var.open}", ("var.open",)),
    ("${var.open}-${data.x.y.z}", ("var.open", "data.x.y.z")),
    ("${var.open + 1}", ("var.open",)),
    ("${-var.open}", ("var.open",)),
    ("${!var.open}", ("var.open",)),
    ("${var.open ? 1 : 2}", ("var.open",)),
    ("${lower(var.open)}", ("var.open",)),
    ("${jsonencode({a = var.open})}", ("var.open",)),
    ('${cidrsubnet("10.0.0.0/8", 8, 1)}', ("cidrsubnet() at resource.x",)),
    ("${aws_sqs_queue.q[0].arn}", ("aws_sqs_queue.q[0].arn",)),
    ("${aws_x.y.0.z}", ("aws_x.y.0.z",)),
    ("${var.names[var.open]}", ("var.open",)),
    ("${aws_x.y[var.open].z[var.open]}", ("var.open",)),
    ("${local.m[[var.open]]}", ("var.open",)),
]


@pytest.mark.parametrize(("text", "names"), OPEN)
def test_what_is_open(text: str, names: tuple[str, ...]) -> None:
    """By the name that it has in the file."""
    found = evaluate(text, lookup, PLACE)
    assert isinstance(found, Unresolved)
    assert found.names == names


WRONG = [
    ("${", "a value should stand here"),
    ("${var.stage", "'}' should stand here"),
    ("${1 +}", "stands where a value should"),
    ("${var.}", "a name should follow the dot"),
    ('${"abc', "a text has no end"),
    ("${[for x in var.names : x]}", "for expressions"),
    ("%{ if true }x%{ endif }", "directives"),
    ("${{1 = 2}}", "a key is a name or a text"),
    ('${"a" - 1}', "do not go together"),
    ('${"a" * 1000000000000}', "do not go together"),
    ("${[1] * 1000000000000}", "do not go together"),
    ("${true + 1}", "do not go together"),
    ('${-"a"}', "do not go together"),
    ("${" + "9" * 5000 + "}", "a number has 4,000 digits at most"),
    ("${var.names." + "9" * 5000 + "}", "a number has 4,000 digits at most"),
    ("${" + " * ".join(["9" * 4000] * 2) + " + 1.5}", "too large to convert to float"),
    ("x${" + " * ".join(["9" * 4000] * 2) + "}", "a number has 4,000 digits at most"),
    ("x${[1]}", "[1] is no text"),
    ("${var.names[true]}", "an index is a number or a text, not True"),
    ("${var.names[1.5]}", "an index is a number or a text, not 1.5"),
    ('${format("%s-%s", "a")}', "format() cannot take these arguments: there are fewer values than '%s-%s' has verbs"),
    ('${format("%s", "a", "b")}', "there are more values than '%s' has verbs"),
    ('${format("%05d", 3)}', "'%0' is not evaluated here"),
    ('${format("%", 3)}', "'%' is not evaluated here"),
    ('${format("%d", "a")}', "%d takes a whole number, not 'a'"),
    ('${coalesce(null, "")}', "all of them are null or empty"),
    ('${join("-", "abc")}', "'abc' is no list"),
    ('${concat("abc")}', "'abc' is no list"),
    ('${toset("abc")}', "'abc' is no list"),
    ("${lower(1)}", "lower() cannot take these arguments"),
    ('${tonumber("x")}', "tonumber() cannot take these arguments"),
    ('${"\\u12"}', "takes 4 digits"),
    ("${" + "(" * 60 + "1" + ")" * 60 + "}", "nested too deep"),
    ("${a ? 1}", "':' should stand here"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_what_is_no_expression(text: str, words: str) -> None:
    """With its place, and where in the text."""
    with pytest.raises(TemplateError, match=r"main\.tf\.json:3: resource\.x: ") as refused:
        evaluate(text, lookup, PLACE)
    assert words in str(refused.value)


MANY = f'"{"a" * 2100}"'
GROWING = [
    f'${{replace({MANY}, "a", {MANY})}}',
    f'${{join({MANY}, split("a", {MANY}))}}',
    f'${{format("{"%s" * 2100}", {", ".join(["var.long"] * 2100)})}}',
    "${var.long}" * 2100,
    f"${{concat({', '.join(['var.list'] * 2100)})}}",
    "${" + "jsonencode(" * 22 + '"\\\\"' + ")" * 22 + "}",
]


@pytest.mark.parametrize("text", GROWING, ids=["replace", "join", "format", "text", "concat", "jsonencode"])
def test_what_grows_is_refused_before_it_is_large(text: str) -> None:
    """A few kilobytes could ask for gigabytes."""
    known = {"var.long": "a" * 2100, "var.list": [1] * 2100}
    with pytest.raises(TemplateError, match="more than 4,000,000 characters or values would come of this"):
        evaluate(text, lambda reference, _place: known[reference.path], PLACE)


def test_a_reference_knows_its_steps() -> None:
    """Names, texts and numbers, however they are written."""
    seen: list[Reference] = []
    evaluate('${local.a["k.l"].b.0.1[2]}', lambda reference, _place: seen.append(reference), PLACE)
    assert seen == [Reference('local.a["k.l"].b.0.1[2]', ("local", "a", "k.l", "b", 0, 1, 2))]
