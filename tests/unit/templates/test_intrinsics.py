"""CloudFormation's functions: each with its value, what is open, and what is written wrongly."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates.declared import Unresolved, settled
from pytest_lambda_events.templates.identities import Where
from pytest_lambda_events.templates.intrinsics import ABSENT, Resolver, is_function
from pytest_lambda_events.templates.placed import Place
from pytest_lambda_events.templates.yaml_text import read_yaml

ROOT = """
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Size: {Type: Number, Default: "10"}
  Names: {Type: CommaDelimitedList, Default: "a, b,c"}
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
  Open: {Type: String}
  Image: {Type: "AWS::SSM::Parameter::Value<String>", Default: /image}
  Flag: {Type: String, Default: "true"}
Mappings:
  ByStage:
    dev: {Size: 1, Names: [x, y]}
    prod: {Size: 2}
Conditions:
  IsDev: !Equals [!Ref Stage, dev]
  IsProd: !Not [!Condition IsDev]
  IsOpen: !Equals [!Ref Open, 'yes']
  Both: !And [!Condition IsDev, !Equals [1, "1"]]
  Either: !Or [!Condition IsProd, !Condition IsDev]
  NeitherOpen: !And [!Condition IsOpen, !Condition IsProd]
  EitherOpen: !Or [!Condition IsOpen, !Condition IsDev]
  StillOpen: !Or [!Condition IsOpen, !Condition IsProd]
  Circle: !Not [!Condition Circle]
"""
PLACE = Place(file="t.yaml", path="here", line=1)


def attribute(name: str, wanted: str | None, place: Place) -> Any:
    """A queue that is known, a thing of which nobody knows anything, and nothing else."""
    if name == "Queue":
        return {None: "https://queue", "Arn": "arn:queue"}.get(wanted)
    if name == "Thing":
        return None
    raise TemplateError(f"{place}: there is no resource {name!r}")


def resolve(text: str, **given: Any) -> Any:
    """The value of an expression."""
    root = read_yaml(ROOT, "t.yaml")
    resolver = Resolver(root, {key.replace("__", "::"): value for key, value in given.items()}, Where(), attribute)
    return resolver.value(read_yaml(f"here: {text}", "t.yaml")["here"], PLACE)


VALUES: list[tuple[str, Any]] = [
    ("!Ref Stage", "dev"),
    ("!Ref Size", "10"),
    ("!Ref Names", ["a", "b", "c"]),
    ("!Ref Queue", "https://queue"),
    ("!Ref AWS::Region", "us-east-1"),
    ("!Ref AWS::AccountId", "123456789012"),
    ("!Ref AWS::Partition", "aws"),
    ("!Ref AWS::URLSuffix", "amazonaws.com"),
    ("!Ref AWS::NotificationARNs", []),
    ("{a: !Ref AWS::NoValue, b: 1}", {"b": 1}),
    ("[1, !Ref AWS::NoValue]", [1]),
    ("!GetAtt Queue.Arn", "arn:queue"),
    ("{Fn::GetAtt: Queue.Arn}", "arn:queue"),
    ("!GetAtt [Queue, !Join ['', [A, rn]]]", "arn:queue"),
    ("!Sub '${Stage}-${Queue.Arn}-${!Literal}-${ Size }'", "dev-arn:queue-${Literal}-10"),
    ("!Sub ['${x}${y}', {x: !Ref Size, y: true}]", "10true"),
    ("!Join ['-', [a, !Ref Stage, 1]]", "a-dev-1"),
    ("!Join [',', !Ref Names]", "a,b,c"),
    ("!Select [1, !Ref Names]", "b"),
    ("!Select ['0', [!Ref Stage]]", "dev"),
    ("!Split ['-', !Sub '${Stage}-x']", ["dev", "x"]),
    ("!Select [0, !Split [':', !GetAtt Queue.Arn]]", "arn"),
    ("!FindInMap [ByStage, !Ref Stage, Size]", 1),
    ("!FindInMap [ByStage, dev, Names]", ["x", "y"]),
    ("!FindInMap [ByStage, nowhere, Size, {DefaultValue: !Ref Size}]", "10"),
    ("!If [IsDev, 1, 2]", 1),
    ("!If [IsProd, 1, 2]", 2),
    ("!If [Both, both, no]", "both"),
    ("!If [Either, either, no]", "either"),
    ("!If [NeitherOpen, 1, 2]", 2),
    ("!If [EitherOpen, 1, 2]", 1),
    ("!If [IsDev, !If [IsProd, 1, deep], 2]", "deep"),
    ("!Base64 text", "dGV4dA=="),
    ("!Length [1, 2]", 2),
    ("!Length {Ref: Names}", 3),
    ("!ToJsonString {a: [!Ref Stage, 1]}", '{"a":["dev",1]}'),
    ("{Ref: Stage, other: 1}", {"Ref": "Stage", "other": 1}),
    ("plain", "plain"),
    ("1.5", 1.5),
]


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_a_value(text: str, expected: Any) -> None:
    """As CloudFormation has it."""
    assert resolve(text) == expected


def test_no_value_is_absent() -> None:
    """A property that is not there."""
    assert resolve("!Ref AWS::NoValue") is ABSENT
    assert resolve("!If [IsProd, 1, !Ref AWS::NoValue]") is ABSENT


OPEN: list[tuple[str, tuple[str, ...]]] = [
    ("!Ref Open", ("Open",)),
    ("!Ref Subnets", ("Subnets",)),
    ("!Ref Image", ("Image",)),
    ("!Ref AWS::StackName", ("AWS::StackName",)),
    ("!Ref Thing", ("Thing",)),
    ("!GetAtt Thing.Arn", ("Thing.Arn",)),
    ("!GetAtt Queue.Nothing", ("Queue.Nothing",)),
    ("!Sub '${Open}-${Thing.Arn}-${Open}'", ("Open", "Thing.Arn")),
    ("!Join ['-', [!Ref Open, !Ref Thing]]", ("Open", "Thing")),
    ("!Join ['-', !Ref Subnets]", ("Subnets",)),
    ("!Select [0, !Ref Subnets]", ("Subnets",)),
    ("!Select [!Ref Open, [1]]", ("Open",)),
    ("!Split ['-', !Ref Open]", ("Open",)),
    ("!If [IsOpen, 1, 2]", ("Open",)),
    ("!If [StillOpen, 1, 2]", ("Open",)),
    ("!FindInMap [ByStage, !Ref Open, Size]", ("Open",)),
    ("!ImportValue shared", ("Fn::ImportValue:shared",)),
    ("!ImportValue {Ref: Open}", ("Open",)),
    ("!Base64 {Ref: Open}", ("Open",)),
    ("!Length {Ref: Subnets}", ("Subnets",)),
    ("!ToJsonString {a: !Ref Open}", ("Open",)),
    ("!GetAtt [Queue, !Ref Open]", ("Open",)),
    ("!GetAZs ''", ("Fn::GetAZs at here",)),
    ("'{{resolve:ssm:/a}}-{{resolve:ssm:/b}}'", ("resolve:ssm:/a", "resolve:ssm:/b")),
]


@pytest.mark.parametrize(("text", "names"), OPEN)
def test_what_is_open_is_asked_for_by_name(text: str, names: tuple[str, ...]) -> None:
    """And becomes a value when that is given."""
    found = resolve(text)
    assert isinstance(found, Unresolved)
    assert found.names == names


GIVEN: list[tuple[str, dict[str, Any], Any]] = [
    ("!Ref Open", {"Open": "x"}, "x"),
    ("!Ref Open", {"Open": 5}, "5"),
    ("!Ref Size", {"Size": 20}, 20),
    ("!Ref Image", {"Image": "ami-1"}, "ami-1"),
    ("!Ref Subnets", {"Subnets": "a,b"}, ["a", "b"]),
    ("!Ref Subnets", {"Subnets": ("a", "b")}, ["a", "b"]),
    ("!Ref Stage", {"Stage": "prod"}, "prod"),
    ("!Ref AWS::StackName", {"AWS__StackName": "shop"}, "shop"),
    ("!Ref Thing", {"Thing": "t"}, "t"),
    ("!GetAtt Thing.Arn", {"Thing.Arn": "arn:t"}, "arn:t"),
    ("!ImportValue shared", {"Fn__ImportValue:shared": "arn:s"}, "arn:s"),
    ("!If [IsOpen, 1, 2]", {"Open": "yes"}, 1),
    ("'x{{resolve:ssm:/a}}'", {"resolve:ssm:/a": 1}, "x1"),
    ("!GetAZs ''", {"Fn__GetAZs at here": ["a"]}, ["a"]),
    ("!If [IsDev, 1, 2]", {"Stage": "prod"}, 2),
]


@pytest.mark.parametrize(("text", "given", "expected"), GIVEN)
def test_what_is_given_is_taken(text: str, given: dict[str, Any], expected: Any) -> None:
    """Under the name that was asked for."""
    assert resolve(text, **given) == expected


WRONG = [
    ("!Ref [a]", "Ref takes the name"),
    ("!Ref Nobody", "no resource 'Nobody'"),
    ("!GetAtt Queue", "Fn::GetAtt takes a resource and one of its attributes"),
    ("!Sub [a]", "Fn::Sub takes a text"),
    ("!Sub ['${x}', 1]", "Fn::Sub takes a text"),
    ("!Join [a]", "Fn::Join takes a delimiter"),
    ("!Join ['-', text]", "Fn::Join takes a delimiter"),
    ("!Select [5, [1]]", "Fn::Select takes a number and a list that has as many"),
    ("!Select 1", "Fn::Select takes a number"),
    ("!Split ['', x]", "Fn::Split takes a delimiter"),
    ("!FindInMap [ByStage]", "Fn::FindInMap takes a map's name"),
    ("!FindInMap [ByStage, dev, Nothing]", "Mappings has no ByStage.dev.Nothing"),
    ("!If [IsDev, 1]", "Fn::If takes a condition and two values"),
    ("!If [IsDevv, 1, 2]", "no condition 'IsDevv' (did you mean 'IsDev'?)"),
    ("!If [Circle, 1, 2]", "condition Circle -> condition Circle goes round in a circle"),
    ("!Not [maybe]", "this is no condition: 'maybe'"),
    ("!Not x", "Fn::Not takes a list of one condition"),
    ("!And []", "Fn::And takes a list of conditions"),
    ("!Length x", "Fn::Length takes a list"),
    ("!Equals [1]", "Fn::Equals takes two values"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_what_is_written_wrongly_is_refused(text: str, words: str) -> None:
    """With its place."""
    with pytest.raises(TemplateError, match=r"t\.yaml:\d+: ") as refused:
        resolve(text)
    assert words in str(refused.value)


def test_a_value_that_is_not_allowed_is_refused() -> None:
    """With those that are."""
    with pytest.raises(TemplateError, match="parameter Stage is 'test', and may be one of dev, prod"):
        resolve("!Ref Stage", Stage="test")


def test_a_flag_as_a_text_is_a_condition() -> None:
    """Parameters are texts."""
    assert resolve("!Not [!Ref Flag]") is False


def test_all_that_is_missing_is_asked_for_at_once() -> None:
    """Names, places, and how to give them."""
    with pytest.raises(TemplateError) as asked:
        settled({"a": [resolve("!Ref Open")]}, resolve("!GetAtt Thing.Arn"), "settled")
    assert asked.value.missing == ("Open", "Thing.Arn")
    assert str(asked.value) == (
        "the template leaves open Open (used at t.yaml:1: here); Thing.Arn (used at t.yaml:1: here). Give "
        'parameters={"Open": ..., "Thing.Arn": ...}, on the command line --parameter \'Open=...\' '
        "--parameter 'Thing.Arn=...'"
    )
    settled({"a": 1}, None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [({"Ref": "a"}, True), ({"Fn::Sub": "a"}, True), ({"Ref": 1, "b": 2}, False), ({"a": 1}, False), ("Ref", False)],
)
def test_what_is_a_function(value: Any, expected: bool) -> None:
    """A mapping with one key, which is a function's name."""
    assert is_function(value) is expected
