"""Virtual time along the top of a chart. The law: the same run and room give the same columns, later is never further
left, and equal distances are equal times, but for what the ruler itself says.

Time is linear, because the distance between attempts is what people look for: a storm is dense, a backoff doubles.
The ruler has two exceptions. A `//` leaves out a stretch in which nothing at all happens, where that makes the rest
much clearer: at most four, together at least half of all time, and only if half as many more moments get a column of
their own. A `___` is a single moment, as wide as what happened in it one after another: halves of a batch are tried
without time passing. An ordinal axis, with a column for each moment, would show as much and hide the distances.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from pytest_lambda_events.report.words import span

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

__all__ = ["Axis", "axis_of"]

_SECOND: Final = 1_000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_STEPS: Final = (
    *(1, 2, 5, 10, 20, 50, 100, 200, 500),
    *(seconds * _SECOND for seconds in (1, 2, 5, 10, 20, 30)),
    *(minutes * _MINUTE for minutes in (1, 2, 5, 10, 20, 30)),
    *(hours * _HOUR for hours in (1, 2, 3, 6, 12)),
    *(days * _DAY for days in (1, 2, 7, 14, 28, 91, 182, 364)),
)
_UNITS: Final = (("d", _DAY), ("h", _HOUR), ("min", _MINUTE))

_WIDEST_MOMENT: Final = 8
_MOST_BREAKS: Final = 4
_CLEARER: Final = 1.5  # as many more moments must breaks tell apart
_NEARLY: Final = 0.8  # and no more breaks are made than for this part of what they can win
_BETWEEN: Final = 2  # columns between two labels
_STEPS_TRIED: Final = 3
_MOST_TICKS: Final = 12
_LEAST_TICKS: Final = 2  # besides the first
_FEW: Final = 100  # moments, which ticks may fall on
_BREAK: Final = 3  # columns from the last before a break to the first after it


class _Stretch(NamedTuple):
    """Time without a break in it, from one moment to another, and its first column."""

    start: int
    end: int
    column: int


class Axis:
    """Where moments are, in columns from 0 to `width - 1`. Moments are milliseconds since the harness began."""

    def __init__(
        self, moments: Sequence[int], stretches: Sequence[tuple[int, int]], extra: Mapping[int, int], room: int
    ) -> None:
        self._wide = sorted(moment for moment, more in extra.items() if more)
        self._extra = {moment: extra[moment] for moment in self._wide}
        self._added = [0, *accumulate(self._extra.values())]
        labels = [_begins(start) for start, _ in stretches]
        # a break is at least as wide as keeps the labels apart
        reserved = sum(len(label) + _BETWEEN + _BREAK for label in labels[:-1])
        free = max(room - 1 - self._added[-1] - reserved, 1)
        length = max(sum(end - start for start, end in stretches), 1)
        self._step = _step(stretches, length, free, moments)
        self._columns = max(free * self._step // length, 1)  # for each step
        self._stretches: list[_Stretch] = []
        column = 0
        for (start, end), label in zip(stretches, labels, strict=True):
            self._stretches.append(_Stretch(start, end, column))
            here = (end - start) * self._columns // self._step
            column += max(here + _BREAK, len(label) + _BETWEEN)
        self._starts = [stretch.start for stretch in self._stretches]
        self.width = self.column(stretches[-1][1], _WIDEST_MOMENT) + 1

    def column(self, moment: int, beat: int = 0) -> int:
        """Where this moment is; `beat` counts what happens in it one after another, as far as it is wide."""
        stretch = self._stretches[max(bisect_right(self._starts, moment) - 1, 0)]
        at = stretch.column + (moment - stretch.start) * self._columns // self._step
        before = self._added[bisect_left(self._wide, moment)]
        return at + before + min(beat, self._extra.get(moment, 0))

    @property
    def breaks(self) -> list[tuple[int, int]]:
        """The columns that are no time at all: from here to before there."""
        return [
            (self.column(one.end, _WIDEST_MOMENT) + 1, self.column(two.start)) for one, two in pairwise(self._stretches)
        ]

    def broken(self) -> dict[int, str]:
        """What is drawn in breaks, by column."""
        found: dict[int, str] = {}
        for first, last in self.breaks:
            middle = first + (last - first - 2) // 2
            found.update(dict.fromkeys(range(first, last), " ") | {middle: "/", middle + 1: "/"})
        return found

    def labels(self, room: int) -> str:
        """The line of labels, each beginning above its column, in at most `room` columns."""
        placed: dict[int, str] = {}
        for column, label in self._ticks():
            end = column + len(label)
            is_free = all(
                end + _BETWEEN <= other or other + len(text) + _BETWEEN <= column for other, text in placed.items()
            )
            if label and end <= room and is_free:
                placed[column] = label
        line = ""
        for column, label in sorted(placed.items()):
            line = line.ljust(column) + label
        return line

    def ruler(self) -> str:
        """The line below the labels."""
        cells = ["-"] * self.width
        for moment, more in self._extra.items():
            first = self.column(moment)
            cells[first : first + more + 1] = "_" * (more + 1)
        for column, _ in self._ticks():
            cells[column] = "|"
        for column, sign in self.broken().items():
            cells[column] = sign
        return "".join(cells)

    def _ticks(self) -> list[tuple[int, str]]:
        """Columns and their labels, those that are needed most first."""
        firsts = [(self.column(stretch.start), _begins(stretch.start)) for stretch in self._stretches]
        others = [
            (self.column(stretch.start + moment), f"{'+' if stretch.start else ''}{_label(moment, self._step)}")
            for stretch in self._stretches
            for moment in range(self._step, stretch.end - stretch.start + 1, self._step)
        ]
        return firsts + others


def axis_of(moments: Collection[int], beats: Mapping[int, int], room: int) -> Axis:
    """An axis for these moments in this room (at least 1 moment and column).

    `beats` says how many things happen in a moment one after another; it gets as many columns, within reason.
    """
    first, last = min(moments), max(moments)
    start = 0 if first <= last - first else first
    distinct = sorted({start, *moments})
    spare = (room if start == last else room // 2) - 1
    extra: dict[int, int] = {}
    for widest in range(_WIDEST_MOMENT, 1, -1):
        extra = {moment: min(count, widest) - 1 for moment, count in beats.items() if count > 1}
        if sum(extra.values()) <= spare:
            break
        extra = {}
    return _clearest(distinct, extra, room)


def _clearest(moments: Sequence[int], extra: Mapping[int, int], room: int) -> Axis:
    """The axis with the fewest breaks that tells nearly as many moments apart as any."""
    gaps = sorted(range(1, len(moments)), key=lambda place: (moments[place - 1] - moments[place], place))
    found: list[tuple[int, Axis]] = []
    whole = moments[-1] - moments[0]
    for count in range(min(len(gaps), _MOST_BREAKS) + 1):
        cuts = [0, *sorted(gaps[:count]), len(moments)]
        stretches = [(moments[one], moments[two - 1]) for one, two in pairwise(cuts)]
        if count and 2 * sum(end - start for start, end in stretches) > whole:
            continue  # what is left out has to be most of the time
        axis = Axis(moments, stretches, extra, room)
        if count and axis.width > room:
            break
        found.append((len({axis.column(moment) for moment in moments}), axis))
    most = max(told for told, _ in found)
    if most < found[0][0] * _CLEARER:
        return found[0][1]
    return next(axis for told, axis in found if told >= most * _NEARLY)


def _step(stretches: Sequence[tuple[int, int]], length: int, free: int, moments: Sequence[int]) -> int:
    """The smallest step of which the labels have room; a larger one where more of its ticks are moments of the run."""
    longest = max(end - start for start, end in stretches)
    sign = len(stretches) > 1 or stretches[0][0] > 0
    fitting = [
        step
        for step in _STEPS
        if longest // step <= _MOST_TICKS
        and (step >= _DAY or longest < _LEAST_TICKS * _DAY)  # days are counted in days
        and free * step // length >= _widest(step, longest) + sign + _BETWEEN
    ]
    if not fitting:
        return max(_STEPS[-1], length)
    good = [step for step in fitting[:_STEPS_TRIED] if longest // step >= _LEAST_TICKS] or fitting[:1]
    if len(moments) > _FEW:
        return good[0]
    starts = [start for start, _ in stretches]
    since = {one - starts[bisect_right(starts, one) - 1] for one in moments}
    return max(good, key=lambda step: sum(1 for one in since if one % step == 0))


def _widest(step: int, longest: int) -> int:
    """How wide the labels of a step are, up to the longest stretch."""
    return max(len(_label(moment, step)) for moment in (step, longest // step * step))


def _label(ms: int, step: int) -> str:
    """A moment in the unit of its step: `30 s`, `5 min`."""
    for unit, size in _UNITS:
        if step >= size:
            return f"{ms // size} {unit}"
    return span(ms)


def _begins(ms: int) -> str:
    """The moment where an axis begins, or goes on: exact, in two units at most."""
    if ms < _HOUR:
        return span(ms)
    parts, rest = [], ms
    for unit, size in (*_UNITS, ("s", _SECOND)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return span(ms) if rest or len(parts) > 2 else " ".join(parts)  # noqa: PLR2004 - two are read at a glance
