"""Putting a cassette's records back into a source. The law: each record once, in order, and each says which it was.

What puts a record of a source back stands in that source's folder (`sources/<name>/pour.py`); here is what is the same
for all. A record that was delivered several times (a retry, a redelivery) was in its source once, so it is put once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.paths import path_text
from pytest_lambda_events.sources import named, pouring_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from pytest_lambda_events.cassette.model import Interaction
    from pytest_lambda_events.clock.virtual import VirtualClock
    from pytest_lambda_events.model.pouring import Pour, Verb

__all__ = ["CapturedRecord", "Poured", "job_arguments", "pour"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedRecord:
    """Where in a cassette a record is: the number of its event, its path there, and the JSON that stands there.

    `also` are the other places at which it was delivered again.
    """

    event: int
    path: str
    record: Any
    also: tuple[tuple[int, str], ...] = ()


class Poured:
    """What was put into a source (None: a job): `records` that came to be at once, in order, and which captured one
    each is.
    """

    def __init__(self, source: Any, mark_of: Any) -> None:
        self.source = source
        self.records: list[Any] = []
        self._mark_of = mark_of
        self._captured: dict[str, CapturedRecord] = {}
        self._awaited: list[tuple[Hashable, CapturedRecord]] = []

    def came(self, records: Iterable[Any], captured: CapturedRecord, mark: Hashable) -> None:
        """Note what came of putting one record."""
        found = list(records)
        self.records += found
        for record in found:
            self._captured.setdefault(record.id, captured)
        if not found:
            self._awaited.append((mark, captured))

    def captured(self, record: Any) -> CapturedRecord | None:
        """Which captured record this one is; None for one that came from elsewhere."""
        if self._awaited and record.id not in self._captured:
            self._look_for_awaited([record] if self.source is None else self.source.records)
        return self._captured.get(record.id)

    def _look_for_awaited(self, records: Iterable[Any]) -> None:
        """Find what was announced among records that have come: the first that fits is the first announced."""
        for record in records:
            if record.id in self._captured:
                continue
            mark = self._mark_of(record)
            place = next((place for place, (awaited, _) in enumerate(self._awaited) if awaited == mark), None)
            if place is not None:
                self._captured[record.id] = self._awaited.pop(place)[1]


def pour(
    interactions: Sequence[tuple[int, Interaction]],
    source_name: str,
    source: Any,
    clock: VirtualClock,
    *,
    at: float | None = None,
    keep_times: bool = False,
) -> Poured:
    """Put the records of these events (each with its number) into a source.

    They are put now, or at virtual second `at`; with `keep_times` the first of them then, and the others as much later
    as they came after it when they were captured. A source whose records carry a time of their producer's (Kafka) gets
    those times moved so that the last one is the moment of putting, or each its own. Errors: `UsageError` for a source
    of another kind; what AWS answers, as a `ClientError`.
    """
    module = _module_for(source_name, source)
    found = _distinct(interactions, module, source)
    moments = [one.captured_ms for one, _ in found if one.captured_ms is not None]
    first_ms, last_ms = min(moments, default=0), max(moments, default=0)
    now = clock.elapsed if at is None else at
    poured = Poured(source, getattr(module, "mark_of", None))
    late_ms = 0
    for one, captured in found:
        if one.captured_ms is not None:
            late_ms = one.captured_ms - first_ms
        moment = now + late_ms / 1000 if keep_times else at
        options: dict[str, Any] = {} if moment is None else {"at": moment}
        verb = one.put
        if one.timed is not None and one.captured_ms is not None:
            put_ms = clock.start_ms + round((now if moment is None else moment) * 1000)
            sent_ms = put_ms if keep_times else max(put_ms - (last_ms - one.captured_ms), 0)
            verb = replace(verb, options={**verb.options, one.timed: sent_ms})
        target = source if one.target is None else one.target
        if one.before is not None:
            _call(target, one.before, options)
        poured.came(_call(target, verb, options), captured, one.mark)
    return poured


def job_arguments(interactions: Sequence[tuple[int, Interaction]], source_name: str) -> tuple[dict[str, Any], Poured]:
    """The arguments that make a job of these events' tasks, and what tells later which task is which.

    Errors: `UsageError` for a source that is polled, or a cassette without tasks.
    """
    module = pouring_of(source_name)
    if not hasattr(module, "job_of"):
        title = named(source_name).title
        raise UsageError(f"records of {title} make no job: put them into a source with `lambda_cassette.pour(source)`")
    found = _distinct(interactions, module, None)
    if not found:
        raise UsageError("the cassette has no tasks, so there is no job to make of them")
    poured = Poured(None, module.mark_of)
    for one, captured in found:
        poured.came((), captured, one.mark)
    return module.job_of([interaction.event for _, interaction in interactions], [one for one, _ in found]), poured


def _call(source: Any, verb: Verb, options: dict[str, Any]) -> Any:
    return getattr(source, verb.name)(*verb.arguments, **verb.options, **options)


def _module_for(source_name: str, source: Any) -> Any:
    """The module that says how. Errors: `UsageError` for a source of another kind."""
    module = pouring_of(source_name)
    kind = getattr(source, "kind", None)
    if hasattr(module, "job_of"):
        raise UsageError(
            "tasks of S3 Batch Operations are not put into a source: a job has them from its beginning. Make one with "
            "`s3_batch_job(handler, **lambda_cassette.job())`"
        )
    if kind not in module.INTO:
        titles = " or ".join(named(name).title for name in module.INTO)
        what = named(kind).title if isinstance(kind, str) else f"a {type(source).__name__}"
        raise UsageError(f"the cassette holds records of {titles}, and the source is {what}: pour them into their like")
    return module


def _distinct(
    interactions: Sequence[tuple[int, Interaction]], module: Any, source: Any
) -> list[tuple[Pour, CapturedRecord]]:
    """What is to be put, each record once. An event has a record once: two alike in one event are two."""
    found: list[tuple[Pour, CapturedRecord]] = []
    known: dict[tuple[str, int], int] = {}
    for number, interaction in interactions:
        alike: dict[str, int] = {}
        for one in _pours(number, interaction, module, source):
            path = path_text(one.path)
            if one.identity is not None:
                alike[one.identity] = alike.get(one.identity, 0) + 1
                place = known.setdefault((one.identity, alike[one.identity]), len(found))
                if place < len(found):
                    put, earlier = found[place]
                    found[place] = put, replace(earlier, also=(*earlier.also, (number, path)))
                    continue
            found.append((one, CapturedRecord(event=number, path=path, record=one.record)))
    return found


def _pours(number: int, interaction: Interaction, module: Any, source: Any) -> list[Pour]:
    try:
        return list(module.pours(interaction.handed_over(), source))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise UsageError(
            f"event {number} is no sound event, so its records cannot be put back: {error!r}. `lambda-events validate` "
            "says what is wrong with it"
        ) from error
