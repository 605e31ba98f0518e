"""Kafka's event: the JSON that Lambda hands to the function. The law: key by key as captured on AWS, bytes signed.

Records stand under `topic-partition`. What is not there has no key: a record without a key, a tombstone's value. The
bytes of headers are Java's: from -128 to 127.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.model.java_bytes import signed
from pytest_lambda_events.model.json_writing import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.model.kafka_record import KafkaRecord
    from pytest_lambda_events.model.schema_framing import KafkaSchema

__all__ = ["KafkaEventShape", "envelope_of", "event_of", "record_of", "records_of"]


def event_of(records: Sequence[KafkaRecord], bootstrap_servers: str) -> dict[str, Any]:
    """The event of a self-managed cluster around the records."""
    return {**envelope_of(bootstrap_servers), "records": records_of(records)}


def envelope_of(bootstrap_servers: str) -> dict[str, Any]:
    """The event of a self-managed cluster without records."""
    return {"eventSource": "SelfManagedKafka", "bootstrapServers": bootstrap_servers}


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
    shown["headers"] = [{name: signed(value)} for name, value in record.headers]
    if record.key_schema is not None:
        shown["keySchemaMetadata"] = _metadata(record.key_schema)
    if record.value_schema is not None:
        shown["valueSchemaMetadata"] = _metadata(record.value_schema)
    return shown


class KafkaEventShape:
    """One topic's events as text, for a poller: `record_of` and `event_of` for as many records as there are.

    `envelope` makes the event without its records, anew for each event, because the brokers' addresses come in another
    order each time.
    """

    def __init__(self, topic: str, envelope: Callable[[], dict[str, Any]]) -> None:
        self._topic = topic
        self._envelope = envelope
        self._head = self._next_head()
        self._start = f'{{"topic":{compact(topic)},"partition":'

    @property
    def overhead(self) -> int:
        """Bytes of the next event without any partition."""
        return len(self._head) + len("}}")

    def partition_overhead(self, partition: int) -> int:
        """Bytes that a partition with records adds, besides the records and the commas between them."""
        return len(f'"{self._topic}-{partition}":[],')

    def record_text(self, record: KafkaRecord) -> str:
        """One record as compact JSON: what `record_of` says, without a detour."""
        key, value = record.key, record.value
        text = (
            f'{self._start}{record.partition},"offset":{record.offset},"timestamp":{record.timestamp},'
            f'"timestampType":"{record.timestamp_type}"'
        )
        if key is not None:
            text += f',"key":"{b64encode(key).decode("ascii")}"'
        if value is not None:
            text += f',"value":"{b64encode(value).decode("ascii")}"'
        if record.headers or record.key_schema is not None or record.value_schema is not None:
            shown = record_of(record)
            return text + "," + compact({name: shown[name] for name in _RARE if name in shown})[1:]
        return text + ',"headers":[]}'

    def event_text(self, records: Sequence[KafkaRecord], record_texts: Sequence[str]) -> str:
        """The event around records, each with its text; partitions stand in the order of their first records."""
        partitions: dict[int, list[str]] = {}
        for record, text in zip(records, record_texts, strict=True):
            partitions.setdefault(record.partition, []).append(text)
        head, self._head = self._head, self._next_head()
        lists = [f'"{self._topic}-{number}":[{",".join(texts)}]' for number, texts in partitions.items()]
        return f"{head}{','.join(lists)}}}}}"

    def _next_head(self) -> str:
        return f'{compact(self._envelope())[:-1]},"records":{{'


_RARE = ("headers", "keySchemaMetadata", "valueSchemaMetadata")


def _metadata(schema: KafkaSchema) -> dict[str, str]:
    return {"schemaId": schema.schema_id, "dataFormat": schema.data_format}
