"""Records of a Kafka event, produced into a topic again. The law: key, value and headers byte by byte.

A record goes to the partition that it was in, where the topic has it; else its key decides. Records of one topic fit
into any: how their own topic was called is not kept. What a schema registry's metadata says goes along.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.java_bytes import unsigned
from pytest_lambda_events.model.looking import integer_at
from pytest_lambda_events.model.pouring import Pour, Verb

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from pytest_lambda_events.model.kafka_record import KafkaRecord

__all__ = ["INTO", "mark_of", "pours"]

INTO: Final = ("kafka", "msk")


def pours(event: Any, source: Any) -> Iterator[Pour]:
    """What puts each record back."""
    partitions = len(source.partitions)
    for partition, records in event["records"].items():
        for number, record in enumerate(records):
            key, value = _bytes(record.get("key")), _bytes(record.get("value"))
            headers = [(name, unsigned(one)) for header in record.get("headers") or () for name, one in header.items()]
            options = {
                "key": key,
                "headers": headers or None,
                "partition": record["partition"] if record["partition"] < partitions else None,
                "key_schema": record.get("keySchemaMetadata"),
                "value_schema": record.get("valueSchemaMetadata"),
            }
            timestamp = integer_at(record, "timestamp")
            yield Pour(
                path=("records", partition, number),
                record=record,
                identity=f"{record['topic']}-{record['partition']}-{record['offset']}",
                put=Verb("send", (value,), {name: one for name, one in options.items() if one is not None}),
                captured_ms=timestamp if timestamp is not None and timestamp >= 0 else None,
                timed="timestamp",
                mark=(key, value, tuple(headers)),
            )


def mark_of(record: KafkaRecord) -> Hashable:
    """What a record is recognised by: all that its producer gave."""
    return record.key, record.value, record.headers


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
