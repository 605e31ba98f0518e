"""How events of ActiveMQ queues may vary."""

from __future__ import annotations

from typing import Any

from pytest_lambda_events.events import activemq_event

BROKER = "arn:aws:mq:eu-west-1:210987654321:broker:shop.main_1:b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34"


def plain() -> Any:
    """Two orders, one as JSON, one as text."""
    return activemq_event({"order": 1}, "text", time="2025-01-01T00:00:00Z")


def everything() -> Any:
    """All that may stand beside a message, text and bytes."""
    return activemq_event(
        {"order": 1},
        b"\x00\xff\x80",
        queue="orders.in",
        broker=BROKER,
        delivery_mode=1,
        correlation_id="order-1",
        reply_to=("replies", "topic://news").__getitem__,
        type="order",
        expiration=1_735_776_000_000,
        priority=9,
        redelivered=True,
        properties={"index": 1, "doAlarm": False, "ratio": 0.5, "myCustomProperty": "Zoë"},
        time="2025-01-01T00:00:00Z",
    )


def _same_id(event: Any) -> None:
    event["messages"][1]["messageID"] = event["messages"][0]["messageID"]


def _swapped(event: Any) -> None:
    event["messages"].reverse()


def _another_region(event: Any) -> None:
    event["messages"][0]["messageID"] = event["messages"][0]["messageID"].replace("mq.", "mq.x")


def _another_broker(event: Any) -> None:
    head, _, tail = event["messages"][1]["messageID"].partition("b-")
    event["messages"][1]["messageID"] = f"{head}b-{'0' * 8}{tail[8:]}"


def _a_broker_of_the_future(event: Any) -> None:
    parts = event["messages"][0]["messageID"].rsplit("-", 2)
    event["messages"][0]["messageID"] = f"{parts[0]}-9735689600000-{parts[2]}"


def _before_it_was_sent(event: Any) -> None:
    event["messages"][0]["brokerInTime"] = event["messages"][0]["timestamp"] - 1


def _out_before_in(event: Any) -> None:
    event["messages"][0]["brokerOutTime"] = event["messages"][0]["brokerInTime"] - 1


def _in_seconds(event: Any) -> None:
    event["messages"][0]["timestamp"] //= 1000


def _expired(event: Any) -> None:
    event["messages"][0]["expiration"] = 60_000


def _another_queue(event: Any) -> None:
    event["messages"][1]["destination"]["physicalName"] = "elsewhere"


def _no_text(event: Any) -> None:
    event["messages"][0]["data"] = "/w=="


def _half_a_group(event: Any) -> None:
    event["messages"][0]["data"] = "YWJ"


def _no_base64(event: Any) -> None:
    event["messages"][0]["data"] = '{"order":1}'


def _an_eleventh_priority(event: Any) -> None:
    event["messages"][0]["priority"] = 10


def _a_third_mode(event: Any) -> None:
    event["messages"][0]["deliveryMode"] = 3


def _no_reply(event: Any) -> None:
    event["messages"][0]["replyTo"] = ""


def _a_samples_broker(event: Any) -> None:
    event["eventSourceArn"] = "arn:aws:mq:us-east-2:111122223333:broker:test:b-9bcfa592-423a-4942-879d-eb284b418fc8"


def _a_connection(event: Any) -> None:
    event["messages"][0]["connectionId"] = "myJMSCoID"


MORE = {
    "two messages with one id": (_same_id, "messageID"),
    "messages of one producer, swapped": (_swapped, "messageID"),
    "an id from another region": (_another_region, "messageID"),
    "an id from another broker": (_another_broker, "messageID"),
    "an id from a broker that began later": (_a_broker_of_the_future, "messageID"),
    "in the broker before it was sent": (_before_it_was_sent, "brokerInTime"),
    "out of the broker before it was in": (_out_before_in, "brokerOutTime"),
    "a time in seconds": (_in_seconds, "timestamp"),
    "a length as expiration": (_expired, "expiration"),
    "two queues": (_another_queue, "physicalName"),
    "a text message that is no text": (_no_text, "data"),
    "base64 cut off": (_half_a_group, "data"),
    "a body as it is": (_no_base64, "data"),
    "priority 10": (_an_eleventh_priority, "priority"),
    "delivery mode 3": (_a_third_mode, "deliveryMode"),
    "an empty replyTo": (_no_reply, "replyTo"),
    "the documentation's broker": (_a_samples_broker, "eventSourceArn"),
    "a key of the older form": (_a_connection, "connectionId"),
}

EVENTS = {"plain": plain, "everything": everything}
OPTIONAL = frozenset(("messages[*].properties[*]",))
FREE = frozenset(
    (
        "messages[*].data",  # a body may be empty; what is no base64, see MORE
        "messages[*].correlationID",
        "messages[*].type",
        "messages[*].properties[*]",
    )
)
PRINTED = frozenset(
    (
        "messages[*].correlationID",  # correlationId there
        "messages[*].properties",  # not in older samples
        "messages[*].replyTo",  # null there
        "messages[*].type",  # null there
    )
)
DERIVED = frozenset(("eventSourceArn",))
