"""What there is to say after a run. The law: the advisers are pure; here their facts are gathered, and what they say is
noted once for each mapping.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.advice import (
    MEANINGS,
    NOT_IDEMPOTENT,
    THROTTLED_TO_DEATH,
    advice_on,
    starting_position_defaulted,
)
from pytest_lambda_events.advice.facts import BrokerFacts, Facts, Measured, QueueFacts, StreamFacts
from pytest_lambda_events.errors import AdviceGiven, UsageError
from pytest_lambda_events.filtering.judging import advice_on_filters
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.trace import Advice
from pytest_lambda_events.sources import named
from pytest_lambda_events.sources.sqs.broker import SqsQueue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.harness.mapping import EventSourceMapping
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.model.trace import Ledger
    from pytest_lambda_events.sources.rabbitmq.broker import RabbitMqQueue

__all__ = ["Advising", "silenced_codes"]


_THROTTLED_IN_SQS: Final = (
    "and each receive counts toward maxReceiveCount. Raise maxReceiveCount or the visibility timeout, or cap the "
    "mapping with ScalingConfig={'MaximumConcurrency': ...} instead of reserving so little concurrency"
)
_THROTTLED: Final = {
    "activemq": (
        "and each delivery counts toward maximumRedeliveries. Raise that or its delay, or reserve more concurrency"
    ),
    "rabbitmq": "until their time to live ended or the queue was too long. Reserve more concurrency",
}
"""Why a throttled message is lost, and what to do."""


def silenced_codes(codes: Iterable[str]) -> frozenset[str]:
    """The codes that nobody wants to hear. Errors: `UsageError` for one that there is not."""
    wanted = frozenset(codes)
    for code in sorted(wanted):
        if code not in MEANINGS:
            raise UsageError(
                f"silence: there is no advice {code!r}{nearest(code, MEANINGS)}; there are "
                f"{', '.join(sorted(MEANINGS))}"
            )
    return wanted


class Advising:
    """Gives advice after each run of the world. With `strict`, advice is a failure."""

    def __init__(self, clock: Clock, ledger: Ledger, *, strict: bool) -> None:
        self._clock = clock
        self._ledger = ledger
        self._strict = strict
        self._measured: dict[str, Measured] = {}
        self._before: dict[str, int] = {}  # records that were there before a mapping which begins at LATEST

    def look_at(self, mapping: EventSourceMapping[Any], run: Run[Any] | None) -> None:
        """Say what there is to say about a mapping; `run` is its view where throttling is to be looked into."""
        measured = self._measured.setdefault(mapping.uuid, Measured())
        measured.take(self._ledger.invocations, mapping.uuid)
        config = mapping.config
        facts = Facts(
            family=named(mapping.source.kind).family,
            source_arn=mapping.source.mapped_arn or mapping.source.name,
            parameters=config.parameters,
            batch_size=config.batch_size,
            window_ms=config.window_ms,
            reports_failures=config.reports_failures,
            function_timeout_ms=mapping.function.config.timeout_ms,
            metrics=mapping.poller.metrics,
            measured=measured,
            queue=_queue_facts(mapping.source) if isinstance(mapping.source, SqsQueue) else None,
            stream=StreamFacts(records_before_latest=self._before.get(mapping.uuid, 0)),
            broker=_broker_facts(mapping.source, measured) if mapping.source.kind == "rabbitmq" else None,
        )
        for code, message in advice_on(facts):
            self._note(mapping, code, message)
        if run is not None:
            self._look_for_the_throttled(mapping, run)

    def _look_for_the_throttled(self, mapping: EventSourceMapping[Any], run: Run[Any]) -> None:
        """A message that was throttled until its queue gave it up never ran: name it."""
        kind = mapping.source.kind
        lost = [record for record in (*run.dead_lettered, *run.expired) if not run.attempts(record)]
        if kind in _THROTTLED:  # what a broker gave up without handing it out was not throttled
            lost = [record for record in lost if run.receives(record)]
        if lost:
            message = (
                f"{len(lost)} record(s), the first {lost[0].id}, were given up without ever having "
                f"run: the function was throttled, {_THROTTLED.get(kind, _THROTTLED_IN_SQS)}"
            )
            self._note(mapping, THROTTLED_TO_DEATH, message, tuple(record.id for record in lost))

    def begin(self, mapping: EventSourceMapping[Any], given: Mapping[str, Any]) -> None:
        """A mapping was made with these parameters."""
        self.on_filters(mapping)
        defaulted = starting_position_defaulted.advise_on_creation(mapping.source.kind, given)
        if defaulted is not None:
            self._note(mapping, starting_position_defaulted.CODE, defaulted)
        if mapping.config.starting_position == "LATEST":
            self._before[mapping.uuid] = len(mapping.source.records)

    def on_filters(self, mapping: EventSourceMapping[Any]) -> None:
        """Say what there is to say about a mapping's patterns, when it is made or changed."""
        for code, message in advice_on_filters(mapping.config.parameters.get("FilterCriteria")):
            self._note(mapping, code, message)

    def not_idempotent(self, mapping: EventSourceMapping[Any], message: str, records: tuple[str, ...]) -> None:
        """Say that a second delivery had another effect."""
        self._note(mapping, NOT_IDEMPOTENT, message, records)

    def insist(self, run: Run[Any]) -> None:
        """In strict mode, fail where there is advice. Errors: `AdviceGiven`."""
        if self._strict and run.advice:
            raise AdviceGiven(run)

    def _note(self, mapping: EventSourceMapping[Any], code: str, message: str, records: tuple[str, ...] = ()) -> None:
        self._ledger.advise(
            Advice(code=code, message=message, at_ms=self._clock.now_ms, mapping=mapping.uuid, records=records)
        )


def _broker_facts(queue: RabbitMqQueue, measured: Measured) -> BrokerFacts:
    return BrokerFacts(queue=queue.name, endless=queue.failing_without_end() if measured.failed else 0)


def _queue_facts(queue: SqsQueue) -> QueueFacts:
    settings = queue.engine.settings
    dead = settings.dead_letter_queue
    return QueueFacts(
        visibility_ms=settings.visibility_ms,
        retention_ms=settings.retention_ms,
        is_fifo=queue.is_fifo,
        max_receive_count=settings.max_receive_count,
        dead_letter_retention_ms=dead.settings.retention_ms if dead is not None else None,
    )
