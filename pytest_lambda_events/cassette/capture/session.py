"""One capture. The law: it is bounded, and however it ends, the source is put back first and what came is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.cassette.capture.taps import Closed
from pytest_lambda_events.errors import LambdaEventsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.cassette.capture.taps import Taken, Tap
    from pytest_lambda_events.cassette.capture.waiting import Patience

__all__ = ["Ending", "capture"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What a capture took, of how many records that it `saw`, how it left the source, and what stopped it early."""

    taken: tuple[Taken, ...]
    seen: int
    closed: Closed
    problem: Exception | None = None


def capture(
    tap: Tap,
    *,
    most: int,
    patience: Patience,
    passes: Callable[[Any], bool] = lambda _: True,
    tell: Callable[[int, int], None] = lambda _taken, _seen: None,
) -> Ending:
    """Take at most so many records that pass; `tell` hears how many were taken, of how many.

    An error of the source's client ends it, and is part of the ending: what was taken until then is not lost.
    """
    kept: list[Taken] = []
    seen = 0
    problem: Exception | None = None
    try:
        while len(kept) < most and not patience.over and not tap.over:
            came = tap.take(most - len(kept), patience.left)
            seen += len(came)
            kept += [one for one in came if passes(one.shown)]
            tell(len(kept), seen)
            if tap.at_rest and not came and not patience.waits:
                break
            if len(kept) < most and not tap.over:
                patience.pause(tap.pause_seconds)
    except Exception as error:
        if not _is_the_sources(error):
            raise
        problem = error
    finally:
        closed = _closed(tap)
    return Ending(taken=tuple(kept), seen=seen, closed=closed, problem=problem)


def _closed(tap: Tap) -> Closed:
    """Close it; that it cannot be asked any more is said, and hides no other error."""
    try:
        return tap.close()
    except Exception as error:
        if not _is_the_sources(error):
            raise
        return Closed(told=(f"how the source was left could not be verified: {error}",), sound=False)


def _is_the_sources(error: Exception) -> bool:
    """Whether it is an error of the source, its client or the way to it, and not a bug here."""
    from botocore.exceptions import BotoCoreError, ClientError

    return isinstance(error, (LambdaEventsError, BotoCoreError, ClientError, OSError))
