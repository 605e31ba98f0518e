"""Changes of a DynamoDB event, made to a table again. The law: the images before and after are those captured.

Before each change the item is made what it was, without a record of the stream; then the change is made. An image that
the captured stream did not have (KEYS_ONLY, NEW_IMAGE, OLD_IMAGE) is made up: the keys, and an attribute that says so.
A removal is a DeleteItem, also of what time to live removed, so that it comes without userIdentity.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.dynamodb_items import plain_item
from pytest_lambda_events.model.pouring import Pour, Verb

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from pytest_lambda_events.model.dynamodb_record import DynamoDbRecord
    from pytest_lambda_events.model.dynamodb_values import Image

__all__ = ["INTO", "NOT_CAPTURED", "mark_of", "pours"]

INTO: Final = ("dynamodb",)
NOT_CAPTURED: Final = "not_captured"
"""The attribute of an image that is made up; its value is the sequence number of the change."""


def pours(event: Any, source: Any) -> Iterator[Pour]:
    """What makes each change again."""
    del source
    for number, record in enumerate(event["Records"]):
        change, name = record["dynamodb"], record["eventName"]
        keys, sequence = change["Keys"], change.get("SequenceNumber")
        old = None if name == "INSERT" else change.get("OldImage")
        new = None if name == "REMOVE" else change.get("NewImage") or _made_up(keys, "new", sequence)
        created = change.get("ApproximateCreationDateTime")
        put = Verb("delete", (plain_item(keys),)) if new is None else Verb("put", (plain_item(new),))
        is_known = name == "INSERT" or old is not None
        was = None if name == "INSERT" else plain_item(old or _made_up(keys, "old", sequence))
        yield Pour(
            path=("Records", number),
            record=record,
            identity=sequence or record.get("eventID"),
            before=Verb("restore", (plain_item(keys), was), {} if is_known else {"only_if_missing": True}),
            put=put,
            captured_ms=round(created * 1000) if isinstance(created, (int, float)) else None,
            mark=(name, _text(keys)),
        )


def mark_of(record: DynamoDbRecord) -> Hashable:
    """What a change is recognised by: what happened, and to which item."""
    return record.event_name, _text(record.keys)


def _made_up(keys: Image, which: str, sequence: str | None) -> dict[str, Any]:
    return {**keys, NOT_CAPTURED: {"S": f"{which} image of {sequence}"}}


def _text(keys: Image) -> str:
    return json.dumps(keys, sort_keys=True)
