"""What stands behind moto's tables: streams, time to live, announced writes. The law: one engine for each table, made
at the first touch, gone with the table; items and attributes stay moto's.

Every write tells the images before and after (`TableEngines.changed`). A write that changes nothing is none. What a
transaction does is told when it has succeeded.
"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from decimal import Decimal
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary, ref

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from pytest_lambda_events.brokers.expiry_index import ExpiryIndex
from pytest_lambda_events.brokers.moto.dynamodb.adoption import give_back, stream_settings, take_over
from pytest_lambda_events.brokers.moto.dynamodb.images import image_of, native_image
from pytest_lambda_events.brokers.table_stream import Change, TableStream
from pytest_lambda_events.model.dynamodb_values import same_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lambda_events.brokers.moto.surface import MotoSurface
    from pytest_lambda_events.model.dynamodb_record import DynamoDbRecord, ViewType
    from pytest_lambda_events.model.dynamodb_values import Image

__all__ = ["TableEngine", "TableEngines", "all_tables", "exists", "expiry_ms", "stream_label"]

_OLDEST_MS: Final = 5 * 365 * 86_400_000
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


def all_tables() -> Iterator[Any]:
    """Every table that moto has, of every account and region."""
    for regions in list(dynamodb_backends.values()):
        for backend in list(regions.values()):
            yield from list(backend.tables.values())


def exists(table: Any) -> bool:
    """Whether moto still has this very table: not deleted, not made anew under the same name, not reset away."""
    regions = dynamodb_backends.get(table.account_id)  # not [...]: asking must not make an account
    backend = None if regions is None else dict.get(regions, table.region_name)
    return backend is not None and backend.tables.get(table.name) is table


def tables_of(surface: MotoSurface) -> TableEngines:
    """What a harness has of DynamoDB."""
    engines: TableEngines = surface.late.room("dynamodb")
    return engines


def stream_label(at_ms: int) -> str:
    """A stream's label: when it was made, to the millisecond, in UTC and without saying so."""
    moment = _EPOCH + dt.timedelta(milliseconds=at_ms)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds")


def expiry_ms(image: Image, attribute: str | None, now_ms: int) -> int | None:
    """When time to live removes an item that is seen now (epoch milliseconds); None when it does not.

    The attribute is a Number, the time in epoch seconds; one that lies more than five years back removes nothing
    (Developer Guide, "Using time to live (TTL) in DynamoDB").
    """
    value = image.get(attribute) if attribute is not None else None
    if value is None or "N" not in value:
        return None
    at_ms = int(-(-Decimal(value["N"]) * 1000 // 1))
    return None if at_ms < now_ms - _OLDEST_MS else max(at_ms, now_ms)


class TableEngine:
    """What happens to one table: its streams, in the order of their making, and what falls due in it by itself."""

    def __init__(self, table: Any, tables: TableEngines) -> None:
        self.streams: list[TableStream] = []
        self._table = ref(table)  # the engine hangs on the table; holding it here would keep both for ever
        self._tables = tables
        self._ttl_attribute: str | None = None
        self._expiries: ExpiryIndex[tuple[tuple[str, str], ...]] = ExpiryIndex()
        self._announced: list[tuple[int, int, Callable[[int], None]]] = []
        self._announcements = 0
        self._settling = False

    # -- its stream -------------------------------------------------------------------------------------------------

    @property
    def stream(self) -> TableStream | None:
        """The stream that takes records; None while none is enabled."""
        last = self.streams[-1] if self.streams else None
        return last if last is not None and last.disabled_ms is None else None

    def open_stream(self, label: str, view: ViewType, created_ms: int) -> TableStream:
        """Begin a stream."""
        surface = self._tables.surface
        table = self._table()
        assert table is not None  # noqa: S101 - whoever calls holds it
        stream = TableStream(
            f"{table.table_arn}/stream/{label}",
            view=view,
            created_ms=created_ms,
            table=self,
            journal=surface.journal,
            identifiers=surface.identifiers,
        )
        self.streams.append(stream)
        return stream

    def new_label(self, now_ms: int) -> tuple[str, int]:
        """The label of a stream that begins now, and its moment: a millisecond later than the last one at least."""
        last_ms = self.streams[-1].created_ms if self.streams else -1
        moment_ms = max(now_ms, last_ms + 1)
        return stream_label(moment_ms), moment_ms

    def close(self, now_ms: int) -> None:
        """The table was deleted: its stream can be read for another day, and nothing more happens to it."""
        if self.stream is not None:
            self.stream.disable(now_ms)
        self._announced.clear()
        self._expiries = ExpiryIndex()

    # -- writes -----------------------------------------------------------------------------------------------------

    def apply(self, change: Change, at_ms: int) -> DynamoDbRecord | None:
        """Note what a write did; the record that came of it."""
        new = change.new_image
        if self._ttl_attribute is not None:
            at = None if new is None else expiry_ms(new, self._ttl_attribute, at_ms)
            self._expiries.set(_key_of(change.keys), at)
        return None if self.stream is None else self.stream.write(change, at_ms)

    def announce(self, at_ms: int, write: Callable[[int], None]) -> None:
        """Let `write` happen when time passes `at_ms`."""
        self._announcements += 1
        heappush(self._announced, (at_ms, self._announcements, write))

    # -- time -------------------------------------------------------------------------------------------------------

    def watch_expiry(self, attribute: str | None, now_ms: int) -> None:
        """Begin to remove items by this attribute, or end it; looks at every item once."""
        self._ttl_attribute = attribute
        self._expiries = ExpiryIndex()
        table = self._table()
        if attribute is None or table is None:
            return
        for item in table.all_items():
            image = image_of(item) or {}
            self._expiries.set(
                _key_of({name: image[name] for name in table.table_key_attrs}), expiry_ms(image, attribute, now_ms)
            )

    def next_announced_ms(self) -> int | None:
        """When the next announced write is due."""
        return self._announced[0][0] if self._announced else None

    def next_expiry_ms(self) -> int | None:
        """When time to live removes the next item."""
        return self._expiries.next_ms()

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due, in order; at the same moment announced writes come before expiries."""
        if self._settling or not (self._announced or self._expiries):
            return
        table = self._table()
        if table is None:
            return
        self._settling = True
        try:
            while self._settle_next(table, now_ms):
                pass
        finally:
            self._settling = False

    def _settle_next(self, table: Any, now_ms: int) -> bool:
        write_ms, expire_ms = self.next_announced_ms(), self.next_expiry_ms()
        if write_ms is not None and write_ms <= now_ms and (expire_ms is None or write_ms <= expire_ms):
            _, _, write = heappop(self._announced)
            with self._tables.moment(write_ms):
                write(write_ms)
            return True
        expired = self._expiries.pop(now_ms)
        if expired is None:
            return False
        at_ms, key = expired
        with self._tables.moment(at_ms, by_ttl=True):
            table.delete_item(*_moto_key(key))
        return True


def _key_of(keys: Image) -> tuple[tuple[str, str], ...]:
    """A key as something hashable: type and value of its one or two attributes, in the table's order."""
    return tuple((kind, content) for value in keys.values() for kind, content in value.items())


def _moto_key(key: tuple[tuple[str, str], ...]) -> tuple[Any, Any]:
    parts = [DynamoType(native_image({"": {kind: content}})[""]) for kind, content in key]
    return parts[0], parts[1] if len(parts) > 1 else None


class TableEngines:
    """The engines of one harness's tables."""

    def __init__(self, surface: MotoSurface) -> None:
        self.surface = surface
        self._by_table: WeakKeyDictionary[Any, TableEngine] = WeakKeyDictionary()
        self._past: list[tuple[Any, Any, TableStream]] = []  # of tables that were deleted
        self._moment_ms: int | None = None
        self._by_ttl = False
        self._silent = False
        self._transaction: list[tuple[TableEngine, Change]] | None = None
        self._collected: list[DynamoDbRecord] | None = None

    def of(self, table: Any) -> TableEngine:
        """The engine behind a table; what moto's table had before is taken over when it is made."""
        engine = self._by_table.get(table)
        if engine is None:
            engine = self._by_table[table] = TableEngine(table, self)
            take_over(table, engine, self.now_ms)
        return engine

    # -- time -------------------------------------------------------------------------------------------------------

    @property
    def now_ms(self) -> int:
        """The moment at which a write happens: the present, or when it fell due."""
        return self.surface.clock.now_ms if self._moment_ms is None else self._moment_ms

    @contextmanager
    def moment(self, at_ms: int, *, by_ttl: bool = False) -> Iterator[None]:
        """Let what is written happen at a moment that has passed."""
        before = (self._moment_ms, self._by_ttl)
        self._moment_ms, self._by_ttl = at_ms, by_ttl
        try:
            yield
        finally:
            self._moment_ms, self._by_ttl = before

    def settle(self, backend: Any) -> None:
        """Let happen what fell due in a backend's tables."""
        for table in list(backend.tables.values()):
            self.of(table).settle(self.now_ms)

    # -- writes -----------------------------------------------------------------------------------------------------

    @property
    def is_silent(self) -> bool:
        """Whether a write is part of another, which tells what both did."""
        return self._silent

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Let writes tell nothing: they are parts of one, which will."""
        before, self._silent = self._silent, True
        try:
            yield
        finally:
            self._silent = before

    def changed(self, table: Any, old: Image | None, new: Image | None) -> None:
        """A write has left the item `new` where `old` was, None standing for no item."""
        image = new if new is not None else old
        if image is None or (old is not None and new is not None and same_item(old, new)):
            return
        keys = {name: image[name] for name in table.table_key_attrs}
        change = Change(keys=keys, old_image=old, new_image=new, by_ttl=self._by_ttl)
        if self._transaction is not None:
            self._transaction.append((self.of(table), change))
        else:
            self._apply(self.of(table), change)

    def _apply(self, engine: TableEngine, change: Change) -> None:
        record = engine.apply(change, self.now_ms)
        if record is not None and self._collected is not None:
            self._collected.append(record)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Let all writes happen at the end, or none when it fails."""
        pending: list[tuple[TableEngine, Change]] = []
        self._transaction = pending
        try:
            yield
        finally:
            self._transaction = None
        for engine, change in pending:
            self._apply(engine, change)

    @contextmanager
    def collecting(self) -> Iterator[list[DynamoDbRecord]]:
        """The records that come to be meanwhile."""
        before, self._collected = self._collected, []
        try:
            yield self._collected
        finally:
            self._collected = before

    # -- streams ----------------------------------------------------------------------------------------------------

    def streams(self, backend: Any) -> list[tuple[Any, TableStream]]:
        """The streams of a backend that can be seen, each with its table, which may have been deleted."""
        self.settle(backend)
        now_ms = self.now_ms
        found = [(table, stream) for table in backend.tables.values() for stream in self.of(table).streams]
        # a backend's dict tells this mock from the next one: its reset makes another
        found += [(table, stream) for tables, table, stream in self._past if tables is backend.tables]
        return [(table, stream) for table, stream in found if stream.is_readable(now_ms)]

    def forget(self, backend: Any, table: Any) -> None:
        """A table was deleted. Its streams can be read for another day."""
        engine = self.of(table)
        engine.close(self.now_ms)
        self._past += [(backend.tables, table, stream) for stream in engine.streams]

    # -- the end ----------------------------------------------------------------------------------------------------

    def settle_all(self) -> None:
        """Let happen what fell due in every table that was touched."""
        for engine in list(self._by_table.values()):
            engine.settle(self.now_ms)

    def release(self, *, keep: bool) -> None:
        """Forget every engine; with `keep`, what their streams hold goes back into moto's."""
        engines = dict(self._by_table)
        self._by_table.clear()
        self._past.clear()
        if keep:
            for table, engine in engines.items():
                if engine.stream is not None and stream_settings(table) is not None:
                    give_back(table, engine.stream, self.surface.clock.now_ms)
