"""Tables themselves: their streams and time to live. The law: moto owns them; we check what it lets pass.

Rules: DynamoDB API Reference, CreateTable, UpdateTable, DeleteTable, UpdateTimeToLive. The words of the refusals are
recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.brokers.moto.dynamodb.adoption import stream_settings, ttl_attribute
from pytest_lambda_events.brokers.moto.dynamodb.engines import tables_of
from pytest_lambda_events.model.dynamodb_record import VIEWS
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = [
    "call_action",
    "create_from_cloudformation",
    "delete_table",
    "set_stream_specification",
    "update_table_streams",
    "update_time_to_live",
]


def _invalid(message: str, hint: str = "") -> Refusal:
    return Refusal("ValidationException", message, hint)


def call_action(surface: MotoSurface, original: Callable[..., Any], handler: Any) -> Any:
    """D1 whatever is asked of DynamoDB, items that have expired by now are gone."""
    tables = tables_of(surface)
    tables.settle(handler.dynamodb_backend)
    return original(handler)


def set_stream_specification(surface: MotoSurface, original: Callable[..., Any], table: Any, streams: Any) -> None:
    """A stream begins or ends, with a table or with UpdateTable. D12 its label is UTC to the millisecond.

    D13 a disabled stream takes no more records, D14 one that begins is another one, with another label.
    """
    tables = tables_of(surface)
    _check_new_stream(streams)
    engine = tables.of(table)
    now_ms = tables.now_ms
    engine.settle(now_ms)
    original(table, streams)
    view = stream_settings(table)
    if view is not None:
        label, created_ms = engine.new_label(now_ms)
        table.latest_stream_label = label
        engine.open_stream(label, view, created_ms)
    elif engine.stream is not None:
        engine.stream.disable(now_ms)


def _check_new_stream(streams: Any) -> None:
    """What CreateTable refuses (UpdateTable has refused the like before). CloudFormation gives the view type alone."""
    enabled, view = (streams or {}).get("StreamEnabled"), (streams or {}).get("StreamViewType")
    if view is not None and view not in VIEWS:
        raise _invalid(
            f"1 validation error detected: Value '{view}' at 'streamSpecification.streamViewType' failed to satisfy "
            "constraint: Member must satisfy enum value set: [NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES, KEYS_ONLY]"
        )
    if enabled and view is None:
        raise _invalid(
            "One or more parameter values were invalid: Table is being created with a stream enabled, UpdateViewType "
            "is required"
        )
    if enabled is False and view is not None:
        raise _invalid(
            "One or more parameter values were invalid: Table is being created with a stream disabled, UpdateViewType "
            "should not be specified"
        )


def update_table_streams(
    surface: MotoSurface, _original: Callable[..., Any], _backend: Any, table: Any, stream_specification: Any
) -> None:
    """D14 a stream can be enabled again after it was disabled. D15 what UpdateTable refuses, in its words."""
    tables = tables_of(surface)
    enabled, view = stream_specification.get("StreamEnabled"), stream_specification.get("StreamViewType")
    stream = tables.of(table).stream
    if enabled and view is None:
        raise _invalid(
            "One or more parameter values were invalid: If stream is being enabled then UpdateViewType is required"
        )
    if not enabled and view is not None:
        raise _invalid(
            "One or more parameter values were invalid: If stream is being disabled, then UpdateViewType must not be "
            "specified"
        )
    if enabled and stream is not None:
        raise _invalid(
            f"Table already has an enabled stream: TableName: {table.name}",
            "a stream keeps its view type; disable it, then enable another",
        )
    if not enabled and stream is None:
        raise _invalid(f"Table has no stream to disable: TableName: {table.name}")
    table.set_stream_specification(stream_specification)


def update_time_to_live(
    surface: MotoSurface, original: Callable[..., Any], backend: Any, table_name: str, ttl_spec: Any
) -> None:
    """D1 time to live removes items, from now on and at once. D2 what UpdateTimeToLive refuses, in its words."""
    tables = tables_of(surface)
    table = backend.get_table(table_name)
    engine = tables.of(table)
    engine.settle(tables.now_ms)
    present, wanted = ttl_attribute(table), ttl_spec.get("AttributeName")
    if present is not None and wanted is not None and wanted != present:
        raise _invalid(f"TimeToLive is active on a different AttributeName: current AttributeName is {present}")
    if ttl_spec.get("Enabled") and present is not None:
        raise _invalid("TimeToLive is already enabled")
    if not ttl_spec.get("Enabled") and present is None:
        raise _invalid("TimeToLive is already disabled")
    original(backend, table_name, ttl_spec)
    engine.watch_expiry(ttl_attribute(table), tables.now_ms)


def delete_table(surface: MotoSurface, original: Callable[..., Any], backend: Any, name: str) -> Any:
    """D16 the stream of a deleted table can be read for another 24 hours."""
    tables = tables_of(surface)
    table = original(backend, name)
    tables.forget(backend, table)
    return table


def create_from_cloudformation(
    surface: MotoSurface,
    original: Callable[..., Any],
    owner: type,
    resource_name: str,
    cloudformation_json: Any,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """D17 TimeToLiveSpecification of a template holds."""
    tables = tables_of(surface)
    table = original(owner, resource_name, cloudformation_json, *args, **kwargs)
    specification = cloudformation_json["Properties"].get("TimeToLiveSpecification") or {}
    if str(specification.get("Enabled")).lower() == "true":
        table.ttl.update(TimeToLiveStatus="ENABLED", AttributeName=specification["AttributeName"])
        tables.of(table).watch_expiry(ttl_attribute(table), tables.now_ms)
    return table
