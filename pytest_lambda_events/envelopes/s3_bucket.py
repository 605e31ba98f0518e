"""What an S3 bucket notifies of. The law: key for key what S3 writes; what can be derived from a content is.

Rules: captures of S3 -> SQS and S3 -> SNS; S3 User Guide, "Event message structure".
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus

from pytest_lambda_events.building import ACCOUNT, REGION, compact, finished, moment_ms
from pytest_lambda_events.envelopes.senders import sender_id
from pytest_lambda_events.envelopes.writing import noise, to_milliseconds
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.delivered import DeliveredText
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.records import payload_bytes
from pytest_lambda_events.model.regions import partition_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

__all__ = [
    "StoredObject",
    "bucket_arn",
    "check_names",
    "request_id",
    "s3_delete",
    "s3_put",
    "s3_test_event",
    "sequencer",
    "source_address",
    "stored_object",
]

CREATED: Final = (
    "ObjectCreated:Put",
    "ObjectCreated:Post",
    "ObjectCreated:Copy",
    "ObjectCreated:CompleteMultipartUpload",
)
REMOVED: Final = ("ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated")

_SUBJECT: Final = "Amazon S3 Notification"  # on a topic, and only there
_NO_CONTENT: Final = hashlib.md5(b"", usedforsecurity=False).hexdigest()  # what a delete marker has for an eTag
_MULTIPART: Final = "CompleteMultipartUpload"
_LONGEST_KEY_BYTES: Final = 1_024
_HOST_ID_BYTES: Final = (72, 80)
_UPPER = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VERSION = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """What a notification says about an object that is there."""

    size: int
    etag: str


def s3_put(
    bucket: str,
    key: str,
    *,
    content: Any = None,
    size: int | None = None,
    etag: str | None = None,
    version_id: str | None = None,
    event_name: str = "ObjectCreated:Put",
    configuration_id: str | None = None,
    principal_id: str | None = None,
    source_ip: str | None = None,
    region: str = REGION,
    account: str = ACCOUNT,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> DeliveredText:
    """S3's notification of an object that was created.

    Args:
        bucket: The bucket's name.
        key: The object's key as it is; in the notification it is URL-encoded.
        content: What the object holds (a payload), to derive size and eTag from.
        size: The size in bytes, when there is no content.
        etag: The eTag, when there is no content.
        version_id: The versionId, in a bucket with versions.
        event_name: ObjectCreated:Put, :Post, :Copy or :CompleteMultipartUpload.
        configuration_id: The id of the bucket's notification configuration.
        principal_id: Who did it: `AWS:` and an id of IAM.
        source_ip: From where.
        region: The bucket's region.
        account: The bucket owner's account; the owner's id depends on it.
        seed: Fixes every id: same seed and same object, same notification.
        time: When it happened, ISO 8601 or a datetime; the virtual present when a harness is active.
        overrides: What to put at which path when all is derived, e.g. `{"Records[0].eventVersion": "2.2"}`.

    Errors: `UsageError` for names that S3 would not take, for an event of another kind, and for a size or eTag beside a
    content.
    """
    _check_event_name(event_name, CREATED, others=REMOVED, maker="s3_delete")
    made = _Made(bucket, key, event_name, region=region, account=account, seed=seed, time=time)
    stored = stored_object(
        content,
        size=size,
        etag=etag,
        multipart=event_name.endswith(_MULTIPART),
        identifiers=made.identifiers,
        purpose=made.purpose,
    )
    fields: dict[str, Any] = {"size": stored.size, "eTag": stored.etag}
    if version_id is not None:
        fields["versionId"] = version_id
    return made.notification(fields, configuration_id, principal_id, source_ip, overrides)


def s3_delete(
    bucket: str,
    key: str,
    *,
    version_id: str | None = None,
    event_name: str = "ObjectRemoved:Delete",
    configuration_id: str | None = None,
    principal_id: str | None = None,
    source_ip: str | None = None,
    region: str = REGION,
    account: str = ACCOUNT,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> DeliveredText:
    """S3's notification of an object that was removed: no size and no eTag; a delete marker has the eTag of nothing.

    Args:
        bucket: The bucket's name.
        key: The object's key as it is; in the notification it is URL-encoded.
        version_id: The version that was deleted, or that of the delete marker (made up when left out).
        event_name: ObjectRemoved:Delete or ObjectRemoved:DeleteMarkerCreated.
        configuration_id: The id of the bucket's notification configuration.
        principal_id: Who did it: `AWS:` and an id of IAM.
        source_ip: From where.
        region: The bucket's region.
        account: The bucket owner's account; the owner's id depends on it.
        seed: Fixes every id: same seed and same object, same notification.
        time: When it happened, ISO 8601 or a datetime; the virtual present when a harness is active.
        overrides: What to put at which path when all is derived.

    Errors: `UsageError` for names that S3 would not take, and for an event of another kind.
    """
    _check_event_name(event_name, REMOVED, others=CREATED, maker="s3_put")
    made = _Made(bucket, key, event_name, region=region, account=account, seed=seed, time=time)
    fields: dict[str, Any] = {}
    if event_name.endswith("DeleteMarkerCreated"):
        fields["eTag"] = _NO_CONTENT
        fields["versionId"] = version_id or "".join(made.identifiers.stream(made.purpose).choices(_VERSION, k=32))
    elif version_id is not None:
        fields["versionId"] = version_id
    return made.notification(fields, configuration_id, principal_id, source_ip, overrides)


def s3_test_event(
    bucket: str,
    *,
    region: str = REGION,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> DeliveredText:
    """The message that S3 sends once when a bucket's notifications are configured; it has no `Records`.

    Args:
        bucket: The bucket's name.
        region: The bucket's region.
        seed: Fixes every id.
        time: When it was sent, ISO 8601 or a datetime; the virtual present when a harness is active.
        overrides: What to put at which path when all is derived.

    Errors: `UsageError` for a name that S3 would not take.
    """
    check_names(bucket)
    identifiers, sent_ms = Identifiers(seed), moment_ms(time)
    purpose = f"s3/{bucket}/test/{sent_ms}"
    event = {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": to_milliseconds(sent_ms),
        "Bucket": bucket,
        "RequestId": request_id(identifiers, purpose),
        "HostId": _host_id(identifiers, purpose),
    }
    return DeliveredText(compact(finished(event, overrides)), sender_id=sender_id("s3", region), subject=_SUBJECT)


class _Made:
    """One thing that happened to an object, and the ids that only this one has."""

    def __init__(
        self,
        bucket: str,
        key: str,
        event_name: str,
        *,
        region: str,
        account: str,
        seed: int,
        time: str | dt.datetime | None,
    ) -> None:
        check_names(bucket, key)
        self.bucket = bucket
        self.key = key
        self.event_name = event_name
        self.region = region
        self.account = account
        self.moment_ms = moment_ms(time)
        self.identifiers = Identifiers(seed)
        self.purpose = f"s3/{bucket}/{key}/{event_name}/{self.moment_ms}"

    def notification(
        self,
        fields: Mapping[str, Any],
        configuration_id: str | None,
        principal_id: str | None,
        source_ip: str | None,
        overrides: Mapping[str, Any] | None,
    ) -> DeliveredText:
        """The message; `fields` is what stands between key and sequencer."""
        identifiers, purpose = self.identifiers, self.purpose
        record = {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": self.region,
            "eventTime": to_milliseconds(self.moment_ms),
            "eventName": self.event_name,
            "userIdentity": {"principalId": principal_id or f"AWS:{identifiers.principal('AROA', purpose)}:session"},
            "requestParameters": {"sourceIPAddress": source_ip or source_address(identifiers, purpose)},
            "responseElements": {
                "x-amz-request-id": request_id(identifiers, purpose),
                "x-amz-id-2": _host_id(identifiers, purpose),
            },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": configuration_id or _configuration_id(self.bucket),
                "bucket": {
                    "name": self.bucket,
                    "ownerIdentity": {"principalId": _owner_id(self.account)},
                    "arn": bucket_arn(self.bucket, self.region),
                },
                "object": {
                    "key": quote_plus(self.key, safe="/"),
                    **fields,
                    "sequencer": sequencer(identifiers, self.moment_ms, purpose),
                },
            },
        }
        event = finished({"Records": [record]}, overrides)
        return DeliveredText(compact(event), sender_id=sender_id("s3", self.region), subject=_SUBJECT)


def _check_event_name(name: str, mine: tuple[str, ...], *, others: tuple[str, ...], maker: str) -> None:
    if name in mine:
        return
    hint = f"; {maker} makes that one" if name in others else nearest(name.removeprefix("s3:"), mine)
    raise UsageError(f"event_name={name!r} is none of {', '.join(mine)}{hint}")


def check_names(bucket: str, key: str = "key") -> None:
    """A bucket's name and an object's key, as S3 takes them. Errors: `UsageError`."""
    if _BUCKET.fullmatch(bucket) is None:
        raise UsageError(
            f"bucket={bucket!r} is no name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens, without "
            "ARN or s3://"
        )
    try:
        size = len(key.encode("utf-8"))
    except UnicodeEncodeError:
        size = 0
    if not 0 < size <= _LONGEST_KEY_BYTES:
        raise UsageError(f"key={key!r:.60}: a key has 1 to {_LONGEST_KEY_BYTES} bytes in UTF-8")


def stored_object(
    content: Any, *, size: int | None, etag: str | None, multipart: bool, identifiers: Identifiers, purpose: str
) -> StoredObject:
    """Size and eTag: of the content, else as given, else made up. Errors: `UsageError` for both, and a size below 0.

    The eTag of an object that was uploaded in parts is no MD5 of its content, and ends in the number of parts.
    """
    dice = identifiers.stream(purpose)
    if content is not None:
        if size is not None or (etag is not None and not multipart):
            raise UsageError("content= says the size and the eTag; leave size= and etag= out, or the content")
        data = payload_bytes(content)
        size = len(data)
        if not multipart:
            etag = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if size is None:
        size = dice.randint(1, 1_000_000)
    if size < 0:
        raise UsageError(f"size={size}: an object has 0 bytes or more")
    if etag is None:
        etag = f"{dice.getrandbits(128):032x}" + ("-2" if multipart else "")
    return StoredObject(size=size, etag=etag)


def bucket_arn(bucket: str, region: str) -> str:
    """The ARN of a bucket, which names neither region nor account."""
    return f"arn:{partition_of(region)}:s3:::{bucket}"


def sequencer(identifiers: Identifiers, moment_ms: int, purpose: str) -> str:
    """18 upper-case hex digits that begin with the second of the event, so that later ones compare as greater."""
    return f"00{moment_ms // 1000:08X}{identifiers.stream(purpose).getrandbits(32):08X}"


def request_id(identifiers: Identifiers, purpose: str) -> str:
    """x-amz-request-id: 16 digits and upper-case letters."""
    return "".join(identifiers.stream(purpose).choices(_UPPER, k=16))


def source_address(identifiers: Identifiers, purpose: str) -> str:
    """An address that is nobody's (RFC 5737)."""
    return f"203.0.113.{identifiers.stream(purpose).randint(1, 254)}"


def _host_id(identifiers: Identifiers, purpose: str) -> str:
    return noise(identifiers, identifiers.stream(purpose).choice(_HOST_ID_BYTES), purpose)


def _owner_id(account: str) -> str:
    """The canonical owner of an account's buckets, the same in every notification."""
    return Identifiers(0).principal("A", f"s3/owner/{account}")[:14]


def _configuration_id(bucket: str) -> str:
    """The id that a configuration gets which was made without one: a UUID in base64."""
    return b64encode(Identifiers(0).uuid4(f"s3/configuration/{bucket}").encode("ascii")).decode("ascii")
