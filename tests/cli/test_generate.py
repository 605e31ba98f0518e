"""`lambda-events generate`: what the builders can do, from the command line."""

from __future__ import annotations

import base64
import inspect
import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import events
from pytest_lambda_events.events import validate
from pytest_lambda_events.sources import SOURCES, builder, named

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Cli = Callable[..., tuple[int, str, str]]

NAMES = [source.name for source in SOURCES]


def event_of(ended: tuple[int, str, str]) -> Any:
    """The printed event of a command that ended well."""
    code, out, err = ended
    assert (code, err) == (0, "")
    assert out.endswith("\n")
    return json.loads(out)


@pytest.mark.parametrize("name", NAMES)
def test_every_source_has_a_name_here(cli: Cli, name: str) -> None:
    """What is printed is what the builder makes, and nothing is wrong with it."""
    event = event_of(cli("generate", name, "--seed", "5", "--time", "2025-06-01T00:00:00Z"))
    assert event == getattr(events, f"{name}_event")(seed=5, time="2025-06-01T00:00:00Z")
    assert validate(event) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_argument_of_a_builder_is_an_option_that_says_what_it_does(cli: Cli, name: str) -> None:
    """None is forgotten, none is without help."""
    _, out, _ = cli("generate", name, "--help")
    build = builder(named(name))
    told = inspect.getdoc(build) or ""
    for parameter in inspect.signature(build).parameters.values():
        if parameter.name != "overrides" and parameter.kind is parameter.KEYWORD_ONLY:
            assert f"--{parameter.name.replace('_', '-')} " in out.replace(",", " "), parameter.name
        assert f"    {parameter.name}: " in told


def test_json_is_compact_or_pretty(cli: Cli) -> None:
    """Compact, as Lambda sends it, is the default."""
    compact, pretty = cli("generate", "sqs", "é").out, cli("generate", "sqs", "é", "--pretty").out
    assert compact.count("\n") == 1
    assert '{"Records":[{"messageId":"' in compact
    assert '\n  "Records": [\n' in pretty
    assert "é" in compact
    assert json.loads(compact) == json.loads(pretty)


def test_payloads_come_from_arguments_files_and_standard_input(cli: Cli, tmp_path: Path) -> None:
    """In the order in which they are named."""
    file = tmp_path / "body.txt"
    file.write_text('{"order": 2}\n', encoding="utf-8")
    event = event_of(cli("generate", "sqs", "one", f"@{file}", "-", stdin="drei ß"))
    assert [record["body"] for record in event["Records"]] == ["one", '{"order": 2}\n', "drei ß"]


def test_payloads_may_be_json_or_bytes(cli: Cli) -> None:
    """--json makes values of texts, --base64 bytes."""
    event = event_of(cli("generate", "sqs", '{ "a": 1 }', "--json"))
    assert event["Records"][0]["body"] == '{"a":1}'
    data = base64.b64encode(b"\x00\xff").decode()
    event = event_of(cli("generate", "kinesis", data, "--base64"))
    assert event["Records"][0]["kinesis"]["data"] == data


def test_items_and_documents_are_json_without_being_asked(cli: Cli) -> None:
    """There they can be nothing else."""
    event = event_of(cli("generate", "dynamodb", '{"id": "a", "total": 5}'))
    assert event["Records"][0]["dynamodb"]["NewImage"]["total"] == {"N": "5"}
    event = event_of(cli("generate", "documentdb", '{"name": "Ada"}'))
    assert event["events"][0]["event"]["fullDocument"]["name"] == "Ada"


def test_options_have_the_types_of_their_arguments(cli: Cli) -> None:
    """Numbers, switches, lists, JSON."""
    attributes = '{"kind": "new", "n": 3}'
    event = event_of(
        cli("generate", "sqs", "a", "--receive-count", "3", "--window", "--message-attributes", attributes)
    )
    (record,) = event["Records"]
    assert record["attributes"]["ApproximateReceiveCount"] == "3"
    assert record["messageAttributes"]["n"]["dataType"] == "Number"
    assert event_of(cli("generate", "sqs", "a", "--window"))["Records"][0]["md5OfMessageAttributes"] is None
    event = event_of(cli("generate", "dynamodb", '{"a": "1", "b": "2"}', "--keys", "a,b"))
    assert set(event["Records"][0]["dynamodb"]["Keys"]) == {"a", "b"}


def test_fields_are_put_and_left_out_by_path(cli: Cli) -> None:
    """--set takes JSON, or text where it is none; --unset a key."""
    event = event_of(
        cli(
            *("generate", "sqs", "a", "b", "--set", "Records[*].awsRegion=eu-west-9"),
            *("--set", "Records[0].attributes.SenderId=7", "--unset", "Records[1].md5OfBody"),
        )
    )
    assert [record["awsRegion"] for record in event["Records"]] == ["eu-west-9"] * 2
    assert event["Records"][0]["attributes"]["SenderId"] == 7
    assert "md5OfBody" not in event["Records"][1]


def test_envelopes_compose_from_the_inside_out(cli: Cli) -> None:
    """An S3 notification in an SNS message in an SQS message."""
    event = event_of(cli("generate", "sqs", "--envelope", "s3_put:bucket=photos,key=a b.jpg", "--envelope", "sns"))
    notification = json.loads(json.loads(event["Records"][0]["body"])["Message"])
    assert notification["Records"][0]["s3"]["object"]["key"] == "a+b.jpg"
    event = event_of(cli("generate", "sqs", '{"order": 1}', "--envelope", "eventbridge:source=shop"))
    assert json.loads(event["Records"][0]["body"])["detail"] == {"order": 1}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("generate", "sqz"), "did you mean 'sqs'?"),
        (("generate",), "SOURCE"),
        (("generate", "sqs", "--count", "0"), "count=0"),
        (("generate", "sqs", "--count", "x"), "invalid int value"),
        (("generate", "sqs", "@/no/such/file"), "/no/such/file cannot be read"),
        (("generate", "sqs", "{", "--json"), "not JSON"),
        (("generate", "dynamodb", "["), "not JSON"),
        (("generate", "sqs", "%", "--base64"), "not base64"),
        (("generate", "sqs", "--time", "noon"), "ISO 8601"),
        (("generate", "sqs", "a", "--set", "Records"), "PATH=JSON"),
        (("generate", "sqs", "a", "--set", "Record[0].body=1"), "no 'Record'"),
        (("generate", "sqs", "a", "--envelope", "snz"), "did you mean 'sns'?"),
        (("generate", "sqs", "a", "--envelope", "sns:colour=red"), "'colour=red' is none of its arguments"),
        (("generate", "sqs", "--envelope", "s3_put"), "s3_put"),
        (("generate", "sqs", ""), "MessageBody"),
        (("generate", "sqs", "--no-such-option"), "--no-such-option"),
    ],
)
def test_what_cannot_be_made_is_said_in_one_line(cli: Cli, arguments: tuple[str, ...], why: str) -> None:
    """On stderr, with exit code 2 and nothing on stdout."""
    code, out, err = cli(*arguments)
    assert (code, out) == (2, "")
    assert why in err
    assert "Traceback" not in err


def test_a_file_that_is_not_text_says_where(cli: Cli, tmp_path: Path) -> None:
    """The first byte that is not UTF-8."""
    file = tmp_path / "body.bin"
    file.write_bytes(b"ab\xff")
    assert "is not UTF-8: byte 2 is 0xff" in cli("generate", "sqs", f"@{file}").err
