"""A comparison in words, for text and page alike. The law: short, plain, and the same for the same change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.report.words import counted, short_id, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_lambda_events.report.compare.comparing import ChangeKind, Comparison, Course, RecordChange, RecordGroup
    from pytest_lambda_events.report.compare.sides import Row
    from pytest_lambda_events.report.view import CallView, RecordView

__all__ = [
    "HEADINGS",
    "batch_told",
    "details_of",
    "fates_of",
    "headline",
    "invocation_rows",
    "moments",
    "shown_rows",
    "shown_value",
    "way_of",
]

HEADINGS: Final[dict[ChangeKind, str]] = {
    "worse": "worse",
    "better": "better",
    "ending": "another ending",
    "course": "the same ending, another way",
    "payload": "another payload",
    "timing": "only at another time",
}

_MOMENTS_SHOWN: Final = 6
_CONTEXT: Final = 20
_PAYLOAD_SHOWN: Final = 120
_NAMED: Final = 5


def headline(comparison: Comparison, names: tuple[str, str]) -> str:
    """One sentence: whether anything changed, and what."""
    if comparison.is_same:
        return f"The runs are the same: {counted(comparison.matched, 'record', 'records')} fared alike."
    return f"The runs differ: {'; '.join(_parts(comparison, names))}."


def _parts(comparison: Comparison, names: tuple[str, str]) -> Iterator[str]:
    kinds: dict[ChangeKind, int] = {}
    for group in comparison.groups:
        kinds[group.kind] = kinds.get(group.kind, 0) + len(group.changes)
    if kinds:
        all_of = f"{comparison.changed:,} of {counted(comparison.matched, 'record', 'records')} changed"
        how = [_SHORT[kind] if len(kinds) == 1 else f"{count:,} {_SHORT[kind]}" for kind, count in kinds.items()]
        yield f"{all_of} {how[0]}" if len(kinds) == 1 else f"{all_of} ({', '.join(how)})"
    for records, name in zip((comparison.only_before, comparison.only_after), names, strict=True):
        if records:
            yield f"{counted(len(records), 'record is', 'records are')} only in {name}"
    if not kinds and not comparison.only_before and not comparison.only_after:
        yield f"{counted(comparison.matched, 'record', 'records')} fared alike, but not all else"
    others = [
        *(["mappings"] if comparison.mappings else []),
        *(["invocations"] if comparison.invocations or comparison.batch else []),
        *(["metrics"] if comparison.metrics else []),
        *(["advice"] if comparison.advice_gone or comparison.advice_new else []),
        *(["length"] if comparison.elapsed else []),
    ]
    if others:
        yield f"other {', '.join(others)}"


_SHORT: Final[dict[ChangeKind, str]] = {
    "worse": "for the worse",
    "better": "for the better",
    "ending": "with another ending",
    "course": "with the same ending by another way",
    "payload": "in what they carry",
    "timing": "only in time",
}


def way_of(group: RecordGroup) -> tuple[str, str]:
    """What became of these records in each run: `processed after 1 attempt`."""
    first = group.changes[0]
    return _way(first.course_before), _way(first.course_after)


def _way(course: Course) -> str:
    attempts = len(course.attempts)
    fate = course.fate if course.destination is None else f"{course.fate} to {course.destination}"
    if not attempts:
        return fate if course.fate == "filtered" else f"{fate} without an attempt"
    return f"{fate} after {counted(attempts, 'attempt', 'attempts')}"


def details_of(change: RecordChange) -> list[tuple[str, str, str]]:
    """What differs of one record besides its fate: what, and how it is in each run."""
    one, other = change.course_before, change.course_after
    rows: list[tuple[str, str, str]] = []
    if "payload" in change.differs:
        rows.append(("payload", *_payloads(change.before, change.after)))
    if one.attempts != other.attempts:
        rows.append(("attempts", moments(one.attempts), moments(other.attempts)))
    elif "receives" in change.differs or ("times" in change.differs and one.receives != other.receives):
        rows.append(("receives", moments(one.receives), moments(other.receives)))
    if "reasons" in change.differs:
        rows.append(("why", _why(one.reasons), _why(other.reasons)))
    if one.left != other.left:
        rows.append(("left at", _moment(one.left), _moment(other.left)))
    return rows


def _payloads(before: RecordView, after: RecordView) -> tuple[str, str]:
    """What they carry, from shortly before the first character that differs."""
    one, other = before.brief, after.brief
    if one == other:  # what is brief is only the beginning
        one, other = (json.dumps(record.payload, sort_keys=True, ensure_ascii=False) for record in (before, after))
    both = min(len(one), len(other))
    first = next((place for place in range(both) if one[place] != other[place]), both)
    start = max(first - _CONTEXT, 0)
    return _from(one, start), _from(other, start)


def _from(text: str, start: int) -> str:
    end = start + _PAYLOAD_SHOWN
    return f"{'...' if start else ''}{text[start:end] or '(empty)'}{'...' if len(text) > end else ''}"


def _why(reasons: Sequence[str]) -> str:
    return "; ".join(reasons) or "no failure"


def _moment(seconds: float | None) -> str:
    return "never" if seconds is None else span(round(seconds * 1000))


def moments(seconds: Sequence[float]) -> str:
    """`0, 30, 60 s`; of many, the first and the last."""
    if not seconds:
        return "none"
    texts = [span(round(one * 1000)).removesuffix(" s") for one in seconds]
    if len(texts) > _MOMENTS_SHOWN:
        texts = [*texts[: _MOMENTS_SHOWN - 2], f"... {len(texts) - _MOMENTS_SHOWN + 1} more ...", texts[-1]]
    return f"{', '.join(texts)} s"


def shown_rows(rows: Iterable[Row]) -> list[tuple[str, str, str]]:
    """Rows as people read them."""
    return [(row.what, shown_value(row.before), shown_value(row.after)) for row in rows]


def invocation_rows(comparison: Comparison) -> list[tuple[str, str, str]]:
    """What differs of the invocations, and of when the runs stopped."""
    rows = shown_rows(comparison.invocations)
    if comparison.elapsed is not None:
        _, before, after = comparison.elapsed
        rows.append(("run stopped at", _moment(before), _moment(after)))
    return rows


def shown_value(value: Any) -> str:
    """A value of a row: `none` where there is none, numbers as people write them, the rest as JSON."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")
    return json.dumps(value, ensure_ascii=False, default=str)


def fates_of(records: Sequence[RecordView]) -> str:
    """`3 processed, 1 pending`."""
    found: dict[str, int] = {}
    for record in records:
        found[record.fate] = found.get(record.fate, 0) + 1
    return ", ".join(f"{count:,} {fate}" for fate, count in found.items())


def batch_told(call: CallView | None) -> str:
    """`2 records at 30 s: 96d70cdb, 5f3a1c22`; of many records the first five."""
    if call is None:
        return "none"
    ids = ", ".join([short_id(one) for one in call.records[:_NAMED]])
    more = ", ..." if len(call.records) > _NAMED else ""
    at = span(round(call.at * 1000))
    return f"{counted(len(call.records), 'record', 'records')} at {at}{f': {ids}{more}' if ids else ''}"
