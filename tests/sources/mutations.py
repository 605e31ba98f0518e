"""Single mutations of an event, generated from the event itself, and what a validator has to say about each.

Every key is dropped, every value gets every other JSON type, every text that is not free a wrong beginning and nothing
at all, every number that is not free a negative one; what is derived is changed a little, too.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.model.paths import path_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

OTHER_TYPES: tuple[Any, ...] = (None, True, 7, "text", ["text"], {"key": "text"})


@dataclass(frozen=True, kw_only=True)
class Case:
    """How a source's events may vary. Paths are spelled as in findings, with `[*]` for every element.

    `events`: makers of generated events by name; each must be without findings, together they show everything that the
    shape allows. `optional`: keys that may be absent. `free`: values that may be any other of their JSON type.
    `anything`: values that may be any JSON. `null`: values that may also be null. `printed`: what AWS's documentation
    prints otherwise, so that a drop or another type is a note only. `derived`: values of which every change is noticed,
    however small. `more`: further mutations by name, each with the key that a finding has to name.
    """

    events: Mapping[str, Callable[[], Any]]
    optional: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()
    anything: frozenset[str] = frozenset()
    null: frozenset[str] = frozenset()
    printed: frozenset[str] = frozenset()
    derived: frozenset[str] = frozenset()
    more: Mapping[str, tuple[Callable[[Any], None], str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """An event that is wrong at one path; a finding has to name it, and be an error where `severe`."""

    name: str
    event: Any
    path: str
    keys: frozenset[str]
    severe: bool


def pattern_of(path: tuple[Any, ...], known: frozenset[str]) -> bool:
    """Whether one of the patterns is this path."""
    text = path_text(path)
    return any(re.fullmatch(_regex(pattern), text) for pattern in known)


def _regex(pattern: str) -> str:
    return re.escape(pattern).replace(r"\[\*\]", r'(?:\[\d+\]|\["(?:[^"\\]|\\.)*"\]|\.[\w$-]+)')


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value below the root, with its path."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*path, key), child
        yield from places(child, (*path, key))


def changed(event: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of the event with this value there."""
    copied = copy.deepcopy(event)
    parent = copied
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    return copied


def dropped(event: Any, path: tuple[Any, ...]) -> Any:
    """A copy of the event without this key."""
    copied = copy.deepcopy(event)
    parent = copied
    for step in path[:-1]:
        parent = parent[step]
    del parent[path[-1]]
    return copied


def json_type(value: Any) -> str:
    """JSON's name of a value's type; there is one kind of number."""
    if isinstance(value, bool) or value is None:
        return str(type(value))
    return "number" if isinstance(value, (int, float)) else str(type(value))


def slightly(value: Any) -> Any:
    """Nearly the same text or number."""
    if isinstance(value, (int, float)):
        return value + 1
    last = value[-1]
    return value[:-1] + (str(9 - int(last)) if last.isdigit() else "b" if last == "a" else "a")


def mutations(case: Case, event: Any) -> Iterator[Mutation]:
    """Every single mutation of an event of this case."""
    for path, value in places(event):
        if any(pattern_of(path[:end], case.anything) for end in range(1, len(path))):
            continue  # inside of what may be anything
        severe = not pattern_of(path, case.printed)
        for what, mutant, is_form in _of_value(case, event, path, value):
            yield Mutation(
                name=f"{what} {path_text(path)}",
                event=mutant,
                path=path_text(path),
                keys=keys(path),
                severe=severe and not is_form,
            )
    for name, (mutate, key) in case.more.items():
        mutant = copy.deepcopy(event)
        mutate(mutant)
        if mutant != event:
            yield Mutation(name=name, event=mutant, path=key, keys=frozenset((key,)), severe=False)


def _of_value(case: Case, event: Any, path: tuple[Any, ...], value: Any) -> Iterator[tuple[str, Any, bool]]:
    """What is done, the event that comes of it, and whether only a form is wrong, not a key or a type."""
    if isinstance(path[-1], str) and not pattern_of(path, case.optional):
        yield "without", dropped(event, path), False
    if pattern_of(path, case.anything):
        return
    for other in OTHER_TYPES:
        if json_type(other) != json_type(value) and not (other is None and pattern_of(path, case.null)):
            yield f"{other!r} at", changed(event, path, other), False
    if not pattern_of(path, case.free):
        for what, other in _of_form(value):
            yield what, changed(event, path, other), True
    if value not in ("", None) and pattern_of(path, case.derived):
        yield "a slightly different", changed(event, path, slightly(value)), True


def _of_form(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, str):
        yield "a wrong beginning of", f"!x{value}"
        if value:
            yield "nothing in", ""
    elif json_type(value) == "number":
        yield "a negative", -abs(value) - 1


def keys(path: tuple[Any, ...]) -> frozenset[str]:
    """The keys on the way to a value: a finding that expects something of one of them speaks of the value."""
    return frozenset(step for step in path if isinstance(step, str))


def is_named(mutation: Mutation, finding: Any) -> bool:
    """Whether the finding is at the place, below it, about its key, or about something that is derived from it."""
    key = next(step for step in reversed(words(mutation.path)) if not step.isdigit())
    return (
        finding.path.startswith(mutation.path)
        or key in words(finding.path)
        or bool(mutation.keys & set(words(finding.expected)))
    )


def words(text: str) -> list[str]:
    """The words of a text, keys among them."""
    return re.findall(r"[\w$-]+", text)
