"""Powertools' own Kafka utilities, run by the loop: its batch processor and its consumer records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.kafka import SchemaConfig, kafka_consumer

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
