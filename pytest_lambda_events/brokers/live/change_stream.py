"""Change streams of DocumentDB or MongoDB: what a mapping in live mode reads, and what a capture looks at. The law: a
change travels as the server says, as extended JSON; nothing is left behind in the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.live.clients import CONNECT_SECONDS
from pytest_lambda_events.brokers.live.mongodb import ChangeCursor, MongoConnection
from pytest_lambda_events.brokers.shard_stream import ShardStream
from pytest_lambda_events.errors import NotConnected
from pytest_lambda_events.model.change_event import ChangeEvent
from pytest_lambda_events.model.extended_json import extended
from pytest_lambda_events.model.json_writing import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.brokers.live.patience import Patience
    from pytest_lambda_events.brokers.shard_stream import StreamJournal

__all__ = ["ChangeStream", "LiveChangeStream"]

_FOR_EVER_MS: Final = 10**15
_LOOK_MS: Final = 500
"""How long the server waits for a change before it tells a capture that there is none."""


class LiveChangeStream(ShardStream):
    """The changes of a collection or a database from now on, or from where it is told to; see `polling.ports`.

    `looked_up` has what updates are like with the document that was looked up, by the change's id; the records
    themselves have it not. `note` is told of each.
    """

    def __init__(
        self,
        connection: MongoConnection,
        name: str,
        arn: str,
        *,
        patience: Patience,
        journal: StreamJournal,
        now_ms: Callable[[], int],
        resume_after: str | None = None,
        start_at_s: int | None = None,
    ) -> None:
        super().__init__(arn, settings=_Kept(), journal=journal)
        self.name = name
        self.looked_up: dict[str, str] = {}
        self._shard = self.open_shard(name, 0)
        self._patience = patience
        self._now_ms = now_ms
        self._asked_ms = 0
        options: dict[str, Any] = {"full_document": "updateLookup", "max_await_time_ms": 1}
        if resume_after is not None:
            options["resume_after"] = {"_data": resume_after}
        elif start_at_s is not None:
            options["start_at_operation_time"] = connection.bson.Timestamp(start_at_s, 1)
        self._cursor = ChangeCursor(connection, name, options)

    @property
    def records(self) -> list[Any]:
        """Every change that came, in order."""
        return list(self._shard.records)

    def settle(self, now_ms: int) -> None:
        """Take what has come."""
        self._asked_ms = now_ms
        while True:
            change = self._cursor.next()
            if change is None:
                break
            self._take(change)

    def _take(self, change: Mapping[str, Any]) -> None:
        values = {name: change[name] for name in sorted(change)}
        if "updateDescription" in values:
            described = values["updateDescription"]
            values["updateDescription"] = {name: described[name] for name in sorted(described)}
        whole: dict[str, Any] = extended(values)
        record_id = str(whole["_id"]["_data"])
        if whole["operationType"] == "update":
            self.looked_up[record_id] = compact(_with_document(whole))
            whole.pop("fullDocument", None)
        now_ms = self._now_ms()
        record = ChangeEvent(id=record_id, text=compact(whole), arrival_ms=now_ms)
        self._patience.stir()
        self.append(self.name, record, now_ms)

    def next_change(self, now_ms: int) -> int | None:
        """When it is worth asking again."""
        return self._patience.next_ask(now_ms, self._asked_ms)

    def close(self) -> None:
        """Leave."""
        self._cursor.close()


class _Kept:
    """What came is here; retention takes changes from those who have not read them."""

    retention_ms = _FOR_EVER_MS


def _with_document(change: Mapping[str, Any]) -> dict[str, Any]:
    """The keys in their order, with a fullDocument that is null where the document is gone."""
    values = {"fullDocument": None, **change}
    return {name: values[name] for name in sorted(values)}


class ChangeStream:
    """The changes of a database, or of one collection (`shop.orders`), at a MongoDB URI; none is kept.

    `since` is a moment in epoch seconds from which on they are read, else it is now; `look_up` asks for the whole
    document of an update. Errors: as `MongoConnection`.
    """

    def __init__(
        self, uri: str, namespace: str, *, look_up: bool, since: int | None, seconds: float = CONNECT_SECONDS
    ) -> None:
        self._connection = MongoConnection(uri, {"appname": "lambda-events"}, seconds=seconds)
        options: dict[str, Any] = {"max_await_time_ms": _LOOK_MS}
        if look_up:
            options["full_document"] = "updateLookup"
        if since is not None:
            options["start_at_operation_time"] = self._connection.bson.Timestamp(since, 0)
        try:
            self._cursor = ChangeCursor(self._connection, namespace, options)
        except NotConnected:
            self._connection.close()
            raise

    def next(self) -> dict[str, Any] | None:
        """The next change, as relaxed extended JSON; None when there was none for half a second."""
        change = self._cursor.next()
        if change is None:
            return None
        found: dict[str, Any] = extended(change)
        return found

    def close(self) -> None:
        """Leave."""
        self._cursor.close()
        self._connection.close()
