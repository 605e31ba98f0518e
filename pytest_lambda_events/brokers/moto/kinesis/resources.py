"""Streams themselves: made, changed, deleted. The law: moto owns them; we check what it lets pass.

Rules: API reference, CreateStream, DeleteStream, IncreaseStreamRetentionPeriod, DecreaseStreamRetentionPeriod,
UpdateMaxRecordSize. Everything is done at once: a stream is never CREATING, UPDATING or DELETING.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from moto.core.responses import EmptyResult
from moto.kinesis.models import kinesis_backends

from pytest_lambda_events.brokers.moto.kinesis.requests import invalid, stream_from, streams_of
from pytest_lambda_events.brokers.moto.kinesis.streams import StreamHandle, retention_hours
from pytest_lambda_events.model.kinesis_record import DEFAULT_RECORD_KIB, LARGEST_RECORD_KIB
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = [
    "backend_decrease_stream_retention_period",
    "backend_delete_stream",
    "backend_increase_stream_retention_period",
    "check_name",
    "create",
    "create_here",
    "create_stream",
    "delete_stream",
    "names_here",
    "update_max_record_size",
]

_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]+")
_LONGEST_NAME: Final = 128
_MOST_SHARDS: Final = 10_000  # LimitExceeded on AWS: a quota of the account, from 500 or 1,000 shards on
_HOURS: Final = (24, 8_760)


def check_name(name: str, member: str) -> None:
    """Errors: `Refusal` for what can be no stream's or consumer's name."""
    if _NAME.fullmatch(name) is None:
        raise invalid(name, member, f"Member must satisfy regular expression pattern: {_NAME.pattern}")
    if len(name) > _LONGEST_NAME:
        raise invalid(name, member, f"Member must have length less than or equal to {_LONGEST_NAME}")


def create(surface: MotoSurface, backend: Any, attributes: Mapping[str, Any]) -> StreamHandle:
    """Make a stream as CreateStream does; `attributes` have its names, and RetentionPeriodHours. Errors: `Refusal`."""
    name = attributes["StreamName"]
    check_name(name, "streamName")
    mode = attributes.get("StreamModeDetails")
    count = attributes.get("ShardCount")
    if (mode or {}).get("StreamMode") != "ON_DEMAND":
        _check_count(count)
    kib = attributes.get("MaxRecordSizeInKiB")
    if kib is not None:
        _check_kib(kib)
    hours = attributes.get("RetentionPeriodHours")
    if hours is not None:
        _check_hours(hours)
    if name in backend.streams:
        raise Refusal("ResourceInUseException", f"Stream {name} under account {backend.account_id} already exists.")
    stream = backend.create_stream(name, count or 1, stream_mode=mode, retention_period_hours=hours)
    stream.tags.update(attributes.get("Tags") or {})
    streams = streams_of(surface)
    if kib is not None:
        streams.set_maximum_kib(stream, int(kib))
    return StreamHandle(stream, streams)


def names_here(surface: MotoSurface) -> set[str]:
    """The streams that there are in the harness's account and region."""
    backend: Any = kinesis_backends[surface.account][surface.region]
    return set(backend.streams)


def create_here(surface: MotoSurface, attributes: Mapping[str, Any]) -> StreamHandle:
    """Make a stream in the harness's account and region. Errors: `Refusal`."""
    surface.clock.enter()
    return create(surface, kinesis_backends[surface.account][surface.region], attributes)


def _check_count(count: Any) -> None:
    if count is None:
        raise Refusal(  # [?]
            "ValidationException",
            "1 validation error detected: Value null at 'shardCount' failed to satisfy constraint: Member must not be "
            "null",
            "give ShardCount, or StreamModeDetails={'StreamMode': 'ON_DEMAND'}",
        )
    if not isinstance(count, int) or count < 1:
        raise invalid(count, "shardCount", "Member must have value greater than or equal to 1")
    if count > _MOST_SHARDS:
        raise invalid(count, "shardCount", f"Member must have value less than or equal to {_MOST_SHARDS}")


def _check_kib(kib: Any) -> None:
    if not isinstance(kib, int) or kib < DEFAULT_RECORD_KIB:
        raise invalid(
            kib, "maxRecordSizeInKiB", f"Member must have value greater than or equal to {DEFAULT_RECORD_KIB}"
        )
    if kib > LARGEST_RECORD_KIB:
        raise invalid(kib, "maxRecordSizeInKiB", f"Member must have value less than or equal to {LARGEST_RECORD_KIB}")


def _check_hours(hours: Any) -> None:
    least, most = _HOURS
    if not isinstance(hours, int) or hours < least:
        raise Refusal(
            "InvalidArgumentException",
            f"Minimum allowed retention period is {least} hours. Requested retention period ({hours} hours) is too "
            "short.",
        )
    if hours > most:
        raise Refusal(
            "InvalidArgumentException",
            f"Maximum allowed retention period is {most} hours. Requested retention period ({hours} hours) is too "
            "long.",
        )


def create_stream(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """K52 a provisioned stream says how many shards; K53 an on-demand one begins with 4; K54 a name is given once."""
    names = ("StreamName", "ShardCount", "StreamModeDetails", "MaxRecordSizeInKiB", "Tags")
    create(surface, response.kinesis_backend, {name: response._get_param(name) for name in names})
    return EmptyResult()


def delete_stream(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """K55 a stream with consumers is deleted when that is enforced only."""
    handle = stream_from(surface, response)
    if handle.stream.consumers and not response._get_param("EnforceConsumerDeletion"):
        raise Refusal(
            "ResourceInUseException",
            f"DeleteStream can't delete {handle.account}:{handle.name} because there are consumers associated with "
            f"this data stream. To delete {handle.name} anyway, set the EnforceConsumerDeletion parameter to true to "
            "force the deletion of all the consumers that are associated with it.",
        )
    response.kinesis_backend.delete_stream(None, handle.name)
    return EmptyResult()


def backend_delete_stream(
    surface: MotoSurface,
    original: Callable[..., Any],
    backend: Any,
    stream_arn: str | None = None,
    stream_name: str | None = None,
) -> Any:
    """K59 a stream takes its records with it, those that were announced too."""
    stream = original(backend, stream_arn, stream_name)
    streams_of(surface).forget(stream)
    return stream


def backend_increase_stream_retention_period(
    surface: MotoSurface,
    _original: Callable[..., Any],
    backend: Any,
    stream_arn: str | None,
    stream_name: str | None,
    retention_period_hours: int,
) -> None:
    """K56 records live longer from now on; for which retention has ended stay gone."""
    handle = streams_of(surface).of_request(backend, stream_arn, stream_name)
    present = _change_retention(surface, handle, retention_period_hours)
    if retention_period_hours < present:
        raise Refusal(
            "InvalidArgumentException",
            f"Requested retention period ({retention_period_hours} hours) for stream {handle.name} can not be shorter "
            f"than existing retention period ({present} hours). Use DecreaseRetentionPeriod API.",
        )
    handle.stream.retention_period_hours = retention_period_hours


def backend_decrease_stream_retention_period(
    surface: MotoSurface,
    _original: Callable[..., Any],
    backend: Any,
    stream_arn: str | None,
    stream_name: str | None,
    retention_period_hours: int,
) -> None:
    """K57 retention ends at once for records that are older now."""
    handle = streams_of(surface).of_request(backend, stream_arn, stream_name)
    present = _change_retention(surface, handle, retention_period_hours)
    if retention_period_hours > present:
        raise Refusal(
            "InvalidArgumentException",
            f"Requested retention period ({retention_period_hours} hours) for stream {handle.name} can not be longer "
            f"than existing retention period ({present} hours). Use IncreaseRetentionPeriod API.",
        )
    handle.stream.retention_period_hours = retention_period_hours


def _change_retention(surface: MotoSurface, handle: StreamHandle, hours: int) -> int:
    """Check, and let what fell due happen by the present hours, which are returned."""
    _check_hours(hours)
    handle.engine.settle(surface.clock.now_ms)
    return retention_hours(handle.stream)


def update_max_record_size(surface: MotoSurface, _original: Callable[..., Any] | None, response: Any) -> Any:
    """K58 how large a record of the stream may be, from 1 MiB to 10 MiB; known to a newer moto at best."""
    handle = stream_from(surface, response)
    kib = response._get_param("MaxRecordSizeInKiB")
    _check_kib(kib)
    streams_of(surface).set_maximum_kib(handle.stream, int(kib))
    return EmptyResult()
