"""ActiveMQ events without a poller. The law: what the poller would have handed over, from one producer to one queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.building import ACCOUNT, REGION, each, finished, moment_ms, payloads_of
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.delivered import aside_of
from pytest_lambda_events.model.mq_brokers import broker_of, check_flag
from pytest_lambda_events.sources.activemq.event import event_json, message_json
from pytest_lambda_events.sources.activemq.make import check_queue, make_message, producer_of

if TYPE_CHECKING:
    import datetime as dt
    import random
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["activemq_event"]

_UNTIL_IN_MS: Final = 2
_UNTIL_OUT_MS: Final = 15


def activemq_event(
    *payloads: Any,
    queue: str = "orders",
    broker: str = "orders",
    region: str = REGION,
    account: str = ACCOUNT,
    count: int | None = None,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    message_type: str | Callable[[int], str | None] | None = None,
    delivery_mode: int | Callable[[int], int] = 2,
    correlation_id: str | Callable[[int], str | None] | None = None,
    reply_to: str | Callable[[int], str | None] | None = None,
    type: str | Callable[[int], str | None] | None = None,  # noqa: A002 - JMS calls it so
    expiration: int | Callable[[int], int] = 0,
    priority: int | Callable[[int], int] = 4,
    redelivered: bool | Callable[[int], bool] = False,
    properties: Mapping[str, Any] | Callable[[int], Mapping[str, Any] | None] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Any:
    """An ActiveMQ event of one message for each payload, as Lambda hands it to a function.

    Args:
        payloads: The bodies: `str` and `bytes` as they are, anything else as compact JSON; orders when none is given.
        queue: The queue's name.
        broker: The broker's name or ARN (an ARN says region and account, too).
        region: The broker's region.
        account: The broker's account, 12 digits.
        count: How often to repeat a single payload, or how many orders to make when no payload is given.
        seed: Fixes every id: same seed, same event.
        time: When the messages were sent, ISO 8601 or a datetime; the virtual present when a harness is active.
        message_type: jms/text-message or jms/bytes-message; that of the payload when left out (bytes, or all else).
        delivery_mode: JMSDeliveryMode: 1 is non-persistent, 2 persistent.
        correlation_id: JMSCorrelationID.
        reply_to: JMSReplyTo: the name of a queue, or a destination such as topic://replies.
        type: JMSType.
        expiration: JMSExpiration: the moment in epoch milliseconds, or 0 for never.
        priority: JMSPriority, from 0 to 9.
        redelivered: JMSRedelivered: the message was delivered before, and its batch failed.
        properties: The sender's own properties; bool, int and float become the text that Java writes.
        overrides: What to put at which path when all is derived, e.g. `{"messages[0].priority": 9}`.

    An argument of the records may be a function of the record's number (from 0) instead of one value for all.
    Errors: `UsageError` for what JMS or Amazon MQ does not take.
    """
    check_queue(queue)
    identifiers = Identifiers(seed)
    sent_ms = moment_ms(time)
    source = broker_of(broker, region=region, account=account, uuid=identifiers.uuid4(f"activemq/{broker}"))
    bodies = payloads_of(payloads, count, kind="order", identifiers=identifiers)
    producer = producer_of(identifiers, source, sent_ms)
    given = {
        "message_type": message_type,
        "delivery_mode": delivery_mode,
        "correlation_id": correlation_id,
        "reply_to": reply_to,
        "type": type,
        "expiration": expiration,
        "priority": priority,
        "properties": properties,
    }
    messages = []
    passages = _passages(identifiers.stream(f"broker times/{source.arn}"), sent_ms)
    for number, (body, (in_ms, out_ms)) in enumerate(zip(bodies, passages, strict=False)):
        aside = aside_of(body)
        own: dict[str, Any] = {name: each(value, number) for name, value in given.items()}
        message = make_message(
            body,
            message_id=f"{producer}:{number + 1}",
            queue=queue,
            sent_ms=sent_ms,
            broker_in_ms=in_ms,
            **{name: aside.get(name) if value is None else value for name, value in own.items()},
        )
        if 0 < message.expiration <= out_ms:
            raise UsageError(
                f"expiration={message.expiration}: the message would have expired before the broker handed it over, at "
                f"{out_ms}. It is a moment, not a length: epoch milliseconds after {sent_ms}, when it was sent"
            )
        messages.append(
            message_json(
                message, broker_out_ms=out_ms, redelivered=check_flag("redelivered", each(redelivered, number))
            )
        )
    return finished(event_json(source.arn, messages), overrides)


def _passages(dice: random.Random, sent_ms: int) -> Iterator[tuple[int, int]]:
    """When each message came to the broker and left it: in the order of their sending, and soon, as captured."""
    in_ms = out_ms = sent_ms
    while True:
        in_ms += dice.randint(0, _UNTIL_IN_MS)
        out_ms = max(out_ms, in_ms + dice.randint(1, _UNTIL_OUT_MS))
        yield in_ms, out_ms
