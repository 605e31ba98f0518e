"""The fixture `lambda_cassette`: replay, pouring, recording, as tests use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.cassette import Captured, Cassette, Interaction, Returned, load, write
from pytest_lambda_events.events import sqs_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def path(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cassette of two messages, beside the test."""
    monkeypatch.delenv("CI", raising=False)
    path = pytester.path / "orders.json"
    event = sqs_event({"order": 1}, {"order": "poison"})
    failed = {"batchItemFailures": [{"itemIdentifier": event["Records"][1]["messageId"]}]}
    write(
        Cassette(
            source="sqs",
            recorded_at="2025-01-01T00:00:00Z",
            recorded_by="test",
            captured=Captured(how="test"),
            interactions=(Interaction(event=event, outcome=Returned(failed)),),
        ),
        path,
    )
    return path


HANDLER = """
    import json, pytest

    def handler(event, context):
        failed = [one["messageId"] for one in event["Records"] if json.loads(one["body"])["order"] == "poison"]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}

    pytestmark = pytest.mark.lambda_cassette("orders.json")
"""


def test_replay_and_pour(run_pytest: Callable[..., Any], path: Path) -> None:
    """As it is, and through the poller: the captured batch meets three tries."""
    run_pytest(
        HANDLER
        + """
    def test_replay(lambda_cassette):
        (one,) = lambda_cassette.replay(handler)
        assert one.same

    def test_pour(lambda_cassette, sqs_queue, event_source_mapping):
        queue = sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)
        good, poison = lambda_cassette.pour(queue)
        mapping = event_source_mapping(queue, handler, FunctionResponseTypes=["ReportBatchItemFailures"])
        run = mapping.run_until_idle()
        assert run.processed == [good]
        assert run.dead_lettered == [poison]
        assert run.attempts(poison) == [0, 30, 60]
        assert lambda_cassette.captured(poison).path == "Records[1]"
        assert lambda_cassette.captured(poison).record["body"] == poison.body
        """
    ).assert_outcomes(passed=2)


def test_a_changed_handler_shows_a_difference(run_pytest: Callable[..., Any], path: Path) -> None:
    """Which a person can read: no frames of ours, both answers side by side."""
    result = run_pytest(
        HANDLER.replace('== "poison"', "== 1")
        + "\n    def test_x(lambda_cassette):\n        lambda_cassette.replay(handler)\n"
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*>*lambda_cassette.replay(handler)",
            "E*CassetteDifference: orders.json, event 0: the handler does otherwise than recorded",
            'E*batchItemFailures[[]0].itemIdentifier: recorded "*", now "*"',
            "E*recorded*now",
            'E*"itemIdentifier": "* | *"itemIdentifier": "*',
        ]
    )
    assert "replaying.py" not in result.stdout.str()


def test_a_cassette_alone_freezes_nothing(run_fresh_pytest: Callable[..., Any], path: Path) -> None:
    """Neither moto nor frozen time for a replay."""
    run_fresh_pytest(
        HANDLER
        + """
    def test_x(lambda_cassette):
        import sys, time
        lambda_cassette.replay(handler)
        assert not {"moto", "freezegun", "responses", "requests"} & set(sys.modules)

    def test_y(lambda_cassette):
        def calls(event, context):
            import requests
            return requests.get("https://api.example.com/rates", timeout=1).text

        (one,) = lambda_cassette.replay(calls, check=False)
        assert "a call to api.example.com:443: no HTTP call was recorded there, and none is let out" in one.difference
        """
    ).assert_outcomes(passed=2)


RECORDING = """
    import pytest
    from pytest_lambda_events.events import sqs_event

    @pytest.mark.lambda_cassette("made/new.json")
    def test_x(lambda_cassette):
        lambda_cassette.replay(lambda *_: 1, record=[sqs_event("a")])
"""


def test_what_a_failing_test_recorded_is_not_written(run_pytest: Callable[..., Any], path: Path) -> None:
    """Neither after an error, nor after a skip."""
    for end in ("assert False", "pytest.skip('no')"):
        run_pytest(f"{RECORDING}\n        {end}\n", "--lambda-events-record=once")
        assert not (path.parent / "made").exists()
    run_pytest(RECORDING, "--lambda-events-record=once").assert_outcomes(passed=1)
    assert len(load(path.parent / "made" / "new.json").interactions) == 1
    run_pytest(RECORDING).assert_outcomes(passed=1)


def test_what_is_recorded_is_redacted_by_the_project(
    run_pytest: Callable[..., Any], path: Path, pytester: pytest.Pytester
) -> None:
    """Its hook, its rules, and what is redacted as ever."""
    pytester.makeconftest(
        """
        def pytest_lambda_events_redact(event, source):
            for record in event["Records"]:
                record["body"] = record["body"].replace("Jane", "somebody")
        """
    )
    pytester.makepyprojecttoml('[[tool.lambda_events.redact.rules]]\npath = "$.note"\naction = "drop"\n')
    source = RECORDING.replace('sqs_event("a")', 'sqs_event({"name": "Jane", "mail": "jane@corp.com", "note": "x"})')
    run_pytest(source, "--lambda-events-record=once").assert_outcomes(passed=1)
    (one,) = load(path.parent / "made" / "new.json").interactions
    body = one.event["Records"][0]["body"]
    assert '"name":"somebody"' in body
    assert '"note":"dropped"' in body
    assert "jane@corp.com" not in body
    run_pytest(source).assert_outcomes(passed=1)


def test_a_run_is_recorded(run_pytest: Callable[..., Any], path: Path) -> None:
    """On virtual time, with the clock of the wall in recorded_at."""
    source = """
    import pytest

    def handler(event, context):
        return {"batchItemFailures": []}

    @pytest.mark.lambda_cassette("run.json")
    def test_x(lambda_cassette, sqs_queue, event_source_mapping):
        queue = sqs_queue("orders", maxReceiveCount=5)
        queue.send("a", "b")
        queue.send("c", at=60)
        run = event_source_mapping(queue, lambda_cassette.handler(handler)).run_until_idle()
        lambda_cassette.take(run)

    @pytest.mark.lambda_cassette("run.json", each="event")
    def test_y(lambda_cassette):
        lambda_cassette.replay(handler)
    """
    run_pytest(source, "--lambda-events-record=once", "-k", "test_x").assert_outcomes(passed=1)
    recorded = load(path.parent / "run.json")
    assert [one.at for one in recorded.interactions] == ["2025-01-01T00:00:00.000Z", "2025-01-01T00:01:00.000Z"]
    assert recorded.recorded_at > "2025-06-01"
    run_pytest(source).assert_outcomes(passed=3)


@pytest.mark.once
def test_two_workers_record_one_cassette(
    run_fresh_pytest: Callable[..., Any], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With real pytest-xdist: nobody's events are lost, whoever is first; then all workers read it."""
    monkeypatch.setenv("LAMBDA_EVENTS_REDACT_KEY", "a key that is kept somewhere, 1234")
    source = """
    import pytest
    from pytest_lambda_events.events import sqs_event

    @pytest.mark.parametrize("number", range(8))
    @pytest.mark.lambda_cassette("shared.json")
    def test_x(lambda_cassette, number):
        lambda_cassette.replay(lambda event, _: event["Records"][0]["body"], record=[sqs_event(number, seed=number)])
    """
    options = ("-n", "2")
    run_fresh_pytest(source, *options, "--lambda-events-record=new", plugins=("xdist",)).assert_outcomes(passed=8)
    recorded = load(path.parent / "shared.json")
    assert sorted(one.event["Records"][0]["body"] for one in recorded.interactions) == [str(n) for n in range(8)]
    run_fresh_pytest(source, *options, plugins=("xdist",)).assert_outcomes(passed=8)
    run_fresh_pytest(source, *options, "--lambda-events-record=rewrite", plugins=("xdist",)).assert_outcomes(passed=8)
    assert len(load(path.parent / "shared.json").interactions) == 8


def test_without_the_temporary_folder_plugin_nothing_is_needed(run_pytest: Callable[..., Any], path: Path) -> None:
    """A run that records nothing asks for no folder."""
    source = HANDLER + "\n    def test_x(lambda_cassette):\n        lambda_cassette.replay(handler)\n"
    run_pytest(source, "-p", "no:tmpdir").assert_outcomes(passed=1)
