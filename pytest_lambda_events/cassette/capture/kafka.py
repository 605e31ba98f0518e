"""A Kafka topic, of MSK or self-managed. The law: it reads as nobody's member and commits nothing.

Partitions are assigned, not subscribed to, so that no group is joined and none rebalances. What is there when the
capture begins is its end, unless it waits for more.
"""

from __future__ import annotations

import secrets
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.live.kafka import KafkaCluster
from pytest_lambda_events.cassette.capture.taps import Closed, Taken
from pytest_lambda_events.cassette.capture.waiting import stamp
from pytest_lambda_events.errors import NotConnected, UsageError
from pytest_lambda_events.sources.kafka.event import event_of, record_of
from pytest_lambda_events.sources.kafka.servers import servers_of
from pytest_lambda_events.sources.msk.event import event_of as msk_event_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_lambda_events.cassette.capture.shards import Start
    from pytest_lambda_events.model.kafka_record import KafkaRecord

__all__ = ["KafkaTap"]

_LONGEST_SECONDS: Final = 10.0


class KafkaTap:
    """A topic by its name. `start`: oldest, latest, or a moment in epoch milliseconds. `cluster_arn`: it is MSK's.

    `client` are settings of librdkafka, for signing in. Errors: `UsageError` for a topic that is not there, and without
    the extra; `NotConnected`.
    """

    records_at = "records"
    invented = ()
    pause_seconds = 0.05
    over = False

    def __init__(
        self,
        topic: str,
        servers: str,
        *,
        client: Mapping[str, str] | None = None,
        start: Start | int = "oldest",
        cluster_arn: str | None = None,
        seconds: float = _LONGEST_SECONDS,
    ) -> None:
        addresses = servers_of(servers)
        self.source = "kafka" if cluster_arn is None else "msk"
        self.name = topic
        self._arn = cluster_arn
        self._servers = ",".join(addresses)
        self._cluster = KafkaCluster(addresses, client or {}, seconds=seconds)
        self._waiting: deque[KafkaRecord] = deque()
        self._broken: NotConnected | None = None
        try:
            partitions = self._partitions()
            # a group only has a name here: without a commit the cluster never hears of it
            self._reader = self._cluster.reader(topic, f"lambda-events-capture-{secrets.token_hex(8)}")
            bounds = {number: self._reader.bounds(number) for number in partitions}
            self._ends = {number: high for number, (_, high) in bounds.items()}
            self._places = {number: self._first(number, start, *bounds[number]) for number in bounds}
            self._reader.read_from(self._places)
        except BaseException:
            self._cluster.close()
            raise

    def _partitions(self) -> range:
        found = self._cluster.topics().get(self.name)
        if found is None:
            raise UsageError(f"there is no topic {self.name!r} at {self._servers}")
        return range(found)

    def _first(self, partition: int, start: Start | int, low: int, high: int) -> int:
        if start == "oldest":
            return low
        found = None if isinstance(start, str) else self._reader.offset_at(partition, start)
        return high if found is None else found

    @property
    def at_rest(self) -> bool:
        """Whether all has come that was there at the beginning."""
        return not self._waiting and all(self._places[number] >= end for number, end in self._ends.items())

    def take(self, most: int, seconds: float) -> list[Taken]:
        """What has been fetched."""
        del seconds  # fetching goes on in the background
        if self._broken is None:
            self._fetch()
        if self._broken is not None and not self._waiting:
            raise self._broken
        came = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        return [Taken(native=record, shown=record_of(record), at=stamp()) for record in came]

    def _fetch(self) -> None:
        try:
            for fetched in self._reader.fetch():
                if fetched.record is not None:
                    self._waiting.append(fetched.record)
                    self._places[fetched.partition] = fetched.offset + 1
                else:
                    self._places[fetched.partition] = max(self._places[fetched.partition], fetched.offset)
        except NotConnected as error:
            self._broken = error

    def event(self, taken: Sequence[Taken]) -> Any:
        """The event of these records, by partition."""
        records = [one.native for one in taken]
        if self._arn is None:
            return event_of(records, self._servers)
        return msk_event_of(records, self._arn, self._servers)

    def close(self) -> Closed:
        """Nothing was moved."""
        self._cluster.close()
        return Closed(told=("read by assignment, as no member of any group: nothing was committed",))
