"""What all batch calls have in common. The law: the request as a whole is refused first, then each entry on its own.

Rules: API reference, SendMessageBatch, DeleteMessageBatch, ChangeMessageVisibilityBatch; words as recorded on AWS.
S40: more than 10 entries are refused in each of the three.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["check_entries", "each_entry"]

_MOST_ENTRIES = 10
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


def check_entries(entries: Sequence[Any], operation: str) -> None:
    """Errors: `Refusal` for a batch of `operation` ("SendMessage") that SQS does not even begin with."""
    if not entries:
        raise Refusal(
            "AWS.SimpleQueueService.EmptyBatchRequest",
            f"There should be at least one {operation}BatchRequestEntry in the request.",
        )
    if len(entries) > _MOST_ENTRIES:
        raise Refusal(
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            f"Maximum number of entries per request are {_MOST_ENTRIES}. You have sent {len(entries)}.",
        )
    seen: set[str] = set()
    for entry in entries:
        name = entry["Id"]
        if _ID.fullmatch(name) is None:
            raise Refusal(
                "AWS.SimpleQueueService.InvalidBatchEntryId",
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most "
                "80 letters long.",
            )
        if name in seen:
            raise Refusal("AWS.SimpleQueueService.BatchEntryIdsNotDistinct", f"Id {name} repeated.")
        seen.add(name)


def each_entry(entries: Sequence[Any], act: Callable[[Any], dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Act on each entry; what succeeded, and what failed with the refusal's code and message."""
    successful: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for entry in entries:
        try:
            successful.append({"Id": entry["Id"], **act(entry)})
        except Refusal as refusal:
            failed.append({"Id": entry["Id"], "SenderFault": True, "Code": refusal.code, "Message": refusal.message})
    return {"Successful": successful, "Failed": failed}
