"""What changed between two runs, for whoever reads a terminal. The law: plain ASCII within the width, whether anything
changed first, and short however long the runs were.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.report.compare.words import (
    HEADINGS,
    batch_told,
    details_of,
    fates_of,
    headline,
    invocation_rows,
    shown_rows,
    way_of,
)
from pytest_lambda_events.report.words import NARROWEST, counted, plain, short_id, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.report.compare.comparing import BatchChange, Comparison, RecordGroup, Row
    from pytest_lambda_events.report.view import RecordView

__all__ = ["told"]

_GROUPS: Final = 12
_ROWS: Final = 20
_NAMED: Final = 5
_LONGEST: Final = 300
_WHAT: Final = 32


def told(comparison: Comparison, *, width: int = 100, names: tuple[str, str] = ("before", "after")) -> str:
    """What changed, as lines of at most `width` columns (40 at least); `names` are what the runs are called.

    At most a dozen ways in which records changed are told, each with one record as an example.
    """
    page = _Page(max(width, NARROWEST))
    names = (plain(names[0]), plain(names[1]))
    page.write(headline(comparison, names))
    if comparison.is_same:
        return "\n".join(page.lines)
    for change in comparison.mappings:
        page.rows(f"mapping {change.name}", change.rows)
    _tell_groups(page, comparison.groups)
    for records, name in zip((comparison.only_before, comparison.only_after), names, strict=True):
        _tell_only(page, records, name)
    _tell_invocations(page, comparison, names)
    page.rows("metrics", comparison.metrics)
    for advice, name in zip((comparison.advice_gone, comparison.advice_new), names, strict=True):
        if advice:
            page.head(f"advice only in {name}")
            page.some([f"{one.code}: {' '.join(one.message.split())}" for one in advice], _NAMED, "more")
    return "\n".join(page.lines)


class _Page:
    """Lines of one width. Whatever is written on it becomes plain ASCII."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[str] = []

    def head(self, text: str) -> None:
        """What the next lines are about."""
        self.lines.append("")
        self.write(text)

    def write(self, text: str, first: str = "", hanging: str = "") -> None:
        """Text in as many lines as it takes; what is very long is cut."""
        text = shortened(plain(text[: _LONGEST + 1]), _LONGEST)
        self.lines.extend(textwrap.wrap(text, self.width, initial_indent=first, subsequent_indent=hanging))

    def line(self, text: str) -> None:
        """Text that is cut rather than wrapped."""
        self.lines.append(shortened(plain(text[: self.width + 1]), self.width))

    def some(self, texts: Sequence[str], most: int, more: str) -> None:
        """The first of them, and how many more there are."""
        for text in texts[:most]:
            self.write(text, "  ", "    ")
        if len(texts) > most:
            self.write(f"... and {len(texts) - most:,} {more}", "  ")

    def rows(self, title: str, rows: Sequence[Row]) -> None:
        """A table of what differs, if anything does."""
        if rows:
            self.head(title)
            self.table(shown_rows(rows))

    def table(self, rows: Sequence[tuple[str, str, str]], indent: str = "  ") -> None:
        """What, before and after; a row that is too long for one line has its second side below the first."""
        column = min(max(len(what) for what, _, _ in rows[:_ROWS]), _WHAT, self.width // 2)
        for what, before, after in rows[:_ROWS]:
            one, other = plain(before[:_LONGEST]), plain(after[:_LONGEST])
            line = f"{indent}{plain(what):{column}}  {one} -> {other}"
            if len(line) <= self.width:
                self.lines.append(line)
                continue
            room = f"{indent}{'':{column}}  "
            self.write(one, f"{indent}{plain(what):{column}}  ", room)
            self.write(other, f"{room}-> ", f"{room}   ")
        if len(rows) > _ROWS:
            self.write(f"... and {len(rows) - _ROWS:,} more", indent)


def _tell_groups(page: _Page, groups: Sequence[RecordGroup]) -> None:
    heading = ""
    for group in groups[:_GROUPS]:
        if HEADINGS[group.kind] != heading:
            heading = HEADINGS[group.kind]
            page.head(heading)
        _tell_group(page, group)
    rest = groups[_GROUPS:]
    if rest:
        records = sum(len(group.changes) for group in rest)
        page.write(
            f"... and {counted(records, 'more record', 'more records')} "
            f"in {counted(len(rest), 'other way', 'other ways')}",
            "  ",
        )


def _tell_group(page: _Page, group: RecordGroup) -> None:
    before, after = way_of(group)
    way = f"{before} -> {after}" if before != after else before
    page.write(f"{counted(len(group.changes), 'record', 'records')}: {way}", "  ", "    ")
    first, *others = group.changes
    ids = short_id(first.before.id), short_id(first.after.id)
    name = ids[0] if first.before.id == first.after.id else f"{ids[0]} = {ids[1]}"
    page.line(f"    {'e.g. ' if others else ''}{name}  {first.before.brief or '(empty)'}")
    details = details_of(first)
    if details:
        page.table(details, "      ")


def _tell_only(page: _Page, records: Sequence[RecordView], name: str) -> None:
    if not records:
        return
    page.head(f"only in {name}: {counted(len(records), 'record', 'records')} ({fates_of(records)})")
    for record in records[:_NAMED]:
        page.line(f"  {short_id(record.id)}  {record.brief or '(empty)'}")
    if len(records) > _NAMED:
        page.write(f"... and {len(records) - _NAMED:,} more", "  ")


def _tell_invocations(page: _Page, comparison: Comparison, names: tuple[str, str]) -> None:
    rows = invocation_rows(comparison)
    if rows or comparison.batch is not None:
        page.head("invocations")
    if rows:
        page.table(rows)
    if comparison.batch is not None:
        _tell_batch(page, comparison.batch, names)


def _tell_batch(page: _Page, batch: BatchChange, names: tuple[str, str]) -> None:
    page.write(f"the first batch with other records is #{batch.number}:", "  ", "    ")
    for name, call in zip(names, (batch.before, batch.after), strict=True):
        page.write(f"{name}: {batch_told(call)}", "    ", "      ")
