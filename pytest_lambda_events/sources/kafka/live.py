"""A topic of a real cluster as tests see it. The law: what was sent is what the cluster says it has, and a mapping
reads what anybody has put there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.brokers.mirrored_log import MirroredGroup, MirroredLog
from pytest_lambda_events.building import each
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.kafka_record import check_topic
from pytest_lambda_events.sources.kafka.make import make_record
from pytest_lambda_events.sources.kafka.mapped import filled_in, self_managed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_lambda_events.brokers.live.kafka import KafkaCluster, KafkaReader
    from pytest_lambda_events.brokers.live.parts import LiveParts
    from pytest_lambda_events.brokers.live.patience import Patience
    from pytest_lambda_events.model.kafka_record import KafkaRecord

__all__ = ["LiveKafkaGroup", "LiveKafkaTopic"]

_UNPLACED = -1


class LiveKafkaTopic:
    """A topic of a real cluster. Errors of everything that asks the cluster: `NotConnected`.

    `arn` is an address that names it, `bootstrap_servers` are the cluster's addresses as they were given.
    """

    def __init__(self, name: str, parts: LiveParts, cluster: KafkaCluster, servers: tuple[str, ...]) -> None:
        self.name = check_topic(name)
        self.cluster = f"kafka://{','.join(sorted(servers))}"
        self.arn = f"{self.cluster}/{name}"
        self.bootstrap_servers = servers
        self._parts = parts
        self._connection = cluster
        self._groups: dict[str, tuple[MirroredLog, MirroredGroup]] = {}
        self._readers: dict[str, KafkaReader] = {}
        self._seen: dict[str, KafkaRecord] = {}
        partitions = cluster.partitions(name)
        if partitions is None:
            raise UsageError(
                f"the cluster at {cluster.address} has no topic {name}: make it first, with as many partitions as you "
                "want; live mode takes topics as they are"
            )
        self._partitions = partitions

    # -- what a mapping needs to know -------------------------------------------------------------------------------

    @property
    def live_in(self) -> Patience:
        """Tells the sources of one live harness from those of another."""
        return self._parts.patience

    @property
    def kind(self) -> str:
        """The registry's name of this source."""
        return "kafka"

    @property
    def mapped_arn(self) -> str | None:
        """EventSourceArn of its mappings: None, for a self-managed cluster."""
        return None

    @property
    def visibility_ms(self) -> int | None:
        """Nothing is hidden in a topic."""
        return None

    def settle(self, now_ms: int) -> None:
        """What falls due in a real cluster happens there; pollers ask it themselves."""

    def joined(self, group: str) -> tuple[MirroredLog, MirroredGroup]:
        """The topic as a consumer group reads it, and the group."""
        found = self._groups.get(group)
        if found is None:
            reader = self._reader(group)
            log = MirroredLog(reader, self._partitions, patience=self._parts.patience, note=self._note)
            found = self._groups[group] = log, MirroredGroup(group, log, reader)
        return found

    def shuffled_servers(self) -> str:
        """The addresses as an event has them: in another order each time."""
        dice = self._parts.identifiers.stream(f"brokers/{self.cluster}")
        return ",".join(dice.sample(self.bootstrap_servers, len(self.bootstrap_servers)))

    def sibling(self, name: str) -> LiveKafkaTopic | None:
        """The topic of this name on the same cluster; None when there is none."""
        if self._connection.partitions(name) is None:
            return None
        return LiveKafkaTopic(name, self._parts, self._connection, self.bootstrap_servers)

    def registry(self, _uri: str) -> None:
        """There is no schema registry to ask; `fill_in` refuses a mapping with one."""

    def fill_in(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """CreateEventSourceMapping's parameters with those that this topic knows.

        Errors: `UsageError` for a mapping of another topic, and for what live mode has nothing for.
        """
        config = parameters.get("SelfManagedKafkaEventSourceConfig") or {}
        if config.get("SchemaRegistryConfig"):
            raise UsageError(
                "SchemaRegistryConfig: live mode has no schema registry to ask, so that it could neither check records "
                "nor name their schemas; leave it out, or use kafka_topic(...) in memory with value_schema="
            )
        parts = self._parts
        known = self_managed(self.name, self.bootstrap_servers, region=parts.region, account=parts.account)
        return filled_in(parameters, self.name, known)

    # -- records ----------------------------------------------------------------------------------------------------

    @property
    def records(self) -> list[KafkaRecord]:
        """Every record that was sent through this object or read by a mapping of it, in the order of first sight."""
        return list(self._seen.values())

    def send(
        self,
        *payloads: Any,
        key: str | bytes | Callable[[int], str | bytes | None] | None = None,
        headers: Mapping[str, Any] | Iterable[tuple[str, Any]] | Callable[[int], Any] | None = None,
        partition: int | Callable[[int], int | None] | None = None,
        timestamp: int | Callable[[int], int | None] | None = None,
    ) -> list[KafkaRecord]:
        """Produce records, and wait until the cluster has them; what it has, in order.

        The arguments are those of `KafkaTopic.send`. The partition of a record without one, and the time of one without
        a timestamp, are the producer's choice. Errors: `UsageError`; `NotConnected`.
        """
        drafts = []
        for number, payload in enumerate(payloads):
            asked, moment = each(partition, number), each(timestamp, number)
            if asked is not None and (isinstance(asked, bool) or asked not in range(self._partitions)):
                raise UsageError(f"partition={asked!r}: the topic {self.name} has {self._partitions}, numbered from 0")
            draft = make_record(
                payload,
                topic=self.name,
                place=_placing(_UNPLACED if asked is None else asked),
                sent_ms=0,
                timestamp=moment,
                key=each(key, number),
                headers=headers(number) if callable(headers) else headers,
            )
            drafts.append(draft if moment is not None else replace(draft, timestamp=_UNPLACED))
        sent = self._connection.send(drafts)
        for record in sent:
            self._note(self._parts.clock.now_ms, record)
        return sent

    def group(self, name: str) -> LiveKafkaGroup:
        """A consumer group. A mapping's is its ConsumerGroupId, or its UUID when it has none."""
        return LiveKafkaGroup(name, self._reader(name))

    def _reader(self, group: str) -> KafkaReader:
        """What reads in this group's name: one, because each has connections of its own."""
        found = self._readers.get(group)
        if found is None:
            found = self._readers[group] = self._connection.reader(self.name, group)
        return found

    def _note(self, now_ms: int, record: KafkaRecord) -> None:
        if record.id not in self._seen:
            self._seen[record.id] = record
            self._parts.ledger.entered(now_ms, self.arn, record)

    def __repr__(self) -> str:
        return f"<LiveKafkaTopic {self.arn}>"


def _placing(partition: int) -> Callable[[bytes | None], tuple[int, int]]:
    """What says where a record goes: the offset is the cluster's to give."""
    return lambda _key: (partition, _UNPLACED)


class LiveKafkaGroup:
    """A consumer group of a topic, as the cluster sees it now."""

    def __init__(self, name: str, reader: KafkaReader) -> None:
        self.name = name
        self._reader = reader

    @property
    def committed(self) -> dict[int, int]:
        """The offset that it goes on at, by partition; a partition that it never read is not there."""
        return dict(sorted(self._reader.committed().items()))

    @property
    def lag(self) -> dict[int, int]:
        """How many records of each partition are not committed."""
        committed, bounds = self._reader.committed(), map(self._reader.bounds, range(self._reader.partitions))
        return {number: end - max(committed.get(number, first), first) for number, (first, end) in enumerate(bounds)}

    def __repr__(self) -> str:
        return f"<LiveKafkaGroup {self.name}: committed {self.committed}>"
