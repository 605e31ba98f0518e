"""What an EventBridge rule sends to its target. The law: compact, in EventBridge's order; the detail is a JSON object.

Rules: captures of EventBridge -> SQS; EventBridge User Guide, "Events"; S3 User Guide, "EventBridge event message
structure". EventBridge Scheduler needs no envelope: its target gets the schedule's input as it is.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.building import ACCOUNT, REGION, compact, finished, moment_ms
from pytest_lambda_events.envelopes.s3_bucket import (
    bucket_arn,
    check_names,
    request_id,
    sequencer,
    source_address,
    stored_object,
)
from pytest_lambda_events.envelopes.senders import sender_id
from pytest_lambda_events.envelopes.writing import to_seconds
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.delivered import DeliveredText
from pytest_lambda_events.model.records import utf8_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

__all__ = ["eventbridge", "s3_object_created"]

REASONS: Final = ("PutObject", "POST Object", "CopyObject", "CompleteMultipartUpload")
_GROUPS = re.compile("(.{8})(.{4})(.{4})(.{4})(.{12})")


def eventbridge(
    detail: Any,
    *,
    source: str = "com.example.orders",
    detail_type: str = "order created",
    resources: Sequence[str] = (),
    message_group_id: str | None = None,
    region: str = REGION,
    account: str = ACCOUNT,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> DeliveredText:
    """An event of a bus, as a rule without input transformation hands it to a target.

    Args:
        detail: A JSON object, or the text of one.
        source: Who put it on the bus.
        detail_type: What it is about.
        resources: ARNs that it is about.
        message_group_id: The MessageGroupId of the rule's target, which a FIFO queue needs.
        region: The bus's region.
        account: The account, 12 digits.
        seed: Fixes the id: same seed and same detail, same event.
        time: When it happened, ISO 8601 or a datetime, to the second; the virtual present when a harness is active.
        overrides: What to put at which path when all is derived, e.g. `{"version": "1"}`.

    Errors: `UsageError` for a detail that is no JSON object, and for an empty source or detail type.
    """
    for name, value in (("source", source), ("detail_type", detail_type)):
        if not value:
            raise UsageError(f"{name}={value!r}: an event of EventBridge says where it comes from and what it is about")
    text = utf8_text(detail)
    sent_ms = moment_ms(time)
    event = {
        "version": "0",
        "id": _event_id(Identifiers(seed), f"eventbridge/{source}/{detail_type}/{sent_ms}/{text}"),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": to_seconds(sent_ms),
        "region": region,
        "resources": list(resources),
        "detail": _object(text),
    }
    return DeliveredText(
        compact(finished(event, overrides)),
        sender_id=sender_id("eventbridge", region),
        message_group_id=message_group_id,
    )


def s3_object_created(
    bucket: str,
    key: str,
    *,
    content: Any = None,
    size: int | None = None,
    etag: str | None = None,
    version_id: str | None = None,
    reason: str = "PutObject",
    source_ip: str | None = None,
    region: str = REGION,
    account: str = ACCOUNT,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> DeliveredText:
    """The event "Object Created" of a bucket that sends its events to EventBridge. Here the key is not URL-encoded.

    Args:
        bucket: The bucket's name.
        key: The object's key.
        content: What the object holds (a payload), to derive size and etag from.
        size: The size in bytes, when there is no content.
        etag: The etag, when there is no content.
        version_id: The version-id, in a bucket with versions.
        reason: PutObject, POST Object, CopyObject or CompleteMultipartUpload.
        source_ip: From where it was created.
        region: The bucket's region.
        account: The account of bucket and requester.
        seed: Fixes every id.
        time: When it happened, ISO 8601 or a datetime, to the second; the virtual present when a harness is active.
        overrides: What to put at which path when all is derived, e.g. `{"detail.object.size": 0}`.

    Errors: `UsageError` for names that S3 would not take, for another reason, and for a size or etag beside a content.
    """
    check_names(bucket, key)
    if reason not in REASONS:
        raise UsageError(f"reason={reason!r} is none of {', '.join(REASONS)}")
    identifiers, sent_ms = Identifiers(seed), moment_ms(time)
    purpose = f"s3/{bucket}/{key}/{reason}/{sent_ms}"
    stored = stored_object(
        content,
        size=size,
        etag=etag,
        multipart=reason == "CompleteMultipartUpload",
        identifiers=identifiers,
        purpose=purpose,
    )
    detail = {
        "version": "0",
        "bucket": {"name": bucket},
        "object": {
            "key": key,
            "size": stored.size,
            "etag": stored.etag,
            **({} if version_id is None else {"version-id": version_id}),
            "sequencer": sequencer(identifiers, sent_ms, purpose),
        },
        "request-id": request_id(identifiers, purpose),
        "requester": account,
        "source-ip-address": source_ip or source_address(identifiers, purpose),
        "reason": reason,
    }
    return eventbridge(
        detail,
        source="aws.s3",
        detail_type="Object Created",
        resources=(bucket_arn(bucket, region),),
        region=region,
        account=account,
        seed=seed,
        time=time,
        overrides=overrides,
    )


def _object(text: str) -> dict[str, Any]:
    """The detail, which EventBridge reads and writes anew. Errors: `UsageError` when it is no JSON object."""
    try:
        detail = json.loads(text)
    except (ValueError, RecursionError):
        detail = None
    if not isinstance(detail, dict):
        raise UsageError(f"detail={text!r:.80}: the detail of an event is a JSON object, or the text of one")
    return detail


def _event_id(identifiers: Identifiers, purpose: str) -> str:
    """Hex digits in the groups of a UUID; real ones show neither version nor variant."""
    return _GROUPS.sub(r"\1-\2-\3-\4-\5", identifiers.hex(32, purpose))
