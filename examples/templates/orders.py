"""The handler that `sqs.yaml` names."""

from __future__ import annotations

taken = []


def handler(event, context):
    """Take orders."""
    taken.extend(record["body"] for record in event["Records"])
    return {"batchItemFailures": []}
