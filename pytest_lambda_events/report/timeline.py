"""The story of a run, record by record, for whoever looks at a failed test. The law: plain ASCII within the width, the
records in trouble first, and short however long the run was: what repeats is said once and counted.

Nothing is computed twice for a record: the run's steps are indexed once, and so are the endings of its invocations.
"""

from __future__ import annotations

import shlex
import textwrap
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pytest_lambda_events.report.attempts import attempts_of
from pytest_lambda_events.report.phrases import ending_of, is_throttled, joins
from pytest_lambda_events.report.queue import queue_phrases
from pytest_lambda_events.report.records import body_of, is_broker_message, is_message
from pytest_lambda_events.report.stream import stream_phrases
from pytest_lambda_events.report.words import counted, moment, plain, short_id, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lambda_events.model.records import Fate, Record
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.model.trace import Invocation, Step
    from pytest_lambda_events.report.phrases import Phrase

__all__ = ["section", "timeline"]

_NO_RECORDS: Final = "no records: nothing was put into a source that is mapped to a function"

_NARROWEST: Final = 40
_TIME_COLUMN: Final = 9

_LINES_PER_RECORD: Final = 3  # on average: the bound of a report is this many lines for each of `most_records`
_TWINS_SHOWN: Final = 2  # in a long run, how many records are named that went the same way as the one told
_REPEATS_SHOWN: Final = 2
_FEWEST_FOLDED: Final = 3
_LONGEST_PERIOD: Final = 4
_LONGEST_STORY: Final = 16
_STORY_END: Final = 5

# how soon a record is told: those in trouble, pending ones that were tried before those that were not, and what is
# usual last
_TROUBLE: Final[dict[Fate, int]] = {"dead_lettered": 0, "discarded": 1, "expired": 2, "pending": 3}
_UNTRIED: Final = 4
_UNUSUAL: Final = 5
_FILTERED: Final = 6
_SMOOTH: Final = 7


def section(run: Run[Any], nodeid: str | None) -> str:
    """What a failing test shows: the timeline, and the line that reproduces the run; without `nodeid`, nothing does."""
    if not run.records:
        return _NO_RECORDS
    if nodeid is None:
        return timeline(run)
    # double quotes are understood by every shell; what they would not protect needs a POSIX shell's single quotes
    test = shlex.quote(nodeid) if any(letter in nodeid for letter in '"$`!') else f'"{nodeid}"'
    return f"{timeline(run)}\n\nreproduce: pytest {test} --lambda-events-seed={run.seed}"


def timeline(run: Run[Any], *, width: int = 100, most_records: int = 20) -> str:
    """What happened to each record and when, in virtual seconds, as lines of at most `width` columns (40 at least).

    At most `most_records` records are told, those in trouble first. In a run of more, records that were processed at
    the first attempt are only counted, and so are those that went the same way as another.
    """
    records = run.records
    if not records:
        return _NO_RECORDS
    page = _Page(max(width, _NARROWEST))
    teller = _Teller(run)
    is_long = len(records) > most_records
    ranked = sorted(((teller.rank(record), record) for record in records), key=lambda pair: pair[0])
    counted = Counter(rank for rank, _ in ranked if is_long and rank >= _FILTERED)
    told = [record for rank, record in ranked if not is_long or rank < _FILTERED]
    _tell(page, teller, told, most_records, _TWINS_SHOWN if is_long else most_records)
    if counted[_FILTERED]:
        page.write(f"{_records_were(counted[_FILTERED])} filtered out")
    if counted[_SMOOTH]:
        page.write(f"{_records_were(counted[_SMOOTH])} processed at the first attempt")
    page.lines.append("")
    _close(page, run)
    return "\n".join(page.lines)


# -- what is on the page ----------------------------------------------------------------------------------------------


class _Page:
    """Lines of one width. Whatever is written on it becomes plain ASCII."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[str] = []

    def write(self, text: str, first: str = "", hanging: str = "") -> None:
        """A paragraph that begins with `first`; its further lines begin with `hanging`."""
        self.lines.extend(
            textwrap.wrap(
                plain(text), self.width, initial_indent=first, subsequent_indent=hanging, break_on_hyphens=False
            )
        )

    def head(self, record: Any, end: str) -> None:
        """One line for a record: its id, as much of its body as there is room for, and how it ended."""
        short = short_id(record.id)
        room = max(self.width - len(short) - len(end) - 6, 8)
        # cut before it is escaped, so that a megabyte costs nothing; again after it, because escapes are longer
        body = shortened(plain(body_of(record, room + 1)), room) or "(empty)"
        self.lines.append(shortened(f"{short}  {body}  {end}", self.width))


def _tell(page: _Page, teller: _Teller, records: Sequence[Record], most_records: int, most_twins: int) -> None:
    """Tell stories until the page is full, each once for all records that share it; count what is left out."""
    left_out: Counter[Fate] = Counter()
    room = most_records
    for story in teller.stories(records):
        block = _Page(page.width)
        if room > 0:
            block.head(story.records[0], f"-> {story.fate}")
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
            page.head(twin, f"-> {story.fate}, the same steps")
        room -= named
        if others := len(story.records) - 1 - named:
            page.write(f"... and {counted(others, 'more record', 'more records')} went the same way", "  ", "  ")
    if left_out:
        what = ", ".join(f"{count:,} {fate}" for fate, count in left_out.items())
        page.write(f"not shown: {counted(left_out.total(), 'more record', 'more records')} ({what})")


def _tell_steps(page: _Page, lines: Sequence[_Line]) -> None:
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


def _close(page: _Page, run: Run[Any]) -> None:
    """Counts, metrics and advice."""
    calls = run.invocations
    if calls:
        outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in Counter(c.outcome for c in calls).items())
        least, most = (choose(len(call.records) for call in calls) for choose in (min, max))
        batch = counted(most, "record", "records") if least == most else f"{least:,} to {most:,} records"
        counts = f"{counted(len(calls), 'invocation', 'invocations')} ({outcomes}) with batches of {batch}"
    else:
        counts = "no invocations"
    page.write(f"{counts}; stopped at {moment(round(run.elapsed * 1000))}")
    _close_windows(page, calls)
    metrics = [f"{name} {value}" for name, value in run.metrics.items() if value]
    if metrics:
        page.write(f"metrics: {', '.join(metrics)}", hanging="  ")
    for advice in run.advice:
        page.write(f"{advice.code}: {' '.join(advice.message.split())}", "advice: ", "  ")


def _close_windows(page: _Page, calls: Sequence[Invocation[Any]]) -> None:
    """Final invocations of windows that failed: they carry no record, so that no record's story has them."""
    failed = [call for call in calls if not call.records and call.outcome not in ("success", "throttled")]
    if failed:
        how_often = counted(len(failed), "final invocation of a window", "final invocations of windows")
        last = f"{moment(round(failed[-1].at * 1000))}: {ending_of(failed[-1], 'failed').full}"
        page.write(f"{how_often} did not succeed, the last at {last}", hanging="  ")


# -- a story ----------------------------------------------------------------------------------------------------------


class _Line(NamedTuple):
    """What happened at one moment, in milliseconds since the harness began."""

    at_ms: int
    phrases: list[Phrase]


class _Fold(NamedTuple):
    """Lines that are not shown, and what is said instead."""

    text: str


class _Story(NamedTuple):
    """What happened to these records, all the same and at the same moments, except for the invocations' numbers."""

    records: list[Record]
    fate: Fate


class _Teller:
    """A run's steps, put into words."""

    def __init__(self, run: Run[Any]) -> None:
        self._run = run
        self._attempts = attempts_of(run)
        self._polled = _polled(run)
        self._begun = {step.detail for step in run.trace if step.kind == "invoked"}
        self._alone = {record.id for record in run.records if is_message(record) and not is_broker_message(record)}

    def rank(self, record: Record) -> int:
        """How soon this record is told: trouble first, and what went smoothly last."""
        fate = self._run.fate(record)
        if fate == "filtered":
            return _FILTERED
        attempts = len(self._run.attempts(record))
        if fate == "processed":
            return _SMOOTH if attempts == 1 else _UNUSUAL
        return _UNTRIED if fate == "pending" and not attempts else _TROUBLE[fate]

    def stories(self, records: Sequence[Record]) -> list[_Story]:
        """Who went which way, in the order of `records`."""
        signatures = self._signatures()
        found: dict[tuple[object, ...], _Story] = {}
        for record in records:
            fate = self._run.fate(record)
            key = (fate, *self._run.sources_of(record), *signatures[record.id])
            found.setdefault(key, _Story([], fate)).records.append(record)
        return list(found.values())

    def _signatures(self) -> dict[str, list[int]]:
        """What happened to each record as numbers: the same number says the same thing at the same moment.

        Numbers, because of a long run nearly all is only compared and never read: putting it into words takes longer
        than the run did.
        """
        numbers: dict[object, int] = {}
        found: defaultdict[str, list[int]] = defaultdict(list)
        for step in self._run.trace:
            for record_ids, detail in self._parts(step):
                number = numbers.setdefault((step.at_ms, step.kind, step.place, detail), len(numbers))
                for record_id in record_ids:
                    found[record_id].append(number)
        return found

    def _parts(self, step: Step) -> list[tuple[Sequence[str], object]]:
        """A step's records, together where it meant the same for them, and what that was."""
        if step.kind == "received":
            is_polled = step in self._polled
            if len(set(step.detail)) == 1:
                return [(step.records, (is_polled, step.detail[0]))]
            counts = zip(step.records, step.detail, strict=True)
            return [((record_id,), (is_polled, count)) for record_id, count in counts]
        if step.kind == "invoked":
            size = 0 if step.records and step.records[0] in self._alone else len(step.records)
            return [(ids, (size, ending)) for ids, ending in self._attempts[id(step)].parts(step.records)]
        if step.kind == "ended":
            if is_throttled(step):
                return [(step.records, step.detail[0])]
            # told where the invocation began, if it did
            return [] if step.detail[2] in self._begun else [(step.records, step.detail[3])]
        return [] if step.kind == "advice" else [(step.records, step.detail)]  # advice is told at the end

    def lines(self, record: Record) -> list[_Line]:
        """What happened to this record, moment by moment."""
        lines: list[_Line] = []
        for at_ms, phrase in self._phrases(record):
            if lines and lines[-1].at_ms == at_ms and joins(lines[-1].phrases, phrase):
                lines[-1].phrases.append(phrase)
            else:
                lines.append(_Line(at_ms, [phrase]))
        return lines

    def _phrases(self, record: Record) -> Iterator[tuple[int, Phrase]]:
        if is_message(record):
            return queue_phrases(self._run, record, self._attempts, self._polled)
        return stream_phrases(self._run, record, self._attempts)


def _polled(run: Run[Any]) -> set[Step]:
    """The receives that were a poller's.

    The trace does not say who received. A poller's receive ends in an invocation or in the filter, but not always: a
    batch may still wait, or wait longer than its visibility timeout. So the rest are somebody else's only when there
    are exactly as many of them as the pollers did not count.
    """
    polled: set[Step] = set()
    latest: dict[str, Step] = {}
    receives: list[Step] = []
    for step in run.trace:
        if step.kind == "received":
            receives.append(step)
            latest.update(dict.fromkeys(step.records, step))
        elif step.kind == "invoked" or is_throttled(step) or (step.kind == "left" and step.detail == "filtered"):
            polled.update(latest.pop(record_id) for record_id in step.records if record_id in latest)
    theirs = run.metrics.get("PolledEventCount", 0)
    if theirs != sum(len(step.records) for step in polled):
        polled.update(receives)
    return polled


# -- folding ----------------------------------------------------------------------------------------------------------


def _folded(lines: Sequence[_Line]) -> list[_Line | _Fold]:
    """The lines, where what repeats identically is shown a few times and then counted."""
    keys = [tuple([(phrase.key, phrase.batch) for phrase in line.phrases]) for line in lines]
    shown: list[_Line | _Fold] = []
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


def _cut(shown: list[_Line | _Fold]) -> list[_Line | _Fold]:
    """A story that repeats nothing is bounded too: its beginning and its end."""
    if len(shown) <= _LONGEST_STORY:
        return shown
    beginning = _LONGEST_STORY - _STORY_END - 1
    hidden = len(shown) - beginning - _STORY_END
    return [*shown[:beginning], _Fold(f"... {hidden:,} more lines ..."), *shown[-_STORY_END:]]


def _records_were(count: int) -> str:
    return f"{counted(count, 'record was', 'records were')}"
