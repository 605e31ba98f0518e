"""Payload envelopes: what SNS, S3, EventBridge, CloudWatch Logs and the extended client put around or instead of a
payload. The law: each is a function from payload to payload, so they compose, and writes what the service writes.

::

    sqs_event(sns(s3_put("bucket", "key")))  # S3 -> SNS -> SQS
    queue.send(eventbridge({"order": 1}))  # EventBridge -> a queue of a harness
    kinesis_event(cloudwatch_logs("out of stock"))  # a subscription filter -> Kinesis

What an envelope decides beside the payload (a sender, message attributes, a partition key) goes along with it, and the
event builders take it from there unless they are told otherwise. Names are resolved when they are first used (PEP 562).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.model.late_names import late_names

if TYPE_CHECKING:
    from pytest_lambda_events.envelopes.event_bus import eventbridge, s3_object_created
    from pytest_lambda_events.envelopes.large_message import extended_client
    from pytest_lambda_events.envelopes.log_group import cloudwatch_logs, cloudwatch_logs_control
    from pytest_lambda_events.envelopes.s3_bucket import s3_delete, s3_put, s3_test_event
    from pytest_lambda_events.envelopes.sns_topic import sns
    from pytest_lambda_events.sources.dynamodb.kinesis_form import dynamodb_to_kinesis

__all__ = [
    "cloudwatch_logs",
    "cloudwatch_logs_control",
    "dynamodb_to_kinesis",
    "eventbridge",
    "extended_client",
    "s3_delete",
    "s3_object_created",
    "s3_put",
    "s3_test_event",
    "sns",
]

_HOMES = {
    "cloudwatch_logs": "envelopes.log_group",
    "cloudwatch_logs_control": "envelopes.log_group",
    "dynamodb_to_kinesis": "sources.dynamodb.kinesis_form",
    "eventbridge": "envelopes.event_bus",
    "extended_client": "envelopes.large_message",
    "s3_delete": "envelopes.s3_bucket",
    "s3_object_created": "envelopes.event_bus",
    "s3_put": "envelopes.s3_bucket",
    "s3_test_event": "envelopes.s3_bucket",
    "sns": "envelopes.sns_topic",
}


__getattr__ = late_names(globals(), _HOMES)
