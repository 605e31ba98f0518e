"""What would be deployed: keep the carts of each customer, and note those that were left behind."""

from __future__ import annotations

import os
from typing import Any

import boto3
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

OPEN = "open-carts"
LEFT_BEHIND = "carts-left-behind"

dynamodb = boto3.client("dynamodb")


def put(table: str, cart: dict[str, Any]) -> None:
    """A row for a cart; the same row again when the change comes twice."""
    dynamodb.put_item(TableName=table, Item={name: {"S": cart[name]} for name in ("customer", "id")})


def drop(table: str, cart: dict[str, Any]) -> None:
    """No row for a cart, whether there was one or not."""
    dynamodb.delete_item(TableName=table, Key={name: {"S": cart[name]} for name in ("customer", "id")})


def is_time_to_live(record: DynamoDBRecord) -> bool:
    """Whether DynamoDB removed the item by itself, and not somebody."""
    identity = record.user_identity or {}
    return identity.get("type") == "Service" and identity.get("principalId") == "dynamodb.amazonaws.com"


def handler(event: dict[str, Any], context: Any) -> None:
    """The function's entry point; the stream has NEW_AND_OLD_IMAGES."""
    for record in DynamoDBStreamEvent(event).records:
        change = record.dynamodb
        old, new = change.old_image, change.new_image
        if old and (not new or new["customer"] != old["customer"]):
            drop(OPEN, old)
        if new:
            put(OPEN, new)
        elif is_time_to_live(record):
            put(LEFT_BEHIND, old)


def careless_handler(event: dict[str, Any], context: Any) -> None:
    """The same at first sight. These are the bugs to find: a removal is a removal, and what was before is forgotten."""
    for record in DynamoDBStreamEvent(event).records:
        change = record.dynamodb
        if change.new_image:
            put(OPEN, change.new_image)
        else:
            drop(OPEN, change.old_image)
            put(LEFT_BEHIND, change.old_image)
