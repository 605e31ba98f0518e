"""How events of RabbitMQ queues may vary."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pytest_lambda_events.events import rabbitmq_event

BROKER = "arn:aws:mq:eu-west-1:210987654321:broker:shop.main_1:b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34"
HEADERS = {
    "text": "Zoë",
    "number": 10,
    "ratio": 0.5,
    "yes": True,
    "nothing": None,
    "raw": b"\x00\xff",
    "when": dt.datetime(2024, 2, 29, 12, 0, 0, tzinfo=dt.timezone.utc),
    "x-death": [{"count": 1, "queue": "orders", "routing-keys": ["orders"]}],
}


def plain() -> Any:
    """Two orders, one as JSON, one as text."""
    return rabbitmq_event({"order": 1}, "text", time="2025-01-01T00:00:00Z")


def everything() -> Any:
    """All that may stand beside a message."""
    return rabbitmq_event(
        b"\x00\xff\x80",
        "text",
        queue="orders.in",
        vhost="shop",
        broker=BROKER,
        content_type="text/plain",
        content_encoding="utf-8",
        headers=HEADERS,
        delivery_mode=1,
        priority=34,
        correlation_id="order-1",
        reply_to="replies",
        expiration=60_000,
        message_id="m-1",
        timestamp="2023-07-02T01:30:34Z",
        type="order",
        user_id="shop",
        app_id="till",
        cluster_id="none",
        redelivered=True,
        time="2025-01-01T00:00:00Z",
    )


def _first(event: Any) -> Any:
    return next(iter(event["rmqMessagesByQueue"].values()))[0]


def _with(key: str, value: Any) -> Any:
    def mutate(event: Any) -> None:
        _first(event)["basicProperties"][key] = value

    return mutate


def _header(value: Any) -> Any:
    def mutate(event: Any) -> None:
        _first(event)["basicProperties"]["headers"] = {"text": value}

    return mutate


def _half_a_group(event: Any) -> None:
    _first(event)["data"] = "YWJ"


def _two_queues(event: Any) -> None:
    queues = event["rmqMessagesByQueue"]
    queues["elsewhere::/"] = list(next(iter(queues.values())))


def _key(text: str) -> Any:
    def mutate(event: Any) -> None:
        queues = event["rmqMessagesByQueue"]
        queues[text] = queues.pop(next(iter(queues)))

    return mutate


def _no_messages(event: Any) -> None:
    queues = event["rmqMessagesByQueue"]
    queues[next(iter(queues))] = []


def _a_samples_broker(event: Any) -> None:
    event["eventSourceArn"] = "arn:aws:mq:us-east-2:111122223333:broker:test:b-9bcfa592-423a-4942-879d-eb284b418fc8"


MORE = {
    "a size that is not the body's": (_with("bodySize", 80), "bodySize"),
    "priority 256": (_with("priority", 256), "priority"),
    "delivery mode 3": (_with("deliveryMode", 3), "deliveryMode"),
    "an expiration that is a number": (_with("expiration", 60_000), "expiration"),
    "an expiration that is no number": (_with("expiration", "soon"), "expiration"),
    "a time of ISO 8601": (_with("timestamp", "2023-07-02T01:30:34Z"), "timestamp"),
    "a time with a leading zero": (_with("timestamp", "Jul 02, 2023, 1:30:34 AM"), "timestamp"),
    "a time with 24 hours": (_with("timestamp", "Jul 2, 2023, 13:30:34 PM"), "timestamp"),
    "a time that no calendar has": (_with("timestamp", "Feb 30, 2023, 1:30:34 AM"), "timestamp"),
    "a time with a narrow blank": (_with("timestamp", "Jul 2, 2023, 1:30:34\u202fAM"), "timestamp"),
    "a text that is too long": (_with("appId", "é" * 128), "appId"),
    "the documentation's user": (_with("userId", "AIDACKCEVSQ6C2EXAMPLE"), "userId"),
    "a text header that is a string": (_header("value"), "text"),
    "a text header of unsigned bytes": (_header({"bytes": [195, 169]}), "bytes"),
    "a text header of letters": (_header({"bytes": ["v"]}), "bytes"),
    "a text header in base64": (_header({"bytes": "dmFsdWU="}), "bytes"),
    "a text header inside a list": (_header([1, "value"]), "text"),
    "a text header inside a table": (_header({"inner": "value"}), "inner"),
    "base64 cut off": (_half_a_group, "data"),
    "two queues": (_two_queues, "elsewhere"),
    "a key without a virtual host": (_key("orders::"), "queue"),
    "a key without a queue": (_key("::shop"), "queue"),
    "a queue without messages": (_no_messages, "rmqMessagesByQueue"),
    "the documentation's broker": (_a_samples_broker, "eventSourceArn"),
}

_TEXTS = (
    "contentType",
    "contentEncoding",
    "correlationId",
    "replyTo",
    "messageId",
    "type",
    "userId",
    "appId",
    "clusterId",
)
_OTHERS = ("headers", "deliveryMode", "priority", "expiration", "timestamp")

EVENTS = {"plain": plain, "everything": everything}
OPTIONAL = frozenset(("rmqMessagesByQueue[*][*].basicProperties.headers[*]",))
FREE = frozenset(f"rmqMessagesByQueue[*][*].basicProperties.{name}" for name in _TEXTS)
# A header may be of any type; that a text is no string, and bytes are signed, see MORE. What is null in `plain` may be
# there, too; in `everything` it is there, and of its type.
ANYTHING = frozenset(
    (
        "rmqMessagesByQueue[*][*].basicProperties.headers[*]",
        *(f'rmqMessagesByQueue["orders::/"][*].basicProperties.{name}' for name in (*_TEXTS, *_OTHERS)),
    )
)
NULL = frozenset(f"rmqMessagesByQueue[*][*].basicProperties.{name}" for name in (*_TEXTS, *_OTHERS))
PRINTED = frozenset(("rmqMessagesByQueue[*][*].basicProperties.expiration",))
DERIVED = frozenset(("rmqMessagesByQueue[*][*].basicProperties.bodySize",))
