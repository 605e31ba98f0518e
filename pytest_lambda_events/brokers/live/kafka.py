"""A Kafka cluster through confluent-kafka. The law: it reads by `assign` at offsets that it is told, as a consumer that
is no member of its group, and commits what it is told; so it neither waits for a rebalance nor causes one.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.live.clients import CONNECT_SECONDS, needing
from pytest_lambda_events.brokers.mirrored_log import Fetched
from pytest_lambda_events.errors import NotConnected, UsageError
from pytest_lambda_events.model.kafka_record import NO_TIMESTAMP, KafkaRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pytest_lambda_events.model.kafka_record import TimestampType

__all__ = ["KafkaCluster", "KafkaReader"]

_MOST: Final = 1_000  # records in one fetch
_MOMENT: Final = 0.002  # seconds
_BETWEEN: Final = 0.1  # seconds between a question and the same again
_PASSING: Final = (
    "_UNKNOWN_PARTITION",
    "_WAIT_COORD",
    "_TRANSPORT",
    "LEADER_NOT_AVAILABLE",
    "NOT_LEADER_FOR_PARTITION",
)
_OURS: Final = ("bootstrap.servers", "group.id", "enable.auto.commit", "auto.offset.reset", "enable.partition.eof")
_TYPES: Final[tuple[TimestampType, ...]] = (
    "NO_TIMESTAMP_TYPE",
    "CREATE_TIME",
    "LOG_APPEND_TIME",
)  # librdkafka's 0, 1, 2
_MEMBERS: Final = ("UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION", "REBALANCE_IN_PROGRESS", "FENCED_INSTANCE_ID")


class KafkaCluster:
    """A cluster by its addresses. `settings` are librdkafka's, for signing in (`security.protocol`, `sasl.username` …);
    `seconds` is how long it has to answer.

    Errors: `UsageError` without the extra; `NotConnected`, of everything that asks the cluster.
    """

    def __init__(
        self, servers: Sequence[str], settings: Mapping[str, Any], *, seconds: float = CONNECT_SECONDS
    ) -> None:
        with needing("confluent_kafka", package="confluent-kafka", extra="kafka"):
            import confluent_kafka
        self._client: Any = confluent_kafka
        taken = [name for name in settings if name in _OURS]
        if taken:
            raise UsageError(f"client={{{taken[0]!r}: …}} is what live mode itself decides on: leave it out")
        self.address = ",".join(servers)
        self.seconds = seconds
        self._readers: list[KafkaReader] = []
        self._lost: list[Any] = []
        self._settings = {
            "topic.metadata.refresh.interval.ms": 10_000,
            "socket.timeout.ms": max(int(seconds * 1000), 1_000),
            "socket.connection.setup.timeout.ms": max(int(seconds * 1000), 1_000),
            "reconnect.backoff.max.ms": 500,
            "log_level": 2,  # it would tell standard error of each attempt; what matters is in the error that we raise
            **settings,
            "bootstrap.servers": self.address,
            "error_cb": self._lost.append,
        }
        # a record with a key goes where Kafka's own (Java) client would put it
        self._producer = self._made(
            "Producer",
            {"linger.ms": 0, "partitioner": "murmur2_random", "message.timeout.ms": max(int(seconds * 1000), 1_000)},
        )

        # a producer's question makes a topic on clusters that make topics when they are asked for
        self._asker = self.consumer("pytest-lambda-events")

    def _made(self, kind: str, settings: Mapping[str, Any]) -> Any:
        try:
            return getattr(self._client, kind)({**self._settings, **settings})
        except self._client.KafkaException as error:
            raise UsageError(f"client={{…}}: librdkafka does not take these settings: {error.args[0].str()}") from error

    @contextmanager
    def asking(self, what: str) -> Iterator[None]:
        """Around a call that waits for the cluster."""
        try:
            yield
        except self._client.KafkaException as error:
            raise self.problem(what, error.args[0]) from error

    def ask(self, what: str, question: Callable[[float], Any]) -> Any:
        """The answer to a question, which is given the seconds that are left. What passes is asked again: for a moment
        after a loss the client does not know who leads a partition.
        """
        deadline = time.monotonic() + self.seconds
        while True:
            left = max(deadline - time.monotonic(), _MOMENT)
            try:
                return question(left)
            except self._client.KafkaException as error:
                if error.args[0].name() not in _PASSING or left <= _BETWEEN:
                    raise self.problem(what, error.args[0]) from error
            time.sleep(_BETWEEN)

    def problem(self, what: str, error: Any = None) -> NotConnected:
        """The error for a call that failed, or (None) was not answered."""
        heard = [] if error is None else [error.str()]
        reasons = "; ".join(dict.fromkeys([*heard, *(lost.str() for lost in self._lost[-3:])]))
        self._lost.clear()
        return NotConnected(
            f"Kafka at {self.address} did not {what} within {self.seconds:g} s ({reasons or 'no answer'}). Is it "
            "running, is the address one that this machine reaches, and does client={…} say how to sign in?"
        )

    def look(self) -> None:
        """Raise when the connection is lost for good: what librdkafka complained of is still so."""
        if self._lost:
            with self.asking("answer any more"):
                self._asker.list_topics(timeout=self.seconds)
            self._lost.clear()

    def topics(self) -> dict[str, int]:
        """All topics, and how many partitions each has. To ask for one by its name can make it: this cannot."""
        with self.asking("say what topics it has"):
            found = self._producer.list_topics(timeout=self.seconds).topics
        return {name: len(topic.partitions) for name, topic in found.items()}

    def partitions(self, topic: str) -> int | None:
        """How many partitions a topic has; None when there is no such topic."""
        with self.asking("say what topics it has"):
            found = self._asker.list_topics(topic, timeout=self.seconds).topics[topic]
        if found.error is not None and found.error.code() == self._client.KafkaError.UNKNOWN_TOPIC_OR_PART:
            return None
        if found.error is not None:
            raise self.problem(f"say what the topic {topic} is", found.error)
        return len(found.partitions)

    def send(self, records: Sequence[KafkaRecord]) -> list[KafkaRecord]:
        """Produce records, and wait until the cluster has them; the same, at their places and with their times.

        A negative partition is the producer's choice, a negative timestamp the present.
        """
        placed: dict[int, KafkaRecord] = {}
        failed: list[Any] = []

        def produce(number: int, record: KafkaRecord) -> None:
            def report(error: Any, message: Any) -> None:
                if error is not None:
                    failed.append(error)
                    return
                kind, timestamp = _time_of(message)
                placed[number] = replace(
                    record,
                    partition=message.partition(),
                    offset=message.offset(),
                    timestamp=timestamp,
                    timestamp_type=kind,
                )

            given: dict[str, Any] = {"partition": record.partition} if record.partition >= 0 else {}
            if record.timestamp >= 0:
                given["timestamp"] = record.timestamp
            self._producer.produce(
                record.topic,
                value=record.value,
                key=record.key,
                headers=list(record.headers) or None,
                on_delivery=report,
                **given,
            )

        with self.asking("take the records"):
            for number, record in enumerate(records):
                produce(number, record)
            left = self._producer.flush(self.seconds + 1)
        if failed or left:
            raise self.problem("take the records", *failed[:1])
        return [placed[number] for number in range(len(records))]

    def consumer(self, group: str, **more: Any) -> Any:
        """A consumer in this group's name."""
        settings = {
            "group.id": group,
            "enable.auto.commit": False,
            "auto.offset.reset": "error",  # it is told where to read; where nothing is, it asks
            "enable.partition.eof": True,
            "allow.auto.create.topics": False,
            "fetch.wait.max.ms": 50,
            "fetch.error.backoff.ms": 20,
        }
        return self._made("Consumer", {**settings, **more})

    def reader(self, topic: str, group: str) -> KafkaReader:
        """What reads a topic in this group's name."""
        found = KafkaReader(self, self._client, topic, group)
        self._readers.append(found)
        return found

    def close(self) -> None:
        """Let go of every connection."""
        for one in self._readers:
            one.close()
        self._readers.clear()
        self._asker.close()
        self._producer.flush(0)


class KafkaReader:
    """One reader of a topic; see `brokers.mirrored_log.LogConnection`.

    Questions and commits go through a consumer of their own, which reads nothing: behind a fetch that waits for records
    they would wait, too. And the client's call that waits for a commit waits for ever when no broker answers; the one
    that does not wait reports when it is polled, and whoever is polled delivers.
    """

    def __init__(self, cluster: KafkaCluster, client: Any, topic: str, group: str) -> None:
        self._cluster = cluster
        self._client = client
        self._consumer = cluster.consumer(group)
        self._reading: dict[int, int] = {}
        self._commits: list[Any] = []
        self._asker = cluster.consumer(group, on_commit=lambda error, _places: self._commits.append(error))
        self._topic = topic
        self.partitions = cluster.partitions(topic) or 0

    def bounds(self, partition: int) -> tuple[int, int]:
        """The offsets of the first record and of the next one to come."""
        place = self._client.TopicPartition(self._topic, partition)
        low, high = self._cluster.ask(
            f"say what partition {partition} of {self._topic} has",
            lambda seconds: self._asker.get_watermark_offsets(place, timeout=seconds),
        )
        return low, high

    def offset_at(self, partition: int, at_ms: int) -> int | None:
        """The offset of the first record of this moment or later; None when there is none."""
        place = self._client.TopicPartition(self._topic, partition, at_ms)
        found = self._cluster.ask(
            f"look for a moment in partition {partition} of {self._topic}",
            lambda seconds: self._asker.offsets_for_times([place], timeout=seconds),
        )
        return None if found[0].offset < 0 else int(found[0].offset)

    def committed(self) -> dict[int, int]:
        """What the group has committed."""
        asked = [self._client.TopicPartition(self._topic, number) for number in range(self.partitions)]
        found = self._cluster.ask(
            "say what the group has committed", lambda seconds: self._asker.committed(asked, timeout=seconds)
        )
        return {one.partition: one.offset for one in found if one.offset >= 0}

    def commit(self, partition: int, offset: int) -> None:
        """Let the group go on at this offset. Errors: `UsageError` when somebody reads in this group."""
        self._commits.clear()
        with self._cluster.asking("commit an offset"):
            place = self._client.TopicPartition(self._topic, partition, offset)
            self._asker.commit(offsets=[place], asynchronous=True)
        deadline = time.monotonic() + self._cluster.seconds
        while not self._commits and time.monotonic() < deadline:
            self._asker.poll(_MOMENT)
        if not self._commits:
            raise self._cluster.problem("commit an offset")
        error = self._commits.pop()
        if error is not None and error.name() in _MEMBERS:
            raise UsageError(
                f"the group has members that read in it now ({error.str()}), and live mode takes nobody's place: give "
                "the mapping a ConsumerGroupId of its own"
            )
        if error is not None:
            raise self._cluster.problem("commit an offset", error)

    def read_from(self, offsets: Mapping[int, int]) -> None:
        """Fetch these partitions, from these offsets on, and no others."""
        self._reading = dict(offsets)
        with self._cluster.asking("let us read"):
            self._consumer.assign([self._client.TopicPartition(self._topic, *place) for place in offsets.items()])

    def fetch(self) -> Iterator[Fetched]:
        """What has come since the last time, without waiting."""
        while messages := self._consumer.consume(_MOST, timeout=0):
            for message in messages:
                yield self._fetched(message)
        self._cluster.look()

    def _fetched(self, message: Any) -> Fetched:
        error, partition = message.error(), message.partition()
        if error is None:
            self._reading[partition] = message.offset() + 1
            return Fetched(partition, message.offset(), _record_of(message))
        if error.code() == self._client.KafkaError._PARTITION_EOF:  # noqa: SLF001 - its name for what is no error
            return Fetched(partition, message.offset(), None)
        if error.code() == self._client.KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001 - likewise
            # retention was quicker: go on at what it has left
            low, _ = self.bounds(partition)
            self._reading[partition] = low
            self.read_from(self._reading)
            return Fetched(partition, low, None)
        raise self._cluster.problem(f"let us read partition {partition} of {self._topic}", error)

    def close(self) -> None:
        """Leave. A commit that no broker answers would keep the client for a minute: it is left to itself."""
        self._consumer.close()
        closing = threading.Thread(target=self._asker.close, daemon=True)
        closing.start()
        closing.join(self._cluster.seconds)


def _record_of(message: Any) -> KafkaRecord:
    kind, timestamp = _time_of(message)
    headers = message.headers() or ()
    return KafkaRecord(
        topic=message.topic(),
        partition=message.partition(),
        offset=message.offset(),
        timestamp=timestamp,
        timestamp_type=kind,
        key=message.key(),
        value=message.value(),
        # a header without a value is shown like an empty one: what Lambda makes of it is not known
        headers=tuple([(name, b"" if value is None else value) for name, value in headers]),
    )


def _time_of(message: Any) -> tuple[TimestampType, int]:
    kind, timestamp = message.timestamp()
    return _TYPES[kind], NO_TIMESTAMP if kind == 0 else timestamp
