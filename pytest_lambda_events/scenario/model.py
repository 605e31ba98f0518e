"""A scenario as values. The law: frozen, and all that can be checked without running anything was checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.templates.placed import Place

__all__ = ["Expected", "Row", "Scenario"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record that is to be put, or one write: the keys that were given, and the place where each stands."""

    values: Mapping[str, Any]
    place: Place
    places: Mapping[str, Place]

    def at(self, key: str) -> Place:
        """Where a key stands."""
        return self.places.get(key) or self.place.at(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a run should be: `fates` give a count or the numbers of the records (None: nobody said), `attempts` the
    seconds of a record's invocations by its number, `advice` the codes.
    """

    fates: Mapping[Fate, int | tuple[int, ...]] | None = None
    invocations: int | None = None
    attempts: Mapping[int, tuple[float, ...]] | None = None
    advice: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Source and mapping (`source` is a factory's name and arguments, or `template` is a file and `function` its id),
    handler, records, and what is expected.

    `place` is where it is written. `seed` and `start` None: left to the harness; `run_for` None: until idle; `allow`
    None: how records end is not checked unless `expect` says it.
    """

    place: Place
    places: Mapping[str, Place]
    source: tuple[str, Mapping[str, Any]] | None
    template: str | None
    function_id: str | None
    event: str | None
    parameters: Mapping[str, Any]
    mapping: Mapping[str, Any]
    function: Mapping[str, Any]
    handler: Callable[[Any, Any], Any] | str | None
    duration: float
    rows: tuple[Row, ...]
    seed: int | None
    start: str | None
    run_for: float | None
    expect: Expected
    allow: tuple[Fate, ...] | None

    def at(self, key: str) -> Place:
        """Where a key stands."""
        return self.places.get(key) or self.place.at(key)
