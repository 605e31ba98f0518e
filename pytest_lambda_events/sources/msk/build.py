"""Amazon MSK events without a poller. The law: those of `kafka`, from a cluster whose ARN and addresses agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.building import ACCOUNT, REGION, moment_ms
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.kafka_record import MAX_MESSAGE_BYTES
from pytest_lambda_events.sources.kafka.build import delivered, send
from pytest_lambda_events.sources.msk.cluster import cluster_of
from pytest_lambda_events.sources.msk.event import event_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping

    from pytest_lambda_events.model.kafka_record import TimestampType
    from pytest_lambda_events.model.schema_framing import KafkaSchema, Registry
    from pytest_lambda_events.sources.msk.cluster import Auth

__all__ = ["msk_event"]


def msk_event(
    *payloads: Any,
    topic: str = "orders",
    cluster: str = "orders",
    region: str = REGION,
    account: str = ACCOUNT,
    serverless: bool = False,
    auth: Auth = "iam",
    public: bool = False,
    brokers: int = 3,
    count: int | None = None,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    key: str | bytes | Callable[[int], str | bytes | None] | None = None,
    headers: Mapping[str, Any] | Iterable[tuple[str, Any]] | Callable[[int], Any] | None = None,
    partition: int | Callable[[int], int | None] | None = None,
    partitions: int = 1,
    offset: int | Callable[[int], int] | None = None,
    timestamp: int | Callable[[int], int | None] | None = None,
    timestamp_type: TimestampType | Callable[[int], TimestampType] = "CREATE_TIME",
    key_schema: KafkaSchema | Mapping[str, Any] | Callable[[int], Any] | None = None,
    value_schema: KafkaSchema | Mapping[str, Any] | Callable[[int], Any] | None = None,
    framing: Registry | None = None,
    max_message_bytes: int = MAX_MESSAGE_BYTES,
    overrides: Mapping[str, Any] | None = None,
) -> Any:
    """An event of a topic of an MSK cluster of one record for each payload, by partition and in offset order.

    Args:
        payloads: The values: `str`, `bytes` as they are, None a tombstone, else compact JSON; orders when none given.
        topic: The topic's name.
        cluster: The cluster's name or ARN (an ARN says region and account, too, and whether it is serverless).
        region: The cluster's region.
        account: The cluster's account, 12 digits.
        serverless: The cluster is of MSK Serverless.
        auth: How clients prove who they are, which decides on the port: plaintext, tls, scram or iam.
        public: Lambda reaches the cluster from outside its VPC.
        brokers: How many brokers the cluster has; an event names three of them at the most.
        count: How often to repeat a single payload, or how many orders to make when no payload is given.
        seed: Fixes every offset and choice: same seed, same event.
        time: When the records were sent, ISO 8601 or a datetime; the virtual present when a harness is active.
        key: The key, as payloads are written; no key when left out.
        headers: Header values (str or bytes) by name, or (name, value) pairs where a name comes twice.
        partition: The partition; where Kafka's default partitioner would put the record when left out.
        partitions: How many partitions the topic has: keys decide among them, records without a key stay together.
        offset: The offset of a partition's first record, or a function of the partition; drawn when left out.
        timestamp: When the record was sent, in epoch milliseconds, instead of time.
        timestamp_type: CREATE_TIME, LOG_APPEND_TIME, or NO_TIMESTAMP_TYPE (then timestamp is -1).
        key_schema: The registry's schema of the key, {"schemaId": "7", "dataFormat": "AVRO"} (or JSON, PROTOBUF).
        value_schema: The registry's schema of the value; the payload is what a serializer made, and travels as it is.
            One that a harness's registry gave encodes the payload.
        framing: Where schema ids stand when the mapping has no registry: in the bytes, as of confluent or glue.
        max_message_bytes: The topic's max.message.bytes; what is larger is refused.
        overrides: What to put at which path when all is derived, e.g. `{"records[*][0].offset": 7}`.

    An argument of the records may be a function of the record's number (from 0) instead of one value for all.
    Errors: `UsageError`.
    """
    identifiers = Identifiers(seed)
    home = cluster_of(cluster, region, account, serverless=serverless)
    servers = home.bootstrap_servers(
        auth=auth, public=public, brokers=brokers, dice=identifiers.stream(f"brokers/{home.arn}")
    )
    records = send(
        payloads,
        identifiers=identifiers,
        topic=topic,
        count=count,
        sent_ms=moment_ms(time),
        key=key,
        headers=headers,
        partition=partition,
        partitions=partitions,
        offset=offset,
        timestamp=timestamp,
        timestamp_type=timestamp_type,
        key_schema=key_schema,
        value_schema=value_schema,
        framing=framing,
        max_message_bytes=max_message_bytes,
    )
    return delivered(event_of(records, home.arn, servers), overrides)
