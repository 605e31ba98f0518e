"""A run as a drawing in letters: a row for each record, virtual time from left to right. The law: at most `width`
columns and a few dozen lines however long the run was, and every record is in exactly one row.

Records that went the same way at the same moments share a row. Where there are too many rows even so, half of the rows
are for those in trouble, and all others are counted: for each fate, what failed and what ended in each column.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.report.ranking import FILTERED, RANKED_FATES, rank
from pytest_lambda_events.report.telling import Teller
from pytest_lambda_events.report.terminal.account import NO_RECORDS
from pytest_lambda_events.report.terminal.axis import axis_of
from pytest_lambda_events.report.terminal.density import Many
from pytest_lambda_events.report.terminal.marks import beats_of
from pytest_lambda_events.report.terminal.rows import GAP, Row, cells_of, label_of, legend_of
from pytest_lambda_events.report.terminal.style import FATE_ROLES, PLAIN
from pytest_lambda_events.report.words import NARROWEST, counted, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_lambda_events.report.telling import Story
    from pytest_lambda_events.report.terminal.marks import Beat
    from pytest_lambda_events.report.terminal.rows import Label
    from pytest_lambda_events.report.terminal.style import Role, Style
    from pytest_lambda_events.report.view import RunView

__all__ = ["chart", "draw"]

_LEAST_PLOT: Final = 12


def chart(view: RunView, *, width: int = 100, most_rows: int = 20, style: Style = PLAIN) -> str:
    """The run as lines of at most `width` columns (40 at least), and about `most_rows` rows (0 or more).

    Virtual time is along the top, each record's fate on the right, and below are the signs that occur.
    """
    return draw(view, Teller(view), width=width, most_rows=most_rows, style=style)


def draw(view: RunView, teller: Teller, *, width: int, most_rows: int, style: Style) -> str:
    """The chart of a run, of which there is a `teller` already."""
    if not view.records:
        return NO_RECORDS
    width = max(width, NARROWEST)
    alone, together = _shared_out(teller.stories(view.records), most_rows)
    many = Many(view, teller, [record for story in together for record in story.records])
    labels = [label_of(story) for story in alone]
    beats = [beats_of(teller.phrases(story.records[0])) for story in alone]
    ends = {call.number: round((call.at + call.duration) * 1000) for call in view.calls if call.number is not None}
    moments = {moment for row in beats for beat in row for moment in (beat.at_ms, ends.get(beat.number, beat.at_ms))}
    moments.update(many.moments)

    right = max(map(len, {*many.fates, *(story.fate for story in alone)}))
    left = _columns_left([*labels, *many.labels.values()], width - right, has_time=len(moments) > 1)
    axis = axis_of(moments or {0}, _beats_each(beats), width - left - right - 2 * len(GAP))
    rows = [
        Row(label, cells_of(row, axis, ends), story.fate, FATE_ROLES[story.fate])
        for label, row, story in zip(labels, beats, alone, strict=True)
    ]
    rows_of_many, ramp = many.rows(axis)

    margin = " " * (left + len(GAP))
    lines = [*textwrap.wrap(_summary(view), width), ""]
    lines += [margin + style.paint(line, "faint") for line in (axis.labels(width - len(margin)), axis.ruler())]
    lines += [_line(row, left, style) for row in rows]
    lines += [""] * bool(rows and rows_of_many)
    lines += [_line(row, left, style) for row in rows_of_many]
    lines += ["", *_flowing(legend_of(rows, axis), width, style)]
    if rows_of_many:
        lines += _flowing([("many records, how often in a column:", "usual"), *ramp], width, style)
    return "\n".join(lines)


def _shared_out(stories: list[Story], most_rows: int) -> tuple[list[Story], list[Story]]:
    """Those that have a row each, and those that are counted."""
    if len(stories) <= most_rows:
        return stories, []
    ranked = sorted(stories, key=lambda story: rank(story.records[0]))
    room = sum(1 for story in ranked[: most_rows // 2] if rank(story.records[0]) < FILTERED)
    return ranked[:room], ranked[room:]


def _beats_each(rows: Iterable[Sequence[Beat]]) -> dict[int, int]:
    """How many things happen to one record in each moment, one after another."""
    found: dict[int, int] = {}
    for row in rows:
        for beat in row:
            found[beat.at_ms] = max(beat.place + 1, found.get(beat.at_ms, 0))
    return found


def _columns_left(labels: Sequence[Label], width: int, *, has_time: bool) -> int:
    """How wide the labels are: what they need, as far as time has enough room then."""
    whole = max(len(label.text(width)) for label in labels)
    least = max(label.least for label in labels)
    share = width * 9 // 20 if has_time else width
    return min(whole, max(least, share), width - _LEAST_PLOT - 2 * len(GAP))


def _summary(view: RunView) -> str:
    """How many records there were, and how they ended."""
    fates = Counter(record.fate for record in view.records)
    ends = ", ".join([f"{fates[fate]:,} {fate}" for fate in RANKED_FATES if fates[fate]])
    return f"{counted(len(view.records), 'record', 'records')}: {ends}"


def _line(row: Row, left: int, style: Style) -> str:
    label = row.label.text(left).ljust(left)
    return f"{label}{GAP}{style.join(row.cells)}{GAP}{style.paint(row.end, row.role)}"


def _flowing(items: Iterable[tuple[str, Role]], width: int, style: Style) -> list[str]:
    """The items one after another, on as many lines as they need; what is wider than a line is cut."""
    lines: list[str] = []
    used = width
    for text, role in items:
        shown = shortened(text, width)
        if used + len(GAP) + len(shown) > width:
            lines.append(style.paint(shown, role))
            used = len(shown)
        else:
            lines[-1] += GAP + style.paint(shown, role)
            used += len(GAP) + len(shown)
    return lines
