"""What every event builder does alike. The law: one meaning for `count`, `seed`, `time`, `overrides` and functions as
arguments, whatever the source.

A builder makes what the poller would have handed over on the first delivery. Neither time nor moto is touched.
"""

from __future__ import annotations

import sys
from itertools import count
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pytest_lambda_events.clock.virtual import parse_start, to_ms
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.json_writing import compact
from pytest_lambda_events.model.paths import with_override
from pytest_lambda_events.payloads import payload

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Container, Mapping, Sequence

    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.payloads import PayloadKind

__all__ = [
    "ACCOUNT",
    "REGION",
    "compact",
    "each",
    "finished",
    "free_name",
    "later_ms",
    "moment_ms",
    "payloads_of",
    "sending_ms",
]

ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"
_START: Final = "2025-01-01T00:00:00Z"

T = TypeVar("T")


def moment_ms(time: str | dt.datetime | None) -> int:
    """When the records are made, in epoch milliseconds.

    As asked, else the virtual present if a harness is active, else a fixed moment. Errors: `UsageError` for a text that
    is no ISO 8601 time.
    """
    if time is not None:
        return parse_start(time, "time")
    harness = sys.modules.get("pytest_lambda_events.harness")
    if harness is not None and harness._active is not None:  # noqa: SLF001 - asked, not imported: that would cost moto
        clock = harness._active.virtual_clock  # noqa: SLF001
        clock.enter()
        return int(clock.now_ms)
    return parse_start(_START)


def sending_ms(clock: Clock, at: float | None, now_ms: int) -> int:
    """When to put something: now, or at virtual second `at`. Errors: `UsageError` for no moment, or one in the past."""
    if at is None:
        return now_ms
    try:
        at_ms = clock.start_ms + to_ms(at)
    except (TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"at={at!r}: a moment is a number of virtual seconds") from error
    if at_ms < now_ms:
        raise UsageError(f"at={at:g} lies in the past: virtual time is at {clock.elapsed:g} s")
    return at_ms


def later_ms(clock: Clock, at: float | None, now_ms: int) -> int | None:
    """The moment to come at which to put something; None for now. Errors: as `sending_ms`."""
    at_ms = sending_ms(clock, at, now_ms)
    return at_ms if at_ms > now_ms else None


def free_name(kind: str, taken: Container[str], first: int, ending: str = "") -> str:
    """A name for a resource that was given none: kind-`first`, or with the next number, so that nobody has it."""
    return next(name for number in count(first) if (name := f"{kind}-{number}{ending}") not in taken)


def payloads_of(
    given: Sequence[Any], count: int | None, *, kind: PayloadKind, identifiers: Identifiers
) -> Sequence[Any]:
    """The payloads of an event: those given, one of them `count` times, or `count` made-up ones of a kind.

    Errors: `UsageError` for a count that is no whole number from 1 on, or one that goes with several payloads.
    """
    if count is not None and (type(count) is not int or count < 1):
        raise UsageError(f"count={count!r:.80}: an event carries at least one record, and whole ones")
    if not given:
        dice = identifiers.stream("payloads")
        return [payload(kind, number, dice) for number in range(1, (count or 1) + 1)]
    if count is None:
        return given
    if len(given) != 1:
        raise UsageError(f"count={count} repeats one payload, but {len(given)} were given; leave count out")
    return list(given) * count


def each(value: T | Callable[[int], T], number: int) -> T:
    """A builder's argument for the record `number` (from 0): a function of that number, or one value for all."""
    return value(number) if callable(value) else value


def finished(event: Any, overrides: Mapping[str, Any] | None) -> Any:
    """The event with its overrides, by path (`Records[*].awsRegion`). They come last: nothing is derived from them."""
    for path, value in (overrides or {}).items():
        with_override(event, path, value)
    return event
