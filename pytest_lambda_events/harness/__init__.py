"""The composition root: a clock, moto's surface, sources, mappings, and one agenda. The law: parts are joined here and
nowhere else; every public call first joins what the user's own freeze did (`clock.enter`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.brokers.moto.surface import MotoSurface
from pytest_lambda_events.building import free_name
from pytest_lambda_events.clock.travel import Travel
from pytest_lambda_events.clock.virtual import VirtualClock, parse_start
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.harness.advising import silenced_codes
from pytest_lambda_events.harness.factory import MappingFactory
from pytest_lambda_events.harness.running import MAX_INVOCATIONS, MAX_SECONDS, World
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.invoking.context import LambdaContext
from pytest_lambda_events.model.function import read_function
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.trace import Ledger
from pytest_lambda_events.sources.sqs.broker import adopt_queue, create_queue, is_reference

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence
    from types import TracebackType

    from pytest_lambda_events.brokers.schema_registry import SchemaRegistry
    from pytest_lambda_events.harness.job import S3BatchJob
    from pytest_lambda_events.harness.mapping import EventSourceMapping
    from pytest_lambda_events.harness.watching import Standing, Watcher
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.sources.activemq.broker import ActiveMqQueue
    from pytest_lambda_events.sources.documentdb.broker import (
        DocumentDbClusters,
        DocumentDbCollection,
        DocumentDbDatabase,
    )
    from pytest_lambda_events.sources.dynamodb.broker import DynamoDbTable
    from pytest_lambda_events.sources.kafka.broker import KafkaClusters, KafkaTopic, TopicSettings
    from pytest_lambda_events.sources.msk.broker import MskTopic
    from pytest_lambda_events.sources.rabbitmq.broker import RabbitMqQueue
    from pytest_lambda_events.sources.s3_batch.event import SchemaVersion
    from pytest_lambda_events.sources.sqs.broker import SqsQueue

__all__ = ["Harness"]

_active: Harness | None = None


class Harness:
    """One small world of AWS on virtual time.

    `seed` fixes every identifier; `start` is where virtual time begins (ISO 8601 text or datetime, UTC when it says
    nothing); `region` is where queues are made: AWS_DEFAULT_REGION if that is set, so that a client of the user's
    without a region looks in the same place, else us-east-1. With `strict` a run that ends with advice raises
    `AdviceGiven`; `silence` are codes of advice that nobody wants to hear (docs/advice.md).

    Use it as a context manager, or through the pytest fixture `lambda_events`. Only one is active at a time.
    """

    def __init__(
        self,
        seed: int = 0,
        start: str | dt.datetime = "2025-01-01T00:00:00Z",
        region: str | None = None,
        *,
        strict: bool = False,
        silence: Iterable[str] = (),
    ) -> None:
        self.seed = seed
        self.region = region or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        self.virtual_clock = VirtualClock(parse_start(start))
        self.ledger = Ledger()
        self.ledger.silenced = silenced_codes(silence)
        self._identifiers = Identifiers(seed)
        self._named: dict[str, int] = {}
        self._travel = Travel(self.virtual_clock)
        self._travel.untouched = self._is_untouched
        self._surface = MotoSurface(self.virtual_clock, self.ledger, self._identifiers, self.region)
        self._world = World(
            clock=self.virtual_clock,
            ledger=self.ledger,
            identifiers=self._identifiers,
            travel=self._travel,
            surface=self._surface,
            entered=self._entered,
            strict=strict,
        )
        self.event_source_mapping = MappingFactory(self, self._world, self._entered)

    def __enter__(self) -> Harness:  # noqa: PYI034 - Self came with Python 3.11
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Freeze time and start moto. Errors: `UsageError` when another harness is active."""
        global _active  # noqa: PLW0603 - time and moto are the process's, so there can be only one
        if _active is not None:
            raise UsageError(
                "another harness is active: there is one time and one moto in a process. In a pytest test, use the "
                "fixture `lambda_events`, which is a Harness, instead of making one."
            )
        # moto first: it imports while it starts, and each import on frozen time is a thaw
        self._surface.start()
        try:
            self._travel.start()
        except BaseException:
            self._surface.stop()
            raise
        _active = self

    def stop(self) -> None:
        """Thaw time and give moto back as it was. Stopping twice is fine."""
        global _active  # noqa: PLW0603
        if _active is self:
            _active = None
            # time first: what is left in the queues goes back to a moto of the user's, on the time that goes on there
            try:
                self._travel.stop()
            finally:
                try:
                    self._surface.stop()
                finally:
                    self._world.close()

    def _is_untouched(self) -> bool:
        clock = self.virtual_clock
        return not self.ledger.steps and clock.now_ms == clock.start_ms

    # -- sources --------------------------------------------------------------------------------------------------

    def sqs_queue(
        self,
        name: str | None = None,
        *,
        fifo: bool = False,
        maxReceiveCount: int | None = None,
        tags: Mapping[str, str] | None = None,
        **attributes: Any,
    ) -> SqsQueue:
        """Create a queue by name, or adopt the one of an ARN or URL that the user's own code made.

        `attributes` are CreateQueue's (`VisibilityTimeout=30`); `maxReceiveCount` makes the dead-letter queue. Errors:
        what AWS answers, as a `ClientError`.
        """
        self._entered()
        clock, surface = self.virtual_clock, self._surface
        if name is not None and is_reference(name):
            if attributes or maxReceiveCount is not None or tags:
                raise UsageError(
                    f"{name} exists already, so its attributes are its owner's; change them with boto3's "
                    "set_queue_attributes, or give a name to make a new queue"
                )
            return adopt_queue(name, surface, clock, self.ledger)
        if name is None:
            there = {queue.name for queue in surface.queues()}
            name = free_name("queue", there, len(there) + 1, ".fifo" if fifo else "")
        elif fifo and not name.endswith(".fifo"):
            name += ".fifo"
        if name.endswith(".fifo"):
            attributes.setdefault("FifoQueue", "true")
        return create_queue(name, attributes, surface, clock, self.ledger, max_receive_count=maxReceiveCount, tags=tags)

    def kinesis_stream(self, name: str | None = None, **attributes: Any) -> Any:
        """Create a stream by name, or adopt the one (or the consumer) of an ARN that the user's own code made.

        `attributes` are CreateStream's (`ShardCount=4`), one shard when it says nothing, and RetentionPeriodHours.
        Errors: what AWS answers, as a `ClientError`; `UsageError`.
        """
        self._entered()
        from pytest_lambda_events.sources.kinesis.broker import adopt_stream, create_stream, is_reference, stream_names

        clock, surface, identifiers = self.virtual_clock, self._surface, self._identifiers
        if name is not None and is_reference(name):
            _refuse_attributes(name, attributes)
            return adopt_stream(name, surface, clock, self.ledger, identifiers=identifiers)
        name = name or self._unnamed("stream", stream_names(surface))
        return create_stream(name, attributes, surface, clock, self.ledger, identifiers=identifiers)

    def dynamodb_table(
        self,
        name: str | None = None,
        *,
        keys: Sequence[str] | Mapping[str, str] | str = ("id",),
        ttl: str | None = None,
        **attributes: Any,
    ) -> DynamoDbTable:
        """Create a table with a stream, or adopt the one of an ARN (its own or its stream's) that the user's code made.

        `keys` are the names of the partition key and the sort key, strings unless a mapping gives their types; `ttl` is
        the attribute that says when an item expires; `attributes` are CreateTable's, and StreamViewType. Errors: what
        AWS answers, as a `ClientError`; `UsageError`.
        """
        self._entered()
        from pytest_lambda_events.sources.dynamodb.broker import adopt_table, create_table, table_names

        clock, surface = self.virtual_clock, self._surface
        if name is not None and name.startswith("arn:"):
            given = {"keys": keys} if keys != ("id",) else {}
            _refuse_attributes(name, {**given, **({"ttl": ttl} if ttl is not None else {}), **attributes})
            return adopt_table(name, surface, clock, self.ledger)
        name = name or self._unnamed("table", table_names(surface))
        return create_table(name, attributes, surface, clock, self.ledger, keys=keys, ttl=ttl)

    def kafka_topic(
        self, name: str | None = None, partitions: int = 1, *, bootstrap_servers: str | None = None, **settings: Any
    ) -> KafkaTopic:
        """Create a topic of a self-managed cluster, in memory.

        `settings` are `retention_ms`, `timestamp_type` and `max_message_bytes`. A mapping of it needs neither Topics,
        SelfManagedEventSource nor SourceAccessConfigurations: the topic knows them. Errors: `UsageError`.
        """
        self._entered()
        from pytest_lambda_events.sources.kafka.broker import create_kafka_topic

        clusters, made = self._topics_of(partitions, settings)
        if settings:
            known = ("partitions", "bootstrap_servers", *made._fields)
            unknown = next(iter(settings))
            raise UsageError(f"kafka_topic: a topic has no {unknown}{nearest(unknown, known)}; {', '.join(known)}")
        return create_kafka_topic(clusters, name, made, bootstrap_servers=bootstrap_servers)

    def msk_topic(
        self, name: str | None = None, partitions: int = 1, *, cluster: str = "orders", **settings: Any
    ) -> MskTopic:
        """Create a topic of an Amazon MSK cluster, in memory; `cluster` is its name or ARN.

        `settings` are those of `kafka_topic`, and what `msk_event` has of clusters (`serverless`, `auth`, `public`,
        `brokers`). Errors: `UsageError`.
        """
        self._entered()
        from pytest_lambda_events.sources.msk.broker import create_msk_topic

        clusters, made = self._topics_of(partitions, settings)
        return create_msk_topic(clusters, name, made, cluster=cluster, **settings)

    def schema_registry(self, url: str = "https://registry.example.com") -> SchemaRegistry:
        """Confluent's schema registry (or Confluent Cloud's) at this https address, in memory.

        `registry.register("orders-value", schema, "AVRO")` gives what `topic.send(..., value_schema=...)` encodes with;
        a mapping reads with it whose SchemaRegistryURI is the same address. Errors: `UsageError`.
        """
        self._entered()
        return self._clusters().registries.confluent(url)

    def glue_registry(self, name: str = "default-registry") -> SchemaRegistry:
        """A schema registry of AWS Glue, by name or ARN, in memory; otherwise as `schema_registry`.

        It also finds what the user's own code registered with boto3, in moto. Errors: `UsageError`.
        """
        self._entered()
        return self._clusters().registries.glue(name)

    def activemq_queue(
        self,
        name: str | None = None,
        *,
        broker: str = "orders",
        prioritizedMessages: bool = False,
        **policy: Any,
    ) -> ActiveMqQueue:
        """Create a queue of an Amazon MQ broker for ActiveMQ, in memory; `broker` is its name or ARN.

        `prioritizedMessages` is the destination policy's: without it a broker hands messages out as they came. `policy`
        is ActiveMQ's RedeliveryPolicy (`maximumRedeliveries=6`, `initialRedeliveryDelay`, `redeliveryDelay`,
        `useExponentialBackOff`, `backOffMultiplier`, `maximumRedeliveryDelay`; milliseconds). A mapping of it needs
        neither Queues nor SourceAccessConfigurations. Errors: `UsageError`.
        """
        self._entered()
        from pytest_lambda_events.sources.activemq.broker import ActiveMqBrokers, create_activemq_queue

        brokers = self._world.sources.room("activemq", ActiveMqBrokers)
        return create_activemq_queue(brokers, name, broker=broker, prioritizedMessages=prioritizedMessages, **policy)

    def rabbitmq_queue(
        self,
        name: str | None = None,
        *,
        vhost: str = "/",
        broker: str = "orders",
        arguments: Mapping[str, Any] | None = None,
    ) -> RabbitMqQueue:
        """Declare a classic queue of an Amazon MQ broker for RabbitMQ, in memory; `broker` is its name or ARN.

        `arguments` are RabbitMQ's optional ones: `{"x-message-ttl": 60_000, "x-dead-letter-exchange": "dead"}`. A
        mapping of it needs neither Queues nor SourceAccessConfigurations. Errors: `UsageError`; `NotSimulated` for an
        argument that is not acted on.
        """
        self._entered()
        from pytest_lambda_events.sources.rabbitmq.broker import RabbitMqBrokers, create_rabbitmq_queue

        brokers = self._world.sources.room("rabbitmq", RabbitMqBrokers)
        return create_rabbitmq_queue(brokers, name, vhost=vhost, broker=broker, arguments=arguments)

    def _topics_of(self, partitions: int, settings: dict[str, Any]) -> tuple[KafkaClusters, TopicSettings]:
        """Where topics are, and a new one's settings, which are taken out of those given."""
        from pytest_lambda_events.sources.kafka.broker import TopicSettings

        names = [name for name in TopicSettings._fields if name in settings]
        return self._clusters(), TopicSettings(partitions, **{name: settings.pop(name) for name in names})

    def _clusters(self) -> KafkaClusters:
        """What there is of Kafka, made when it is first asked for."""
        from pytest_lambda_events.harness.wiring_log import make_clusters

        return self._world.sources.room("kafka", make_clusters)

    def documentdb_collection(
        self,
        name: str | None = None,
        *,
        cluster: str = "orders",
        change_stream: bool = True,
        change_stream_log_retention_duration: int | None = None,
    ) -> DocumentDbCollection:
        """A collection of a DocumentDB cluster, in memory, by its full name (`"shop.orders"`).

        `cluster` is the cluster's name or ARN. Its change stream is enabled (DocumentDB's modifyChangeStreams) unless
        `change_stream` is False. `change_stream_log_retention_duration` is the cluster's parameter: for how many
        seconds it keeps changes, 10,800 when nobody says. Errors: `UsageError`.
        """
        self._entered()
        from pytest_lambda_events.sources.documentdb.names import namespace

        clusters = self._documents()
        if name is None:
            name = f"test.{self._unnamed('collection', clusters.collection_names('test', cluster))}"
        place = namespace(name, "name")
        return clusters.collection(
            place, cluster, change_stream=change_stream, retention_s=change_stream_log_retention_duration
        )

    def documentdb_database(
        self,
        name: str = "test",
        *,
        cluster: str = "orders",
        change_streams: bool = True,
        change_stream_log_retention_duration: int | None = None,
    ) -> DocumentDbDatabase:
        """A database of a DocumentDB cluster, in memory; a mapping of it gets the changes of all its collections.

        The change streams of all its collections are enabled, unless `change_streams` is False; the other arguments are
        those of `documentdb_collection`. Errors: `UsageError`.
        """
        self._entered()
        from pytest_lambda_events.sources.documentdb.names import database_name

        return self._documents().database(
            database_name(name),
            cluster,
            change_streams=change_streams,
            retention_s=change_stream_log_retention_duration,
        )

    def _documents(self) -> DocumentDbClusters:
        """Where DocumentDB's clusters are."""
        from pytest_lambda_events.sources.documentdb.broker import DocumentDbClusters

        return self._world.sources.room("documentdb", DocumentDbClusters)

    def _unnamed(self, kind: str, taken: Container[str]) -> str:
        """A name for a resource that was given none."""
        self._named[kind] = self._named.get(kind, 0) + 1
        return free_name(kind, taken, self._named[kind])

    # -- jobs -----------------------------------------------------------------------------------------------------

    def s3_batch_job(
        self,
        handler: Callable[[Any, Any], Any] | str,
        *,
        keys: Iterable[Any] | None = None,
        manifest: str | None = None,
        fields: Sequence[str] | None = None,
        bucket: str | None = None,
        function: Mapping[str, Any] | None = None,
        duration: float | Callable[[Any], float] = 0,
        schema: SchemaVersion = "1.0",
        user_arguments: Mapping[str, str] | None = None,
        report: Mapping[str, Any] | None = None,
        concurrency: int = 1,
        job_id: str | None = None,
        description: str | None = None,
    ) -> S3BatchJob:
        """Create a job of S3 Batch Operations that calls the function once for each object.

        The objects are `keys` of `bucket` (a name or an ARN; photos): keys, pairs of key and version, or dicts for JSON
        in the place of a key; or those of `manifest`, the URI or ARN of an object in moto: a CSV of bucket, URL-encoded
        key and perhaps version (or what `fields` says), or manifest.json of an S3 Inventory. `report` is CreateJob's
        JobReport (`{"Bucket": "arn:aws:s3:::reports", "Prefix": "out", "ReportScope": "FailedTasksOnly"}`), and is
        written into that bucket. `schema` is InvocationSchemaVersion, and `user_arguments` go with 2.0. Tasks run one
        at a time, or `concurrency` at once; `handler`, `function` and `duration` are as for `event_source_mapping`.
        Errors: `UsageError`. A manifest that S3 could not read is none: it fails the job.
        """
        self._entered()
        asked = {
            "keys": keys,
            "manifest": manifest,
            "fields": fields,
            "bucket": bucket,
            "schema": schema,
            "user_arguments": user_arguments,
            "report": report,
            "concurrency": concurrency,
            "job_id": job_id,
            "description": description,
        }
        return self._world.job(handler, function or {}, duration, asked)

    # -- mappings -------------------------------------------------------------------------------------------------

    def adopt(
        self, handlers: Mapping[str, Callable[[Any, Any], Any] | str] | None = None
    ) -> list[EventSourceMapping[Any]]:
        """Adopt every SQS mapping that the user's own code made in moto, and that was not adopted yet.

        They keep their UUIDs, parameters and functions' configurations. `handlers` gives handlers by function name. Any
        other is taken from its function's zip file: unpacked into a temporary directory until the harness stops, and
        imported in the function's environment; its modules are out of `sys.modules` whenever the function is not
        running. What boto3 changes later is seen by the next run. Errors: `HandlerNotUsable` for code that has no
        handler, what AWS answers as a `ClientError`; then none was adopted.
        """
        self._entered()
        return self._world.adoption.adopt_all(handlers or {})

    # -- running --------------------------------------------------------------------------------------------------

    def run_until_idle(self, *, max_invocations: int = MAX_INVOCATIONS, max_seconds: float = MAX_SECONDS) -> Run[Any]:
        """Run until no enabled mapping can deliver anything more; the view of all mappings.

        Errors: `RunLimitReached` at `max_invocations` or after `max_seconds` of virtual time.
        """
        self._entered()
        return self._world.run_until_idle(None, max_invocations, max_seconds)

    def run_for(
        self, seconds: float, *, max_invocations: int = MAX_INVOCATIONS, max_seconds: float | None = None
    ) -> Run[Any]:
        """Run for so many seconds of virtual time, which pass whether or not anything happens."""
        self._entered()
        return self._world.run_for(None, seconds, max_invocations, max_seconds)

    def run_until(
        self,
        predicate: Callable[[Run[Any]], bool],
        *,
        max_invocations: int = MAX_INVOCATIONS,
        max_seconds: float = MAX_SECONDS,
    ) -> Run[Any]:
        """Run until `predicate(run)` is true; it is asked before and after each step. Errors: `RunLimitReached`, also
        when everything came to rest and it still is not.
        """
        self._entered()
        return self._world.run_until(None, predicate, max_invocations, max_seconds)

    def view(self) -> Run[Any]:
        """What happened so far, without running anything."""
        return self._world.view(None)

    def watch(self, watcher: Watcher | None) -> None:
        """Have somebody look at every run, step by step; None: nobody any more."""
        self._world.watcher = watcher

    def standing(self) -> Standing:
        """How far the run has come: for who watches it, and cheaper than a view."""
        return self._world.standing()

    # -- the rest -------------------------------------------------------------------------------------------------

    def lambda_context(self, **function: Any) -> LambdaContext:
        """A context object as a handler gets it, on virtual time; `function` has CreateFunction's names."""
        clock = self.virtual_clock
        config = read_function(function, default_name="function", region=self.region, account=self._surface.account)
        deadline_ms = clock.now_ms + config.timeout_ms
        return LambdaContext(
            config,
            request_id=self._identifiers.uuid4("context"),
            log_stream_name=self._world.log_stream_name(config.name),
            remaining_ms=lambda: deadline_ms - clock.now_ms,
        )

    def _entered(self) -> None:
        if _active is not self:
            raise UsageError(
                "this harness is not active: use it as `with Harness() as aws:`, or the fixture `lambda_events`"
            )
        self.virtual_clock.enter()


def _refuse_attributes(reference: str, attributes: Mapping[str, Any]) -> None:
    if attributes:
        raise UsageError(
            f"{reference} exists already, so its attributes are its owner's: leave out {', '.join(attributes)}, or "
            f"give a name to make a new one"
        )
