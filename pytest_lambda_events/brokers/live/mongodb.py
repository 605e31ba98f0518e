"""DocumentDB or MongoDB through pymongo: a connection, and what reads a change stream over it. The law: everything that
asks the server ends with its answer or with `NotConnected`; a cursor goes on behind whatever ended it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.live.addresses import shown_url
from pytest_lambda_events.brokers.live.clients import CONNECT_SECONDS, needing
from pytest_lambda_events.errors import NotConnected, UsageError
from pytest_lambda_events.model.extended_json import extended
from pytest_lambda_events.model.extended_json_forms import is_form
from pytest_lambda_events.model.json_writing import compact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

__all__ = ["ChangeCursor", "MongoConnection"]

_LEAVING_SECONDS: Final = 0.5
_NOT_ENABLED: Final = (136, 303, 40573)  # DocumentDB's, without modifyChangeStreams; MongoDB's, without a replica set
_WHERE_IT_BEGINS: Final = ("resume_after", "start_at_operation_time")


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
                f"url={shown_url(url)!r}: {error}; write one like mongodb://localhost:27017/?replicaSet=rs0"
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
        return self.bson.json_util.loads(compact(extended(value)))

    def at_most(self, seconds: float) -> AbstractContextManager[Any]:
        """Around calls that may take no longer than this."""
        found: AbstractContextManager[Any] = self._pymongo.timeout(seconds)
        return found

    def close(self) -> None:
        """Leave; the server is told, if it still answers."""
        with self.at_most(_LEAVING_SECONDS):
            self.client.close()


class ChangeCursor:
    """The changes of a database (`shop`), or of one collection (`shop.orders`), one after another as bson has them.

    `options` are those of pymongo's `watch`. Errors: `NotConnected`.
    """

    def __init__(self, connection: MongoConnection, namespace: str, options: Mapping[str, Any]) -> None:
        self._connection = connection
        self._namespace = namespace
        self._options = {name: value for name, value in options.items() if name not in _WHERE_IT_BEGINS}
        self._watch(options)

    def _watch(self, options: Mapping[str, Any]) -> None:
        database, _, collection = self._namespace.partition(".")
        watched = self._connection.client[database]
        with self._connection.asking(f"let us watch {self._namespace}"):
            self._cursor: Any = (watched[collection] if collection else watched).watch(**options)

    def next(self) -> dict[str, Any] | None:
        """The next change; None when the server has none within `max_await_time_ms`."""
        with self._connection.asking(f"say what happened in {self._namespace}"):
            found = self._cursor.try_next()
        if found is None:
            return None
        change: dict[str, Any] = found
        if change["operationType"] == "invalidate":
            self._go_on_behind(change["clusterTime"])
        return change

    def _go_on_behind(self, ended: Any) -> None:
        """The server ends a cursor with an invalidate; what is written into that name then is a new collection's."""
        with self._connection.asking(f"let go of {self._namespace}"):
            self._cursor.close()
        then = self._connection.bson.Timestamp(ended.time, ended.inc + 1)
        self._watch({**self._options, "start_at_operation_time": then})

    def close(self) -> None:
        """Leave; the server is told, if it still answers."""
        with suppress(NotConnected), self._connection.asking("let us go"), self._connection.at_most(_LEAVING_SECONDS):
            self._cursor.close()
