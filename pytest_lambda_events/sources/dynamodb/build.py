"""DynamoDB Streams events without a poller. The law: what the poller would have handed over, on the first delivery."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.building import ACCOUNT, REGION, each, finished, moment_ms, payloads_of
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.dynamodb_numbers import ShardNumbers, shard_id
from pytest_lambda_events.model.dynamodb_record import VIEWS
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.refusal import said_by
from pytest_lambda_events.model.windows import window_from
from pytest_lambda_events.sources.dynamodb.event import DynamoDbEventShape
from pytest_lambda_events.sources.dynamodb.make import changes_of, make_record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.model.dynamodb_record import DynamoDbRecord, ViewType

__all__ = ["dynamodb_event", "made_up_items", "table_arn"]

_TABLE: Final = re.compile(r"[A-Za-z0-9_.-]{3,255}")  # Developer Guide, "Naming rules"
_STREAM: Final = re.compile(
    r"(arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9_.-]{3,255})"
    r"(?:/stream/([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}))?"
)
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_HOUR_MS: Final = 3_600_000
_MONTH_MS: Final = 30 * 24 * _HOUR_MS
_SHARD_MS: Final = 4 * _HOUR_MS  # how long a shard takes records, roughly, as recorded
_SHARD_DELAY_MS: Final = 228  # a stream's first shard came so much later, or more, in recordings


def dynamodb_event(
    *items: Any,
    table: str = "users",
    keys: Sequence[str] | str | None = None,
    event_name: str | Callable[[int], str | None] | None = None,
    old: Mapping[str, Any] | Callable[[int], Mapping[str, Any] | None] | None = None,
    ttl: bool | Callable[[int], bool] = False,
    typed: bool = False,
    StreamViewType: str = "NEW_AND_OLD_IMAGES",
    region: str = REGION,
    account: str = ACCOUNT,
    count: int | None = None,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    window: int | None = None,
    state: Mapping[str, Any] | None = None,
    is_final: bool = False,
    terminated_early: bool = False,
    overrides: Mapping[str, Any] | None = None,
) -> Any:
    """A DynamoDB Streams event of one record for each item that was written or removed, as Lambda hands it over.

    Args:
        items: Plain items (a dict with str, numbers, bytes, bool, None, lists, dicts, sets); users when none is given.
        table: The table's name or ARN, or the stream's ARN (an ARN says region and account, too).
        keys: The names of the key attributes, one or two; `id` if the first item has it, else its first attribute.
        event_name: INSERT, MODIFY or REMOVE; MODIFY with old, REMOVE with ttl, else INSERT when left out.
        old: The item before a MODIFY; its key may be left out. On REMOVE the item itself is the old image.
        ttl: Time to live removed the item (it shows in userIdentity).
        typed: Items and old are in DynamoDB's form, such as `{"id": {"S": "a"}}`, and not plain.
        StreamViewType: KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or NEW_AND_OLD_IMAGES: which images a record carries.
        region: The table's region.
        account: The table's account, 12 digits.
        count: How often to repeat a single item, or how many users to make when no item is given.
        seed: Fixes every id: same seed, same event.
        time: When the items were written, ISO 8601 or a datetime; the virtual present when a harness is active.
        window: A tumbling window of so many seconds (1 to 900), the one that `time` lies in.
        state: What the function returned as the window's state so far; `{}` when left out.
        is_final: The last invocation for the window, which carries no record.
        terminated_early: The last invocation for a window that ended early, because its state became too large.
        overrides: What to put at which path when all is derived, e.g. `{"Records[0].awsRegion": "eu-west-1"}`.

    An argument of the records may be a function of the record's number (from 0) instead of one value for all; so may an
    item. Errors: what AWS answers to PutItem, as a `ClientError`; `UsageError`.
    """
    tumbling = window_from(
        window,
        state=state,
        is_final=is_final,
        terminated_early=terminated_early,
        has_payloads=bool(items) or count is not None or old is not None or event_name is not None or ttl is not False,
    )
    view = _view(StreamViewType)
    identifiers = Identifiers(seed)
    created_ms = moment_ms(time)
    arn, label_ms = _stream(table_arn(table, region, account), created_ms, identifiers)
    records: list[DynamoDbRecord] = []
    if tumbling is None or not tumbling.is_final:
        given = payloads_of(items, count, kind="user", identifiers=identifiers)
        if not items:
            given, old = made_up_items(given, event_name, old)
        with said_by("PutItem"):
            changes = changes_of(
                given,
                keys=keys,
                event_name=event_name,
                old=old,
                ttl=ttl,
                typed=typed and bool(items),
                needs_old=view in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"),
            )
        numbers = ShardNumbers(identifiers.stream(f"sequence/{arn}"))
        records = [
            make_record(change, view=view, identifiers=identifiers, numbers=numbers, arn=arn, created_ms=created_ms)
            for change in changes
        ]
    shape = DynamoDbEventShape(arn)
    event: dict[str, Any] = json.loads(shape.event_text([shape.record_text(record) for record in records]))
    if tumbling is not None:
        shard = _shard(arn, label_ms, created_ms, identifiers)
        event = tumbling.event(event["Records"], shard_id=shard, arn=arn, moment_ms=created_ms)
    return finished(event, overrides)


def made_up_items(
    users: Sequence[Mapping[str, Any]],
    event_name: str | Callable[[int], str | None] | None,
    old: Any,
) -> tuple[Sequence[Any], Any]:
    """Users with an id; and for a MODIFY that is not told what there was before, somebody who was (in)active."""
    items = [{"id": f"user-{user['user']}", **user} for user in users]
    if old is not None:
        return items, old

    def before(number: int) -> Mapping[str, Any] | None:
        user = items[number]
        return {**user, "active": not user["active"]} if each(event_name, number) == "MODIFY" else None

    return items, before


def table_arn(table: str, region: str, account: str) -> str:
    """The ARN of a table that is given by name or ARN, or that of its stream. Errors: `UsageError` for neither."""
    if not table.startswith("arn:"):
        if _TABLE.fullmatch(table) is None:
            raise UsageError(
                f"table={table!r} is no table's name: it has 3 to 255 letters, digits, underscores, hyphens and points"
            )
        return f"arn:aws:dynamodb:{region}:{account}:table/{table}"
    if _STREAM.fullmatch(table) is None:
        raise UsageError(
            f"table={table!r} is no ARN of a table or its stream; write "
            "arn:aws:dynamodb:us-east-1:123456789012:table/users, with /stream/2025-01-01T00:00:00.000 behind it or not"
        )
    return table


def _stream(arn: str, created_ms: int, identifiers: Identifiers) -> tuple[str, int]:
    """The ARN of the stream, and when it was made (epoch milliseconds): as its label says, or some time before."""
    label = _STREAM.fullmatch(arn)
    if label is None or label[2] is None:
        made_ms = created_ms - identifiers.stream(f"stream/{arn}").randint(_HOUR_MS, _MONTH_MS)
        made = _EPOCH + dt.timedelta(milliseconds=made_ms)
        return f"{arn}/stream/{made.replace(tzinfo=None).isoformat(timespec='milliseconds')}", made_ms
    try:
        made = dt.datetime.fromisoformat(f"{label[2]}+00:00")
    except ValueError as error:
        raise UsageError(f"table={arn!r}: the stream's label is no time: {error}") from error
    return arn, (made - _EPOCH) // dt.timedelta(milliseconds=1)


def _shard(arn: str, label_ms: int, created_ms: int, identifiers: Identifiers) -> str:
    """A shard that was open when the records were made."""
    earliest = min(max(label_ms + _SHARD_DELAY_MS, created_ms - _SHARD_MS, 0), max(created_ms, 0))
    opened = identifiers.stream(f"shard/{arn}").randint(earliest, max(created_ms, 0))
    return shard_id(opened, identifiers.hex(8, f"shard/{arn}"))


def _view(given: str) -> ViewType:
    for view in VIEWS:
        if view == given:
            return view
    near = nearest(str(given), VIEWS)
    raise UsageError(f"StreamViewType={given!r}{near}: it is one of {', '.join(VIEWS)}")
