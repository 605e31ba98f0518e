"""What writes answer. The law: pymongo's names, and the change events that the write made.

`_id`s are in extended JSON (`{"$oid": "…"}`), the form that events have them in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_lambda_events.model.change_event import ChangeEvent

__all__ = ["DeleteResult", "InsertManyResult", "InsertOneResult", "UpdateResult"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertOneResult:
    """What `insert_one` answers."""

    inserted_id: Any
    records: list[ChangeEvent]
    acknowledged: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertManyResult:
    """What `insert_many` answers."""

    inserted_ids: list[Any]
    records: list[ChangeEvent]
    acknowledged: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateResult:
    """What updates and replacements answer; a document that was found and is as before is matched, and not modified."""

    matched_count: int
    modified_count: int
    records: list[ChangeEvent]
    upserted_id: Any = None
    acknowledged: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteResult:
    """What deletes answer."""

    deleted_count: int
    records: list[ChangeEvent]
    acknowledged: bool = True
