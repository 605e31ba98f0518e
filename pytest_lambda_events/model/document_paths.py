"""Dotted paths into documents. The law: as MongoDB follows them: a number is a place where it meets an array.

Rules: MongoDB Manual, "Dot Notation" and "Update Operators". Documents are in extended JSON, where a value such as
`{"$oid": …}` is one value, and no document.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.extended_json_forms import is_wrapped
from pytest_lambda_events.model.paths import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["check_paths", "found_at", "put_at", "removed_from", "values_at"]

_PLACE: Final = re.compile(r"[0-9]{1,6}")


def check_paths(paths: Sequence[Any], where: str) -> None:
    """Errors: `UsageError` for paths that one update cannot have; `where` is what the message begins with."""
    for path in paths:
        steps = path.split(".") if isinstance(path, str) else [""]
        if "" in steps:
            raise UsageError(f"{where}: {path!r} is no path of a field; write it like 'address.city' or 'items.0.sku'")
        if any(step.startswith("$") for step in steps):
            raise UsageError(
                f"{where}: {path!r} begins with $: give the new values of the fields themselves, and ABSENT for a "
                "field that goes, not the operators of an update"
            )
        if steps[0] == "_id":
            raise UsageError(f"{where}: {path!r} would modify the immutable field '_id', which MongoDB refuses")
    for first, second in pairwise(sorted(path.split(".") for path in paths)):
        if second[: len(first)] == first:
            raise UsageError(
                f"{where}: updating the path {'.'.join(second)!r} would create a conflict at {'.'.join(first)!r}, "
                "which MongoDB refuses"
            )


def found_at(document: Any, path: str) -> Any:
    """What stands at a path; `ABSENT` where nothing does."""
    found = document
    for step in path.split("."):
        found = _found(found, step)
    return found


def put_at(document: dict[str, Any], path: str, value: Any, where: str) -> None:
    """Put a value at a path, and the documents that lead to it. Errors: `UsageError` where it does not fit."""
    *way, last = path.split(".")
    parent: Any = document
    for step in way:
        there = _found(parent, step)
        parent = _put(parent, step, {} if there is ABSENT else there, f"{where}: {path!r}")
    _put(parent, last, value, f"{where}: {path!r}")


def removed_from(document: dict[str, Any], path: str) -> bool:
    """Take away what stands at a path; whether anything did."""
    *way, last = path.split(".")
    parent: Any = document
    for step in way:
        parent = _found(parent, step)
    if _found(parent, last) is ABSENT:
        return False
    if isinstance(parent, dict):
        del parent[last]
    else:
        parent[int(last)] = None  # in an array MongoDB leaves null
    return True


def values_at(document: Any, path: str) -> Iterator[Any]:
    """Everything that a filter's path reaches: through an array all its documents; `ABSENT` where a way ends."""
    return _values(document, path.split("."))


def _values(value: Any, steps: Sequence[str]) -> Iterator[Any]:
    if not steps:
        yield value
    elif isinstance(value, list):
        there = _found(value, steps[0])
        if there is not ABSENT:
            yield from _values(there, steps[1:])
        for one in value:
            if isinstance(one, dict) and not is_wrapped(one):
                yield from _values(one, steps)
    else:
        there = _found(value, steps[0])
        if there is ABSENT:
            yield ABSENT
        else:
            yield from _values(there, steps[1:])


def _found(parent: Any, step: str) -> Any:
    """What stands at one step of a path; `ABSENT` where nothing does."""
    if isinstance(parent, dict) and not is_wrapped(parent):
        return parent.get(step, ABSENT)
    place = _place(step)
    if isinstance(parent, list) and place is not None and place < len(parent):
        return parent[place]
    return ABSENT


def _put(parent: Any, step: str, value: Any, what: str) -> Any:
    """Put the value at one step of a path, and give it back."""
    place = _place(step)
    if isinstance(parent, dict) and not is_wrapped(parent):
        parent[step] = value
    elif isinstance(parent, list) and place is not None:
        parent.extend([None] * (place + 1 - len(parent)))  # MongoDB fills the gap with nulls
        parent[place] = value
    else:
        raise UsageError(f"{what} does not fit the document: MongoDB cannot create field {step!r} in {parent!r:.80}")
    return value


def _place(step: str) -> int | None:
    """A step as a place in an array; None for what is none."""
    return int(step) if _PLACE.fullmatch(step) else None
