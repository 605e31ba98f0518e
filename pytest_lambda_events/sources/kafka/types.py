"""Kafka's event as types, for annotations. The law: key for key what `check` knows; a test compares them."""

from __future__ import annotations

from typing import TypedDict

__all__ = ["KafkaEvent", "KafkaRecord", "KafkaSchemaMetadata"]


class KafkaSchemaMetadata(TypedDict):
    """The schema of a key or value, where the event source mapping has a schema registry."""

    schemaId: str
    dataFormat: str


class _RecordAlways(TypedDict):
    topic: str
    partition: int
    offset: int
    timestamp: int
    timestampType: str
    headers: list[dict[str, list[int]]]


class KafkaRecord(_RecordAlways, total=False):
    """One record: key and value are base64, and absent where there are none; the bytes of headers are signed."""

    key: str
    value: str
    keySchemaMetadata: KafkaSchemaMetadata
    valueSchemaMetadata: KafkaSchemaMetadata


class KafkaEvent(TypedDict):
    """What Lambda hands to a function behind a topic of a self-managed cluster: records by `topic-partition`."""

    eventSource: str
    bootstrapServers: str
    records: dict[str, list[KafkaRecord]]
