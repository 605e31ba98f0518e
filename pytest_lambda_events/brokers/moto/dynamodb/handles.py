"""Tables of moto's as the rest of the package sees them. The law: moto's own writes make every change, so that its
conditions and indexes hold, and a write is checked as DynamoDB's API would.
"""

from __future__ import annotations

import difflib
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.responses import DynamoHandler

from pytest_lambda_events.brokers.moto.dynamodb.engines import all_tables, exists, tables_of
from pytest_lambda_events.brokers.moto.dynamodb.images import item_at, keep, moto_keys, native_image, put_back
from pytest_lambda_events.model.dynamodb_keys import KEY_KINDS, TableKey
from pytest_lambda_events.model.dynamodb_sizes import check_item_size
from pytest_lambda_events.model.refusal import Refusal, said_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_lambda_events.brokers.moto.surface import MotoSurface
    from pytest_lambda_events.brokers.table_stream import TableStream
    from pytest_lambda_events.model.dynamodb_record import DynamoDbRecord
    from pytest_lambda_events.model.dynamodb_values import Image

__all__ = ["TableHandle", "create_table", "find_table", "table_names"]

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{3,255}")


@contextmanager
def _moto_refuses() -> Iterator[None]:
    """Let what moto refuses out as a `Refusal`."""
    try:
        yield
    except JsonRESTError as error:
        raise Refusal(error.relative_error_type, error.message) from error


def table_names(surface: MotoSurface) -> set[str]:
    """The tables that there are in the harness's account and region."""
    backend: Any = dynamodb_backends[surface.account][surface.region]
    return set(backend.tables)


def create_table(surface: MotoSurface, request: Mapping[str, Any], *, ttl: str | None = None) -> TableHandle:
    """Make a table as CreateTable does of its parameters; `ttl` is the attribute by which items expire.

    Errors: `Refusal`, as CreateTable answers.
    """
    surface.clock.enter()
    name = request["TableName"]
    _check_definition(name, request["AttributeDefinitions"])
    backend: Any = dynamodb_backends[surface.account][surface.region]
    definition = {
        "schema": request["KeySchema"],
        "throughput": request.get("ProvisionedThroughput"),
        "attr": request["AttributeDefinitions"],
        "billing_mode": request["BillingMode"],
        "warm_throughput": request.get("WarmThroughput"),
    }
    with surface.lock, _moto_refuses():
        handler: Any = DynamoHandler()
        handler._validate_table_creation(
            billing_mode=definition["billing_mode"],
            throughput=definition["throughput"],
            key_schema=definition["schema"],
            global_indexes=request.get("GlobalSecondaryIndexes"),
            local_secondary_indexes=request.get("LocalSecondaryIndexes"),
            attr=definition["attr"],
            warm_throughput=definition["warm_throughput"],
        )
        table = backend.create_table(
            name,
            global_indexes=request.get("GlobalSecondaryIndexes") or [],
            indexes=request.get("LocalSecondaryIndexes") or [],
            streams=request.get("StreamSpecification"),
            sse_specification=request.get("SSESpecification"),
            tags=request.get("Tags") or [],
            deletion_protection_enabled=request.get("DeletionProtectionEnabled", False),
            **definition,
        )
        if ttl is not None:
            backend.update_time_to_live(name, {"Enabled": True, "AttributeName": ttl})
    return TableHandle(table, surface)


def _check_definition(name: str, attributes: list[dict[str, Any]]) -> None:
    """What boto3 and DynamoDB refuse, and moto's backend does not."""
    if _NAME.fullmatch(name) is None:
        raise Refusal(
            "ValidationException",
            "Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may contain "
            "only the characters a-z, A-Z, 0-9, '_', '-', and '.'",
            f"the name given is {name!r:.300}",
        )
    for number, attribute in enumerate(attributes, start=1):
        kind = attribute["AttributeType"]
        if kind not in KEY_KINDS:
            raise Refusal(
                "ValidationException",
                f"1 validation error detected: Value '{kind}' at 'attributeDefinitions.{number}.member.attributeType' "
                "failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]",
                f"the type of the key attribute {attribute['AttributeName']!r}",
            )


def find_table(surface: MotoSurface, reference: str) -> TableHandle:
    """The table of this name, ARN or stream's ARN, of any account and region.

    A name is looked for in this harness's account and region first. A stream's ARN pins the handle to that stream.
    Errors: `Refusal` ResourceNotFoundException.
    """
    surface.clock.enter()
    tables = tables_of(surface)
    wanted, _, label = reference.partition("/stream/")
    found = [table for table in all_tables() if wanted in {table.name, table.table_arn}]
    here = (surface.account, surface.region)
    found.sort(key=lambda table: ((table.account_id, table.region_name) != here, table.table_arn))
    if not found:
        what = "Stream" if label else "Table"
        raise Refusal(
            "ResourceNotFoundException", f"Requested resource not found: {what}: {reference} not found", _near(wanted)
        )
    if not label:
        return TableHandle(found[0], surface)
    with surface.lock:
        now_ms = tables.now_ms
        for stream in tables.of(found[0]).streams:
            if stream.arn == reference and stream.is_readable(now_ms):
                return TableHandle(found[0], surface, stream)
        others = [stream.arn for stream in tables.of(found[0]).streams]
    raise Refusal(
        "ResourceNotFoundException",
        f"Requested resource not found: Stream: {reference} not found",
        f"the table has {', '.join(others)}" if others else "the table has no stream",
    )


def _near(wanted: str) -> str:
    arns = {table.name: table.table_arn for table in all_tables()}
    if not arns:
        return "moto has no table at all; make one first"
    name = wanted.rpartition("/")[2]
    if name in arns:
        return f"there is {arns[name]}, in another account or region"
    near = difflib.get_close_matches(name, arns, n=3, cutoff=0.4) or sorted(arns)[:3]
    return f"there is {', '.join(near)}"


class TableHandle:
    """A table by its names: `name`, `arn`, `region`, `account`. Equal when it is the same table.

    With a `pinned` stream it is about that one; else about the one that the table has at the time.
    """

    def __init__(self, table: Any, surface: MotoSurface, pinned: TableStream | None = None) -> None:
        self.table = table
        self.name: str = table.name
        self.arn: str = table.table_arn
        self.region: str = table.region_name
        self.account: str = table.account_id
        self.key = TableKey(
            kinds={
                name: kind
                for name, kind in (
                    (table.hash_key_attr, table.hash_key_type),
                    (table.range_key_attr, table.range_key_type),
                )
                if name is not None
            }
        )
        self._surface = surface
        self._pinned = pinned

    @property
    def streams(self) -> list[TableStream]:
        """The streams of its life, in order; the pinned one alone, if there is one."""
        return [self._pinned] if self._pinned is not None else list(tables_of(self._surface).of(self.table).streams)

    @property
    def stream(self) -> TableStream | None:
        """The stream that it is about: the last one, also when it was disabled; None when there never was one."""
        streams = self.streams
        return streams[-1] if streams else None

    def exists(self) -> bool:
        """Whether moto still has it. A table made anew under the same name is another table."""
        return exists(self.table)

    def settle(self) -> None:
        """Let happen what fell due in it."""
        with self._surface.lock:
            tables = tables_of(self._surface)
            tables.of(self.table).settle(tables.now_ms)

    def images(self) -> list[Image]:
        """The items that are in it now, in the order of their keys."""
        with self._surface.lock:
            self.settle()
            return [keep(item) for item in self.table.all_items()]

    def put(self, image: Image, at_ms: int | None) -> list[DynamoDbRecord]:
        """Put an item as PutItem does, now or at a moment. Errors: `Refusal`."""
        self.key.of_item(image)
        check_item_size(image)
        return self._write(lambda backend: backend.put_item(self.name, native_image(image)), "PutItem", at_ms)

    def update(self, key: Image, put: Image, removed: list[str], at_ms: int | None) -> list[DynamoDbRecord]:
        """Update an item as UpdateItem does: set these attributes, remove those. Errors: `Refusal`."""
        self._check_key(key)
        names = [*put, *removed]
        places = {name: f"#a{number}" for number, name in enumerate(names)}
        parts = []
        if put:
            parts.append("SET " + ", ".join(f"{places[name]} = :v{number}" for number, name in enumerate(put)))
        if removed:
            parts.append("REMOVE " + ", ".join(places[name] for name in removed))
        request: dict[str, Any] = {
            "update_expression": " ".join(parts),
            "expression_attribute_names": {place: name for name, place in places.items()},
            "expression_attribute_values": {
                f":v{number}": value for number, value in enumerate(native_image(put).values())
            },
        }
        return self._write(
            lambda backend: backend.update_item(self.name, native_image(key), **request), "UpdateItem", at_ms
        )

    def delete(self, key: Image, at_ms: int | None) -> list[DynamoDbRecord]:
        """Delete an item as DeleteItem does. Errors: `Refusal`."""
        self._check_key(key)
        return self._write(lambda backend: backend.delete_item(self.name, native_image(key)), "DeleteItem", at_ms)

    def restore(self, key: Image, image: Image | None, at_ms: int | None, *, only_if_missing: bool) -> None:
        """Let an item be this, None standing for no item, as if it had been so before: no stream has a record of it."""
        self._check_key(key)
        surface = self._surface
        tables = tables_of(surface)

        def restored(_backend: Any) -> None:
            keys = moto_keys(self.table, native_image(key))
            assert keys is not None  # noqa: S101 - the key was checked
            before = item_at(self.table, keys)
            if before is not None and only_if_missing:
                return
            with tables.silence():
                if image is not None:
                    self.table.put_item(native_image(image))
                elif before is not None:
                    put_back(self.table, keys, None)

        self._write(restored, "PutItem", at_ms)

    def _check_key(self, key: Image) -> None:
        if set(key) != set(self.key.kinds) or any(list(key[name]) != [kind] for name, kind in self.key.kinds.items()):
            kinds = ", ".join(f"{name} ({KEY_KINDS[kind]})" for name, kind in self.key.kinds.items())
            raise Refusal(
                "ValidationException",
                "The provided key element does not match the schema",
                f"the key of {self.name} is {kinds}",
            )
        self.key.of_item(key)

    def _write(self, write: Callable[[Any], object], operation: str, at_ms: int | None) -> list[DynamoDbRecord]:
        """The records of a write; none yet when it is to happen later, and then it is refused later, too."""
        surface = self._surface
        tables = tables_of(surface)
        with surface.lock:
            if not self.exists():
                raise Refusal(
                    "ResourceNotFoundException", f"Requested resource not found: Table: {self.name} not found"
                )
            engine = tables.of(self.table)
            backend: Any = dynamodb_backends[self.account][self.region]

            def announced(_at_ms: int) -> None:
                with said_by(operation), _moto_refuses():
                    write(backend)

            if at_ms is not None and at_ms > tables.now_ms:
                engine.announce(at_ms, announced)
                return []
            engine.settle(tables.now_ms)
            with tables.collecting() as records, _moto_refuses():
                write(backend)
            return records

    def __eq__(self, other: object) -> bool:
        return self.table is other.table if isinstance(other, TableHandle) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.arn)

    def __repr__(self) -> str:
        return f"<TableHandle {self.arn}>"
