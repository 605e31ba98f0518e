"""What every request to Kinesis is asked. The law: members have AWS's names, values become ours here and nowhere else.

Rules: API Reference, Common Errors; words as recorded, those marked [?] were not found in a recording.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final, cast

from pytest_lambda_events.model.kinesis_record import shard_id_of
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.brokers.moto.kinesis.streams import StreamHandle, Streams
    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = [
    "answer",
    "hash_key_from",
    "invalid",
    "moment_from",
    "number_from",
    "shard_id_from",
    "stream_from",
    "streams_of",
]

_SHARDS: Final = 1 << 31
_HASH_KEY: Final = re.compile(r"0|[1-9][0-9]{0,38}")


def answer(members: Mapping[str, Any]) -> str:
    """An answer as its JSON: moto's own way there is slow, and its older versions lose the milliseconds of times."""
    return json.dumps(members, default=_plain)


def _plain(value: Any) -> Any:
    return b64encode(value).decode("ascii") if isinstance(value, bytes) else moment_from(value) / 1000


def streams_of(surface: MotoSurface) -> Streams:
    """Kinesis of the active harness."""
    return cast("Streams", surface.late.room("kinesis"))


def stream_from(surface: MotoSurface, response: Any) -> StreamHandle:
    """The stream that a request names; K51 one that is not there is not found. Errors: `Refusal`."""
    arn, name = response._get_param("StreamARN"), response._get_param("StreamName")
    if arn is None and name is None:
        raise Refusal("InvalidArgumentException", "Either StreamName or StreamARN should be provided.")  # [?]
    return streams_of(surface).of_request(response.kinesis_backend, arn, name)


def invalid(value: object, member: str, constraint: str) -> Refusal:
    """A value that violates a constraint of the API's model."""
    return Refusal(
        "ValidationException",
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}",
    )


def number_from(response: Any, name: str, *, default: int, most: int) -> int:
    """A whole number from 1 on. Errors: `Refusal`."""
    value = response._get_param(name)
    if value is None:
        return default
    number = int(value)
    member = name[0].lower() + name[1:]
    if number < 1:
        raise invalid(value, member, "Member must have value greater than or equal to 1")
    if number > most:
        raise invalid(value, member, f"Member must have value less than or equal to {most}")
    return number


def hash_key_from(text: str, member: str) -> int:
    """A hash key. Errors: `Refusal`."""
    if _HASH_KEY.fullmatch(text) is None:
        raise invalid(text, member, r"Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})")
    return int(text)


def shard_id_from(text: str, stream: str, account: str) -> str:
    """A shard's id: AWS looks at the number behind the hyphen only. Errors: `Refusal` when there is none."""
    _, hyphen, behind = text.partition("-")
    number = behind if hyphen else text
    if not (number.isascii() and number.isdigit() and int(number) < _SHARDS):
        raise Refusal(
            "ResourceNotFoundException", f"Could not find shard {text} in stream {stream} under account {account}."
        )
    return shard_id_of(int(number))


def moment_from(value: Any) -> int:
    """Epoch milliseconds of a Timestamp: a datetime, or epoch seconds."""
    if isinstance(value, dt.datetime):
        aware = value if value.tzinfo is not None else value.replace(tzinfo=dt.timezone.utc)
        return round(aware.timestamp() * 1000)
    return round(float(value) * 1000)
