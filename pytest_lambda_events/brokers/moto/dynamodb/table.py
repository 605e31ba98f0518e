"""The table of what ours replace of moto's DynamoDB. The law: what we read and write of moto's is named here, and
looked at before anything is replaced (`brokers.moto.tables`).
"""

from __future__ import annotations

from functools import cache, update_wrapper
from typing import TYPE_CHECKING, Any, Final

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.exceptions import ERROR_TYPE_PREFIX, MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import StreamShard
from moto.dynamodb.models.table import Table as MotoTable
from moto.dynamodb.responses import DynamoHandler

from pytest_lambda_events.brokers.moto.dynamodb import resources, writing
from pytest_lambda_events.brokers.moto.dynamodb.engines import TableEngines
from pytest_lambda_events.brokers.moto.patches import original_of, put_in_place, unsupported
from pytest_lambda_events.brokers.moto.tables import Operation, Table, check_fields

if TYPE_CHECKING:
    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = ["OPERATIONS", "TABLE", "begin", "check_internals", "refused"]

OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(DynamoHandler, "call_action", resources.call_action),
    Operation(DynamoDBBackend, "delete_table", resources.delete_table, ("name",)),
    Operation(DynamoDBBackend, "transact_write_items", writing.transact_write_items, ("transact_items",)),
    Operation(
        DynamoDBBackend,
        "update_item",
        writing.update_item,
        (
            "table_name",
            "key",
            "update_expression",
            "expression_attribute_names",
            "expression_attribute_values",
            "attribute_updates",
        ),
    ),
    Operation(
        DynamoDBBackend, "update_table_streams", resources.update_table_streams, ("table", "stream_specification")
    ),
    Operation(DynamoDBBackend, "update_time_to_live", resources.update_time_to_live, ("table_name", "ttl_spec")),
    Operation(StreamShard, "add", writing.add_to_shard, ("old", "new")),
    Operation(MotoTable, "delete_item", writing.delete_item, ("hash_key", "range_key")),
    Operation(MotoTable, "put_item", writing.put_item, ("item_attrs",)),
    Operation(MotoTable, "set_stream_specification", resources.set_stream_specification, ("streams",)),
)

# what the replacements, the adoption of streams and `handles` read and write, beside the table above
_INTERNALS: Final[tuple[tuple[type, tuple[str, ...]], ...]] = (
    (DynamoHandler, ("_validate_table_creation", "dynamodb_backend")),
    (DynamoDBBackend, ("create_table", "delete_item", "get_table", "put_item")),
    (MotoTable, ("all_items", "create_from_cloudformation_json")),
)
_TABLE_FIELDS: Final = (
    "account_id",
    "hash_key_attr",
    "hash_key_type",
    "items",
    "latest_stream_label",
    "name",
    "range_key_attr",
    "range_key_type",
    "region_name",
    "schema",
    "stream_shard",
    "stream_specification",
    "table_arn",
    "table_key_attrs",
    "ttl",
)


@cache
def check_internals() -> None:
    """Whether moto's tables, items and shards have the fields that we know. Errors: `UnsupportedMoto`, by name."""
    for owner, names in _INTERNALS:
        check_fields(owner, names)
    schema = [{"AttributeName": "id", "KeyType": "HASH"}]
    attributes = [{"AttributeName": "id", "AttributeType": "S"}]
    make: Any = MotoTable  # abstract to a type checker, since it leaves out what CloudFormation never asks it
    table = make("probe", "123456789012", "us-east-1", schema, attributes)
    check_fields(table, _TABLE_FIELDS)
    check_fields(Item(DynamoType({"S": "a"}), None, {"id": {"S": "a"}}), ("attrs",))
    check_fields(StreamShard("123456789012", table), ("created_on", "items", "starting_sequence_number"))


def refused(code: str, message: str) -> JsonRESTError:
    """Moto's exception; a transaction of moto's asks which kind of error it was."""
    if code == "ValidationException":
        return MockValidationException(message)
    return JsonRESTError(ERROR_TYPE_PREFIX + code, message)


TABLE: Final = Table(OPERATIONS, check=check_internals, refused=refused)


def begin(surface: MotoSurface) -> TableEngines:
    """What a harness has of DynamoDB."""
    tables = TableEngines(surface)
    _watch_cloudformation(surface)
    # while ours are still in place: what fell due, and nobody looked
    surface.late._stack.callback(tables.settle_all)
    return tables


def _watch_cloudformation(surface: MotoSurface) -> None:
    """A class method, which the table above does not know of, puts tables of a template into moto."""
    original = original_of(MotoTable, "create_from_cloudformation_json")
    if not isinstance(original, classmethod):
        raise unsupported("moto.dynamodb.models.table.Table.create_from_cloudformation_json is not a class method")

    def operation(owner: Any, *args: Any, **kwargs: Any) -> Any:
        with surface.lock:
            return resources.create_from_cloudformation(surface, original.__func__, owner, *args, **kwargs)

    update_wrapper(operation, original.__func__)
    put_in_place(surface.late._stack, MotoTable, original.__func__.__name__, classmethod(operation))
