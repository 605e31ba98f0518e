"""The story of a run, record by record, for whoever looks at a failed test. The law: plain ASCII within the width, the
records in trouble first, and short however long the run was: what repeats is said once and counted.

Nothing is computed twice for a record: the run's steps are indexed once, and so are the endings of its invocations.
"""

from __future__ import annotations

import shlex
import sysconfig
import textwrap
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lambda_events.model.records import Fate, Record
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.model.trace import Invocation, Step

__all__ = ["section", "timeline"]

_NO_RECORDS: Final = "no records: nothing was put into a source that is mapped to a function"

_NARROWEST: Final = 40
_TIME_COLUMN: Final = 9
_LONGEST_MESSAGE: Final = 160
_LONG_MS: Final = 3_600_000

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

_ELSEWHERE: Final = "by the test or the handler"


def section(run: Run[Any], nodeid: str) -> str:
    """What a failing test shows: the timeline, and the line that reproduces the run."""
    if not run.records:
        return _NO_RECORDS
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
                _ascii(text), self.width, initial_indent=first, subsequent_indent=hanging, break_on_hyphens=False
            )
        )

    def head(self, record: Any, end: str) -> None:
        """One line for a record: its id, as much of its body as there is room for, and how it ended."""
        short = _short_id(record.id)
        room = max(self.width - len(short) - len(end) - 6, 8)
        # cut before it is escaped, so that a megabyte costs nothing; again after it, because escapes are longer
        body = _shortened(_ascii(record.body[: room + 1]), room) or "(empty)"
        self.lines.append(_shortened(f"{short}  {body}  {end}", self.width))


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
            page.write(f"... and {_counted(others, 'more record', 'more records')} went the same way", "  ", "  ")
    if left_out:
        what = ", ".join(f"{count:,} {fate}" for fate, count in left_out.items())
        page.write(f"not shown: {_counted(left_out.total(), 'more record', 'more records')} ({what})")


def _tell_steps(page: _Page, lines: Sequence[_Line]) -> None:
    shown = _cut(_folded(lines))
    times = ["" if isinstance(one, _Fold) else _moment(one.at_ms) for one in shown]
    column = max([_TIME_COLUMN, *(len(time) for time in times)])
    said: dict[str, int] = {}
    for one, time in zip(shown, times, strict=True):
        text = one.text if isinstance(one, _Fold) else ", ".join(_spoken(phrase, said) for phrase in one.phrases)
        page.write(text, f"{time:>{column}}  ", " " * (column + 2))


def _spoken(phrase: _Phrase, said: dict[str, int]) -> str:
    """A phrase as it is read: what an earlier invocation in `said` ended with, word for word, is not repeated."""
    if phrase.kind != "invoked":
        return phrase.text
    before = said.setdefault(phrase.key, phrase.number)
    is_repeated = before != phrase.number and phrase.text != phrase.key
    return f"invoked #{phrase.number}: {f'{phrase.text}, same as #{before}' if is_repeated else phrase.key}"


def _close(page: _Page, run: Run[Any]) -> None:
    """Counts, metrics and advice."""
    calls = run.invocations
    if calls:
        outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in Counter(c.outcome for c in calls).items())
        least, most = (choose(len(call.records) for call in calls) for choose in (min, max))
        batch = _counted(most, "record", "records") if least == most else f"{least:,} to {most:,} records"
        counts = f"{_counted(len(calls), 'invocation', 'invocations')} ({outcomes}) with batches of {batch}"
    else:
        counts = "no invocations"
    page.write(f"{counts}; stopped at {_moment(round(run.elapsed * 1000))}")
    metrics = [f"{name} {value}" for name, value in run.metrics.items() if value]
    if metrics:
        page.write(f"metrics: {', '.join(metrics)}", hanging="  ")
    for advice in run.advice:
        page.write(f"{advice.code}: {' '.join(advice.message.split())}", "advice: ", "  ")


# -- a story ----------------------------------------------------------------------------------------------------------


class _Phrase(NamedTuple):
    """One thing that happened. `key` is what stays the same when it happens again, `number` is an invocation's.

    An invocation's `key` is its ending in full, `text` the same in brief.
    """

    kind: Literal["entered", "received", "reappeared", "throttled", "invoked", "fault", "left", "stopped"]
    key: str
    text: str
    number: int = 0


class _Line(NamedTuple):
    """What happened at one moment, in milliseconds since the harness began."""

    at_ms: int
    phrases: list[_Phrase]


class _Fold(NamedTuple):
    """Lines that are not shown, and what is said instead."""

    text: str


class _Story(NamedTuple):
    """What happened to these records, all the same and at the same moments, except for the invocations' numbers."""

    records: list[Record]
    fate: Fate


class _Ending(NamedTuple):
    """How an invocation ended for one of its records."""

    brief: str
    full: str


_SUCCESS: Final = _Ending("success", "success")
_NO_ENDING: Final = _Ending("no outcome yet", "no outcome yet")


class _Teller:
    """A run's steps, put into words."""

    def __init__(self, run: Run[Any]) -> None:
        self._run = run
        self._calls: dict[str, Invocation[Any]] = {call.request_id: call for call in run.invocations}
        self._failed: dict[str, frozenset[str]] = {
            call.request_id: frozenset([record.id for record in call.failed]) for call in run.invocations
        }
        self._numbers: dict[str, int] = {}
        self._endings: dict[tuple[str, bool], _Ending] = {}
        self._polled: set[Step] = set()
        self._index()

    def _index(self) -> None:
        """Number the invocations as they began, and find the receives that were a poller's.

        The trace does not say who received. A poller's receive ends in an invocation or in the filter, but not always:
        a batch may still wait, or wait longer than its visibility timeout. So the rest are somebody else's only when
        there are exactly as many of them as the pollers did not count.
        """
        latest: dict[str, Step] = {}
        receives: list[Step] = []
        for step in self._run.trace:
            if step.kind == "received":
                receives.append(step)
                latest.update(dict.fromkeys(step.records, step))
            elif step.kind == "invoked" or _is_throttled(step) or (step.kind == "left" and step.detail == "filtered"):
                self._polled.update(latest.pop(record_id) for record_id in step.records if record_id in latest)
                if step.kind == "invoked":
                    self._numbers[step.detail] = len(self._numbers) + 1
        theirs = self._run.metrics.get("PolledEventCount", 0)
        if theirs != sum(len(step.records) for step in self._polled):
            self._polled.update(receives)

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
        if step.kind in ("entered", "reappeared", "left", "moved"):
            return [(step.records, step.detail)]
        if step.kind == "received":
            is_polled = step in self._polled
            if len(set(step.detail)) == 1:
                return [(step.records, (is_polled, step.detail[0]))]
            counts = zip(step.records, step.detail, strict=True)
            return [((record_id,), (is_polled, count)) for record_id, count in counts]
        if step.kind == "invoked":
            failed = self._failed.get(step.detail, frozenset())
            return [
                (
                    [one for one in step.records if (one in failed) == is_failed],
                    self._ending(step.detail, failed=is_failed),
                )
                for is_failed in (True, False)
            ]
        if step.kind == "fault" or _is_throttled(step):
            return [(step.records, step.detail[0] if step.kind == "ended" else step.detail)]
        return []  # "ended" is told where the invocation began, and advice at the end

    def lines(self, record: Record) -> list[_Line]:
        """What happened to this record, moment by moment."""
        lines: list[_Line] = []
        for at_ms, phrase in self._phrases(record):
            if lines and lines[-1].at_ms == at_ms and _joins(lines[-1].phrases, phrase):
                lines[-1].phrases.append(phrase)
            else:
                lines.append(_Line(at_ms, [phrase]))
        return lines

    def _phrases(self, record: Record) -> Iterator[tuple[int, _Phrase]]:
        run = self._run
        steps = [(round(seconds * 1000), step) for seconds, step in run.steps_of(record)]
        succeeded = {
            at_ms
            for at_ms, step in steps
            if step.kind == "ended" and not _is_throttled(step) and record.id not in self._failed[step.detail[2]]
        }
        sources = run.sources_of(record)
        at, told, state = -1, -1, "never received"
        for at_ms, step in steps:
            if step.kind == "entered":
                at = sources.index(step.place, at + 1)
                state = "not received there" if at else "never received"
                if at > told:
                    yield at_ms, _entered(sources, at)
            elif step.kind == "received":
                state = "in flight"
                yield at_ms, self._received(step, record)
            elif step.kind == "reappeared":
                state = "visible"
                yield at_ms, _Phrase("reappeared", "visible again", "visible again")
            elif step.kind == "invoked":
                ending = self._ending(step.detail, failed=record.id in self._failed.get(step.detail, ()))
                yield at_ms, _Phrase("invoked", ending.full, ending.brief, self._numbers[step.detail])
            elif _is_throttled(step):
                yield at_ms, _Phrase("throttled", "throttled", "throttled")
            elif step.kind == "fault":
                text = f"fault: {_FAULTS[step.detail]}"
                yield at_ms, _Phrase("fault", text, text)
            elif step.kind == "moved":
                yield at_ms, _Phrase("left", _MOVED, _MOVED)
            elif step.kind == "left":
                told = at + (step.detail == "dead_lettered")  # where it goes is said with that it goes
                text = _left(step, sources[at + 1 :], after_success=at_ms in succeeded)
                yield at_ms, _Phrase("left", text, text)
        if run.fate(record) == "pending":
            text = f"still in {_name(sources[at])} when the run stopped ({state})"
            yield round(run.elapsed * 1000), _Phrase("stopped", text, text)

    def _received(self, step: Step, record: Record) -> _Phrase:
        count = f"({_ordinal(step.detail[step.records.index(record.id)])} time)"
        what = "received" if step in self._polled else f"received {_ELSEWHERE}"
        return _Phrase("received", what, f"{what} {count}")

    def _ending(self, request_id: str, *, failed: bool) -> _Ending:
        key = (request_id, failed)
        if key not in self._endings:
            call = self._calls.get(request_id)
            self._endings[key] = _NO_ENDING if call is None else _ending(call, failed=failed)
        return self._endings[key]


_MOVED: Final = "sent back as a new message by a message move task"

_FAULTS: Final = {
    "duplicates": "delivered once more although it was deleted",
    "failed_deletes": "its delete did not take",
    "crashes": "the poller was gone before it could delete",
    "throttles": "the function had no concurrency left",
    "late_visibility": "will become visible late",
    "reordering": "handed out in another order",
}


def _is_throttled(step: Step) -> bool:
    return step.kind == "ended" and step.detail[0] == "throttled"


def _joins(phrases: Sequence[_Phrase], phrase: _Phrase) -> bool:
    """Whether a phrase goes on the line of those before it, which happened at the same moment.

    A line is at most one attempt: a handler that makes its record visible at once repeats without time passing.
    """
    last = phrases[-1].kind
    if last == "entered":
        return False
    if last == "invoked":
        return phrase.kind == "left" and phrases[-1].text == _SUCCESS.brief
    return phrase.kind != "received" or all(before.kind != "received" for before in phrases)


def _entered(sources: Sequence[str], at: int) -> _Phrase:
    came = f"from {_name(sources[at - 1])}" if at else ""
    text = f"arrived in {_name(sources[at])} {came}" if at else f"sent to {_name(sources[at])}"
    return _Phrase("entered", text, text)


def _left(step: Step, later_sources: Sequence[str], *, after_success: bool) -> str:
    """How a record left its source; `later_sources` are those where it went afterwards."""
    fate: Fate = step.detail
    if fate == "processed":
        return "deleted after success" if after_success else f"deleted {_ELSEWHERE}"
    if fate == "dead_lettered":
        return f"moved to {_name(later_sources[0])}" if later_sources else "moved to the dead-letter queue"
    return {
        "filtered": "filtered out",
        "expired": "expired: MessageRetentionPeriod ran out",
        "discarded": "discarded: purged, or given up by the poller",
    }[fate]


def _ending(call: Invocation[Any], *, failed: bool) -> _Ending:
    span = _span(round(call.duration * 1000))
    after = f" after {span}" if call.duration else ""
    if call.outcome == "timeout":
        return _Ending(f"timed out after {span}", f"timed out after {span}{_where(call.error)}")
    if call.outcome == "error":
        raised = f"raised {type(call.error).__name__}" if call.error is not None else "no reason given"
        return _Ending("failed", f"failed{after}: {_first_line(call.problem or raised)}{_where(call.error)}")
    if call.outcome == "malformed":
        # without its own "the whole batch failed", which is what the line says already
        problem = _first_line((call.problem or "no reason given").removeprefix("the whole batch failed: "))
        return _Ending("whole batch failed", f"whole batch failed{after}: {problem}")
    if call.outcome == "throttled":
        return _Ending("throttled", "throttled")
    if failed:
        return _Ending("reported in batchItemFailures", f"reported in batchItemFailures{after}")
    return _Ending(_SUCCESS.brief, f"{_SUCCESS.full}{after}")


# -- folding ----------------------------------------------------------------------------------------------------------


def _folded(lines: Sequence[_Line]) -> list[_Line | _Fold]:
    """The lines, where what repeats identically is shown a few times and then counted."""
    keys = [tuple([phrase.key for phrase in line.phrases]) for line in lines]
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
        shown.append(_Fold(f"... {what}{more:,} more times until {_moment(lines[end - 1].at_ms)}, the same way"))
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


# -- words ------------------------------------------------------------------------------------------------------------


def _ascii(text: str) -> str:
    """The text on one line, as any terminal and log can show it: everything else as Python escapes it."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        letter if " " <= letter <= "~" else letter.encode("unicode_escape").decode("ascii") for letter in text
    )


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def _first_line(text: str) -> str:
    """The first line that says something: a message may begin with a newline, or be empty after its type's colon."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = " ".join(lines[:2]) if lines and lines[0].endswith(":") else "".join(lines[:1])
    return _shortened(_ascii(first.removesuffix(":")), _LONGEST_MESSAGE)


def _short_id(record_id: str) -> str:
    """The beginning of a UUID, which is random; the end of anything else that is long, because it counts up."""
    beginning, dash, _ = record_id.partition("-")
    if dash and len(record_id) == 36 and len(beginning) == 8:  # noqa: PLR2004 - how a UUID is written
        return beginning
    return _ascii(record_id) if len(record_id) <= 2 * _TIME_COLUMN else f"...{_ascii(record_id[-_TIME_COLUMN:])}"


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _records_were(count: int) -> str:
    return f"{_counted(count, 'record was', 'records were')}"


def _span(ms: int) -> str:
    """Seconds, without needless zeros: `30 s`, `0.25 s`."""
    seconds, rest = divmod(ms, 1000)
    return f"{seconds}{f'.{rest:03}'.rstrip('0') if rest else ''} s"


def _moment(ms: int) -> str:
    """Seconds, and from an hour on what that is for people: `2 h 30 min (9000 s)`."""
    if ms < _LONG_MS:
        return _span(ms)
    parts, rest = [], ms
    for unit, length in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000)):
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count} {unit}")
    if rest:
        parts.append(_span(rest))
    return f"{' '.join(parts)} ({_span(ms)})"


# -- whose line it was ------------------------------------------------------------------------------------------------


def _where(error: BaseException | None) -> str:
    """` (handler.py:12)`: the innermost line of the user's own code, else of any library's, never of this package's."""
    places: dict[str, str] = {}
    traceback = error.__traceback__ if error is not None else None
    while traceback is not None:
        owner, name = _file(traceback.tb_frame.f_code.co_filename)
        places[owner] = f" ({name}:{traceback.tb_lineno})"
        traceback = traceback.tb_next
    return places.get("user", places.get("library", ""))


@cache
def _file(filename: str) -> tuple[Literal["us", "user", "library"], str]:
    """Whose file it is, and its name without directories."""
    path = Path(filename).resolve()
    if path.is_relative_to(Path(__file__).resolve().parents[1]):
        return "us", path.name
    is_library = (
        filename.startswith("<")  # frozen or generated code
        or not {"site-packages", "dist-packages"}.isdisjoint(path.parts)
        or any(path.is_relative_to(Path(sysconfig.get_path(name)).resolve()) for name in ("stdlib", "platstdlib"))
    )
    return "library" if is_library else "user", path.name
