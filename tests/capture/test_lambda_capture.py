"""The decorator that is written into applications: it needs nothing, sees everything, and breaks nothing."""

from __future__ import annotations

import ast
import decimal
import importlib.util
import json
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import boto3
import pytest

from pytest_lambda_events.cassette import Failure, Returned
from pytest_lambda_events.cassette.capture import lambda_capture
from pytest_lambda_events.cassette.capture.finding import Finder
from pytest_lambda_events.cassette.capture.handler import handler_source, write_handler
from pytest_lambda_events.errors import CassetteError
from pytest_lambda_events.events import sqs_event

EVENT = sqs_event('{"order": 1, "who": "Ünï"}')
capture = lambda_capture.capture


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    """Nothing of this machine's environment."""
    for name in ("TO", "RATE", "MAX_BYTES"):
        monkeypatch.delenv(f"LAMBDA_CAPTURE_{name}", raising=False)


def found_in(text):
    finder = Finder()
    finder.read(text)
    assert finder.unfinished == 0
    return finder


# -- what is captured --------------------------------------------------------------------------------------------------


def test_the_event_and_what_the_handler_returned(capsys):
    """As it came, though the handler changes it; what is printed can be found in the log again."""

    @capture(to="stdout")
    def handler(event, context):
        """Docstring."""
        event.clear()
        return {"batchItemFailures": [], "amount": decimal.Decimal("1.5")}

    assert handler(json.loads(json.dumps(EVENT)), None)["batchItemFailures"] == []
    assert (handler.__name__, handler.__doc__) == ("handler", "Docstring.")

    (one,) = found_in(capsys.readouterr().out).found
    assert one.event == EVENT
    assert one.outcome == Returned({"batchItemFailures": [], "amount": 1.5})
    assert one.at[10:11] + one.at[-1] == "TZ"


def test_the_event_and_what_the_handler_raised(capsys):
    """The exception is the handler's own, whole; also one that ends the process."""
    for error in (ValueError("no such order"), SystemExit(3)):

        @capture(to="stdout")
        def handler(event, context, error=error):
            raise error

        with pytest.raises(type(error)) as raised:
            handler(EVENT, None)
        assert raised.value is error
        (one,) = found_in(capsys.readouterr().out).found
        assert one.outcome == Failure(type=type(error).__name__, message=str(error))


def test_an_invocation_that_lambda_ends_by_its_timeout_leaves_its_event(tmp_path):
    """A quick target has it before the handler runs."""
    file = tmp_path / "events.jsonl"

    @capture(to=f"file:{file}")
    def handler(event, context):
        found = Finder()
        found.read(file.read_text(encoding="utf-8"))
        return len(found.found)

    assert handler(EVENT, None) == 1
    assert len(file.read_text(encoding="utf-8").splitlines()) == 2


def test_what_is_no_json_fails_on_lambda_and_here(capsys):
    """With the runtime's own error; the caller gets what the handler returned."""
    answer = capture(lambda event, context: {1, 2}, to="stdout")(EVENT, None)
    assert answer == {1, 2}
    (one,) = found_in(capsys.readouterr().out).found
    assert one.outcome == Failure(
        type="Runtime.MarshalError",
        message="Unable to marshal response: Object of type set is not JSON serializable",
    )


def test_a_large_event_is_split_for_the_log(capsys):
    """CloudWatch cuts what is longer than 256 KB."""
    large = sqs_event("ü" * 100_000)
    capture(lambda event, context: "x" * 300_000, to="stdout")(large, None)
    out = capsys.readouterr().out
    assert [len(line) < 262_144 - 26 for line in out.splitlines()] == [True] * 5
    (one,) = found_in(out).found
    assert one.event == large
    assert one.outcome == Returned("x" * 300_000)


def test_what_is_too_large_is_left_out_with_a_note(capsys, monkeypatch):
    """The event, or the response."""
    monkeypatch.setenv("LAMBDA_CAPTURE_MAX_BYTES", "1000")
    capture(lambda event, context: "x" * 2_000, to="stdout")(EVENT, None)
    finder = found_in(capsys.readouterr().out)
    assert [one.outcome for one in finder.found] == [None]
    assert finder.dropped == ["2002 bytes of response, and LAMBDA_CAPTURE_MAX_BYTES is 1000"]


# -- when --------------------------------------------------------------------------------------------------------------


def test_without_a_target_it_is_not_there(monkeypatch):
    """The handler itself comes back: nothing that could cost anything."""

    def handler(event, context):
        return None

    assert capture(handler) is handler
    assert capture(handler, to="") is handler
    assert capture()(handler) is handler
    monkeypatch.setenv("LAMBDA_CAPTURE_TO", "stdout")
    monkeypatch.setenv("LAMBDA_CAPTURE_RATE", "0")
    assert capture(handler) is handler
    monkeypatch.setenv("LAMBDA_CAPTURE_RATE", "0.5")
    assert capture(handler).__wrapped__ is handler


def test_a_rate_is_a_share(tmp_path):
    """And takes nothing from the random numbers of the handler."""
    file = tmp_path / "events.jsonl"
    handler = capture(lambda event, context: None, to=f"file:{file}", rate=0.3)
    state = random.getstate()
    for _ in range(500):
        handler(EVENT, None)
    assert random.getstate() == state
    assert 80 < len(file.read_text(encoding="utf-8").splitlines()) / 2 < 230


# -- whatever goes wrong -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"to": "elsewhere"},
        {"to": "file:"},
        {"to": "s3://"},
        {"to": "https://sqs.us-east-1.amazonaws.com/1/orders.fifo"},
        {"to": "stdout", "rate": 2},
        {"to": "stdout", "rate": "often"},
        {"to": "stdout", "max_bytes": "much"},
    ],
)
def test_wrong_settings_leave_the_handler_alone(settings, capsys):
    """With a line on stderr."""

    def handler(event, context):
        return None

    assert capture(handler, **settings) is handler
    assert capsys.readouterr().err.startswith("lambda_capture: not captured: ")


class Hostile(Exception):
    """An exception that cannot even be shown."""

    def __str__(self):
        raise RuntimeError


def test_whatever_fails_the_handler_never_notices(tmp_path, capsys, monkeypatch):
    """A target that fails is left alone for a minute; stderr that is closed is no reason either."""
    handler = capture(lambda event, context: "fine", to=f"file:{tmp_path}/no/such/folder")
    assert [handler(EVENT, None), handler(EVENT, None)] == ["fine", "fine"]
    assert capsys.readouterr().err.count("FileNotFoundError") == 1

    monkeypatch.setattr("sys.stdout", None)
    monkeypatch.setattr("sys.stderr", None)
    assert capture(lambda event, context: "fine", to="stdout")(EVENT, None) == "fine"
    assert capture(lambda event, context: "fine", to="elsewhere")(EVENT, None) == "fine"


def test_events_and_errors_that_cannot_be_written(tmp_path, capsys):
    """Not JSON, endless, or hostile: the handler gets the event, the caller the exception."""
    endless: dict = {}
    endless["again"] = endless
    for event in ({"a": object()}, endless, None, []):
        assert capture(lambda event, context: event, to=f"file:{tmp_path}/out")(event, None) is event

    @capture(to="stdout")
    def handler(event, context):
        raise Hostile

    with pytest.raises(Hostile):
        handler(EVENT, None)
    assert found_in(capsys.readouterr().out).found[0].outcome == Failure(type="Hostile", message="")


def test_a_write_that_fails_after_the_handler(tmp_path, capsys):
    """The response is there all the same, and nothing is kept waiting."""
    file = tmp_path / "events.jsonl"

    @capture(to=f"file:{file}")
    def handler(event, context):
        file.unlink()
        file.mkdir()
        return "fine"

    assert handler(EVENT, None) == "fine"
    assert "IsADirectoryError" in capsys.readouterr().err or sys.platform == "win32"


def test_other_ways_to_call_a_handler(tmp_path):
    """As tests do: without a context, or with more."""
    handler = capture(lambda event, context=None, *rest, **more: (event, context, rest, more), to=f"file:{tmp_path}/x")
    assert handler(EVENT) == (EVENT, None, (), {})
    assert handler(EVENT, 1, 2, three=3) == (EVENT, 1, (2,), {"three": 3})


# -- AWS ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def endpoint(aws, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    return aws


def test_an_object_in_s3_for_each_invocation(endpoint):
    """Event and outcome together, under the day."""
    s3 = boto3.client("s3", endpoint_url=endpoint.url)
    bucket = endpoint.unique("captures")
    s3.create_bucket(Bucket=bucket)
    handler = capture(lambda event, context: 1, to=f"s3://{bucket}/lambda/orders/")
    handler(EVENT, None)
    handler(EVENT, None)

    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert len(keys) == 2
    assert all(key.startswith("lambda/orders/20") and key.endswith(".jsonl") for key in keys)
    (one,) = found_in(s3.get_object(Bucket=bucket, Key=keys[0])["Body"].read().decode("ascii")).found
    assert (one.event, one.outcome) == (EVENT, Returned(1))


def test_a_message_in_sqs_for_each_invocation(endpoint):
    """Several for a large one."""
    url, sqs = endpoint.queue(), endpoint.client("sqs")
    handler = capture(lambda event, context: 1, to=url)
    handler(EVENT, None)
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    (one,) = found_in(message["Body"]).found
    assert (one.event, one.outcome) == (EVENT, Returned(1))

    large = sqs_event("x" * 600_000)
    handler(large, None)
    bodies = [one["Body"] for one in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
    assert len(bodies) == 3
    finder = Finder()
    for body in bodies:
        finder.read(body)
    assert [one.event for one in finder.found] == [large]


def test_a_queue_of_captures_does_not_capture_itself(endpoint):
    """A function that reads it would make a new message of each, for ever."""
    url, sqs = endpoint.queue(), endpoint.client("sqs")
    handler = capture(lambda event, context: 1, to=url)
    own = json.loads(json.dumps(EVENT).replace(":orders", f":{url.rpartition('/')[2]}"))
    for event in (own, {"Records": []}, {"Records": None}, []):
        handler(event, None)
    assert len(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]) == 3


def test_the_region_of_a_queue_is_that_of_its_url(monkeypatch):
    """A function of one region may send to a queue of another."""
    made = []

    class Queue:
        def send_message(self, **asked):
            made.append(asked["QueueUrl"])

    monkeypatch.setattr(boto3, "client", lambda service, region_name, config: made.append(region_name) or Queue())
    for url in ("https://sqs.eu-west-1.amazonaws.com/1/captures", "http://localhost:4566/1/captures"):
        capture(lambda event, context: 1, to=url)(EVENT, None)
    assert made[::2] == ["eu-west-1", None]


# -- the file ----------------------------------------------------------------------------------------------------------


def test_it_imports_nothing_but_the_standard_library():
    """But boto3 and botocore, where a target needs them."""
    tree = ast.parse(handler_source())
    names = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    top = {node.names[0].name for node in tree.body if isinstance(node, ast.Import)}
    assert names - set(sys.stdlib_module_names) == {"boto3", "botocore"}
    assert top <= set(sys.stdlib_module_names)


def test_the_written_file_works_without_any_package(tmp_path, cli):
    """In an interpreter without site-packages, as in a bundle that has nothing else."""
    code, out, err = cli("capture", "handler", "--write", "app/lambda_capture.py")
    assert (code, out.strip()) == (0, str(Path("app") / "lambda_capture.py"))
    assert "LAMBDA_CAPTURE_TO" in err
    program = f"""
        import os, sys
        sys.path.insert(0, {str(tmp_path / "app")!r})
        os.environ["LAMBDA_CAPTURE_TO"] = "stdout"
        from lambda_capture import capture
        @capture
        def handler(event, context):
            return {{"batchItemFailures": []}}
        handler({EVENT!r}, None)
        assert not [name for name in sys.modules if name.startswith(("boto", "pytest", "moto"))]
    """
    done = subprocess.run(
        [sys.executable, "-S", "-I", "-c", textwrap.dedent(program)],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    (one,) = found_in(done.stdout).found
    assert (one.event, one.outcome) == (EVENT, Returned({"batchItemFailures": []}))


def test_writing_it_again(tmp_path):
    """Nothing to do; a changed one is replaced on request only, and another file never."""
    path = tmp_path / "app" / "lambda_capture.py"
    assert [write_handler(path), write_handler(path)] == [True, False]
    path.write_text(path.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    with pytest.raises(CassetteError, match="--force replaces it"):
        write_handler(path)
    assert write_handler(path, force=True)
    other = tmp_path / "app.py"
    other.write_bytes(b"print(1)\n")
    with pytest.raises(CassetteError, match="is another file"):
        write_handler(other, force=True)
    assert other.read_bytes() == b"print(1)\n"
    with pytest.raises(CassetteError, match="cannot be written"):
        write_handler(other / "lambda_capture.py")


def test_it_can_be_printed_and_says_who_wrote_it(cli, tmp_path):
    """And is a module, whatever is done with it."""
    cli("capture", "handler", "--write", "lambda_capture.py")
    code, out, err = cli("capture", "handler", "--write", "lambda_capture.py")
    assert (code, "there already" in err) == (0, True)
    code, out, _ = cli("capture", "handler", "--write", "-")
    assert code == 0
    assert out.startswith("# pytest-lambda-events 0.")
    assert out == (tmp_path / "lambda_capture.py").read_text(encoding="utf-8")
    spec = importlib.util.spec_from_file_location("written", tmp_path / "lambda_capture.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.__all__ == ["capture"]
