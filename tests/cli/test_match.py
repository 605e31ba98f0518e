"""`lambda-events match`: the filter of a mapping, tried on events from anywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.events import kafka_event, kinesis_event, rabbitmq_event, s3_batch_event, sqs_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Cli = Callable[..., tuple[int, str, str]]

BIG = '{"body": {"amount": [{"numeric": [">", 100]}]}}'


def test_it_says_which_records_pass(cli: Cli) -> None:
    """0 when one does, 1 when none does."""
    event = json.dumps(sqs_event({"amount": 500}, {"amount": 1}))
    assert cli("match", "--pattern", BIG, "-", stdin=event) == (
        0,
        "-: Records[0]: passes\n-: Records[1]: filtered out\n",
        "",
    )
    none = cli("match", "--pattern", BIG, "-", stdin=json.dumps(sqs_event({"amount": 1})))
    assert none[:2] == (1, "-: Records[0]: filtered out\n")


def test_it_explains(cli: Cli) -> None:
    """Which clause failed on which value; a body of another format is named."""
    event = json.dumps(sqs_event({"amount": 1}, "text"))
    _, out, _ = cli("match", "--explain", "--pattern", BIG, "-", stdin=event)
    assert "body.amount: FAILS, expected a number > 100" in out
    assert "found 1\n" in out
    assert "body: FAILS, expected JSON, as the pattern has it (otherwise the record is dropped)" in out


def test_patterns_come_from_files_and_any_may_match(cli: Cli, tmp_path: Path) -> None:
    """As the filters of a mapping do."""
    file = tmp_path / "pattern.json"
    file.write_text('{"body": {"country": ["FR"]}}', encoding="utf-8")
    event = json.dumps(sqs_event({"amount": 1, "country": "FR"}))
    assert cli("match", "--pattern", BIG, "--pattern", f"@{file}", "-", stdin=event)[0] == 0


@pytest.mark.parametrize(
    ("event", "pattern", "path"),
    [
        (kinesis_event({"a": 1}), '{"data": {"a": [1]}}', "Records[0]"),
        (kafka_event({"a": 1}, topic="my.topic"), '{"value": {"a": [1]}}', 'records["my.topic-0"][0]'),
        (rabbitmq_event({"a": 1}), '{"data": {"a": [1]}}', 'rmqMessagesByQueue["orders::/"][0]'),
    ],
)
def test_every_envelope_is_opened(cli: Cli, event: Any, pattern: str, path: str) -> None:
    """Lists, and lists by topic or queue."""
    code, out, _ = cli("match", "--pattern", pattern, "-", stdin=json.dumps(event))
    assert (code, out) == (0, f"-: {path}: passes\n")


def test_single_records_need_their_source(cli: Cli) -> None:
    """One a line, as logged."""
    records = kafka_event({"a": 1}, {"a": 2}, topic="orders")["records"]["orders-0"]
    lines = "\n".join(json.dumps(record) for record in records)
    pattern = '{"value": {"a": [2]}}'
    code, out, _ = cli("match", "--source", "kafka", "--pattern", pattern, "-", stdin=lines)
    assert (code, out) == (0, "-:1: filtered out\n-:2: passes\n")
    code, _, err = cli("match", "--pattern", pattern, "-", stdin=lines)
    assert code == 2
    assert "no event of any source" in err


def test_records_as_json(cli: Cli) -> None:
    """For other tools; with the clauses when they are asked for."""
    event = json.dumps(sqs_event({"amount": 1}))
    _, out, _ = cli("match", "--format", "json", "--explain", "--pattern", BIG, "-", stdin=event)
    told = json.loads(out)
    assert (told["record"], told["passes"]) == ("-: Records[0]", False)
    assert told["clauses"][0]["found"] == [1]
    _, out, _ = cli("match", "--format", "json", "--pattern", BIG, "-", stdin=event)
    assert "clauses" not in json.loads(out)


@pytest.mark.parametrize(
    ("arguments", "event", "why"),
    [
        (("--pattern", "{"), sqs_event("a"), "Invalid filter pattern definition."),
        (("--pattern", '{"body": {"a": [{"prefx": "x"}]}}'), sqs_event("a"), "prefix"),
        (("--pattern", '{"data": ["x"]}'), kinesis_event("a"), "takes only JSON"),
        (("--pattern", BIG), s3_batch_event("a"), "has no filters"),
        (("--pattern", BIG, "--source", "kafka"), sqs_event("a"), "an event of sqs, not of kafka"),
        (("--pattern", BIG, "--source", "sqs"), {"messageId": "a"}, "has not the form of sqs"),
        (("--pattern", BIG, "--source", "sqs"), [1], "an object of its event, not a list"),
        (("--pattern", BIG, "--source", "s3_batch"), sqs_event("a"), "invalid choice"),
        ((), sqs_event("a"), "--pattern"),
    ],
)
def test_what_cannot_be_matched_is_said_in_one_line(cli: Cli, arguments: tuple[str, ...], event: Any, why: str) -> None:
    """On stderr, with exit code 2."""
    code, out, err = cli("match", *arguments, "-", stdin=json.dumps(event))
    assert (code, out) == (2, "")
    assert why in err
    assert "Traceback" not in err
