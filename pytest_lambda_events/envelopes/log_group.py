"""What a subscription filter of CloudWatch Logs sends to a Kinesis stream. The law: gzip with the header of the real
ones; the JSON inside is the same on every machine.

The compressed bytes are zlib's at level 6, which is what Java's streams make. A Python that is built on another library
(zlib-ng) compresses to other bytes, with the same header and the same content.
Rules: captures of CloudWatch Logs -> Kinesis; CloudWatch Logs User Guide, "Using subscription filters".
"""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING, Any, Final, Literal

from pytest_lambda_events.building import ACCOUNT, compact, each, finished, moment_ms
from pytest_lambda_events.envelopes.writing import to_seconds
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.delivered import DeliveredBytes
from pytest_lambda_events.model.records import utf8_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Destination", "cloudwatch_logs", "cloudwatch_logs_control"]

_GZIP_HEADER: Final = bytes.fromhex("1f8b0800000000000000")  # no name, no time, no operating system
_LEVEL: Final = 6
_PATH_AND_DAY: Final = 10  # "2025-01-01" of an ISO time
_DESTINATIONS: Final = ("Kinesis stream", "Firehose")

Destination = Literal["Kinesis stream", "Firehose"]
"""What a subscription filter sends to."""


def cloudwatch_logs(
    *messages: Any,
    log_group: str = "/aws/lambda/orders",
    log_stream: str | None = None,
    filter_names: str | Sequence[str] = "orders",
    policy_level: str | None = None,
    timestamp: int | Callable[[int], int] | None = None,
    account: str = ACCOUNT,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> DeliveredBytes:
    """Log events as a subscription filter sends them: JSON in gzip, the partition key going along.

    Args:
        messages: The log lines: text as it is, anything else as compact JSON; a Lambda invocation's when none is given.
        log_group: The log group's name.
        log_stream: The log stream's name; a Lambda function's when left out.
        filter_names: Names of the subscription filters, one or several.
        policy_level: `ACCOUNT_LEVEL_POLICY` when an account's policy subscribes, else left out.
        timestamp: Epoch milliseconds of a log event, or a function of its number (from 0); `time` and a little more.
        account: The owner of the logs, 12 digits.
        seed: Fixes every id: same seed and same messages, same record.
        time: When the first was logged, ISO 8601 or a datetime; the virtual present when a harness is active.
        overrides: What to put at which path when all is derived, e.g. `{"logEvents[0].message": "x"}`.

    All of one log stream have one partition key, as in the default distribution "by log stream".
    Errors: `UsageError` for messages that cannot be serialised, an empty one, and for no filter.
    """
    names = [filter_names] if isinstance(filter_names, str) else list(filter_names)
    if not names or not all(names):
        raise UsageError(
            f"filter_names={filter_names!r}: at least one subscription filter sent this, and it has a name"
        )
    identifiers, logged_ms = Identifiers(seed), moment_ms(time)
    texts = [utf8_text(message) for message in messages] or _invocation(identifiers)
    if "" in texts:
        raise UsageError(f"message {texts.index('')} is empty: CloudWatch Logs keeps no empty log event")
    stream = log_stream or _lambda_stream(logged_ms, log_group)
    purpose = "\n".join((f"logs/{log_group}/{stream}/{logged_ms}", *texts))
    data: dict[str, Any] = {
        "messageType": "DATA_MESSAGE",
        "owner": account,
        "logGroup": log_group,
        "logStream": stream,
        "subscriptionFilters": names,
        "logEvents": _log_events(texts, timestamp, logged_ms, identifiers, purpose),
    }
    if policy_level is not None:
        data["policyLevel"] = policy_level
    return _delivered(finished(data, overrides), f"{account}:{log_group}:{stream}")


def cloudwatch_logs_control(
    *,
    destination: Destination = "Kinesis stream",
    time: str | dt.datetime | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> DeliveredBytes:
    """The message with which CloudWatch Logs tries whether a destination is there. A handler should pass over it.

    Args:
        destination: What it was sent to: `Kinesis stream` or `Firehose`.
        time: When it was sent, ISO 8601 or a datetime; the virtual present when a harness is active.
        overrides: What to put at which path when all is derived.

    Errors: `UsageError` for another destination.
    """
    if destination not in _DESTINATIONS:
        raise UsageError(f"destination={destination!r} is none of {', '.join(_DESTINATIONS)}")
    event = {
        "id": "",
        "timestamp": moment_ms(time),
        "message": f"CWL CONTROL MESSAGE: Checking health of destination {destination}.",
    }
    data: dict[str, Any] = {
        "messageType": "CONTROL_MESSAGE",
        "owner": "CloudwatchLogs",
        "logGroup": "",
        "logStream": "",
        "subscriptionFilters": [],
        "logEvents": [event],
    }
    return _delivered(finished(data, overrides), "CloudwatchLogs::")


def _log_events(
    texts: Sequence[str],
    timestamp: int | Callable[[int], int] | None,
    logged_ms: int,
    identifiers: Identifiers,
    purpose: str,
) -> list[dict[str, Any]]:
    dice = identifiers.stream(purpose)
    moments = []
    for number in range(len(texts)):
        moments.append(logged_ms if timestamp is None else each(timestamp, number))
        logged_ms += dice.randint(0, 5)
    ingested_ms = max(moments) + dice.randint(20, 2_000)
    batch = dice.getrandbits(64)
    return [
        {"id": _log_event_id(moment, ingested_ms, batch, number), "timestamp": moment, "message": text}
        for number, (moment, text) in enumerate(zip(moments, texts, strict=True))
    ]


def _log_event_id(moment_ms: int, ingested_ms: int, batch: int, number: int) -> str:
    """56 digits: the decimal of the event's and the ingestion's milliseconds, the batch and the place in it, in hex."""
    return f"{int(f'{moment_ms:011x}00000{ingested_ms:011x}{batch:016x}{number:04x}', 16):056}"


def _invocation(identifiers: Identifiers) -> list[str]:
    """What the Lambda service logs of an invocation."""
    request = identifiers.uuid4("logs/invocation")
    milliseconds = identifiers.stream("logs/invocation").randint(100, 99_999) / 100
    report = (
        f"REPORT RequestId: {request}\tDuration: {milliseconds:.2f} ms\tBilled Duration: {int(milliseconds) + 1} ms\t"
        "Memory Size: 128 MB\tMax Memory Used: 65 MB\t\n"
    )
    return [f"START RequestId: {request} Version: $LATEST\n", f"END RequestId: {request}\n", report]


def _lambda_stream(logged_ms: int, log_group: str) -> str:
    day = to_seconds(logged_ms)[:_PATH_AND_DAY].replace("-", "/")
    return f"{day}/[$LATEST]{Identifiers(0).hex(32, f'logs/stream/{log_group}')}"


def _delivered(data: Mapping[str, Any], distribution: str) -> DeliveredBytes:
    key = hashlib.md5(distribution.encode("utf-8"), usedforsecurity=False).hexdigest()
    return DeliveredBytes(_gzip(compact(data).encode("utf-8")), partition_key=key)


def _gzip(content: bytes) -> bytes:
    """Gzip with a header of our own: that of Python's differs between its versions and platforms."""
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(content) + deflate.flush()
    checked = zlib.crc32(content).to_bytes(4, "little") + (len(content) & 0xFFFFFFFF).to_bytes(4, "little")
    return _GZIP_HEADER + body + checked
