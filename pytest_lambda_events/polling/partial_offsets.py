"""What a function's response means for a batch of Kafka records. The law: that of `partial`, to which it is handed once
the identifiers are texts; what differs is what names a record: topic-partition and offset, in an object.

::

    {"batchItemFailures": [{"itemIdentifier": {"partition": "orders-0", "offset": 41}}]}

An identifier of another form fails the whole batch, as does one that is not in it. The commonest mistakes are the text
of other sources ("orders-0-41"), the number of the partition without its topic (0), and an offset in quotes ("41").

Rules: Lambda Developer Guide, "Configuring error handling controls for Kafka event sources", and what Powertools for
AWS Lambda reports. An object with more keys than these two is read by these two: our choice.
"""

from __future__ import annotations

from dataclasses import replace
from reprlib import Repr
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.polling.partial import INVALID_IDENTIFIER, UNKNOWN_IDENTIFIER, judge_response

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pytest_lambda_events.polling.partial import Verdict

__all__ = ["identifier_text", "judge_offsets"]

_KEY: Final = "batchItemFailures"
_ENTRY_KEY: Final = "itemIdentifier"
_EXAMPLE: Final = '{"partition": "topic-0", "offset": 41}'

_short = Repr()
_short.maxstring = _short.maxother = 80


def identifier_text(identifier: Any) -> str | None:
    """The text that stands for an identifier, `topic-partition-offset`; None for what is none."""
    if not isinstance(identifier, dict):
        return None
    partition, offset = identifier.get("partition"), identifier.get("offset")
    if not isinstance(partition, str) or not isinstance(offset, int) or isinstance(offset, bool):
        return None
    return f"{partition}-{offset}"


def judge_offsets(response: Any, ids: Sequence[str], *, reports_failures: bool) -> Verdict:
    """Judge the JSON value that Lambda got for a batch of records, by their ids (`topic-partition-offset`), in order.

    Never raises. `reports_failures`: the mapping has FunctionResponseTypes ["ReportBatchItemFailures"].
    """
    failures = response.get(_KEY) if isinstance(response, dict) else None
    if not reports_failures or not isinstance(failures, list):
        return judge_response(response, ids, reports_failures=reports_failures)
    verdict = judge_response({**response, _KEY: [*map(_as_text, failures)]}, ids, reports_failures=True)
    if verdict.advice in (UNKNOWN_IDENTIFIER, INVALID_IDENTIFIER):
        return replace(verdict, problem=f"the whole batch failed: {_first_wrong(failures, ids)}")
    return verdict


def _as_text(entry: Any) -> Any:
    """An entry with its identifier as a text: the form that `partial` judges. None is no identifier there either."""
    if not isinstance(entry, dict) or _ENTRY_KEY not in entry:
        return entry
    return {**entry, _ENTRY_KEY: identifier_text(entry[_ENTRY_KEY])}


def _first_wrong(failures: Sequence[Any], ids: Collection[str]) -> str:
    """What is wrong with the first identifier that names no record of the batch."""
    known = frozenset(ids)
    position, identifier = next(
        (position, entry[_ENTRY_KEY])
        for position, entry in enumerate(failures)
        if identifier_text(entry[_ENTRY_KEY]) not in known
    )
    place = f"the itemIdentifier of {_KEY}[{position}] is {_short.repr(identifier)}"
    if identifier_text(identifier) is None:
        return (
            f"{place}; for Kafka it is an object such as {_EXAMPLE}: the topic-partition as the key in the event's "
            f"records, and the offset as a number"
        )
    return (
        f"{place}, which is not in this batch of {len(ids)}: {_short.repr(list(ids))} (topic-partition-offset); report "
        f"records of this event only"
    )
