"""From a source to the poller of a mapping. The law: one function for each family; the world knows no family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.harness.filters import filter_of
from pytest_lambda_events.polling.faults import Dice
from pytest_lambda_events.polling.queue import QueuePoller
from pytest_lambda_events.sources import named
from pytest_lambda_events.sources.sqs.broker import OneGroupAtATime, SqsQueue
from pytest_lambda_events.sources.sqs.event import SqsEventShape

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from pytest_lambda_events.brokers.moto.surface import MotoSurface
    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.invoking.handler import LambdaFunction
    from pytest_lambda_events.model.discard import Discard
    from pytest_lambda_events.model.faults import Faults
    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.model.trace import Ledger
    from pytest_lambda_events.polling.concurrency import Reservation
    from pytest_lambda_events.polling.ports import Destination, MappingPoller, QueueBroker, StreamShape
    from pytest_lambda_events.polling.stream import StreamPoller

    ShapeOf: TypeAlias = Callable[[MappingConfig], StreamShape]

__all__ = ["NotedDestination", "Parts", "wire"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What every poller is made of, whatever its source."""

    uuid: str
    config: MappingConfig
    function: LambdaFunction
    reservation: Reservation
    clock: Clock
    ledger: Ledger
    identifiers: Identifiers
    surface: MotoSurface

    def dice_stream(self) -> random.Random:
        """The random numbers of the mapping's faults."""
        return self.identifiers.stream(f"faults/{self.uuid}")

    def new_request_id(self) -> str:
        """The next invocation's request id."""
        return self.identifiers.request_id(f"request/{self.uuid}")


def wire(
    source: Any, parts: Parts, *, faults: Faults | None, single_group_batches: bool, concurrency: int = 1
) -> tuple[MappingPoller, str]:
    """The poller of a mapping of this source, and the place where the ledger has its records' fates.

    Errors: `UsageError` for what means nothing for this source.
    """
    if concurrency != 1 and source.kind not in ("activemq", "rabbitmq"):
        raise UsageError(
            "concurrency is how many consumers a mapping of an ActiveMQ queue has; other sources have AWS's own "
            f"parameters (ScalingConfig, ProvisionedPollerConfig, ParallelizationFactor), and so has {source!r}"
        )
    if isinstance(source, SqsQueue):
        return _queue_poller(source, parts, faults, single_group_batches=single_group_batches), source.arn
    if single_group_batches:
        raise UsageError(f"single_group_batches is about message groups of FIFO queues; {source.mapped_arn} is none")
    _refuse_queue_faults(source, faults)
    if source.kind in ("activemq", "rabbitmq"):
        from pytest_lambda_events.harness.wiring_mq import wire_mq

        return wire_mq(source, parts, dice=_dice_of(faults, parts), concurrency=concurrency)
    if named(source.kind).family == "log":
        from pytest_lambda_events.harness.wiring_log import wire_log

        return wire_log(
            source,
            parts,
            dice=_dice_of(faults, parts),
            reach=lambda arn, origin: _reached(
                arn, source, parts, lambda discard, payload: origin.batch_record(discard, with_payload=payload)
            ),
        )
    return _stream_poller(source, parts, _dice_of(faults, parts)), parts.uuid


def _queue_poller(queue: SqsQueue, parts: Parts, faults: Faults | None, *, single_group_batches: bool) -> QueuePoller:
    broker: QueueBroker = queue.engine
    if single_group_batches:
        if not queue.is_fifo:
            raise UsageError(f"single_group_batches is about message groups of FIFO queues; {queue.arn} is none")
        broker = OneGroupAtATime(queue.engine)
    _refuse_reordering(queue, faults)
    return QueuePoller(
        parts.uuid,
        config=parts.config,
        broker=broker,
        shape=lambda current: SqsEventShape(queue.arn, window=current.window_ms > 0),
        function=parts.function,
        reservation=parts.reservation,
        dice=_dice_of(faults, parts),
        single_receive=single_group_batches,
        filter_of=filter_of(queue.kind),
        clock=parts.clock,
        ledger=parts.ledger,
        new_request_id=parts.new_request_id,
    )


# -- faults ------------------------------------------------------------------------------------------------------------

_QUEUE_FAULTS: Final = ("duplicates", "failed_deletes", "late_visibility", "reordering")


def _refuse_reordering(queue: SqsQueue, faults: Faults | None) -> None:
    if faults is not None and faults.reordering and queue.is_fifo:
        raise UsageError(f"a FIFO queue never reorders: Faults(reordering=...) means nothing for {queue.arn}")


def _refuse_queue_faults(source: Any, faults: Faults | None) -> None:
    if faults is not None and any(getattr(faults, name) for name in _QUEUE_FAULTS):
        raise UsageError(
            f"of the faults only throttles and crashes are for all sources; the others are SQS's, which deletes and "
            f"hides messages: {faults} means nothing for {source!r}"
        )


def _dice_of(faults: Faults | None, parts: Parts) -> Dice | None:
    return None if faults is None else Dice(faults, parts.dice_stream(), parts.ledger, parts.uuid)


# -- streams -----------------------------------------------------------------------------------------------------------


def _stream_poller(source: Any, parts: Parts, dice: Dice | None) -> StreamPoller:
    from pytest_lambda_events.polling.stream import StreamPoller  # a test of queues does not pay for it

    return StreamPoller(
        parts.uuid,
        config=parts.config,
        broker=source.engine,
        shape=_STREAM_SHAPES[source.kind](source, parts),
        function=parts.function,
        reservation=parts.reservation,
        dice=dice,
        destination_of=lambda config: _destination(config, source, parts),
        filter_of=filter_of(source.kind),
        clock=parts.clock,
        ledger=parts.ledger,
        new_request_id=parts.new_request_id,
    )


def _kinesis_shape(source: Any, parts: Parts) -> ShapeOf:
    from pytest_lambda_events.sources.kinesis.event import KinesisEventShape

    shape = KinesisEventShape(source.mapped_arn, parts.function.config.role_arn)
    return lambda _config: shape


def _dynamodb_shape(source: Any, _parts: Parts) -> ShapeOf:
    from pytest_lambda_events.sources.dynamodb.event import DynamoDbEventShape

    shape = DynamoDbEventShape(source.mapped_arn)
    return lambda _config: shape


def _documentdb_shape(source: Any, _parts: Parts) -> ShapeOf:
    from pytest_lambda_events.sources.documentdb.event import DocumentDbEventShape

    def shape_of(config: MappingConfig) -> StreamShape:
        looks_up = config.parameters["DocumentDBEventSourceConfig"]["FullDocument"] == "UpdateLookup"
        return DocumentDbEventShape(source.mapped_arn, source.look_up if looks_up else None)

    return shape_of


_STREAM_SHAPES: Final[Mapping[str, Callable[[Any, Parts], ShapeOf]]] = {
    "kinesis": _kinesis_shape,
    "dynamodb": _dynamodb_shape,
    "documentdb": _documentdb_shape,
}


def _destination(config: MappingConfig, source: Any, parts: Parts) -> Destination | None:
    """The on-failure destination of a stream's mapping, None without one."""
    return None if config.destination is None else _reached(config.destination, source, parts, None)


def _reached(arn: str, source: Any, parts: Parts, record_of: Callable[[Discard, bool], str] | None) -> Destination:
    """A queue, topic or bucket as a destination; what reaches it is written down."""
    from pytest_lambda_events.brokers.moto.delivering import Delivering
    from pytest_lambda_events.destinations.deliver import OnFailureDestination, Origin

    function = parts.function.config
    origin = Origin(
        mapping=parts.uuid,
        source=source.kind,
        stream_arn=source.mapped_arn or "",
        function_arn=function.invoked_arn,
        version=function.version,
        role_arn=function.role_arn,
    )
    destination = OnFailureDestination(
        arn, origin=origin, surface=Delivering(parts.surface), identifiers=parts.identifiers, record_of=record_of
    )
    return NotedDestination(arn, destination, parts)


class NotedDestination:
    """A destination whose deliveries stand in the ledger under its name, for `run.destination(record)`."""

    def __init__(self, name: str, destination: Destination, parts: Parts) -> None:
        self._name = name
        self._destination = destination
        self._parts = parts

    def deliver(self, discard: Discard) -> str | None:
        """Deliver, and write it down. None when that was done, else why not."""
        refused = self._destination.deliver(discard)
        if refused is None:
            ids = tuple([record.id for record in discard.records])
            self._parts.ledger.delivered(discard.at_ms, self._parts.uuid, ids, self._name)
        return refused
