"""Changes of items, and realistic stream records of them. The law: every derived field is derived.

A change is what a write did to one item. What the stream's view type lets through of it is the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.building import each
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.dynamodb_items import typed_item
from pytest_lambda_events.model.dynamodb_keys import TableKey, key_names
from pytest_lambda_events.model.dynamodb_record import EVENT_NAMES, IMAGES, TTL_IDENTITY, DynamoDbRecord
from pytest_lambda_events.model.dynamodb_sizes import check_item_size, item_size
from pytest_lambda_events.model.dynamodb_typed import checked_item
from pytest_lambda_events.model.dynamodb_values import same_item
from pytest_lambda_events.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.dynamodb_numbers import ShardNumbers
    from pytest_lambda_events.model.dynamodb_record import EventName, ViewType
    from pytest_lambda_events.model.dynamodb_values import Image

__all__ = ["Change", "changes_of", "make_record"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a write did to an item: both images in full, where they are known; `by_ttl`: time to live removed it.

    `sizes` are the bytes of Keys, NewImage and OldImage, as SizeBytes counts them.
    """

    event_name: EventName
    keys: Image
    new_image: Image | None
    old_image: Image | None
    sizes: Mapping[str, int]
    by_ttl: bool


def changes_of(
    items: Sequence[Any],
    *,
    keys: Sequence[str] | str | None,
    event_name: str | Callable[[int], str | None] | None,
    old: Mapping[str, Any] | Callable[[int], Mapping[str, Any] | None] | None,
    ttl: bool | Callable[[int], bool],
    typed: bool,
    needs_old: bool,
) -> list[Change]:
    """The changes that leave (or, on REMOVE, took away) these items of one table; arguments are the builder's.

    `needs_old`: the old image is shown. Errors: `Refusal`, as PutItem answers; `UsageError` for what no write could do.
    """
    read = checked_item if typed else typed_item
    key: TableKey | None = None
    changes = []
    for number, given in enumerate(items):
        item, before, by_ttl = each(given, number), each(old, number), each(ttl, number)
        name = _event_name(each(event_name, number), before, by_ttl=by_ttl)
        if name == "MODIFY" and before is None and needs_old:
            raise UsageError(
                f"a MODIFY of {item!r:.100} without old: give old={{...}}, the item as it was before, or a "
                "StreamViewType that shows no old image"
            )
        image = read(item)
        if key is None:
            key = TableKey.of(image, key_names(keys, item))
        item_keys = key.of_item(image)
        old_image = None if before is None else _old_image(read(before), item_keys, image)
        changes.append(_change(name, image, old_image, item_keys, by_ttl=by_ttl))
    return changes


def _change(name: EventName, image: Image, old_image: Image | None, keys: Image, *, by_ttl: bool) -> Change:
    new, old = (None, image) if name == "REMOVE" else (image, old_image)
    sizes = {"Keys": item_size(keys)}
    for part, content in (("NewImage", new), ("OldImage", old)):
        if content is not None:
            sizes[part] = check_item_size(content)
    return Change(event_name=name, keys=keys, new_image=new, old_image=old, sizes=sizes, by_ttl=by_ttl)


def _event_name(given: str | None, old: Mapping[str, Any] | None, *, by_ttl: bool) -> EventName:
    """The event's name: as given, else what goes with the other arguments."""
    if given is None:
        name: EventName = "REMOVE" if by_ttl else "INSERT" if old is None else "MODIFY"
    else:
        known = next((one for one in EVENT_NAMES if one == given), None)
        if known is None:
            near = nearest(str(given), EVENT_NAMES)
            raise UsageError(f"event_name={given!r}{near}: it is one of {', '.join(EVENT_NAMES)}")
        name = known
    if by_ttl and name != "REMOVE":
        raise UsageError(f"ttl=True with {name}: time to live only removes items; leave event_name out, or ttl")
    if old is not None and name == "INSERT":
        raise UsageError("an INSERT with old: there was no item before it; leave event_name out for a MODIFY, or old")
    if old is not None and name == "REMOVE":
        raise UsageError("a REMOVE with old: the item itself is what was removed, and becomes the old image")
    return name


def _old_image(given: Image, keys: Image, image: Image) -> Image:
    """The item before, with its key, which never changes and may be left out."""
    old = {**keys, **given}
    for name, value in keys.items():
        if old[name] != value:
            raise UsageError(
                f"old has another {name!r} than the item: {old[name]} and {dict(value)}. No write changes a key; to "
                "DynamoDB that is a REMOVE of one item and an INSERT of another"
            )
    if same_item(old, image):
        raise UsageError("old is the same as the item: a write that changes nothing puts nothing into the stream")
    return old


def make_record(
    change: Change,
    *,
    view: ViewType,
    identifiers: Identifiers,
    numbers: ShardNumbers,
    arn: str,
    created_ms: int,
) -> DynamoDbRecord:
    """The record of a change in the stream `arn`. `numbers` are those of the shard that it goes to."""
    shown = IMAGES[change.event_name, view]
    return DynamoDbRecord(
        id=numbers.next(),
        event_id=identifiers.hex(32, f"record/{arn}"),
        event_name=change.event_name,
        keys=change.keys,
        new_image=change.new_image if "NewImage" in shown else None,
        old_image=change.old_image if "OldImage" in shown else None,
        view_type=view,
        size_bytes=change.sizes["Keys"] + sum(change.sizes[image] for image in shown),
        created_ms=created_ms,
        user_identity=TTL_IDENTITY if change.by_ttl else None,
    )
