"""A DocumentDB change stream. The law: a cursor of its own; nothing is kept in the cluster, and nobody notices.

Change streams have to be switched on in the cluster (`modifyChangeStreams`); only what happens from then on is in one.
Lambda shows changes as relaxed extended JSON, with the keys of `model.change_event` in the order of the alphabet.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.live.clients import CONNECT_SECONDS, needing
from pytest_lambda_events.building import ACCOUNT, REGION, compact
from pytest_lambda_events.cassette.capture.taps import Closed, Taken
from pytest_lambda_events.cassette.capture.waiting import stamp
from pytest_lambda_events.errors import NotConnected, UsageError
from pytest_lambda_events.model.change_event import KEYS, ChangeEvent
from pytest_lambda_events.sources.documentdb.event import DocumentDbEventShape

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DocumentDbTap"]

_LOOK_MS: Final = 500
"""How long the server waits for a change before it says that there is none."""


class DocumentDbTap:
    """The changes of a database, or of one collection (`shop.orders`), at a MongoDB URI.

    `since` is a moment in epoch seconds, from which on they are read; from now on when left out. `look_up`: the
    mapping's FullDocument is UpdateLookup. `cluster_arn`: made up when left out. Errors: `UsageError` without the
    extra, `NotConnected`.
    """

    source = "documentdb"
    records_at = "events"
    pause_seconds = 0.0
    over = False

    def __init__(
        self,
        uri: str,
        namespace: str,
        *,
        look_up: bool = False,
        since: int | None = None,
        cluster_arn: str | None = None,
        seconds: float = CONNECT_SECONDS,
    ) -> None:
        with needing("pymongo", package="pymongo", extra="mongodb"):
            import pymongo
            from bson import json_util
            from bson.timestamp import Timestamp
            from pymongo.errors import PyMongoError
        self._errors = PyMongoError
        self._relaxed = partial(json_util.dumps, json_options=json_util.RELAXED_JSON_OPTIONS)
        self.name = namespace
        self.invented = () if cluster_arn else ("eventSourceArn",)
        self._shape = DocumentDbEventShape(cluster_arn or f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:captured")
        database, _, collection = namespace.partition(".")
        options: dict[str, Any] = {"max_await_time_ms": _LOOK_MS}
        if look_up:
            options["full_document"] = "updateLookup"
        if since is not None:
            options["start_at_operation_time"] = Timestamp(since, 1)
        try:
            milliseconds = int(seconds * 1000)
            self._client: Any = pymongo.MongoClient(
                uri, serverSelectionTimeoutMS=milliseconds, connectTimeoutMS=milliseconds, appname="lambda-events"
            )
        except (self._errors, ValueError) as error:
            raise UsageError(f"this is no way to a cluster: {error}") from error
        watched = self._client[database]
        try:
            self._cursor = (watched[collection] if collection else watched).watch(**options)
        except self._errors as error:
            self._client.close()
            raise self._problem(error) from error
        self._dry = False
        self._broken: NotConnected | None = None

    def _problem(self, error: Exception) -> NotConnected:
        return NotConnected(
            f"{self.name} cannot be watched: {error}. Is the cluster reached from here, and are its change streams on?"
        )

    @property
    def at_rest(self) -> bool:
        """Whether a look found no change."""
        return self._dry

    def take(self, most: int, seconds: float) -> list[Taken]:
        """The changes that came; the first is waited for, half a second at most."""
        del seconds
        taken: list[Taken] = []
        self._dry = False
        while len(taken) < most and not self._dry:
            try:
                change = self._cursor.try_next() if self._broken is None else None
            except self._errors as error:
                self._broken = self._problem(error)
                self._broken.__cause__ = error
                break
            self._dry = change is None
            if change is not None:
                taken.append(self._taken(change))
        if self._broken is not None and not taken:
            raise self._broken
        return taken

    def _taken(self, change: dict[str, Any]) -> Taken:
        relaxed = json.loads(self._relaxed(change))
        shown = {key: relaxed[key] for key in KEYS if key in relaxed}
        record = ChangeEvent(id=shown["_id"]["_data"], text=compact(shown))
        return Taken(native=record, shown={"event": shown}, at=stamp())

    def event(self, taken: Sequence[Taken]) -> Any:
        """The event of these changes."""
        return json.loads(self._shape.event_text([self._shape.record_text(one.native) for one in taken]))

    def close(self) -> Closed:
        """Nothing was moved."""
        self._cursor.close()
        self._client.close()
        return Closed(told=("watched with a cursor of its own: nothing is left behind",))
