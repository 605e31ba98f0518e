"""An application that books orders and reports the ones that it cannot book."""

from __future__ import annotations

import json


def handler(event, context):
    """Book each order; one without a customer cannot be booked."""
    failures = []
    for record in event["Records"]:
        order = json.loads(record["body"])
        if "customer" not in order:
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
