"""Responses for an event. The law: what cannot be right for this event is refused, not made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.looking import value_at
from pytest_lambda_events.polling.partial_offsets import identifier_text
from pytest_lambda_events.responses.items import (
    IDENTIFIER_NAMES,
    items_of,
    key_of_record,
    takes_partial_responses,
)
from pytest_lambda_events.responses.limits import MAXIMUM_STATE_BYTES, size_of
from pytest_lambda_events.responses.task_check import RESULT_CODES
from pytest_lambda_events.sources import identify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pytest_lambda_events.model.response_types import S3BatchResponse, S3ResultCode
    from pytest_lambda_events.model.source import Source
    from pytest_lambda_events.responses.items import Item

__all__ = ["batch_response", "s3_batch_response", "window_response"]

_SHOWN: Final = 5


def batch_response(
    event: Any, failed: Iterable[Any] | Callable[[Any], object] | Any = (), *, rest_of_group: bool = True
) -> dict[str, Any]:
    """The partial batch response that reports failed records of an event.

    Args:
        event: The event that the function got.
        failed: Records of the event, their identifiers or places (from 0), one or several, or a function of a record.
        rest_of_group: On a FIFO queue also report what follows a failed message in its group, so that order holds.

    Records may also be those that `queue.send` returned. Failures are reported in the order of the event, each once.
    Errors: `UsageError` for a source without partial responses, and for what is not in the event; `UnknownEvent`.
    """
    if value_at(event, "window") is not None:
        raise UsageError("this event has a tumbling window: window_response makes its response, which needs a state")
    return {"batchItemFailures": _failures(event, failed, rest_of_group=rest_of_group)}


def window_response(
    state: Mapping[str, Any],
    failed: Iterable[Any] | Callable[[Any], object] | Any = (),
    *,
    event: Any = None,
) -> dict[str, Any]:
    """The response of a function with a tumbling window.

    Args:
        state: What the next invocation of the window gets; JSON, at most 1 MB.
        failed: As in `batch_response`; without an event, sequence numbers.
        event: The event that the function got, to find failed records in.

    Errors: `UsageError` for a state that is no object, cannot be JSON or is larger than Lambda keeps, for an event
    without a window, and for failed records that are not in the event.
    """
    if not isinstance(state, Mapping):
        raise UsageError(f"state={state!r:.80}: the state of a window is an object, {{}} at its beginning")
    try:
        size = size_of(state)
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"this state cannot be returned: {error}") from error
    if size > MAXIMUM_STATE_BYTES:
        raise UsageError(
            f"this state has {size} bytes of JSON; Lambda keeps {MAXIMUM_STATE_BYTES}, and ends the window early when "
            "there is more"
        )
    if event is not None:
        if value_at(event, "window") is None:
            raise UsageError("this event has no window: batch_response makes the response of a function without one")
        failures = _failures(event, failed)
    else:
        failures = [{"itemIdentifier": _sequence_number(one)} for one in _several(failed)]
    return {"state": dict(state), "batchItemFailures": failures}


def s3_batch_response(
    event: Any,
    result: S3ResultCode = "Succeeded",
    text: str = "",
    *,
    treat_missing_keys_as: S3ResultCode = "PermanentFailure",
) -> S3BatchResponse:
    """The response to S3 Batch Operations for the task of an event.

    Args:
        event: The event that the function got.
        result: `Succeeded`, `TemporaryFailure` (S3 tries again) or `PermanentFailure`.
        text: What goes into the job's report.
        treat_missing_keys_as: What becomes of tasks that are not in the results.

    Errors: `UsageError` for another source's event, another result and a text that is none; `UnknownEvent`.
    """
    source = identify(event)
    if source.name != "s3_batch":
        raise UsageError(f"this is an event of {source.title}, and S3 Batch Operations alone takes such a response")
    for name, code in (("result", result), ("treat_missing_keys_as", treat_missing_keys_as)):
        if code not in RESULT_CODES:
            raise UsageError(f"{name}={code!r} is none of {', '.join(RESULT_CODES)}")
    if not isinstance(text, str):
        raise UsageError(f"text={text!r:.80}: resultString is a text; use json.dumps for anything else")
    try:
        return {
            "invocationSchemaVersion": event["invocationSchemaVersion"],
            "treatMissingKeysAs": treat_missing_keys_as,
            "invocationId": event["invocationId"],
            "results": [
                {"taskId": task["taskId"], "resultCode": result, "resultString": text} for task in event["tasks"]
            ],
        }
    except (KeyError, TypeError) as error:
        raise UsageError(f"this event has no {error}; `validate` says what else is wrong with it") from error


def _failures(event: Any, failed: Any, *, rest_of_group: bool = True) -> list[dict[str, Any]]:
    """The entries of batchItemFailures, in the order of the event."""
    source = identify(event)
    items = _items(event, source)
    if callable(failed):
        keys = {item.key for item in items if failed(item.record)}
    else:
        keys = {_key(one, items, source) for one in _several(failed)}
        _check_known(keys, items)
    if rest_of_group and source.name == "sqs_fifo":
        keys |= _followers(items, keys)
    return [{"itemIdentifier": item.identifier} for item in items if item.key in keys]


def _items(event: Any, source: Source) -> list[Item]:
    if takes_partial_responses(source):
        return items_of(event, source)
    if source.name == "s3_batch":
        raise UsageError(f"{source.title} has no partial responses: s3_batch_response makes the response to a task")
    raise UsageError(
        f"{source.title} has no partial responses: what the function returns is not read, and a batch comes back as a "
        "whole when the function raises"
    )


def _check_known(keys: set[str], items: Sequence[Item]) -> None:
    unknown = sorted(keys - {item.key for item in items})
    if unknown:
        shown = ", ".join([item.key for item in items[:_SHOWN]]) or "no record"
        raise UsageError(
            f"{unknown[0]!r} is not in this event, which has {shown}{', …' if len(items) > _SHOWN else ''}: Lambda "
            "fails the whole batch when a response names a record of another one"
        )


def _several(failed: Any) -> list[Any]:
    """One or several. Errors: `UsageError` for what is neither."""
    if isinstance(failed, (str, int, Mapping)) or hasattr(failed, "id"):
        return [failed]
    try:
        return list(failed)
    except TypeError:
        raise UsageError(
            f"failed={failed!r:.80} ({type(failed).__name__}): give records, identifiers or places"
        ) from None


def _key(one: Any, items: Sequence[Item], source: Source) -> str:
    """The key of a failed record, however it was given. Errors: `UsageError`."""
    key: str | None = None
    if isinstance(one, str):
        key = one
    elif isinstance(one, int) and not isinstance(one, bool):
        if not -len(items) <= one < len(items):
            raise UsageError(f"there is no record {one}: this event has {len(items)}, counted from 0")
        key = items[one].key
    elif isinstance(one, Mapping):
        record = dict(one)
        key = key_of_record(record, source) or identifier_text(record)
    else:
        identifier = getattr(one, "id", None)
        key = identifier if isinstance(identifier, str) else None
    if key is None:
        raise UsageError(
            f"{one!r:.200} ({type(one).__name__}) names no record of {source.title}: give a record of the event, its "
            f"{IDENTIFIER_NAMES[source.name]} or its place"
        )
    return key


def _followers(items: Sequence[Item], keys: set[str]) -> set[str]:
    """What comes after one of these in its message group."""
    stopped: set[str | None] = set()
    followers: set[str] = set()
    for item in items:
        if item.key in keys:
            stopped.add(item.group)
        elif item.group in stopped:
            followers.add(item.key)
    return followers


def _sequence_number(one: Any) -> str:
    if not isinstance(one, str) or not one:
        raise UsageError(f"{one!r:.80} is no sequence number; to report records or places, give event= as well")
    return one
