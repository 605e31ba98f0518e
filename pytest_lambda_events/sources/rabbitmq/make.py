"""A realistic RabbitMQ message, from nothing but a payload. The law: what AMQP 0-9-1 would not carry is refused.

AMQP 0-9-1 Specification, 4.2.5 (data types, short strings) and 1.8 (properties of a basic message).
"""

from __future__ import annotations

import datetime as dt
import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.clock.virtual import parse_start
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.mq_brokers import check_number
from pytest_lambda_events.model.rabbitmq_message import RabbitMqMessage
from pytest_lambda_events.model.records import payload_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SHORT_STRING_BYTES", "check_short", "epoch_seconds", "make_message"]

SHORT_STRING_BYTES: Final = 255
_LONGEST_LONG: Final = 2**63
_LAST_SECOND: Final = 253_402_300_799  # the end of the year 9999

_SHORT_STRINGS: Final = (
    "content_type",
    "content_encoding",
    "correlation_id",
    "reply_to",
    "message_id",
    "type",
    "user_id",
    "app_id",
    "cluster_id",
)


def make_message(
    payload: Any,
    *,
    number: int,
    queue: str,
    vhost: str,
    sent_ms: int,
    content_type: str | None = None,
    headers: Mapping[str, Any] | None = None,
    delivery_mode: int | None = None,
    priority: int | None = None,
    expiration: str | int | None = None,
    timestamp: str | dt.datetime | int | bool | None = None,
    **texts: str | None,
) -> RabbitMqMessage:
    """The `number`-th message (from 0), as a publisher would have made it. Errors: `UsageError`.

    `texts` are the other properties, short strings all of them. `contentType` is `application/json` where we made the
    JSON, and otherwise what the publisher says; most clients say nothing.
    """
    data = payload_bytes(payload)
    if content_type is None and not isinstance(payload, (str, bytes, bytearray)):
        content_type = "application/json"
    shorts = {"content_type": content_type, **texts}
    for name in _SHORT_STRINGS:
        if shorts.get(name) is not None:
            check_short(name, shorts[name])
    if delivery_mode is not None:
        check_number("delivery_mode", delivery_mode, 1, 2, meaning="1 is non-persistent, 2 persistent")
    if priority is not None:
        check_number("priority", priority, 0, 255, meaning="AMQP's priority is one byte")
    return RabbitMqMessage(
        id=f"{queue}::{vhost}#{number}",
        data=data,
        queue=queue,
        vhost=vhost,
        sent_ms=sent_ms,
        headers=None if headers is None else _table(headers, "headers"),
        delivery_mode=delivery_mode,
        priority=priority,
        expiration=None if expiration is None else _length(expiration),
        timestamp=_stamp(timestamp, sent_ms),
        **shorts,
    )


def check_short(name: str, text: Any) -> None:
    """Refuse what is no short string of AMQP. Errors: `UsageError`."""
    if not isinstance(text, str):
        raise UsageError(f"{name}={text!r} is no text: AMQP takes a string, or none")
    size = len(_utf8(name, text))
    if size > SHORT_STRING_BYTES:
        raise UsageError(
            f"{name}={text!r:.60}: {size} bytes, and AMQP's short strings have at most {SHORT_STRING_BYTES}"
        )


def _utf8(name: str, text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"{name}={text!r:.60}: AMQP's texts are UTF-8, which has no half surrogate pairs") from error


def _stamp(timestamp: Any, sent_ms: int) -> int | None:
    """The publisher's time: True is that of the publishing."""
    if isinstance(timestamp, bool):
        return sent_ms // 1000 if timestamp else None
    return epoch_seconds("timestamp", timestamp)


def _length(expiration: Any) -> str:
    """A message's time to live: milliseconds, as a text."""
    text = str(expiration) if isinstance(expiration, (str, int)) and not isinstance(expiration, bool) else ""
    if not (text.isascii() and text.isdigit()):
        raise UsageError(f"expiration={expiration!r}: a length of time in whole milliseconds, 0 or more, such as 60000")
    return text


def epoch_seconds(name: str, moment: Any) -> int | None:
    """A moment in whole epoch seconds, which is all that AMQP carries. Errors: `UsageError` for what is none."""
    if moment is None:
        return None
    seconds = moment
    if isinstance(moment, (str, dt.datetime)):
        try:
            seconds = parse_start(moment) // 1000
        except UsageError:
            seconds = None
    if not isinstance(seconds, int) or not 0 <= seconds <= _LAST_SECOND:
        raise UsageError(
            f"{name}={moment!r} is no moment: write ISO 8601, a datetime, or epoch seconds, between 1970 and 9999"
        )
    return seconds


def _table(given: Any, where: str) -> Mapping[str, Any]:
    """A table of fields, frozen. Errors: `UsageError` for a name or a value that AMQP has no type for."""
    if not hasattr(given, "items"):
        raise UsageError(f"{where}={given!r} is no table: write a dict with a text for each key")
    for name in given:
        check_short(f"{where}: a name", name)
    return MappingProxyType({name: _field(value, f"{where}[{name!r}]") for name, value in given.items()})


def _field(value: Any, where: str) -> Any:
    """One value of a table, frozen."""
    if isinstance(value, dict):
        return _table(value, where)
    if isinstance(value, (list, tuple)):
        return tuple(_field(one, f"{where}[{number}]") for number, one in enumerate(value))
    if isinstance(value, dt.datetime):
        epoch_seconds(where, value)
        return value
    if isinstance(value, str):
        _utf8(where, value)
        return value
    if value is None or isinstance(value, (bool, bytes)):
        return value
    if isinstance(value, int) and -_LONGEST_LONG <= value < _LONGEST_LONG:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise UsageError(
        f"{where}={value!r}: no type of AMQP's fits. A header is a str, bytes, bool, int of 64 bits, finite float, "
        "datetime, None, or a list or dict of these"
    )
