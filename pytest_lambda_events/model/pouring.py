"""Putting captured records back into a source. The law: values only; which verbs make a record again, each source says.

A module `pour` in a source's folder says it: `pours(event, source)` gives a `Pour` for each record, `INTO` names the
kinds of source that take them, and where a source does not tell at once which records came to be, `mark_of(record)`
recognises them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from pytest_lambda_events.model.paths import Path

__all__ = ["Pour", "Verb"]

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Verb:
    """A call of a source's method."""

    name: str
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pour:
    """What puts one captured record back.

    `path` is where it is in its event, `record` the JSON that stands there. Two with the same `identity` are one record
    that was delivered twice; None where nothing tells. `put` makes the record, after `before` has made the source ready
    for it. `captured_ms` is the record's own time (epoch milliseconds) where it has one, and `timed` the option of
    `put` that takes such a time. `mark` is what the record that comes of it is recognised by, where `put` may return
    nothing. `target` is what has the verbs, where that is not the source itself but a part of it.
    """

    path: Path
    record: Any
    identity: str | None
    put: Verb
    before: Verb | None = None
    captured_ms: int | None = None
    timed: str | None = None
    mark: Hashable = None
    target: Any = None
