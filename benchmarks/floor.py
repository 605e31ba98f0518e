"""The floor that throughput is measured against: realistic SQS records, one JSON round trip a batch, a trivial handler.

No clock, no queue, no trace: nothing that a poller adds.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import time
import uuid
from typing import Any

_cpu = time.process_time


def floor_cpu_seconds(records: int) -> float:
    """CPU seconds of this process for so many records."""
    rng = random.Random(1)
    began = _cpu()
    made = []
    for number in range(records):
        body = str(number)
        made.append(
            {
                "messageId": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
                "receiptHandle": "AQEB" + base64.b64encode(rng.randbytes(304)).decode(),
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1735689600000",
                    "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                    "ApproximateFirstReceiveTimestamp": "1735689600004",
                },
                "messageAttributes": {},
                "md5OfBody": hashlib.md5(body.encode()).hexdigest(),
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders",
                "awsRegion": "us-east-1",
            }
        )

    def handler(_event: Any, _context: Any) -> dict[str, list[Any]]:
        return {"batchItemFailures": []}

    for start in range(0, records, 10):
        event = json.loads(json.dumps({"Records": made[start : start + 10]}))
        json.loads(json.dumps(handler(event, None)))
    return _cpu() - began
