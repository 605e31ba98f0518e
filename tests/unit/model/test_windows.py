"""Tumbling windows: what they add to an event, and what is said about one that is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.findings import Report
from pytest_lambda_events.model.shapes import STRING
from pytest_lambda_events.model.windows import WINDOW_KEYS, check_window, window_from, window_shapes

if TYPE_CHECKING:
    from pytest_lambda_events.model.windows import TumblingWindow

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/users/stream/2025-01-01T00:00:00.000"


def asked(seconds: Any = 30, **changes: Any) -> TumblingWindow | None:
    """A window, asked for with these arguments."""
    given: dict[str, Any] = {"state": None, "is_final": False, "terminated_early": False, "has_payloads": False}
    return window_from(seconds, **{**given, **changes})


def event(**changes: Any) -> Any:
    """The event of an invocation at 17 seconds past, with a record of 10 seconds past."""
    window = asked(**changes)
    assert window is not None
    records = [] if window.is_final else [{"at": 10_000, "eventSourceARN": ARN}]
    return window.event(records, shard_id="shardId-0", arn=ARN, moment_ms=17_250)


def findings(event: Any) -> list[str]:
    """What is said about an event whose records have their arrival at `at`."""
    report = Report()
    check_window(event, report, arrival_ms=lambda record: record.get("at"))
    return [str(finding) for finding in report.findings]


def test_the_fields_come_in_awss_order() -> None:
    """Records first, then what a window adds; times without milliseconds, aligned to the epoch."""
    made = event(state={"total": 5})
    assert list(made) == ["Records", *WINDOW_KEYS]
    assert made["window"] == {"start": "1970-01-01T00:00:00Z", "end": "1970-01-01T00:00:30Z"}
    assert made["state"] == {"total": 5}
    assert made["isFinalInvokeForWindow"] is made["isWindowTerminatedEarly"] is False
    assert findings(made) == []


@pytest.mark.parametrize(
    ("seconds", "moment_ms", "bounds"),
    [
        (30, 29_999, (0, 30)),
        (30, 30_000, (30, 60)),
        (900, 1_735_689_607_250, (1_735_689_600, 1_735_690_500)),
        (7, 1_735_689_607_250, (1_735_689_606, 1_735_689_613)),
        (1, 1_735_689_607_999, (1_735_689_607, 1_735_689_608)),
    ],
)
def test_a_window_is_that_of_its_moment(seconds: int, moment_ms: int, bounds: tuple[int, int]) -> None:
    """Start belongs to it, end does not."""
    window = asked(seconds)
    assert window is not None
    assert window.bounds(moment_ms) == bounds


def test_the_state_is_json_and_a_copy() -> None:
    """`{}` on the first invocation; keys become texts, as they do on their way through Lambda."""
    given: dict[Any, Any] = {1: 282, "list": [1]}
    made = event(state=given)
    given["list"].append(2)
    assert made["state"] == {"1": 282, "list": [1]}
    assert event()["state"] == {}


def test_half_a_character_is_text_too() -> None:
    """JSON can carry it, and so does the state."""
    assert event(state={"text": "\ud800"})["state"] == {"text": "\ud800"}


def test_a_window_that_ended_early_has_ended() -> None:
    """Both flags are true, and there is no record; then the state may be larger than 1 MB."""
    made = event(terminated_early=True, state={"text": "x" * 1_048_576})
    assert made["isFinalInvokeForWindow"] is made["isWindowTerminatedEarly"] is True
    assert made["Records"] == []
    assert findings(made) == []


def test_a_state_without_a_bottom_is_refused() -> None:
    """Neither JSON nor a message can show it."""
    state: dict[str, Any] = {}
    for _ in range(100_000):
        state = {"in": state}
    with pytest.raises(UsageError, match="nested deeper"):
        asked(30, state=state)


def test_no_window_is_no_window() -> None:
    """Most events have none."""
    assert asked(None) is None
    assert findings({"Records": [{"at": 1}]}) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seconds": None, "state": {"a": 1}}, "state={'a': 1} without window"),
        ({"seconds": None, "is_final": True, "terminated_early": True}, "is_final=True, terminated_early=True without"),
        ({"seconds": 0}, "from 1 to 900"),
        ({"seconds": 901}, "from 1 to 900"),
        ({"seconds": True}, "from 1 to 900"),
        ({"seconds": "30"}, "from 1 to 900"),
        ({"is_final": True, "has_payloads": True}, "leave is_final out"),
        ({"terminated_early": True, "has_payloads": True}, "leave terminated_early out"),
        ({"state": {"a": object()}}, "cannot be a window's state"),
        ({"state": {"a": float("nan")}}, "cannot be a window's state"),
        ({"state": 7}, "cannot be a window's state"),
        ({"state": {"text": "x" * 1_048_576}}, "past 1048576 Lambda ends the window"),
    ],
)
def test_what_no_invocation_could_be_is_refused(changes: dict[str, Any], message: str) -> None:
    """With the values, and what to do."""
    with pytest.raises(UsageError, match=message):
        asked(**changes)


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"Records": []}, "error: Records: found [], expected a record"),
        ({"isFinalInvokeForWindow": True}, "note: Records: found"),
        ({"isWindowTerminatedEarly": True}, "note: isFinalInvokeForWindow: found false, expected true"),
        ({"window": {"start": "1970-01-01T00:00:05Z", "end": "1970-01-01T00:00:35Z"}}, "note: window.start: found"),
        ({"window": {"start": "1970-01-01T00:00:00Z", "end": "1970-01-01T00:15:01Z"}}, "note: window.end: found"),
        ({"window": {"start": "1970-01-01T00:00:30Z", "end": "1970-01-01T00:01:00Z"}}, "note: window.start: found"),
        ({"window": {"start": "1970-01-01T00:00:00Z", "end": "1970-01-01T00:00:10Z"}}, "note: window.end: found"),
        ({"eventSourceARN": "arn:other"}, "note: Records[0].eventSourceARN: found"),
    ],
)
def test_what_is_wrong_is_found_where_it_is(changes: dict[str, Any], finding: str) -> None:
    """One finding for each."""
    (found,) = findings({**event(), **changes})
    assert found.startswith(finding)


def test_a_record_without_its_moment_hides_no_other() -> None:
    """What comes behind it is looked at."""
    made = {**event(), "Records": [{}, {"at": 90_000}]}
    (found,) = findings(made)
    assert "Records[1] arrived" in found


@pytest.mark.parametrize("key", WINDOW_KEYS)
def test_all_fields_are_there_or_none(key: str) -> None:
    """A missing one is an error."""
    made = event()
    del made[key]
    assert f"error: {key}: found no such key" in findings(made)[0]


@pytest.mark.parametrize(
    "made",
    [
        None,
        [],
        {"window": None},
        {"window": {"start": "1970-13-01T00:00:00Z", "end": 7}},
        {"Records": 7, "state": {}},
        {"Records": [{}], "window": {"start": "1970-01-01T00:00:00Z", "end": "x"}},
    ],
)
def test_anything_may_come(made: Any) -> None:
    """It is for others to say what shape it should have had."""
    assert all("Records[0]" not in finding for finding in findings(made))


def test_shapes_are_named_like_the_fields() -> None:
    """For the declaration of an event."""
    assert tuple(window_shapes(STRING, STRING)) == WINDOW_KEYS
