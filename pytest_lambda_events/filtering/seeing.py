"""What a filter sees of a record. The law: pure, from one record of the event to a new object.

Payloads are decoded for the filter only: the function gets the original bytes.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

from pytest_lambda_events.filtering.formats import PAYLOADS, family_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from pytest_lambda_events.filtering.formats import PayloadKind

__all__ = ["Seen", "seen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The object that patterns are matched with, and the format of the payload at each path of `formats.PAYLOADS`."""

    value: dict[str, Any]
    payloads: Mapping[str, PayloadKind]


View: TypeAlias = "Callable[[Mapping[str, Any], Collection[str]], Seen]"


def seen(source_name: str, record: Mapping[str, Any], wanted: Collection[str] | None = None) -> Seen:
    """What a filter on this source sees of a record of its event, which is a dict as the function gets it.

    `wanted`: the paths of payloads that matter, all if not given; others are not decoded, and have no format.

    Errors: `ValueError` for a source that has no filters.
    """
    family_of(source_name)
    return _VIEWS[source_name](record, PAYLOADS[source_name][1] if wanted is None else wanted)


def _sqs(record: Mapping[str, Any], wanted: Collection[str]) -> Seen:
    if "body" not in wanted:
        return Seen(value={**record}, payloads={})
    body, kind = _text(record["body"])
    return Seen(value={**record, "body": body}, payloads={"body": kind})


def _kinesis(record: Mapping[str, Any], wanted: Collection[str]) -> Seen:
    """AWS shows the data and its metadata at the top, and the record as it is in the event: both are filtered on."""
    kinesis = record["kinesis"]
    if not wanted:
        return Seen(value={**kinesis, **record}, payloads={})
    data, kind = _base64(kinesis.get("data"))
    inner = {**kinesis, "data": data}
    return Seen(value={**inner, **record, "kinesis": inner}, payloads=dict.fromkeys(wanted, kind))


def _dynamodb(record: Mapping[str, Any], wanted: Collection[str]) -> Seen:
    return Seen(value={**record}, payloads=dict.fromkeys(wanted, "json"))


def _message(record: Mapping[str, Any], wanted: Collection[str]) -> Seen:
    """Kafka and Amazon MQ: the record, or the message with its properties, with what is base64 decoded."""
    value, payloads = {**record}, {}
    for name in wanted:
        decoded, kind = _base64(record.get(name))
        payloads[name] = kind
        if kind == "absent":
            value.pop(name, None)
        else:
            value[name] = decoded
    return Seen(value=value, payloads=payloads)


_VIEWS: Final[Mapping[str, View]] = {
    "sqs": _sqs,
    "sqs_fifo": _sqs,
    "kinesis": _kinesis,
    "dynamodb": _dynamodb,
    "activemq": _message,
    "rabbitmq": _message,
    "msk": _message,
    "kafka": _message,
}


def _base64(payload: str | None) -> tuple[Any, PayloadKind]:
    if payload is None:
        return None, "absent"
    try:
        text = base64.b64decode(payload, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return payload, "binary"
    return _text(text)


def _text(text: str) -> tuple[Any, PayloadKind]:
    """Objects and arrays count as JSON. A number or a string that stands alone is text, as a plain string is."""
    if text.lstrip(" \t\r\n")[:1] not in {"{", "["}:
        return text, "text"
    try:
        return _DECODER.decode(text), "json"
    except (ValueError, RecursionError):
        return text, "text"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant)
