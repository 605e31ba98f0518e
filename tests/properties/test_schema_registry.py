"""A topic read by a schema registry: whatever was sent, and wherever the mapping is stopped in between, each record
ends as its bytes say.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_lambda_events import Harness

ORDER = {"type": "record", "name": "Order", "fields": [{"name": "id", "type": "int"}]}
FATES = {
    "good": "processed",
    "tombstone": "filtered",  # a pattern on its value finds none
    "filtered": "filtered",
    "broken": "discarded",
    "unknown": "discarded",
    "plain": "discarded",
}


def send(topic: Any, kind: str, partition: int, schema: Any, gone: Any) -> Any:
    """A record that ends as `FATES` says."""
    payload, with_schema = {
        "good": ({"id": 1}, schema),
        "tombstone": (None, None),
        "filtered": ({"id": 2}, schema),
        "broken": (b"", schema),
        "unknown": ({"id": 1}, gone),
        "plain": ({"id": 1}, None),
    }[kind]
    (record,) = topic.send(payload, partition=partition, value_schema=with_schema)
    return record


BEHIND_ONE_THAT_WAITS = [("broken", 0)] * 4 + [("good", 0), ("broken", 0)]


@settings(max_examples=settings().max_examples // 4)
@example(kinds=BEHIND_ONE_THAT_WAITS, stops_after=5, event_format="JSON", batch_size=2, pollers=1)
@given(
    kinds=st.lists(st.tuples(st.sampled_from(sorted(FATES)), st.integers(0, 1)), max_size=12),
    stops_after=st.integers(0, 12),
    event_format=st.sampled_from(("JSON", "SOURCE")),
    batch_size=st.integers(1, 4),
    pollers=st.integers(1, 2),
)
def test_every_record_ends_as_its_bytes_say(
    kinds: list[tuple[str, int]], stops_after: int, event_format: str, batch_size: int, pollers: int
) -> None:
    """Good ones are processed; what the filter or the schema stops never reaches the function."""
    seen: list[Any] = []
    with Harness() as aws:
        registry, topic = aws.schema_registry(), aws.kafka_topic("orders", partitions=2)
        schema = registry.register("orders-value", ORDER, "AVRO")
        gone = registry.register("gone", {**ORDER, "name": "Gone"}, "AVRO")
        registry.delete(gone)
        config = {
            "SchemaRegistryURI": registry.uri,
            "EventRecordFormat": event_format,
            "SchemaValidationConfigs": [{"Attribute": "VALUE"}],
        }
        mapping = aws.event_source_mapping(
            topic,
            lambda event, _context: seen.extend(one for some in event["records"].values() for one in some),
            BatchSize=batch_size,
            ProvisionedPollerConfig={"MinimumPollers": pollers},
            FilterCriteria={"Filters": [{"Pattern": json.dumps({"value": {"id": [1]}})}]},
            SelfManagedKafkaEventSourceConfig={"SchemaRegistryConfig": config},
        )
        sent = []
        for number, (kind, partition) in enumerate(kinds):
            sent.append((send(topic, kind, partition, schema, gone), kind))
            if number == stops_after:
                mapping.run_for(0.2)
                mapping.disable()
                mapping.run_for(1)
                mapping.enable()
        run = mapping.run_until_idle()
        mapping.poller.check()
        assert [(record, run.fate(record)) for record, _ in sent] == [(record, FATES[kind]) for record, kind in sent]
        delivered = sorted(f"orders-{one['partition']}-{one['offset']}" for one in seen)
        assert delivered == sorted(record.id for record, kind in sent if FATES[kind] == "processed")
        # what was given up behind a record that had not ended is read, and given up, once more after the pause
        dropped = [step.records for step in run.trace if step.kind == "unreadable"]
        assert run.metrics["DroppedEventCount"] == len(dropped)
        assert {name for names in dropped for name in names} == {record.id for record in run.discarded}
        assert sum(topic.group(mapping.uuid).lag.values()) == 0
