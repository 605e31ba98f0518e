"""Powertools' own Kafka utilities, run by the loop: its batch processor and its consumer records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.kafka import SchemaConfig, kafka_consumer
from google.protobuf.source_context_pb2 import SourceContext
from google.protobuf.type_pb2 import EnumValue

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.kafka import ConsumerRecords


def test_the_batch_processor_reports_what_the_poller_reads(aws: Any, provisioned: Any) -> None:
    """EventType.Kafka: the failed records come back alone, the others are processed."""
    topic = aws.msk_topic("stock.changes-1", partitions=3)
    processor = BatchProcessor(event_type=EventType.Kafka)
    seen: list[tuple[str, int]] = []

    def handle(record: Any) -> None:
        seen.append((record.json_value["sku"], record.offset))
        if record.json_value["count"] < 0 and len(seen) < 8:
            raise ValueError("nothing is left")

    def handler(event: Any, context: Any) -> Any:
        return process_partial_response(event=event, record_handler=handle, processor=processor, context=context)

    mapping = aws.event_source_mapping(
        topic,
        handler,
        StartingPosition="TRIM_HORIZON",
        FunctionResponseTypes=["ReportBatchItemFailures"],
        MaximumRetryAttempts=5,
        **provisioned,
    )
    sent = topic.send(
        *[{"sku": sku, "count": count} for sku, count in (("a", 1), ("b", -1), ("c", 2), ("d", -2), ("e", 3))],
        key=lambda number: f"shop-{number}",
    )
    run = mapping.run_until_idle()
    assert run.processed == sent
    assert [len(call.records) for call in run.invocations] == [5, 2, 2]
    # where every record failed, the processor raises instead of reporting them all
    assert [call.outcome for call in run.invocations] == ["partial", "error", "success"]
    assert run.advice == []
    assert [sku for sku, _ in seen[5:]] == [
        record.json()["sku"] for record in run.invocations[1].records + run.invocations[2].records
    ]


def test_consumer_records_read_every_record_of_the_event(aws: Any, provisioned: Any) -> None:
    """`kafka_consumer` flattens the partitions; values, keys and headers are what was sent."""
    topic = aws.kafka_topic("stock", partitions=2)
    seen: list[Any] = []

    @kafka_consumer(schema_config=SchemaConfig(value_schema_type="JSON"))
    def handler(event: ConsumerRecords, _context: Any) -> None:
        seen.extend((one.topic, one.partition, one.offset, one.key, one.value, one.headers) for one in event.records)

    mapping = aws.event_source_mapping(topic, handler)
    sent = topic.send({"sku": "a"}, {"sku": "b"}, key="k", headers={"trace": b"\x76\xdc"})
    run = mapping.run_until_idle()
    assert run.processed == sent
    assert [one[:5] for one in seen] == [
        (record.topic, record.partition, record.offset, "k", record.json()) for record in sent
    ]
    assert seen[0][5]["trace"] == b"\x76\xdc"


ORDER = json.dumps({"type": "record", "name": "Order", "fields": [{"name": "id", "type": "int"}]})
AS_AVRO = SchemaConfig(value_schema_type="AVRO", value_schema=ORDER)


def reading(registry: Any, event_format: str) -> dict[str, Any]:
    """A mapping's parameters, with a registry that reads the values."""
    config = {
        "SchemaRegistryURI": registry.uri,
        "EventRecordFormat": event_format,
        "SchemaValidationConfigs": [{"Attribute": "VALUE"}],
    }
    return {"SelfManagedKafkaEventSourceConfig": {"SchemaRegistryConfig": config}}


def consumed(aws: Any, config: SchemaConfig, parameters: dict[str, Any], schema: Any, *sent: Any) -> list[Any]:
    """The values that a handler of Powertools' `kafka_consumer` sees."""
    topic, values = aws.kafka_topic("orders"), []

    @kafka_consumer(schema_config=config)
    def handler(event: ConsumerRecords, _context: Any) -> None:
        values.extend(one.value for one in event.records)

    mapping = aws.event_source_mapping(topic, handler, MaximumRetryAttempts=0, **parameters)
    topic.send(*sent, value_schema=schema)
    run = mapping.run_until_idle()
    assert [call.outcome for call in run.invocations] == ["success"]
    return values


@pytest.mark.parametrize("kind", ["confluent", "glue"])
def test_consumer_records_read_avro_of_both_registries(aws: Any, provisioned: Any, kind: str) -> None:
    """EventRecordFormat SOURCE: Avro without a prefix, with metadata beside it."""
    registry = aws.schema_registry() if kind == "confluent" else aws.glue_registry("orders")
    schema = registry.register("orders-value", ORDER, "AVRO")
    parameters = {**reading(registry, "SOURCE"), **provisioned}
    assert consumed(aws, AS_AVRO, parameters, schema, {"id": 1}, {"id": -2}) == [{"id": 1}, {"id": -2}]


@pytest.mark.parametrize(
    ("kind", "message", "value"),
    [
        ("confluent", SourceContext, {"file_name": "a.proto"}),
        ("glue", SourceContext, {"file_name": "a.proto"}),
        ("glue", EnumValue, {"name": "a", "number": 3}),  # the fourth of its file
    ],
)
def test_consumer_records_read_protobuf_of_both_registries(
    aws: Any, provisioned: Any, kind: str, message: Any, value: Any
) -> None:
    """SOURCE: behind the message's index, which Powertools takes off.

    Of Confluent's indexes it reads those of a file's first message only (tests/sources/test_kafka_event.py).
    """
    registry = aws.schema_registry() if kind == "confluent" else aws.glue_registry("orders")
    schema = registry.register("orders-value", message, "PROTOBUF")
    config = SchemaConfig(value_schema_type="PROTOBUF", value_schema=message)
    parameters = {**reading(registry, "SOURCE"), **provisioned}
    assert consumed(aws, config, parameters, schema, value) == [value]


@pytest.mark.parametrize(
    ("data_format", "definition", "config", "expected"),
    [
        ("JSON", {"required": ["id"]}, SchemaConfig(value_schema_type="JSON"), {"id": 1}),
        ("AVRO", ORDER, SchemaConfig(), '{"id":1}'),
    ],
)
def test_consumer_records_read_what_lambda_decoded(
    aws: Any, provisioned: Any, data_format: str, definition: Any, config: SchemaConfig, expected: Any
) -> None:
    """EventRecordFormat JSON: where the metadata says AVRO, Powertools refuses to read JSON, and gives the text."""
    registry = aws.schema_registry()
    schema = registry.register("orders-value", definition, data_format)
    assert consumed(aws, config, {**reading(registry, "JSON"), **provisioned}, schema, {"id": 1}) == [expected]


def test_consumer_records_read_avro_behind_confluents_prefix(aws: Any, provisioned: Any) -> None:
    """Without a registry in the mapping: the prefix is still there, and Powertools knows Confluent's of Avro."""
    schema = aws.schema_registry().register("orders-value", ORDER, "AVRO")
    config = SchemaConfig(value_schema_type="AVRO", value_schema=ORDER, value_schema_wire_format="CONFLUENT")
    assert consumed(aws, config, provisioned, schema, {"id": 1}) == [{"id": 1}]
