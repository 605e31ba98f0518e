"""Tumbling windows: which window a record belongs to, when one closes, and what state goes on. The law: pure.

Windows are aligned to the epoch and chosen by the record's arrival. State is {} first, then what the previous response
of the window said; a response without it is a failed invocation. The last invocation of a window carries no record and
its state is dropped. Past 1 MB of state the window ends at once.

Rules: Lambda Developer Guide, "Implementing stateful Kinesis Data Streams processing in Lambda", and recordings. An
idle window closes some time within two minutes after its end on AWS, and after two minutes here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.json_writing import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "IDLE_MS",
    "LARGEST_STATE_BYTES",
    "NO_STATE",
    "OpenWindow",
    "closes_ms",
    "is_too_large",
    "start_of",
    "state_in",
]

IDLE_MS: Final = 120_000
LARGEST_STATE_BYTES: Final = 1_048_576

NO_STATE: Final = (
    "the response has no `state`, which must be a JSON object in every response of a tumbling window but the last: the "
    'invocation failed. Return {"state": {...}}'
)


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """A window of which an invocation has begun: its first moment (epoch milliseconds), and the state so far.

    `ends_early`: its state is too large, and its final invocation comes next.
    """

    start_ms: int
    state: Mapping[str, Any] = field(default_factory=dict)
    ends_early: bool = False


def start_of(arrival_ms: int, tumbling_ms: int) -> int:
    """The first moment of the window that a record of this arrival belongs to."""
    return arrival_ms // tumbling_ms * tumbling_ms


def closes_ms(start_ms: int, tumbling_ms: int) -> int:
    """When a window closes for which nothing more comes."""
    return start_ms + tumbling_ms + IDLE_MS


def state_in(response: Any) -> dict[str, Any] | None:
    """The state that a response hands on; None when there is none, and the invocation has failed."""
    state = response.get("state") if isinstance(response, dict) else None
    return state if isinstance(state, dict) else None


def is_too_large(state: Mapping[str, Any]) -> bool:
    """Whether a state ends its window at once: more than 1 MB of compact JSON."""
    return len(compact(state).encode("utf-8", "surrogatepass")) > LARGEST_STATE_BYTES
