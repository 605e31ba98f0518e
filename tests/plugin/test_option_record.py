"""--lambda-events-record: where something is recorded, and that it never is in CI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.cassette import load

if TYPE_CHECKING:
    from collections.abc import Callable

TEST = """
    import pytest
    from pytest_lambda_events.events import sqs_event

    @pytest.mark.lambda_cassette("orders.json")
    def test_x(lambda_cassette):
        print("MODE", lambda_cassette.mode)
        lambda_cassette.replay(lambda *_: {answer}, record=[sqs_event("a")])
"""


@pytest.fixture(autouse=True)
def not_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever these tests run."""
    monkeypatch.delenv("CI", raising=False)


def run(run_pytest: Callable[..., Any], answer: int, *options: str) -> Any:
    """Run the test with a handler that answers this."""
    return run_pytest(TEST.format(answer=answer), "-s", *options)


def test_each_mode(run_pytest: Callable[..., Any], pytester: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """From nothing to a cassette that is refreshed."""
    monkeypatch.setenv("LAMBDA_EVENTS_REDACT_KEY", "a key that is kept somewhere, 1234")
    path = pytester.path / "orders.json"
    run(run_pytest, 1).assert_outcomes(errors=1)
    assert not path.exists()
    run(run_pytest, 1, "--lambda-events-record=once").assert_outcomes(passed=1)
    assert [one.outcome.value for one in load(path).interactions] == [1]  # type: ignore[union-attr]
    before = path.read_bytes()
    run(run_pytest, 2).assert_outcomes(failed=1)
    run(run_pytest, 2, "--lambda-events-record=once").assert_outcomes(failed=1)
    run(run_pytest, 2, "--lambda-events-record=new").assert_outcomes(failed=1)
    run(run_pytest, 1, "--lambda-events-record=new").assert_outcomes(passed=1)
    assert path.read_bytes() == before
    run(run_pytest, 2, "--lambda-events-record=all").assert_outcomes(passed=1)
    assert [one.outcome.value for one in load(path).interactions] == [2]  # type: ignore[union-attr]
    run(run_pytest, 3, "--lambda-events-record=rewrite").assert_outcomes(passed=1)
    assert [one.outcome.value for one in load(path).interactions] == [3]  # type: ignore[union-attr]


def test_the_ini_file_and_the_command_line_over_it(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """A project may say once for all."""
    pytester.makeini("[pytest]\nlambda_events_record = once\n")
    run(run_pytest, 1, "--lambda-events-record=none").assert_outcomes(errors=1)
    result = run(run_pytest, 1)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*MODE once"])


def test_a_mode_that_there_is_not(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """In either place."""
    assert "invalid choice: 'some'" in run(run_pytest, 1, "--lambda-events-record=some").stderr.str()
    pytester.makeini("[pytest]\nlambda_events_record = some\n")
    result = run(run_pytest, 1)
    words = "lambda_events_record = 'some': expected one of none, once, new, all, rewrite"
    assert words in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize("mode", ["once", "new"])
def test_in_ci_what_is_there_is_replayed(
    run_pytest: Callable[..., Any], pytester: Any, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """And what is missing is missing: the error says why nothing is recorded."""
    monkeypatch.setenv("CI", "true")
    result = run(run_pytest, 1, f"--lambda-events-record={mode}")
    result.assert_outcomes(errors=1)
    assert "Nothing is recorded in CI (the environment variable CI is set)" in result.stdout.str()
    assert not (pytester.path / "orders.json").exists()
    monkeypatch.setenv("CI", "false")
    run(run_pytest, 1, "--lambda-events-record=once").assert_outcomes(passed=1)
    monkeypatch.setenv("CI", "1")
    result = run(run_pytest, 1, f"--lambda-events-record={mode}")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*MODE none"])


@pytest.mark.parametrize("mode", ["all", "rewrite"])
def test_in_ci_what_can_only_record_is_an_error(
    run_pytest: Callable[..., Any], pytester: Any, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """It would look like a replay and be none."""
    run(run_pytest, 1, "--lambda-events-record=once").assert_outcomes(passed=1)
    before = (pytester.path / "orders.json").read_bytes()
    monkeypatch.setenv("CI", "true")
    result = run(run_pytest, 2, f"--lambda-events-record={mode}")
    result.assert_outcomes(errors=1)
    assert f"--lambda-events-record={mode}: Nothing is recorded in CI" in result.stdout.str()
    assert (pytester.path / "orders.json").read_bytes() == before


def test_each_event_of_what_is_yet_to_be(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """One test records it, the next run has one for each event."""
    source = TEST.format(answer=1).replace('"orders.json"', '"orders.json", each="event"')
    first = run_pytest(source, "-v", "--lambda-events-record=once")
    first.assert_outcomes(passed=1)
    first.stdout.fnmatch_lines(["*test_x[[]new]*"])
    again = run_pytest(source, "-v", "--lambda-events-record=rewrite")
    again.stdout.fnmatch_lines(["*test_x[[]new]*"])
    run_pytest(source, "-v").stdout.fnmatch_lines(["*test_x[[]event0]*"])
    assert len(load(pytester.path / "orders.json").interactions) == 1
