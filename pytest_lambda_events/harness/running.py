"""The world: all mappings on one clock, and how a run is asked for. The law: one world, so whichever mapping is asked,
all enabled ones advance together; what comes back is the view of the one asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pytest_lambda_events.advice import EFFECT_AFTER_TIMEOUT
from pytest_lambda_events.clock.virtual import length_ms
from pytest_lambda_events.errors import RunLimitReached, UsageError
from pytest_lambda_events.filtering.judging import why_refused
from pytest_lambda_events.harness.adoption import Adoption
from pytest_lambda_events.harness.advising import Advising
from pytest_lambda_events.harness.finding import Sources
from pytest_lambda_events.harness.redelivery import deliver_again
from pytest_lambda_events.harness.template_code import TemplateCode
from pytest_lambda_events.harness.unfinished import why_unfinished
from pytest_lambda_events.harness.watching import Standing, Tally
from pytest_lambda_events.harness.wiring import Parts, wire
from pytest_lambda_events.invoking.handler import LambdaFunction, ProcessEnvironment, load_handler, usable_handler
from pytest_lambda_events.model.function import read_function
from pytest_lambda_events.model.mapping import read_mapping
from pytest_lambda_events.model.mapping_refusals import refuse_conflict
from pytest_lambda_events.model.mapping_response import mapping_arn
from pytest_lambda_events.model.refusal import said_by
from pytest_lambda_events.model.regions import partition_of
from pytest_lambda_events.model.run import Run, Scope
from pytest_lambda_events.model.trace import Advice
from pytest_lambda_events.polling.concurrency import Reservation
from pytest_lambda_events.polling.queue import METRICS
from pytest_lambda_events.polling.run import Limits, drive
from pytest_lambda_events.sources import named, rules_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.brokers.moto.surface import MotoSurface
    from pytest_lambda_events.clock.ports import Clock, Surroundings
    from pytest_lambda_events.harness.job import S3BatchJob
    from pytest_lambda_events.harness.mapping import EventSourceMapping
    from pytest_lambda_events.harness.watching import Watcher
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.faults import Faults
    from pytest_lambda_events.model.function import FunctionConfig
    from pytest_lambda_events.model.mapping_rules import SourceRules
    from pytest_lambda_events.model.trace import Ledger
    from pytest_lambda_events.polling.ports import Poller
    from pytest_lambda_events.polling.reading import Blocked

__all__ = ["MAX_INVOCATIONS", "MAX_SECONDS", "World"]

Viewed: TypeAlias = "EventSourceMapping[Any] | S3BatchJob"
"""What a run can be the view of."""

MAX_INVOCATIONS = 100_000
MAX_SECONDS = 15 * 86_400.0
"""The bounds of one run call: beyond every default retention, so that only what would never end meets them."""

_AGES: Final = ("IteratorAge", "OffsetLag")  # of several mappings the greatest counts, not the sum


class World:
    """Mappings, their pollers, and the agenda that drives them.

    `entered` comes first in every public call that may run or change something: it refuses when the harness is not
    active, because then no moto stands before AWS, and joins what the user's own freeze did.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ledger: Ledger,
        identifiers: Identifiers,
        travel: Surroundings,
        surface: MotoSurface,
        entered: Callable[[], None],
        strict: bool = False,
    ) -> None:
        self.clock = clock
        self.entered = entered
        self.advising = Advising(clock, ledger, strict=strict)
        self.sources = Sources(clock=clock, ledger=ledger, identifiers=identifiers, surface=surface)
        self.mappings: list[EventSourceMapping[Any]] = []
        self.jobs: list[S3BatchJob] = []
        self._removed: list[EventSourceMapping[Any]] = []
        self._ledger = ledger
        self._identifiers = identifiers
        self._travel = travel
        self._surface = surface
        self._pollers: list[Poller] = []
        self._busy = False
        self._process = ProcessEnvironment()
        self._reservations: dict[str, Reservation] = {}
        self._tally = Tally(ledger)
        self.watcher: Watcher | None = None
        self.adoption = Adoption(self)
        self.template_code = TemplateCode(self)
        surface.on_call = self._note_call

    def close(self) -> None:
        """Remove what was unpacked of functions' code."""
        self.adoption.close()
        self.template_code.close()

    # -- mappings -------------------------------------------------------------------------------------------------

    @property
    def account(self) -> str:
        """The account that moto plays."""
        return self._surface.account

    def map(
        self,
        source: Any,
        handler: Callable[[Any, Any], Any] | str,
        function: Mapping[str, Any],
        duration: float | Callable[[Any], float],
        parameters: Mapping[str, Any],
        *,
        faults: Faults | None = None,
        single_group_batches: bool = False,
        concurrency: int = 1,
        uuid: str | None = None,
        arn: str | None = None,
    ) -> EventSourceMapping[Any]:
        """Make a mapping of `source` to `handler`; the arguments are those of `Harness.event_source_mapping`.

        `uuid` and `arn` are those of a mapping that is there already, and is adopted.
        """
        from pytest_lambda_events.harness.mapping import EventSourceMapping

        rules = rules_of(source.kind)
        given = parameters
        if hasattr(source, "fill_in"):  # what a topic knows: its name, its cluster, how to sign in
            parameters = source.fill_in(parameters)
        config = self._function_config(handler, function)
        with said_by("CreateEventSourceMapping"):
            mapping_config = read_mapping(
                parameters,
                rules,
                source_arn=source.mapped_arn or "",
                visibility_ms=source.visibility_ms,
                function_timeout_ms=config.timeout_ms,
                now_ms=self.clock.now_ms,
                check_filters=why_refused,
            )
            self._refuse_twin(source, config, rules)
        lambda_function = self._lambda_function(handler, config, duration)
        uuid = uuid or self._identifiers.uuid4("mapping")
        parts = Parts(
            uuid=uuid,
            config=mapping_config,
            function=lambda_function,
            reservation=self._reservation(config),
            clock=self.clock,
            ledger=self._ledger,
            identifiers=self._identifiers,
            surface=self._surface,
        )
        poller, place = wire(
            source, parts, faults=faults, single_group_batches=single_group_batches, concurrency=concurrency
        )
        mapping: EventSourceMapping[Any] = EventSourceMapping(
            self,
            uuid=uuid,
            source=source,
            function=lambda_function,
            poller=poller,
            place=place,
            rules=rules,
            arn=arn or mapping_arn(self._surface.region, self.account, uuid),
        )
        self.mappings.append(mapping)
        self._pollers.append(poller)
        self.advising.begin(mapping, given)
        return mapping

    def job(
        self,
        handler: Callable[[Any, Any], Any] | str,
        function: Mapping[str, Any],
        duration: float | Callable[[Any], float],
        asked: Mapping[str, Any],
    ) -> S3BatchJob:
        """Make a job of S3 Batch Operations; the arguments are those of `Harness.s3_batch_job`."""
        from pytest_lambda_events.harness.job import S3BatchJob
        from pytest_lambda_events.harness.wiring_job import wire_job
        from pytest_lambda_events.sources.s3_batch.broker import create_job, read_request

        region, account = self._surface.region, self.account
        config = self._function_config(handler, function)
        request = read_request(**asked, partition=partition_of(region))
        if any(job.id == request.job_id for job in self.jobs):
            raise UsageError(f"job_id={request.job_id!r}: there is a job with this id; leave job_id out")
        called = self._lambda_function(handler, config, duration)
        made = create_job(
            request,
            function_arn=config.invoked_arn,
            region=region,
            account=account,
            clock=self.clock,
            ledger=self._ledger,
            identifiers=self._identifiers,
        )
        poller = wire_job(
            made,
            function=called,
            reservation=self._reservation(config),
            clock=self.clock,
            ledger=self._ledger,
            identifiers=self._identifiers,
        )
        job = S3BatchJob(self, job=made, function=called, poller=poller)
        self.jobs.append(job)
        self._pollers.append(poller)
        return job

    def _function_config(self, handler: Callable[[Any, Any], Any] | str, function: Mapping[str, Any]) -> FunctionConfig:
        """What CreateFunction makes of these parameters. Errors: AWS's words, as a `ClientError`; `UsageError`."""
        with said_by("CreateFunction"):
            return read_function(
                function,
                default_name=self._function_name(handler),
                region=self._surface.region,
                account=self.account,
            )

    def _lambda_function(
        self,
        handler: Callable[[Any, Any], Any] | str,
        config: FunctionConfig,
        duration: float | Callable[[Any], float],
    ) -> LambdaFunction:
        if not callable(duration):
            length_ms("duration", duration)
        return LambdaFunction(
            self.usable(handler, config),
            config,
            clock=self.clock,
            around=self._travel.invocation,
            duration=duration,
            log_stream_name=self.log_stream_name(config.name),
            process=self._process,
        )

    def remove(self, mapping: EventSourceMapping[Any]) -> None:
        """Delete a mapping. What is with its function still ends (it keeps its poller, disabled, until then)."""
        mapping.disable()
        mapping.poller.close()
        self.mappings.remove(mapping)
        self._removed.append(mapping)
        self.adoption.removed(mapping)

    def _reservation(self, config: FunctionConfig) -> Reservation:
        """A function's concurrency is the function's, whichever of its mappings uses it."""
        found = self._reservations.get(config.function_arn)
        if found is None:
            found = self._reservations[config.function_arn] = Reservation(config.reserved_concurrency)
        elif config.reserved_concurrency is not None:
            found.limit = config.reserved_concurrency
        return found

    def reconfigure(self, mapping: EventSourceMapping[Any], config: FunctionConfig) -> None:
        """Change the configuration of a mapping's function; another name would be another function."""
        mapping.function.reconfigure(config)
        self._reservation(config).limit = config.reserved_concurrency

    def forget(self, mapping: EventSourceMapping[Any]) -> None:
        """Take back a mapping that was just made and has done nothing."""
        self.mappings.remove(mapping)
        self._pollers.remove(mapping.poller)

    def usable(self, handler: Callable[[Any, Any], Any] | str, config: FunctionConfig) -> Callable[[Any, Any], Any]:
        """The handler; one that is named is imported on real time, in the function's environment."""
        if isinstance(handler, str):
            self._process.become(config.environment)
            try:
                with self._travel.thawed():
                    return load_handler(handler)
            finally:
                self._process.restore()
        return usable_handler(handler)

    def _function_name(self, handler: Callable[[Any, Any], Any] | str) -> str:
        """A name for a function that was given none: the handler's own, with a number when another handler has it."""
        if isinstance(handler, str):
            stem = handler.replace(":", ".").rpartition(".")[2]
        else:
            stem = getattr(handler, "__name__", type(handler).__name__)
        stem = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in stem)[:60].strip("-")
        stem = stem or "function"
        name, number = stem, 1
        callers: list[Viewed] = [*self.mappings, *self.jobs]
        while any(one.function.config.name == name and one.function.handler is not handler for one in callers):
            number += 1
            name = f"{stem}-{number}"
        return name

    def _refuse_twin(self, source: Any, config: FunctionConfig, rules: SourceRules) -> None:
        for mapping in self.mappings:
            if _is_same(mapping.source, source) and mapping.function.config.name == config.name:
                refuse_conflict(rules, source.mapped_arn or source.arn, config.name, mapping.uuid)

    def log_stream_name(self, function_name: str) -> str:
        """A log stream's name: the date, the version, and 32 hex digits."""
        day = self.clock.now().strftime("%Y/%m/%d")
        return f"{day}/[$LATEST]{self._identifiers.hex(32, f'log/{function_name}')}"

    def _note_call(self, call: str) -> None:
        """On AWS nothing runs after the Timeout; here `except` and `finally` blocks do, and what they do is said."""
        if call.startswith(("Lambda.", "CloudFormation.")):
            self.adoption.stale = True
        deadline_ms = self.clock.deadline_ms
        if deadline_ms is not None and self.clock.now_ms >= deadline_ms:
            self._ledger.advise(
                Advice(
                    code=EFFECT_AFTER_TIMEOUT,
                    message=f"the handler called {call} after its Timeout had ended; on AWS that code does not run",
                    at_ms=self.clock.now_ms,
                )
            )

    # -- running --------------------------------------------------------------------------------------------------

    def standing(self) -> Standing:
        """How far all that is mapped has come."""
        seen: list[Viewed] = [*self.mappings, *self._removed, *self.jobs]
        done, left = self._tally.count([one.place for one in seen])
        return Standing(self.clock.elapsed, done, left, len(self._ledger.invocations))

    def view(self, mapping: Viewed | None) -> Run[Any]:
        """What happened so far, as `mapping` (or a job) or (None) everything mapped saw it."""
        seen: list[Viewed] = [mapping] if mapping is not None else [*self.mappings, *self._removed, *self.jobs]
        for one in seen:
            one.source.settle(self.clock.now_ms)
        scope = Scope(
            [one.uuid for one in seen],
            [one.place for one in seen],
            _totals([one.poller.metrics for one in seen]),
            mapping,
            sources=[arn for one in seen for arn in (one.source.arn, one.source.mapped_arn) if arn is not None],
            described={one.uuid: one.described for one in seen},
        )
        clock = self.clock
        return Run(self._ledger, scope, start_ms=clock.start_ms, now_ms=clock.now_ms, seed=self._identifiers.seed)

    def run_until_idle(self, mapping: Viewed | None, max_invocations: int, max_seconds: float) -> Run[Any]:
        """See `Harness.run_until_idle`."""
        return self._drive(mapping, max_invocations, length_ms("max_seconds", max_seconds))

    def run_for(
        self, mapping: Viewed | None, seconds: float, max_invocations: int, max_seconds: float | None
    ) -> Run[Any]:
        """See `Harness.run_for`: the time asked for is a bound of its own."""
        ms = length_ms("seconds", seconds)
        bound = ms if max_seconds is None else length_ms("max_seconds", max_seconds)
        return self._drive(mapping, max_invocations, bound, horizon_ms=self.clock.now_ms + ms)

    def run_until(
        self,
        mapping: Viewed | None,
        predicate: Callable[[Run[Any]], bool],
        max_invocations: int,
        max_seconds: float,
    ) -> Run[Any]:
        """See `Harness.run_until`."""
        max_ms = length_ms("max_seconds", max_seconds)
        return self._drive(mapping, max_invocations, max_ms, satisfied=lambda: bool(predicate(self.view(mapping))))

    def _drive(
        self,
        mapping: Viewed | None,
        max_invocations: int,
        max_ms: int,
        *,
        horizon_ms: int | None = None,
        satisfied: Callable[[], bool] | None = None,
    ) -> Run[Any]:
        if self._busy:
            raise UsageError("a run is under way: a handler (or predicate) cannot start another")
        if isinstance(max_invocations, bool) or not isinstance(max_invocations, int):
            raise UsageError(f"max_invocations={max_invocations!r:.80}: how many invocations is a whole number")
        self._busy = True
        self.adoption.stale = True
        try:
            reason = drive(
                self._driven,
                self.clock,
                Limits(invocations=max_invocations, ms=max_ms),
                horizon_ms=horizon_ms,
                satisfied=satisfied,
                also_due=self._next_expiry_ms,
                settle=self._settle,
                watch=None if self.watcher is None else self.watcher.step,
            )
        finally:
            if self.watcher is not None:
                self.watcher.end()
            self._busy = False
            self._process.restore()
            self._give_advice()
        run = self.view(mapping)
        if reason in ("time", "invocations"):
            bound = (
                f"{max_invocations} invocations"
                if reason == "invocations"
                else f"{max_ms / 1000:g} {self.clock.seconds}"
            )
            raise RunLimitReached(
                why_unfinished(run, f"the run did not come to rest within {bound}", self._blocked()), run
            )
        if reason == "idle" and satisfied is not None:
            told = "everything came to rest and the predicate is still false"
            raise RunLimitReached(why_unfinished(run, told, self._blocked()), run)
        self.advising.insist(run)
        return run

    def check_idempotency(
        self, mapping: EventSourceMapping[Any], effects: Mapping[str, Callable[[], Any]]
    ) -> list[str]:
        """See `EventSourceMapping.check_idempotency`."""
        if self._busy:
            raise UsageError("a run is under way: a handler cannot ask for a second delivery")
        uuid = mapping.uuid
        self._busy = True
        try:
            changed, message, records = deliver_again(
                mapping,
                self.view(mapping),
                effects,
                invoke=lambda text: mapping.function.invoke(text, self._identifiers.request_id(f"again/{uuid}")),
                new_handle=self._identifiers.handle_maker(mapping.source.name),
            )
        finally:
            self._busy = False
            self._process.restore()
        if message:
            self.advising.not_idempotent(mapping, message, records)
            self.advising.insist(self.view(mapping))
        return changed

    def _blocked(self) -> list[Blocked]:
        """Why shards and partitions wait, of all mappings."""
        return [one for mapping in self.mappings for one in mapping.poller.blocked()]

    def _settle(self, now_ms: int) -> None:
        """Let happen in the sources what fell due, while nobody polled or between two invocations."""
        for mapping in self.mappings:
            mapping.source.settle(now_ms)

    def _next_expiry_ms(self) -> int | None:
        """When the next item's time to live ends in a mapped table: a run that lasts until then sees it go."""
        now_ms = self.clock.now_ms
        tables = [mapping.source for mapping in self.mappings if mapping.source.kind == "dynamodb"]
        dues = [table.engine.next_expiry_ms(now_ms) for table in tables]
        return min([due for due in dues if due is not None], default=None)

    def _give_advice(self) -> None:
        for mapping in self.mappings:
            throttled = named(mapping.source.kind).family == "queue" and mapping.poller.metrics["Throttles"]
            self.advising.look_at(mapping, self.view(mapping) if throttled else None)

    def _driven(self) -> list[Poller]:
        if self.adoption.stale:  # a run begins, or a handler called Lambda: it may have disabled its own mapping
            self.adoption.sync()
        return self._pollers


def _is_same(one: Any, other: Any) -> bool:
    """Whether two sources are one: several queues share a broker's ARN, and virtual hosts may share a queue's name."""
    names = ("arn", "name", "vhost")
    return all(getattr(one, name, None) == getattr(other, name, None) for name in names)


def _totals(all_metrics: Sequence[Mapping[str, int]]) -> Mapping[str, int]:
    """The metrics of several mappings together."""
    if len(all_metrics) == 1:
        return all_metrics[0]
    totals = dict.fromkeys(METRICS, 0)
    for metrics in all_metrics:
        for name, value in metrics.items():
            totals[name] = max(totals.get(name, 0), value) if name in _AGES else totals.get(name, 0) + value
    return totals
