"""Each option, on the command line and in an ini file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

SHOW = """
    def test_x(lambda_events, sqs_event):
        start = lambda_events.virtual_clock.now().isoformat()
        event = sqs_event("a")["Records"][0]["messageId"]
        print("SHOWN", lambda_events.seed, start, lambda_events.region, event)
"""


def shown(result: Any) -> dict[str, str]:
    """What the test printed."""
    text = next(line for line in result.outlines if "SHOWN " in line).partition("SHOWN ")[2].split()
    return dict(zip(("seed", "start", "region", "event"), text, strict=True))


def test_defaults(run_pytest: Callable[..., Any]) -> None:
    """Seed 0, the beginning of 2025, us-east-1."""
    found = shown(run_pytest(SHOW, "-s"))
    assert found["seed"] == "0"
    assert found["start"] == "2025-01-01T00:00:00+00:00"
    assert found["region"] == "us-east-1"


def test_the_command_line(run_pytest: Callable[..., Any]) -> None:
    """Each flag acts; the seed also acts on event fixtures."""
    plain = shown(run_pytest(SHOW, "-s"))
    found = shown(
        run_pytest(
            SHOW,
            "-s",
            "--lambda-events-seed=9",
            "--lambda-events-start=2026-02-03T04:05:06Z",
            "--lambda-events-region=eu-west-1",
        )
    )
    assert found["seed"] == "9"
    assert found["start"] == "2026-02-03T04:05:06+00:00"
    assert found["region"] == "eu-west-1"
    assert found["event"] != plain["event"]


def test_an_ini_file_and_the_command_line_over_it(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """The command line wins."""
    pytester.makeini("[pytest]\nlambda_events_seed = 4\nlambda_events_region = eu-west-1\n")
    found = shown(run_pytest(SHOW, "-s", "--lambda-events-seed=5"))
    assert found["seed"] == "5"
    assert found["region"] == "eu-west-1"


def test_the_environments_region_is_used_where_none_is_asked_for(
    run_pytest: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that the handler makes without a region looks there."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-southeast-2")
    assert shown(run_pytest(SHOW, "-s"))["region"] == "ap-southeast-2"


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("lambda_events_seed = many", "lambda_events_seed"),
        ("lambda_events_start = noon", "ISO 8601"),
        ("lambda_events_strict = maybe", "lambda_events_strict = 'maybe': expected bool"),
        ("lambda_events_silence = max-recieve-count-low", "did you mean 'max-receive-count-low'"),
    ],
)
def test_a_value_that_means_nothing_is_an_error(
    run_pytest: Callable[..., Any], pytester: Any, option: str, words: str
) -> None:
    """It names the key or the form."""
    pytester.makeini(f"[pytest]\n{option}\n")
    result = run_pytest(SHOW)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{words}*"])


ADVISED = """
    def test_x(sqs_queue, event_source_mapping):
        queue = sqs_queue("orders", maxReceiveCount=2)
        queue.send("a")
        mapping = event_source_mapping(queue, lambda *_: None)
        print("SHOWN", [advice.code for advice in mapping.run_until_idle().advice])
"""


@pytest.mark.parametrize(
    ("ini", "flags"),
    [("lambda_events_strict = true", ()), ("lambda_events_strict = no", ("--lambda-events-strict",))],
)
def test_strict_makes_advice_a_failure(
    run_pytest: Callable[..., Any], pytester: Any, ini: str, flags: tuple[str, ...]
) -> None:
    """In either place; without it, advice is said and the test passes."""
    run_pytest(ADVISED).assert_outcomes(passed=1)
    pytester.makeini(f"[pytest]\n{ini}\n")
    result = run_pytest(ADVISED, *flags)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*AdviceGiven: strict mode*", "*max-receive-count-low: maxReceiveCount is 2*"])


def test_silenced_advice_is_not_given(run_pytest: Callable[..., Any]) -> None:
    """Neither said nor, in strict mode, a failure."""
    codes = "--lambda-events-silence=no-dead-letter-queue, max-receive-count-low"
    result = run_pytest(ADVISED, "-s", "--lambda-events-strict", codes)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*SHOWN []*"])


def test_help_shows_every_option(run_pytest: Callable[..., Any]) -> None:
    """The table is what --help prints."""
    text = run_pytest("", "--help").stdout.str()
    for option in OPTIONS:
        assert option.flag in text
        assert option.ini in text


def test_the_plugin_can_be_switched_off(run_pytest: Callable[..., Any]) -> None:
    """-p no:lambda_events: neither fixtures nor options."""
    result = run_pytest("def test_x(lambda_events): pass", "-p", "no:lambda_events")
    result.stdout.fnmatch_lines(["*fixture 'lambda_events' not found*"])
