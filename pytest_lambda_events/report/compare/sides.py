"""A row of a comparison. The law: what is the same on both sides has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Row", "differing"]


class Row(NamedTuple):
    """One thing, and what it is in each run; None where the run has none."""

    what: str
    before: Any
    after: Any


def differing(rows: Iterable[tuple[str, Any, Any]]) -> tuple[Row, ...]:
    """Those whose sides differ."""
    return tuple([Row(*row) for row in rows if row[1] != row[2]])
