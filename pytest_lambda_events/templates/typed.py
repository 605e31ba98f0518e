"""Values as AWS's API takes them. The law: by the shapes of the API; a number, a truth or a policy that a template
writes as a text is one, as CloudFormation has it, and a name that the API does not have is left out and noted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.parameters import MapOf
from pytest_lambda_events.templates.declared import Note, Unresolved

if TYPE_CHECKING:
    from collections.abc import Collection

    from pytest_lambda_events.model.parameters import Shape
    from pytest_lambda_events.templates.placed import Place

__all__ = ["Notes", "tags_of", "typed"]

# nothing of AWS's has more digits, and Python converts no more than some thousands
_WHOLE: Final = re.compile(r"[+-]?\d{1,30}(\.0{1,30})?")
_NUMBER: Final = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?")
_TRUTH: Final = {"true": True, "false": False}


class Notes:
    """Collects what is left out, each once."""

    def __init__(self) -> None:
        self._found: dict[tuple[Place, str], Note] = {}

    def unknown(self, what: str, name: str, known: Collection[str], place: Place) -> None:
        """A property that there is not."""
        self.say(f"{what} has no property {name}{nearest(name, known)}; it is left out", place)

    def say(self, message: str, place: Place) -> None:
        """Something else."""
        self._found.setdefault((place, message), Note(message=message, place=place))

    def all(self) -> tuple[Note, ...]:
        """In the order of the file, as they came."""
        return tuple(self._found.values())


def typed(value: Any, shape: Shape, place: Place, notes: Notes) -> Any:
    """The value in its shape; `Unresolved` stays. Errors: `TemplateError` for what cannot be one."""
    if isinstance(value, Unresolved):
        return value
    if isinstance(shape, str):
        return _SCALARS[shape](value, place)
    if isinstance(shape, tuple):
        if not isinstance(value, (list, tuple)):
            raise _wrong(value, "a list", place)
        return [typed(one, shape[0], place, notes) for one in value]
    if not isinstance(value, Mapping):
        raise _wrong(value, "a mapping", place)
    if isinstance(shape, MapOf):
        return {str(name): typed(one, shape.value, place, notes) for name, one in value.items()}
    found = {}
    for name, one in value.items():
        if name in shape:
            found[name] = typed(one, shape[name], place, notes)
        else:
            notes.unknown(place.path.rpartition(".")[2], name, shape, place)
    return found


def tags_of(value: Any, place: Place) -> Any:
    """Tags as a mapping: a template has that, or a list of Key and Value."""
    if isinstance(value, Mapping):
        return {str(name): one if isinstance(one, Unresolved) else _text(one, place) for name, one in value.items()}
    if isinstance(value, Unresolved):
        return value
    pairs = [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
    if not isinstance(value, list) or len(pairs) < len(value) or not all({"Key", "Value"} <= set(one) for one in pairs):
        raise _wrong(value, "a list of tags, each with Key and Value", place)
    return tags_of({_text(one["Key"], place): one["Value"] for one in pairs}, place)


def _integer(value: Any, place: Place) -> Any:
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value.partition(".")[0])
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(value, "a whole number", place)
    return value


def _boolean(value: Any, place: Place) -> Any:
    if isinstance(value, str) and value.lower() in _TRUTH:
        return _TRUTH[value.lower()]
    if not isinstance(value, bool):
        raise _wrong(value, "true or false", place)
    return value


def _text(value: Any, place: Place) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if not isinstance(value, str):
        raise _wrong(value, "a text", place)
    return value


def _moment(value: Any, place: Place) -> Any:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return float(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise _wrong(value, "seconds since 1970, or a time", place)
    return value


def _structure(value: Any, place: Place) -> Any:
    if not isinstance(value, Mapping):
        raise _wrong(value, "a mapping", place)
    return dict(value)


def _policy(value: Any, place: Place) -> Any:
    """A mapping, or JSON of one."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, Mapping):
        raise _wrong(value, "a policy, as a mapping or as JSON of one,", place)
    return dict(found)


def _redrive(value: Any, place: Place) -> Any:
    """A queue's redrive policy; what decides in it has its shape."""
    found = _policy(value, place)
    for name, shape in (("deadLetterTargetArn", _text), ("maxReceiveCount", _integer)):
        if name in found and not isinstance(found[name], Unresolved):
            found[name] = shape(found[name], place)
    return found


_SCALARS: Final = {
    "boolean": _boolean,
    "integer": _integer,
    "policy": _policy,
    "redrive": _redrive,
    "string": _text,
    "structure": _structure,
    "timestamp": _moment,
}


def _wrong(value: Any, expected: str, place: Place) -> TemplateError:
    return TemplateError(f"{place}: {expected} should stand here, not {value!r:.80}")
