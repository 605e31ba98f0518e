"""From a source to the poller of a mapping. The law: one function for each family; the world knows no family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.harness.filters import filter_of
from pytest_lambda_events.polling.faults import Dice
from pytest_lambda_events.polling.queue import QueuePoller
from pytest_lambda_events.sources.sqs.broker import OneGroupAtATime, SqsQueue
from pytest_lambda_events.sources.sqs.event import SqsEventShape

if TYPE_CHECKING:
    from pytest_lambda_events.clock.virtual import VirtualClock
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.invoking.handler import LambdaFunction
    from pytest_lambda_events.model.faults import Faults
    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.model.trace import Ledger
    from pytest_lambda_events.polling.concurrency import Reservation
    from pytest_lambda_events.polling.ports import MappingPoller, QueueBroker

__all__ = ["Parts", "wire"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What every poller is made of, whatever its source."""

    uuid: str
    config: MappingConfig
    function: LambdaFunction
    reservation: Reservation
    clock: VirtualClock
    ledger: Ledger
    identifiers: Identifiers

    def new_request_id(self) -> str:
        """The next invocation's request id."""
        return self.identifiers.request_id(f"request/{self.uuid}")


def wire(source: Any, parts: Parts, *, faults: Faults | None, single_group_batches: bool) -> tuple[MappingPoller, str]:
    """The poller of a mapping of this source, and the place where the ledger has its records' fates.

    Errors: `UsageError` for what means nothing for this source, `NotSimulated`.
    """
    if isinstance(source, SqsQueue):
        return _queue_poller(source, parts, faults, single_group_batches=single_group_batches), source.arn
    if single_group_batches:
        raise UsageError(f"single_group_batches is about message groups of FIFO queues; {source.mapped_arn} is none")
    if faults is not None:
        raise NotSimulated(f"faults are simulated for queues only, and {source.mapped_arn} is none")
    raise NotSimulated(f"{source.mapped_arn} is not simulated yet")


def _queue_poller(queue: SqsQueue, parts: Parts, faults: Faults | None, *, single_group_batches: bool) -> QueuePoller:
    broker: QueueBroker = queue.engine
    if single_group_batches:
        if not queue.is_fifo:
            raise UsageError(f"single_group_batches is about message groups of FIFO queues; {queue.arn} is none")
        broker = OneGroupAtATime(queue.engine)
    return QueuePoller(
        parts.uuid,
        config=parts.config,
        broker=broker,
        shape=lambda current: SqsEventShape(queue.arn, window=current.window_ms > 0),
        function=parts.function,
        reservation=parts.reservation,
        dice=_dice(queue, faults, parts),
        single_receive=single_group_batches,
        filter_of=filter_of(queue.kind),
        clock=parts.clock,
        ledger=parts.ledger,
        new_request_id=parts.new_request_id,
    )


def _dice(queue: SqsQueue, faults: Faults | None, parts: Parts) -> Dice | None:
    if faults is None:
        return None
    if faults.reordering and queue.is_fifo:
        raise UsageError(f"a FIFO queue never reorders: Faults(reordering=...) means nothing for {queue.arn}")
    return Dice(faults, parts.identifiers.stream(f"faults/{parts.uuid}"), parts.ledger, parts.uuid)
