"""serverless.yml: variables, defaults of the framework, and how mappings are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates.declared import Unresolved, settled
from pytest_lambda_events.templates.identities import Where
from pytest_lambda_events.templates.serverless_variables import Variables
from pytest_lambda_events.templates.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_lambda_events.templates.declared import Template

    Read = Callable[..., Template]

ROOT = """
service: shop
params: {prod: {size: 5}, default: {size: 1, name: "${self:service}-n"}}
provider: {name: aws, stage: "${opt:stage, 'dev'}"}
custom:
  a: {b: [x, "${self:custom.c}"]}
  c: 3
  indirect: "${self:custom.${self:custom.which}}"
  which: c
  whole: "${self:custom.a}"
  circle: "${self:custom.circle}"
  nothing: null
"""


def resolve(text: Any, folder: Path, **given: Any) -> Any:
    """The value of a text; in the names of what is given, `__` is a colon."""
    root = read_yaml(ROOT, "serverless.yml")

    def read(path: Path) -> Any:
        return read_yaml(path.read_text(encoding="utf-8"), path.name)

    named = {key.replace("__", ":"): value for key, value in given.items()}
    return Variables(root, named, Where("eu-west-1"), read, folder).value(text, root.origin)


VALUES: list[tuple[str, Any]] = [
    ("plain", "plain"),
    ("${self:service}", "shop"),
    ("${self:custom.c}", 3),
    ("x${self:custom.c}y", "x3y"),
    ("${self:custom.a.b.0}", "x"),
    ("${self:custom.a.b.1}", 3),
    ("${self:custom.a}", {"b": ["x", 3]}),
    ("${self:custom.whole}", {"b": ["x", 3]}),
    ("${self:custom.whole.b.0}", "x"),
    ("${self:custom.indirect}", 3),
    ("${self:custom.${self:custom.which}}", 3),
    ("${self:custom.missing, 'else'}", "else"),
    ('${self:custom.nothing, "else"}', "else"),
    ("${self:custom.missing, self:custom.also, 5}", 5),
    ("${self:custom.missing, true}", True),
    ("${self:custom.missing, false}", False),
    ("${self:custom.missing, 'a, b'}", "a, b"),
    ("${sls:stage}", "dev"),
    ("${opt:stage, 'other'}", "other"),
    ("${self:provider.stage}", "dev"),
    ("${param:size}", 1),
    ("${param:name}", "shop-n"),
    ("${aws:region}-${aws:accountId}", "eu-west-1-123456789012"),
    ("${AWS::Region}", "${AWS::Region}"),
    ("${Queue.Arn}", "${Queue.Arn}"),
    ("true-${self:custom.missing, true}", "true-true"),
]


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_a_variable(text: str, expected: Any, tmp_path: Path) -> None:
    """A text that is one variable has the variable's type."""
    assert resolve(text, tmp_path) == expected


GIVEN: list[tuple[str, dict[str, Any], Any]] = [
    ("${env:TOKEN}", {"env__TOKEN": "t"}, "t"),
    ("${opt:stage}", {"stage": "prod"}, "prod"),
    ("${opt:stage}", {"opt__stage": "prod"}, "prod"),
    ("${sls:stage}", {"sls__stage": "prod"}, "prod"),
    ("${param:size}", {"stage": "prod"}, 5),
    ("${param:size}", {"size": 7}, 7),
    ("${param:other}", {"param__other": 7}, 7),
    ("${ssm:/path}", {"ssm__/path": "s"}, "s"),
    ("${cf(us-east-1):stack.output}", {"cf(us-east-1)__stack.output": "o"}, "o"),
    ("${self:custom.missing}", {"self__custom.missing": "m"}, "m"),
]


@pytest.mark.parametrize(("text", "given", "expected"), GIVEN)
def test_what_is_given_is_taken(text: str, given: dict[str, Any], expected: Any, tmp_path: Path) -> None:
    """By the name that it has in the file, options and parameters also by their own."""
    assert resolve(text, tmp_path, **given) == expected


OPEN = [
    ("${env:TOKEN}", ("env:TOKEN",)),
    ("a${env:A}b${env:B}", ("env:A", "env:B")),
    ("${ssm:/path, env:OTHER}", ("ssm:/path",)),
    ("${param:missing}", ("param:missing",)),
    ("${self:custom.missing}", ("self:custom.missing",)),
    ("${aws:nothing}", ("aws:nothing",)),
    ("${file(./missing.yml):a}", ("file(./missing.yml):a",)),
    ("${file(./code.js):a}", ("file(./code.js):a",)),
    ("${sls:instanceId}", ("sls:instanceId",)),
    ("${s3:bucket/key}", ("s3:bucket/key",)),
]


@pytest.mark.parametrize(("text", "names"), OPEN)
def test_what_is_open(text: str, names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also what the environment would have: it is asked for, so that a test does not depend on it."""
    monkeypatch.setenv("TOKEN", "from the environment")
    found = resolve(text, tmp_path)
    assert isinstance(found, Unresolved)
    assert found.names == names


def test_parameters_of_a_stage_that_is_open(tmp_path: Path) -> None:
    """Only those of all stages are known; without `params` there is none."""
    text = "service: s\nprovider: {name: aws, stage: '${env:S}'}\nparams: {default: {a: 1}}"
    root = read_yaml(text, "serverless.yml")
    variables = Variables(root, {}, Where(), lambda path: path, tmp_path)
    assert variables.value("${param:a}", root.origin) == 1
    del root["params"]
    assert isinstance(variables.value("${param:a}", root.origin), Unresolved)


def test_other_files(tmp_path: Path) -> None:
    """Whole, or a part of them; variables in them are resolved, too."""
    (tmp_path / "more.yml").write_text("a: {b: '${self:custom.c}'}", encoding="utf-8")
    assert resolve("${file(./more.yml)}", tmp_path) == {"a": {"b": 3}}
    assert resolve("${file(more.yml):a.b}", tmp_path) == 3
    assert resolve("${file(more.yml):a.c, 'else'}", tmp_path) == "else"


WRONG = [
    ("${self:custom.missing, *}", "this is no variable: '*'"),
    ("${self:custom.circle}", "self:custom.circle -> self:custom.circle goes round in a circle"),
    ("x${self:custom.a}", "is a mapping or a list, and stands inside of a text"),
    ("${self:custom.c}" * 60, "more than 50 variables in one text"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_what_cannot_be_resolved(text: str, words: str, tmp_path: Path) -> None:
    """With its place."""
    with pytest.raises(TemplateError, match=r"serverless\.yml") as refused:
        resolve(text, tmp_path)
    assert words in str(refused.value)


SERVICE = """
service: {name: shop}
provider: {name: aws, stage: "${env:STAGE}"}
functions:
  - first:
      handler: a.handler
      snapStart: true
      environment: {A: 1, B: null}
      events:
        - http: GET /
        - sqs: {arn: {"Fn::Join": [":", [arn, aws, sqs, "${aws:region}", "${aws:accountId}", queue]]}, batchSize: 0}
        - sqs: "arn:aws:sqs:us-east-1:123456789012:other"
        - text
        - kafka:
            topic: t
            bootstrapServers: [a.example.com:9092]
            accessConfigurations: {saslPlainAuth: [!Ref Secret], vpcSubnet: [!Ref Subnet]}
        - stream:
            type: kinesis
            arn: !GetAtt S.Arn
            consumer: "arn:aws:kinesis:us-east-1:123456789012:stream/s/consumer/c:1"
            destinations: {onFailure: "arn:aws:sqs:us-east-1:123456789012:f"}
            filterPatterns: [{data: ["${env:KIND}"]}]
  - second_one: {handler: b.handler, name: own, memorySize: 512}
    third: null
"""


def test_functions_and_events(read: Read) -> None:
    """Names, defaults, an alias, values that are open inside of what is put together."""
    template = read("serverless.yml", SERVICE, **{"env:STAGE": "test"})
    first, second = template.functions
    assert (first.name, second.name) == ("shop-test-first", "own")
    assert first.parameters["Environment"] == {"Variables": {"A": "1"}}
    assert (first.parameters["Timeout"], second.parameters["MemorySize"]) == (6, 512)
    assert second.id == "SecondUnderscoreoneLambdaFunction"
    assert template.function("second_one") is second

    queue, other, kafka, stream = template.mappings
    assert queue.qualifier == "snapstart"
    assert queue.parameters["EventSourceArn"] == "arn:aws:sqs:us-east-1:123456789012:queue"
    assert queue.parameters["BatchSize"] == 10
    assert template.mapping("first", "sqs:other") is template.mapping("first", "events[2]") is other
    names = ["sqs:queue", "sqs:other", "kafka:t", "stream:S"]
    assert [one.names[0] for one in template.mappings] == names
    with pytest.raises(TemplateError, match="more than one event source mapping 'sqs'"):
        template.mapping("first", "sqs")
    assert template.mapping("first", "kafka") is kafka
    access = kafka.parameters["SourceAccessConfigurations"]
    assert [one["Type"] for one in access] == ["BASIC_AUTH", "VPC_SUBNET"]
    assert access[0]["URI"].names == ("Secret",) if isinstance(access[0]["URI"], Unresolved) else False
    assert stream.parameters["EventSourceArn"].endswith("/consumer/c:1")
    assert stream.parameters["DestinationConfig"]["OnFailure"]["Destination"].endswith(":f")
    assert stream.parameters["FilterCriteria"]["Filters"][0]["Pattern"].names == ("env:KIND",)


def test_a_stage_that_is_open_leaves_names_open(read: Read) -> None:
    """Of functions without a name of their own."""
    template = read("serverless.yml", SERVICE)
    found: Any = template.functions[0].name
    assert isinstance(found, Unresolved)
    assert found.names == ("env:STAGE",)


@pytest.mark.parametrize(
    "text",
    [
        "functions: '${env:X}'",
        "functions: {f: '${env:X}'}",
        "functions: ['${env:X}']",
        "functions: {f: {handler: a, events: '${env:X}'}}",
        "functions: {f: {handler: a, events: ['${env:X}']}}",
        "functions: {f: {handler: a, events: [{sqs: '${env:X}'}]}}",
        "functions: {f: {handler: a, environment: '${env:X}'}}",
        "resources: '${env:X}'",
    ],
)
def test_a_part_that_is_open_is_asked_for(read: Read, text: str) -> None:
    """Without it nobody knows what is declared."""

    def asked() -> None:
        settled(*(one.parameters for one in read("serverless.yml", whole).mappings))

    whole = f"service: s\nprovider: {{name: aws}}\n{text}"
    with pytest.raises(TemplateError) as refused:
        asked()
    assert refused.value.missing == ("env:X",)


def test_extensions_of_a_function_are_merged(read: Read) -> None:
    """The resources may say more of what the framework makes."""
    template = read(
        "serverless.yml",
        """
        service: s
        provider: {name: aws}
        functions: {f: {handler: a.f}}
        resources:
          Resources:
            FLambdaFunction: {Type: AWS::Lambda::Function, Properties: {Timeout: 99}}
        """,
    )
    assert template.functions[0].parameters["Timeout"] == 99


def test_access_that_is_no_mapping_is_refused(read: Read) -> None:
    """With its place."""
    with pytest.raises(TemplateError, match="access configurations are a mapping"):
        read(
            "serverless.yml",
            "service: s\nprovider: {name: aws}\n"
            "functions: {f: {handler: a, events: [{kafka: {topic: t, accessConfigurations: [x]}}]}}",
        )


def test_what_is_open_is_named_once(read: Read) -> None:
    """However often it stands in a pattern, or in the name of a function."""
    found = read(
        "serverless.yml",
        """
        service: ${env:NAME}-${env:NAME}
        provider: {name: aws}
        functions:
          work:
            handler: app.handler
            events:
              - sqs: {arn: "arn:aws:sqs:us-east-1:123456789012:q", filterPatterns: [{body: ["${env:A}", "${env:A}"]}]}
        """,
    )
    (pattern,) = found.mappings[0].parameters["FilterCriteria"]["Filters"]
    assert pattern["Pattern"].names == ("env:A",)
    assert found.functions[0].name.names == ("env:NAME",)
