"""What a FIFO queue asks of a message. The law: pure; the engine remembers what was sent, and this says by what names.

Rules: API reference, SendMessage; Developer Guide, "Exactly-once processing". Words: as seen on AWS.
"""

from __future__ import annotations

from typing import NamedTuple

from pytest_lambda_events.model.messages import check_deduplication_id, check_group_id, content_deduplication_id
from pytest_lambda_events.model.refusal import Refusal

__all__ = ["FifoIds", "fifo_ids"]


class FifoIds(NamedTuple):
    """By what a FIFO queue knows a message."""

    group: str
    deduplication: str


def fifo_ids(
    body: str,
    group_id: str | None,
    deduplication_id: str | None,
    *,
    content_based: bool,
    delay_seconds: int | None = None,
) -> FifoIds:
    """The message's group and deduplication id; `content_based` is the queue's attribute. Errors: `Refusal`.

    A delay belongs to the queue here; 0 says nothing and is accepted, as on AWS.
    """
    if not group_id:
        raise Refusal("MissingParameter", "The request must contain the parameter MessageGroupId.")
    check_group_id(group_id)
    if deduplication_id is not None:
        check_deduplication_id(deduplication_id)
    elif content_based:
        deduplication_id = content_deduplication_id(body)
    else:
        raise Refusal(
            "InvalidParameterValue",
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
            "explicitly",
        )
    if delay_seconds:
        raise Refusal(
            "InvalidParameterValue",
            f"Value {delay_seconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that "
            "is not valid for this queue type.",
            "on a FIFO queue only the queue itself has a delay: its attribute DelaySeconds",
        )
    return FifoIds(group_id, deduplication_id)
