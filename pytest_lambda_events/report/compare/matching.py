"""Which record of one run is which of another. The law: each record is matched at most once, in linear time, and the
surer reason goes first.

With two seeds all ids differ, so that what a record carries has to do. In this order, among what is not matched yet:

1. the same source, id and payload;
2. the same source and payload: the n-th of them that arrived is the n-th of the other run;
3. the same source and payload but for ids within it (a seed makes ObjectIds and resume tokens), again the n-th;
4. the same source and id: then the payload changed;
5. the same source and time of sending, the n-th of them: then the payload changed, too.

The id does not go before the payload, because ids of one seed are given out in order: with one more message at the
beginning every later one has the id of its neighbour. A record's source is the first one that it entered, by its name,
because ARNs of brokers and jobs are seeded; those of one run that the other has not are taken for each other in the
order in which they came up, for the payload's sake, so that a queue and its FIFO successor can be compared.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_lambda_events.report.compare.masking import masked
from pytest_lambda_events.report.words import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.report.view import RecordView, RunView

__all__ = ["Matches", "Pair", "matches_of"]


class Pair(NamedTuple):
    """A record of one run, and the one that it is in the other."""

    before: RecordView
    after: RecordView
    is_changed: bool  # carries something else


class Matches(NamedTuple):
    """The records of two runs, each in the order in which they arrived."""

    pairs: list[Pair]
    only_before: list[RecordView]
    only_after: list[RecordView]


class _Arrival(NamedTuple):
    """A record as it is looked for: `source` as it is called in its own run, `place` as in the first."""

    order: int
    record: RecordView
    source: str
    place: str
    sent_ms: int | None
    payload: str


def matches_of(before: RunView, after: RunView) -> Matches:
    """Say which record is which."""
    others = _renamed(_sources(before), _sources(after))
    left, right = _arrivals(before, {}), _arrivals(after, others)
    found: list[tuple[_Arrival, _Arrival]] = []
    reasons: list[Callable[[_Arrival], object]] = [
        lambda one: (one.place, one.record.id, one.payload),
        lambda one: (one.place, one.payload),
        lambda one: (one.place, masked(one.payload)),
        lambda one: (one.source, one.record.id),
        lambda one: (one.source, one.sent_ms),
    ]
    pairs: list[tuple[int, Pair]] = []
    for number, reason in enumerate(reasons):
        found, left, right = _matched(left, right, reason)
        is_changed = number > 2  # noqa: PLR2004 - from there on the payload is no part of the reason
        pairs.extend((one.order, Pair(one.record, other.record, is_changed)) for one, other in found)
    pairs.sort(key=lambda numbered: numbered[0])
    return Matches([pair for _, pair in pairs], [one.record for one in left], [one.record for one in right])


def _matched(
    left: Sequence[_Arrival], right: Sequence[_Arrival], key: Callable[[_Arrival], object]
) -> tuple[list[tuple[_Arrival, _Arrival]], list[_Arrival], list[_Arrival]]:
    """Those of equal key, the n-th with the n-th; and what is left of both, in order."""
    if not left or not right:
        return [], list(left), list(right)
    waiting: defaultdict[object, deque[_Arrival]] = defaultdict(deque)
    for one in right:
        waiting[key(one)].append(one)
    found, rest = [], []
    for one in left:
        same = waiting.get(key(one))
        if same:
            found.append((one, same.popleft()))
        else:
            rest.append(one)
    still = sorted((one for ones in waiting.values() for one in ones), key=lambda one: one.order)
    return found, rest, still


def _arrivals(view: RunView, renamed: dict[str, str]) -> list[_Arrival]:
    sent: dict[str, int] = {}
    for step in view.steps:
        if step.kind == "entered":
            for record_id in step.records:
                sent.setdefault(record_id, step.at_ms - view.start_ms)
    found = []
    for order, record in enumerate(view.records):
        source = _source(record)
        place = renamed.get(source, source)
        found.append(_Arrival(order, record, source, place, sent.get(record.id), _text(record.payload)))
    return found


def _text(payload: Any) -> str:
    return json.dumps(payload, sort_keys=True, ensure_ascii=False, default=str)


def _source(record: RecordView) -> str:
    return masked(name_of(record.sources[0])) if record.sources else ""


def _sources(view: RunView) -> list[str]:
    return list(dict.fromkeys(map(_source, view.records)))


def _renamed(before: Sequence[str], after: Sequence[str]) -> dict[str, str]:
    """What a source of the second run, which the first has not, is called in the first."""
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    return dict(zip(new, gone, strict=False))
