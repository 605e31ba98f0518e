"""What would be deployed: count the clicks on each page, minute by minute."""

from __future__ import annotations

import os
from typing import Any

import boto3
from aws_lambda_powertools.utilities.data_classes import KinesisStreamEvent

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

TABLE = "clicks-per-minute"

dynamodb = boto3.client("dynamodb")


def count(event: dict[str, Any]) -> dict[str, int]:
    """The state of the window with this batch in it."""
    state = dict(event["state"])
    for record in KinesisStreamEvent(event).records:
        page = record.kinesis.data_as_json()["page"]
        state[page] = state.get(page, 0) + 1
    return state


def write(minute: str, shard: str, counts: dict[str, int]) -> None:
    """Put a minute's counts; done twice, because the final invocation was tried again, it comes to the same."""
    for page, clicks in counts.items():
        dynamodb.put_item(
            TableName=TABLE,
            Item={"minute": {"S": minute}, "of": {"S": f"{page}@{shard}"}, "clicks": {"N": str(clicks)}},
        )


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The function's entry point; its mapping has TumblingWindowInSeconds 60."""
    state = count(event)
    if event["isFinalInvokeForWindow"]:
        write(event["window"]["start"], event["shardId"], state)
    return {"state": state}


def forgetful_handler(event: dict[str, Any], context: Any) -> dict[str, Any] | None:
    """The same, and the state goes nowhere. This is a bug to find: with a window, Lambda wants it back."""
    state = count(event)
    if event["isFinalInvokeForWindow"]:
        write(event["window"]["start"], event["shardId"], state)
        return {"state": state}
    return None


def hasty_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The same without the shard in the key. This is the other bug: each shard counts for itself."""
    state = count(event)
    if event["isFinalInvokeForWindow"]:
        write(event["window"]["start"], "all", state)
    return {"state": state}
