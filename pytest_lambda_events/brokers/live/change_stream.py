"""A change stream of DocumentDB or MongoDB, through pymongo. The law: a cursor of its own; nothing is left behind."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.live.clients import CONNECT_SECONDS, needing
from pytest_lambda_events.errors import NotConnected, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ChangeStream"]

_LOOK_MS: Final = 500
"""How long the server waits for a change before it says that there is none."""


class ChangeStream:
    """The changes of a database, or of one collection (`shop.orders`), at a MongoDB URI.

    `since` is a moment in epoch seconds from which on they are read, else it is now; `look_up` asks for the whole
    document of an update. Errors: `UsageError` without the extra, and for a URI that is none; `NotConnected`.
    """

    def __init__(
        self, uri: str, namespace: str, *, look_up: bool, since: int | None, seconds: float = CONNECT_SECONDS
    ) -> None:
        with needing("pymongo", package="pymongo", extra="mongodb"):
            import pymongo
            from bson import json_util
            from bson.timestamp import Timestamp
            from pymongo.errors import PyMongoError
        self._namespace = namespace
        self._errors = PyMongoError
        self._text: Callable[[Any], str] = partial(json_util.dumps, json_options=json_util.RELAXED_JSON_OPTIONS)
        options: dict[str, Any] = {"max_await_time_ms": _LOOK_MS}
        if look_up:
            options["full_document"] = "updateLookup"
        if since is not None:
            options["start_at_operation_time"] = Timestamp(since, 1)
        milliseconds = int(seconds * 1000)
        try:
            self._client: Any = pymongo.MongoClient(
                uri, serverSelectionTimeoutMS=milliseconds, connectTimeoutMS=milliseconds, appname="lambda-events"
            )
        except (PyMongoError, ValueError) as error:
            raise UsageError(f"this is no way to a cluster: {error}") from error
        database, _, collection = namespace.partition(".")
        watched = self._client[database]
        try:
            self._cursor = (watched[collection] if collection else watched).watch(**options)
        except PyMongoError as error:
            self._client.close()
            raise self._problem(error) from error

    def _problem(self, error: Exception) -> NotConnected:
        return NotConnected(
            f"{self._namespace} cannot be watched: {error}. Is the cluster reached from here, and are its change "
            "streams on?"
        )

    def next(self) -> dict[str, Any] | None:
        """The next change, as relaxed extended JSON; None when there was none for half a second."""
        try:
            change = self._cursor.try_next()
        except self._errors as error:
            raise self._problem(error) from error
        if change is None:
            return None
        relaxed: dict[str, Any] = json.loads(self._text(change))
        return relaxed

    def close(self) -> None:
        """Leave."""
        self._cursor.close()
        self._client.close()
