"""A run as a file, for other tools and for a later look. The law: what it is stands in `trace.schema.json`, beside this
module; what was written is read as the same view, and what cannot be read says where it is wrong.

Names are those of a `Run`, seconds are of virtual time. Version 1 is the first.
"""

from __future__ import annotations

import json
import math
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn, TypeVar, get_args

from pytest_lambda_events.errors import TraceError
from pytest_lambda_events.model.json_writing import compact
from pytest_lambda_events.model.payload_json import KINDS
from pytest_lambda_events.model.records import FATES
from pytest_lambda_events.model.trace import Advice, Outcome, Step, StepKind
from pytest_lambda_events.report.view import CallView, ErrorView, RecordView, RunView

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

__all__ = ["FORMAT", "VERSION", "Traced", "looks_like_trace", "read_trace", "trace_text", "traced"]

FORMAT: Final = "pytest-lambda-events trace"
VERSION: Final = 1

_SAYS: Final = re.compile(rb'"format"\s*:\s*"pytest-lambda-events trace"')
_BEGINNING: Final = 4_096
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_RECORD_KEYS: Final = frozenset(
    ("id", "kind", "brief", "sent_at", "attempts", "receives", "fate", "destination", "sources")
)

T = TypeVar("T")


class Traced(NamedTuple):
    """What a trace file holds: the run, and the test that it is of, where it is of one."""

    view: RunView
    test: str | None


# -- to text -----------------------------------------------------------------------------------------------------------


def trace_text(view: RunView, *, test: str | None) -> str:
    """A run as the text of a trace file: JSON, a line for each record, invocation and step."""
    head = {
        "format": FORMAT,
        "version": VERSION,
        "test": test,
        "seed": view.seed,
        "start": _iso(view.start_ms),
        "elapsed": view.elapsed,
        "live": view.is_live,
    }
    lists = {
        "records": [_record_json(view, one) for one in view.records],
        "invocations": [_call_json(one) for one in view.calls],
        "steps": [_step_json(view, one) for one in view.steps],
        "advice": [_advice_json(view, one) for one in view.advice],
    }
    members = [f" {json.dumps(name)}: {_line(value)}" for name, value in head.items()]
    members += [f" {json.dumps(name)}: {_lines(values)}" for name, values in lists.items()]
    members += [f' "metrics": {_line(dict(view.metrics))}', f' "mappings": {_line(dict(view.mappings))}']
    return "{\n" + ",\n".join(members) + "\n}\n"


def _line(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "), allow_nan=False, default=repr)
        text.encode("utf-8")
    except UnicodeEncodeError:  # half of a surrogate pair
        return json.dumps(value, separators=(", ", ": "), default=repr)
    except ValueError:
        return _line(_without_nan(value))
    return text


def _without_nan(value: Any) -> Any:
    """A response of Python's that is no JSON: what JSON has no number for, as Python shows it."""
    if isinstance(value, dict):
        return {_without_nan(key): _without_nan(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(one) for one in value]
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


def _lines(values: list[Any]) -> str:
    return "[\n" + ",\n".join(f"  {_line(value)}" for value in values) + "\n ]" if values else "[]"


def _iso(ms: int) -> str:
    moment = datetime.fromtimestamp(ms // 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{ms % 1000:03}Z"


def _record_json(view: RunView, record: RecordView) -> dict[str, Any]:
    entered = next((step.at_ms for step in view.steps_of(record) if step.kind == "entered"), view.start_ms)
    return {
        "id": record.id,
        "kind": record.kind,
        **record.payload,
        "brief": record.brief,
        "sent_at": view.seconds(entered),
        "attempts": record.attempts,
        "receives": record.receives,
        "fate": record.fate,
        "destination": record.destination,
        "sources": record.sources,
    }


def _call_json(call: CallView) -> dict[str, Any]:
    return {
        "number": call.number,
        "request_id": call.request_id,
        "mapping": call.mapping,
        "at": call.at,
        "duration": call.duration,
        "records": call.records,
        "outcome": call.outcome,
        "failed": call.failed,
        "problem": call.problem,
        "error": None if call.error is None else call.error._asdict(),
        "event": json.loads(call.event_text) if call.event_text else None,
        "response": call.response,
    }


def _step_json(view: RunView, step: Step) -> dict[str, Any]:
    names = _DETAILS.get(step.kind, ())
    values = step.detail if len(names) > 1 else (step.detail,)
    return {
        "at": view.seconds(step.at_ms),
        "kind": step.kind,
        "place": step.place,
        "records": step.records,
        **dict(zip(names, values, strict=False)),
    }


def _advice_json(view: RunView, advice: Advice) -> dict[str, Any]:
    return {
        "code": advice.code,
        "message": advice.message,
        "at": view.seconds(advice.at_ms),
        "mapping": advice.mapping,
        "records": advice.records,
    }


_DETAILS: Final[Mapping[StepKind, tuple[str, ...]]] = {
    "received": ("counts",),
    "left": ("fate",),
    "unreadable": ("reason", "problem"),
    "invoked": ("request_id",),
    "ended": ("outcome", "failed", "request_id", "problem"),
    "delivered": ("destination",),
    "fault": ("fault",),
    "advice": ("code", "message"),
}
"""What the detail of a step is called."""


# -- from text ---------------------------------------------------------------------------------------------------------


def looks_like_trace(path: str | os.PathLike[str]) -> bool:
    """Whether a file says at its beginning that it is a trace file; False for one that cannot be read."""
    try:
        with Path(path).open("rb") as stream:
            return _says_so(stream.read(_BEGINNING))
    except OSError:
        return False


def _says_so(content: bytes) -> bool:
    return _SAYS.search(content[:_BEGINNING]) is not None


def read_trace(path: str | os.PathLike[str]) -> Traced:
    """Read a trace file. Errors: `TraceError`."""
    name = str(path)
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise TraceError(f"{name} cannot be read: {error.strerror or error}") from None
    try:
        tree = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise TraceError(f"{name} is no trace file: it is not UTF-8 at byte {error.start}") from None
    except (ValueError, RecursionError) as error:
        if _says_so(content):  # what was cut off, or written into
            raise TraceError(f"{name} is no whole trace file: {error}. Write it anew") from None
        raise TraceError(f"{name} is no trace file: {error}. {_WHENCE}") from None
    return traced(tree, name)


def traced(tree: Any, name: str) -> Traced:
    """The run in the JSON of a trace file; `name` is what messages call it. Errors: `TraceError`."""
    if not isinstance(tree, dict) or tree.get("format") != FORMAT:
        raise TraceError(f'{name} is no trace file: it does not begin with "format": "{FORMAT}". {_WHENCE}')
    if tree.get("version") != VERSION:
        raise TraceError(
            f"{name} has version {tree.get('version')!r} of the format, and this release reads version {VERSION}: "
            "use the release that wrote it, or a newer one"
        )
    part = _Part(tree, name, "")
    start_ms = part.at("start", _moment)
    try:
        view = RunView(
            seed=part.at("seed", _whole),
            start_ms=start_ms,
            elapsed=part.at("elapsed", _number),
            is_live=part.at("live", _flag),
            records=part.each("records", _record),
            calls=part.each("invocations", _call),
            steps=part.each("steps", lambda one: _step(one, start_ms)),
            metrics=part.at("metrics", _object),
            advice=part.each("advice", lambda one: _advice(one, start_ms)),
            mappings=part.at("mappings", _objects),
        )
        test = part.at("test", _text_or_none)
        _refuse_strays(part, view)
    except RecursionError:
        raise TraceError(f"{name} nests too deep: no run does") from None
    return Traced(view, test)


_WHENCE: Final = "`pytest --lambda-events-traces=DIR` and `lambda-events simulate --trace FILE` write one"


class _OtherwiseError(Exception):
    """A value is not what it should be, which the message says."""


class _Part:
    """An object of the file, and where it is."""

    __slots__ = ("_name", "path", "tree")

    def __init__(self, tree: Any, name: str, path: str) -> None:
        self.tree = tree
        self.path = path
        self._name = name
        if not isinstance(tree, dict):
            self.refuse("", "an object")

    def at(self, key: str, read: Callable[[Any], T]) -> T:
        """A member, taken by `read`, which raises `_OtherwiseError` with what it should be."""
        if key not in self.tree:
            self.refuse(f".{key}", "something: it is not there")
        try:
            return read(self.tree[key])
        except _OtherwiseError as error:
            self.refuse(f".{key}", str(error))

    def each(self, key: str, read: Callable[[_Part], T]) -> tuple[T, ...]:
        """The members of a list of objects."""
        values = self.at(key, _list)
        return tuple([read(self.below(f".{key}[{place}]", value)) for place, value in enumerate(values)])

    def below(self, path: str, tree: Any) -> _Part:
        """What is further down."""
        return _Part(tree, self._name, self.path + path)

    def refuse(self, path: str, expected: str) -> NoReturn:
        """Say what is wrong. Errors: `TraceError`, always."""
        where = (self.path + path).lstrip(".") or "the whole file"
        raise TraceError(f"{self._name} is no whole trace file: {where} should be {expected}. Write it anew")


def _record(part: _Part) -> RecordView:
    return RecordView(
        id=part.at("id", _text),
        kind=part.at("kind", lambda value: _one_of(value, KINDS)),
        payload={key: value for key, value in part.tree.items() if key not in _RECORD_KEYS},
        brief=part.at("brief", _text),
        fate=part.at("fate", lambda value: _one_of(value, FATES)),
        destination=part.at("destination", _text_or_none),
        sources=part.at("sources", _texts),
        attempts=part.at("attempts", _numbers),
        receives=part.at("receives", _numbers),
    )


def _refuse_strays(part: _Part, view: RunView) -> None:
    """The story of a message goes from source to source: see that its steps do."""
    for place, record in enumerate(view.records):
        sources = iter(record.sources)
        for step in view.steps_of(record) if record.is_message else ():
            if step.kind == "entered" and step.place not in sources:  # which goes on behind the one before
                part.refuse(f".records[{place}].sources", f"what its steps say, with {step.place}")


def _call(part: _Part) -> CallView:
    error = part.tree.get("error")
    event = part.at("event", lambda value: value)
    return CallView(
        number=part.at("number", lambda value: None if value is None else _whole(value)),
        at=part.at("at", _number),
        duration=part.at("duration", _number),
        records=part.at("records", _texts),
        outcome=part.at("outcome", lambda value: _one_of(value, get_args(Outcome))),
        failed=part.at("failed", _texts),
        request_id=part.at("request_id", _text),
        mapping=part.at("mapping", _text),
        event_text="" if event is None else compact(event),
        response=part.at("response", lambda value: value),
        problem=part.at("problem", _text_or_none),
        error=None if error is None else _error(part.below(".error", error)),
    )


def _error(part: _Part) -> ErrorView:
    return ErrorView(part.at("type", _text), part.at("where", _text), part.at("traceback", _text))


def _step(part: _Part, start_ms: int) -> Step:
    kind: StepKind = part.at("kind", lambda value: _one_of(value, get_args(StepKind)))
    names = _DETAILS.get(kind, ())
    values = tuple([part.at(name, _READ[name]) for name in names])
    records = part.at("records", _texts)
    if kind == "received" and len(values[0]) != len(records):
        part.refuse(".counts", "a number for each record")
    return Step(
        start_ms + round(part.at("at", _number) * 1000),
        kind,
        part.at("place", _text),
        records,
        values if len(names) > 1 else values[0] if values else None,
    )


def _advice(part: _Part, start_ms: int) -> Advice:
    return Advice(
        code=part.at("code", _text),
        message=part.at("message", _text),
        at_ms=start_ms + round(part.at("at", _number) * 1000),
        mapping=part.at("mapping", _text),
        records=part.at("records", _texts),
    )


# -- values ------------------------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _OtherwiseError("a text")
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _OtherwiseError("a whole number")
    return value


def _number(value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise _OtherwiseError("a number")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _OtherwiseError("true or false")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _OtherwiseError("a list")
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _OtherwiseError("an object")
    return value


def _objects(value: Any) -> dict[str, dict[str, Any]]:
    return {name: _object(one) for name, one in _object(value).items()}


def _texts(value: Any) -> tuple[str, ...]:
    return tuple([_text(one) for one in _list(value)])


def _numbers(value: Any) -> tuple[float, ...]:
    return tuple([_number(one) for one in _list(value)])


def _one_of(value: Any, choices: tuple[Any, ...]) -> Any:
    if value not in choices:
        raise _OtherwiseError(f"one of {', '.join(choices)}")
    return value


def _moment(value: Any) -> int:
    try:
        moment = datetime.strptime(_text(value), "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    except (ValueError, _OtherwiseError):
        raise _OtherwiseError("a moment such as 2025-01-01T00:00:00.000Z") from None
    return round((moment - _EPOCH).total_seconds() * 1000)


_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "counts": lambda value: tuple([_whole(one) for one in _list(value)]),
    "fate": lambda value: _one_of(value, FATES),
    "reason": _text,
    "problem": _text_or_none,
    "request_id": _text,
    "outcome": lambda value: _one_of(value, get_args(Outcome)),
    "failed": _texts,
    "destination": _text,
    "fault": _text,
    "code": _text,
    "message": _text,
}
