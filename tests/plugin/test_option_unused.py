"""--lambda-events-unused and --lambda-events-cassette-max-age: what lingers, and what is old."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.cassette import (
    Captured,
    Cassette,
    HttpCall,
    HttpRequest,
    HttpResponse,
    Interaction,
    Returned,
    write,
)
from pytest_lambda_events.events import sqs_event

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def cassette(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a cassette of two events and a call beside the test."""
    monkeypatch.delenv("CI", raising=False)

    def make(days: float = 0) -> None:
        recorded_at = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=days)
        rates = HttpCall(
            request=HttpRequest(method="GET", url="https://api.example.com/rates"), outcome=HttpResponse(status=200)
        )
        write(
            Cassette(
                source="sqs",
                recorded_at=recorded_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                recorded_by="test",
                captured=Captured(how="test"),
                interactions=(
                    Interaction(event=sqs_event("a"), outcome=Returned(1), http=(rates,)),
                    Interaction(event=sqs_event("b", seed=1), outcome=Returned(1)),
                ),
            ),
            pytester.path / "orders.json",
        )

    return make


UNUSED = """
    import pytest

    @pytest.mark.lambda_cassette("orders.json")
    def test_x(lambda_cassette):
        lambda_cassette.replay(lambda *_: 1, events=[0])
"""
SENTENCES = [
    "*CassetteUnused: orders.json: the test does not use event 1",
    "*CassetteUnused: orders.json, event 0: the handler did not call GET https://api.example.com/rates*",
]


def test_it_is_warned_about(run_pytest: Callable[..., Any], cassette: Any) -> None:
    """By default; each in a sentence. pytest's filters may silence it or make it an error."""
    cassette()
    result = run_pytest(UNUSED, "-Wdefault")
    result.assert_outcomes(passed=1, warnings=2)
    result.stdout.fnmatch_lines(SENTENCES)
    run_pytest(UNUSED, "-Wignore::pytest_lambda_events.CassetteUnused").assert_outcomes(passed=1, warnings=0)
    run_pytest(UNUSED, "-Werror::pytest_lambda_events.CassetteUnused").assert_outcomes(failed=1)


@pytest.mark.parametrize("where", ["command line", "ini"])
def test_it_is_an_error_on_request(run_pytest: Callable[..., Any], cassette: Any, pytester: Any, where: str) -> None:
    """In either place, all of it in one."""
    cassette()
    options = ["--lambda-events-unused=error"] if where == "command line" else []
    if where == "ini":
        pytester.makeini("[pytest]\nlambda_events_unused = error\n")
    result = run_pytest(UNUSED, *options)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*CassetteDifference: orders.json: the test does not use event 1", "E*event 0: the handler did not call GET*"]
    )


def test_what_is_used_is_not_told(run_pytest: Callable[..., Any], cassette: Any) -> None:
    """Nor is anything when the test fails for another reason."""
    cassette()
    used = """
    import pytest, requests

    def handler(event, context):
        if event["Records"][0]["body"] == "a":
            requests.get("https://api.example.com/rates")
        return 1

    @pytest.mark.lambda_cassette("orders.json")
    def test_x(lambda_cassette):
        lambda_cassette.replay(handler)
    """
    run_pytest(used, "-Wdefault", "--lambda-events-unused=error").assert_outcomes(passed=1, warnings=0)
    failing = run_pytest(f"{UNUSED}\n        assert False\n", "-Wdefault", "--lambda-events-unused=error")
    failing.assert_outcomes(failed=1, warnings=0)
    assert "does not use" not in failing.stdout.str()


OLD = """
    import pytest

    @pytest.mark.lambda_cassette("orders.json")
    def test_x(lambda_cassette):
        assert lambda_cassette.events
"""


@pytest.mark.parametrize(
    ("days", "options", "warned"),
    [
        (100, (), 0),
        (100, ("--lambda-events-cassette-max-age=30",), 1),
        (20, ("--lambda-events-cassette-max-age=30",), 0),
        (2, ("--lambda-events-cassette-max-age=0.5",), 1),
        (100, ("--lambda-events-cassette-max-age=30", "--lambda-events-record=once"), 1),
        (100, ("--lambda-events-cassette-max-age=30", "--lambda-events-record=all"), 0),
    ],
)
def test_an_old_cassette_is_warned_about(
    run_pytest: Callable[..., Any], cassette: Any, days: float, options: tuple[str, ...], warned: int
) -> None:
    """Where somebody says how old is old, unless it is recorded anew anyway."""
    cassette(days)
    result = run_pytest(OLD, "-Wdefault", *options)
    result.assert_outcomes(passed=1, warnings=warned)
    if warned:
        result.stdout.fnmatch_lines([f"*CassetteAging: orders.json was recorded {days:g} days ago, on *"])


def test_age_is_told_by_the_clock_on_the_wall(run_pytest: Callable[..., Any], cassette: Any, pytester: Any) -> None:
    """Also in a test on virtual time, and from the ini file."""
    cassette(100)
    pytester.makeini("[pytest]\nlambda_events_cassette_max_age = 30\n")
    source = OLD.replace("(lambda_cassette)", "(lambda_events, lambda_cassette)")
    run_pytest(source, "-Wdefault").assert_outcomes(passed=1, warnings=1)
    run_pytest(source, "-Werror::pytest_lambda_events.CassetteAging").assert_outcomes(errors=1)
