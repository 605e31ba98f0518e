"""Why a run did not come to rest, in words. The law: only what the run itself shows, and its last steps always."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.advice import ENDLESS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.model.trace import Invocation
    from pytest_lambda_events.polling.reading import Blocked

__all__ = ["why_unfinished"]

_LAST_CALLS: Final = 100
_LAST_STEPS: Final = 12
_SHOWN: Final = 3


def why_unfinished(run: Run[Any], what: str, blocked: Sequence[Blocked]) -> str:
    """Why a run did not come to rest, for people: `what` happened, what stands in the way, and the last steps."""
    lines = [f"{what}; {run!r}."]
    pattern = _pattern_of(run.invocations[-_LAST_CALLS:])
    if pattern:
        lines.append(pattern)
    lines.extend(
        f"{one.shard_id} is blocked by {one.record!r}: {one.attempts} attempts and {one.throttles} throttles"
        f"{'' if one.iterator_age_ms is None else f', iterator age {one.iterator_age_ms / 1000:g} s'}; {one.problem}."
        for one in blocked
    )
    lines.extend(f"{advice.message}." for advice in run.advice if advice.code in ENDLESS)
    if run.pending:
        shown = ", ".join(repr(record) for record in run.pending[:_SHOWN])
        lines.append(f"Pending: {len(run.pending)} records, the first {shown}.")
    lines.append("The last steps:")
    lines.extend(f"  {step.at_ms} {step.kind} {' '.join(step.records[:_SHOWN])}" for step in run.trace[-_LAST_STEPS:])
    return "\n".join(lines)


def _pattern_of(calls: Sequence[Invocation[Any]]) -> str:
    """What the last invocations do that would go on for ever; nothing where they do not show it."""
    if not calls:
        return ""
    known = {record.id for record in calls[0].records}
    fresh = sum(record.id not in known for call in calls[1:] for record in call.records)
    if len(calls) > 1 and calls[0].at == calls[-1].at and not fresh:
        return (
            "Virtual time stands still: the same records fail and come back at once, as after "
            "ChangeMessageVisibility(0) in a handler that then fails."
        )
    if fresh >= len(calls) - 1 > 0:
        return (
            "Nearly every invocation brings records never seen before: the handler seems to put records "
            "into the source that it is mapped to."
        )
    return ""
