"""What a record carries, by its kind: under the source's own names, bytes as the text that they are or in base64."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pytest_lambda_events.model.payload_json import kind_of, payload_as_json


def record(kind, **content):
    """As much of a record as is looked at: the name of its class, and what it carries."""
    return type(kind, (SimpleNamespace,), {})(**content)


IMAGES = {"event_name": "INSERT", "keys": {"id": 1}, "new_image": {"id": 1}, "old_image": None}


@pytest.mark.parametrize(
    ("given", "kind", "payload"),
    [
        (record("ActiveMqMessage", data=b"text"), "activemq", {"data": "text"}),
        (record("ChangeEvent", change={"operationType": "drop"}), "documentdb", {"change": {"operationType": "drop"}}),
        (record("DynamoDbRecord", **IMAGES), "dynamodb", IMAGES),
        (record("KafkaRecord", key=b"k", value=None), "kafka", {"key": "k", "value": None}),
        (record("KafkaRecord", key=None, value=b"\xff"), "kafka", {"key": None, "value": {"base64": "/w=="}}),
        (record("KinesisRecord", data="é".encode()), "kinesis", {"data": "é"}),
        (record("RabbitMqMessage", data=b""), "rabbitmq", {"data": ""}),
        (record("S3BatchTask", key="a/b", version_id=None), "s3_batch", {"key": "a/b", "version_id": None}),
        (record("SqsMessage", body="text"), "sqs", {"body": "text"}),
    ],
)
def test_each_kind_has_its_own_names(given, kind, payload):
    """And says which kind it is."""
    assert (kind, payload) == (kind_of(given), payload_as_json(given))
