"""A run: what a mapping, or the whole harness, did until now. The law: plain data, computed when asked, never changing.

A `Run` remembers how long the ledger's lists were when it was made; what happens later is not part of it.
Seconds are those of `virtual_clock.elapsed`.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.records import R
from pytest_lambda_events.model.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.model.trace import Advice, Invocation, Ledger, Step

__all__ = ["Run", "Scope"]


class Scope:
    """What a run looks at: mappings by UUID, their sources by ARN, and counters by name.

    `arns` are the places where the ledger has the records' fates: a queue's ARN, or the UUID of a stream's mapping.
    `mapping` is the mapping object asked (None for the harness), `described` are the questions how AWS
    describes each, by UUID.
    """

    __slots__ = ("arns", "described", "mapping", "metrics", "sources", "uuids")

    def __init__(
        self,
        uuids: Sequence[str],
        arns: Sequence[str],
        metrics: Mapping[str, int],
        mapping: object | None,
        *,
        sources: Sequence[str] = (),
        described: Mapping[str, Callable[[], dict[str, Any]]] | None = None,
    ) -> None:
        self.described = described or {}
        self.uuids = frozenset(uuids)
        self.arns = tuple(dict.fromkeys(arns))
        self.sources = frozenset((*arns, *sources))
        self.metrics = metrics
        self.mapping = mapping


class Run(Generic[R]):
    """What happened, as seen by one mapping (or by all, for the harness), since the harness began.

    `seed` is that of the run; `start_ms` where virtual time began, in milliseconds of the epoch, which the steps of the
    trace count in; `mapping` the mapping asked, None for the harness; `metrics` its counters by AWS's names.
    """

    def __init__(self, ledger: Ledger, scope: Scope, *, start_ms: int, now_ms: int, seed: int) -> None:
        self._ledger = ledger
        self._scope = scope
        self.start_ms = start_ms
        self._now_ms = now_ms
        self._places = [len(ledger.places.get(arn, ())) for arn in scope.arns]
        self._invocations = len(ledger.invocations)
        self._advice = len(ledger.advice)
        self._steps = len(ledger.steps)
        self._destined = len(ledger.destinations)
        self.seed = seed
        self.mapping = scope.mapping
        self.metrics: dict[str, int] = dict(scope.metrics)

    # -- records and fates ----------------------------------------------------------------------------------------

    @cached_property
    def _fates(self) -> dict[str, Fate]:
        return self._ledger.fates(self._scope.arns, self._places)

    def _with(self, fate: Fate) -> list[R]:
        return [self._ledger.records[record_id] for record_id, found in self._fates.items() if found == fate]

    @property
    def records(self) -> list[R]:
        """Every record that ever entered the source, in that order."""
        return [self._ledger.records[record_id] for record_id in self._fates]

    @property
    def processed(self) -> list[R]:
        """Deleted after a success (or by the handler itself)."""
        return self._with("processed")

    @property
    def filtered(self) -> list[R]:
        """Dropped by the filter, never delivered."""
        return self._with("filtered")

    @property
    def dead_lettered(self) -> list[R]:
        """Moved to the dead-letter queue."""
        return self._with("dead_lettered")

    @property
    def discarded(self) -> list[R]:
        """Given up by the poller, or purged."""
        return self._with("discarded")

    @property
    def expired(self) -> list[R]:
        """Gone because the source's retention ran out."""
        return self._with("expired")

    @property
    def pending(self) -> list[R]:
        """Still in the source when the run stopped."""
        return self._with("pending")

    def fate(self, record: R) -> Fate:
        """Where this record ended. Errors: `UsageError` when it never was in this run's sources."""
        try:
            return self._fates[record.id]
        except AttributeError:
            raise UsageError(
                f"{record!r:.80} is no record: give what the source's send() returned, or one of run.records"
            ) from None
        except KeyError:
            raise UsageError(
                f"{record!r} has not been in {', '.join(self._scope.arns) or 'any mapped source'}; "
                f"the run knows {len(self._fates)} records (a record announced with at= counts from then on)"
            ) from None

    def destination(self, record: R) -> str | None:
        """The ARN of the on-failure destination that this record's invocation record reached; None without one."""
        self.fate(record)
        return self._destinations.get(record.id)

    @cached_property
    def _destinations(self) -> dict[str, str]:
        return {
            record_id: destination
            for uuid, record_ids, destination in self._ledger.destinations[: self._destined]
            if uuid in self._scope.uuids
            for record_id in record_ids
        }

    # -- when -----------------------------------------------------------------------------------------------------

    def _seconds(self, at_ms: int) -> float:
        return (at_ms - self.start_ms) / 1000

    @cached_property
    def invocations(self) -> list[Invocation[R]]:
        """Every call of the function, in the order in which they ended."""
        uuids = self._scope.uuids
        return [call for call in self._ledger.invocations[: self._invocations] if call.mapping in uuids]

    @cached_property
    def _attempts(self) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for call in self.invocations:
            if call.outcome == "throttled":
                continue
            for record in call.records:
                found.setdefault(record.id, []).append(call.at)
        return found

    @cached_property
    def _receives(self) -> dict[str, list[float]]:
        arns = self._scope.arns
        found: dict[str, list[float]] = {}
        for step in self._ledger.steps[: self._steps]:
            if step.kind == "received" and step.place in arns:
                for record_id in step.records:
                    found.setdefault(record_id, []).append(self._seconds(step.at_ms))
        return found

    def attempts(self, record: R) -> list[float]:
        """When the invocations that had this record began, in seconds; a throttled one never began."""
        self.fate(record)
        return list(self._attempts.get(record.id, ()))

    def receives(self, record: R) -> list[float]:
        """When this record was received from the source, by whomever, in seconds; throttled receives included."""
        self.fate(record)
        return list(self._receives.get(record.id, ()))

    # -- the rest -------------------------------------------------------------------------------------------------

    @property
    def elapsed(self) -> float:
        """Seconds of virtual time at which this run stopped."""
        return self._seconds(self._now_ms)

    @cached_property
    def described(self) -> dict[str, dict[str, Any]]:
        """What GetEventSourceMapping answers for each mapping looked at (DescribeJob for a job), by UUID."""
        return {uuid: describe() for uuid, describe in self._scope.described.items()}

    @property
    def advice(self) -> list[Advice]:
        """What works here and bites in production."""
        return [
            advice
            for advice in self._ledger.advice[: self._advice]
            if not advice.mapping or advice.mapping in self._scope.uuids
        ]

    @cached_property
    def trace(self) -> Trace:
        """Every step in the sources and mappings looked at."""
        places = {*self._scope.uuids, *self._scope.sources, ""}
        return Trace(step for step in self._ledger.steps[: self._steps] if step.place in places)

    @cached_property
    def _steps_of(self) -> dict[str, list[Step]]:
        found: dict[str, list[Step]] = {}
        # by time, because a source may note late what fell due earlier; at one moment, in the order taken
        for step in sorted(self.trace, key=lambda step: step.at_ms):
            for record_id in step.records:
                found.setdefault(record_id, []).append(step)
        return found

    def steps_of(self, record: R) -> list[tuple[float, Step]]:
        """This record's steps, each with its second, in order of time."""
        self.fate(record)
        return [(self._seconds(step.at_ms), step) for step in self._steps_of.get(record.id, ())]

    @cached_property
    def _sources_of(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for step in self._ledger.steps[: self._steps]:
            if step.kind == "entered":
                for record_id in step.records:
                    found.setdefault(record_id, []).append(step.place)
        return found

    def sources_of(self, record: R) -> list[str]:
        """The ARNs of the sources that this record entered, in that order.

        They include those that the run does not look at, such as a dead-letter queue without a mapping. There are none
        when it was there before the harness came.
        """
        self.fate(record)
        return list(self._sources_of.get(record.id, ()))

    def __repr__(self) -> str:
        counts: dict[str, int] = {}
        for fate in self._fates.values():
            counts[fate] = counts.get(fate, 0) + 1
        told = ", ".join(f"{count} {fate}" for fate, count in counts.items()) or "no records"
        return f"<Run at {self.elapsed:g} s: {told}; {len(self.invocations)} invocations>"
