"""The test that the README shows runs as printed; its failure is readable."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from pytest_lambda_events.plugin import _paper
from pytest_lambda_events.report.terminal.style import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable

TOUR = """
    def handler(event, context):
        failures = []
        for record in event["Records"]:
            if "poison" in record["body"]:
                failures.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failures}

    def test_poison_order_reaches_the_dlq(sqs_queue, event_source_mapping):
        queue = sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)      # a moto queue with its DLQ
        mapping = event_source_mapping(queue, handler, FunctionResponseTypes=["ReportBatchItemFailures"])

        good, poison = queue.send({"order": 1}, {"order": "poison"})
        run = mapping.run_until_idle()

        assert run.processed == [good]
        assert run.dead_lettered == [poison]
        assert run.attempts(poison) == [0, 30, 60]                                # virtual seconds
"""


def test_the_public_surface_runs_as_printed(run_pytest: Callable[..., Any]) -> None:
    """The design's own example."""
    run_pytest(TOUR).assert_outcomes(passed=1)


@pytest.mark.parametrize("colour", ["no", "yes"])
def test_a_failing_test_draws_them_as_wide_as_the_terminal(
    run_pytest: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, colour: str
) -> None:
    """In colour where pytest has it."""
    monkeypatch.setenv("COLUMNS", "60")
    failing = TOUR.replace("[0, 30, 60]", "[0, 10, 20]")
    lines = run_pytest(failing, f"--color={colour}").outlines
    (row,) = [line for line in lines if "x" in line and line.endswith(("dead_lettered", "dead_lettered\x1b[0m"))]
    assert ("\x1b[31mx\x1b[0m" in row) is (colour == "yes")
    assert len(re.sub(r"\x1b\[[0-9;]*m", "", row)) <= 60


@pytest.mark.once
def test_a_worker_has_no_terminal(run_fresh_pytest: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Under pytest-xdist: plain, and as wide as COLUMNS says."""
    monkeypatch.setenv("COLUMNS", "70")
    failing = TOUR.replace("[0, 30, 60]", "[0, 10, 20]")
    result = run_fresh_pytest(failing, "-n", "1", "--color=yes", plugins=("xdist",))
    (row,) = [line for line in result.outlines if "x..." in line and "dead_lettered" in line]
    assert 60 < len(row) <= 70


@pytest.mark.parametrize("columns", ["", "wide"])
def test_a_worker_that_knows_no_width(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """Plain text of 100 columns."""
    monkeypatch.setenv("COLUMNS", columns)
    assert _paper(cast("pytest.Config", SimpleNamespace(workerinput={}))) == (100, PLAIN)


def test_a_failing_test_shows_its_records_and_how_to_see_them_again(run_pytest: Callable[..., Any]) -> None:
    """A report section with the timeline, and the line that reproduces the run."""
    result = run_pytest(TOUR.replace("[0, 30, 60]", "[0, 10, 20]"), "--lambda-events-seed=5")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- lambda events -*",
            "*poison*",
            "*0 s*",
            "*30 s*",
            "*60 s*",
            "*orders-dlq*",
            "*reproduce: pytest *::test_poison_order_reaches_the_dlq* --lambda-events-seed=5*",
        ]
    )


def test_a_story_that_cannot_be_told_ends_no_tests(run_pytest: Callable[..., Any]) -> None:
    """The test's own failure is seen, and the tests behind it run."""
    result = run_pytest(
        """
        def test_x(lambda_events, monkeypatch):
            monkeypatch.setattr(lambda_events, "view", lambda: 1 / 0)
            assert not "mine"

        def test_y():
            pass
        """
    )
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*assert not 'mine'*", "what happened cannot be told: ZeroDivisionError: *"])


def test_a_failing_test_without_the_fixtures_shows_nothing_of_ours(run_pytest: Callable[..., Any]) -> None:
    """No section where there is no harness."""
    result = run_pytest("def test_x(sqs_event):\n    assert sqs_event('a') == 1\n")
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*lambda events*")


def test_a_failure_in_teardown_or_setup_does_not_break_the_report(run_pytest: Callable[..., Any]) -> None:
    """The section belongs to the call."""
    result = run_pytest(
        """
        import pytest

        @pytest.fixture
        def broken(lambda_events):
            yield
            raise RuntimeError("teardown")

        def test_x(broken):
            pass
        """
    )
    result.assert_outcomes(passed=1, errors=1)


def test_a_failing_comparison_says_what_changed(run_pytest: Callable[..., Any]) -> None:
    """In one line by itself, in full with `str` as the message."""
    result = run_pytest(
        """
        from pytest_lambda_events import Harness, compare_runs

        def fails(event, context):
            raise ValueError("no stock")

        def orders(handler):
            with Harness() as aws:
                queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)
                mapping = aws.event_source_mapping(queue, handler)
                queue.send("a")
                return mapping.run_until_idle()

        def test_same():
            assert not compare_runs(orders(fails), orders(fails))

        def test_short():
            assert not compare_runs(orders(print), orders(fails))

        def test_long():
            changed = compare_runs(orders(print), orders(fails))
            assert not changed, str(changed)
        """
    )
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "E * assert not <RunComparison: The runs differ: 1 of 1 record changed for the worse; other *>",
            "E * AssertionError: The runs differ: 1 of 1 record changed for the worse; other *",
            "E *   1 record: processed after 1 attempt -> dead_lettered after 3 attempts",
            "E *     why       no failure -> raised ValueError: no stock",
        ]
    )
