"""Parameters of two runs' mappings. The law: what a user can set, as AWS describes it; not what AWS or a seed made up.

Mappings are matched as records' sources are: by what they read, the n-th with the n-th; then the rest in order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pytest_lambda_events.report.compare.masking import place_of
from pytest_lambda_events.report.compare.sides import Row, differing
from pytest_lambda_events.report.mappings import named_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["MappingChange", "MappingChanges", "mapping_changes"]

# what the run made of it, and whose name the function has; of a job, the same
_LEFT_OUT: Final = frozenset(
    (
        "UUID",
        "EventSourceMappingArn",
        "FunctionArn",
        "LastModified",
        "LastProcessingResult",
        "StateTransitionReason",
        "JobId",
        "JobArn",
        "Status",
        "ProgressSummary",
        "CreationTime",
        "TerminationDate",
    )
)


class MappingChange(NamedTuple):
    """A mapping by the name of what it reads, and its parameters that differ, by their path."""

    name: str
    rows: tuple[Row, ...]


class MappingChanges(NamedTuple):
    """Those that differ, and what each mapping of both runs is called, by UUID: the same name is the same mapping."""

    changes: tuple[MappingChange, ...]
    before: dict[str, str]
    after: dict[str, str]


def mapping_changes(before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]) -> MappingChanges:
    """Compare mappings as AWS describes them, by UUID."""
    one, other = _named(before), _named(after)
    gone = [name for name in one if name not in other]
    new = [name for name in other if name not in one]
    renamed = dict(zip(new, gone, strict=False))
    others = {renamed.get(name, name): uuid for name, uuid in other.items()}
    changes = []
    for name in dict.fromkeys((*one, *others)):
        if name in one and name in others:
            rows = _rows(before[one[name]], after[others[name]])
        else:
            rows = (Row("mapping", *("there" if name in names else None for names in (one, others))),)
        if rows:
            changes.append(MappingChange(name, rows))
    return MappingChanges(
        tuple(changes),
        {uuid: name for name, uuid in one.items()},
        {uuid: name for name, uuid in others.items()},
    )


def _rows(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Row, ...]:
    one, other = dict(_parameters(before, "")), dict(_parameters(after, ""))
    return differing([(path, one.get(path), other.get(path)) for path in dict.fromkeys((*one, *other))])


def _parameters(described: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in described.items():
        if name in _LEFT_OUT:
            continue
        if isinstance(value, dict):
            yield from _parameters(value, f"{prefix}{name}.")
        elif value not in (None, [], ""):  # described or left out, it is the same
            yield f"{prefix}{name}", _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return place_of(value) if isinstance(value, str) else value


def _named(mappings: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """UUIDs by what people call these mappings; the second of one source has a number."""
    found: dict[str, str] = {}
    for uuid, described in mappings.items():
        name = first = _reads(described)
        number = 1
        while name in found:
            number += 1
            name = f"{first} #{number}"
        found[name] = uuid
    return found


def _reads(described: Mapping[str, Any]) -> str:
    """What people call it; else what the ARN is of."""
    if named := named_in(described):
        return named
    if "JobId" in described:
        return "job"
    return place_of(str(described.get("EventSourceArn", ""))).partition(":")[2] or "mapping"
