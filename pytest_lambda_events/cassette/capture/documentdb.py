"""A DocumentDB change stream. The law: a cursor of its own; nothing is kept in the cluster, and nobody notices.

Change streams have to be switched on in the cluster (`modifyChangeStreams`); only what happens from then on is in one.
Lambda shows changes as relaxed extended JSON, with the keys of `model.change_event` in the order of the alphabet.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.brokers.live.change_stream import ChangeStream
from pytest_lambda_events.brokers.live.clients import CONNECT_SECONDS
from pytest_lambda_events.building import ACCOUNT, REGION, compact
from pytest_lambda_events.cassette.capture.taps import Closed, Taken
from pytest_lambda_events.cassette.capture.waiting import stamp
from pytest_lambda_events.errors import NotConnected
from pytest_lambda_events.model.change_event import KEYS, ChangeEvent
from pytest_lambda_events.sources.documentdb.event import DocumentDbEventShape

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DocumentDbTap"]


class DocumentDbTap:
    """The changes of a database or collection; see `ChangeStream`. `cluster_arn`: made up when left out.

    Errors: as `ChangeStream`.
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
        self.name = namespace
        self.invented = () if cluster_arn else ("eventSourceArn",)
        self._shape = DocumentDbEventShape(cluster_arn or f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:captured")
        self._stream = ChangeStream(uri, namespace, look_up=look_up, since=since, seconds=seconds)
        self._dry = False
        self._broken: NotConnected | None = None

    @property
    def at_rest(self) -> bool:
        """Whether a look found no change."""
        return self._dry

    def take(self, most: int, seconds: float) -> list[Taken]:
        """The changes that came; the first is waited for, half a second at most."""
        del seconds
        taken: list[Taken] = []
        self._dry = False
        while len(taken) < most and not self._dry and self._broken is None:
            try:
                change = self._stream.next()
            except NotConnected as error:
                self._broken = error
                break
            self._dry = change is None
            if change is not None:
                taken.append(_taken(change))
        if self._broken is not None and not taken:
            raise self._broken
        return taken

    def event(self, taken: Sequence[Taken]) -> Any:
        """The event of these changes."""
        return json.loads(self._shape.event_text([self._shape.record_text(one.native) for one in taken]))

    def close(self) -> Closed:
        """Nothing was moved."""
        self._stream.close()
        return Closed(told=("watched with a cursor of its own: nothing is left behind",))


def _taken(change: dict[str, Any]) -> Taken:
    shown = {key: change[key] for key in KEYS if key in change}
    now_ms = time.time_ns() // 1_000_000
    record = ChangeEvent(id=shown["_id"]["_data"], text=compact(shown), arrival_ms=now_ms)
    return Taken(native=record, shown={"event": shown}, at=stamp(now_ms))
