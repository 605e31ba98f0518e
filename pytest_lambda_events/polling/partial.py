"""What a function's response means for its batch, when it may report batch item failures. The law: pure, all or
nothing; a response that AWS cannot read fails the whole batch, and the verdict says why in one sentence.

====================================================  =================================================
with ReportBatchItemFailures, the function returns    verdict
====================================================  =================================================
null, {}, [], "", batchItemFailures null or []        success
ids of the batch, all of them too, repeated too       partial: these failed, each counted once
an id that is not in the batch, among valid ones too  malformed: the whole batch failed
itemIdentifier "", null or not a string               malformed
an entry without itemIdentifier, {} included          malformed
batchItemFailures that is no list                     malformed
anything else that is no object                       malformed
an object without batchItemFailures                   success; advice when a key looks like a misspelling
without ReportBatchItemFailures, anything             success; advice when failures are listed
====================================================  =================================================

Rules: Lambda Developer Guide, "Reporting batch item failures", and recordings. `[{}]` is documented as a failure and
was once recorded as a success: we fail the batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from reprlib import Repr
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "ADVICE",
    "EMPTY_ENTRY",
    "ENTRY_WITHOUT_IDENTIFIER",
    "FAILURES_NOT_A_LIST",
    "INVALID_IDENTIFIER",
    "MISSPELT_KEY",
    "NOT_ENABLED",
    "RESPONSE_NOT_AN_OBJECT",
    "UNKNOWN_IDENTIFIER",
    "Verdict",
    "judge_response",
]

NOT_ENABLED: Final = "partial-response-not-enabled"
MISSPELT_KEY: Final = "partial-response-misspelt-key"
UNKNOWN_IDENTIFIER: Final = "partial-response-unknown-identifier"
INVALID_IDENTIFIER: Final = "partial-response-invalid-identifier"
ENTRY_WITHOUT_IDENTIFIER: Final = "partial-response-entry-without-identifier"
EMPTY_ENTRY: Final = "partial-response-empty-entry"
FAILURES_NOT_A_LIST: Final = "partial-response-failures-not-a-list"
RESPONSE_NOT_AN_OBJECT: Final = "partial-response-not-an-object"

ADVICE: Final[Mapping[str, str]] = MappingProxyType(
    {
        NOT_ENABLED: "The function lists failures but the mapping does not read them: the failed records are gone.",
        MISSPELT_KEY: "The response has no batchItemFailures, but a key much like it: Lambda takes it for a success.",
        UNKNOWN_IDENTIFIER: "The response names a record that is not in the batch: the whole batch failed.",
        INVALID_IDENTIFIER: "An itemIdentifier is empty, null or of another form: the whole batch failed.",
        ENTRY_WITHOUT_IDENTIFIER: "An entry of batchItemFailures has no itemIdentifier: the whole batch failed.",
        EMPTY_ENTRY: "An entry of batchItemFailures is {}: a failure as documented, but once recorded as a success.",
        FAILURES_NOT_A_LIST: "batchItemFailures is not a list: the whole batch failed.",
        RESPONSE_NOT_AN_OBJECT: "The response is not a JSON object: the whole batch failed.",
    }
)
"""Every advice code of this module, with its meaning in one line."""

_KEY: Final = "batchItemFailures"
_ENTRY_KEY: Final = "itemIdentifier"
_PLAIN_KEY: Final = "batchitemfailure"
_PLAIN_ENTRY_KEY: Final = "itemidentifier"

_short = Repr()
_short.maxstring = 80
_short.maxother = 80


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a batch.

    success: no record failed; partial: `failed` did; malformed: the response could not be used, so all failed.
    `failed` has ids in the order of the batch; `advice` is a code of `ADVICE`; `problem` is one sentence that says what
    was wrong, with the values, and what to do.
    """

    kind: Literal["success", "partial", "malformed"]
    failed: tuple[str, ...] = ()
    advice: str | None = None
    problem: str | None = None


_SUCCESS: Final = Verdict("success")


def judge_response(response: Any, ids: Sequence[str], *, reports_failures: bool) -> Verdict:
    """Judge the JSON value that Lambda got for a batch of `ids`, in their order. Never raises.

    `reports_failures`: the mapping has FunctionResponseTypes ["ReportBatchItemFailures"].
    """
    if response is None:
        return _SUCCESS
    if not reports_failures:
        return _unread(response)
    if not isinstance(response, dict):
        return _SUCCESS if response in ("", []) else _not_an_object(response, ids)
    if not response:
        return _SUCCESS
    if _KEY not in response:
        return _without_key(response)
    failures = response[_KEY]
    if failures is None or failures == []:
        return _SUCCESS
    if not isinstance(failures, list):
        return _malformed(
            ids,
            FAILURES_NOT_A_LIST,
            f'batchItemFailures is {_shown(failures)}, not a list; return {{"batchItemFailures": '
            f'[{{"itemIdentifier": "..."}}]}}',
        )
    return _judge_failures(failures, ids)


def _judge_failures(failures: list[Any], ids: Sequence[str]) -> Verdict:
    known = set(ids)
    reported: set[str] = set()
    for position, entry in enumerate(failures):
        identifier = entry.get(_ENTRY_KEY) if isinstance(entry, dict) else None
        if isinstance(identifier, str) and identifier in known:
            reported.add(identifier)
        else:
            return _bad_entry(f"batchItemFailures[{position}]", entry, ids)
    return Verdict("partial", tuple([one for one in ids if one in reported]))


def _bad_entry(place: str, entry: Any, ids: Sequence[str]) -> Verdict:
    if entry == {}:
        return _malformed(
            ids, EMPTY_ENTRY, f"{place} is {{}} and names no record; leave out the entries of records that succeeded"
        )
    if not isinstance(entry, dict):
        return _malformed(
            ids, ENTRY_WITHOUT_IDENTIFIER, f'{place} is {_shown(entry)}; each entry must be {{"itemIdentifier": "..."}}'
        )
    if _ENTRY_KEY not in entry:
        near = next((key for key in entry if _plain(key) == _PLAIN_ENTRY_KEY), None)
        known = f"has the key {near!r}; the key" if near is not None else f"has {_shown(list(entry))}; the key it needs"
        return _malformed(ids, ENTRY_WITHOUT_IDENTIFIER, f"{place} {known} is 'itemIdentifier', in exactly this case")
    identifier = entry[_ENTRY_KEY]
    if isinstance(identifier, str) and identifier:
        return _malformed(
            ids,
            UNKNOWN_IDENTIFIER,
            f"the itemIdentifier of {place} is {_shown(identifier)}, which is not in this batch of {len(ids)}: "
            f"{_shown(list(ids))}; report the identifiers of this event's records only",
        )
    return _malformed(
        ids,
        INVALID_IDENTIFIER,
        f"the itemIdentifier of {place} is {_shown(identifier)}; give the failed record's identifier, a string, as it "
        f"stands in the event",
    )


def _not_an_object(response: Any, ids: Sequence[str]) -> Verdict:
    return _malformed(
        ids,
        RESPONSE_NOT_AN_OBJECT,
        f"the function returned {_shown(response)}; with ReportBatchItemFailures it must return None or an object, "
        f'{{"batchItemFailures": [...]}}',
    )


def _without_key(response: dict[Any, Any]) -> Verdict:
    near = _misspelling(response)
    if near is None:
        return _SUCCESS
    return Verdict(
        "success",
        advice=MISSPELT_KEY,
        problem=f"the response has the key {near!r}: {_shown(response[near])}, and no 'batchItemFailures', so Lambda "
        f"counts every record as processed; the key is 'batchItemFailures', in exactly this case",
    )


def _unread(response: Any) -> Verdict:
    if not isinstance(response, dict) or not response:
        return _SUCCESS
    key = _KEY if _KEY in response else _misspelling(response)
    failures = response[key] if key is not None else None
    if not isinstance(failures, list) or not failures:
        return _SUCCESS
    return Verdict(
        "success",
        advice=NOT_ENABLED,
        problem=f"the function reported {len(failures)} failed record(s) under {key!r}, but the mapping does not read "
        f"them: every record counts as processed and is gone; create the mapping with "
        f"FunctionResponseTypes=['ReportBatchItemFailures'], or raise where there are no partial responses (Amazon MQ, "
        f"DocumentDB)",
    )


def _malformed(ids: Sequence[str], advice: str, problem: str) -> Verdict:
    return Verdict("malformed", tuple(ids), advice, f"the whole batch failed: {problem}")


def _misspelling(response: dict[Any, Any]) -> Any:
    return next((key for key in response if _plain(key) == _PLAIN_KEY), None)


def _plain(key: Any) -> str:
    # case, underscores and a forgotten plural are how this key is got wrong in practice
    return str(key).lower().replace("_", "").replace("-", "").rstrip("s")


def _shown(value: Any) -> str:
    return _short.repr(value)
