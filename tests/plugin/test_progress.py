"""The progress of a long run under pytest: on a terminal that somebody looks at, and nothing of it stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

# before any inner run: what is replaced here is to stay replaced in it
from pytest_lambda_events.report import progress

if TYPE_CHECKING:
    from collections.abc import Callable

TEST = """
    import sys

    def handler(event, context):
        print("handled")
        print("oh", file=sys.stderr)
        assert event["Records"][0]["body"] != "poison"

    def test_x(lambda_events):
        queue = lambda_events.sqs_queue("orders", maxReceiveCount=2)
        queue.send("good", "poison")
        run = lambda_events.event_source_mapping(queue, handler, BatchSize=1).run_until_idle()
        assert run.processed

    def test_fails(lambda_events, capsys):
        queue = lambda_events.sqs_queue("orders", maxReceiveCount=3)
        queue.send("poison")
        run = lambda_events.event_source_mapping(queue, handler).run_until_idle()
        assert capsys.readouterr() == ("handled\\n" * 3, "oh\\n" * 3)
        assert run.processed
"""


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard error of the inner run is one, and every step is drawn there."""
    monkeypatch.setattr(progress, "can_draw_below", lambda stream: stream is not None)
    monkeypatch.setattr(progress, "_FIRST_S", 0)
    monkeypatch.setattr(progress, "_EVERY_S", 0)


@pytest.mark.usefixtures("terminal")
def test_a_long_run_is_drawn_and_erased(run_pytest: Callable[..., Any]) -> None:
    """What pytest prints, and what it captures, is as ever."""
    result = run_pytest(TEST, "-v")
    result.assert_outcomes(passed=1, failed=1)
    err = "\r".join(result.errlines)
    assert "\r30 s of virtual time, 1 record done, 1 left, 3 invocations\x1b[K\x1b8" in err
    assert err.endswith("\x1b7\x1b[B\r\x1b[K\x1b8")
    result.stdout.fnmatch_lines(["*::test_x PASSED *", "*::test_fails FAILED *"])
    assert "virtual time" not in result.stdout.str()


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("options", [(), ("-q",), ("-v", "-s"), ("-v", "-p", "no:capture")])
def test_not_everywhere(run_pytest: Callable[..., Any], options: tuple[str, ...]) -> None:
    """Without -v nobody asked for it; with -s the terminal is the test's own."""
    result = run_pytest(TEST.partition("    def test_fails")[0], *options)
    result.assert_outcomes(passed=1)
    assert "virtual time" not in result.stderr.str()


def test_not_where_there_is_no_terminal(run_pytest: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """As in CI."""
    monkeypatch.setattr(progress, "_FIRST_S", 0)
    result = run_pytest(TEST, "-v")
    result.assert_outcomes(passed=1, failed=1)
    assert result.stderr.str() == ""


@pytest.mark.usefixtures("terminal")
def test_a_live_harness(run_pytest: Callable[..., Any]) -> None:
    """Is watched, too: nothing runs here."""
    run_pytest("def test_x(lambda_events_live): lambda_events_live.run_for(0)", "-v").assert_outcomes(passed=1)


@pytest.mark.usefixtures("terminal")
def test_not_in_a_worker(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """Its standard error is nobody's."""
    pytester.makeconftest("def pytest_configure(config): config.workerinput = {}")
    assert run_pytest(TEST, "-v").stderr.str() == ""
