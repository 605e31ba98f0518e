"""A look at a change stream, of DocumentDB or MongoDB. The law: a cursor of its own; nothing is left behind.

What a mapping in live mode reads is `mongodb.LiveChangeStream`; this one keeps nothing, and ends where it is let go.
"""

from __future__ import annotations

from typing import Any, Final

from pytest_lambda_events.brokers.live.clients import CONNECT_SECONDS
from pytest_lambda_events.brokers.live.mongodb import MongoConnection
from pytest_lambda_events.errors import NotConnected
from pytest_lambda_events.model.extended_json import extended

__all__ = ["ChangeStream"]

_LOOK_MS: Final = 500
"""How long the server waits for a change before it says that there is none."""


class ChangeStream:
    """The changes of a database, or of one collection (`shop.orders`), at a MongoDB URI.

    `since` is a moment in epoch seconds from which on they are read, else it is now; `look_up` asks for the whole
    document of an update. Errors: as `MongoConnection`.
    """

    def __init__(
        self, uri: str, namespace: str, *, look_up: bool, since: int | None, seconds: float = CONNECT_SECONDS
    ) -> None:
        self._namespace = namespace
        self._connection = MongoConnection(uri, {"appname": "lambda-events"}, seconds=seconds)
        options: dict[str, Any] = {"max_await_time_ms": _LOOK_MS}
        if look_up:
            options["full_document"] = "updateLookup"
        if since is not None:
            options["start_at_operation_time"] = self._connection.bson.Timestamp(since, 0)
        database, _, collection = namespace.partition(".")
        watched = self._connection.client[database]
        try:
            with self._connection.asking(f"let us watch {namespace}"):
                self._cursor: Any = (watched[collection] if collection else watched).watch(**options)
        except NotConnected:
            self._connection.close()
            raise

    def next(self) -> dict[str, Any] | None:
        """The next change, as relaxed extended JSON; None when there was none for half a second."""
        with self._connection.asking(f"say what happened in {self._namespace}"):
            change = self._cursor.try_next()
        if change is None:
            return None
        found: dict[str, Any] = extended(dict(change))
        return found

    def close(self) -> None:
        """Leave."""
        with self._connection.asking("let us go"):
            self._cursor.close()
        self._connection.close()
