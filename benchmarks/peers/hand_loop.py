"""What is written by hand where nothing else is there: a loop that receives with boto3, calls the handler, and deletes.

The queue is stock moto's; freezegun moves time on where a message is not visible yet.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
from freezegun import freeze_time
from moto import mock_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REGION = "us-east-1"
VISIBILITY = 30


class HandLoop:
    """A queue and its dead-letter queue in stock moto, and the loop."""

    def __init__(self, clock: Any, *, fifo: bool) -> None:
        self.clock = clock  # freezegun's
        self.sqs = boto3.client("sqs", REGION)
        kind = {"FifoQueue": "true"} if fifo else {}
        ending = ".fifo" if fifo else ""
        self.dead = self.sqs.create_queue(QueueName=f"dead{ending}", Attributes=kind)["QueueUrl"]
        policy = {"deadLetterTargetArn": self._arn(self.dead), "maxReceiveCount": "3"}
        attributes = {**kind, "VisibilityTimeout": str(VISIBILITY), "RedrivePolicy": json.dumps(policy)}
        self.queue = self.sqs.create_queue(QueueName=f"orders{ending}", Attributes=attributes)["QueueUrl"]
        self.arn = self._arn(self.queue)

    def _arn(self, url: str) -> str:
        asked = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(asked["Attributes"]["QueueArn"])

    def run(self, handler: Callable[[Any, Any], Any]) -> None:
        """Until nothing has been visible for three visibility timeouts in a row."""
        empty = 0
        while empty < 3:
            received = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, AttributeNames=["All"])
            messages = received.get("Messages", [])
            if not messages:
                empty += 1
                # a second more, because stock moto has a message visible only after its timeout
                self.clock.tick(timedelta(seconds=VISIBILITY + 1))
                continue
            empty = 0
            failed = {one["itemIdentifier"] for one in handler(self._event(messages), None)["batchItemFailures"]}
            done = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(messages)
                if message["MessageId"] not in failed
            ]
            if done:
                self.sqs.delete_message_batch(QueueUrl=self.queue, Entries=done)

    def _event(self, messages: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "Records": [
                {
                    "messageId": message["MessageId"],
                    "receiptHandle": message["ReceiptHandle"],
                    "body": message["Body"],
                    "attributes": message["Attributes"],
                    "messageAttributes": {},
                    "md5OfBody": message["MD5OfBody"],
                    "eventSource": "aws:sqs",
                    "eventSourceARN": self.arn,
                    "awsRegion": REGION,
                }
                for message in messages
            ]
        }


@contextmanager
def hand_loop(*, fifo: bool = False) -> Iterator[HandLoop]:
    """The loop, in a mock and a frozen clock of its own."""
    with mock_aws(), freeze_time("2025-01-01") as clock:
        yield HandLoop(clock, fifo=fifo)
