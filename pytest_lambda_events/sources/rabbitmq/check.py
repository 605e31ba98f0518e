"""Is this a RabbitMQ event as Lambda sends it? The law: the shape declared as a table, the derived computed again."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.looking import decoded, text_at, value_at
from pytest_lambda_events.model.mq_brokers import BROKER_ARN, check_printed_broker
from pytest_lambda_events.model.shapes import (
    BOOLEAN,
    Base64,
    Constant,
    Fields,
    Integer,
    ListOf,
    MapOf,
    Nullable,
    Printed,
    Text,
)
from pytest_lambda_events.sources.rabbitmq.event import MONTHS
from pytest_lambda_events.sources.rabbitmq.make import SHORT_STRING_BYTES

if TYPE_CHECKING:
    from pytest_lambda_events.model.findings import Report
    from pytest_lambda_events.model.paths import Path

__all__ = ["EVENT", "check"]

_DATE: Final = re.compile(
    rf"(?P<month>{'|'.join(MONTHS)}) (?P<day>[1-9][0-9]?), (?P<year>[0-9]{{4}}), "
    r"(?:1[0-2]|[1-9]):[0-5][0-9]:[0-5][0-9] [AP]M"
)
_DATE_EXAMPLE: Final = "a time as Java writes it, such as Jul 2, 2023, 1:30:34 AM"
_PRINTED_USER: Final = "AIDACKCEVSQ6C2EXAMPLE"


class _ShortString:
    """A text that AMQP's short strings can hold."""

    __slots__ = ()

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        if not isinstance(value, str):
            report.error(path, value, "a string")
        elif len(value.encode("utf-8", "surrogatepass")) > SHORT_STRING_BYTES:
            report.note(path, value, f"at most {SHORT_STRING_BYTES} bytes, as long as AMQP's short strings may be")


class _Date:
    """A time of Java's DateFormat."""

    __slots__ = ()

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        if not isinstance(value, str):
            report.error(path, value, _DATE_EXAMPLE)
        elif not _is_date(value):
            report.note(path, value, _DATE_EXAMPLE)


class _Header:
    """A value of a table: any JSON, but a text comes as the signed bytes of its UTF-8; only a time is a string."""

    __slots__ = ()

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        if isinstance(value, dict):
            text = value.keys() == {"bytes"} and not isinstance(value["bytes"], dict)
            (_TEXT if text else _TABLE).check(value, path, report)
        elif isinstance(value, list):
            _ARRAY.check(value, path, report)
        elif isinstance(value, str) and not _is_date(value):
            report.error(path, value, '{"bytes": [...]}, as a text among the headers comes')


_HEADER: Final = _Header()
_ARRAY: Final = ListOf(_HEADER)
_TABLE: Final = MapOf(_HEADER, keys=_ShortString())
_TEXT: Final = Fields(
    always={"bytes": ListOf(Integer(-128, 127, expected="a signed byte"), expected="a list of bytes")}
)
_SHORT: Final = Nullable(_ShortString())

PROPERTIES: Final = Fields(
    always={
        "contentType": _SHORT,
        "contentEncoding": _SHORT,
        "headers": Nullable(_TABLE),
        "deliveryMode": Nullable(Constant((1, 2))),
        "priority": Nullable(Integer(0, 255, expected="a priority of AMQP")),
        "correlationId": _SHORT,
        "replyTo": _SHORT,
        "expiration": Nullable(
            Printed(
                Text(re.compile(r"[0-9]+"), "milliseconds, as a text of digits"),
                also=Integer(0),
                expected="milliseconds, as a text: a number is what an event becomes that a Java program wrote again",
            )
        ),
        "messageId": _SHORT,
        "timestamp": Nullable(_Date()),
        "type": _SHORT,
        "userId": _SHORT,
        "appId": _SHORT,
        "clusterId": _SHORT,
        "bodySize": Integer(0, expected="the number of bytes in data"),
    }
)
MESSAGE: Final = Fields(always={"basicProperties": PROPERTIES, "redelivered": BOOLEAN, "data": Base64()})
EVENT = Fields(
    always={
        "eventSourceArn": BROKER_ARN,
        "rmqMessagesByQueue": MapOf(
            ListOf(MESSAGE, least=1),
            keys=Text(re.compile(r".+?::.+", re.DOTALL), "a key of the form queue::vhost"),
            least=1,
            expected="rmqMessagesByQueue, an object with lists of messages",
        ),
        "eventSource": Constant(("aws:rmq",)),
    }
)


def check(event: Any, report: Report) -> None:
    """Say what is wrong with an event of a RabbitMQ queue."""
    EVENT.check(event, (), report)
    check_printed_broker(event, report)
    queues = value_at(event, "rmqMessagesByQueue")
    if not isinstance(queues, dict):
        return
    for place, (key, messages) in enumerate(queues.items()):
        if place:
            report.note(("rmqMessagesByQueue", key), messages, "one queue: a mapping has no more")
        for number, message in enumerate(messages if isinstance(messages, list) else ()):
            _check_message(message, ("rmqMessagesByQueue", key, number, "basicProperties"), report)


def _check_message(message: Any, path: Path, report: Report) -> None:
    data = decoded(value_at(message, "data"))
    size = value_at(message, "basicProperties", "bodySize")
    if data is not None and isinstance(size, int) and not isinstance(size, bool) and size != len(data):
        report.note((*path, "bodySize"), size, f"{len(data)}, the number of bytes in data")
    if text_at(message, "basicProperties", "userId") == _PRINTED_USER:
        report.note((*path, "userId"), _PRINTED_USER, "a user of the broker: this one is a documentation sample's")


def _is_date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    if found is None:
        return False
    try:
        dt.date(int(found["year"]), MONTHS.index(found["month"]) + 1, int(found["day"]))
    except ValueError:
        return False
    return True
