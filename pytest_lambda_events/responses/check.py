"""What does AWS make of this response? The law: the poller's own judgement (`polling.partial`), told with paths.

`error`: the whole batch fails although it need not, or failed records count as processed. `note`: it is read as meant,
and something in it is not read at all or does not do what one might think.

================================================  ==================================================================
a function with ReportBatchItemFailures returns   finding
================================================  ==================================================================
null, {}, [], "", no failure, failures of the     none
event
an id that is not in the event, "", null, a       error: the whole batch fails
number; an entry without itemIdentifier
batchItemFailures that is no list; a response     error: the whole batch fails
that is no object, no JSON or over 6 MB
BatchItemFailures and other misspellings          error: all records count as processed
the same id twice, keys that Lambda does not      note
read
part of a FIFO group that a failure stopped       note: later messages are deleted before the earlier
a window's response without state                 error: the invocation counts as failed
a state over 1 MB                                 note: the window ends early
failures without ReportBatchItemFailures, or to   error: all records count as processed
a source without partial responses
================================================  ==================================================================

Rules: Lambda Developer Guide, "Reporting batch item failures" of each source and "Tumbling windows", and recordings.
"""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.findings import Report
from pytest_lambda_events.model.json_writing import runtime_json
from pytest_lambda_events.model.paths import ABSENT
from pytest_lambda_events.polling.partial import (
    EMPTY_ENTRY,
    ENTRY_WITHOUT_IDENTIFIER,
    FAILURES_NOT_A_LIST,
    INVALID_IDENTIFIER,
    MISSPELT_KEY,
    NOT_ENABLED,
    RESPONSE_NOT_AN_OBJECT,
    UNKNOWN_IDENTIFIER,
    judge_response,
)
from pytest_lambda_events.polling.partial_offsets import identifier_text
from pytest_lambda_events.responses.items import (
    IDENTIFIER_NAMES,
    items_of,
    takes_partial_responses,
)
from pytest_lambda_events.responses.limits import MAXIMUM_STATE_BYTES, PAYLOAD_LIMIT_BYTES, size_of
from pytest_lambda_events.responses.recognise import looks_like_task_response, reported_key
from pytest_lambda_events.responses.task_check import check_task_response
from pytest_lambda_events.sources import identify

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_lambda_events.model.findings import Finding, Severity
    from pytest_lambda_events.model.source import Source
    from pytest_lambda_events.responses.items import Item

__all__ = ["check_response"]

_KEY: Final = "batchItemFailures"
_ENTRY_KEY: Final = "itemIdentifier"
_STATE: Final = "state"
_BATCH_FAILS: Final = "the whole batch fails"
_GONE: Final = "all records count as processed and are gone"


class _Findings(Report):
    """Findings about a response: its root is called so."""

    __slots__ = ()

    def say(self, severity: Severity, path: Sequence[str | int], found: Any, expected: str) -> None:
        super().say(severity, path, found, expected)
        if not path:
            self.findings[-1] = replace(self.findings[-1], path="response")


def check_response(event: Any, response: Any, *, reports_batch_item_failures: bool = True) -> list[Finding]:
    """What AWS makes of a response that is not what it was meant to be; an empty list when all is read as it stands.

    Args:
        event: The event that the function got; None to check what can be seen without it.
        response: What the function returned.
        reports_batch_item_failures: The mapping has FunctionResponseTypes ["ReportBatchItemFailures"].

    Errors: `UnknownEvent`.
    """
    source = None if event is None else identify(event)
    report = _Findings()
    try:
        text = runtime_json(response)
    except (TypeError, ValueError, RecursionError):
        report.error((), response, f"something that can be JSON: {_BATCH_FAILS}")
        return report.findings
    if len(text) > PAYLOAD_LIMIT_BYTES:
        report.error((), f"{len(text)} bytes", f"at most {PAYLOAD_LIMIT_BYTES} bytes of JSON: {_BATCH_FAILS}")
        return report.findings
    value = json.loads(text)
    if source.name == "s3_batch" if source is not None else looks_like_task_response(value):
        check_task_response(event, value, report)
    else:
        windowed = isinstance(event, dict) and "window" in event
        if windowed or (event is None and isinstance(value, dict) and _STATE in value):
            _check_state(value, report)
        _check_failures(event, value, report, source, reports=reports_batch_item_failures)
        _check_other_keys(value, report, windowed=windowed or event is None)
    return report.findings


def _check_state(value: Any, report: Report) -> None:
    """The state of a tumbling window."""
    state = value.get(_STATE) if isinstance(value, dict) else None
    if state is None:
        found = value[_STATE] if isinstance(value, dict) and _STATE in value else ABSENT
        report.error((_STATE,), found, "the state of the window, {} if there is none: the invocation counts as failed")
        return
    if not isinstance(state, dict):
        report.note((_STATE,), state, "an object")
    size = size_of(state)
    if size > MAXIMUM_STATE_BYTES:
        expected = f"at most {MAXIMUM_STATE_BYTES} bytes of JSON: Lambda ends the window early"
        report.note((_STATE,), f"{size} bytes", expected)


def _check_failures(event: Any, value: Any, report: Report, source: Source | None, *, reports: bool) -> None:
    """What is reported, as the poller judges it."""
    taken = source is None or takes_partial_responses(source)
    items = items_of(event, source) if source is not None and taken else None
    offsets_only = source is not None and source.name in ("msk", "kafka")
    judged, keys = _as_texts(value, offsets_only=offsets_only, texts_too=source is None)
    ids = keys if items is None else [item.key for item in items]
    advice = judge_response(judged, ids, reports_failures=reports and taken).advice
    if advice == NOT_ENABLED:
        key = reported_key(value) or _KEY
        report.error((key,), value[key], f"nothing: {_not_read(source)}, so {_GONE}")
    elif advice == MISSPELT_KEY:
        key = reported_key(value) or _KEY
        report.error((key,), value[key], f"the key {_KEY!r}, in exactly this case: now {_GONE}")
    elif advice == RESPONSE_NOT_AN_OBJECT:
        report.error((), value, f"nothing, or an object with {_KEY}: {_BATCH_FAILS}")
    elif advice == FAILURES_NOT_A_LIST:
        report.error((_KEY,), value[_KEY], f"a list: {_BATCH_FAILS}")
    elif reports and taken and isinstance(value, dict) and value.get(_KEY):
        _check_entries(value[_KEY], judged[_KEY], frozenset(ids), report, source)
        if advice is None and items is not None and source is not None and source.name == "sqs_fifo":
            _check_order(value[_KEY], items, report)


def _not_read(source: Source | None) -> str:
    if source is not None and not takes_partial_responses(source):
        return f"{source.title} has no partial responses"
    return "the mapping has no FunctionResponseTypes ['ReportBatchItemFailures']"


def _as_texts(value: Any, *, offsets_only: bool, texts_too: bool) -> tuple[Any, list[str]]:
    """The response with identifiers of Kafka as texts, for the one judge of all sources; and all identifiers in it.

    `offsets_only`: a text is no identifier here. `texts_too`: nobody knows of what source it is, so both are.
    """
    failures = value.get(_KEY) if isinstance(value, dict) else None
    if not isinstance(failures, list):
        return value, []
    entries, keys = [], []
    for entry in failures:
        if isinstance(entry, dict) and _ENTRY_KEY in entry:
            identifier = entry[_ENTRY_KEY]
            if offsets_only or (texts_too and isinstance(identifier, dict)):
                identifier = identifier_text(identifier)
            entry = {**entry, _ENTRY_KEY: identifier}
            if isinstance(identifier, str) and identifier:
                keys.append(identifier)
        entries.append(entry)
    return {**value, _KEY: entries}, keys


_ENTRY_SAYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        UNKNOWN_IDENTIFIER: f"the {{name}} of a record of this event: {_BATCH_FAILS}",
        INVALID_IDENTIFIER: f"the {{name}} of a failed record: {_BATCH_FAILS}",
        ENTRY_WITHOUT_IDENTIFIER: f"an object with the key {_ENTRY_KEY!r}: {_BATCH_FAILS}",
        EMPTY_ENTRY: f"no entry without a record: {_BATCH_FAILS} as documented, although AWS was seen to take it for "
        "a success",
    }
)


def _check_entries(
    entries: Sequence[Any], judged: Sequence[Any], known: frozenset[str], report: Report, source: Source | None
) -> None:
    """Every entry by itself: the poller stops at the first that it cannot read."""
    name = "identifier" if source is None else IDENTIFIER_NAMES[source.name]
    named: set[str] = set()
    for number, (entry, one) in enumerate(zip(entries, judged, strict=True)):
        key = one.get(_ENTRY_KEY) if isinstance(one, dict) else None
        is_known = isinstance(key, str) and key in known
        advice = judge_response({_KEY: [one]}, (str(key),) if is_known else (), reports_failures=True).advice
        if advice is not None:
            identified = advice in (UNKNOWN_IDENTIFIER, INVALID_IDENTIFIER)
            path = (_KEY, number, _ENTRY_KEY) if identified else (_KEY, number)
            found = entry[_ENTRY_KEY] if identified else entry
            report.error(path, found, _ENTRY_SAYS[advice].format(name=name))
        elif key in named:
            report.note((_KEY, number, _ENTRY_KEY), entry[_ENTRY_KEY], "each record once; Lambda counts it as one")
        named.add(str(key))


def _check_order(entries: Sequence[Any], items: Sequence[Item], report: Report) -> None:
    """Of a message group that a failure stopped, everything has to come back."""
    failed = {entry[_ENTRY_KEY] for entry in entries if isinstance(entry[_ENTRY_KEY], str)}
    stopped: dict[str, str] = {}
    for item in items:
        if item.group is None:
            continue
        if item.key in failed:
            stopped.setdefault(item.group, item.key)
        elif item.group in stopped:
            expected = (
                f"also {item.key}, which follows {stopped[item.group]} in group {item.group}: it is deleted, and the "
                "one before it comes back"
            )
            report.note((_KEY,), entries, expected)


def _check_other_keys(value: Any, report: Report, *, windowed: bool) -> None:
    """Keys that Lambda does not read: what stands there has no effect."""
    if not isinstance(value, dict):
        return
    read = {_KEY, reported_key(value)} | ({_STATE} if windowed else set())
    for key in value:
        if key not in read:
            report.note((key,), value[key], "no such key: Lambda does not read it")
