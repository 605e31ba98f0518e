"""`lambda-events advise`: every option, every exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Cli = Callable[..., tuple[int, str, str]]

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "templates"
TEMPLATES = ROOT / "tests" / "data" / "templates"
OPEN = """\
Parameters: {Stage: {Type: String}, Servers: {Type: CommaDelimitedList}}
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "${Stage}-orders", VisibilityTimeout: 60}}
  First: {Type: AWS::Lambda::Function}
  Second: {Type: AWS::Lambda::Function}
  ToFirst:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref First, EventSourceArn: !GetAtt Queue.Arn, BatchSize: 1}
  ToSecond:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Second
      SelfManagedEventSource: {Endpoints: {KafkaBootstrapServers: !Ref Servers}}
      SourceAccessConfigurations: [{Type: VPC_SUBNET, URI: "subnet:subnet-0011001100"}]
      StartingPosition: LATEST
      Topics: [stock]
"""


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A template with two functions that leaves two values open."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    Path("t.yaml").write_text(OPEN, encoding="utf-8")
    return "t.yaml"


GIVEN = ("--parameter", "Stage=test", "--parameter", "Servers=a.example.com:9092")


def test_text_has_line_level_mapping_and_code(cli: Cli, template: str) -> None:
    """1 when there is advice."""
    code, out, err = cli("advise", template, *GIVEN)
    assert (code, err) == (1, "")
    first, second, last = out.splitlines()
    assert first.startswith(
        "t.yaml:3: warning: ToFirst: no-dead-letter-queue: arn:aws:sqs:us-east-1:123456789012:test-orders has no"
    )
    assert second.startswith("t.yaml:15: note: ToSecond: latest-loses-records: StartingPosition is LATEST")
    assert last == "t.yaml: 2 mappings, 2 pieces of advice"


def test_without_advice_the_exit_code_is_zero(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it says so."""
    monkeypatch.chdir(TEMPLATES / "sam")
    assert cli("advise", "dynamodb.yaml", "--silence", "failures-not-reported") == (
        0,
        "dynamodb.yaml: 1 mapping, no advice\n",
        "",
    )


def test_what_is_open_is_asked_for(cli: Cli, template: str) -> None:
    """2: the question cannot be asked; the message is what to type."""
    code, out, err = cli("advise", template)
    assert (code, out) == (2, "")
    assert "--parameter 'Stage=...' --parameter 'Servers=...'" in err


def test_function(cli: Cli, template: str) -> None:
    """Only its mappings, and only what they need; several are fine."""
    code, out, _ = cli("advise", template, "--function", "Second", "--parameter", 'Servers=["a.example.com:9092"]')
    assert code == 1
    assert "ToFirst" not in out
    assert out.endswith("t.yaml: 1 mapping, 1 piece of advice\n")
    assert cli("advise", template, "--function", "First", "--function", "Second", *GIVEN)[1].count("\n") == 3
    code, _, err = cli("advise", template, "--function", "Frist", *GIVEN)
    assert code == 2
    assert "did you mean 'First'?" in err


@pytest.mark.parametrize(
    ("given", "words"),
    [("Stage", "--parameter Stage: write NAME=VALUE"), ("=x", "write NAME=VALUE"), ("Servers=[a", "this is not JSON")],
)
def test_parameter(cli: Cli, template: str, given: str, words: str) -> None:
    """NAME=VALUE, and a list or a mapping as JSON."""
    code, _, err = cli("advise", template, "--parameter", given)
    assert code == 2
    assert words in err


def test_silence(cli: Cli, template: str) -> None:
    """Codes that nobody wants to hear; one that there is not is refused."""
    code, out, _ = cli("advise", template, *GIVEN, "--silence", "latest-loses-records, no-dead-letter-queue")
    assert (code, out) == (0, "t.yaml: 2 mappings, no advice\n")
    code, _, err = cli("advise", template, *GIVEN, "--silence", "latest-loses-record")
    assert code == 2
    assert "did you mean 'latest-loses-records'?" in err


def test_json(cli: Cli, template: str) -> None:
    """One object a template."""
    code, out, _ = cli("advise", template, template, *GIVEN, "--format", "json")
    assert code == 1
    first, second = map(json.loads, out.splitlines())
    assert first == second
    assert {key: first[key] for key in ("template", "mappings", "notes")} == {
        "template": "t.yaml",
        "mappings": ["ToFirst", "ToSecond"],
        "notes": [],
    }
    (queue, _) = first["advice"]
    assert {key: value for key, value in queue.items() if key != "message"} == {
        "code": "no-dead-letter-queue",
        "level": "warning",
        "function": "First",
        "mapping": "ToFirst",
        "line": 3,
        "path": "Resources.Queue",
    }


def test_sarif(cli: Cli, template: str) -> None:
    """One log for all templates, with rules, lines and levels."""
    code, out, _ = cli("advise", template, *GIVEN, "--format", "sarif")
    assert code == 1
    (run,) = json.loads(out)["runs"]
    assert run["tool"]["driver"]["name"] == "lambda-events"
    assert [(one["ruleId"], one["level"]) for one in run["results"]] == [
        ("no-dead-letter-queue", "warning"),
        ("latest-loses-records", "note"),
    ]
    assert run["results"][0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "t.yaml"},
        "region": {"startLine": 3},
    }


def test_output(cli: Cli, template: str) -> None:
    """A file instead of standard output, in UTF-8."""
    printed = cli("advise", template, *GIVEN)[1]
    assert cli("advise", template, *GIVEN, "--output", "out.txt") == (1, "", "")
    assert Path("out.txt").read_text(encoding="utf-8") == printed
    code, _, err = cli("advise", template, *GIVEN, "--output", "missing/out.txt")
    assert code == 2
    assert "cannot be written" in err


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_output_of_what_no_file_can_hold(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """JSON can write half of a character; it is told as JSON tells it."""
    monkeypatch.chdir(tmp_path)
    named = {"FunctionName": "f", "EventSourceArn": {"Fn::GetAtt": ["Q", "Arn"]}}
    mapping = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": named}
    resources = {"Q": {"Type": "AWS::SQS::Queue"}, "M\ud800": mapping}
    Path("half.json").write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    code, out, err = cli("advise", "half.json", "--format", form, "--output", "out.txt")
    assert (code, out, err) == (1, "", "")
    assert "M\\ud800" in Path("out.txt").read_text(encoding="utf-8")


def test_what_was_left_out_is_said(cli: Cli, template: str) -> None:
    """A property that is not known, with its place; it changes no exit code."""
    Path("t.yaml").write_text(OPEN.replace("BatchSize: 1", "BatchSize: 1, Foo: 1"), encoding="utf-8")
    code, out, _ = cli("advise", template, *GIVEN, "--silence", "latest-loses-records,no-dead-letter-queue")
    assert code == 0
    assert out.startswith("t.yaml:8: Resources.ToFirst.Properties.Foo: note: AWS::Lambda::EventSourceMapping has no")
    notes = json.loads(cli("advise", template, *GIVEN, "--format", "json")[1])["notes"]
    assert (notes[0]["line"], notes[0]["path"]) == (8, "Resources.ToFirst.Properties.Foo")


def test_a_file_that_is_no_template(cli: Cli, template: str) -> None:
    """2, and what it should be."""
    Path("x.yaml").write_text("a: 1", encoding="utf-8")
    code, _, err = cli("advise", "x.yaml")
    assert code == 2
    assert "x.yaml is no template that is known here" in err
    assert cli("advise", "missing.yaml")[0] == 2


def test_the_region_is_the_environments(cli: Cli, template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a harness."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert "arn:aws:sqs:eu-west-1:123456789012:test-orders" in cli("advise", template, *GIVEN)[1]
