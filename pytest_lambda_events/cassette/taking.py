"""A run's invocations as interactions. The law: what the function was handed and how it ended, whatever the poller
made of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.cassette.model import Failure, Interaction, Returned
from pytest_lambda_events.envelopes.writing import to_milliseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_lambda_events.cassette.model import HttpCall
    from pytest_lambda_events.model.trace import Invocation

__all__ = ["taken"]

_OF_THE_RUNTIME: Final = ("Runtime.", "Function.", "Sandbox.")


def taken(
    invocations: Iterable[Invocation[Any]], http: Mapping[str, tuple[HttpCall, ...]], start_ms: int
) -> list[Interaction]:
    """The invocations that reached the function. `http` are calls by request id; `start_ms` is the run's second 0."""
    return [
        Interaction(
            event=one.event,
            outcome=_outcome(one),
            http=http.get(one.request_id, ()),
            at=to_milliseconds(start_ms + round(one.at * 1000)),
        )
        for one in invocations
        if _reached_the_function(one)
    ]


def _reached_the_function(one: Invocation[Any]) -> bool:
    """Neither throttled, nor too large to be sent."""
    return one.outcome != "throttled" and not (one.outcome == "error" and one.error is None)


def _outcome(one: Invocation[Any]) -> Returned | Failure:
    if one.problem is not None and one.problem.startswith(_OF_THE_RUNTIME):
        name, _, message = one.problem.partition(": ")
        if name == "Sandbox.Timedout":  # its message begins with the request id, another one in each run
            message = message.partition(" Error: ")[2]
        return Failure(type=name, message=message)
    if one.error is not None:
        return Failure(type=type(one.error).__name__, message=str(one.error))
    return Returned(one.response)
