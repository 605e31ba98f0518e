"""Handing a cassette's events to a handler again. The law: nothing is written, and what differs is said side by side.

Each event is handed over as it was recorded, and the handler's HTTP calls to third parties are answered from what was
recorded with it. How it ends is compared with how it ended then, where that is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.cassette.calls import Tape
from pytest_lambda_events.cassette.model import Failure, Returned
from pytest_lambda_events.cassette.serving import HttpBooth
from pytest_lambda_events.cassette.side_by_side import outcome_changes
from pytest_lambda_events.errors import CassetteDifference, UsageError
from pytest_lambda_events.invoking.plain import PlainFunction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pytest_lambda_events.cassette.model import Cassette, HttpCall, Interaction
    from pytest_lambda_events.invoking.plain import Call

__all__ = ["Replayed", "chosen", "outcome_of", "raise_differences", "replay", "replay_one"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One event, handed over again.

    `event` is its number in the cassette, from 0; `outcome` how the handler ended now, `recorded` how it ended then
    (None: nobody knows); `error` what it raised. `http` are the calls that it made, `added` those of them that were
    made for real; `refused` says which it wanted to make and had not made then, `unused` are those that it made then
    and not now.
    """

    event: int
    name: str
    outcome: Returned | Failure
    recorded: Returned | Failure | None
    error: BaseException | None = field(repr=False, default=None)
    http: tuple[HttpCall, ...] = field(repr=False, default=())
    added: tuple[HttpCall, ...] = field(repr=False, default=())
    refused: tuple[str, ...] = ()
    unused: tuple[HttpCall, ...] = field(repr=False, default=())

    @property
    def same(self) -> bool:
        """Whether it ended as it did then; where nobody knows how, whether it ended without an error."""
        return not self.difference

    @property
    def difference(self) -> str:
        """What is different, for people; an empty text when nothing is."""
        told = [*self.refused]
        if told and isinstance(self.outcome, Failure) and self.outcome.type == "CallNotRecorded":
            return "\n\n".join(told)  # that it ended so follows from it
        if self.recorded is None:
            if isinstance(self.outcome, Failure):
                told.append(
                    f"{self.name}: nothing was recorded to compare with, and the handler raised {self.outcome.type}: "
                    f"{self.outcome.message}"
                )
        else:
            found = outcome_changes(self.recorded, self.outcome)
            if found:
                told.append(f"{self.name}: the handler does otherwise than recorded\n{found}")
        return "\n\n".join(told)


def replay(
    cassette: Cassette,
    handler: Callable[[Any, Any], Any] | str,
    *,
    events: Iterable[int] | None = None,
    function: Mapping[str, Any] | None = None,
    name: str = "the cassette",
) -> list[Replayed]:
    """Hand events of a cassette to a handler; how each went.

    `handler` is a callable, `"package.module:function"` or Lambda's `"module.function"`; `events` are numbers, from 0,
    of those that are wanted (all); `function` has CreateFunction's names (`MemorySize`, `Environment` …), and no
    Timeout ends a call; `name` is what errors call the cassette. Errors: `HandlerNotUsable`, `UsageError`; a difference
    is none here, `raise_differences` makes it one.
    """
    called = PlainFunction(handler, function)
    numbers = chosen(cassette.interactions, events)
    return [replay_one(cassette.interactions[number], called, number, name) for number in numbers]


def chosen(interactions: Sequence[Interaction], events: Iterable[int] | None) -> list[int]:
    """The numbers of events that are asked for. Errors: `UsageError`."""
    if events is None:
        return list(range(len(interactions)))
    numbers = list(events)
    for number in numbers:
        if not 0 <= number < len(interactions):
            raise UsageError(f"event {number!r}: the cassette has {len(interactions)}, counted from 0")
    return numbers


def replay_one(
    interaction: Interaction, function: PlainFunction, number: int, name: str, *, recording: bool = False
) -> Replayed:
    """Hand over one event. With `recording`, calls that were not recorded are made for real."""
    label = f"{name}, event {number}"
    tape = Tape(interaction.http, label)
    booth = HttpBooth(tape, recording=recording)
    with booth.taking_calls():
        call = function.call(interaction.handed_over())
    return Replayed(
        event=number,
        name=label,
        outcome=outcome_of(call),
        recorded=interaction.outcome,
        error=call.error,
        http=tuple(booth.made),
        added=tuple(booth.added),
        refused=tuple(str(error) for error in booth.refused),
        unused=tuple(tape.unused),
    )


def outcome_of(call: Call) -> Returned | Failure:
    """How a call ended, as cassettes have it."""
    return Returned(call.response) if call.type is None else Failure(type=call.type, message=call.message)


def raise_differences(replayed: Iterable[Replayed]) -> None:
    """Errors: `CassetteDifference`, when a handler did otherwise than recorded."""
    __tracebackhide__ = True
    found = [one for one in replayed if not one.same]
    if found:
        error = CassetteDifference("\n\n".join(one.difference for one in found))
        raise error from next((one.error for one in found if one.error is not None), None)
