"""The rows of a chart: what stands left, the drawing, and what stands right. The law: a letter in a drawing means one
thing, so that the legend can be read off the rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pytest_lambda_events.report.ranking import TROUBLE
from pytest_lambda_events.report.terminal.marks import SIGNS, worst
from pytest_lambda_events.report.words import plain, short_id, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_lambda_events.report.telling import Story
    from pytest_lambda_events.report.terminal.axis import Axis
    from pytest_lambda_events.report.terminal.density import Ramp
    from pytest_lambda_events.report.terminal.marks import Beat
    from pytest_lambda_events.report.terminal.style import Role

__all__ = [
    "GAP",
    "Label",
    "Row",
    "cells_of",
    "density_of",
    "label_of",
    "legend_of",
]

GAP: Final = "  "
_WAITING: Final = "."
_RUNNING: Final = "="
_MANY: Final = "#"

_DIGITS: Final = "23456789"
_LEAST_BODY: Final = 8  # columns of a body that are worth showing
_LONGEST_BODY: Final = 400

Cell = tuple[str, "Role"]


class Label(NamedTuple):
    """What stands left of a row: an id or a count, how many more records there are, what the record carries; `brief` is
    shown instead of a name for which there is no room.
    """

    name: str
    more: int = 0
    body: str = ""
    brief: str = ""

    def text(self, room: int) -> str:
        """As much of it as there is room for."""
        text = self.brief if self.brief and len(self.name) > room else self.name
        if self.more:
            long = f"{text} and {self.more:,} more"
            text = long if len(long) <= room else f"{text} +{self.more:,}"
        left = room - len(text) - len(GAP)
        if self.body and left >= min(len(self.body), _LEAST_BODY):
            text = f"{text}{GAP}{shortened(self.body, left)}"
        return shortened(text, room)

    @property
    def least(self) -> int:
        """How wide it is at the least."""
        return len(f"{self.name} +{self.more:,}" if self.more else self.brief or self.name)


class Row(NamedTuple):
    """A line of a chart."""

    label: Label
    cells: list[Cell]
    end: str
    role: Role


def label_of(story: Story) -> Label:
    """The label of records that went the same way."""
    first = story.records[0]
    body = plain(first.brief[:_LONGEST_BODY]) or "(empty)"
    return Label(short_id(first.id), len(story.records) - 1, body)


def cells_of(beats: Sequence[Beat], axis: Axis, ends: Mapping[int, int]) -> list[Cell]:
    """A record's drawing: a sign for what happens, a line while an invocation runs (`ends` has when each was over, by
    its number), dots while the record waits.
    """
    cells: list[Cell] = [(" ", "usual")] * axis.width
    broken = axis.broken()
    columns = [axis.column(beat.at_ms, beat.place) for beat in beats]
    found: dict[int, list[Beat]] = {}
    for beat, column in zip(beats, columns, strict=True):
        found.setdefault(column, []).append(beat)
    for column in range(min(columns, default=0), max(columns, default=0)):
        cells[column] = (broken.get(column, _WAITING), "faint")
    for beat, column in zip(beats, columns, strict=True):
        until = axis.column(ends[beat.number]) if beat.number in ends else column
        for running in range(column + 1, until + 1):
            cells[running] = (broken.get(running, _RUNNING), "faint")
    for column, here in found.items():
        cells[column] = _sign(here)
    return cells


def _sign(beats: Sequence[Beat]) -> Cell:
    """One letter for what fell into one column: a bad end, else how many attempts, else the worst."""
    mark = worst(beat.mark for beat in beats)
    sign = SIGNS[mark]
    attempts = sum(1 for beat in beats if beat.number)
    if attempts > 1 and mark not in TROUBLE:
        return str(attempts) if attempts <= len(_DIGITS) + 1 else _MANY, sign.role
    return sign.letter, sign.role


def density_of(counts: Mapping[int, int], ramp: Ramp, axis: Axis, role: Role) -> list[Cell]:
    """The drawing of many records; `counts` are by column."""
    broken = axis.broken()
    return [
        (broken[column], "faint") if column in broken else (ramp.sign(counts.get(column, 0)), role)
        for column in range(axis.width)
    ]


def legend_of(rows: Sequence[Row], axis: Axis) -> list[tuple[str, Role]]:
    """What the letters mean that these rows have, each with what it is about."""
    letters = {letter for row in rows for letter, _ in row.cells}
    found: list[tuple[str, Role]] = [
        (f"{sign.letter} {sign.name}", sign.role) for sign in SIGNS.values() if sign.letter in letters
    ]
    if not letters.isdisjoint(_DIGITS):
        found.append(("2-9 attempts in one column", "usual"))
    if _MANY in letters:
        found.append((f"{_MANY} 10 attempts or more in one column", "usual"))
    if _WAITING in letters:
        found.append((f"{_WAITING} waiting", "faint"))
    if _RUNNING in letters:
        found.append((f"{_RUNNING} running", "faint"))
    if "_" in axis.ruler():
        found.append(("__ one moment, step by step", "faint"))
    if axis.broken():
        found.append(("// a while in which nothing happens", "faint"))
    return found
