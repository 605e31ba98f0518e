"""`lambda-events show` for traces."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import Harness
from pytest_lambda_events.report.terminal.timeline import timeline
from pytest_lambda_events.report.trace_file import trace_text
from pytest_lambda_events.report.view import view_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`orders.json` in the present folder, the trace of a poison message; what it is of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with Harness(seed=7) as aws:
        queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)
        mapping = aws.event_source_mapping(queue, lambda event, context: 1 / 0, BatchSize=1)
        queue.send("poison")
        view = view_of(mapping.run_until_idle())
    (tmp_path / "orders.json").write_text(trace_text(view, test="test_a.py::test_b"), encoding="utf-8")
    return view


def test_the_story_of_a_run(cli: Any, trace: Any) -> None:
    """As a failing test shows it, under the test's name."""
    code, out, _ = cli("show", "orders.json")

    assert 0 == code
    assert f"test_a.py::test_b, seed 7\n\n{timeline(trace)}\n" == out


def test_the_event_of_an_invocation(cli: Any, trace: Any) -> None:
    """By the number that the story has."""
    code, out, _ = cli("show", "orders.json", "--event", "3")

    assert 0 == code
    assert json.loads(trace.calls[2].event_text) == json.loads(out)


def test_one_that_there_is_not(cli: Any, trace: Any, tmp_path: Path) -> None:
    """Or that was left out."""
    assert (2, "") == cli("show", "orders.json", "--event", "0")[:2]
    assert "--event 4: orders.json has invocations #1 to #3" in cli("show", "orders.json", "--event", "4")[2]
    tree = json.loads((tmp_path / "orders.json").read_text(encoding="utf-8"))
    tree["invocations"][0]["event"] = None
    (tmp_path / "orders.json").write_text(json.dumps(tree), encoding="utf-8")
    assert "the event of this invocation was left out of orders.json" in cli("show", "orders.json", "--event", "1")[2]
    tree["invocations"] = []
    (tmp_path / "orders.json").write_text(json.dumps(tree), encoding="utf-8")
    assert "--event 1: orders.json has no invocations" in cli("show", "orders.json", "--event", "1")[2]


def test_a_broken_one(cli: Any, trace: Any, tmp_path: Path) -> None:
    """Is said so, and not taken for a cassette."""
    text = (tmp_path / "orders.json").read_text(encoding="utf-8")
    (tmp_path / "orders.json").write_text(text[:-20], encoding="utf-8")

    code, _, problem = cli("show", "orders.json")
    assert 2 == code
    assert "orders.json is no whole trace file" in problem


def test_a_trace_is_not_replaced_by_its_report(cli: Any, trace: Any, tmp_path: Path) -> None:
    """Which would be all that is left of it."""
    before = (tmp_path / "orders.json").read_bytes()
    code, _, problem = cli("show", "orders.json", "--html", str(tmp_path / "orders.json"))

    assert (2, True) == (code, "is the trace itself: name another file for the report" in problem)
    assert before == (tmp_path / "orders.json").read_bytes()


def test_a_missing_one(cli: Any) -> None:
    """Nobody can know whether it would be a trace or a cassette."""
    for more in ((), ("--html", "page.html")):
        assert (2, "", "lambda-events: error: no.json: there is no such file\n") == cli("show", "no.json", *more)


def test_a_report_of_a_trace(cli: Any, trace: Any, tmp_path: Path) -> None:
    """To look at in a browser; the event that a page leaves out is in the trace, which it names."""
    assert 0 == cli("show", "orders.json", "--html", "pages/orders.html")[0]
    page = (tmp_path / "pages" / "orders.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html")
    assert "test_a.py::test_b" in page
    assert "../orders.json" in page
    assert cli("show", "orders.json", "--html", "beside.html", "--event", "1")[1].startswith("{")
    assert (tmp_path / "beside.html").is_file()
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    code, _, problem = cli("show", "other.json", "--html", "other.html")
    assert (2, True) == (code, "--html is for traces, and other.json is none" in problem)


def test_colours_where_they_are_shown(cli: Any, trace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a pager, and in one that knows them; not where they would be letters."""
    for name in ("NO_COLOR", "FORCE_COLOR", "PAGER", "MANPAGER", "LESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("WT_SESSION", "1")  # a terminal that has colours on Windows, too
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    paged: list[str] = []
    monkeypatch.setattr("pydoc.pager", paged.append)

    def has_colours(pager: str) -> bool:
        monkeypatch.setenv("PAGER", pager)
        monkeypatch.delenv("LESS", raising=False)
        cli("show", "orders.json")
        return "\x1b[" in paged.pop()

    assert "\x1b[" in cli("show", "orders.json", "--no-pager")[1]
    assert [True, True, False] == [has_colours(pager) for pager in ("less", "/usr/bin/less -S", "more")]


def test_on_a_terminal_it_is_paged(cli: Any, trace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As wide as that is."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    paged: list[str] = []
    monkeypatch.setattr("pydoc.pager", paged.append)

    assert (0, "") == cli("show", "orders.json")[:2]
    assert 60 >= max(map(len, paged[0].splitlines()))
    assert timeline(trace, width=60) in paged[0]
    assert timeline(trace, width=60, most_records=1) in cli("show", "orders.json", "--no-pager", "--full")[1]
