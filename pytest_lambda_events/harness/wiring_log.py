"""From a topic to the poller of a mapping. The law: the family's own part of `wiring`; nothing is decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.brokers.moto.glue_schemas import GlueSchemas
from pytest_lambda_events.brokers.schema_registry import SchemaRegistries
from pytest_lambda_events.destinations.kafka_topic import KafkaOrigin, KafkaTopicDestination, topic_of
from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.harness.filters import filter_of
from pytest_lambda_events.harness.wiring import NotedDestination
from pytest_lambda_events.polling.log import LogPoller
from pytest_lambda_events.polling.schema_reading import Readable, read_record
from pytest_lambda_events.sources import rules_of
from pytest_lambda_events.sources.kafka.broker import KafkaClusters
from pytest_lambda_events.sources.kafka.event import KafkaEventShape
from pytest_lambda_events.sources.kafka.event import envelope_of as self_managed_envelope
from pytest_lambda_events.sources.msk.event import envelope_of as msk_envelope

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.harness.wiring import Parts
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.kafka_record import KafkaRecord
    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.model.trace import Ledger
    from pytest_lambda_events.polling.faults import Dice
    from pytest_lambda_events.polling.ports import Destination
    from pytest_lambda_events.polling.schema_reading import Unreadable
    from pytest_lambda_events.sources.kafka.broker import KafkaTopic
    from pytest_lambda_events.sources.kafka.live import LiveKafkaTopic

    Topic: TypeAlias = KafkaTopic | LiveKafkaTopic
    Reach: TypeAlias = Callable[[str, KafkaOrigin], Destination]
    Read: TypeAlias = Callable[[KafkaRecord], Readable | Unreadable]

__all__ = ["make_clusters", "wire_log"]


def make_clusters(
    clock: Clock, ledger: Ledger, identifiers: Identifiers, *, region: str, account: str
) -> KafkaClusters:
    """Where a harness has its topics, and the schema registries of their mappings."""
    registries = SchemaRegistries(identifiers, region=region, account=account, in_glue=GlueSchemas())
    return KafkaClusters(clock, ledger, identifiers, region=region, account=account, registries=registries)


def wire_log(topic: Topic, parts: Parts, *, dice: Dice | None = None, reach: Reach) -> tuple[LogPoller, str]:
    """The poller of a mapping of this topic, and the place where the ledger has its records' fates: the mapping.

    `dice` are the faults asked for: throttles and crashes. `reach` makes the on-failure destination of an ARN (a queue,
    a topic of SNS, a bucket), whose invocation records are `KafkaOrigin.batch_record`, and writes down what it reaches;
    a topic of the cluster is reached without it.

    Errors: `NotSimulated` for a schema registry that is not here.
    """
    shape = _shape_of(topic)
    origin = KafkaOrigin(
        function_arn=parts.function.config.invoked_arn,
        version=parts.function.config.version,
        event_source_arn=topic.mapped_arn,
        bootstrap_servers=topic.shuffled_servers,
    )

    def destination_of(config: MappingConfig) -> Destination | None:
        destination = config.destination
        if destination is None:
            return None
        name = topic_of(destination)
        if name is not None:
            return NotedDestination(destination, _to_topic(topic, name, origin, shape, _reading(topic, config)), parts)
        return reach(destination, origin)

    broker, group = topic.joined(_group_name(topic, parts))
    poller = LogPoller(
        parts.uuid,
        config=parts.config,
        broker=broker,
        group=group,
        shape=shape,
        function=parts.function,
        reservation=parts.reservation,
        clock=parts.clock,
        ledger=parts.ledger,
        new_request_id=parts.new_request_id,
        dice=dice,
        destination_of=destination_of,
        filter_of=filter_of(topic.kind),
        reading_of=lambda config: _reading(topic, config),
    )
    return poller, parts.uuid


def _reading(topic: Topic, config: MappingConfig) -> Read | None:
    """What reads a record by the schemas of the mapping's registry, None without one. Errors: `NotSimulated`."""
    registry = config.registry
    if registry is None:
        return None
    schemas = topic.registry(registry.uri)
    if schemas is None:
        make = "glue_registry" if registry.uri.startswith("arn:") else "schema_registry"
        raise NotSimulated(
            f"SchemaRegistryURI={registry.uri!r}: AWS would accept it, but this registry is not here; make it with "
            f"{make}({registry.uri!r}), register the schemas there, and send with them"
        )
    return lambda record: read_record(record, registry, schemas)


def _shape_of(topic: Topic) -> KafkaEventShape:
    arn = topic.mapped_arn

    def envelope() -> dict[str, Any]:
        servers = topic.shuffled_servers()
        return self_managed_envelope(servers) if arn is None else msk_envelope(arn, servers)

    return KafkaEventShape(topic.name, envelope)


def _group_name(topic: Topic, parts: Parts) -> str:
    """ConsumerGroupId; a mapping that names none has its UUID."""
    config = parts.config.parameters.get(str(rules_of(topic.kind).group_config)) or {}
    return str(config.get("ConsumerGroupId") or parts.uuid)


def _to_topic(
    topic: Topic, name: str, origin: KafkaOrigin, shape: KafkaEventShape, read: Read | None
) -> KafkaTopicDestination:
    def send(key: bytes | None, message: str) -> str | None:
        there = topic.sibling(name)  # looked for when it is needed: it may be made after the mapping
        if there is None:
            return f"UNKNOWN_TOPIC_OR_PARTITION: {topic.cluster} has no topic {name}; make it on the same cluster"
        try:
            there.send(message, key=key)
        except UsageError as error:
            return f"MESSAGE_TOO_LARGE: {error}"
        return None

    def event_text(record: KafkaRecord) -> str:
        found = None if read is None else read(record)
        return shape.event_text(
            [record], [shape.record_text(found.delivered if isinstance(found, Readable) else record)]
        )

    return KafkaTopicDestination(origin=origin, event_text=event_text, send=send)
