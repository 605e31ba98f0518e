"""From a queue of Amazon MQ to the poller of a mapping. The law: the family's own part of `wiring`; nothing is decided
here but what AWS says of each broker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.harness.filters import filter_of
from pytest_lambda_events.polling.acknowledging import AcknowledgingPoller
from pytest_lambda_events.polling.backoff import requeue_ms
from pytest_lambda_events.sources.activemq.event import ActiveMqEventShape
from pytest_lambda_events.sources.rabbitmq.broker import RabbitMqQueue
from pytest_lambda_events.sources.rabbitmq.event import RabbitMqEventShape
from pytest_lambda_events.sources.rabbitmq.live import LiveRabbitMqQueue

if TYPE_CHECKING:
    from typing import TypeAlias

    from pytest_lambda_events.harness.wiring import Parts
    from pytest_lambda_events.polling.acknowledging_ports import AcknowledgingShape
    from pytest_lambda_events.polling.faults import Dice
    from pytest_lambda_events.sources.activemq.broker import ActiveMqQueue
    from pytest_lambda_events.sources.activemq.live import LiveActiveMqQueue

    MqQueue: TypeAlias = ActiveMqQueue | LiveActiveMqQueue | RabbitMqQueue | LiveRabbitMqQueue

__all__ = ["wire_mq"]

_MOST_CONSUMERS: Final = {"activemq": 5, "rabbitmq": 1}
"""Lambda Developer Guide, "Using Lambda with Amazon MQ": consumers of one mapping."""


def wire_mq(queue: MqQueue, parts: Parts, *, dice: Dice | None, concurrency: int) -> tuple[AcknowledgingPoller, str]:
    """The poller of a mapping of this queue, and the place where the ledger has its records' fates: the queue.

    `dice` are the faults asked for: throttles and crashes. Errors: `UsageError` for more consumers than AWS has.
    """
    most = _MOST_CONSUMERS[queue.kind]
    if not 1 <= concurrency <= most:
        raise UsageError(f"concurrency={concurrency}: Lambda has 1 to {most} consumer(s) for a mapping of {queue!r}")
    shape: AcknowledgingShape
    if isinstance(queue, (RabbitMqQueue, LiveRabbitMqQueue)):
        shape = RabbitMqEventShape(queue.arn, queue.name, queue.vhost)
    else:
        shape = ActiveMqEventShape(queue.arn)
    poller = AcknowledgingPoller(
        parts.uuid,
        config=parts.config,
        broker=queue.consumer(),
        queue=queue.name,
        shape=shape,
        # ActiveMQ's redelivery policy has a delay of its own, RabbitMQ has none
        rest_ms=requeue_ms if queue.kind == "rabbitmq" else lambda _failures: 0,
        concurrency=concurrency,
        function=parts.function,
        reservation=parts.reservation,
        dice=dice,
        filter_of=filter_of(queue.kind),
        clock=parts.clock,
        ledger=parts.ledger,
        new_request_id=parts.new_request_id,
    )
    return poller, queue.place
