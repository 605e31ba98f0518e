"""What a partial response does to a FIFO group's order. The law: pure.

Within a message group a record may only be processed when all before it were. A handler that goes on after a failure,
or reports the failed record and not those behind it, has processed later records first: when the failed one comes back,
its effects come in the wrong order (Lambda Developer Guide, "Implementing partial batch responses": "your function
should stop processing messages after the first failure and return all failed and unprocessed messages").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["FIFO_OVERTAKEN", "Overtaken", "overtaken"]

FIFO_OVERTAKEN: Final = "fifo-order-broken"


class Overtaken(NamedTuple):
    """A record that was processed although one before it in its group had failed."""

    code: str
    message: str
    failed: str
    processed: str


def overtaken(ids: Sequence[str], groups: Sequence[str | None], failed: Collection[str]) -> Overtaken | None:
    """The first record of a batch that overtook a failed one of its group; None when order was kept.

    `ids` and `groups` are those of the batch, in its order.
    """
    first_failed: dict[str | None, str] = {}
    for record_id, group in zip(ids, groups, strict=True):
        if record_id in failed:
            first_failed.setdefault(group, record_id)
        elif group in first_failed:
            return Overtaken(
                FIFO_OVERTAKEN,
                f"in message group {group!r} record {first_failed[group]} failed, and {record_id} behind it was "
                f"reported as processed: when the failed one comes back, the group is out of order. Stop at the first "
                f"failure of a group, and report it together with every record of the group behind it",
                first_failed[group],
                record_id,
            )
    return None
