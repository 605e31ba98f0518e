"""Attributes come in the order of Java's HashMap: names of attributes as recorded events had them, in their order."""

from __future__ import annotations

import pytest

from pytest_lambda_events.model.java_maps import hash_map_order, java_hash

RECORDED = (
    ("SK", "PK"),
    ("sk", "pk"),
    ("data", "sk", "pk"),
    ("name", "id", "time_to_exist"),
    ("committeeId", "id"),
    ("tickets", "id", "userId"),
    ("SenderApp", "TaskId", "ExpirationTs", "SK", "Payload", "PK"),
    ("creationTimestamp", "subscriptionId", "userId"),
    ("quantity", "company_id", "fabric", "price", "stores", "product_id", "SK", "PK", "state", "type"),
    ("contact", "SK", "description", "PK", "title"),
    ("createdAt", "fileUrl", "id", "userId"),
    ("date", "itemId", "documentType", "downloadUrl"),
    ("date", "duration", "reason", "user_id", "type", "timestamp"),
    ("user_id", "vote_for", "vote_time"),
    ("timestamp_local", "event", "key_indicator", "ttl", "timestamp"),
    ("avatar", "time", "message", "content", "room", "username"),
    ("created", "ipAddress", "id", "userName", "content"),
    ("latestDescription", "added", "lastUpdatedTime", "affectedAccountIDs", "arn", "ttl", "statusCode"),
    (  # eleven and twelve fit into the first table of 16 buckets
        "createdAt",
        "is_expired",
        "cognito_user_name",
        "_lastChangedAt",
        "credits",
        "__typename",
        "id",
        "expiration_date",
        "purchase_date",
        "_version",
        "updatedAt",
    ),
    (
        "bucket",
        "creation_time",
        "duration",
        "extension",
        "parent_video",
        "VideoId",
        "size",
        "fps",
        "name",
        "audio",
        "key",
        "process_steps",
    ),
    (  # eighteen do not, and the table has 32
        "lastName",
        "amount",
        "city",
        "entityType",
        "committeeId",
        "postalCode",
        "bankVerified",
        "firstName",
        "ruleVerified",
        "addressLine1",
        "employer",
        "paymentMethod",
        "id",
        "state",
        "refCode",
        "initiatedTimestamp",
        "cardNumberLastFourDigits",
        "direction",
    ),
)


@pytest.mark.parametrize("names", RECORDED, ids=len)
def test_names_come_in_the_recorded_order(names: tuple[str, ...]) -> None:
    """Whatever the order in which they were given."""
    for given in (sorted(names), sorted(names, reverse=True)):
        assert list(hash_map_order(dict.fromkeys(given, 0))) == list(names)


@pytest.mark.parametrize(
    ("text", "code"),
    [("", 0), ("a", 97), ("SK", 2648), ("hello", 99162322), ("polygenelubricants", 0x80000000), ("😀", 1772899)],
)
def test_a_text_has_javas_hash(text: str, code: int) -> None:
    """Known values of String.hashCode; the last is of two UTF-16 units."""
    assert java_hash(text) == code
