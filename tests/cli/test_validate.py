"""`lambda-events validate`: files of events and responses, and exit codes that a pipeline can use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.events import kinesis_event, sqs_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    """Write JSON values into a file, one a line where there are several."""

    def write(*values: Any, name: str = "event.json") -> str:
        path = tmp_path / name
        path.write_text("\n".join(json.dumps(value) for value in values), encoding="utf-8")
        return str(path)

    return write


def test_a_sound_event_is_said_to_be(cli: Cli, file: Callable[..., str]) -> None:
    """With what it is."""
    name = file(sqs_event("a"))
    assert cli("validate", name) == (0, f"{name}: sqs: well formed\n", "")


def test_an_error_ends_with_1_and_a_note_does_not_unless_strict(cli: Cli, file: Callable[..., str]) -> None:
    """Notes are for people, errors for pipelines."""
    noted = file(sqs_event("a", overrides={"Records[0].awsRegion": "eu-west-9"}), name="noted.json")
    wrong = file(sqs_event("a", overrides={"Records[0].body": 7}), name="wrong.json")
    code, out, _ = cli("validate", noted)
    assert code == 0
    assert f'{noted}: sqs: 0 errors, 1 note\n  note: Records[0].awsRegion: found "eu-west-9"' in out
    assert cli("validate", "--strict", noted)[0] == 1
    code, out, _ = cli("validate", noted, wrong)
    assert code == 1
    assert "error: Records[0].body: found 7, expected a string" in out


def test_several_events_may_stand_one_a_line(cli: Cli, file: Callable[..., str]) -> None:
    """Each is named with its line."""
    name = file(sqs_event("a"), kinesis_event("b"), {"x": 1}, name="events.jsonl")
    code, out, _ = cli("validate", name)
    assert code == 1
    lines = out.splitlines()
    assert lines[:2] == [f"{name}:1: sqs: well formed", f"{name}:2: kinesis: well formed"]
    assert lines[2].startswith(f"{name}:3: unknown: 1 error")


def test_the_nearest_source_is_named(cli: Cli, file: Callable[..., str]) -> None:
    """An event that nobody sends is measured against the one that it is most like."""
    event = sqs_event("a")
    del event["Records"][0]["eventSource"]
    code, out, _ = cli("validate", file(event))
    assert code == 1
    assert "unknown, most like sqs: 1 error" in out


def test_findings_as_json(cli: Cli, file: Callable[..., str]) -> None:
    """One object a value, for other tools."""
    name = file(sqs_event("a", overrides={"Records[0].body": 7}))
    code, out, _ = cli("validate", "--format", "json", name)
    told = json.loads(out)
    assert code == 1
    assert (told["file"], told["kind"]) == (name, "sqs")
    assert told["findings"][0] == {
        "severity": "error",
        "path": "Records[0].body",
        "found": "7",
        "expected": "a string",
    }


def test_standard_input_and_a_byte_order_mark_are_read(cli: Cli) -> None:
    """As PowerShell writes it."""
    text = json.dumps(sqs_event("a")).encode("utf-8-sig")
    assert cli("validate", "-", stdin=text) == (0, "-: sqs: well formed\n", "")


def test_a_response_is_measured_against_its_event(cli: Cli, file: Callable[..., str]) -> None:
    """The event says which identifiers there are."""
    event = sqs_event("a", "b")
    asked = file(event)
    known = event["Records"][0]["messageId"]
    right = file({"batchItemFailures": [{"itemIdentifier": known}]}, name="right.json")
    wrong = file({"batchItemFailures": [{"itemIdentifier": "nobody"}]}, name="wrong.json")
    assert cli("validate", right, "--event", asked) == (0, f"{right}: response to sqs: well formed\n", "")
    code, out, _ = cli("validate", wrong, "--event", asked)
    assert code == 1
    assert "batchItemFailures" in out
    code, _, err = cli("validate", right)
    assert code == 2
    assert "--event FILE" in err


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "is empty"),
        ("{", "is not JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
        ("{}\n{", "one value a line: "),
        ("{\n}\n]", "is not JSON: Extra data at line 3, column 1"),
    ],
)
def test_what_is_not_json_says_where(cli: Cli, tmp_path: Path, content: str, why: str) -> None:
    """Line and column, exit code 2."""
    path = tmp_path / "broken.json"
    path.write_text(content, encoding="utf-8")
    code, out, err = cli("validate", str(path))
    assert (code, out) == (2, "")
    assert f"{path} " in err
    assert why in err


def test_one_event_is_answered(cli: Cli, file: Callable[..., str]) -> None:
    """A response to several makes no sense."""
    events = file({}, {}, name="two.jsonl")
    code, _, err = cli("validate", file({}), "--event", events)
    assert code == 2
    assert "holds 2 values" in err


def test_a_missing_file_is_named(cli: Cli) -> None:
    """With the reason."""
    code, _, err = cli("validate", "no-such.json")
    assert code == 2
    assert "no-such.json cannot be read" in err
