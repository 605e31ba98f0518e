"""RabbitMQ events without a poller. The law: what the poller would have handed over, from a mapping's one queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.building import ACCOUNT, REGION, each, finished, moment_ms, payloads_of
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.delivered import aside_of
from pytest_lambda_events.model.mq_brokers import broker_of, check_flag
from pytest_lambda_events.sources.rabbitmq.event import event_json, message_json
from pytest_lambda_events.sources.rabbitmq.make import check_short, make_message

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

__all__ = ["rabbitmq_event"]


def rabbitmq_event(
    *payloads: Any,
    queue: str = "orders",
    vhost: str = "/",
    broker: str = "orders",
    region: str = REGION,
    account: str = ACCOUNT,
    count: int | None = None,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    content_type: str | Callable[[int], str | None] | None = None,
    content_encoding: str | Callable[[int], str | None] | None = None,
    headers: Mapping[str, Any] | Callable[[int], Mapping[str, Any] | None] | None = None,
    delivery_mode: int | Callable[[int], int | None] | None = 2,
    priority: int | Callable[[int], int | None] | None = None,
    correlation_id: str | Callable[[int], str | None] | None = None,
    reply_to: str | Callable[[int], str | None] | None = None,
    expiration: str | int | Callable[[int], str | int | None] | None = None,
    message_id: str | Callable[[int], str | None] | None = None,
    timestamp: str | dt.datetime | int | bool | Callable[[int], str | dt.datetime | int | bool | None] | None = None,
    type: str | Callable[[int], str | None] | None = None,  # noqa: A002 - AMQP calls it so
    user_id: str | Callable[[int], str | None] | None = None,
    app_id: str | Callable[[int], str | None] | None = None,
    cluster_id: str | Callable[[int], str | None] | None = None,
    redelivered: bool | Callable[[int], bool] = False,
    overrides: Mapping[str, Any] | None = None,
) -> Any:
    """A RabbitMQ event of one message for each payload, as Lambda hands it to a function.

    Args:
        payloads: The bodies: `str` and `bytes` as they are, anything else as compact JSON; orders when none is given.
        queue: The queue's name.
        vhost: The virtual host.
        broker: The broker's name or ARN (an ARN says region and account, too).
        region: The broker's region.
        account: The broker's account, 12 digits.
        count: How often to repeat a single payload, or how many orders to make when no payload is given.
        seed: Fixes every id: same seed, same event.
        time: When the messages were published, ISO 8601 or a datetime; it shows where timestamp is True.
        content_type: contentType; application/json for what becomes JSON, else none when left out.
        content_encoding: contentEncoding, such as gzip (the payload has to be so already).
        headers: str, bytes, numbers, bool, None, datetime, and lists and dicts of these.
        delivery_mode: deliveryMode: 1 is non-persistent, 2 persistent; None when the publisher sets none.
        priority: priority, from 0 to 255.
        correlation_id: correlationId.
        reply_to: replyTo, the name of a queue.
        expiration: The message's time to live in milliseconds.
        message_id: messageId, which is the publisher's to give.
        timestamp: The publisher's time: ISO 8601, a datetime, epoch seconds, or True for that of `time`.
        type: type, the publisher's name for the kind of message.
        user_id: userId, that of the publisher's connection.
        app_id: appId.
        cluster_id: clusterId, which nobody uses.
        redelivered: The message was delivered before, and its batch failed.
        overrides: What to put at which path, e.g. `{'rmqMessagesByQueue[*][0].basicProperties.priority': 9}`.

    An argument of the records may be a function of the record's number (from 0) instead of one value for all.
    Errors: `UsageError` for what AMQP or Amazon MQ does not take.
    """
    for name, text in (("queue", queue), ("vhost", vhost)):
        check_short(name, text)
        if not text:
            raise UsageError(f"{name}={text!r} is empty; leave it out, or name the {name} of the mapping")
    identifiers = Identifiers(seed)
    sent_ms = moment_ms(time)
    source = broker_of(broker, region=region, account=account, uuid=identifiers.uuid4(f"rabbitmq/{broker}"))
    bodies = payloads_of(payloads, count, kind="order", identifiers=identifiers)
    given = {
        "content_type": content_type,
        "content_encoding": content_encoding,
        "headers": headers,
        "delivery_mode": delivery_mode,
        "priority": priority,
        "correlation_id": correlation_id,
        "reply_to": reply_to,
        "expiration": expiration,
        "message_id": message_id,
        "timestamp": timestamp,
        "type": type,
        "user_id": user_id,
        "app_id": app_id,
        "cluster_id": cluster_id,
    }
    messages = []
    for number, body in enumerate(bodies):
        aside = aside_of(body)
        own: dict[str, Any] = {name: each(value, number) for name, value in given.items()}
        message = make_message(
            body,
            number=number,
            queue=queue,
            vhost=vhost,
            sent_ms=sent_ms,
            **{name: aside.get(name) if value is None else value for name, value in own.items()},
        )
        messages.append(message_json(message, redelivered=check_flag("redelivered", each(redelivered, number))))
    return finished(event_json(source.arn, queue, vhost, messages), overrides)
