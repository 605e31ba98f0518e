"""Who is told first. The law: those in trouble, then what is unusual, and what went smoothly last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.report.view import RecordView

__all__ = ["FILTERED", "RANKED_FATES", "SMOOTH", "TROUBLE", "rank"]

TROUBLE: Final[dict[Fate, int]] = {"dead_lettered": 0, "discarded": 1, "expired": 2, "pending": 3}
RANKED_FATES: Final[tuple[Fate, ...]] = (*TROUBLE, "filtered", "processed")
_UNTRIED: Final = 4  # pending ones that were tried come before those that were not
_UNUSUAL: Final = 5
FILTERED: Final = 6
SMOOTH: Final = 7


def rank(record: RecordView) -> int:
    """How soon this record is told: the lower, the sooner; from `FILTERED` on there is nothing to tell."""
    if record.fate == "filtered":
        return FILTERED
    attempts = len(record.attempts)
    if record.fate == "processed":
        return SMOOTH if attempts == 1 else _UNUSUAL
    return _UNTRIED if record.fate == "pending" and not attempts else TROUBLE[record.fate]
