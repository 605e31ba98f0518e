"""From the rows of a scenario to what puts them into a source. The law: a row's keys are the source's own verb and that
verb's own arguments, read from its signature, so that rows cannot drift from the library.
"""

from __future__ import annotations

import base64
import binascii
import inspect
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from pytest_lambda_events.errors import ScenarioError, UsageError
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.paths import ABSENT
from pytest_lambda_events.model.pouring import Verb
from pytest_lambda_events.scenario.reading import is_seconds, refuse
from pytest_lambda_events.sources import named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.scenario.model import Row

__all__ = ["keys_of_job", "put_all", "verb_of"]

_BODY: Final = "body"
_BASE64: Final = "base64"
_REMOVE: Final = "remove"

_PAYLOADS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sqs": _BODY,
        "sqs_fifo": _BODY,
        "kinesis": "data",
        "activemq": "data",
        "rabbitmq": "data",
        "msk": "value",
        "kafka": "value",
    }
)
"""What a source that is sent to calls what it carries."""

_WRITES: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        "dynamodb": ("put", "update", "delete"),
        "documentdb": ("insert", "update", "replace", "delete", "rename", "drop"),
    }
)
"""The verbs of a source that is written to; the first is what `body` means."""

_OF_A_TASK: Final = ("key", "version_id")


def put_all(source: Any, rows: Sequence[Row]) -> None:
    """Put every row into the source, each at its moment. Errors: `ScenarioError`, before anything was put where a key
    is wrong, and with the row's place where the source refuses it.
    """
    calls = [(row, verb_of(source, row)) for row in rows]
    for row, verb in calls:
        try:
            getattr(source, verb.name)(*verb.arguments, **verb.options)
        except (UsageError, ClientError, TypeError, ValueError) as error:
            raise ScenarioError(f"{row.place}: {error}") from error


def verb_of(source: Any, row: Row) -> Verb:
    """The call that puts a row. Errors: `ScenarioError`."""
    at = row.values.get("at", 0)
    if not is_seconds(at):
        refuse(row.at("at"), f"a number of seconds should stand here, not {at!r:.80}")
    payload = _PAYLOADS.get(source.kind)
    return _write(source, row) if payload is None else _send(source, row, payload)


def _send(source: Any, row: Row, payload: str) -> Verb:
    send = getattr(source, "stream", source).send  # a consumer of a stream sends by its stream
    options = [one.name for one in inspect.signature(send).parameters.values() if one.kind is one.KEYWORD_ONLY]
    name = _only(source, row, (payload, _BODY))
    _check_keys(source, row, (name, _BASE64, *options))
    given = dict(row.values)
    value = given.pop(name)
    if given.pop(_BASE64, False):
        value = _decoded(row, name, value)
    return Verb("send", (value,), given)


def _write(source: Any, row: Row) -> Verb:
    verbs = _WRITES[source.kind]
    name = _only(source, row, (*verbs, _BODY))
    verb = verbs[0] if name == _BODY else name
    wanted = _parameters(getattr(source, verb))
    removes = source.kind == "dynamodb" and verb == "update"
    further = wanted[1:]
    _check_keys(source, row, (name, *further, *((_REMOVE,) if removes else ()), "at"))
    given = dict(row.values)
    if removes:
        given["changes"] = _changes(row)
    missing = [key for key in further if key not in given]
    if missing:
        refuse(row.place, f"{verb} also wants {', '.join(missing)}")
    options = {"at": given["at"]} if "at" in given else {}
    arguments = (given[name], *(given[key] for key in further)) if wanted else ()
    return Verb(verb, arguments, options)


def _parameters(verb: Callable[..., Any]) -> list[str]:
    """Names of what a write is told in order: the item, or the key and its changes."""
    return [
        one.name
        for one in inspect.signature(verb).parameters.values()
        if one.kind in (one.POSITIONAL_OR_KEYWORD, one.VAR_POSITIONAL)
    ]


def _changes(row: Row) -> dict[str, Any]:
    """What an update sets, and what it takes away: JSON has no `ABSENT`."""
    changes, removed = row.values.get("changes", {}), row.values.get(_REMOVE, [])
    if not isinstance(changes, dict):
        refuse(row.at("changes"), f"a mapping of attributes should stand here, not {changes!r:.80}")
    if not isinstance(removed, list) or not all(isinstance(one, str) for one in removed):
        refuse(row.at(_REMOVE), f"a list of attributes should stand here, not {removed!r:.80}")
    return {**changes, **dict.fromkeys(removed, ABSENT)}


def _only(source: Any, row: Row, names: Sequence[str]) -> str:
    """The key that says what is put: one of these."""
    known = list(dict.fromkeys(names))
    found = [name for name in known if name in row.values]
    if not found:
        near = next((near for key in row.values if (near := nearest(key, known))), "")
        refuse(row.place, f"what is put? A record of {_title(source)} has {' or '.join(known)}{near}")
    if len(found) > 1:
        refuse(row.place, f"{' and '.join(found)}: one of them says what is put, and another is another record")
    return found[0]


def _check_keys(source: Any, row: Row, known: Sequence[str]) -> None:
    for key in row.values:
        if key not in known:
            told = ", ".join(known)
            refuse(row.at(key), f"a record of {_title(source)} has no such key{nearest(key, known)}; there are {told}")


def _title(source: Any) -> str:
    return named(source.kind).title


def _decoded(row: Row, key: str, value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError):
        refuse(row.at(key), f"base64 says that this is base64, and it is not: {value!r:.80}")


def keys_of_job(rows: Sequence[Row]) -> list[Any]:
    """What a job's `keys` are. Errors: `ScenarioError`."""
    found: list[Any] = []
    for row in rows:
        for key in row.values:
            if key not in _OF_A_TASK:
                near = nearest(key, _OF_A_TASK)
                refuse(row.at(key), f"a task has no such key{near}; there are {', '.join(_OF_A_TASK)}")
        if "key" not in row.values:
            refuse(row.place, "which object? A task has a key")
        version = row.values.get("version_id")
        found.append(row.values["key"] if version is None else (row.values["key"], version))
    return found
