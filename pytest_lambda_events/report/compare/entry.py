"""A comparison as JSON, for the page that draws it. The law: texts are ready to be shown, and it is short however long
the runs were; only lists of ids grow with them, up to a bound.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.report.compare.words import (
    HEADINGS,
    batch_told,
    details_of,
    headline,
    invocation_rows,
    shown_rows,
    way_of,
)
from pytest_lambda_events.report.words import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_lambda_events.report.compare.comparing import Comparison, RecordGroup
    from pytest_lambda_events.report.view import RecordView

__all__ = ["comparison_entry"]

_LONGEST: Final = 2_000
_MOST_GROUPS: Final = 50
_MOST_IDS: Final = 200


def comparison_entry(comparison: Comparison, names: tuple[str, str]) -> str:
    """The comparison as compact JSON.

    An object with

    - `names`: what the two runs are called, `[before, after]`;
    - `same`: whether nothing changed; `headline`: that in one sentence;
    - `sections`: what differs besides records, each `{"title", "rows"}`, in the order in which to draw them; a row is
      `[what, before, after]`, all texts;
    - `groups`: records that changed in the same way, trouble first, each `{"kind", "title", "count", "fates", "before",
      "after", "differs", "rows", "pairs"}`: `kind` is one of worse, better, ending, course, payload and timing, `title`
      that for people; `fates` of before and after, `before` and `after` what became of them in one line each, which
      begins with the fate; `differs` the names of what differs; `rows` the details of the first, as in a section;
      `pairs` of `[id before, id after, brief]`, `count` of them but 200 at most. There are 50 groups at most;
      `left_out` is `[groups, records]` of the rest;
    - `only`: two lists, of the records that one run alone has: `{"count", "records"}`, a record being `[id, fate,
      brief]`, again 200 at most.

    Texts are cut at 2,000 characters. Records are those of the entries of both runs, by their ids.
    """
    rest = comparison.groups[_MOST_GROUPS:]
    entry = {
        "names": list(names),
        "same": comparison.is_same,
        "headline": headline(comparison, names),
        "sections": _sections(comparison),
        "groups": [_group(group) for group in comparison.groups[:_MOST_GROUPS]],
        "left_out": [len(rest), sum(len(group.changes) for group in rest)],
        "only": [_only(records) for records in (comparison.only_before, comparison.only_after)],
    }
    return json.dumps(entry, separators=(",", ":"), ensure_ascii=False, default=str)


def _sections(comparison: Comparison) -> list[dict[str, Any]]:
    invocations = _cut(invocation_rows(comparison))
    if comparison.batch is not None:
        batch = comparison.batch
        told = f"first batch with other records: #{batch.number}", batch_told(batch.before), batch_told(batch.after)
        invocations += _cut([told])
    advice = [
        *((one.code, one.message, "none") for one in comparison.advice_gone),
        *((one.code, "none", one.message) for one in comparison.advice_new),
    ]
    sections = [(f"mapping {one.name}", _cut(shown_rows(one.rows))) for one in comparison.mappings]
    sections += [
        ("invocations", invocations),
        ("metrics", _cut(shown_rows(comparison.metrics))),
        ("advice", _cut(advice)),
    ]
    return [{"title": title, "rows": rows} for title, rows in sections if rows]


def _group(group: RecordGroup) -> dict[str, Any]:
    before, after = way_of(group)
    return {
        "kind": group.kind,
        "title": HEADINGS[group.kind],
        "count": len(group.changes),
        "fates": [group.changes[0].before.fate, group.changes[0].after.fate],
        "before": before,
        "after": after,
        "differs": list(group.differs),
        "rows": _cut(details_of(group.changes[0])),
        "pairs": [[one.before.id, one.after.id, one.after.brief] for one in group.changes[:_MOST_IDS]],
    }


def _only(records: Sequence[RecordView]) -> dict[str, Any]:
    return {"count": len(records), "records": [[one.id, one.fate, one.brief] for one in records[:_MOST_IDS]]}


def _cut(rows: Iterable[tuple[str, str, str]]) -> list[list[str]]:
    """Rows without what is too long of their sides."""
    return [[what, shortened(one, _LONGEST), shortened(other, _LONGEST)] for what, one, other in rows]
