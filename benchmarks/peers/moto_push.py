"""moto's own event source mapping: it pushes from within each send, one record at a time.

Without Docker moto calls no handler at all. Here its function calls ours in this process, which is the most that it
could give: a container would come on top.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import boto3
from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend

from benchmarks.peers.handlers import package

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REGION = "us-east-1"


@contextmanager
def pushed(handler: Callable[[Any, Any], Any]) -> Iterator[tuple[Any, str]]:
    """A client of SQS, and the address of a queue that pushes into the handler."""

    def invoke(_backend: Any, **asked: Any) -> bytes:
        try:
            return json.dumps(handler(json.loads(asked["body"]), None)).encode()
        except Exception as error:  # noqa: BLE001 - a handler may raise anything
            asked["response_headers"]["x-amz-function-error"] = type(error).__name__
            return b"{}"

    with (
        mock_aws(config={"lambda": {"use_docker": False}}),
        patch.object(LambdaSimpleBackend, "invoke", invoke),
    ):
        role = boto3.client("iam", REGION).create_role(RoleName="orders", AssumeRolePolicyDocument="{}")
        functions, sqs = boto3.client("lambda", REGION), boto3.client("sqs", REGION)
        functions.create_function(
            FunctionName="orders",
            Runtime="python3.11",
            Role=role["Role"]["Arn"],
            Handler="app.handler",
            Code={"ZipFile": package()},
        )
        dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
        policy = {"deadLetterTargetArn": _arn(sqs, dead), "maxReceiveCount": "3"}
        attributes = {"VisibilityTimeout": "30", "RedrivePolicy": json.dumps(policy)}
        queue = sqs.create_queue(QueueName="orders", Attributes=attributes)["QueueUrl"]
        functions.create_event_source_mapping(
            EventSourceArn=_arn(sqs, queue),
            FunctionName="orders",
            BatchSize=10,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )
        yield sqs, queue


def _arn(client: Any, url: str) -> str:
    return str(client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])
