"""Scenarios of every source, run: what is put, what is refused with its place, what comes out as JSON."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from pytest_lambda_events import HandlerNotUsable, Harness, ScenarioDifference, ScenarioError
from pytest_lambda_events.scenario import check, differences, located, read_scenario, run_as_json, run_scenario
from pytest_lambda_events.scenario.reading import FACTORIES
from pytest_lambda_events.templates.placed import Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_lambda_events.scenario import Scenario

SCHEMA = Draft202012Validator(
    json.loads(files("pytest_lambda_events.scenario").joinpath("run.schema.json").read_text(encoding="utf-8"))
)
HORIZON = {"StartingPosition": "TRIM_HORIZON"}


def succeed(event: Any, context: Any) -> Any:
    """Of a job, each task; of all else, everything."""
    tasks = event.get("tasks") if isinstance(event, dict) else None
    if tasks is None:
        return None
    results = [{"taskId": task["taskId"], "resultCode": "Succeeded", "resultString": ""} for task in tasks]
    return {
        "invocationSchemaVersion": "1.0",
        "treatMissingKeysAs": "PermanentFailure",
        "invocationId": event["invocationId"],
        "results": results,
    }


def fail(event: Any, context: Any) -> Any:
    """Nothing works."""
    raise RuntimeError("no")


@pytest.fixture
def scenario(tmp_path: Path) -> Callable[..., Scenario]:
    """A scenario with these keys, whose handler succeeds."""

    def make(**keys: Any) -> Scenario:
        return read_scenario(located({"handler": succeed, **keys}, tmp_path, Place(file="here")))

    return make


ROWS: dict[str, tuple[Any, list[dict[str, Any]], list[dict[str, Any]]]] = {
    "sqs_queue": (
        {},
        [{"body": "a"}, {"body": {"b": 1}, "at": 2, "delay_seconds": 3}, {"body": "YQ==", "base64": True, "at": 9}],
        [{"body": "a"}, {"body": '{"b":1}'}, {"body": "a"}],
    ),
    "sqs_queue fifo": (
        {"fifo": True},
        [{"body": "a", "message_group_id": "g", "message_deduplication_id": "1"}],
        [{"body": "a"}],
    ),
    "kinesis_stream": (
        {"ShardCount": 1},
        [{"data": "a", "partition_key": "k"}, {"body": {"b": 1}, "at": 2}, {"data": "/w==", "base64": True, "at": 3}],
        [{"data": "a"}, {"data": '{"b":1}'}, {"data": {"base64": "/w=="}}],
    ),
    "dynamodb_table": (
        {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        [
            {"put": {"id": "1", "total": 1}},
            {"body": {"id": "2", "total": 1.5}, "at": 1},
            {"update": "1", "changes": {"total": 2}, "remove": ["nothing"], "at": 2},
            {"update": {"id": "1"}, "remove": ["total"], "at": 3},
            {"delete": "2", "at": 4},
        ],
        [
            {"event_name": "INSERT", "keys": {"id": {"S": "1"}}, "new_image": {"id": {"S": "1"}, "total": {"N": "1"}}},
            {"event_name": "INSERT", "new_image": {"id": {"S": "2"}, "total": {"N": "1.5"}}, "old_image": None},
            {"event_name": "MODIFY", "new_image": {"id": {"S": "1"}, "total": {"N": "2"}}},
            {"event_name": "MODIFY", "new_image": {"id": {"S": "1"}}},
            {"event_name": "REMOVE", "new_image": None},
        ],
    ),
    "documentdb_collection": (
        {"name": "shop.orders"},
        [
            {"insert": {"_id": 1, "total": 1}},
            {"body": {"_id": 2}, "at": 1},
            {"update": 1, "changes": {"$inc": {"total": 1}}, "at": 2},
            {"replace": 2, "document": {"new": True}, "at": 3},
            {"delete": 1, "at": 4},
            {"rename": "old", "at": 5},
        ],
        [{}, {}, {}, {}, {}],
    ),
    "msk_topic": ({"partitions": 2}, [{"value": "a", "key": "k", "headers": {"h": "1"}}], [{"key": "k", "value": "a"}]),
    "kafka_topic": (
        {},
        [{"body": {"a": 1}, "partition": 0}, {"value": None, "key": "gone", "at": 1}],
        [{"key": None, "value": '{"a":1}'}, {"key": "gone", "value": None}],
    ),
    "activemq_queue": ({}, [{"data": "a", "priority": 9, "properties": {"p": 1}}], [{"data": "a"}]),
    "rabbitmq_queue": ({}, [{"body": {"a": 1}, "headers": {"h": "1"}, "at": 4}], [{"data": '{"a":1}'}]),
    "s3_batch_job": (
        {"bucket": "photos"},
        [{"key": "a.jpg", "version_id": "v0"}, {"key": "b c.jpg", "version_id": "v1"}],
        [{"key": "a.jpg", "version_id": "v0"}, {"key": "b c.jpg", "version_id": "v1"}],
    ),
}


def test_every_source_is_here() -> None:
    """Of the factories that a scenario may name."""
    assert {name.partition(" ")[0] for name in ROWS} == set(FACTORIES)


@pytest.mark.parametrize("name", ROWS)
def test_records_of_every_source(scenario: Callable[..., Scenario], name: str) -> None:
    """They come as they are written, at their second, and the JSON is what the schema says."""
    arguments, rows, payloads = ROWS[name]
    factory = name.partition(" ")[0]
    mapping = {} if factory in ("sqs_queue", "activemq_queue", "rabbitmq_queue", "s3_batch_job") else HORIZON
    keys = {"mapping": mapping} if mapping else {}
    with Harness(seed=4) as aws:
        found = run_as_json(run_scenario(scenario(source={factory: arguments}, records=rows, **keys), aws))
    SCHEMA.validate(found)
    assert json.loads(json.dumps(found)) == found
    assert found["seed"] == 4
    records = found["records"]
    assert {one["fate"] for one in records} == {"processed"}
    assert [{key: one[key] for key in wanted} for one, wanted in zip(records, payloads, strict=False)] == payloads
    assert [one["sent_at"] for one in records][: len(rows)] == [row.get("at", 0) for row in rows][: len(records)]
    called = {identifier for one in found["invocations"] for identifier in one["records"]}
    assert called == {one["id"] for one in records}


SQS, TABLE = {"source": "sqs_queue"}, {"source": "dynamodb_table", "mapping": HORIZON}


@pytest.mark.parametrize(
    ("keys", "row", "words"),
    [
        (SQS, {"body": 1, "message_groupid": "a"}, "here: records[1].message_groupid: a record of Amazon SQS"),
        (
            SQS,
            {"body": 1, "message_groupid": "a"},
            "has no such key (did you mean 'message_group_id'?); there are body",
        ),
        (SQS, {"bdy": 1}, "here: records[1]: what is put? A record of Amazon SQS"),
        (SQS, {"bdy": 1}, "has body (did you mean 'body'?)"),
        (SQS, {"at": 1}, "here: records[1]: what is put?"),
        (SQS, {"body": 1, "at": -1}, "here: records[1].at: a number of seconds should stand here, not -1"),
        (SQS, {"body": 1, "at": "now"}, "here: records[1].at: a number of seconds should stand here, not 'now'"),
        (SQS, {"body": "?", "base64": True}, "here: records[1].body: base64 says that this is base64, and it is not"),
        (SQS, {"body": 5, "base64": True}, "here: records[1].body: base64 says that this is base64, and it is not: 5"),
        (SQS, {"body": 1, "message_group_id": 5}, "here: records[1]: "),
        (SQS, {"body": 1, "delay_seconds": 901}, "here: records[1]: An error occurred (InvalidParameterValue)"),
        (
            {"source": "kinesis_stream", "mapping": HORIZON},
            {"body": 1, "data": 2},
            "here: records[1]: data and body: one of them says what is put",
        ),
        (TABLE, {"put": {"id": "1"}, "delete": "1"}, "here: records[1]: put and delete: one of them says what is put"),
        (TABLE, {"put": {"id": "1"}, "changes": {}}, "records[1].changes: a record of Amazon DynamoDB"),
        (TABLE, {"update": "1", "changes": 5}, "here: records[1].changes: a mapping of attributes should stand here"),
        (TABLE, {"update": "1", "remove": "a"}, "here: records[1].remove: a list of attributes should stand here"),
        (TABLE, {"put": {"no": "key"}}, "here: records[1]: "),
        (
            {"source": "documentdb_collection", "mapping": HORIZON},
            {"update": 1},
            "here: records[1]: update also wants changes",
        ),
        ({"source": "s3_batch_job"}, {"key": "a", "at": 5}, "here: records[1].at: a task has no such key"),
        ({"source": "s3_batch_job"}, {"version_id": "a"}, "here: records[1]: which object? A task has a key"),
    ],
)
def test_a_row_that_means_nothing(
    scenario: Callable[..., Scenario], keys: dict[str, Any], row: dict[str, Any], words: str
) -> None:
    """Is said with its place; where a key is wrong, nothing was put."""
    good: dict[str, Any] = {"body": {"id": "0"}} if keys["source"] != "s3_batch_job" else {"key": "0"}
    with Harness() as aws, pytest.raises(ScenarioError) as caught:
        run_scenario(scenario(**keys, records=[good, row]), aws)
    assert words in str(caught.value)


def test_drop_takes_no_more(scenario: Callable[..., Scenario]) -> None:
    """`drop: true`, of a collection."""
    keys = {"source": "documentdb_collection", "mapping": HORIZON, "records": [{"insert": {}}, {"drop": True, "at": 1}]}
    with Harness() as aws:
        run = run_scenario(scenario(**keys), aws)
    assert [one.change["operationType"] for one in run.records][:2] == ["insert", "drop"]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"source": {"kafka_topic": {"partitons": 3}}}, "here: source: kafka_topic: a topic has no partitons (did you"),
        ({"source": {"documentdb_collection": {"clustr": "a"}}}, "here: source: got an unexpected keyword argument "),
        ({"source": {"s3_batch_job": {"buckt": "photos"}}}, "here: source: got an unexpected keyword argument 'buckt'"),
        (
            {"source": "sqs_queue", "mapping": {"source": "sqs_queue"}},
            "here: mapping: got multiple values for argument",
        ),
    ],
)
def test_arguments_that_a_call_does_not_have(
    scenario: Callable[..., Scenario], keys: dict[str, Any], words: str
) -> None:
    """Are said with the place."""
    with Harness() as aws, pytest.raises(ScenarioError) as caught:
        run_scenario(scenario(**keys), aws)
    assert str(caught.value).startswith(words)


def test_a_handler_that_is_not_there(scenario: Callable[..., Scenario]) -> None:
    """As everywhere."""
    with Harness() as aws, pytest.raises(HandlerNotUsable):
        run_scenario(scenario(source="sqs_queue", handler="nowhere:handler"), aws)


def test_for_so_long(scenario: Callable[..., Scenario]) -> None:
    """What comes later is not there."""
    with Harness() as aws:
        run = run_scenario(scenario(source="sqs_queue", records=[{"body": 1}, {"body": 2, "at": 60}], run_for=59), aws)
    assert (len(run.records), run.elapsed) == (1, 59)


def test_a_duration_and_a_function(scenario: Callable[..., Scenario]) -> None:
    """CreateFunction's names, and how long a call takes."""
    keys = {"source": {"sqs_queue": {"maxReceiveCount": 1}}, "records": [{"body": 1}], "function": {"Timeout": 2}}
    with Harness() as aws:
        (call,) = run_scenario(scenario(**keys, duration=5), aws).invocations
    assert (call.outcome, call.duration) == ("timeout", 2)


# -- what is expected --------------------------------------------------------------------------------------------------

TWO = [{"body": 1}, {"body": 2}]


@pytest.mark.parametrize(
    ("handler", "keys", "lines"),
    [
        (succeed, {}, []),
        (succeed, {"expect": {"processed": 2, "invocations": 1, "attempts": {0: [0], "1": [0.0]}}}, []),
        (succeed, {"expect": {"processed": [0, 1]}, "allow": []}, []),
        (succeed, {"allow": []}, []),
        (fail, {}, []),
        (fail, {"allow": ["dead_lettered"]}, []),
        (fail, {"allow": "pending"}, ["dead_lettered: 2 records (records 0, 1), and allow does not name it"]),
        (fail, {"expect": {"invocations": 1}}, []),
        (succeed, {"expect": {"processed": 3}}, ["processed: expected 3, found 2 (records 0, 1)"]),
        (succeed, {"expect": {"processed": [1]}}, ["processed: expected record 1, found records 0, 1"]),
        (
            succeed,
            {"expect": {"expired": 0, "pending": [0]}},
            [
                "processed: expected 0, because expect does not name it, found 2 (records 0, 1)",
                "pending: expected record 0, found none",
            ],
        ),
        (succeed, {"expect": {"invocations": 2}}, ["invocations: expected 2, found 1"]),
        (
            succeed,
            {"expect": {"attempts": {0: [0, 30], 7: []}}},
            [
                "attempts of record 0: expected [0, 30], found [0.0]",
                "attempts: there is no record 7: 2 records came, counted from 0",
            ],
        ),
        (succeed, {"expect": {"advice": ["fifo-order-broken"]}}, ["advice: expected fifo-order-broken, found "]),
    ],
)
def test_what_is_expected(
    scenario: Callable[..., Scenario], handler: Any, keys: dict[str, Any], lines: list[str]
) -> None:
    """All that is different, and nothing else."""
    given = scenario(source={"sqs_queue": {"maxReceiveCount": 1}}, records=TWO, **{"handler": handler, **keys})
    with Harness() as aws:
        run = run_scenario(given, aws)
        found = differences(given, run)
        assert len(found) == len(lines)
        assert [one.startswith(line) for one, line in zip(found, lines, strict=True)] == [True] * len(lines), found
        if not lines:
            check(given, run)
            return
        with pytest.raises(ScenarioDifference) as caught:
            check(given, run)
    assert isinstance(caught.value, AssertionError)
    assert str(caught.value) == "\n  ".join(("here: not as expected", *found))
    assert caught.value.run is run


def test_of_many_records_a_few_are_named(scenario: Callable[..., Scenario]) -> None:
    """And it is said that there are more."""
    given = scenario(source="sqs_queue", records=[{"body": 1}] * 7, expect={"pending": 0})
    with Harness() as aws:
        (line,) = differences(given, run_scenario(given, aws))
    assert line.endswith("found 7 (records 0, 1, 2, 3, 4, …)")


def test_no_advice_is_expected_by_an_empty_list(scenario: Callable[..., Scenario]) -> None:
    """And said by `none`."""
    keys = {"source": {"s3_batch_job": {"bucket": "photos"}}, "records": [{"key": "a.jpg"}]}
    given = scenario(**keys, expect={"advice": ["fifo-order-broken"]})
    with Harness() as aws:
        run = run_scenario(given, aws)
    assert [one.code for one in run.advice] == []
    assert differences(given, run) == ["advice: expected fifo-order-broken, found none"]
    assert differences(scenario(**keys, expect={"advice": []}), run) == []
