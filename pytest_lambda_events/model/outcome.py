"""How a call of the function ended, before a poller judges it. The law: values only.

`Ending` is what the invoker reports; the poller reads it together with the mapping and decides the `Outcome`.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

__all__ = ["PAYLOAD_LIMIT_BYTES", "Ending", "EndingKind"]

PAYLOAD_LIMIT_BYTES: Final = 6_291_456
"""6 MB: the most that a synchronous invocation carries, each way (Lambda quotas, "Invocation payload")."""

EndingKind = Literal["returned", "error", "timeout", "malformed"]
"""malformed: the function returned something that Lambda cannot serialise, or too much of it."""


class Ending(NamedTuple):
    """Times are epoch milliseconds; `response` is the JSON value that Lambda got, `error` the exception if there was
    one, `problem` one sentence for people.
    """

    kind: EndingKind
    started_ms: int
    ended_ms: int
    response: Any
    error: BaseException | None
    problem: str | None
