"""Two runs side by side. The law: pure data; what differs between two seeds of the same test is no difference.

`matching` says which record is which. Ids, UUIDs, what an ARN has besides its name, seeds, and the places of errors in
the code are left out everywhere, and so is the name of the function: a handler that does the same is the same. Of runs
on real time (live) neither moments nor lengths nor batches are compared, because they never repeat.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from pytest_lambda_events.report.compare.mapping_changes import MappingChange, mapping_changes
from pytest_lambda_events.report.compare.masking import masked
from pytest_lambda_events.report.compare.matching import matches_of
from pytest_lambda_events.report.compare.sides import Row, differing
from pytest_lambda_events.report.words import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.model.trace import Advice
    from pytest_lambda_events.report.compare.matching import Matches, Pair
    from pytest_lambda_events.report.view import CallView, RecordView, RunView

__all__ = [
    "BatchChange",
    "ChangeKind",
    "Comparison",
    "Course",
    "Difference",
    "MappingChange",
    "RecordChange",
    "RecordGroup",
    "Row",
    "compare",
]

ChangeKind = Literal["worse", "better", "ending", "course", "payload", "timing"]
"""How a record changed: worse: it was processed before and is not now; better: the other way round; ending: another
fate, or another destination; course: the same end after other attempts, receives, or failures for other reasons;
payload: it carries something else, and nothing came of it; timing: the same, at another time. In order of importance.
"""

Difference = Literal["fate", "attempts", "receives", "destination", "reasons", "payload", "times"]
"""In what a record differs: attempts and receives in number, times in when they were or when it left."""

_KINDS: Final[tuple[ChangeKind, ...]] = ("worse", "better", "ending", "course", "payload", "timing")
_NO_LIVE_METRICS: Final = frozenset(("IteratorAge", "OffsetLag"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What became of a record in one run. Seconds of virtual time; `left` is when it left its source, `reasons` are
    why its invocations failed, each once, with ids masked; `destination` a name.
    """

    fate: Fate
    attempts: tuple[float, ...]
    receives: tuple[float, ...]
    left: float | None
    destination: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecordChange:
    """A record that is in both runs and did not fare the same: how, in what, and what became of it in each."""

    kind: ChangeKind
    differs: tuple[Difference, ...]
    before: RecordView
    after: RecordView
    course_before: Course
    course_after: Course


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecordGroup:
    """Records that changed in the same way: from one fate, number of attempts and destination to another."""

    kind: ChangeKind
    differs: tuple[Difference, ...]
    changes: tuple[RecordChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BatchChange:
    """The first batch, counted from 1 on as invocations began, that has other records; None where there is none."""

    number: int
    before: CallView | None
    after: CallView | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """What changed from one run to another. Whatever is the same in both is not in here.

    `matched` is how many records are in both; `groups` those of them that changed, trouble first; `only_before` and
    `only_after` the rest. `invocations` are rows of counts, sizes and lengths (seconds), `batch` the first batch with
    other records; `elapsed` a row of seconds.
    """

    matched: int
    groups: tuple[RecordGroup, ...]
    only_before: tuple[RecordView, ...]
    only_after: tuple[RecordView, ...]
    invocations: tuple[Row, ...]
    batch: BatchChange | None
    metrics: tuple[Row, ...]
    advice_gone: tuple[Advice, ...]
    advice_new: tuple[Advice, ...]
    mappings: tuple[MappingChange, ...]
    elapsed: Row | None

    @property
    def changed(self) -> int:
        """How many records are in both runs and changed."""
        return sum(len(group.changes) for group in self.groups)

    @property
    def is_same(self) -> bool:
        """Whether nothing changed."""
        return not (
            self.groups
            or self.only_before
            or self.only_after
            or self.invocations
            or self.batch
            or self.metrics
            or self.advice_gone
            or self.advice_new
            or self.mappings
            or self.elapsed
        )


def compare(before: RunView, after: RunView) -> Comparison:
    """Say what changed; linear in records, steps and invocations."""
    matches = matches_of(before, after)
    is_timed = not (before.is_live or after.is_live)
    mappings = mapping_changes(before.mappings, after.mappings)
    advised = [
        {(one.code, names.get(one.mapping, "")): one for one in view.advice}
        for view, names in ((before, mappings.before), (after, mappings.after))
    ]
    elapsed = differing([("elapsed", before.elapsed, after.elapsed)]) if is_timed else ()
    return Comparison(
        matched=len(matches.pairs),
        groups=_grouped(_changes(before, after, matches.pairs, is_timed=is_timed)),
        only_before=tuple(matches.only_before),
        only_after=tuple(matches.only_after),
        invocations=differing(_counted(before.calls, after.calls, is_timed=is_timed)),
        batch=_first_other_batch(before, after, matches) if is_timed else None,
        metrics=_metrics(before, after, is_timed=is_timed),
        advice_gone=tuple([one for key, one in advised[0].items() if key not in advised[1]]),
        advice_new=tuple([one for key, one in advised[1].items() if key not in advised[0]]),
        mappings=mappings.changes,
        elapsed=elapsed[0] if elapsed else None,
    )


# -- records ----------------------------------------------------------------------------------------------------------


def _changes(before: RunView, after: RunView, pairs: Iterable[Pair], *, is_timed: bool) -> list[RecordChange]:
    courses, others = _courses(before), _courses(after)
    found = []
    for pair in pairs:
        one, other = courses[pair.before.id], others[pair.after.id]
        differs = _differences(one, other, is_changed=pair.is_changed, is_timed=is_timed)
        if differs:
            found.append(
                RecordChange(
                    kind=_kind(one, other, differs),
                    differs=differs,
                    before=pair.before,
                    after=pair.after,
                    course_before=one,
                    course_after=other,
                )
            )
    return found


def _differences(one: Course, other: Course, *, is_changed: bool, is_timed: bool) -> tuple[Difference, ...]:
    found: list[Difference] = []
    if one.fate != other.fate:
        found.append("fate")
    if len(one.attempts) != len(other.attempts):
        found.append("attempts")
    if len(one.receives) != len(other.receives):
        found.append("receives")
    when = [(course.attempts, course.receives, course.left) for course in (one, other)]
    is_elsewhen = is_timed and not found and when[0] != when[1]  # with another course, times differ of themselves
    if one.destination != other.destination:
        found.append("destination")
    if one.reasons != other.reasons:
        found.append("reasons")
    if is_changed:
        found.append("payload")
    if is_elsewhen:
        found.append("times")
    return tuple(found)


def _kind(one: Course, other: Course, differs: Sequence[Difference]) -> ChangeKind:
    if "fate" in differs:
        if one.fate == "processed":
            return "worse"
        return "better" if other.fate == "processed" else "ending"
    if "destination" in differs:
        return "ending"
    if not {"attempts", "receives", "reasons"}.isdisjoint(differs):
        return "course"
    return "payload" if "payload" in differs else "timing"


def _grouped(changes: Iterable[RecordChange]) -> tuple[RecordGroup, ...]:
    """Those together that changed in the same way; the worst first, and of one kind, what most of them did."""
    found: dict[object, list[RecordChange]] = {}
    for change in changes:
        one, other = change.course_before, change.course_after
        way = [(course.fate, len(course.attempts), course.destination) for course in (one, other)]
        found.setdefault((change.kind, change.differs, *way), []).append(change)
    groups = [RecordGroup(kind=same[0].kind, differs=same[0].differs, changes=tuple(same)) for same in found.values()]
    return tuple(sorted(groups, key=lambda group: (_KINDS.index(group.kind), -len(group.changes))))


def _courses(view: RunView) -> dict[str, Course]:
    left: dict[str, float] = {}
    for step in view.steps:
        if step.kind == "left":
            left.update(dict.fromkeys(step.records, view.seconds(step.at_ms)))
    reasons = _reasons(view)
    return {
        record.id: Course(
            fate=record.fate,
            attempts=record.attempts,
            receives=record.receives,
            left=left.get(record.id),
            destination=None if record.destination is None else masked(name_of(record.destination)),
            reasons=tuple(reasons.get(record.id, ())),
        )
        for record in view.records
    }


def _reasons(view: RunView) -> dict[str, dict[str, None]]:
    """Why the invocations of each record failed, each reason once."""
    found: dict[str, dict[str, None]] = {}
    texts: dict[str, str] = {}
    for call in view.calls:
        if call.outcome == "success":
            continue
        problem = call.problem or ""
        if problem not in texts:
            texts[problem] = masked(problem)
        for place, record_id in enumerate(call.failed if call.outcome == "partial" else call.records):
            is_behind = call.outcome == "partial" and view.is_behind(call, place)
            found.setdefault(record_id, {})[_reason(call, texts[problem], is_behind=is_behind)] = None
    return found


def _reason(call: CallView, problem: str, *, is_behind: bool) -> str:
    if call.outcome == "timeout":
        return "timed out"
    if call.outcome == "partial" and not problem:
        return "behind one that was reported" if is_behind else "reported in batchItemFailures"
    if problem:
        return problem
    return "throttled" if call.outcome == "throttled" else f"raised {call.error.type}" if call.error else call.outcome


# -- invocations and metrics ------------------------------------------------------------------------------------------


def _counted(before: Sequence[CallView], after: Sequence[CallView], *, is_timed: bool) -> list[tuple[str, Any, Any]]:
    runs = (before, after)
    counts = [Counter(call.outcome for call in calls) for calls in runs]
    rows: list[tuple[str, Any, Any]] = [("invocations", len(before), len(after))]
    rows += [(outcome, counts[0][outcome], counts[1][outcome]) for outcome in dict.fromkeys((*counts[0], *counts[1]))]
    if is_timed:
        (sizes, lengths), (other_sizes, other_lengths) = map(_sizes_and_lengths, runs)
        rows += [
            ("smallest batch", min(sizes, default=0), min(other_sizes, default=0)),
            ("largest batch", max(sizes, default=0), max(other_sizes, default=0)),
            ("seconds in all", round(sum(lengths), 3), round(sum(other_lengths), 3)),
            ("longest, in seconds", max(lengths, default=0.0), max(other_lengths, default=0.0)),
        ]
    return rows


def _sizes_and_lengths(calls: Sequence[CallView]) -> tuple[list[int], list[float]]:
    return [len(call.records) for call in calls], [call.duration for call in calls]


class _Batch(NamedTuple):
    call: CallView
    records: tuple[object, ...]


def _first_other_batch(before: RunView, after: RunView, matches: Matches) -> BatchChange | None:
    same = {pair.after.id: ("both", pair.before.id) for pair in matches.pairs}
    known = {pair.before.id: ("both", pair.before.id) for pair in matches.pairs}
    one, other = _batches(before, known, "before"), _batches(after, same, "after")
    for number in range(max(len(one), len(other))):
        left = one[number] if number < len(one) else None
        right = other[number] if number < len(other) else None
        if left is None or right is None or left.records != right.records:
            return BatchChange(number=number + 1, before=left and left.call, after=right and right.call)
    return None


def _batches(view: RunView, known: dict[str, tuple[str, str]], otherwise: str) -> list[_Batch]:
    begun = sorted((call for call in view.calls if call.number is not None), key=lambda call: call.number or 0)
    return [_Batch(call, tuple([known.get(one, (otherwise, one)) for one in call.records])) for call in begun]


def _metrics(before: RunView, after: RunView, *, is_timed: bool) -> tuple[Row, ...]:
    names = dict.fromkeys((*before.metrics, *after.metrics))
    rows = [(name, before.metrics.get(name, 0), after.metrics.get(name, 0)) for name in names]
    return differing([row for row in rows if is_timed or row[0] not in _NO_LIVE_METRICS])
