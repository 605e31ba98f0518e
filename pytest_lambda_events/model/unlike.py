"""What differs from record to record. The law: two records of one event never share an id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.model.looking import text_at
from pytest_lambda_events.model.paths import path_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.findings import Report
    from pytest_lambda_events.model.paths import Path

__all__ = ["check_distinct"]


def check_distinct(records: Sequence[Any], key: Path, path: Path, report: Report) -> None:
    """A note for each record whose text at `key` is that of an earlier one; `path` is where the records are."""
    seen: dict[str, int] = {}
    for number, record in enumerate(records):
        text = text_at(record, *key)
        if text is None:
            continue
        first = seen.setdefault(text, number)
        if first != number:
            report.note((*path, number, *key), text, f"one of its own: {path_text((*path, first))} has the same")
