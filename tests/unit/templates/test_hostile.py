"""Templates that are wrong, by accident or on purpose: each is read, or refused with an error of our own."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates import read_template
from pytest_lambda_events.templates.advising import advise
from pytest_lambda_events.templates.parsing import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lambda_events.templates.declared import Template

    Read = Callable[..., Template]

DATA = Path(__file__).parents[2] / "data" / "templates"
FILES = sorted(
    str(path.relative_to(DATA).as_posix())
    for pattern in ("cdk/*.json", "cloudformation/*", "sam/*", "serverless/*/serverless.yml", "terraform/*.json")
    for path in DATA.glob(pattern)
)
TIMES = 120

# -- something odd in the place of anything ----------------------------------------------------------------------------

ODD: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 10**40, 1e308, "", "x", "9" * 5000, "\u0661", "\x00", "arn:", ":::"),
    *([], {}, [None], [[]], [{}], {"a": None}, {"a": "b", "c": "d"}),
    *({"Ref": one} for one in ("Open", "AWS::NoValue", None, [], {})),
    *({"Fn::GetAtt": one} for one in ("Q", ["Q", {}], [{}, "Arn"], ["Q", {"Ref": "AWS::NoValue"}])),
    *({"Fn::Sub": one} for one in ("${", "${AWS::NoValue}", ["${a}", {"a": []}], ["${a}", {"a": [{"Ref": "Open"}]}])),
    *({"Fn::If": one} for one in ([[], 1, 2], ["x", 1, 2], 1)),
    *({"Fn::FindInMap": one} for one in (["a", [], "c"], ["a", "b", "c", 1], ["a", "b", "c", {"DefaultValue": 1}])),
    *({"Fn::Select": one} for one in (["1", "x"], [-1, ["x"]], [{}, {}], ["9" * 5000, ["x"]], [0, {"0": 1}])),
    *({"Fn::Split": one} for one in ([1, "a"], [[], "a"], ["", "a"])),
    *({"Fn::Base64": one} for one in ({}, [{"Ref": "Open"}], "\ud800", {"Ref": "AWS::NoValue"})),
    *({"Fn::ToJsonString": one} for one in ({"Ref": "AWS::NoValue"}, [{"Ref": "Open"}])),
    *({"Fn::Join": one} for one in (["", [{"Ref": "Open"}]], [[], []], "x")),
    *({"Fn::ImportValue": []}, {"Fn::Length": 1}, {"Fn::Cidr": 1}, {"Condition": []}, "{{resolve:ssm:x}}"),
    *("${var.x}", "${local.x}", "${a[var.x]}", '${format("%s")}', "${-true}", "${join(1, 2)}", "%{", "${", "${}"),
    *("${self:custom.x}", "${self:}", "${file(x.yml)}", "${opt:x, self:custom}", "${param:x}", "${self:functions}"),
]
GIVEN: list[Any] = ["x", "arn:aws:sqs:us-east-1:123456789012:x", "true", "5", 5, None, [], {}, ["x"]]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in a value."""
    for key, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(one, (*path, key))


@pytest.mark.parametrize("name", FILES)
def test_anything_may_be_wrong_anywhere(name: str, tmp_path: Path) -> None:
    """Nothing but our own error, whatever stands where; what a template then asks for is given, also oddly."""
    dice = random.Random(name)
    original = json.loads(json.dumps(parsed(DATA / name)))
    ways = list(places(original))
    for _ in range(TIMES):
        document = copy.deepcopy(original)
        *way, last = dice.choice(ways)
        holder = document
        for key in way:
            holder = holder[key]
        holder[last] = copy.deepcopy(dice.choice(ODD))
        file = tmp_path / "template.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        _read_and_advise(file, dice)


def _read_and_advise(file: Path, dice: random.Random) -> None:
    given: dict[str, Any] = {}
    for _ in range(4):
        try:
            advise(read_template(file, given))
        except TemplateError as error:
            given |= {one: dice.choice(GIVEN) for one in error.missing}
        else:
            return


# -- what was found ----------------------------------------------------------------------------------------------------


def queue(name: Any, **root: Any) -> dict[str, Any]:
    """A template with one queue of this name."""
    return {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}}, **root}


SERVICE = {"service": "s", "provider": {"name": "aws"}}
REFUSED: list[tuple[dict[str, Any], str]] = [
    (queue({"Ref": "P"}, Parameters={"P": "x"}), "t.json:1: Parameters.P: a mapping should stand here, not 'x'"),
    (queue({"Ref": "P"}, Parameters=[]), "t.json:1: Parameters: a mapping should stand here"),
    (queue("x", Conditions=5), "t.json:1: Conditions: a mapping should stand here"),
    (
        queue({"Ref": "P"}, Parameters={"P": {"Type": "CommaDelimitedList", "Default": 1.5}}),
        "t.json:1: Parameters.P: parameter P is 1.5, and is a list of type CommaDelimitedList",
    ),
    (queue({"Fn::FindInMap": ["a", "b", "c", 1]}), "Mappings has no a.b.c"),
    (queue({"Fn::Split": [1, "a"]}), "Fn::Split takes a delimiter and a text"),
    (queue({"Fn::Select": [-1, ["a"]]}), "Fn::Select takes a number and a list that has as many, not -1"),
    (queue({"Fn::Select": [0, {"0": "a"}]}), "Fn::Select takes a number and a list that has as many"),
    (queue({"Fn::Select": [1.5, ["a"]]}), "Fn::Select takes a number and a list that has as many"),
    (queue({"Fn::GetAtt": [{}, "Arn"]}), "Fn::GetAtt takes a resource and one of its attributes"),
    (queue({"Fn::ToJsonString": {"Ref": "AWS::NoValue"}}), "Fn::ToJsonString takes a mapping or a list"),
    (
        {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": "9" * 5000}}}},
        "a whole number should stand here",
    ),
    (
        {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"Tags": [{"Key": [], "Value": ""}]}}}},
        "a text should stand here, not []",
    ),
    (
        {"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"Subscription": ["x"]}}}},
        "t.json:1: Resources.T.Properties.Subscription: a mapping should stand here, not 'x'",
    ),
    (
        {"Resources": {"B": {"Type": "AWS::AmazonMQ::Broker", "Properties": {"EngineType": "KAFKAMQ"}}}},
        "Resources.B.Properties.EngineType: the engine of a broker is ActiveMQ or RabbitMQ, not 'KAFKAMQ'",
    ),
    (
        {"resource": {"aws_mq_broker": {"b": {"engine_type": ["x"]}}}},
        "aws_mq_broker.b.engine_type: the engine of a broker is ActiveMQ or RabbitMQ, not ['x']",
    ),
    (
        {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"RedrivePolicy": {"maxReceiveCount": "x"}}}}},
        "Resources.Q.Properties.RedrivePolicy: a whole number should stand here, not 'x'",
    ),
    (
        {"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {"DurableConfig": [1]}}}},
        "Resources.F.Properties.DurableConfig: a mapping should stand here, not [1]",
    ),
    ({**SERVICE, "functions": [[]]}, "t.json:1: functions: functions are a mapping, or a list of mappings"),
    ({**SERVICE, "functions": {"f": {"events": 1.5}}}, "t.json:1: functions.f.events: events are a list"),
    (
        {**SERVICE, "functions": {"f": {"environment": ["x"]}}},
        "t.json:1: functions.f.environment: a mapping should stand here",
    ),
    ({**SERVICE, "resources": {"Conditions": 1}}, "t.json:1: resources.Conditions: a mapping should stand here"),
    ({"resource": {}, "variable": {"v": True}}, "t.json:1: variable.v: a variable is a mapping"),
    ({"resource": {}, "provider": "aws"}, "t.json:1: provider: a mapping should stand here"),
    ({"planned_values": "x"}, "t.json:1: planned_values: a mapping should stand here"),
    (
        {"planned_values": {"root_module": {"resources": 1.5}}},
        "t.json:1: planned_values.root_module.resources: a list of mappings should stand here, not 1.5",
    ),
    ({"planned_values": {}, "resource_changes": [[]]}, "t.json:1: resource_changes: a list of mappings"),
    (
        {
            "planned_values": {
                "root_module": {"resources": [{"address": "aws_sqs_queue.q", "type": "aws_sqs_queue", "name": "q"}]}
            },
            "configuration": {"root_module": {"resources": "x"}},
        },
        "t.json:1: configuration.root_module.resources: a list of mappings should stand here, not 'x'",
    ),
]


@pytest.mark.parametrize(("document", "words"), REFUSED)
def test_what_is_wrong_is_said_with_its_place(document: dict[str, Any], words: str, read: Read) -> None:
    """Never by Python."""
    with pytest.raises(TemplateError) as refused:
        read("t.json", json.dumps(document))
    assert words in str(refused.value)


TAKEN: list[tuple[Any, Any]] = [
    ({"Fn::FindInMap": ["a", "b", "c", {"DefaultValue": "d"}]}, "d"),
    ({"Fn::Sub": "a${AWS::NoValue}b"}, "ab"),
    ({"Fn::Base64": "a"}, "YQ=="),
]


@pytest.mark.parametrize(("name", "expected"), TAKEN)
def test_nothing_is_an_empty_text(name: Any, expected: str, read: Read) -> None:
    """AWS::NoValue inside of one, and the value that a map has for what it has not."""
    assert read("t.json", json.dumps(queue(name))).resources[0].name == expected


OPEN: list[Any] = [
    {"Fn::Sub": ["${a}", {"a": [{"Ref": "AWS::Open"}]}]},
    {"Fn::Base64": [{"Ref": "AWS::Open"}]},
    {"Fn::ImportValue": [{"Ref": "AWS::Open"}]},
    {"Fn::FindInMap": ["a", "b", [{"Ref": "AWS::Open"}]]},
]


@pytest.mark.parametrize("name", OPEN)
def test_what_is_open_inside_of_a_value_is_open(name: Any, read: Read) -> None:
    """It has a name, and is no text."""
    assert read("t.json", json.dumps(queue(name))).resources[0].name.names == ("AWS::Open",)


def state(url: Any) -> str:
    """What Terraform shows of a queue with this URL."""
    values = {"name": "q", "arn": "x", "url": url}
    resource = {"address": "aws_sqs_queue.q", "type": "aws_sqs_queue", "name": "q", "values": values}
    return json.dumps({"values": {"root_module": {"resources": [resource]}}, "terraform_version": "1.9"})


def test_what_was_read_back_of_a_queue_is_its_own(read: Read) -> None:
    """Its URL, too, whatever its ARN looks like."""
    (found,) = read("t.json", state("https://sqs.example/q")).resources
    assert (found.name, found.arn, found.url) == ("q", "x", "https://sqs.example/q")
    with pytest.raises(TemplateError, match=r"values\.url: a text should stand here, not \{'a': 1\}"):
        read("t.json", state({"a": 1}))


BROKER = {"Type": "AWS::AmazonMQ::Broker", "Properties": {"EngineType": {"Ref": "Engine"}}}
OF_BROKER = {
    "Type": "AWS::Lambda::EventSourceMapping",
    "Properties": {"EventSourceArn": {"Fn::GetAtt": ["B", "Arn"]}, "FunctionName": "f", "Queues": ["q"]},
}


def test_what_a_broker_runs_is_asked_for(tmp_path: Path) -> None:
    """It decides what the mapping is of, and is not guessed."""
    file = tmp_path / "t.json"
    parameters = {"Engine": {"Type": "String"}}
    file.write_text(json.dumps({"Parameters": parameters, "Resources": {"B": BROKER, "M": OF_BROKER}}), "utf-8")
    with pytest.raises(TemplateError, match="the template leaves open Engine"):
        advise(read_template(file))
    assert read_template(file, {"Engine": "RABBITMQ"}).resources[0].kind == "rabbitmq"  # type: ignore[union-attr]


def test_a_name_may_be_no_unicode(read: Read) -> None:
    """What JSON can write, and no file can hold."""
    document = {"Resources": {"S": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "\ud800"}}}}
    resources = {**document["Resources"], **queue({"Fn::Sub": "${S}"})["Resources"]}
    (found,) = read("t.json", json.dumps({"Resources": resources})).resources
    assert found.name.startswith("arn:aws:secretsmanager:us-east-1:123456789012:secret:\ud800-")


SUBSCRIBED = [
    {"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"Subscription": [{"Protocol": "sqs"}]}}}},
    {
        "Resources": {
            "S": {
                "Type": "AWS::SNS::Subscription",
                "Properties": {
                    "Protocol": "sqs",
                    "TopicArn": "arn:aws:sns:us-east-1:123456789012:T",
                    "FilterPolicy": '{"a": ["b"]}',
                },
            }
        }
    },
    {
        "resource": {
            "aws_sns_topic": {"T": {}},
            "aws_sns_topic_subscription": {
                "s": {"protocol": "sqs", "topic_arn": "${aws_sns_topic.T.arn}", "filter_policy": '{"a": ["b"]}'}
            },
        }
    },
]


@pytest.mark.parametrize(("document", "expected"), [*zip(SUBSCRIBED, (None, {"a": ["b"]}, {"a": ["b"]}), strict=True)])
def test_subscriptions(document: dict[str, Any], expected: Any, read: Read) -> None:
    """In Subscribe's words, and their policies out of their text."""
    (found,) = read("t.json", json.dumps(document)).subscriptions
    assert found["TopicArn"] == "arn:aws:sns:us-east-1:123456789012:T"
    assert (found["Protocol"], found.get("FilterPolicy")) == ("sqs", expected)


BRACES: list[tuple[str, dict[str, Any]]] = [
    ("Fn::Sub", queue({"Fn::Sub": "${" * 100_000})),
    ("resolve", queue("{{resolve:" * 100_000)),
    (
        "environment",
        {
            "Resources": {
                "F": {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {"Environment": {"Variables": {"A": {"Fn::Sub": "${F." * 100_000}}}},
                }
            }
        },
    ),
    (
        "index",
        {
            "planned_values": {
                "root_module": {"resources": [{"address": "a.q" + "[" * 100_000, "type": "a", "name": "q"}]}
            }
        },
    ),
    ("variable", {**SERVICE, "custom": "${opt:" + "a" * 100_000 + "'}"}),
    (
        "key",
        {"Resources": {"a" * 1_000_000: {"Type": "x", "Properties": {f"k{number}": 1 for number in range(5_000)}}}},
    ),
]


@pytest.mark.parametrize("document", [one for _, one in BRACES], ids=[name for name, _ in BRACES])
def test_a_long_text_is_looked_at_once(document: dict[str, Any], read: Read) -> None:
    """Each of these took minutes: every brace, or every place, was a new beginning."""
    assert len(read("t.json", json.dumps(document)).mappings) == 0


def test_places_below_a_long_key(read: Read) -> None:
    """They repeat its beginning."""
    with pytest.raises(TemplateError) as refused:
        read("t.json", json.dumps({"Resources": {"a" * 1_000: {"Type": 5}}}))
    assert f"Resources.{'a' * 200}…: a resource is a mapping" in str(refused.value)


def test_names_of_parameters_are_texts(read: Read, tmp_path: Path) -> None:
    """They come from a program."""
    read("t.json", json.dumps(queue("q")))
    with pytest.raises(TemplateError, match="parameters are values by name, and 5 is no name"):
        read_template(tmp_path / "t.json", {5: 1})  # type: ignore[dict-item]
