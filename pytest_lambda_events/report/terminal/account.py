"""The story of a run, record by record, for whoever looks at a failed test. The law: plain ASCII within the width, the
records in trouble first, and short however long the run was: what repeats is said once and counted.

Nothing is computed twice for a record: the run's steps are indexed once, and so are the endings of its invocations.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from pytest_lambda_events.report.phrases import ending_of
from pytest_lambda_events.report.ranking import FILTERED, SMOOTH, rank
from pytest_lambda_events.report.telling import Teller
from pytest_lambda_events.report.terminal.style import FATE_ROLES, PLAIN
from pytest_lambda_events.report.words import NARROWEST, counted, moment, plain, short_id, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.report.phrases import Phrase
    from pytest_lambda_events.report.telling import Line
    from pytest_lambda_events.report.terminal.style import Style
    from pytest_lambda_events.report.view import CallView, RecordView, RunView

__all__ = ["NO_RECORDS", "account", "write"]

NO_RECORDS: Final = "no records: nothing was put into a source that is mapped to a function"

_TIME_COLUMN: Final = 9

_LINES_PER_RECORD: Final = 3  # on average: the bound of a report is this many lines for each of `most_records`
_TWINS_SHOWN: Final = 2  # in a long run, how many records are named that went the same way as the one told
_REPEATS_SHOWN: Final = 2
_FEWEST_FOLDED: Final = 3
_LONGEST_PERIOD: Final = 4
_LONGEST_STORY: Final = 16
_STORY_END: Final = 5


def account(view: RunView, *, width: int = 100, most_records: int = 20, style: Style = PLAIN) -> str:
    """What happened to each record and when, in virtual seconds, as lines of at most `width` columns (40 at least).

    At most `most_records` records are told, those in trouble first. In a run of more, records that were processed at
    the first attempt are only counted, and so are those that went the same way as another.
    """
    return write(view, Teller(view), width=width, most_records=most_records, style=style)


def write(view: RunView, teller: Teller, *, width: int, most_records: int, style: Style) -> str:
    """The account of a run, of which there is a `teller` already."""
    records = view.records
    if not records:
        return NO_RECORDS
    page = _Page(max(width, NARROWEST), style)
    is_long = len(records) > most_records
    ranked = sorted(((rank(record), record) for record in records), key=lambda pair: pair[0])
    counted = Counter(rank for rank, _ in ranked if is_long and rank >= FILTERED)
    told = [record for rank, record in ranked if not is_long or rank < FILTERED]
    _tell(page, teller, told, most_records, _TWINS_SHOWN if is_long else most_records)
    if counted[FILTERED]:
        page.write(f"{_records_were(counted[FILTERED])} filtered out")
    if counted[SMOOTH]:
        page.write(f"{_records_were(counted[SMOOTH])} processed at the first attempt")
    page.lines.append("")
    _close(page, view)
    return "\n".join(page.lines)


# -- what is on the page ----------------------------------------------------------------------------------------------


class _Page:
    """Lines of one width. Whatever is written on it becomes plain ASCII."""

    def __init__(self, width: int, style: Style) -> None:
        self.width = width
        self.style = style
        self.lines: list[str] = []

    def write(self, text: str, first: str = "", hanging: str = "") -> None:
        """A paragraph that begins with `first`; its further lines begin with `hanging`."""
        self.lines.extend(
            textwrap.wrap(
                plain(text), self.width, initial_indent=first, subsequent_indent=hanging, break_on_hyphens=False
            )
        )

    def head(self, record: RecordView, more: str = "") -> None:
        """One line for a record: its id, as much of its body as there is room for, and how it ended."""
        end = f"-> {record.fate}{more}"
        short = short_id(record.id)
        room = max(self.width - len(short) - len(end) - 6, 8)
        # cut before it is escaped, so that a megabyte costs nothing; again after it, because escapes are longer
        body = shortened(plain(record.brief[: room + 1]), room) or "(empty)"
        line = shortened(f"{short}  {body}  {end}", self.width)
        if line.endswith(end):
            line = f"{line.removesuffix(end)}-> {self.style.paint(record.fate, FATE_ROLES[record.fate])}{more}"
        self.lines.append(line)


def _tell(page: _Page, teller: Teller, records: Sequence[RecordView], most_records: int, most_twins: int) -> None:
    """Tell stories until the page is full, each once for all records that share it; count what is left out."""
    left_out: Counter[Fate] = Counter()
    room = most_records
    for story in teller.stories(records):
        block = _Page(page.width, page.style)
        if room > 0:
            block.head(story.records[0])
            _tell_steps(block, teller.lines(story.records[0]))
            if page.lines and len(page.lines) + len(block.lines) > _LINES_PER_RECORD * most_records:
                room = 0  # also for shorter ones: they come later because they matter less
        if room <= 0:
            left_out[story.fate] += len(story.records)
            continue
        page.lines.extend(block.lines)
        room -= 1
        named = min(len(story.records) - 1, most_twins, room)
        for twin in story.records[1 : named + 1]:
            page.head(twin, ", the same steps")
        room -= named
        if others := len(story.records) - 1 - named:
            page.write(f"... and {counted(others, 'more record', 'more records')} went the same way", "  ", "  ")
    if left_out:
        what = ", ".join(f"{count:,} {fate}" for fate, count in left_out.items())
        page.write(f"not shown: {counted(left_out.total(), 'more record', 'more records')} ({what})")


def _tell_steps(page: _Page, lines: Sequence[Line]) -> None:
    shown = _cut(_folded(lines))
    times = ["" if isinstance(one, _Fold) else moment(one.at_ms) for one in shown]
    column = max([_TIME_COLUMN, *(len(time) for time in times)])
    said: dict[str, int] = {}
    for one, time in zip(shown, times, strict=True):
        text = one.text if isinstance(one, _Fold) else ", ".join(_spoken(phrase, said) for phrase in one.phrases)
        page.write(text, f"{time:>{column}}  ", " " * (column + 2))


def _spoken(phrase: Phrase, said: dict[str, int]) -> str:
    """A phrase as it is read: what an earlier invocation in `said` ended with, word for word, is not repeated."""
    if phrase.kind != "invoked":
        return phrase.text
    batch = f" in a batch of {phrase.batch:,}" if phrase.batch else ""
    before = said.setdefault(phrase.key, phrase.number)
    is_repeated = before != phrase.number and phrase.text != phrase.key
    return f"invoked #{phrase.number}{batch}: {f'{phrase.text}, same as #{before}' if is_repeated else phrase.key}"


def _close(page: _Page, view: RunView) -> None:
    """Counts, metrics and advice."""
    calls = view.calls
    if calls:
        outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in Counter(c.outcome for c in calls).items())
        least, most = (choose(len(call.records) for call in calls) for choose in (min, max))
        batch = counted(most, "record", "records") if least == most else f"{least:,} to {most:,} records"
        counts = f"{counted(len(calls), 'invocation', 'invocations')} ({outcomes}) with batches of {batch}"
    else:
        counts = "no invocations"
    page.write(f"{counts}; stopped at {moment(round(view.elapsed * 1000))}")
    _close_windows(page, calls)
    metrics = [f"{name} {value}" for name, value in view.metrics.items() if value]
    if metrics:
        page.write(f"metrics: {', '.join(metrics)}", hanging="  ")
    for advice in view.advice:
        page.write(f"{advice.code}: {' '.join(advice.message.split())}", "advice: ", "  ")


def _close_windows(page: _Page, calls: Sequence[CallView]) -> None:
    """Final invocations of windows that failed: they carry no record, so that no record's story has them."""
    failed = [call for call in calls if not call.records and call.outcome not in ("success", "throttled")]
    if failed:
        how_often = counted(len(failed), "final invocation of a window", "final invocations of windows")
        last = f"{moment(round(failed[-1].at * 1000))}: {ending_of(failed[-1], 'failed').full}"
        page.write(f"{how_often} did not succeed, the last at {last}", hanging="  ")


class _Fold(NamedTuple):
    """Lines that are not shown, and what is said instead."""

    text: str


# -- folding ----------------------------------------------------------------------------------------------------------


def _folded(lines: Sequence[Line]) -> list[Line | _Fold]:
    """The lines, where what repeats identically is shown a few times and then counted."""
    keys = [tuple([(phrase.key, phrase.batch) for phrase in line.phrases]) for line in lines]
    shown: list[Line | _Fold] = []
    at = 0
    while at < len(lines):
        period, times = _repetition(keys, at)
        if not times:
            shown.append(lines[at])
            at += 1
            continue
        end = at + period * times
        more = times - _REPEATS_SHOWN
        what = "" if period == 1 else f"the last {period} lines "
        shown.extend(lines[at : at + period * _REPEATS_SHOWN])
        shown.append(_Fold(f"... {what}{more:,} more times until {moment(lines[end - 1].at_ms)}, the same way"))
        at = end
    return shown


def _repetition(keys: Sequence[object], start: int) -> tuple[int, int]:
    """How many lines repeat from here on, and how often in all; (0, 0) when that is not worth folding."""
    for period in range(1, _LONGEST_PERIOD + 1):
        times, at = 1, start + period
        while at + period <= len(keys) and all(keys[start + one] == keys[at + one] for one in range(period)):
            times, at = times + 1, at + period
        if times >= _REPEATS_SHOWN + _FEWEST_FOLDED:
            return period, times
    return 0, 0


def _cut(shown: list[Line | _Fold]) -> list[Line | _Fold]:
    """A story that repeats nothing is bounded too: its beginning and its end."""
    if len(shown) <= _LONGEST_STORY:
        return shown
    beginning = _LONGEST_STORY - _STORY_END - 1
    hidden = len(shown) - beginning - _STORY_END
    return [*shown[:beginning], _Fold(f"... {hidden:,} more lines ..."), *shown[-_STORY_END:]]


def _records_were(count: int) -> str:
    return f"{counted(count, 'record was', 'records were')}"
