"""Advice on templates: each code with its place and level, what decides, and what is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from pytest_lambda_events.advice import MEANINGS
from pytest_lambda_events.advice.fixes import FIXES
from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates import read_template
from pytest_lambda_events.templates.advising import _PROPERTIES, advise
from pytest_lambda_events.templates.sarif import sarif_log

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.templates.declared import Template

    Read = Callable[..., Template]

DATA = Path(__file__).parents[2] / "data" / "templates"
SCHEMA: dict[str, Any] = json.loads((DATA / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:x-AbCdEf"


def queue_template(
    queue: str = "VisibilityTimeout: 60",
    mapping: str = "FunctionResponseTypes: [ReportBatchItemFailures]",
    function: str = "Timeout: 10",
    dead: str = "MessageRetentionPeriod: 1209600",
    redrive: str = "RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5}",
) -> str:
    """A sound queue and its mapping, but for what is given."""
    return f"""\
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: orders
      {queue}
      {redrive}
  Dead:
    Type: AWS::SQS::Queue
    Properties:
      {dead}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      {function}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Function
      EventSourceArn: !GetAtt Queue.Arn
      {mapping}
"""


def filters(*patterns: dict[str, Any]) -> str:
    """FilterCriteria in one line."""
    return f"FilterCriteria: {json.dumps({'Filters': [{'Pattern': json.dumps(one)} for one in patterns]})}"


def stream_template(mapping: str, arn: str = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks") -> str:
    """A mapping of a stream that is declared elsewhere."""
    return f"""\
Resources:
  Function: {{Type: AWS::Lambda::Function}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Function
      EventSourceArn: {arn}
      {mapping}
"""


SOUND = "StartingPosition: TRIM_HORIZON, MaximumRetryAttempts: 3, FunctionResponseTypes: [ReportBatchItemFailures]"
INLINE = "\n      ".join(SOUND.split(", ")[:2]) + "\n      FunctionResponseTypes: [ReportBatchItemFailures]"

CASES: list[tuple[str, str, str, int, str]] = [
    ("visibility-below-six-timeouts", "warning", queue_template("VisibilityTimeout: 59"), 6, "VisibilityTimeout=60"),
    ("visibility-below-six-timeouts", "warning", queue_template("DelaySeconds: 1"), 2, "is 30 s"),
    (
        "max-receive-count-low",
        "warning",
        queue_template(redrive="RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 4}"),
        7,
        "fewer than 4",
    ),
    ("no-dead-letter-queue", "warning", queue_template(redrive="DelaySeconds: 1"), 2, "has no dead-letter queue"),
    ("dead-letter-retention-short", "warning", queue_template(dead="MessageRetentionPeriod: 60"), 11, "1209600"),
    (
        "dead-letter-retention-short",
        "warning",
        queue_template(dead="DelaySeconds: 1"),
        8,
        "for 4 days and its source for 4",
    ),
    ("failures-not-reported", "note", queue_template(mapping="BatchSize: 10"), 16, "up to 10 records"),
    (
        "concurrency-above-reserved",
        "warning",
        queue_template(
            mapping="FunctionResponseTypes: [ReportBatchItemFailures]\n      ScalingConfig: {MaximumConcurrency: 6}",
            function="ReservedConcurrentExecutions: 5",
        ),
        22,
        "MaximumConcurrency is 6 and the function's ReservedConcurrentExecutions 5",
    ),
    (
        "filter-drops-everything",
        "warning",
        queue_template(
            mapping="FunctionResponseTypes: [ReportBatchItemFailures]\n"
            '      FilterCriteria: {Filters: [{Pattern: \'{"data": {"a": [1]}}\'}]}'
        ),
        22,
        "its patterns want data",
    ),
    (
        "filter-number-spelling",
        "note",
        queue_template(
            mapping="FunctionResponseTypes: [ReportBatchItemFailures]\n"
            '      FilterCriteria: {Filters: [{Pattern: \'{"body": {"a": [3e2]}}\'}]}'
        ),
        22,
        "spells a number",
    ),
    (
        "endless-retries-without-destination",
        "warning",
        stream_template("StartingPosition: TRIM_HORIZON\n      FunctionResponseTypes: [ReportBatchItemFailures]"),
        3,
        "both -1",
    ),
    ("latest-loses-records", "note", stream_template(INLINE.replace("TRIM_HORIZON", "LATEST")), 8, "is never read"),
    (
        "starting-position-defaulted",
        "warning",
        stream_template(
            "Topics: [stock]",
            "arn:aws:kafka:us-east-1:123456789012:cluster/shop/6cc0432b-8618-4f44-bccc-e1fbd8fb7c4d-2",
        ),
        3,
        "was left out",
    ),
    ("mapping-refused", "error", queue_template("VisibilityTimeout: 5"), 6, "Queue visibility timeout: 5 seconds"),
    (
        "mapping-refused",
        "error",
        queue_template("DelaySeconds: 1", function="Timeout: 31"),
        2,
        "visibility timeout: 30",
    ),
    ("mapping-refused", "error", queue_template(function="Timeout: 901"), 15, "'901' at 'timeout'"),
    ("mapping-refused", "error", queue_template(mapping="BatchSize: 10001"), 21, "'10001' at 'batchSize'"),
    ("mapping-refused", "error", queue_template(mapping="StartingPosition: LATEST"), 21, "StartingPosition"),
    ("mapping-refused", "error", queue_template("VisibilityTimeout: 99999"), 6, "VisibilityTimeout"),
    (
        "mapping-refused",
        "error",
        stream_template("BatchSize: 1", "arn:aws:s3:::bucket"),
        3,
        "Unrecognized event source",
    ),
]


@pytest.mark.parametrize(("code", "level", "text", "line", "words"), CASES)
def test_advice(read: Read, code: str, level: str, text: str, line: int, words: str) -> None:
    """One piece, with its level, at the line of the property, or of what lacks it."""
    found = advise(read("t.yaml", text))
    assert [(one.code, one.level, one.place.line) for one in found.remarks] == [(code, level, line)]
    assert words in found.remarks[0].message
    assert (found.remarks[0].mapping, found.remarks[0].function) == ("Mapping", "Function")


QUIET = [
    queue_template(),
    queue_template(mapping="BatchSize: 1"),
    queue_template(
        function="ReservedConcurrentExecutions: 5", mapping="BatchSize: 1\n      ScalingConfig: {MaximumConcurrency: 5}"
    ),
    queue_template(mapping=f"BatchSize: 1\n      {filters({'body': ['x']}, {'x': [1]})}"),
    queue_template(mapping=f"BatchSize: 1\n      {filters({'x': [{'exists': False}]})}"),
    stream_template(INLINE),
    stream_template(INLINE + '\n      FilterCriteria: {Filters: [{Pattern: \'{"partitionKey": ["x"]}\'}]}'),
]


@pytest.mark.parametrize("text", QUIET)
def test_a_sound_template_gets_none(read: Read, text: str) -> None:
    """Nothing to say, nothing left out."""
    found = advise(read("t.yaml", text))
    assert [(one.code, one.message) for one in found.remarks] == []
    assert found.mappings == ("Mapping",)
    assert found.notes == ()


def test_what_the_template_does_not_declare_is_noted(read: Read) -> None:
    """Advice that would need it is not given."""
    text = """
        Resources:
          Mapping:
            Type: AWS::Lambda::EventSourceMapping
            Properties:
              FunctionName: elsewhere
              EventSourceArn: arn:aws:sqs:us-east-1:123456789012:orders
              BatchSize: 1
    """
    found = advise(read("t.yaml", text))
    assert found.remarks == ()
    assert [str(note) for note in found.notes] == [
        "t.yaml:3: Resources.Mapping: function 'elsewhere' is not declared here: its Timeout is not looked at",
        (
            "t.yaml:3: Resources.Mapping: arn:aws:sqs:us-east-1:123456789012:orders is not declared here: "
            "its attributes are not looked at"
        ),
    ]


def test_a_dead_letter_queue_of_another_stack_is_one(read: Read) -> None:
    """How long it keeps messages nobody knows."""
    text = queue_template(
        redrive='RedrivePolicy: {deadLetterTargetArn: "arn:aws:sqs:us-east-1:123456789012:there", maxReceiveCount: 5}'
    )
    assert advise(read("t.yaml", text)).remarks == ()


def test_one_function_is_enough(read: Read) -> None:
    """What others leave open is not asked for then."""
    text = (
        queue_template(mapping="BatchSize: 10")
        + "  Other: {Type: AWS::Lambda::Function}\n"
        + "  Open:\n    Type: AWS::Lambda::EventSourceMapping\n"
        + "    Properties: {FunctionName: !Ref Other, EventSourceArn: !ImportValue shared}\n"
    )
    template = read("t.yaml", text)
    assert [one.mapping for one in advise(template, ["Function"]).remarks] == ["Mapping"]
    with pytest.raises(TemplateError) as asked:
        advise(template)
    assert asked.value.missing == ("Fn::ImportValue:shared",)
    with pytest.raises(TemplateError, match="declares no function 'Nobody'"):
        advise(template, ["Nobody"])
    given = read("t.yaml", text, **{"Fn::ImportValue:shared": "arn:aws:sqs:us-east-1:123456789012:orders"})
    assert {one.mapping for one in advise(given).remarks} == {"Mapping", "Open"}


def test_without_a_mapping_there_is_nothing_to_advise_on(read: Read) -> None:
    """Most likely it is the wrong file."""
    template = read("t.yaml", "Resources: {F: {Type: AWS::Lambda::Function}}")
    with pytest.raises(TemplateError, match=r"t\.yaml declares no event source mapping, so"):
        advise(template)
    with pytest.raises(TemplateError, match="declares no event source mapping of F, so"):
        advise(template, ["F"])


def test_what_decides_must_not_be_open(read: Read) -> None:
    """A queue's attributes, a function's Timeout; not its environment or its role."""
    text = queue_template(
        "VisibilityTimeout: !Ref Visibility", function="Role: !Ref Role\n      Environment: {Variables: {A: !Ref A}}"
    )
    parameters = "Parameters: {Visibility: {Type: Number}, Role: {Type: String}, A: {Type: String}}\n"
    with pytest.raises(TemplateError) as asked:
        advise(read("t.yaml", parameters + text))
    assert asked.value.missing == ("Visibility",)
    assert advise(read("t.yaml", parameters + text, Visibility=60)).remarks == ()


def test_what_is_not_simulated_is_no_reason_not_to_advise() -> None:
    """Here a schema registry; and what nobody could send is an error with its place."""
    found = advise(read_template(DATA / "cloudformation" / "kafka.json"))
    assert [one.code for one in found.remarks] == ["latest-loses-records"]


def test_what_no_client_would_send_has_its_place(read: Read) -> None:
    """A time that is none."""
    text = stream_template(
        INLINE.replace("TRIM_HORIZON", "AT_TIMESTAMP") + "\n      StartingPositionTimestamp: tomorrow"
    )
    with pytest.raises(TemplateError, match=r"t\.yaml:3: Resources\.Mapping: .*tomorrow"):
        advise(read("t.yaml", text))


@pytest.mark.parametrize(
    "case", json.loads((DATA / "expected.json").read_text(encoding="utf-8")), ids=lambda case: case["template"]
)
def test_sarif_is_valid_for_every_template(case: dict[str, Any]) -> None:
    """By the schema; every result has its rule, a line, and the rule a fix."""
    found = advise(read_template(DATA / case["template"], case["parameters"], region="us-east-1"))
    log = sarif_log([found], "1.0")
    jsonschema.Draft4Validator(SCHEMA).validate(json.loads(json.dumps(log)))
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert "Fix: " in rules[result["ruleIndex"]]["help"]["text"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["region"]["startLine"] > 0
    assert [one["code"] for one in ({"code": result["ruleId"]} for result in run["results"])] == [
        one.code for one in found.remarks
    ]


def test_the_schema_notices_a_mistake(read: Read) -> None:
    """It is a judge."""
    log = sarif_log([advise(read("t.yaml", queue_template(mapping="BatchSize: 10")))], "1.0")
    log["runs"][0]["results"][0]["level"] = "advice"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SCHEMA).validate(log)


def test_paths_in_sarif_are_uris(read: Read, tmp_path: Path) -> None:
    """Relative ones stay so, with what a URI cannot have escaped; notes are notifications."""
    read("my template.yaml", queue_template(mapping="BatchSze: 1"))
    log = sarif_log([advise(read_template("my template.yaml"))], "1.0")
    (run,) = log["runs"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "my%20template.yaml"}
    log = sarif_log([advise(read_template(tmp_path / "my template.yaml"))], "1.0")
    uri = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == (tmp_path / "my template.yaml").as_uri()


def test_every_code_that_a_template_can_get_has_a_place_and_a_fix() -> None:
    """And each is a code with a meaning."""
    assert set(FIXES) == set(_PROPERTIES) | {"mapping-refused"}
    assert set(FIXES) <= set(MEANINGS)
