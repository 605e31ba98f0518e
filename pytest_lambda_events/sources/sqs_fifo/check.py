"""Is this an event of a FIFO queue as Lambda sends it? The law: that of `sqs`, and what a FIFO queue adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.looking import integer_at, text_at, value_at
from pytest_lambda_events.model.sequence_numbers import fifo_moment_us
from pytest_lambda_events.model.shapes import Fields, ListOf
from pytest_lambda_events.sources.sqs.check import FIFO_RECORD, check_records

if TYPE_CHECKING:
    from pytest_lambda_events.model.findings import Report

__all__ = ["check"]

EVENT = Fields(always={"Records": ListOf(FIFO_RECORD, least=1)})

_MOST_AFTER_US: Final = 1_000  # recorded: 0 to 6 microseconds after SentTimestamp, which counts milliseconds


def check(event: Any, report: Report) -> None:
    """Say what is wrong with an event of a FIFO queue."""
    EVENT.check(event, (), report)
    check_records(event, report)
    records = value_at(event, "Records")
    if not isinstance(records, list):
        return
    last: dict[str, int] = {}
    for number, record in enumerate(records):
        arn = text_at(record, "eventSourceARN")
        if arn is not None and not arn.endswith(".fifo"):
            report.note(("Records", number, "eventSourceARN"), arn, "a queue name that ends in .fifo")
        found = integer_at(record, "attributes", "SequenceNumber")
        if found is None:
            continue
        path = ("Records", number, "attributes", "SequenceNumber")
        sent = integer_at(record, "attributes", "SentTimestamp")
        if sent is not None and not 0 <= fifo_moment_us(found) - sent * 1000 < _MOST_AFTER_US:
            report.note(path, str(found), f"2^64 + (microseconds << 8) + n, of SentTimestamp {sent}")
        group = text_at(record, "attributes", "MessageGroupId") or ""
        if found <= last.get(group, 0):
            report.note(path, str(found), f"more than {last[group]}, the SequenceNumber before it in its group")
        last[group] = found
