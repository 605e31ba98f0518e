"""A mapping with a schema registry, statement by statement (Lambda Developer Guide, "Using schema registries with Kafka
event sources in Lambda"); where the page says nothing, the docstring says that it is ours.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from google.protobuf.descriptor_pb2 import DescriptorProto
from google.protobuf.source_context_pb2 import SourceContext
from google.protobuf.type_pb2 import EnumValue

from pytest_lambda_events import NotSimulated, UsageError
from pytest_lambda_events.model.schema_framing import unframed

if TYPE_CHECKING:
    from collections.abc import Callable

ORDER = {
    "type": "record",
    "name": "Order",
    "fields": [{"name": "id", "type": "int"}, {"name": "note", "type": ["null", "string"], "default": None}],
}
JSON_ORDER = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
GROUP = {"kafka": "SelfManagedKafkaEventSourceConfig", "msk": "AmazonManagedKafkaEventSourceConfig"}
QUEUE = "arn:aws:sqs:us-east-1:123456789012:dead"
TO_QUEUE = {"DestinationConfig": {"OnFailure": {"Destination": QUEUE}}}


class Seen:
    """A handler that keeps the records of its events; one that `fails` raises."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.fails = False

    def __call__(self, event: Any, _context: Any) -> None:
        self.records += [one for records in event["records"].values() for one in records]
        if self.fails:
            raise ValueError("no")

    def value(self, number: int = 0, what: str = "value") -> bytes:
        """What the function got."""
        return base64.b64decode(self.records[number][what])


@pytest.fixture
def seen() -> Seen:
    return Seen()


def reading(registry: Any, event_format: str = "JSON", *attributes: str, source: str = "kafka") -> dict[str, Any]:
    """The parameters of a mapping in provisioned mode that reads with a registry; the value where nothing is said."""
    config = {
        "SchemaRegistryURI": registry if isinstance(registry, str) else registry.uri,
        "EventRecordFormat": event_format,
        "SchemaValidationConfigs": [{"Attribute": one} for one in attributes or ("VALUE",)],
    }
    return {GROUP[source]: {"SchemaRegistryConfig": config}, "ProvisionedPollerConfig": {"MinimumPollers": 1}}


def registry_of(aws: Any, kind: str) -> Any:
    return aws.schema_registry() if kind == "confluent" else aws.glue_registry("orders")


# -- provisioned mode, one registry ------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["kafka", "msk"])
def test_only_in_provisioned_mode(aws: Any, seen: Seen, source: str) -> None:
    """Event source mappings in on-demand mode have no registry."""
    topic = aws.kafka_topic("orders") if source == "kafka" else aws.msk_topic("orders")
    parameters = reading(aws.schema_registry(), source=source)
    del parameters["ProvisionedPollerConfig"]
    with pytest.raises(ClientError, match="schemaRegistryConfig' parameter") as refused:
        aws.event_source_mapping(topic, seen, **parameters)
    assert "needs provisioned mode" in refused.value.hint


def test_provisioned_mode_stays_as_long_as_the_registry(aws: Any, seen: Seen) -> None:
    """To go back to on-demand mode, the registry has to be removed first."""
    mapping = aws.event_source_mapping(aws.kafka_topic("orders"), seen, **reading(aws.schema_registry()))
    with pytest.raises(ClientError, match="schemaRegistryConfig' parameter"):
        mapping.update(ProvisionedPollerConfig={})
    assert mapping.config.registry is not None
    mapping.update(SelfManagedKafkaEventSourceConfig={"SchemaRegistryConfig": {}})
    mapping.update(ProvisionedPollerConfig={})
    assert mapping.config.registry is None


@pytest.mark.parametrize("source", ["kafka", "msk"])
def test_the_mapping_says_what_it_was_given(aws: Any, seen: Seen, source: str) -> None:
    """GetEventSourceMapping echoes the registry beside the group."""
    topic = aws.kafka_topic("orders") if source == "kafka" else aws.msk_topic("orders")
    parameters = reading(aws.schema_registry(), "SOURCE", "KEY", "VALUE", source=source)
    told = aws.event_source_mapping(topic, seen, **parameters).describe()
    assert told[GROUP[source]]["SchemaRegistryConfig"] == parameters[GROUP[source]]["SchemaRegistryConfig"]


@pytest.mark.parametrize("uri", ["https://elsewhere.example.com", "arn:aws:glue:us-east-1:123456789012:registry/other"])
def test_a_registry_that_is_not_here(aws: Any, seen: Seen, uri: str) -> None:
    """AWS would look for it; here it says how to make one, and changes nothing (ours)."""
    topic = aws.kafka_topic("orders")
    with pytest.raises(NotSimulated, match=r"make it with (schema|glue)_registry"):
        aws.event_source_mapping(topic, seen, **reading(uri))
    mapping = aws.event_source_mapping(topic, seen, **reading(aws.schema_registry()))
    before = mapping.config
    with pytest.raises(NotSimulated):
        mapping.update(SelfManagedKafkaEventSourceConfig=reading(uri)[GROUP["kafka"]])
    assert mapping.config == before


# -- formats and metadata ----------------------------------------------------------------------------------------------

FORMATS: dict[str, tuple[str, Any, Any, Any]] = {  # data format, schema, value, its JSON
    "avro": ("AVRO", ORDER, {"id": 7}, {"id": 7, "note": None}),
    "json": ("JSON", JSON_ORDER, {"id": 7}, {"id": 7}),
    "protobuf": ("PROTOBUF", SourceContext, {"file_name": "a.proto"}, {"file_name": "a.proto"}),
    "protobuf, not the first message": ("PROTOBUF", EnumValue, {"name": "a", "number": 3}, {"name": "a", "number": 3}),
    "protobuf, a nested message": ("PROTOBUF", DescriptorProto.ReservedRange, {"start": 1}, {"start": 1}),
}
each_format = pytest.mark.parametrize(("data_format", "schema", "value", "as_json"), FORMATS.values(), ids=FORMATS)
each_registry = pytest.mark.parametrize("kind", ["confluent", "glue"])


@each_registry
@each_format
def test_json_is_the_value_as_json(
    aws: Any, seen: Seen, kind: str, data_format: str, schema: Any, value: Any, as_json: Any
) -> None:
    """Decoded, whatever format it had, and with metadata of the attribute; what was not selected is left alone."""
    registry = registry_of(aws, kind)
    registered = registry.register("orders-value", schema, data_format)
    topic = aws.msk_topic("orders")
    mapping = aws.event_source_mapping(topic, seen, **reading(registry, source="msk"))
    (record,) = topic.send(value, key="k", value_schema=registered)
    run = mapping.run_until_idle()
    assert run.processed == [record]
    assert json.loads(seen.value()) == as_json
    assert seen.records[0]["valueSchemaMetadata"] == {"schemaId": registered.schema_id, "dataFormat": data_format}
    assert "keySchemaMetadata" not in seen.records[0]
    assert seen.value(what="key") == b"k"


@each_registry
@each_format
def test_source_is_the_bytes_without_the_schemas_id(
    aws: Any, seen: Seen, kind: str, data_format: str, schema: Any, value: Any, as_json: Any
) -> None:
    """The original bytes, without the id; a Protobuf message keeps its index, which Powertools takes off."""
    registry = registry_of(aws, kind)
    registered = registry.register("orders-value", schema, data_format)
    topic = aws.kafka_topic("orders")
    mapping = aws.event_source_mapping(topic, seen, **reading(registry, "SOURCE"))
    (record,) = topic.send(value, value_schema=registered)
    mapping.run_until_idle()
    header = 5 if kind == "confluent" else 18
    assert seen.value() == record.value[header:]
    framed = unframed(record.value, data_format=data_format)
    assert (framed.registry, framed.schema_id) == (kind, registered.schema_id)
    assert framed.payload == registered.encode(value)
    assert seen.records[0]["valueSchemaMetadata"] == {"schemaId": registered.schema_id, "dataFormat": data_format}


@pytest.mark.parametrize(
    ("attributes", "metadata"),
    [
        (("KEY",), {"keySchemaMetadata"}),
        (("VALUE",), {"valueSchemaMetadata"}),
        (("KEY", "VALUE"), {"keySchemaMetadata", "valueSchemaMetadata"}),
    ],
)
def test_metadata_of_each_selected_attribute(
    aws: Any, seen: Seen, attributes: tuple[str, ...], metadata: set[str]
) -> None:
    """Each attribute that is selected has its metadata, and no other."""
    registry = aws.schema_registry()
    key = registry.register("orders-key", "string", "AVRO")
    value = registry.register("orders-value", ORDER, "AVRO")
    topic = aws.kafka_topic("orders")
    mapping = aws.event_source_mapping(topic, seen, **reading(registry, "JSON", *attributes))
    (record,) = topic.send({"id": 1}, key="ada", key_schema=key, value_schema=value)
    mapping.run_until_idle()
    assert {name for name in seen.records[0] if name.endswith("Metadata")} == metadata
    assert seen.value(what="key") == (b'"ada"' if "KEY" in attributes else record.key)
    assert seen.value() == (b'{"id":1,"note":null}' if "VALUE" in attributes else record.value)


def test_the_message_that_the_bytes_name_is_read(aws: Any, seen: Seen) -> None:
    """One id for a file of Protobuf, whichever of its messages comes."""
    registry = aws.schema_registry()
    first = registry.register("a", EnumValue, "PROTOBUF")
    second = registry.register("b", EnumValue.DESCRIPTOR.file, "PROTOBUF")
    assert (first.schema_id, first.message_indexes, second.message_indexes) == (second.schema_id, (3,), (0,))
    topic = aws.kafka_topic("orders")
    mapping = aws.event_source_mapping(topic, seen, **reading(registry))
    topic.send({"number": 2}, value_schema=first)
    topic.send({"name": "t"}, value_schema=second)
    mapping.run_until_idle()
    assert [json.loads(seen.value(number)) for number in (0, 1)] == [{"number": 2}, {"name": "t"}]


def test_json_text_is_not_written_anew(aws: Any, seen: Seen) -> None:
    """What a serializer wrote is what arrives: blanks, the order of keys, escapes."""
    registry = aws.schema_registry()
    schema = registry.register("orders-value", JSON_ORDER, "JSON")
    topic = aws.kafka_topic("orders")
    mapping = aws.event_source_mapping(topic, seen, **reading(registry))
    topic.send(b'{ "z": 1.0, "id": 7, "a": "\\u00e9" }', value_schema=schema)
    mapping.run_until_idle()
    assert seen.value() == b'{ "z": 1.0, "id": 7, "a": "\\u00e9" }'


def test_what_glue_compressed_arrives_as_it_was(aws: Any, seen: Seen) -> None:
    """The compression is said in the prefix, and goes with it (ours)."""
    import zlib

    registry = aws.glue_registry()
    schema = registry.register("orders", ORDER, "AVRO")
    plain = schema.encode({"id": 7})
    topic = aws.kafka_topic("orders")
    mapping = aws.event_source_mapping(topic, seen, **reading(registry, "SOURCE"))
    topic.send(b"\x03\x05" + bytes.fromhex(schema.schema_id.replace("-", "")) + zlib.compress(plain))
    mapping.run_until_idle()
    assert seen.value() == plain


def test_no_key_and_tombstones_go_on(aws: Any, seen: Seen) -> None:
    """There is nothing to read, and no metadata (ours)."""
    registry = aws.schema_registry()
    schema = registry.register("orders-value", ORDER, "AVRO")
    topic = aws.kafka_topic("orders")
    mapping = aws.event_source_mapping(topic, seen, **reading(registry, "JSON", "KEY", "VALUE"))
    sent = topic.send({"id": 1}, None, value_schema=schema)
    run = mapping.run_until_idle()
    assert run.processed == sent
    assert [sorted(one.keys() & {"key", "value", "valueSchemaMetadata"}) for one in seen.records] == [
        ["value", "valueSchemaMetadata"],
        [],
    ]


def test_without_a_registry_the_bytes_arrive_with_their_prefix(aws: Any, seen: Seen) -> None:
    """A mapping of the same topic that names none."""
    schema = aws.schema_registry().register("orders-value", ORDER, "AVRO")
    topic = aws.kafka_topic("orders")
    mapping = aws.event_source_mapping(topic, seen)
    (record,) = topic.send({"id": 1}, value_schema=schema)
    mapping.run_until_idle()
    assert seen.value() == record.value == b"\x00\x00\x00\x00\x01" + schema.encode({"id": 1})
    assert "valueSchemaMetadata" not in seen.records[0]


# -- what cannot be read -----------------------------------------------------------------------------------------------


def unknown(topic: Any, registry: Any) -> Any:
    schema = registry.register("orders-value", ORDER, "AVRO")
    registry.delete(schema)
    return topic.send({"id": 1}, key="k", value_schema=schema)


def broken(topic: Any, registry: Any) -> Any:
    return topic.send(b"\xff", key="k", value_schema=registry.register("orders-value", ORDER, "AVRO"))


def invalid(topic: Any, registry: Any) -> Any:
    return topic.send(b'{"id":"x"}', key="k", value_schema=registry.register("orders-value", JSON_ORDER, "JSON"))


def plain(topic: Any, registry: Any) -> Any:
    return topic.send({"id": 1}, key="k")


def beside(topic: Any, registry: Any) -> Any:
    return topic.send(b"\x0e\x00", key="k", value_schema={"schemaId": "1", "dataFormat": "AVRO"})


def of_the_other_registry(topic: Any, registry: Any) -> Any:
    other = {"schemaId": "574f6a9a-9548-4dea-86a3-d82c0479a116", "dataFormat": "AVRO"}
    return topic.send(b"\x0e\x00", key="k", value_schema=other, framing="glue")


def no_such_message(topic: Any, registry: Any) -> Any:
    schema = registry.register("orders-value", SourceContext, "PROTOBUF")
    far = {"schemaId": schema.schema_id, "dataFormat": "PROTOBUF", "messageIndexes": [4]}
    return topic.send(b"", key="k", value_schema=far, framing="confluent")


def no_message_index(topic: Any, registry: Any) -> Any:
    schema = registry.register("orders-value", SourceContext, "PROTOBUF")
    return topic.send(b"\x00" + int(schema.schema_id).to_bytes(4, "big") + b"\xff", key="k")


UNREADABLE = [
    (unknown, "SCHEMA_NOT_FOUND", "which is not in https://registry.example.com"),
    (broken, "DESERIALIZATION_ERROR", "no Avro of the schema"),
    (invalid, "DESERIALIZATION_ERROR", "breaks the JSON Schema: $.id: 'x' is not of type 'integer'"),
    (plain, "DESERIALIZATION_ERROR", "does not begin with a schema's id"),
    (beside, "DESERIALIZATION_ERROR", "does not begin with a schema's id"),
    (of_the_other_registry, "DESERIALIZATION_ERROR", "begins with an id of glue's registry"),
    (no_such_message, "DESERIALIZATION_ERROR", "has no message [4]"),
    (no_message_index, "DESERIALIZATION_ERROR", "does not say which message of its file it is"),
]
each_unreadable = pytest.mark.parametrize(
    ("send", "reason", "problem"), UNREADABLE, ids=lambda one: getattr(one, "__name__", "")
)


@each_unreadable
def test_what_cannot_be_read_goes_to_the_destination(
    aws: Any, seen: Seen, send: Callable[[Any, Any], Any], reason: str, problem: str
) -> None:
    """With the reason SCHEMA_NOT_FOUND or DESERIALIZATION_ERROR; the function does not see it, and what is behind it is
    not held up.
    """
    queue, topic, registry = aws.sqs_queue("dead"), aws.kafka_topic("orders"), aws.schema_registry()
    mapping = aws.event_source_mapping(topic, seen, **reading(registry), **TO_QUEUE)
    (bad,) = send(topic, registry)
    (good,) = topic.send({"id": 2}, value_schema=registry.register("good", ORDER, "AVRO"))
    run = mapping.run_until_idle()
    mapping.poller.check()
    assert (run.discarded, run.processed) == ([bad], [good])
    assert [one["offset"] for one in seen.records] == [1]
    (message,) = queue.messages
    told = message.json()
    assert told["requestContext"]["condition"] == reason
    assert told["responseContext"] is None
    assert told["KafkaBatchInfo"]["recordsInfo"]["orders-0"]["firstRecordOffset"] == "0"
    assert run.destination(bad) == QUEUE
    assert (run.metrics["OnFailureDestinationDeliveredEventCount"], run.metrics["DroppedEventCount"]) == (1, 0)
    (step,) = [step for step in run.trace if step.kind == "unreadable"]
    assert (step.records, step.detail[0]) == ((bad.id,), reason)
    assert problem in step.detail[1]


@each_unreadable
def test_without_a_destination_it_is_dropped(
    aws: Any, seen: Seen, send: Callable[[Any, Any], Any], reason: str, problem: str
) -> None:
    """Dropped, counted, and its offset committed."""
    topic, registry = aws.kafka_topic("orders"), aws.schema_registry()
    mapping = aws.event_source_mapping(topic, seen, **reading(registry))
    (bad,) = send(topic, registry)
    run = mapping.run_until_idle()
    assert run.fate(bad) == "discarded"
    assert (run.destination(bad), run.metrics["DroppedEventCount"], seen.records) == (None, 1, [])
    assert topic.group(mapping.uuid).committed == {0: 1}
    assert run.invocations == []


def test_a_key_that_cannot_be_read_is_enough(aws: Any, seen: Seen) -> None:
    """Of several selected attributes each has to be read; the first that is not decides (ours)."""
    topic, registry = aws.kafka_topic("orders"), aws.schema_registry()
    mapping = aws.event_source_mapping(topic, seen, **reading(registry, "JSON", "KEY", "VALUE"))
    schema = registry.register("orders-value", ORDER, "AVRO")
    (bad,) = topic.send({"id": 1}, key="plain", value_schema=schema)
    run = mapping.run_until_idle()
    assert run.discarded == [bad]
    assert "the key does not begin" in next(step.detail[1] for step in run.trace if step.kind == "unreadable")


def test_a_topic_gets_the_record_as_it_was(aws: Any, seen: Seen) -> None:
    """The event in the message is around the bytes that could not be read; of a record that the function failed, it is
    what the function got (ours).
    """
    topic, dead, registry = aws.msk_topic("orders"), aws.msk_topic("dead"), aws.schema_registry()
    schema = registry.register("orders-value", ORDER, "AVRO")
    seen.fails = True
    mapping = aws.event_source_mapping(
        topic,
        seen,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": "kafka://dead"}},
        **reading(registry, source="msk"),
    )
    topic.send(b"\xff", key="a", value_schema=schema)
    topic.send({"id": 1}, key="b", value_schema=schema)
    mapping.run_until_idle()
    unread, failed = (message.json() for message in dead.records)
    assert [message.key for message in dead.records] == [b"a", b"b"]
    assert unread["requestContext"]["condition"] == "DESERIALIZATION_ERROR"
    (record,) = unread["payload"]["records"]["orders-0"]
    assert base64.b64decode(record["value"]) == b"\x00\x00\x00\x00\x01\xff"
    assert "valueSchemaMetadata" not in record
    assert failed["requestContext"]["condition"] == "RetryAttemptsExhausted"
    (record,) = failed["payload"]["records"]["orders-0"]
    assert base64.b64decode(record["value"]) == b'{"id":1,"note":null}'


def test_a_bucket_gets_the_event_with_it(aws: Any, seen: Seen) -> None:
    """As of every discarded batch: S3 gets the payload, too."""
    import boto3

    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="dead")
    topic, registry = aws.kafka_topic("orders"), aws.schema_registry()
    destination = {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::dead"}}}
    mapping = aws.event_source_mapping(topic, seen, **reading(registry), **destination)
    topic.send("plain")
    mapping.run_until_idle()
    (entry,) = s3.list_objects_v2(Bucket="dead")["Contents"]
    told = json.loads(s3.get_object(Bucket="dead", Key=entry["Key"])["Body"].read())
    (record,) = json.loads(told["payload"])["records"]["orders-0"]
    assert base64.b64decode(record["value"]) == b"plain"


def test_a_schema_that_comes_later_is_found_after_a_restart(aws: Any, seen: Seen) -> None:
    """A record that was given up is over; the next one of that schema is read (ours: nothing is cached)."""
    topic, registry = aws.kafka_topic("orders"), aws.schema_registry()
    mapping = aws.event_source_mapping(topic, seen, **reading(registry))
    given = {"schemaId": "1", "dataFormat": "AVRO"}
    (early,) = topic.send(b"\x02\x00", value_schema=given, framing="confluent")
    mapping.run_until_idle()
    schema = registry.register("orders-value", ORDER, "AVRO")
    (late,) = topic.send(b"\x02\x00", value_schema=schema)
    run = mapping.run_until_idle()
    assert (run.discarded, run.processed) == ([early], [late])


def test_it_reads_as_a_story(aws: Any, seen: Seen) -> None:
    """A failing test says why the function never saw the record."""
    from pytest_lambda_events.report.terminal.account import account
    from pytest_lambda_events.report.view import view_of

    topic, registry = aws.kafka_topic("orders"), aws.schema_registry()
    mapping = aws.event_source_mapping(topic, seen, **reading(registry))
    topic.send("plain")
    told = " ".join(account(view_of(mapping.run_until_idle())).split())
    assert "put into orders" in told
    assert (
        "not read by its schema, DESERIALIZATION_ERROR: the value does not begin with a schema's id; send it with one "
        "of the registry's: value_schema=, key_schema=, given up, without an invocation record"
    ) in told


# -- filters -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event_format", ["JSON", "SOURCE"])
@pytest.mark.parametrize(
    ("data_format", "schema", "good", "bad", "pattern"),
    [
        ("AVRO", ORDER, {"id": 7}, {"id": 8}, {"value": {"id": [7]}}),
        ("JSON", JSON_ORDER, {"id": 7}, {"id": 8}, {"value": {"id": [{"numeric": ["<", 8]}]}}),
        ("PROTOBUF", SourceContext, {"fileName": "a"}, {"fileName": "b"}, {"value": {"file_name": ["a"]}}),
        ("AVRO", "string", "good", "bad", {"value": ["good"]}),
    ],
)
def test_filters_see_the_decoded_value(
    aws: Any, seen: Seen, event_format: str, data_format: str, schema: Any, good: Any, bad: Any, pattern: Any
) -> None:
    """Whichever format the function gets; fields of Protobuf have the names of the schema. That a text which stands
    alone is compared without quotes is ours.
    """
    registry = aws.schema_registry()
    registered = registry.register("orders-value", schema, data_format)
    topic = aws.kafka_topic("orders")
    criteria = {"Filters": [{"Pattern": json.dumps(pattern)}]}
    mapping = aws.event_source_mapping(topic, seen, FilterCriteria=criteria, **reading(registry, event_format))
    passed, dropped = topic.send(good, bad, value_schema=registered)
    run = mapping.run_until_idle()
    assert (run.processed, run.filtered) == ([passed], [dropped])
    if event_format == "SOURCE":
        assert seen.value() == passed.value[5:]


def test_what_cannot_be_read_never_reaches_the_filter(aws: Any, seen: Seen) -> None:
    """Validation comes first: it is given up, not filtered."""
    registry = aws.schema_registry()
    topic = aws.kafka_topic("orders")
    criteria = {"Filters": [{"Pattern": json.dumps({"value": {"id": [7]}})}]}
    mapping = aws.event_source_mapping(topic, seen, FilterCriteria=criteria, **reading(registry))
    (record,) = topic.send('{"id":7}')
    run = mapping.run_until_idle()
    assert (run.discarded, run.filtered) == ([record], [])


# -- what a test sends -------------------------------------------------------------------------------------------------


def test_a_value_that_the_schema_does_not_have_is_not_sent(aws: Any) -> None:
    """The producer's serializer refuses it, and nothing of the call is sent."""
    schema = aws.schema_registry().register("orders-value", ORDER, "AVRO")
    topic = aws.kafka_topic("orders")
    with pytest.raises(UsageError, match="is no value of this Avro schema"):
        topic.send({"id": 1}, {"id": "x"}, value_schema=schema)
    assert topic.records == []


def test_announced_records_are_encoded_too(aws: Any, seen: Seen) -> None:
    """With `at=`."""
    registry = aws.schema_registry()
    schema = registry.register("orders-value", ORDER, "AVRO")
    topic = aws.kafka_topic("orders")
    mapping = aws.event_source_mapping(topic, seen, **reading(registry))
    topic.send({"id": 1}, value_schema=schema, at=5)
    run = mapping.run_until_idle()
    assert json.loads(seen.value()) == {"id": 1, "note": None}
    assert run.attempts(run.processed[0]) == [5.5]


def test_an_event_without_a_poller_has_the_schema_beside_it(aws: Any) -> None:
    """As a mapping with the registry hands it over in SOURCE; with `framing` as one without it does."""
    from pytest_lambda_events.events import kafka_event

    schema = aws.schema_registry().register("orders-value", EnumValue, "PROTOBUF")
    message = schema.encode({"number": 2})
    (record,) = kafka_event({"number": 2}, value_schema=schema)["records"]["orders-0"]
    assert base64.b64decode(record["value"]) == b"\x02\x06" + message
    assert record["valueSchemaMetadata"] == {"schemaId": "1", "dataFormat": "PROTOBUF"}
    (record,) = kafka_event({"number": 2}, value_schema=schema, framing="confluent")["records"]["orders-0"]
    assert base64.b64decode(record["value"]) == b"\x00\x00\x00\x00\x01\x02\x06" + message
    assert "valueSchemaMetadata" not in record
    (tombstone,) = kafka_event(None, value_schema=schema)["records"]["orders-0"]
    assert not tombstone.keys() & {"value", "valueSchemaMetadata"}


def test_what_boto3_registered_in_glue_is_read(aws: Any, seen: Seen) -> None:
    """A registry that the user's own code made in moto needs nothing of ours; the id of a version finds its schema."""
    import boto3

    glue = boto3.client("glue", region_name="us-east-1")
    glue.create_registry(RegistryName="shop")
    made = glue.create_schema(
        RegistryId={"RegistryName": "shop"},
        SchemaName="orders",
        DataFormat="AVRO",
        Compatibility="NONE",
        SchemaDefinition=json.dumps(ORDER),
    )
    topic = aws.msk_topic("orders")
    mapping = aws.event_source_mapping(topic, seen, **reading(made["RegistryArn"], source="msk"))
    schema = aws.glue_registry("shop").find(made["SchemaVersionId"])
    assert (schema.subject, schema.version) == ("orders", 1)
    (read,) = topic.send({"id": 7}, value_schema=schema)
    (unread,) = topic.send(
        b"", value_schema={"schemaId": "574f6a9a-9548-4dea-86a3-d82c0479a116", "dataFormat": "AVRO"}, framing="glue"
    )
    run = mapping.run_until_idle()
    assert (run.processed, run.discarded) == ([read], [unread])
    assert json.loads(seen.value()) == {"id": 7, "note": None}


def test_proto_text_in_glue_has_to_be_compiled(aws: Any, seen: Seen) -> None:
    """Nothing here can read it, and it says so instead of calling the record broken."""
    import boto3

    glue = boto3.client("glue", region_name="us-east-1")
    glue.create_registry(RegistryName="shop")
    made = glue.create_schema(
        RegistryId={"RegistryName": "shop"},
        SchemaName="orders",
        DataFormat="PROTOBUF",
        Compatibility="NONE",
        SchemaDefinition='syntax = "proto3"; message Order { int32 id = 1; }',
    )
    topic = aws.msk_topic("orders")
    mapping = aws.event_source_mapping(topic, seen, **reading(made["RegistryArn"], source="msk"))
    schema = {"schemaId": made["SchemaVersionId"], "dataFormat": "PROTOBUF"}
    topic.send(b"\x08\x01", value_schema=schema, framing="glue")
    with pytest.raises(UsageError, match=r"\.proto text has to be compiled first"):
        mapping.run_until_idle()
