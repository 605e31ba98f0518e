"""`lambda-events diff` for traces."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import Harness
from pytest_lambda_events.cassette import Interaction, write
from pytest_lambda_events.cassette.making import new_cassette
from pytest_lambda_events.events import sqs_event
from pytest_lambda_events.report.trace_file import trace_text
from pytest_lambda_events.report.view import view_of

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Make a file with the trace of a run, in the present folder."""
    monkeypatch.chdir(tmp_path)

    def made(name: str, *, seed: int = 0, fails: bool = False) -> str:
        with Harness(seed=seed, region="us-east-1") as aws:
            queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)
            mapping = aws.event_source_mapping(queue, lambda event, context: 1 / 0 if fails else None)
            queue.send("one", "two")
            text = trace_text(view_of(mapping.run_until_idle()), test=None)
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
        return name

    return made


def test_another_seed_is_no_difference(cli: Any, trace: Any) -> None:
    """Exit code 0, and a line that says so."""
    assert (0, "The runs are the same: 2 records fared alike.\n", "") == cli(
        "diff", trace("a.json", seed=1), trace("b.json", seed=2)
    )


def test_another_handler_is_one(cli: Any, trace: Any) -> None:
    """Exit code 1, and what became of the records; the runs have their files' names."""
    code, out, err = cli("diff", trace("a.json"), trace("b.json", fails=True))

    assert (1, "") == (code, err)
    assert "The runs differ: 2 of 2 records changed for the worse" in out
    assert "  2 records: processed after 1 attempt -> dead_lettered after 3 attempts\n" in out
    assert "    a.json: none\n" in out


def test_as_json(cli: Any, trace: Any) -> None:
    """One object; files of the same name are told apart by their folders."""
    code, out, _ = cli("diff", "--format", "json", trace("one/a.json"), trace("two/a.json", fails=True))
    entry = json.loads(out)

    assert 1 == code
    assert ["one/a.json", "two/a.json"] == entry["names"]
    assert [("worse", 2)] == [(group["kind"], group["count"]) for group in entry["groups"]]


def test_a_terminal_has_its_width(cli: Any, trace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are as long as it has columns."""
    files = trace("a.json"), trace("b.json", fails=True)
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    _, out, _ = cli("diff", *files)

    assert 40 < max(len(line) for line in out.splitlines()) <= 50


def test_a_report_of_both(cli: Any, trace: Any, tmp_path: Path) -> None:
    """And of what changed; of cassettes there is none."""
    files = trace("a.json"), trace("b.json", fails=True)
    assert 1 == cli("diff", *files, "--html", "pages/diff.html")[0]

    page = (tmp_path / "pages" / "diff.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html")
    assert "2 records" in page
    code, _, problem = cli("diff", "none.json", "none.json", "--html", "diff.html")
    assert (2, True) == (code, "--html is for the traces of two runs, and these are cassettes" in problem)


@pytest.mark.parametrize("order", [1, -1])
def test_a_trace_and_a_cassette_are_not_compared(cli: Any, trace: Any, order: int) -> None:
    """Whichever comes first."""
    write(new_cassette("sqs", [Interaction(event=sqs_event("a"))], how="file"), trace("a.json") and "c.json")
    code, out, err = cli("diff", *["a.json", "c.json"][::order])

    assert (2, "") == (code, out)
    assert "a.json is the trace of a run and c.json a cassette: diff takes two of a kind" in err


def test_what_is_not_there_is_said(cli: Any, trace: Any) -> None:
    """And so is a trace that is cut off, and an option that cassettes have not."""
    assert "there is no such" in cli("diff", trace("a.json"), "missing.json")[2]

    Path("cut.json").write_text(Path("a.json").read_text(encoding="utf-8")[:900], encoding="utf-8")
    assert "cut.json is no whole trace file" in cli("diff", "a.json", "cut.json")[2]

    write(new_cassette("sqs", [Interaction(event=sqs_event("a"))], how="file"), "c.json")
    code, _, err = cli("diff", "--format", "json", "c.json", "c.json")
    assert 2 == code
    assert "--format json is for the traces of two runs" in err
