"""Tumbling windows: what they add to an event of a stream. The law: all six fields or none, and one order of them.

Kinesis and DynamoDB Streams alike. Windows are aligned to the epoch, a record belongs to the window of its arrival, and
the last invocation of a window carries no record (recorded on AWS; Lambda Developer Guide, "Implementing stateful
DynamoDB stream processing in Lambda").
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.looking import text_at, value_at
from pytest_lambda_events.model.paths import ABSENT
from pytest_lambda_events.model.shapes import ANYTHING, BOOLEAN, Fields, MapOf, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.model.findings import Report
    from pytest_lambda_events.model.shapes import Shape

__all__ = ["WINDOW_KEYS", "TumblingWindow", "check_window", "window_from", "window_shapes"]

WINDOW_KEYS: Final = (
    "shardId",
    "eventSourceARN",
    "window",
    "state",
    "isFinalInvokeForWindow",
    "isWindowTerminatedEarly",
)
"""What stands behind Records, in the order of captures; AWS's documentation prints the same keys in another order."""

_LONGEST_SECONDS: Final = 900  # API Reference, CreateEventSourceMapping, TumblingWindowInSeconds
_LARGEST_STATE_BYTES: Final = 1_048_576  # Developer Guide: 1 MB per shard, past which the window ends early
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_MOMENT: Final = Text(
    re.compile(r"[0-9]{4}(?:-[0-9]{2}){2}T[0-9]{2}(?::[0-9]{2}){2}Z"), "a time such as 2025-01-01T00:00:30Z"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TumblingWindow:
    """The window of an invocation: its length, the state that came before, and whether this is its end."""

    seconds: int
    state: Mapping[str, Any]
    is_final: bool
    terminated_early: bool

    def bounds(self, moment_ms: int) -> tuple[int, int]:
        """Start (within it) and end (beyond it) of the window that a moment lies in. Epoch seconds."""
        start = moment_ms // 1000 // self.seconds * self.seconds
        return start, start + self.seconds

    def event(self, records: list[Any], *, shard_id: str, arn: str, moment_ms: int) -> dict[str, Any]:
        """The event around records of one shard of the stream `arn`, which arrived at `moment_ms` (epoch)."""
        start, end = self.bounds(moment_ms)
        return {
            "Records": records,
            "shardId": shard_id,
            "eventSourceARN": arn,
            "window": {"start": _moment_text(start), "end": _moment_text(end)},
            "state": self.state,
            "isFinalInvokeForWindow": self.is_final,
            "isWindowTerminatedEarly": self.terminated_early,
        }


def window_from(
    seconds: Any,
    *,
    state: Mapping[str, Any] | None,
    is_final: bool,
    terminated_early: bool,
    has_payloads: bool,
) -> TumblingWindow | None:
    """The window that a builder's arguments ask for; None without one.

    `has_payloads`: payloads or a count of them were given. A window that ended early has ended, so `terminated_early`
    says `is_final`, too. Errors: `UsageError` for what no invocation could be.
    """
    if seconds is None:
        given = [
            text
            for text, there in (
                (f"state={state!r:.60}", state is not None),
                ("is_final=True", is_final),
                ("terminated_early=True", terminated_early),
            )
            if there
        ]
        if given:
            raise UsageError(f"{', '.join(given)} without window: give the window's length in seconds, window=30")
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 1 <= seconds <= _LONGEST_SECONDS:
        raise UsageError(f"window={seconds!r}: TumblingWindowInSeconds is a whole number from 1 to {_LONGEST_SECONDS}")
    final = is_final or terminated_early
    if final and has_payloads:
        raise UsageError(
            "the final invocation of a window carries no record: leave payloads and count out, or leave "
            f"{'is_final' if is_final else 'terminated_early'} out for an invocation within the window"
        )
    return TumblingWindow(
        seconds=seconds,
        state=_state_from(state, may_be_large=terminated_early),
        is_final=final,
        terminated_early=terminated_early,
    )


def _state_from(state: Mapping[str, Any] | None, *, may_be_large: bool) -> dict[str, Any]:
    """The state as JSON gives it back to the function: a copy, with JSON's types."""
    try:
        text = json.dumps(
            {} if state is None else dict(state), separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
    except RecursionError:
        raise UsageError("state= cannot be a window's state: it is nested deeper than json.dumps follows") from None
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"state={state!r:.200} cannot be a window's state: {error}. It is a JSON object, the `state` that the "
            "function returned"
        ) from error
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > _LARGEST_STATE_BYTES and not may_be_large:
        raise UsageError(
            f"the state has {size} bytes, and past {_LARGEST_STATE_BYTES} Lambda ends the window at once: give "
            "terminated_early=True, or a smaller state"
        )
    value: dict[str, Any] = json.loads(text)
    return value


def window_shapes(shard_id: Shape, arn: Shape) -> Mapping[str, Shape]:
    """The fields of a window for the `sometimes` of an event's shape; `check_window` says which are missing."""
    return {
        "shardId": shard_id,
        "eventSourceARN": arn,
        "window": Fields(always={"start": _MOMENT, "end": _MOMENT}),
        "state": MapOf(ANYTHING),
        "isFinalInvokeForWindow": BOOLEAN,
        "isWindowTerminatedEarly": BOOLEAN,
    }


def check_window(event: Any, report: Report, *, arrival_ms: Callable[[Any], int | None]) -> None:
    """The rules of a window, and that only its final invocation comes without records.

    `arrival_ms` reads a record's arrival in epoch milliseconds; None where it has none.
    """
    if not isinstance(event, dict):
        return
    records = event.get("Records")
    there = [key for key in WINDOW_KEYS if key in event]
    final = event.get("isFinalInvokeForWindow")
    if records == [] and final is not True:
        report.error(("Records",), records, "a record: only the final invocation of a window has none")
    if not there:
        return
    for key in WINDOW_KEYS:
        if key not in event:
            report.error((key,), ABSENT, f"this key, which goes with {there[0]} in every event of a window")
    if final is True and records:
        report.note(("Records",), records, "no record, because isFinalInvokeForWindow is true")
    if event.get("isWindowTerminatedEarly") is True and final is False:
        report.note(("isFinalInvokeForWindow",), final, "true, because isWindowTerminatedEarly is")
    start, end = (_moment_of(value_at(event, "window", key)) for key in ("start", "end"))
    if isinstance(records, list):
        _check_records(event, records, (start, end), report, arrival_ms)
    if start is not None and end is not None:
        _check_bounds(event["window"], start, end, report)


def _check_bounds(window: dict[str, Any], start: int, end: int, report: Report) -> None:
    length = end - start
    if not 1 <= length <= _LONGEST_SECONDS:
        report.note(("window", "end"), window["end"], f"1 to {_LONGEST_SECONDS} seconds after start")
    elif start % length:
        report.note(("window", "start"), window["start"], f"a multiple of {length} seconds, the window's length")


def _check_records(
    event: dict[str, Any],
    records: list[Any],
    bounds: tuple[int | None, int | None],
    report: Report,
    arrival_ms: Callable[[Any], int | None],
) -> None:
    start, end = bounds
    arn = text_at(event, "eventSourceARN")
    for number, record in enumerate(records):
        own = text_at(record, "eventSourceARN")
        if arn is not None and own is not None and own != arn:
            report.note(("Records", number, "eventSourceARN"), own, f'"{arn}", the eventSourceARN of the window')
        moment = arrival_ms(record)
        if moment is None:
            continue
        if start is not None and moment < start * 1000:
            report.note(("window", "start"), event["window"]["start"], f"no later than Records[{number}] arrived")
        if end is not None and moment >= end * 1000:
            report.note(("window", "end"), event["window"]["end"], f"later than Records[{number}] arrived")


def _moment_text(seconds: int) -> str:
    return (_EPOCH + dt.timedelta(seconds=seconds)).isoformat()[:19] + "Z"


def _moment_of(text: Any) -> int | None:
    """Epoch seconds of a window's start or end; None for what is none."""
    if not isinstance(text, str) or _MOMENT.grammar.fullmatch(text) is None:
        return None
    try:
        return (dt.datetime.fromisoformat(text[:-1] + "+00:00") - _EPOCH) // dt.timedelta(seconds=1)
    except ValueError:  # the thirteenth month
        return None
