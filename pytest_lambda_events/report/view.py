"""A run as reports read it. The law: plain data and no exceptions, so that a run that just was reads like one that was
read from a trace file.

Nothing here is computed but how an invocation's error reads; `telling` puts it into words, and `marks` into a drawing.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pytest_lambda_events.model.payload_json import kind_of, payload_as_json
from pytest_lambda_events.report.records import brief_of
from pytest_lambda_events.report.words import is_ours, where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

    from pytest_lambda_events.harness import Harness
    from pytest_lambda_events.harness.live import LiveHarness
    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.model.trace import Advice, Invocation, Outcome, Step

__all__ = ["CallView", "ErrorView", "RecordView", "RunView", "view_of", "view_of_harness"]

_MESSAGES: Final = frozenset(("sqs", "activemq", "rabbitmq"))
_BROKERS: Final = frozenset(("activemq", "rabbitmq"))
_CHANGES: Final = frozenset(("dynamodb", "documentdb"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecordView:
    """A record and what became of it. Seconds are of virtual time.

    `kind` is `model.payload_json.kind_of`; `payload` what it carries, under its source's own names; `brief` the
    beginning of that as people know it; `sources` the ARNs that it entered, in that order; `destination` the ARN that
    its invocation record reached.
    """

    id: str
    kind: str
    payload: Mapping[str, Any]
    brief: str
    fate: Fate
    destination: str | None
    sources: tuple[str, ...]
    attempts: tuple[float, ...]
    receives: tuple[float, ...]

    @property
    def is_message(self) -> bool:
        """Whether it is received from a queue and leaves it; all else is read where it is, and stays there."""
        return self.kind in _MESSAGES

    @property
    def is_broker_message(self) -> bool:
        """Whether it is a broker's, which gets it back with all of its batch."""
        return self.kind in _BROKERS

    @property
    def is_change(self) -> bool:
        """Whether it tells of an item or a document that was written, rather than having been put itself."""
        return self.kind in _CHANGES

    @property
    def is_task(self) -> bool:
        """Whether it is a task of an S3 Batch Operations job."""
        return self.kind == "s3_batch"


class ErrorView(NamedTuple):
    """What a handler raised: its type's name; ` (handler.py:12)`, the place in the user's code, or nothing; all of it
    as Python prints it, without this package's own frames.
    """

    type: str
    where: str
    traceback: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CallView:
    """An invocation. `number` counts them as they began, from 1 on; None for what ended without having begun: a batch
    that was throttled, or too large. The rest is as in `model.trace.Invocation`, records by their ids.
    """

    number: int | None
    at: float
    duration: float
    records: tuple[str, ...]
    outcome: Outcome
    failed: tuple[str, ...]
    request_id: str
    mapping: str
    event_text: str
    response: Any
    problem: str | None
    error: ErrorView | None


@dataclass(frozen=True, kw_only=True, eq=False)
class RunView:
    """A run. `steps` are those of its trace, "ended" without the event, in milliseconds of the epoch; `start_ms` is
    where they begin to count, `elapsed` seconds; `calls` are in the order in which they ended; `mappings` as AWS
    describes them, by UUID.
    """

    seed: int
    start_ms: int
    elapsed: float
    is_live: bool
    records: tuple[RecordView, ...]
    calls: tuple[CallView, ...]
    steps: tuple[Step, ...]
    metrics: Mapping[str, int]
    advice: tuple[Advice, ...]
    mappings: Mapping[str, Mapping[str, Any]]
    _by_id: dict[str, RecordView] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {record.id: record for record in self.records})

    def record(self, record_id: str) -> RecordView | None:
        """The record with this id; None when the run does not look at where it is."""
        return self._by_id.get(record_id)

    def is_behind(self, call: CallView, place: int) -> bool:
        """Whether the record at this place of `call.failed` is only behind the one that was reported.

        Of what is read in order, all from there on is tried again.
        """
        record = self.record(call.failed[place])
        return call.outcome == "partial" and place > 0 and record is not None and not record.is_message

    def seconds(self, at_ms: int) -> float:
        """A step's moment in seconds of virtual time."""
        return (at_ms - self.start_ms) / 1000

    def steps_of(self, record: RecordView) -> Sequence[Step]:
        """This record's steps, in order of time; at one moment, in the order taken."""
        return self._steps_of.get(record.id, ())

    @cached_property
    def _steps_of(self) -> dict[str, list[Step]]:
        found: dict[str, list[Step]] = {}
        # by time, because a source may note late what fell due earlier
        for step in sorted(self.steps, key=lambda step: step.at_ms):
            for record_id in step.records:
                found.setdefault(record_id, []).append(step)
        return found

    @cached_property
    def call_of(self) -> dict[int, tuple[int, CallView | None]]:
        """Every attempt by the `id` of its step "invoked": its number, and the call that came of it (None: not yet).

        The calls are in the order in which they ended, so each belongs to one "ended" of the steps. A stream's retry
        keeps the request id of the first try, so that the step is the attempt and the id is not.
        """
        return {place: (number, call) for number, place, call in _paired(self.steps, self.calls)}


def view_of(run: Run[Any], *, is_live: bool = False) -> RunView:
    """The run as plain data; `is_live` says that its time was real."""
    # what a call ended with stands in the call; its event, here too, would make everything twice as large
    steps = tuple([step._replace(detail=step.detail[:4]) if step.kind == "ended" else step for step in run.trace])
    invocations = run.invocations
    numbers = {id(call): number for number, _, call in _paired(steps, invocations) if call is not None}
    errors = _Errors()
    return RunView(
        seed=run.seed,
        start_ms=run.start_ms,
        elapsed=run.elapsed,
        is_live=is_live,
        records=tuple([_record(run, record) for record in run.records]),
        calls=tuple([_call(call, numbers.get(id(call)), errors) for call in invocations]),
        steps=steps,
        metrics=dict(run.metrics),
        advice=tuple(run.advice),
        mappings=run.described,
    )


def view_of_harness(harness: Harness | LiveHarness) -> RunView:
    """All that a harness has seen so far, as plain data."""
    return view_of(harness.view(), is_live=type(harness).__name__ == "LiveHarness")  # its module may not be loaded


def _record(run: Run[Any], record: Any) -> RecordView:
    kind, payload = kind_of(record), payload_as_json(record)
    task = f"s3://{record.bucket}/{record.key}" if kind == "s3_batch" else ""
    return RecordView(
        id=record.id,
        kind=kind,
        payload=payload,
        brief=brief_of(kind, payload, otherwise=task),
        fate=run.fate(record),
        destination=run.destination(record),
        sources=tuple(run.sources_of(record)),
        attempts=tuple(run.attempts(record)),
        receives=tuple(run.receives(record)),
    )


def _call(call: Invocation[Any], number: int | None, errors: _Errors) -> CallView:
    return CallView(
        number=number,
        at=call.at,
        duration=call.duration,
        records=tuple([record.id for record in call.records]),
        outcome=call.outcome,
        failed=tuple([record.id for record in call.failed]),
        request_id=call.request_id,
        mapping=call.mapping,
        event_text=call.event_text,
        response=call.response,
        problem=call.problem,
        error=None if call.error is None else errors.view(call.error),
    )


def _paired(steps: Sequence[Step], calls: Sequence[Any]) -> Iterator[tuple[int, int, Any]]:
    """Each "invoked": its number, the `id` of its step, and the call that ended it."""
    ending = iter(calls)
    begun: dict[int, Any] = {}
    open_steps: dict[str, int] = {}
    for step in steps:
        if step.kind == "invoked":
            begun[id(step)] = None
            open_steps[step.detail] = id(step)
        elif step.kind == "ended":
            call = next(ending, None)
            place = open_steps.pop(step.detail[2], None)
            if place is not None:
                begun[place] = call
    for number, (place, call) in enumerate(begun.items(), 1):
        yield number, place, call


class _Errors:
    """What was raised, as text. Frames are looked up once for each way through the code: a poison record takes the same
    one a thousand times, and a look into source files for each would cost more than the run did.
    """

    def __init__(self) -> None:
        self._frames: dict[tuple[tuple[int, int], ...], str] = {}

    def view(self, error: BaseException) -> ErrorView:
        """The error, and what it came of."""
        return ErrorView(type(error).__name__, where(error), self._text(error))

    def _text(self, error: BaseException) -> str:
        # of all that led to it the last lines only: each frame's source is looked up here, once
        told = traceback.TracebackException(type(error), error, None, limit=0, lookup_lines=False, compact=True)
        pieces: list[str] = []
        while True:
            if getattr(error, "exceptions", None):  # a group, which Python draws as a tree
                pieces.append(_tree(error))
                break
            pieces.append(self._alone(error, told))
            cause, context = error.__cause__, error.__context__
            if told.__cause__ is not None and cause is not None:
                joint, told, error = _CAUSE, told.__cause__, cause
            elif told.__context__ is not None and context is not None and not error.__suppress_context__:
                joint, told, error = _CONTEXT, told.__context__, context
            else:
                break
            pieces.append(f"\n{joint}\n\n")
        return "".join(reversed(pieces))

    def _alone(self, error: BaseException, told: traceback.TracebackException) -> str:
        """An error without what led to it."""
        frames = self._lines(error.__traceback__)
        head = f"Traceback (most recent call last):\n{frames}" if frames else ""
        return f"{head}{''.join(told.format_exception_only())}"

    def _lines(self, found: TracebackType | None) -> str:
        key: list[tuple[int, int]] = []
        at = found
        while at is not None:
            key.append((id(at.tb_frame.f_code), at.tb_lasti))
            at = at.tb_next
        way = tuple(key)
        if way not in self._frames:
            frames = [frame for frame in traceback.extract_tb(found) if not is_ours(frame.filename)]
            self._frames[way] = "".join(traceback.StackSummary.from_list(frames).format())
        return self._frames[way]


def _tree(error: BaseException) -> str:
    """A group, its members, and what led to each."""
    told = traceback.TracebackException(type(error), error, error.__traceback__)
    rest: list[traceback.TracebackException | None] = [told]
    while rest:
        one = rest.pop()
        if one is not None:
            one.stack[:] = [frame for frame in one.stack if not is_ours(frame.filename)]
            rest += [one.__cause__, one.__context__, *(getattr(one, "exceptions", None) or ())]
    return "".join(told.format())


_CAUSE: Final = "The above exception was the direct cause of the following exception:"
_CONTEXT: Final = "During handling of the above exception, another exception occurred:"
