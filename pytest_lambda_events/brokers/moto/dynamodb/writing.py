"""Writes to moto's tables, noted with the images before and after. The law: a refused write changes nothing, neither
the item nor the stream; one that leaves the item as it was is none.

Rules: DynamoDB API Reference, PutItem, UpdateItem, DeleteItem, TransactWriteItems; Developer Guide, "Change data
capture for DynamoDB Streams".
"""

from __future__ import annotations

import copy
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from moto.dynamodb.models.dynamo_type import DynamoType

from pytest_lambda_events.brokers.moto.dynamodb.engines import tables_of
from pytest_lambda_events.brokers.moto.dynamodb.images import image_of, item_at, keep, moto_keys, put_back
from pytest_lambda_events.model.dynamodb_sizes import LARGEST_ITEM_BYTES, item_size
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = ["add_to_shard", "delete_item", "put_item", "transact_write_items", "update_item"]

_LEGACY_KINDS: Final = frozenset({"N", "S", "SS", "NS", "L", "M"})


@contextmanager
def _all_or_nothing(table: Any, keys: tuple[Any, Any], item: Any) -> Iterator[None]:
    """Put `item` back under its key when the write fails."""
    try:
        yield
    except BaseException:
        put_back(table, keys, item)
        raise


def _check_size(image: Any, message: str) -> None:
    size = item_size(image)
    if size > LARGEST_ITEM_BYTES:
        hint = f"it has {size} bytes, names and values, and 400 KB ({LARGEST_ITEM_BYTES}) is the most"
        raise Refusal("ValidationException", message, hint)


def put_item(
    surface: MotoSurface, original: Callable[..., Any], table: Any, item_attrs: Any, *args: Any, **kwargs: Any
) -> Any:
    """INSERT or MODIFY; D3 the same item again is neither. D9 numbers are kept in one form."""
    tables = tables_of(surface)
    keys = moto_keys(table, item_attrs)
    if tables.is_silent or keys is None:  # moto refuses the latter, in DynamoDB's words
        return original(table, item_attrs, *args, **kwargs)
    tables.of(table).settle(tables.now_ms)
    before = item_at(table, keys)
    old = image_of(before)
    with _all_or_nothing(table, keys, before):
        item = original(table, item_attrs, *args, **kwargs)
        new = keep(item)
        _check_size(new, "Item size has exceeded the maximum allowed size")
    tables.changed(table, old, new)
    return item


def delete_item(surface: MotoSurface, original: Callable[..., Any], table: Any, hash_key: Any, range_key: Any) -> Any:
    """REMOVE; deleting what is not there is nothing."""
    tables = tables_of(surface)
    tables.of(table).settle(tables.now_ms)
    item = original(table, hash_key, range_key)
    if item is not None:
        tables.changed(table, keep(item), None)
    return item


def update_item(  # noqa: PLR0917 - moto's parameters
    surface: MotoSurface,
    original: Callable[..., Any],
    backend: Any,
    table_name: str,
    key: Any,
    update_expression: str,
    expression_attribute_names: Any,
    expression_attribute_values: Any,
    attribute_updates: Any = None,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """MODIFY, or one INSERT of the whole item (D5 moto makes two of it); D4 an update that changes nothing is none.

    D6 AttributeUpdates keeps the type of what it puts.
    """
    tables = tables_of(surface)
    table = backend.get_table(table_name)
    given = (update_expression, expression_attribute_names, expression_attribute_values)
    keys = moto_keys(table, key)
    if keys is None:
        return original(backend, table_name, key, *given, attribute_updates, *args, **kwargs)
    tables.of(table).settle(tables.now_ms)
    before = item_at(table, keys)
    old, before = image_of(before), copy.deepcopy(before)
    theirs, ours = _legacy(attribute_updates)
    with _all_or_nothing(table, keys, before):
        with tables.silence():
            item = original(backend, table_name, key, *given, theirs, *args, **kwargs)
        for name, value in ours.items():
            item.attrs[name] = DynamoType(value)
        for name in [name for name, value in item.attrs.items() if value.is_set() and not value.value]:
            del item.attrs[name]  # the legacy DELETE leaves an empty set, which DynamoDB does not have
        new = keep(item)
        _check_size(new, "Item size to update has exceeded the maximum allowed size")
    tables.changed(table, old, new)
    return item


def _legacy(updates: Any) -> tuple[Any, dict[str, Any]]:
    """Of AttributeUpdates what moto does right, and the values to be put that it would change the type of."""
    ours = {
        name: update["Value"]
        for name, update in (updates or {}).items()
        if update.get("Action", "PUT") == "PUT" and not _LEGACY_KINDS.issuperset(update.get("Value", ()))
    }
    return {name: update for name, update in (updates or {}).items() if name not in ours}, ours


def transact_write_items(surface: MotoSurface, original: Callable[..., Any], backend: Any, transact_items: Any) -> None:
    """D7 a transaction that is cancelled leaves no record: all of it happens, or nothing.

    Moto rolls back by putting copies of its tables in their place; here the tables stay, and their items go back.
    """
    tables = tables_of(surface)
    tables.settle(backend)
    before = dict(backend.tables)
    with tables.transaction():
        try:
            original(backend, transact_items)
        except BaseException:
            for name, table in before.items():
                restored = backend.tables[name]
                if restored is not table:
                    table.items = restored.items
                    backend.tables[name] = table
            raise


def add_to_shard(surface: MotoSurface, _original: Callable[..., Any], _shard: Any, _old: Any, _new: Any) -> None:
    """Moto's own shard takes nothing, and Lambda polls: a stream never pushes. Moto's mapping would call the function
    here, inside the write.
    """
