"""Changes of a DynamoDB table in a Kinesis data stream. The law: as DynamoDB writes them there, not as its own streams.

The record is JSON: milliseconds instead of seconds, the table's name instead of an ARN, no sequence number, and always
both images. Recorded on AWS; DynamoDB Developer Guide, "Change data capture with Kinesis Data Streams".
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from pytest_lambda_events.building import ACCOUNT, REGION, moment_ms
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.delivered import DeliveredBytes
from pytest_lambda_events.model.dynamodb_record import TTL_IDENTITY
from pytest_lambda_events.model.json_writing import compact
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.refusal import said_by
from pytest_lambda_events.sources.dynamodb.build import table_arn
from pytest_lambda_events.sources.dynamodb.make import changes_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

__all__ = ["dynamodb_to_kinesis"]

Precision = Literal["MILLISECOND", "MICROSECOND"]

_PRECISIONS: Final[tuple[Precision, ...]] = get_args(Precision)


def dynamodb_to_kinesis(
    item: Any,
    *,
    table: str = "users",
    keys: Sequence[str] | str | None = None,
    event_name: str | None = None,
    old: Mapping[str, Any] | None = None,
    ttl: bool = False,
    typed: bool = False,
    ApproximateCreationDateTimePrecision: str = "MILLISECOND",
    region: str = REGION,
    seed: int = 0,
    time: str | dt.datetime | None = None,
) -> DeliveredBytes:
    """A change of a table that streams to Kinesis, as the data of a Kinesis record; its partition key goes with it.

    Args:
        item: The plain item that was written or removed.
        table: The table's name or ARN (an ARN says the region, too).
        keys: The names of the key attributes, one or two; `id` if the item has it, else its first attribute.
        event_name: INSERT, MODIFY or REMOVE; MODIFY with old, REMOVE with ttl, else INSERT when left out.
        old: The item before a MODIFY; its key may be left out.
        ttl: Time to live removed the item (it shows in userIdentity).
        typed: item and old are in DynamoDB's form, such as `{"id": {"S": "a"}}`, and not plain.
        ApproximateCreationDateTimePrecision: MILLISECOND or MICROSECOND, as the streaming destination is configured.
        region: The table's region.
        seed: Fixes the ids: same seed and same change, same record.
        time: When the item was written, ISO 8601 or a datetime; the virtual present when a harness is active.

    Errors: what AWS answers to PutItem, as a `ClientError`; `UsageError`.
    """
    precision = ApproximateCreationDateTimePrecision
    if precision not in _PRECISIONS:
        near = nearest(str(precision), _PRECISIONS)
        raise UsageError(
            f"ApproximateCreationDateTimePrecision={precision!r}{near}: it is one of {', '.join(_PRECISIONS)}"
        )
    arn = table_arn(table, region, ACCOUNT)
    with said_by("PutItem"):
        (change,) = changes_of([item], keys=keys, event_name=event_name, old=old, ttl=ttl, typed=typed, needs_old=True)
    images = {"Keys": change.keys, "NewImage": change.new_image, "OldImage": change.old_image}
    shown = {name: image for name, image in images.items() if image is not None}
    # what is written about one change draws from a stream of its own, or all records of one seed would share an id
    purpose = f"kinesis/{arn}/{change.event_name}/{compact(shown)}"
    identifiers = Identifiers(seed)
    written: dict[str, Any] = {
        "ApproximateCreationDateTime": moment_ms(time),
        **shown,
        "SizeBytes": sum(change.sizes.values()),
    }
    if precision == "MICROSECOND":
        written["ApproximateCreationDateTime"] *= 1000
        written["ApproximateCreationDateTime"] += identifiers.stream(f"microseconds/{purpose}").randrange(1000)
        written["ApproximateCreationDateTimePrecision"] = precision
    record = {
        "awsRegion": arn.split(":")[3],
        "eventID": identifiers.uuid4(purpose),
        "eventName": change.event_name,
        "userIdentity": dict(TTL_IDENTITY) if change.by_ttl else None,
        "recordFormat": "application/json",
        "tableName": arn.split("/")[1],
        "dynamodb": written,
        "eventSource": "aws:dynamodb",
    }
    return DeliveredBytes(compact(record).encode("utf-8"), partition_key=_partition_key(compact(change.keys)))


def _partition_key(keys: str) -> str:
    """32 upper-case hex digits, as recorded; the same for every change of an item, so that their order is kept."""
    return hashlib.md5(keys.encode("utf-8"), usedforsecurity=False).hexdigest().upper()
