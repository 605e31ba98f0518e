"""A topic as tests see it: put records in, look at what is there, watch a consumer group. The law: it takes what
Kafka's producer and broker take, and everything that happens is the log's.

The topics of one harness know each other (`KafkaClusters`), because a mapping may give up its records to another topic
of its cluster.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pytest_lambda_events.brokers.memory_log import RETENTION_MS, Draft, MemoryLog
from pytest_lambda_events.building import each, free_name, sending_ms
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.kafka_record import MAX_MESSAGE_BYTES, check_topic
from pytest_lambda_events.model.schema_framing import schema_from
from pytest_lambda_events.sources.kafka.make import make_record
from pytest_lambda_events.sources.kafka.mapped import filled_in, self_managed
from pytest_lambda_events.sources.kafka.servers import servers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pytest_lambda_events.brokers.consumer_group import ConsumerGroup
    from pytest_lambda_events.brokers.schema_registry import SchemaRegistries, SchemaRegistry
    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.kafka_record import KafkaRecord, TimestampType
    from pytest_lambda_events.model.schema_framing import KafkaSchema, Registry
    from pytest_lambda_events.model.trace import Ledger

__all__ = [
    "KafkaClusters",
    "KafkaConsumer",
    "KafkaGroup",
    "KafkaTopic",
    "TopicPartition",
    "TopicSettings",
    "create_kafka_topic",
]

_FOREVER: Final = -1
_MOST_PARTITIONS: Final = 200_000  # of a whole cluster of Apache Kafka
_TIMESTAMP_TYPES: Final = ("CREATE_TIME", "LOG_APPEND_TIME")


class TopicPartition(NamedTuple):
    """A partition as it is now: its number, the offsets where it begins and ends, and the records between them."""

    number: int
    beginning_offset: int
    end_offset: int
    records: tuple[KafkaRecord, ...]


class TopicSettings(NamedTuple):
    """What a topic is made with; `retention_ms` and the others are Kafka's retention.ms, message.timestamp.type and
    max.message.bytes.
    """

    partitions: int = 1
    retention_ms: int = RETENTION_MS
    timestamp_type: TimestampType = "CREATE_TIME"
    max_message_bytes: int = MAX_MESSAGE_BYTES

    def check(self) -> None:
        """Errors: `UsageError` for what no topic can have."""
        partitions, retention_ms, kind = self.partitions, self.retention_ms, self.timestamp_type
        if not _is_whole(partitions) or not 1 <= partitions <= _MOST_PARTITIONS:
            raise UsageError(f"partitions={partitions!r}: a topic has at least one partition")
        if not _is_whole(retention_ms) or (retention_ms < 1 and retention_ms != _FOREVER):
            raise UsageError(
                f"retention_ms={retention_ms!r}: write milliseconds, 604800000 for seven days, or -1 to keep records "
                "for ever"
            )
        if kind not in _TIMESTAMP_TYPES:
            raise UsageError(f"timestamp_type={kind!r}: a topic has {' or '.join(_TIMESTAMP_TYPES)}")


class KafkaClusters:
    """Every topic of a harness, of whatever cluster. `region` and `account` are where its secrets are said to be,
    `registries` the schema registries that its mappings may name.
    """

    def __init__(
        self,
        clock: Clock,
        ledger: Ledger,
        identifiers: Identifiers,
        *,
        region: str,
        account: str,
        registries: SchemaRegistries,
    ) -> None:
        self.clock = clock
        self.ledger = ledger
        self.identifiers = identifiers
        self.region = region
        self.account = account
        self.registries = registries
        self._topics: dict[str, KafkaTopic] = {}

    def free_name(self, name: str | None, cluster: str) -> str:
        """The name for a new topic of a cluster; one is made up where none is given.

        Errors: `UsageError` for one that Kafka does not take, or that is taken.
        """
        if name is None:
            return free_name("topic", self._topics, len(self._topics) + 1)
        there = self._topics.get(check_topic(name))
        if there is None:
            return name
        if there.cluster == cluster:
            raise UsageError(f"the topic {name} exists already; use what made it, or give another name")
        raise UsageError(
            f"there is a topic {name} on another cluster ({there.cluster}), and records are told apart by topic, "
            "partition and offset alone; give one of them another name"
        )

    def add(self, topic: KafkaTopic) -> None:
        """Know a topic."""
        self._topics[topic.name] = topic

    def find(self, cluster: str, name: str) -> KafkaTopic | None:
        """The topic of this name on a cluster; None when it has none."""
        there = self._topics.get(name)
        return there if there is not None and there.cluster == cluster else None

    def mapped(self, arn: str | None, parameters: Mapping[str, Any]) -> KafkaTopic | None:
        """The topic that CreateEventSourceMapping's parameters are about, with an MSK cluster's ARN or without one."""
        names = list(parameters.get("Topics") or ())
        there = self._topics.get(names[0]) if len(names) == 1 else None
        if there is None or there.mapped_arn != arn:
            return None
        if arn is not None:
            return there
        endpoints = (parameters.get("SelfManagedEventSource") or {}).get("Endpoints") or {}
        given = endpoints.get("KAFKA_BOOTSTRAP_SERVERS") or ()
        return there if set(given) & set(there.bootstrap_servers) else None  # any broker leads to the cluster


def create_kafka_topic(
    clusters: KafkaClusters,
    name: str | None,
    settings: TopicSettings,
    *,
    bootstrap_servers: str | Sequence[str] | None = None,
) -> KafkaTopic:
    """Make a topic of a self-managed cluster. Errors: `UsageError`."""
    servers = servers_of(bootstrap_servers)
    cluster = f"kafka://{','.join(sorted(servers))}"
    name = clusters.free_name(name, cluster)
    return KafkaTopic(name, clusters, settings, cluster=cluster, arn=f"{cluster}/{name}", servers=servers)


class KafkaTopic:
    """A topic of a self-managed cluster, in memory.

    A topic has no ARN; `arn` is an address that names it, where others have theirs. `cluster` says which cluster it is
    of, `bootstrap_servers` are that cluster's addresses.
    """

    def __init__(
        self,
        name: str,
        clusters: KafkaClusters,
        settings: TopicSettings,
        *,
        cluster: str,
        arn: str,
        servers: tuple[str, ...],
    ) -> None:
        settings.check()
        self.name = name
        self.arn = arn
        self.cluster = cluster
        self.bootstrap_servers = servers
        self._settings = settings
        self._clusters = clusters
        self._clock = clusters.clock
        self._engine = MemoryLog(
            arn,
            partitions=settings.partitions,
            journal=clusters.ledger,
            dice=clusters.identifiers.stream(f"sticky/{arn}"),
            retention_ms=None if settings.retention_ms == _FOREVER else settings.retention_ms,
        )
        clusters.add(self)

    # -- what a mapping needs to know -------------------------------------------------------------------------------

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

    @property
    def engine(self) -> MemoryLog:
        """The exact log, which a poller drives."""
        return self._engine

    def joined(self, group: str) -> tuple[MemoryLog, ConsumerGroup]:
        """The topic as a consumer group reads it, and the group."""
        return self._engine, self._engine.group(group)

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due."""
        self._engine.settle(now_ms)

    def shuffled_servers(self) -> str:
        """The addresses as an event has them: in another order each time."""
        dice = self._clusters.identifiers.stream(f"brokers/{self.cluster}")
        return ",".join(dice.sample(self.bootstrap_servers, len(self.bootstrap_servers)))

    def sibling(self, name: str) -> KafkaTopic | None:
        """The topic of this name on the same cluster; None when there is none."""
        return self._clusters.find(self.cluster, name)

    def registry(self, uri: str) -> SchemaRegistry | None:
        """The schema registry of a URI; None when there is none."""
        return self._clusters.registries.find(uri)

    def fill_in(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """CreateEventSourceMapping's parameters with those that this topic knows.

        Errors: `UsageError` for a mapping of another topic.
        """
        return filled_in(parameters, self.name, self._known())

    def _known(self) -> dict[str, Any]:
        return self_managed(
            self.name, self.bootstrap_servers, region=self._clusters.region, account=self._clusters.account
        )

    # -- what is there ----------------------------------------------------------------------------------------------

    @property
    def records(self) -> list[KafkaRecord]:
        """Every record that it ever took, in the order of coming."""
        self._settled_ms()
        return list(self._engine.order)

    @property
    def messages(self) -> list[KafkaRecord]:
        """The records that are in it now: those that retention has left, whoever has read them."""
        return self._engine.retained(self._settled_ms())

    @property
    def partitions(self) -> list[TopicPartition]:
        """The partitions as they are now, by number."""
        self._settled_ms()
        return [
            TopicPartition(one.number, one.first, one.end, tuple(one.records[one.first :]))
            for one in self._engine.partitions
        ]

    def group(self, name: str) -> KafkaGroup:
        """A consumer group of this topic. A mapping's is its ConsumerGroupId, or its UUID when it has none."""
        return KafkaGroup(self, self._engine.group(name), self._settled_ms)

    # -- putting records in -----------------------------------------------------------------------------------------

    def send(
        self,
        *payloads: Any,
        key: str | bytes | Callable[[int], str | bytes | None] | None = None,
        headers: Mapping[str, Any] | Iterable[tuple[str, Any]] | Callable[[int], Any] | None = None,
        partition: int | Callable[[int], int | None] | None = None,
        timestamp: int | Callable[[int], int | None] | None = None,
        at: float | None = None,
        key_schema: KafkaSchema | Mapping[str, Any] | Callable[[int], Any] | None = None,
        value_schema: KafkaSchema | Mapping[str, Any] | Callable[[int], Any] | None = None,
        framing: Registry | None = None,
    ) -> list[KafkaRecord]:
        """Produce records, now or at virtual second `at`; the records that came to be, in order.

        Payloads: `str` and `bytes` travel as they are, None is a tombstone, anything else becomes compact JSON. A key
        decides on the partition as in Kafka's Java client; without one, and without a `partition`, records stay
        together. `headers` are values (str or bytes) by name, or (name, value) pairs where a name comes twice.
        `timestamp` is the producer's, in epoch milliseconds; a topic of LOG_APPEND_TIME puts its own in its place. The
        schemas are what Lambda says of a record where the mapping has a registry; with `framing` they stand in the
        bytes, as the serializer of that registry (confluent, glue) writes them. Any of these may be a function of the
        payload's number, from 0.

        A schema that a registry gave (`registry.register(...)`) encodes every payload that is no bytes, and always
        stands in the bytes, as that registry's serializer writes it.

        With `at` the list is empty: which offsets the records get is known when they come. Errors: `UsageError` for
        what Kafka does not take, or a moment in the past. Nothing is sent unless every payload can be.
        """
        now_ms = self._settled_ms()
        at_ms = sending_ms(self._clock, at, now_ms)
        engine, settings = self._engine, self._settings
        own_time = settings.timestamp_type == "LOG_APPEND_TIME"
        draft = Draft(engine)
        chosen: list[int | None] = []
        for number, payload in enumerate(payloads):
            wanted = self._partition(each(partition, number))
            chosen.append(wanted)
            record = make_record(
                payload,
                topic=self.name,
                place=draft.placing(wanted),
                sent_ms=at_ms,
                timestamp=None if own_time else each(timestamp, number),
                timestamp_type=settings.timestamp_type,
                key=each(key, number),
                headers=headers(number) if callable(headers) else headers,
                key_schema=schema_from(each(key_schema, number)),
                value_schema=schema_from(each(value_schema, number)),
                framing=framing,
                writes_registered=True,
                max_message_bytes=settings.max_message_bytes,
            )
            draft.add(record, is_sticky=wanted is None and record.key is None)
        if at_ms > now_ms:
            announced = list(zip(draft.records, chosen, strict=True))
            engine.announce(at_ms, lambda moment_ms: self._put(announced, moment_ms))
            return []
        engine.append_all(draft, now_ms)
        return draft.records

    def _put(self, announced: Sequence[tuple[KafkaRecord, int | None]], at_ms: int) -> None:
        """Put what was announced, behind what has come since."""
        draft = Draft(self._engine)
        for record, wanted in announced:
            partition, offset = draft.placing(wanted)(record.key)
            placed = replace(record, partition=partition, offset=offset)
            draft.add(placed, is_sticky=wanted is None and record.key is None)
        self._engine.append_all(draft, at_ms)

    def _partition(self, wanted: Any) -> int | None:
        many = self._settings.partitions
        if wanted is None or (_is_whole(wanted) and 0 <= wanted < many):
            found: int | None = wanted
            return found
        raise UsageError(f"partition={wanted!r}: the topic {self.name} has {many}, numbered from 0")

    def _settled_ms(self) -> int:
        self._clock.enter()
        now_ms = self._clock.now_ms
        self._engine.settle(now_ms)
        return now_ms

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.arn}>"


class KafkaGroup:
    """A consumer group of a topic: what it has committed, and how far it is behind."""

    def __init__(self, topic: KafkaTopic, engine: ConsumerGroup, settled_ms: Callable[[], int]) -> None:
        self.name = engine.name
        self._topic = topic
        self._engine = engine
        self._settled_ms = settled_ms

    @property
    def committed(self) -> dict[int, int]:
        """The offset that it goes on at, by partition; a partition that it never read is not there."""
        return dict(sorted(self._engine.committed.items()))

    @property
    def lag(self) -> dict[int, int]:
        """How many records of each partition are not committed."""
        self._settled_ms()
        committed = self._engine.committed
        return {
            one.number: one.end - max(committed.get(one.number, one.first), one.first)
            for one in self._topic.engine.partitions
        }

    def commit(self, offset: int, partition: int = 0) -> None:
        """Let the group go on at another offset, as `kafka-consumer-groups --reset-offsets` does.

        A group with offsets is one that exists: a mapping that names it resumes there, whatever its StartingPosition.
        Errors: `UsageError` while the group has members, as Kafka refuses it, and for an offset that is not there.
        """
        self._settled_ms()
        partitions = self._topic.engine.partitions
        if self._engine.members:
            raise UsageError(
                f"the group {self.name} has members, and Kafka resets the offsets of an inactive group only: disable "
                "its mapping first"
            )
        if not _is_whole(partition) or not 0 <= partition < len(partitions):
            raise UsageError(f"partition={partition!r}: the topic {self._topic.name} has {len(partitions)}, from 0")
        if not _is_whole(offset) or not partitions[partition].first <= offset <= partitions[partition].end:
            raise UsageError(f"offset={offset!r}: {partitions[partition]!r}, and one more to begin behind them")
        self._engine.commit(partition, offset)

    def join(self) -> KafkaConsumer:
        """Let a consumer that has nothing to do with Lambda join: it takes its share of the partitions."""
        return KafkaConsumer(self._topic, self._engine, self._settled_ms)

    def __repr__(self) -> str:
        return f"<KafkaGroup {self.name} of {self._topic.name}: committed {self.committed}>"


class KafkaConsumer:
    """A consumer in a mapping's group that is not Lambda. It reads when it is told to."""

    def __init__(self, topic: KafkaTopic, group: ConsumerGroup, settled_ms: Callable[[], int]) -> None:
        self._topic = topic
        self._group = group
        self._settled_ms = settled_ms
        group.join(self, settled_ms())

    @property
    def partitions(self) -> list[int]:
        """The partitions that it reads; none after it has left."""
        return self._group.partitions_of(self) if self in self._group.members else []

    def poll(self, limit: int | None = None) -> list[KafkaRecord]:
        """Read up to `limit` records from where the group stands, and commit them."""
        self._settled_ms()
        committed = self._group.committed
        taken: list[KafkaRecord] = []
        for number in self.partitions:
            partition = self._topic.engine.partitions[number]
            start = max(committed.get(number, partition.first), partition.first)
            stop = partition.end if limit is None else min(partition.end, start + limit - len(taken))
            taken += partition.records[start:stop]
            self._group.commit(number, stop)
        return taken

    def leave(self) -> None:
        """Leave the group: its partitions go to the other members. Leaving twice is fine."""
        if self in self._group.members:
            self._group.leave(self, self._settled_ms())

    def assigned(self, partitions: Sequence[int], now_ms: int) -> None:
        """It reads when it is told to."""

    def revoked(self, partitions: Sequence[int], now_ms: int) -> None:
        """What it has read, it has committed."""

    def __repr__(self) -> str:
        return f"<KafkaConsumer of {self._group.name}: partitions {self.partitions}>"


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
