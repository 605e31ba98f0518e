"""A record of a DynamoDB stream. The law: frozen, equal by its sequence number, and it carries what the stream does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from pytest_lambda_events.model.dynamodb_items import plain_item

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.model.dynamodb_values import Image

__all__ = ["EVENT_NAMES", "IMAGES", "TTL_IDENTITY", "VIEWS", "DynamoDbRecord", "EventName", "ViewType"]

EventName = Literal["INSERT", "MODIFY", "REMOVE"]
ViewType = Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]

EVENT_NAMES: Final[tuple[EventName, ...]] = get_args(EventName)
VIEWS: Final[tuple[ViewType, ...]] = get_args(ViewType)

_OF_EVENT: Final[Mapping[EventName, frozenset[str]]] = {
    "INSERT": frozenset(("NewImage",)),
    "MODIFY": frozenset(("NewImage", "OldImage")),
    "REMOVE": frozenset(("OldImage",)),
}
_OF_VIEW: Final[Mapping[ViewType, frozenset[str]]] = {
    "KEYS_ONLY": frozenset(),
    "NEW_IMAGE": frozenset(("NewImage",)),
    "OLD_IMAGE": frozenset(("OldImage",)),
    "NEW_AND_OLD_IMAGES": frozenset(("NewImage", "OldImage")),
}

IMAGES: Final[Mapping[tuple[EventName, ViewType], frozenset[str]]] = {
    (name, view): _OF_EVENT[name] & _OF_VIEW[view] for name in EVENT_NAMES for view in VIEWS
}
"""Which images a record carries: those of the change, as far as the view type has them (recorded, all twelve)."""

TTL_IDENTITY: Final[Mapping[str, str]] = {"principalId": "dynamodb.amazonaws.com", "type": "Service"}
"""userIdentity of what time to live removed, in its recorded order."""


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class DynamoDbRecord:
    """One change: `id` is its SequenceNumber, `created_ms` epoch milliseconds, images are typed values.

    An image that the stream's view type leaves out is None. `user_identity` is DynamoDB's own on what time to live
    removed, else None.
    """

    id: str
    event_id: str
    event_name: EventName
    keys: Image
    new_image: Image | None
    old_image: Image | None
    view_type: ViewType
    size_bytes: int
    created_ms: int
    user_identity: Mapping[str, str] | None = None

    @property
    def arrival_ms(self) -> int:
        """When it came into the stream: at its creation."""
        return self.created_ms

    def json(self) -> Any:
        """The item in Python's types (numbers as Decimal): the new image, else the old one, else the keys."""
        shown = self.new_image if self.new_image is not None else self.old_image
        return plain_item(self.keys if shown is None else shown)

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, DynamoDbRecord) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        key = ", ".join(f"{name}={value!r}" for name, value in plain_item(self.keys).items())
        return f"<DynamoDbRecord {self.id} {self.event_name} {key}>"
