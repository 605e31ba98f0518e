"""A cassette in the hands of a test. The law: what a test uses is noted, what it records is written when it has passed.

`Player` knows neither pytest nor a harness: who makes it says in which mode it is, and asks for its end.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.cassette.calls import Tape
from pytest_lambda_events.cassette.model import Interaction
from pytest_lambda_events.cassette.pour import job_arguments, pour
from pytest_lambda_events.cassette.record import Recorded, commit, event_key, redactor_for, source_of
from pytest_lambda_events.cassette.replaying import chosen, raise_differences, replay_one
from pytest_lambda_events.cassette.serving import HttpBooth
from pytest_lambda_events.cassette.store import load
from pytest_lambda_events.cassette.taking import taken
from pytest_lambda_events.errors import CassetteDifference, CassetteMissing, UsageError
from pytest_lambda_events.invoking.handler import load_handler, usable_handler
from pytest_lambda_events.invoking.plain import PlainFunction
from pytest_lambda_events.sources import identify, records_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pytest_lambda_events.cassette.model import Cassette, HttpCall
    from pytest_lambda_events.cassette.pour import CapturedRecord, Poured
    from pytest_lambda_events.cassette.record import Mode
    from pytest_lambda_events.cassette.redact import Redactor
    from pytest_lambda_events.cassette.replaying import Replayed
    from pytest_lambda_events.clock.virtual import VirtualClock
    from pytest_lambda_events.model.run import Run

    Handler = Callable[[Any, Any], Any] | str

__all__ = ["LambdaCassette"]


class LambdaCassette:
    """The cassette of a test: `path` is its file, `mode` what may be recorded, `only` the number of its one event.

    Errors: `CassetteMissing` when there is no file and none may be made; `CassetteBroken` and its kin.
    """

    def __init__(
        self,
        path: Path,
        *,
        mode: Mode = "none",
        only: int | None = None,
        clock: Callable[[], VirtualClock],
        redactor: Callable[[], Redactor] | None = None,
        missing: str = "",
    ) -> None:
        __tracebackhide__ = True
        self.path = path
        self.mode = mode
        self._only = only
        self._clock = clock
        self._made_redactor = redactor
        self._used: set[int] = set()
        self._replayed: dict[int, Replayed] = {}
        self._recorded: list[tuple[int | None, Interaction]] = []
        self._poured: list[Poured] = []
        self._made: dict[str, tuple[HttpCall, ...]] = {}
        self._tape: Tape | None = None
        self._refused: list[str] = []
        try:
            self._cassette = load(path) if mode != "rewrite" else None
        except CassetteMissing:
            if mode == "none":
                raise CassetteMissing(f"{path}: there is no such cassette. {missing or HOW_TO_RECORD}") from None
            self._cassette = None
        if only is not None:
            chosen(self._interactions, [only])

    # -- what is in it ------------------------------------------------------------------------------------------------

    @property
    def cassette(self) -> Cassette | None:
        """The cassette itself; None when it is yet to be recorded."""
        return self._cassette

    @property
    def name(self) -> str:
        """The name of its file."""
        return self.path.name

    @property
    def source(self) -> str | None:
        """Whose events they are, the registry's name; None when it is yet to be recorded."""
        return None if self._cassette is None else self._cassette.source

    @property
    def events(self) -> list[Any]:
        """The events, as a handler gets them; copies, so that they may be changed."""
        return [one.handed_over() for _, one in self._chosen()]

    @property
    def event(self) -> Any:
        """The event, where there is one only. Errors: `UsageError`."""
        events = self.events
        if len(events) != 1:
            raise UsageError(f"{self.name} has {len(events)} events, not one: ask for `.events`")
        return events[0]

    @property
    def records(self) -> list[Any]:
        """The records of all events, in order, as they stand there: JSON."""
        return [record for event in self.events for _, record in records_of(identify(event), event)]

    @property
    def _interactions(self) -> tuple[Interaction, ...]:
        return () if self._cassette is None else self._cassette.interactions

    def _chosen(self) -> list[tuple[int, Interaction]]:
        """The interactions that this test is about, and note that it used them."""
        found = [
            (number, one) for number, one in enumerate(self._interactions) if self._only is None or number == self._only
        ]
        self._used |= {number for number, _ in found}
        return found

    # -- by itself ----------------------------------------------------------------------------------------------------

    def replay(
        self,
        handler: Handler,
        *,
        events: Iterable[int] | None = None,
        record: Iterable[Any] | Callable[[], Iterable[Any]] = (),
        function: Mapping[str, Any] | None = None,
        check: bool = True,
    ) -> list[Replayed]:
        """Hand the events (or those with these numbers) to a handler, and compare how it ends with how it ended.

        HTTP calls of the handler to third parties are answered as they were then. `function` has CreateFunction's names
        (`Environment`, `MemorySize` …); a Timeout ends nothing here. What is different is raised, or with `check=False`
        only said. Where something is recorded, events are also taken from `record`: a list of them, or a function that
        makes one.

        Errors: `CassetteDifference`; `HandlerNotUsable`; `UsageError`, also where nobody can tell which events are
        there already, because the key of the pseudonyms was not kept.
        """
        __tracebackhide__ = True
        called = PlainFunction(handler, function)
        if not self._records:
            found = [self._replay(number, called) for number in self._numbers(events)]
        elif not self._records_anew:
            found = [self._complete(number, called) for number in self._numbers(events)]
            found += self._record_more(called, record)
        else:
            found = [self._record_again(number, called) for number in self._numbers(events)]
            found += self._record_more(called, record)
            if not found and not self._recorded:
                raise UsageError(
                    f"{self.name} is to be recorded, and there is no event: give some, `replay(handler, "
                    "record=[event])`, or capture them with `lambda-events capture`"
                )
        if check:
            raise_differences(found)
        return found

    def _numbers(self, events: Iterable[int] | None) -> list[int]:
        numbers = [number for number, _ in self._chosen()] if events is None else chosen(self._interactions, events)
        self._used |= set(numbers)
        return numbers

    def _replay(self, number: int, called: PlainFunction) -> Replayed:
        found = self._replayed[number] = replay_one(self._interactions[number], called, number, self.name)
        return found

    def _complete(self, number: int, called: PlainFunction) -> Replayed:
        """Replay an event, and record what of it is missing: its outcome, calls."""
        before = self._interactions[number]
        found = replay_one(before, called, number, self.name, recording=True)
        outcome = found.outcome if before.outcome is None else before.outcome
        if before.outcome is None or found.added:
            after = dataclasses.replace(before, outcome=outcome, http=(*before.http, *found.added))
            self._recorded.append((number, after))
        return dataclasses.replace(found, recorded=outcome)

    def _record_again(self, number: int, called: PlainFunction) -> Replayed:
        before = dataclasses.replace(self._interactions[number], outcome=None, http=())
        return self._record(before, called, number, number)

    def _record_more(
        self, called: PlainFunction, record: Iterable[Any] | Callable[[], Iterable[Any]]
    ) -> list[Replayed]:
        """Record events that the test gives, and that are not there yet."""
        events = [Interaction(event=event) for event in (record() if callable(record) else record)]
        fresh = self._fresh(events)
        first = len(self._interactions)
        return [self._record(one, called, number, None) for number, one in enumerate(fresh, first)]

    def _fresh(self, given: list[Interaction]) -> list[Interaction]:
        """Those whose events are not there yet, neither as they are nor redacted; each once.

        Errors: `UsageError` for events of another source, and where nobody can tell, because the pseudonyms that are
        there have a key that was not kept.
        """
        if not given:
            return []
        source = source_of([one.event for one in given], self.source)
        known = {event_key(one.event) for one in self._interactions}
        known |= {event_key(one.event) for _, one in self._recorded}
        redactor, cassette = self._redactor, self._cassette
        fresh = []
        for one in given:
            keys = {event_key(one.event), event_key(redactor.event(one.event, source))}
            if not keys & known:
                fresh.append(one)
            known |= keys
        if fresh and redactor.key_name == "random" and cassette is not None and cassette.redacted is not None:
            raise UsageError(
                f"{self.name} was redacted, and without a key that is kept nobody can tell which of these events are "
                f"in it already. Keep one, in the environment variable {redactor.rules.key_env} or a file that "
                "pyproject.toml names, or record all anew (--lambda-events-record=rewrite)"
            )
        return fresh

    @functools.cached_property
    def _redactor(self) -> Redactor:
        return redactor_for(self.path) if self._made_redactor is None else self._made_redactor()

    def _record(self, interaction: Interaction, called: PlainFunction, number: int, place: int | None) -> Replayed:
        found = replay_one(interaction, called, number, self.name, recording=True)
        self._recorded.append((place, dataclasses.replace(interaction, outcome=found.outcome, http=found.http)))
        return dataclasses.replace(found, recorded=found.outcome)

    # -- through a poller ---------------------------------------------------------------------------------------------

    def pour(self, source: Any, *, at: float | None = None, keep_times: bool = False) -> list[Any]:
        """Put the records of all events back into a source of their kind; those that came to be at once, in order.

        A record that was delivered several times is put once. Now, or at virtual second `at`; with `keep_times` the
        first one then and the others as much later as they came then. `captured(record)` says which one a record is.
        Errors: `UsageError` for another kind of source, or none; what AWS answers, as a `ClientError`.
        """
        __tracebackhide__ = True
        poured = pour(self._chosen(), self._known_source(), source, self._clock(), at=at, keep_times=keep_times)
        self._poured.append(poured)
        return list(poured.records)

    def job(self) -> dict[str, Any]:
        """What makes a job of S3 Batch Operations of these tasks: `s3_batch_job(handler, **lambda_cassette.job())`.

        Errors: `UsageError` for records of another source.
        """
        __tracebackhide__ = True
        arguments, poured = job_arguments(self._chosen(), self._known_source())
        self._poured.append(poured)
        return arguments

    def captured(self, record: Any) -> CapturedRecord:
        """Which captured record one that was poured is. Errors: `UsageError` for one that was not."""
        for poured in self._poured:
            found = poured.captured(record)
            if found is not None:
                return found
        raise UsageError(f"{record!r} was not poured from {self.name}")

    def _known_source(self) -> str:
        if self._cassette is None:
            raise UsageError(f"{self.name} is yet to be recorded: there is nothing in it to pour")
        return self._cassette.source

    def handler(self, handler: Handler) -> Callable[[Any, Any], Any]:
        """A handler for a mapping or a job, whose HTTP calls to third parties are answered from this cassette.

        A poller makes other batches of the same records, so each call may be answered from any event, and again. Where
        something is recorded, calls are made for real; they are kept with `take(run)`. Errors: `HandlerNotUsable`.
        """
        inner = load_handler(handler) if isinstance(handler, str) else usable_handler(handler)
        if self._tape is None:
            calls = [call for _, one in self._chosen() for call in one.http]
            self._tape = Tape(calls, self.name, repeats=True)
        tape = None if self._records_anew else self._tape

        @functools.wraps(inner)
        def call(event: Any, context: Any) -> Any:
            booth = HttpBooth(tape, recording=self._records)
            try:
                with booth.taking_calls():
                    return inner(event, context)
            finally:
                self._made[context.aws_request_id] = tuple(booth.made)
                self._refused += [str(error) for error in booth.refused]

        return call

    def take(self, run: Run[Any]) -> None:
        """Record what a run handed to its function, and what came of it: events, outcomes, HTTP calls (`handler`).

        Where nothing is recorded, nothing is done. An event that is there already stays as it is, unless all is
        recorded anew: then it is in its place. Errors: `UsageError` for a run of several sources, and where nobody can
        tell which events are there (`replay`).
        """
        __tracebackhide__ = True
        if not self._records:
            return
        found = taken(run.invocations, self._made, self._clock().start_ms)
        if not found:
            return
        # where there is nothing yet, an event that was handed over twice is two invocations
        fresh = found if self._cassette is None else self._fresh(found)
        self._recorded += [(None, one) for one in (found if self.mode == "all" else fresh)]

    @property
    def _records(self) -> bool:
        return self._records_anew or self.mode == "new"

    @property
    def _records_anew(self) -> bool:
        return self.mode in ("all", "rewrite") or (self.mode == "once" and self._cassette is None)

    # -- its end ------------------------------------------------------------------------------------------------------

    def check_calls(self) -> None:
        """Errors: `CassetteDifference` when a handler in a mapping made a call that was not recorded."""
        __tracebackhide__ = True
        if self._refused:
            told = list(dict.fromkeys(self._refused))
            raise CassetteDifference("\n\n".join(told))

    def unused(self) -> list[str]:
        """What the test did not use, a sentence each; nothing where something is recorded."""
        if self._cassette is None or self._records:
            return []
        told = []
        numbers = range(len(self._interactions)) if self._only is None else [self._only]
        idle = [number for number in numbers if number not in self._used]
        if idle:
            which = "event" if len(idle) == 1 else "events"
            told.append(f"{self.name}: the test does not use {which} {', '.join(map(str, idle))}")
        for number, one in self._replayed.items():
            told += [f"{self.name}, event {number}: {_not_made(call)}" for call in one.unused]
        if self._tape is not None and self._made:
            told += [f"{self.name}: {_not_made(call)}" for call in self._tape.unused]
        return told

    def save(self, notes: Path) -> bool:
        """Write what was recorded; whether that changed the file. `notes` is the run's own folder (`record.commit`)."""
        if not self._recorded:
            return False
        return commit(Recorded(tuple(self._recorded), anew=self.mode == "rewrite"), self.path, notes, self._redactor)

    def __repr__(self) -> str:
        return f"<LambdaCassette {self.path}: {len(self._interactions)} events of {self.source}>"


HOW_TO_RECORD: Final = (
    "Record it with --lambda-events-record=once, from events that the test gives (`lambda_cassette.replay(handler, "
    "record=[event])`) or a run (`lambda_cassette.take(run)`); or capture it with `lambda-events capture`"
)


def _not_made(call: HttpCall) -> str:
    return f"the handler did not call {call.request.method} {call.request.url}, as it did when it was recorded"
