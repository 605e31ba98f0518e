"""What happened, written once. The law: append-only; every later view is computed from these lists and a length.

A `Ledger` belongs to a harness. Hot paths append tuples and nothing else; `Run` does the arithmetic when asked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple

from pytest_lambda_events.model.records import R

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lambda_events.model.records import Fate

__all__ = ["Advice", "Invocation", "Ledger", "Outcome", "PlaceEntry", "Step", "StepKind", "Trace"]

Outcome = Literal["success", "partial", "error", "timeout", "malformed", "throttled"]
"""How an invocation ended, as the poller saw it."""

StepKind = Literal[
    "entered",
    "received",
    "reappeared",
    "left",
    "moved",
    "unreadable",
    "invoked",
    "ended",
    "split",
    "delivered",
    "fault",
    "advice",
]
"""entered, received, reappeared, left, moved: a source's; unreadable (by its schema), invoked, ended, split, delivered
(to an on-failure destination), fault: a mapping's; advice: ours."""


class Step(NamedTuple):
    """One line of the trace: when (epoch ms), what, where (a source's ARN, a mapping's UUID), which records, detail."""

    at_ms: int
    kind: StepKind
    place: str
    records: tuple[str, ...]
    detail: Any


class PlaceEntry(NamedTuple):
    """A record's change of state in one source; `order` counts over all sources of the harness."""

    order: int
    at_ms: int
    record_id: str
    fate: Fate | None  # "pending" on entry; None when its story goes on in another source


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Something that works here and bites in production: a stable `code`, a `message`, and what it is about."""

    code: str
    message: str
    at_ms: int
    mapping: str = ""
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Invocation(Generic[R]):
    """One call of the function.

    `at` and `duration` are seconds of virtual time, `records` what the event carried, `failed` those that AWS counts
    as failed, `outcome` how it ended, `error` the exception (or None), `response` what the function returned,
    `problem` one sentence on why the outcome is not a success. `event` is the JSON it was handed, parsed anew.
    """

    at: float
    duration: float
    records: tuple[R, ...]
    outcome: Outcome
    failed: tuple[R, ...]
    request_id: str
    mapping: str
    event_text: str = field(repr=False)
    response: Any = field(repr=False)
    error: BaseException | None
    problem: str | None

    @property
    def event(self) -> Any:
        """The event as the function got it; a fresh copy each time."""
        return json.loads(self.event_text)


class Trace(tuple[Step, ...]):
    """The steps of a run, in the order in which they were taken. Same seed, same inputs: the same `to_json()`."""

    __slots__ = ()

    def to_json(self) -> str:
        """One compact JSON array per line and step."""
        return "\n".join(json.dumps(step, separators=(",", ":"), ensure_ascii=False, default=str) for step in self)


class Ledger:
    """All that a harness saw. Sources write through the journal methods, pollers through `invoked` and `advise`."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.records: dict[str, Any] = {}
        self.places: dict[str, list[PlaceEntry]] = {}
        self.invocations: list[Invocation[Any]] = []
        self.advice: list[Advice] = []
        self.destinations: list[tuple[str, tuple[str, ...], str]] = []  # mapping, records, ARN
        self.silenced: frozenset[str] = frozenset()
        self._order = 0

    # -- the journal of a source (brokers.visibility_queue.Journal) -----------------------------------------------

    def entered(self, at_ms: int, arn: str, record: Any) -> None:
        """A record came into a source."""
        self.records[record.id] = record
        self._order += 1
        self._place(arn).append(PlaceEntry(self._order, at_ms, record.id, "pending"))
        self.steps.append(Step(at_ms, "entered", arn, (record.id,), None))

    def received(self, at_ms: int, arn: str, record_ids: tuple[str, ...], counts: tuple[int, ...]) -> None:
        """Records were received, each for the `counts`-th time."""
        self.steps.append(Step(at_ms, "received", arn, record_ids, counts))

    def reappeared(self, at_ms: int, arn: str, record_id: str) -> None:
        """A record became visible again."""
        self.steps.append(Step(at_ms, "reappeared", arn, (record_id,), None))

    def expects(self, at_ms: int, mapping: str, record: Any) -> None:
        """A mapping of a stream, whose records have a fate for each mapping, is to deliver this record.

        No step of the trace: the record entered its stream, which says so.
        """
        self.records[record.id] = record
        self._order += 1
        self._place(mapping).append(PlaceEntry(self._order, at_ms, record.id, "pending"))

    def left(self, at_ms: int, arn: str, record_ids: tuple[str, ...], fate: Fate) -> None:
        """Records left a source for good."""
        place = self._place(arn)
        for record_id in record_ids:
            self._order += 1
            place.append(PlaceEntry(self._order, at_ms, record_id, fate))
        self.steps.append(Step(at_ms, "left", arn, record_ids, fate))

    def moved(self, at_ms: int, arn: str, record_ids: tuple[str, ...]) -> None:
        """Records left a source for another, as in a redrive from a dead-letter queue: they have no fate here."""
        place = self._place(arn)
        for record_id in record_ids:
            self._order += 1
            place.append(PlaceEntry(self._order, at_ms, record_id, None))
        self.steps.append(Step(at_ms, "moved", arn, record_ids, None))

    def _place(self, arn: str) -> list[PlaceEntry]:
        found = self.places.get(arn)
        if found is None:
            found = self.places[arn] = []
        return found

    def known(self, arn: str) -> Iterator[Any]:
        """Every record that ever entered a source, each once, in the order of first entry."""
        seen = dict.fromkeys(entry.record_id for entry in self.places.get(arn, ()) if entry.fate == "pending")
        return (self.records[record_id] for record_id in seen)

    # -- pollers --------------------------------------------------------------------------------------------------

    def invoked(self, at_ms: int, mapping: str, record_ids: tuple[str, ...], request_id: str) -> None:
        """A function was called with a batch."""
        self.steps.append(Step(at_ms, "invoked", mapping, record_ids, request_id))

    def ended(self, at_ms: int, invocation: Invocation[Any], failed_ids: tuple[str, ...]) -> None:
        """An invocation's outcome took effect."""
        self.invocations.append(invocation)
        detail = (invocation.outcome, failed_ids, invocation.request_id, invocation.problem, invocation.event_text)
        self.steps.append(Step(at_ms, "ended", invocation.mapping, tuple([r.id for r in invocation.records]), detail))

    def unreadable(self, at_ms: int, mapping: str, record_id: str, reason: str, problem: str) -> None:
        """A record was given up because its schema could not read it: why, in AWS's words and in ours."""
        self.steps.append(Step(at_ms, "unreadable", mapping, (record_id,), (reason, problem)))

    def split(self, at_ms: int, mapping: str, record_ids: tuple[str, ...]) -> None:
        """A failed batch is halved instead of tried again."""
        self.steps.append(Step(at_ms, "split", mapping, record_ids, None))

    def delivered(self, at_ms: int, mapping: str, record_ids: tuple[str, ...], destination: str) -> None:
        """The invocation record of given-up records reached its on-failure destination."""
        self.destinations.append((mapping, record_ids, destination))
        self.steps.append(Step(at_ms, "delivered", mapping, record_ids, destination))

    def fault(self, at_ms: int, mapping: str, record_ids: tuple[str, ...], name: str) -> None:
        """A fault that was asked for happened to these records."""
        self.steps.append(Step(at_ms, "fault", mapping, record_ids, name))

    def advise(self, advice: Advice) -> None:
        """Note advice, once for each code and mapping; not that which nobody wants to hear."""
        if advice.code in self.silenced:
            return
        if not any(known.code == advice.code and known.mapping == advice.mapping for known in self.advice):
            self.advice.append(advice)
            self.steps.append(
                Step(advice.at_ms, "advice", advice.mapping, advice.records, (advice.code, advice.message))
            )

    def fates(self, arns: Sequence[str], marks: Sequence[int]) -> dict[str, Fate]:
        """Where the records of these sources stand, in the order of their entry; the latest source of a record counts.

        One that moved on to a source which is not among these is left out. `marks` says, source by source, how much of
        the history to look at.
        """
        entries = [entry for arn, mark in zip(arns, marks, strict=True) for entry in self.places.get(arn, [])[:mark]]
        if len(arns) > 1:
            entries.sort(key=lambda entry: entry.order)
        latest = {entry.record_id: entry.fate for entry in entries}
        return {record_id: fate for record_id, fate in latest.items() if fate is not None}
