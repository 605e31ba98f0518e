"""One test's entry in a page: its run as data that the page's script draws. The law: complete in itself, because it is
made where the test ran, and travels as text.

An entry is two lines of JSON: what the overview of tests says, and everything that is only read when a test is opened.
Moments are milliseconds since the harness began. Records, calls, phrases and texts are referred to by their position.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.advice.fixes import FIXES
from pytest_lambda_events.model.records import FATES
from pytest_lambda_events.report.again import command_of
from pytest_lambda_events.report.mappings import function_of, named_in
from pytest_lambda_events.report.page.shown import (
    MOST_RECORDS,
    Texts,
    as_json,
    calls_told,
    cut,
    is_failed,
    most_steps,
    safe,
    shown_in_full,
)
from pytest_lambda_events.report.ranking import FILTERED, rank
from pytest_lambda_events.report.series import in_flight, iterator_age, receive_counts
from pytest_lambda_events.report.telling import Teller
from pytest_lambda_events.report.words import name_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_lambda_events.report.phrases import Phrase
    from pytest_lambda_events.report.view import CallView, RecordView, RunView

__all__ = ["ToldTest", "entry_of"]

_BRIEFS: Final = 600_000  # bytes, about, of what records carry, in the list of records
_PAYLOADS: Final = 300_000  # of all that those carry which did not go smoothly
_SMALL_RUN: Final = 200  # in which every record is shown with all that it carries
_TRACEBACKS: Final = 400_000
_RESPONSES: Final = 200_000
_PROBLEMS: Final = 150_000
_PHRASES: Final = 500_000
_WHOLE: Final = 4_500_000  # of an entry, if events may be left out for it; so many bytes of them are shown anyway:
_EVENTS: Final = 300_000

# of a mapping: what says which one it is, or nothing
_NOT_PARAMETERS: Final = frozenset(
    (
        "UUID",
        "CreationTime",
        "EventSourceArn",
        "EventSourceMappingArn",
        "FunctionArn",
        "JobArn",
        "LastModified",
        "Operation",
        "ProgressSummary",
        "SourceAccessConfigurations",
        "StateTransitionReason",
        "TerminationDate",
        "Topics",
        "Queues",
    )
)

_SAYS_NOTHING: Final[tuple[Any, ...]] = (None, "", [], {}, {"OnFailure": {}})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ToldTest:
    """A test, or a run of the command line, that a page tells of.

    `test` is its node id or any title, `outcome` "passed", "failed", "error", "skipped", "xfailed", "xpassed" or "",
    `trace_file` the path of its JSON trace from where the page is, if there is one. `view` is shown as it is: it is
    redacted already.
    """

    test: str
    outcome: str
    view: RunView
    trace_file: str | None = None


def entry_of(told: ToldTest) -> str:
    """The test's entry: two lines of compact JSON."""
    view = told.view
    records = sorted(view.records, key=lambda record: (rank(record), _is_odd(record) * -len(record.attempts)))
    body = _Body(view, records[:MOST_RECORDS])
    head = {
        "test": told.test,
        "outcome": told.outcome,
        "seed": view.seed,
        "live": view.is_live,
        "elapsed": round(view.elapsed * 1000),
        "start": view.start_ms,
        "fates": Counter(record.fate for record in records),
        "calls": Counter(call.outcome for call in view.calls),
        "advice": len(view.advice),
        "trace": told.trace_file,
        # neither real time nor what is of no test can be had again
        "again": None if view.is_live or "::" not in told.test else command_of(told.test, view.seed),
    }
    return f"{safe(as_json(head))}\n{safe(body.as_json(len(records)))}"


def _is_odd(record: RecordView) -> bool:
    """Whether it was processed, but not at the first attempt: of those the one that took most is told first."""
    return record.fate == "processed" and len(record.attempts) > 1


def _is_left_out(record: RecordView) -> bool:
    """Whether the view has nothing of what it carries, as of records that nobody looked through (`records_shown`).

    What is empty has its name nevertheless: `{"body": ""}`.
    """
    return not record.payload and not record.brief


class _Body:
    """What is read when a test is opened, put together."""

    def __init__(self, view: RunView, records: Sequence[RecordView]) -> None:
        self._view = view
        self._records = records
        self._texts = Texts()
        self._texts.limit("payload", _PAYLOADS)
        self._texts.limit("traceback", _TRACEBACKS)
        self._texts.limit("response", _RESPONSES)
        self._texts.limit("problem", _PROBLEMS)
        self._phrases: dict[tuple[str, str, str, str], int] = {}
        self._place = {record.id: place for place, record in enumerate(records)}
        self._mappings = {uuid: place for place, uuid in enumerate(view.mappings)}

    def as_json(self, number_of_records: int) -> str:
        """Everything, as the page's script reads it. Events come last, for which there is the room that is left."""
        told = self._as_dict(number_of_records)
        calls = told["calls"]
        self._texts.limit("event", max(_WHOLE - len(as_json(told)), _EVENTS))
        places = {place: number for number, place in enumerate(calls_told(self._view))}
        for place in sorted(shown_in_full(self._view), key=lambda place: not is_failed(self._view.calls[place])):
            if place in places:
                calls[places[place]][_EVENT] = max(self._texts.put(self._view.calls[place].event_text, "event"), -1)
        return as_json(told)

    def _as_dict(self, number_of_records: int) -> dict[str, Any]:
        records, calls = self._told_records(), self._told_calls()
        return {
            "records": records,
            "calls": calls,
            "leftOut": {
                "records": number_of_records - len(self._records),
                "calls": len(self._view.calls) - len(calls),
                "payloads": sum(map(_is_left_out, self._records)),
            },
            "fates": FATES,
            "phrases": self._told_phrases(),
            "texts": self._texts.all,  # which what comes before has filled
            "mappings": [_mapping(described) for described in self._view.mappings.values()],
            "metrics": dict(self._view.metrics),
            "advice": [
                {"code": one.code, "message": one.message, "fix": FIXES.get(one.code, "")} for one in self._view.advice
            ],
            "series": {
                "iteratorAge": iterator_age(self._view),
                "inFlight": in_flight(self._view),
                "receives": receive_counts(self._view),
                "areReceives": any(record.is_message for record in self._records),
            },
        }

    # -- records --------------------------------------------------------------------------------------------------

    def _told_records(self) -> dict[str, Any]:
        """In columns; those that went the same way share a story, which differs only in the invocations' numbers."""
        stories: list[list[int]] = []
        story_of = [0] * len(self._records)
        teller = Teller(self._view)
        numbers = self._numbers()
        grouped = teller.stories(self._records)
        half = most_steps(len(grouped)) // 2
        hidden: dict[int, int] = {}
        for number, story in enumerate(grouped):
            phrases = list(teller.phrases(story.records[0]))
            stories.append(self._story(phrases, half))
            first, last = _tries(phrases[:half]), _tries(phrases[-half:])
            for record in story.records:
                story_of[self._place[record.id]] = number
                if len(phrases) > 2 * half:
                    tries = numbers[record.id]
                    hidden[number] = len(tries) - first - last
                    numbers[record.id] = [*tries[:first], *tries[len(tries) - last :]]
        return {
            "ids": [record.id for record in self._records],
            "briefs": self._briefs(),
            "kinds": [self._texts.put(record.kind) for record in self._records],
            "fates": [FATES.index(record.fate) for record in self._records],
            "stories": stories,
            "story": story_of,
            "hiddenTries": hidden,
            "numbers": [numbers.get(record.id, []) for record in self._records],
            "sources": [
                self._texts.put(name_of(record.sources[-1]) if record.sources else "") for record in self._records
            ],
            "payloads": self._payloads(),
            "destinations": {
                self._place[record.id]: name_of(record.destination)
                for record in self._records
                if record.destination is not None
            },
        }

    def _story(self, phrases: Sequence[tuple[int, Phrase]], half: int) -> list[int]:
        """Three numbers for each phrase: how long after the one before it, which one, and the size of its batch.

        Of a story of more than two halves the middle is left out: there -1 and how many phrases there were.
        """
        told = [(at_ms, self._phrase(phrase), phrase.batch) for at_ms, phrase in phrases]
        if len(told) > 2 * half:
            told = [*told[:half], (told[half][0], -1, len(told) - 2 * half), *told[-half:]]
        flat: list[int] = []
        before = 0
        for at_ms, phrase, batch in told:
            flat += (at_ms - before, phrase, batch)
            before = at_ms
        return flat

    def _phrase(self, phrase: Phrase) -> int:
        key = (phrase.kind, phrase.mark, phrase.key, "" if phrase.text == phrase.key else phrase.text)
        return self._phrases.setdefault(key, len(self._phrases))

    def _told_phrases(self) -> list[list[Any]]:
        """Kind and mark, by their numbers among the texts, and what is said; that is cut where there are very many."""
        said = [key if kind == "invoked" else text or key for kind, _, key, text in self._phrases]
        texts = cut(said, _PHRASES, least=40, most=1_000)
        put = self._texts.put
        return [[put(kind), put(mark), text] for (kind, mark, _, _), text in zip(self._phrases, texts, strict=True)]

    def _numbers(self) -> defaultdict[str, list[int]]:
        """Of each record the numbers of its invocations, in the order in which its story tells them."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        call_of = self._view.call_of
        for step in sorted(self._view.steps, key=lambda step: step.at_ms):
            if step.kind == "invoked":
                number = call_of[id(step)][0]
                for record_id in step.records:
                    found[record_id].append(number)
        return found

    def _briefs(self) -> list[str | None]:
        """The beginning of what each carries; None where that was left out of the view."""
        told = cut([record.brief for record in self._records], _BRIEFS, least=24, most=160)
        return [None if _is_left_out(record) else text for record, text in zip(self._records, told, strict=True)]

    def _payloads(self) -> dict[int, int]:
        """All that a record carries: of a small run's every record, else of those that did not go smoothly."""
        is_small = len(self._records) <= _SMALL_RUN
        return {
            place: self._texts.put(as_json(record.payload), "payload")
            for place, record in enumerate(self._records)
            if (is_small or rank(record) < FILTERED) and record.payload
        }

    # -- invocations ----------------------------------------------------------------------------------------------

    def _told_calls(self) -> list[list[Any]]:
        in_full = shown_in_full(self._view)
        return [self._call(self._view.calls[place], in_full=place in in_full) for place in calls_told(self._view)]

    def _call(self, call: CallView, *, in_full: bool) -> list[Any]:
        texts, error = self._texts, call.error
        # who raised, or ran out of time, answered nothing
        is_answer = error is None and call.outcome != "timeout" and (in_full or is_failed(call))
        return [
            call.number,
            round(call.at * 1000),
            round(call.duration * 1000),
            texts.put(call.outcome),
            self._mappings.get(call.mapping, -1),
            [self._place.get(record_id, -1) for record_id in call.records],
            [self._place.get(record_id, -1) for record_id in call.failed],
            call.request_id if in_full else "",
            -1,  # the event
            texts.put(as_json(call.response), "response") if is_answer else -1,
            texts.put(call.problem, "problem"),
            -1 if error is None else texts.put(error.traceback, "traceback"),
            -1 if error is None else texts.put(f"{error.type}{error.where}"),
        ]


_EVENT: Final = 8  # where it stands in a call


def _tries(phrases: Sequence[tuple[int, Phrase]]) -> int:
    return sum(phrase.kind == "invoked" for _, phrase in phrases)


def _mapping(described: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping, or a job, as AWS describes it, without what says nothing here."""
    return {
        "function": function_of(described),
        "source": _source(described),
        "parameters": [
            [name, value if isinstance(value, str) else as_json(value)]
            for name, value in described.items()
            if name not in _NOT_PARAMETERS and value not in _SAYS_NOTHING
        ],
    }


def _source(described: Mapping[str, Any]) -> str:
    """What people call it: of a broker or cluster the queue, topic or collection that is read."""
    if "JobId" in described:
        return "S3 Batch Operations job"
    return named_in(described) or name_of(str(described.get("EventSourceArn", "")))
