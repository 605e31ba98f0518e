"""Change streams of DocumentDB or MongoDB through pymongo. The law: a change travels as the server says, as extended
JSON; one cursor for each source, which goes on behind whatever ended it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.live.clients import CONNECT_SECONDS, needing
from pytest_lambda_events.brokers.shard_stream import ShardStream
from pytest_lambda_events.errors import NotConnected, UsageError
from pytest_lambda_events.model.change_event import ChangeEvent
from pytest_lambda_events.model.extended_json import extended
from pytest_lambda_events.model.extended_json_forms import is_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from pytest_lambda_events.brokers.live.patience import Patience
    from pytest_lambda_events.brokers.shard_stream import StreamJournal

__all__ = ["LiveChangeStream", "MongoConnection"]

_FOR_EVER_MS: Final = 10**15
_LEAVING_SECONDS: Final = 0.5
_NOT_ENABLED: Final = (136, 303, 40573)  # DocumentDB's, without modifyChangeStreams; MongoDB's, without a replica set

_encode: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class MongoConnection:
    """One client. Errors: `UsageError` without the extra, or for what is no address; `NotConnected`, of everything.

    `options` are those of MongoClient, for signing in (`tls=True`, `tlsCAFile=…`).
    """

    def __init__(self, url: str, options: Mapping[str, Any], *, seconds: float = CONNECT_SECONDS) -> None:
        with needing("pymongo", package="pymongo", extra="mongodb"):
            import bson
            import bson.json_util
            import pymongo
            import pymongo.errors
        self.bson: Any = bson
        self._pymongo: Any = pymongo
        self._errors: Any = pymongo.errors
        milliseconds = max(int(seconds * 1000), 1)
        try:
            self.client: Any = pymongo.MongoClient(
                url,
                **{
                    "serverSelectionTimeoutMS": milliseconds,
                    "connectTimeoutMS": milliseconds,
                    "socketTimeoutMS": milliseconds + 1_000,
                    **options,
                },
            )
        except (self._errors.ConfigurationError, self._errors.InvalidURI, ValueError) as error:
            raise UsageError(
                f"url={url!r}: {error}; write one like mongodb://localhost:27017/?replicaSet=rs0"
            ) from error
        self.address = ",".join(
            f"{host}:{port}" for host, port in sorted(self.client.topology_description.server_descriptions())
        )

    @contextmanager
    def asking(self, what: str) -> Iterator[None]:
        """Around a call that waits for the server."""
        try:
            yield
        except self._errors.PyMongoError as error:
            hint = "Is it running, and does the address say how to sign in?"
            if getattr(error, "code", None) in _NOT_ENABLED:
                hint = (
                    "DocumentDB has change streams where they were enabled (db.adminCommand({modifyChangeStreams: 1, "
                    "database: …, collection: …, enable: true})), MongoDB on replica sets"
                )
            raise NotConnected(f"MongoDB at {self.address} did not {what}: {error}. {hint}") from error

    def native(self, value: Any) -> Any:
        """A document, a filter or an update as bson has it: values may be Python's, bson's, or extended JSON."""
        if isinstance(value, Mapping) and not is_form(value):
            return {name: self.native(one) for name, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.native(one) for one in value]
        return self.bson.json_util.loads(_encode(extended(value)))

    def at_most(self, seconds: float) -> AbstractContextManager[Any]:
        """Around calls that may take no longer than this."""
        found: AbstractContextManager[Any] = self._pymongo.timeout(seconds)
        return found

    def close(self) -> None:
        """Leave; the server is told, if it still answers."""
        with self.at_most(_LEAVING_SECONDS):
            self.client.close()


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
        self._connection = connection
        self._patience = patience
        self._now_ms = now_ms
        self._asked_ms = 0
        self._cursor: Any = None
        start: dict[str, Any] = {}
        if resume_after is not None:
            start = {"resume_after": {"_data": resume_after}}
        elif start_at_s is not None:
            start = {"start_at_operation_time": connection.bson.Timestamp(start_at_s, 1)}
        self._open(start)

    @property
    def records(self) -> list[Any]:
        """Every change that came, in order."""
        return list(self._shard.records)

    def _open(self, start: Mapping[str, Any]) -> None:
        db, _, coll = self.name.partition(".")
        watched = self._connection.client[db]
        with self._connection.asking(f"let us watch {self.name}"):
            self._cursor = (watched[coll] if coll else watched).watch(
                full_document="updateLookup", max_await_time_ms=1, **start
            )

    def settle(self, now_ms: int) -> None:
        """Take what has come."""
        self._asked_ms = now_ms
        with self._connection.asking(f"say what happened in {self.name}"):
            while True:
                change = self._cursor.try_next()
                if change is None:
                    break
                self._take(change)
                if change["operationType"] == "invalidate":
                    self._go_on_behind(change)

    def _go_on_behind(self, change: Mapping[str, Any]) -> None:
        """The server ends a cursor with an invalidate; what is written into that name then is a new collection's."""
        ended = change["clusterTime"]
        self._cursor.close()
        self._open({"start_at_operation_time": self._connection.bson.Timestamp(ended.time, ended.inc + 1)})

    def _take(self, change: Mapping[str, Any]) -> None:
        values = {name: change[name] for name in sorted(change)}
        if "updateDescription" in values:
            described = values["updateDescription"]
            values["updateDescription"] = {name: described[name] for name in sorted(described)}
        whole: dict[str, Any] = extended(values)
        record_id = str(whole["_id"]["_data"])
        if whole["operationType"] == "update":
            self.looked_up[record_id] = _encode(_with_document(whole))
            whole.pop("fullDocument", None)
        now_ms = self._now_ms()
        record = ChangeEvent(id=record_id, text=_encode(whole), arrival_ms=now_ms)
        self._patience.stir()
        self.append(self.name, record, now_ms)

    def next_change(self, now_ms: int) -> int | None:
        """When it is worth asking again."""
        return self._patience.next_ask(now_ms, self._asked_ms)

    def close(self) -> None:
        """Leave."""
        with suppress(NotConnected), self._connection.asking("let us go"), self._connection.at_most(_LEAVING_SECONDS):
            self._cursor.close()


class _Kept:
    """What came is here; retention takes changes from those who have not read them."""

    retention_ms = _FOR_EVER_MS


def _with_document(change: Mapping[str, Any]) -> dict[str, Any]:
    """The keys in their order, with a fullDocument that is null where the document is gone."""
    values = {"fullDocument": None, **change}
    return {name: values[name] for name in sorted(values)}
