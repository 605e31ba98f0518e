"""What a mapping, and whoever looks, needs to know of a collection or a database. The law: one stream of change events,
and writes that happen now or at a moment to come.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from pytest_lambda_events.building import later_ms
from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.model.change_making import with_lookup
from pytest_lambda_events.model.regions import secret_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.brokers.change_log import ChangeStream
    from pytest_lambda_events.brokers.document_cluster import Cluster
    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.model.change_event import ChangeEvent

__all__ = ["Watched", "filled_in", "refuse_unrecorded"]


class Watched:
    """What a mapping needs to know of a database or a collection: one stream of change events."""

    kind = "documentdb"
    visibility_ms = None

    def __init__(self, clock: Clock, cluster: Cluster, stream: ChangeStream) -> None:
        self.name = stream.name
        self.arn = cluster.arn
        self._clock = clock
        self._cluster = cluster
        self._stream = stream

    @property
    def mapped_arn(self) -> str:
        """EventSourceArn of its mappings: the cluster's."""
        return self.arn

    @property
    def engine(self) -> ChangeStream:
        """The exact change stream, which a poller reads."""
        return self._stream

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due."""
        self._stream.settle(now_ms)

    def look_up(self, record: ChangeEvent) -> str:
        """A change's text as UpdateLookup gives it: an update with the document as it is now, null if it is gone."""
        change = record.change
        if change["operationType"] != "update":
            return record.text
        database = self._cluster.database(change["ns"]["db"])
        documents = database.collection(change["ns"]["coll"]).documents
        return with_lookup(change, documents.with_id(change["documentKey"]["_id"]))

    @property
    def records(self) -> list[ChangeEvent]:
        """Every change event that there ever was, in order."""
        self._now_ms()
        return self._stream.records

    @property
    def messages(self) -> list[ChangeEvent]:
        """The change events that are in the log now: those that retention has left, whoever has read them."""
        return self._stream.retained(self._now_ms())

    def _filled(self, place: Mapping[str, str], parameters: Mapping[str, Any]) -> dict[str, Any]:
        """CreateEventSourceMapping's parameters with those that it knows itself."""
        return filled_in(self.arn, self.name, place, parameters)

    def _now_ms(self) -> int:
        """The present, with everything settled that fell due."""
        self._clock.enter()
        now_ms = self._clock.now_ms
        self._stream.settle(now_ms)
        return now_ms

    def _moment(self, at: float | None) -> int | None:
        """When something is to happen later; None for now."""
        return later_ms(self._clock, at, self._now_ms())

    def _do(self, write: Callable[[int], list[ChangeEvent]], at_ms: int | None) -> list[ChangeEvent]:
        """Let a write happen, now or later; the records that came to be, none yet of what is to come."""
        if at_ms is None:
            return write(self._now_ms())

        def later(moment_ms: int) -> None:
            write(moment_ms)

        self._cluster.log.announce(at_ms, later)
        return []

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} of {self.arn}>"


def refuse_unrecorded(db: str, coll: str) -> NoReturn:
    """Errors: `NotSimulated`: a mapping of what writes no changes down."""
    command = f'{{"modifyChangeStreams": 1, "database": "{db}", "collection": "{coll}", "enable": true}}'
    raise NotSimulated(
        f"{db}{'.' if coll else ''}{coll}: its change stream is not enabled, so Lambda cannot read it. On DocumentDB "
        f"that is db.adminCommand({command}); here leave out change_stream=False (of a database, change_streams=False)"
    )


def filled_in(arn: str, name: str, place: Mapping[str, str], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """CreateEventSourceMapping's parameters with those that a source of this cluster knows itself.

    Errors: `UsageError` for a mapping of another collection or database.
    """
    region, account = arn.split(":")[3:5]
    secret = secret_of("docdb", region, account)
    known = {
        "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": secret}],
        "DocumentDBEventSourceConfig": place,
        **{key: value for key, value in parameters.items() if value is not None},
    }
    config = known["DocumentDBEventSourceConfig"]
    if isinstance(config, Mapping):
        for member, own in {"CollectionName": None, **place}.items():
            if config.get(member) not in {None, own}:
                raise UsageError(
                    f"DocumentDBEventSourceConfig: {member} is {config[member]!r}, but the source is {name}: "
                    "leave it out, or map the collection or database that you mean"
                )
        given = {key: value for key, value in config.items() if value is not None}
        known["DocumentDBEventSourceConfig"] = {**place, **given}
    return known
