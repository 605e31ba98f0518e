"""Where in a JSON value something is. The law: one spelling for what is found and for what is asked for.

::

    Records[0].attributes.SenderId          keys and places in lists
    records["my.topic-0"][0].offset         a key that is no plain word stands in quotes
    Records[*].awsRegion                    every element (of a list or an object), when asking
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["ABSENT", "EVERY", "Absent", "Path", "parse_path", "path_text", "with_override"]

Path = tuple["str | int", ...]
"""Keys and places from the root of a JSON value."""


class Absent:
    """The type of `ABSENT`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()
"""As the value of an override: the key is left out."""

EVERY: Final = "[*]"
"""The step of a parsed path that stands for every element."""

_PLAIN = re.compile(r"[A-Za-z_$][\w$-]*")
_STEP = re.compile(
    r'\.?(?P<word>[A-Za-z_$][\w$-]*)|\[(?P<place>[0-9]{1,18})\]|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]|(?P<every>\[\*\])'
)


def path_text(path: Sequence[str | int]) -> str:
    """The spelling of a path; the root is `event`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
    return text or "event"


def parse_path(text: str) -> Path:
    """The steps of a spelling; `EVERY` stands for `[*]`. Errors: `UsageError` for what is no path."""
    if not isinstance(text, str):
        raise UsageError(f"{text!r:.80} is not a path: that is a text such as Records[0].body")
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None or (at == 0 and text.startswith(".")):
            raise UsageError(
                f"{text!r} is not a path: after {text[:at]!r} comes neither a key, a [number] nor [*]. "
                'Write Records[0].body, or records["my.topic-0"][*].offset where a key is no plain word'
            )
        if found["word"] is not None:
            steps.append(found["word"])
        elif found["place"] is not None:
            steps.append(int(found["place"]))
        elif found["quoted"] is not None:
            steps.append(_unquoted(found["quoted"], text))
        else:
            steps.append(EVERY)
        at = found.end()
    if not steps:
        raise UsageError("an empty path names nothing: write the key to override, such as Records[0].body")
    return tuple(steps)


def _unquoted(quoted: str, text: str) -> str:
    try:
        return str(json.loads(quoted))
    except ValueError as error:
        raise UsageError(f"{text!r} is not a path: {quoted} is no JSON string ({error})") from None


def with_override(tree: Any, text: str, value: Any) -> None:
    """Put `value` at the path `text` in `tree`, in place; `ABSENT` leaves the key out.

    The last step may be a key that is not there yet; what leads to it must be there. Errors: `UsageError`, which says
    what there is.
    """
    *way, last = parse_path(text)
    parents = [tree]
    for number, step in enumerate(way):
        parents = [child for parent in parents for child in _children(parent, step, text, way[:number])]
    for parent in parents:
        for key in _keys(parent, last, text, way):
            if value is not ABSENT:
                parent[key] = value
            elif isinstance(parent, dict):
                parent.pop(key, None)
            else:
                raise UsageError(f"{text}: an element of a list cannot be left out; make the event with fewer records")


def _children(parent: Any, step: str | int, text: str, way: Sequence[str | int]) -> Iterator[Any]:
    for key in _keys(parent, step, text, way):
        if isinstance(parent, dict) and key not in parent:
            raise UsageError(f"{text}: there is no {key!r} in {path_text(way)}, which has {', '.join(parent)}")
        yield parent[key]


def _keys(parent: Any, step: str | int, text: str, way: Sequence[str | int]) -> Sequence[Any]:
    if isinstance(parent, dict):
        if step == EVERY:
            return list(parent)
        if isinstance(step, str):
            return [step]
    elif isinstance(parent, list):
        if step == EVERY:
            return range(len(parent))
        if isinstance(step, int):
            if step < len(parent):
                return [step]
            raise UsageError(f"{text}: {path_text(way)} has {len(parent)} elements, counted from 0")
    kind = "an object" if isinstance(parent, dict) else "a list" if isinstance(parent, list) else "neither"
    raise UsageError(f"{text}: {path_text(way)} is {kind}, so {step!r} is not in it")
