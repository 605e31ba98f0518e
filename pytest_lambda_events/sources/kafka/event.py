"""Kafka's event: the JSON that Lambda hands to the function. The law: key by key as captured on AWS, bytes signed.

Records stand under `topic-partition`. What is not there has no key: a record without a key, a tombstone's value. The
bytes of headers are Java's: from -128 to 127.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.kafka_record import KafkaRecord
    from pytest_lambda_events.model.schema_framing import KafkaSchema

__all__ = ["event_of", "record_of", "records_of"]


def event_of(records: Sequence[KafkaRecord], bootstrap_servers: str) -> dict[str, Any]:
    """The event of a self-managed cluster around the records."""
    return {
        "eventSource": "SelfManagedKafka",
        "bootstrapServers": bootstrap_servers,
        "records": records_of(records),
    }


def records_of(records: Sequence[KafkaRecord]) -> dict[str, list[dict[str, Any]]]:
    """The records by partition, in the order in which the partitions come up."""
    partitions: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        partitions.setdefault(f"{record.topic}-{record.partition}", []).append(record_of(record))
    return partitions


def record_of(record: KafkaRecord) -> dict[str, Any]:
    """One record."""
    shown: dict[str, Any] = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "timestampType": record.timestamp_type,
    }
    if record.key is not None:
        shown["key"] = b64encode(record.key).decode("ascii")
    if record.value is not None:
        shown["value"] = b64encode(record.value).decode("ascii")
    shown["headers"] = [{name: memoryview(value).cast("b").tolist()} for name, value in record.headers]
    if record.key_schema is not None:
        shown["keySchemaMetadata"] = _metadata(record.key_schema)
    if record.value_schema is not None:
        shown["valueSchemaMetadata"] = _metadata(record.value_schema)
    return shown


def _metadata(schema: KafkaSchema) -> dict[str, str]:
    return {"schemaId": schema.schema_id, "dataFormat": schema.data_format}
