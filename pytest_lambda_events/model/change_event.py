"""Change events: what a change stream holds. The law: the text is written once and travels as it is.

Which keys a change has, by its operation: MongoDB Manual, "Change Events"; recorded on AWS for insert, update, delete.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KEYS", "OPERATIONS", "ChangeEvent", "brief_of_change"]

KEYS: Final = (
    "_id",
    "clusterTime",
    "documentKey",
    "fullDocument",
    "ns",
    "operationType",
    "to",
    "updateDescription",
)
"""The keys of a change in their order: that of the alphabet, as recorded on AWS for all but `to`."""

_ALWAYS: Final = frozenset(("_id", "clusterTime", "operationType"))

OPERATIONS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "insert": _ALWAYS | {"documentKey", "fullDocument", "ns"},
        "update": _ALWAYS | {"documentKey", "ns", "updateDescription"},  # fullDocument with UpdateLookup only
        "replace": _ALWAYS | {"documentKey", "fullDocument", "ns"},
        "delete": _ALWAYS | {"documentKey", "ns"},
        "drop": _ALWAYS | {"ns"},
        "rename": _ALWAYS | {"ns", "to"},
        "dropDatabase": _ALWAYS | {"ns"},
        "invalidate": _ALWAYS,
    }
)
"""What every change of an operation has."""

_SHOWN: Final = 60


def brief_of_change(change: Mapping[str, Any]) -> str:
    """What happened to what, on one line."""
    namespace = ".".join(change.get("ns", {}).values())
    key = json.dumps(change.get("documentKey", {}).get("_id", ""), ensure_ascii=False)
    return " ".join(part for part in (change["operationType"], namespace, key.strip('"')) if part)


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class ChangeEvent:
    """One change event: `id` is its resume token (`_id._data`), `text` all of it as compact extended JSON.

    `arrival_ms` is when the write was made, in epoch milliseconds; its cluster time has the second only.
    """

    id: str
    text: str
    arrival_ms: int

    @property
    def change(self) -> dict[str, Any]:
        """The change event, parsed anew each time: whoever changes it does not change the record."""
        change: dict[str, Any] = json.loads(self.text)
        return change

    def json(self) -> Any:
        """The same as `change`."""
        return self.change

    @property
    def brief(self) -> str:
        """What happened to what, on one line: `update shop.orders 7`."""
        return brief_of_change(self.change)

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, ChangeEvent) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        shown = self.brief
        return f"<ChangeEvent {self.id} {shown if len(shown) <= _SHOWN else f'{shown[: _SHOWN - 3]}...'}>"
