"""`lambda-events simulate`: every option, the story, the JSON, and the exit code."""

from __future__ import annotations

import io
import json
import re
import sys
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from pytest_lambda_events.cli import pages
from pytest_lambda_events.report import page, progress, redacted
from pytest_lambda_events.report.trace_file import read_trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SCHEMA = Draft202012Validator(
    json.loads(files("pytest_lambda_events.scenario").joinpath("run.schema.json").read_text(encoding="utf-8"))
)

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: test}
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${Stage}-orders"
      VisibilityTimeout: 60
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2}
  Dead: {Type: AWS::SQS::Queue}
  Other: {Type: AWS::SQS::Queue, Properties: {QueueName: other, Colour: blue}}
  OrdersFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      CodeUri: .
      Handler: sim_deployed.handler
      Timeout: 10
      Events:
        New: {Type: SQS, Properties: {Queue: !GetAtt Orders.Arn, BatchSize: 1}}
        Old: {Type: SQS, Properties: {Queue: !GetAtt Other.Arn}}
"""

HANDLER = """
def handler(event, context):
    print("a handler prints", [record["body"] for record in event["Records"]])
    assert all(record["body"] != "poison" for record in event["Records"])

def again(event, context):
    import boto3
    for record in event["Records"]:
        name = record["eventSourceARN"].rpartition(":")[2]
        sqs = boto3.client("sqs", region_name="us-east-1")
        sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], MessageBody="again")
"""


@pytest.fixture
def simulate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Simulate the template with these records; other options as they are given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])  # the command puts the folder there
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    (tmp_path / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "sim_handlers.py").write_text(HANDLER, encoding="utf-8")
    (tmp_path / "sim_deployed.py").write_text("def handler(event, context):\n    return None\n", encoding="utf-8")

    def run(*options: str, records: list[Any] | str, event: str = "New", handler: str | None = "handler") -> Any:
        lines = records if isinstance(records, str) else "".join(f"{json.dumps(one)}\n" for one in records)
        (tmp_path / "records.jsonl").write_text(lines, encoding="utf-8")
        asked = ["template.yaml", "--function", "OrdersFunction", "--event", event]
        asked += [] if handler is None else ["--handler", f"sim_handlers:{handler}"]
        asked += [] if "--records" in options else ["--records", "records.jsonl"]
        return cli("simulate", *asked, *options)

    yield run
    for name in ("sim_handlers", "sim_deployed"):
        sys.modules.pop(name, None)


GOOD, POISON = {"body": "good"}, {"body": "poison", "at": 5}


def test_a_story(simulate: Callable[..., Any]) -> None:
    """What happened to each record; what the handler prints is not the answer."""
    code, out, err = simulate(records=[GOOD, POISON])
    assert code == 1
    for line in (
        "poison  -> dead_lettered",
        "5 s  sent to test-orders",
        "125 s  visible again, moved to",
        "good  -> processed",
    ):
        assert line in out
    assert "a handler prints" not in out
    assert "a handler prints ['good']" in err
    assert "lambda-events: dead_lettered: 1 record (record 1), and allow does not name it" in err


def test_a_chart(simulate: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """100 columns of plain text where nobody looks; as wide and coloured as the terminal where somebody does."""
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    _, out, _ = simulate(records=[GOOD, POISON])
    assert "2 records: 1 dead_lettered, 1 processed\n" in out
    assert 90 < max(map(len, out.split("\n\n")[1].splitlines())) <= 100
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31mx\x1b[0m" in simulate(records=[GOOD, POISON])[1]


def test_all_is_well(simulate: Callable[..., Any]) -> None:
    """Exit code 0."""
    code, out, err = simulate(records=[GOOD])
    assert (code, "good  -> processed" in out) == (0, True)
    assert "allow" not in err


def test_json(simulate: Callable[..., Any]) -> None:
    """The names of a Run, as the schema says."""
    code, out, _ = simulate("--format", "json", records=[GOOD, POISON])
    found = json.loads(out)
    SCHEMA.validate(found)
    assert code == 1
    good, poison = found["records"]
    assert (good["body"], good["sent_at"], good["attempts"], good["receives"], good["fate"]) == (
        "good", 0, [0], [0], "processed",
    )  # fmt: skip
    assert (poison["sent_at"], poison["attempts"], poison["fate"]) == (5, [5, 65], "dead_lettered")
    assert [(one["at"], one["outcome"], one["failed"]) for one in found["invocations"]] == [
        (0, "success", []),
        (5, "error", [poison["id"]]),
        (65, "error", [poison["id"]]),
    ]
    assert found["invocations"][0]["records"] == [good["id"]]
    assert (found["metrics"]["Invocations"], found["seed"]) == (3, 0)
    assert {"code", "message"} == set(found["advice"][0])


def test_allow(simulate: Callable[..., Any]) -> None:
    """A fate that is fine, too; only that one."""
    assert simulate("--allow", "dead_lettered", records=[POISON])[0] == 0
    assert simulate("--allow", "pending", records=[POISON])[0] == 1
    assert simulate("--allow", "pending", "--allow", "dead_lettered", records=[POISON])[0] == 0
    code, _, err = simulate("--allow", "lost", records=[POISON])
    assert (code, "invalid choice: 'lost'" in err) == (2, True)


def test_seed(simulate: Callable[..., Any]) -> None:
    """The same seed, the same answer; another, other ids."""
    answers = [simulate("--format=json", f"--seed={seed}", records=[GOOD])[1] for seed in (3, 3, 4)]
    assert answers[0] == answers[1] != answers[2]
    assert json.loads(answers[2])["seed"] == 4


def test_for(simulate: Callable[..., Any]) -> None:
    """What is not done by then is pending."""
    code, out, _ = simulate("--for", "60", records=[POISON])
    assert (code, "-> pending" in out, "stopped at 60 s" in out) == (1, True, True)
    code, _, err = simulate("--for=-1", records=[POISON])
    assert (code, "run_for: a number of seconds should stand here" in err) == (2, True)


def test_event(simulate: Callable[..., Any]) -> None:
    """Another mapping of the same function; what a template has that is not known is a note."""
    code, out, err = simulate(records=[GOOD], event="Old")
    assert (code, "sent to other" in out) == (0, True)
    assert "lambda-events: note: " in err
    assert "Colour" in err
    assert simulate(records=[GOOD], event="None")[0] == 2


def test_parameter(simulate: Callable[..., Any]) -> None:
    """What the template leaves open."""
    assert "sent to prod-orders" in simulate("--parameter", "Stage=prod", records=[GOOD])[1]
    assert "write NAME=VALUE" in simulate("--parameter", "Stage", records=[GOOD])[2]


def test_the_handler_of_the_template(simulate: Callable[..., Any]) -> None:
    """Where none is given."""
    code, _, err = simulate(records=[POISON], handler=None)
    assert (code, "prints" in err) == (0, False)


def test_records_from_standard_input(simulate: Callable[..., Any], cli: Callable[..., Any]) -> None:
    """By `-`."""
    asked = ["simulate", "template.yaml", "--function=OrdersFunction", "--event=New", "--records", "-"]
    code, out, _ = cli(*asked, stdin='{"body": "from afar"}\n')
    assert (code, "from afar  -> processed" in out) == (0, True)
    code, _, err = cli(*asked, stdin='{"body": 1}\n{"bodi": 1}\n')
    assert (code, "standard input:2: what is put?" in err) == (2, True)


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ("{\n", "records.jsonl:1:2: this is not JSON"),
        ('{"body": 1}\n{"body": 2, "atx": 3}\n', "records.jsonl:2: atx: a record of Amazon SQS"),
    ],
)
def test_records_that_mean_nothing(simulate: Callable[..., Any], records: str, words: str) -> None:
    """Exit code 2, with the line and the key."""
    code, out, err = simulate(records=records)
    assert (code, out) == (2, "")
    assert words in err


def test_what_is_not_there(simulate: Callable[..., Any], cli: Callable[..., Any]) -> None:
    """Function, handler, template, records."""
    assert "nowhere.jsonl cannot be read" in simulate("--records", "nowhere.jsonl", records=[])[2]
    assert "has no 'nothing'" in simulate(records=[], handler="nothing")[2]
    code, _, err = cli("simulate", "template.yaml", "--function=Odrers", "--records=records.jsonl")
    assert (code, "Odrers" in err) == (2, True)
    assert cli("simulate", "nowhere.yaml", "--function=Orders", "--records=records.jsonl")[0] == 2


def test_a_run_that_does_not_come_to_rest(simulate: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told as far as it came."""
    monkeypatch.setattr(
        "pytest_lambda_events.harness.mapping.EventSourceMapping.run_until_idle.__kwdefaults__",
        {"max_invocations": 5, "max_seconds": 60},
    )
    code, out, err = simulate("--format=json", records=[GOOD], handler="again")
    assert code == 1
    assert "the run did not come to rest within 5 invocations" in err
    assert [one["fate"] for one in json.loads(out)["records"]].count("pending") == 1


# -- what is written, and what is shown meanwhile ----------------------------------------------------------------------


def test_trace(simulate: Callable[..., Any], tmp_path: Path) -> None:
    """The run in a file, in a folder that is made; the answer is as ever."""
    code, out, _ = simulate("--trace", "out/trace.json", records=[GOOD, POISON])
    assert (code, "poison  -> dead_lettered" in out) == (1, True)
    view, test = read_trace(tmp_path / "out" / "trace.json")
    assert ([record.fate for record in view.records], test) == (["processed", "dead_lettered"], None)


@pytest.mark.parametrize(("records", "outcome"), [([GOOD], "passed"), ([GOOD, POISON], "failed")])
def test_html(
    simulate: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    records: list[Any],
    outcome: str,
) -> None:
    """A page of one entry, which links the trace where there is one."""
    told: list[Any] = []
    entry_of = page.entry_of
    monkeypatch.setattr(pages, "entry_of", lambda one: told.append(one) or entry_of(one))
    simulate("--html", "report.html", records=records)
    simulate("--html=out/report.html", "--trace=trace.json", records=records)
    for one, link in zip(told, (None, "../trace.json"), strict=True):
        assert (one.test, one.outcome) == ("template.yaml, OrdersFunction", outcome)
        assert (len(one.view.records), one.trace_file) == (len(records), link)
    for name in ("report.html", "out/report.html"):
        assert (tmp_path / name).read_text(encoding="utf-8").lower().startswith("<!doctype html")


def test_what_is_written_is_redacted(
    simulate: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the rules of the project that the folder is in."""
    actions = '[[tool.lambda_events.redact.rules]]\npath = "$.Records[*].body"\naction = "drop"\n'
    (tmp_path / "pyproject.toml").write_text(actions, encoding="utf-8")
    asked: list[Any] = []
    plain = redacted.redacted
    monkeypatch.setattr(redacted, "redacted", lambda view, redactor: asked.append(redactor) or plain(view, redactor))
    simulate("--trace=trace.json", records=[GOOD])
    assert [rule.action for rule in asked[0].rules.rules] == ["drop"]


def test_what_cannot_be_written(simulate: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Is said before anything runs; a disk that is full, when it is."""
    for option in ("--trace", "--html"):
        code, _, err = simulate(option, ".", records=[GOOD])
        assert (code, "is a folder: name a file in it" in err, "a handler prints" in err) == (2, True, False)
    code, _, err = simulate("--trace=template.yaml/trace.json", records=[GOOD])
    assert (code, "template.yaml cannot be written into: " in err) == (2, True)

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    for option in ("--trace", "--html"):
        code, _, err = simulate(f"{option}=file", records=[GOOD])
        assert (code, "error: file cannot be written: No space left on device" in err) == (2, True)


class Terminal(io.StringIO):
    """Standard error that is one."""

    def isatty(self) -> bool:
        return True


def test_progress(simulate: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal, on one line that what the handler prints takes the place of, and erased in the end."""
    monkeypatch.setattr(progress, "_FIRST_S", 0)
    monkeypatch.setattr(progress, "_EVERY_S", 0)
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    code, out, _ = simulate(records=[GOOD, POISON])
    assert (code, "poison  -> dead_lettered" in out, "virtual time" in out) == (1, True, False)
    shown = stream.getvalue()
    line = "5 s of virtual time, 1 record done, 1 left, 2 invocations"
    assert f"\r{line}\r{' ' * len(line)}\ra handler prints ['poison']\n" in shown
    assert re.search(r"\r +\rlambda-events: dead_lettered: 1 record", shown)
    assert sys.stderr is stream


def test_no_progress_in_a_file(simulate: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor anywhere else but on a terminal."""
    monkeypatch.setattr(progress, "_FIRST_S", 0)
    assert "virtual time" not in simulate(records=[GOOD, POISON]).err
