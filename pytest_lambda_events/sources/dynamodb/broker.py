"""A table as tests see it: write items, look at what is there and at what came into its stream. The law: every change
goes through moto's surface, so that the user's own boto3 sees the same table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.building import later_ms
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.dynamodb_items import plain_item, typed_item
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.paths import ABSENT
from pytest_lambda_events.model.refusal import said_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.brokers.moto.dynamodb.handles import TableHandle
    from pytest_lambda_events.brokers.moto.surface import MotoSurface
    from pytest_lambda_events.brokers.table_stream import TableStream
    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.model.dynamodb_record import DynamoDbRecord
    from pytest_lambda_events.model.dynamodb_values import Image
    from pytest_lambda_events.model.trace import Ledger

__all__ = ["DynamoDbTable", "adopt_table", "create_table", "table_names"]

_PARAMETERS: Final = (
    "AttributeDefinitions",
    "BillingMode",
    "DeletionProtectionEnabled",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "ProvisionedThroughput",
    "SSESpecification",
    "StreamSpecification",
    "StreamViewType",
    "Tags",
    "WarmThroughput",
)
"""What CreateTable takes and moto has; StreamViewType is that of StreamSpecification."""


def adopt_table(reference: str, surface: MotoSurface, clock: Clock, ledger: Ledger) -> DynamoDbTable:
    """The table of this name or ARN, or that with the stream of this ARN. Errors: AWS's ResourceNotFoundException."""
    from pytest_lambda_events.brokers.moto.dynamodb.handles import find_table

    with said_by("DescribeStream" if "/stream/" in reference else "DescribeTable"):
        return DynamoDbTable(find_table(surface, reference), clock, ledger)


def table_names(surface: MotoSurface) -> set[str]:
    """The tables that there are."""
    from pytest_lambda_events.brokers.moto.dynamodb import handles

    return handles.table_names(surface)


def create_table(
    name: str,
    attributes: Mapping[str, Any],
    surface: MotoSurface,
    clock: Clock,
    ledger: Ledger,
    *,
    keys: Sequence[str] | Mapping[str, str] | str = ("id",),
    ttl: str | None = None,
) -> DynamoDbTable:
    """Create a table with CreateTable's parameters, by default on demand and with a stream of both images.

    `keys` are the names of the partition key and the sort key, strings unless a mapping gives their types (S, N or B);
    `ttl` is the attribute that says when an item expires. `StreamViewType=None` makes no stream. Errors: what AWS
    answers to CreateTable, as a `ClientError`; `UsageError` for a parameter that it does not have.
    """
    from pytest_lambda_events.brokers.moto.dynamodb import handles

    with said_by("CreateTable"):
        handle = handles.create_table(surface, _request(name, attributes, keys), ttl=ttl)
    return DynamoDbTable(handle, clock, ledger)


def _request(name: str, attributes: Mapping[str, Any], keys: Sequence[str] | Mapping[str, str] | str) -> dict[str, Any]:
    """What CreateTable is asked."""
    for parameter in attributes:
        if parameter not in _PARAMETERS:
            raise UsageError(
                f"CreateTable has no parameter {parameter}{nearest(parameter, _PARAMETERS)}: it takes "
                f"{', '.join(_PARAMETERS)}"
            )
    kinds = _key_kinds(keys)
    request: dict[str, Any] = {
        "TableName": name,
        "KeySchema": [
            {"AttributeName": key, "KeyType": "RANGE" if number else "HASH"} for number, key in enumerate(kinds)
        ],
        "BillingMode": "PROVISIONED" if "ProvisionedThroughput" in attributes else "PAY_PER_REQUEST",
        **attributes,
    }
    defined = {one["AttributeName"]: one for one in attributes.get("AttributeDefinitions") or ()}
    if "KeySchema" not in attributes:
        defined = {key: {"AttributeName": key, "AttributeType": kind} for key, kind in kinds.items()} | defined
    request["AttributeDefinitions"] = list(defined.values())
    view = request.pop("StreamViewType", "NEW_AND_OLD_IMAGES")
    if "StreamSpecification" in attributes:
        if "StreamViewType" in attributes:
            raise UsageError("StreamViewType is a part of StreamSpecification; give one of them, not both")
    elif view is not None:
        request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view}
    return request


def _key_kinds(keys: Sequence[str] | Mapping[str, str] | str) -> dict[str, str]:
    names = (keys,) if isinstance(keys, str) else keys
    kinds = dict(keys) if isinstance(keys, Mapping) else dict.fromkeys(names, "S")
    if not kinds:
        raise UsageError('a table has a key: give the names of one or two attributes, such as keys=("pk", "sk")')
    return kinds


class DynamoDbTable:
    """A table of DynamoDB inside moto. `name` and `arn` are AWS's."""

    kind = "dynamodb"
    visibility_ms = None

    def __init__(self, handle: TableHandle, clock: Clock, ledger: Ledger) -> None:
        self.name = handle.name
        self.arn = handle.arn
        self._handle = handle
        self._clock = clock
        self._ledger = ledger

    @property
    def stream_arn(self) -> str:
        """The ARN of its stream, also after it was disabled. Errors: `UsageError` for a table without one."""
        return self.engine.arn

    @property
    def mapped_arn(self) -> str:
        """EventSourceArn of its mappings: that of its stream."""
        return self.stream_arn

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due: announced writes, items whose time to live ended."""
        self.engine.settle(now_ms)

    @property
    def engine(self) -> TableStream:
        """The exact stream behind moto's surface; what a poller reads. Errors: `UsageError` for a table without one."""
        stream = self._handle.stream
        if stream is None:
            raise UsageError(
                f"the table {self.name} has no stream: make it with StreamViewType, or enable one with UpdateTable"
            )
        return stream

    @property
    def records(self) -> list[DynamoDbRecord]:
        """Every record that ever came into its streams, in order."""
        self._clock.enter()
        self._handle.settle()
        return [record for stream in self._handle.streams for record in self._ledger.known(stream.arn)]

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items that are in it now, in Python's types, ordered by key."""
        self._clock.enter()
        return [plain_item(image) for image in self._handle.images()]

    def put(self, item: Mapping[str, Any], *, at: float | None = None) -> list[DynamoDbRecord]:
        """Put an item, now or at virtual second `at`; the records that came to be.

        None came of an item that was there already, none (yet) of what is to happen later, and none in a table without
        a stream. Errors: what AWS answers to PutItem, as a `ClientError`; `UsageError` for values that no item holds,
        or a moment in the past.
        """
        at_ms = self._moment(at)
        with said_by("PutItem"):
            return self._handle.put(typed_item(item), at_ms)

    def update(self, key: Any, changes: Mapping[str, Any], *, at: float | None = None) -> list[DynamoDbRecord]:
        """Set and remove attributes of an item, now or at virtual second `at`; the records that came to be, as `put`.

        `key` is a mapping with the key attributes, or the value of the only one. `changes` gives an attribute's new
        value, or `ABSENT` to remove it. As UpdateItem does, this makes an item that was not there. Errors: what AWS
        answers to UpdateItem, as a `ClientError`; `UsageError`.
        """
        at_ms = self._moment(at)
        removed = [name for name, value in changes.items() if value is ABSENT]
        with said_by("UpdateItem"):
            put = typed_item({name: value for name, value in changes.items() if value is not ABSENT})
            return self._handle.update(self._key(key), put, removed, at_ms)

    def delete(self, key: Any, *, at: float | None = None) -> list[DynamoDbRecord]:
        """Delete an item, now or at virtual second `at`; the records that came to be, as `put`.

        `key` is as for `update`. Errors: what AWS answers to DeleteItem, as a `ClientError`; `UsageError`.
        """
        at_ms = self._moment(at)
        with said_by("DeleteItem"):
            return self._handle.delete(self._key(key), at_ms)

    def restore(
        self, key: Any, item: Mapping[str, Any] | None, *, only_if_missing: bool = False, at: float | None = None
    ) -> None:
        """Let an item be what it was before the story begins (None: not there), now or at virtual second `at`.

        No stream has a record of it. With `only_if_missing` an item that is there stays as it is. `key` is as for
        `update`. Errors: as `put`.
        """
        at_ms = self._moment(at)
        with said_by("PutItem"):
            image = None if item is None else typed_item(item)
            self._handle.restore(self._key(key), image, at_ms, only_if_missing=only_if_missing)

    def _key(self, key: Any) -> Image:
        names = list(self._handle.key.kinds)
        if isinstance(key, Mapping) or len(names) > 1:
            return typed_item(key)
        return typed_item({names[0]: key})

    def _moment(self, at: float | None) -> int | None:
        self._clock.enter()
        return later_ms(self._clock, at, self._clock.now_ms)

    def __repr__(self) -> str:
        return f"<DynamoDbTable {self.arn}>"
