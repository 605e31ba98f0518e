"""What was recorded and what is now, side by side. The law: a person sees at a glance what differs, however much there
is: equal stretches are folded, long lines begin shortly before their first difference.

JSON is compared as JSON: the order of keys and the spelling of numbers are nothing, `1` and `true` are not the same. A
pseudonym in what was recorded is alike what it may stand for (`likeness`).
"""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.cassette.json_text import pretty
from pytest_lambda_events.cassette.likeness import alike
from pytest_lambda_events.cassette.model import Returned
from pytest_lambda_events.model.findings import shown
from pytest_lambda_events.model.paths import ABSENT, path_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lambda_events.cassette.model import Failure
    from pytest_lambda_events.model.paths import Path

__all__ = ["changes", "outcome_changes", "outcome_text", "same_json", "same_outcome", "side_by_side"]

WIDTH: Final = 100
_AROUND: Final = 3
_MOST_LINES: Final = 60
_MOST_COMPARED: Final = 2_000
_MOST_CHANGES: Final = 8


def same_json(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON, pseudonyms in the first standing for what they were."""
    return next(_changes(one, other, ()), None) is None


def changes(recorded: Any, now: Any) -> list[str]:
    """What differs, path by path: `batchItemFailures[0].itemIdentifier: recorded "a", now "b"`."""
    found = _changes(recorded, now, ())
    return [
        f"{path_text(path) if path else 'all of it'}: recorded {shown(one)}, now {shown(other)}"
        for path, one, other in found
    ]


def _changes(one: Any, other: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            yield from _changes(one.get(key, ABSENT), other.get(key, ABSENT), (*path, key))
    elif isinstance(one, list) and isinstance(other, list):
        for place, (left, right) in enumerate(zip_longest(one, other, fillvalue=ABSENT)):
            yield from _changes(left, right, (*path, place))
    elif not (_is_scalar(one) and _is_scalar(other) and alike(one, other)):
        yield path, one, other


def _is_scalar(value: Any) -> bool:
    return value is not ABSENT and not isinstance(value, (dict, list))


# -- how invocations end -----------------------------------------------------------------------------------------------


def same_outcome(one: Returned | Failure, other: Returned | Failure) -> bool:
    """Whether two invocations ended in the same way: the same JSON, or an exception of the same class and message."""
    if isinstance(one, Returned) and isinstance(other, Returned):
        return same_json(one.value, other.value)
    if isinstance(one, Returned) or isinstance(other, Returned):
        return False
    return one.type == other.type and alike(one.message, other.message)


def outcome_text(outcome: Returned | Failure | None) -> str:
    """How an invocation ended, for people."""
    if outcome is None:
        return "nothing was recorded"
    if isinstance(outcome, Returned):
        return f"returned\n{pretty(outcome.value)}"
    return f"raised {outcome.type}\n{outcome.message}".rstrip("\n")


def outcome_changes(recorded: Returned | Failure | None, now: Returned | Failure) -> str:
    """What is different, in words and side by side; an empty text when nothing is."""
    if recorded is not None and same_outcome(recorded, now):
        return ""
    told = []
    if isinstance(recorded, Returned) and isinstance(now, Returned):
        found = changes(recorded.value, now.value)
        told = found[:_MOST_CHANGES]
        if len(found) > _MOST_CHANGES:
            told.append(f"and {len(found) - _MOST_CHANGES} more")
    return "\n".join([*told, side_by_side(outcome_text(recorded), outcome_text(now))])


# -- two columns -------------------------------------------------------------------------------------------------------


def side_by_side(left: str, right: str, titles: tuple[str, str] = ("recorded", "now"), width: int = WIDTH) -> str:
    """Two texts in two columns, `width` wide in all.

    Between them stands what is the case with a line: `|` it is another, `<` it is only on the left, `>` only on the
    right.
    """
    column = (width - 3) // 2
    lines = list(_rows(left.split("\n"), right.split("\n")))
    page = [_row(*titles, " ", column), f"{'-' * column}-+-{'-' * column}".rstrip()]
    page += [_row(one, other, mark, column) for one, mark, other in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        page.append(f"... and {len(lines) - _MOST_LINES} more lines")
    return "\n".join(page)


def _row(left: str, right: str, mark: str, column: int) -> str:
    if mark == "|":
        left, right = _from_their_difference(left, right, column)
    return f"{_cut(left, column):{column}} {mark} {_cut(right, column)}".rstrip()


def _rows(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    matcher = SequenceMatcher(None, left[:_MOST_COMPARED], right[:_MOST_COMPARED], autojunk=False)
    codes = matcher.get_opcodes()
    for number, (tag, i1, i2, j1, j2) in enumerate(codes):
        if tag == "equal":
            before = _AROUND if number > 0 else 0
            after = _AROUND if number + 1 < len(codes) else 0
            yield from _folded(left[i1:i2], before, after)
            continue
        for one, other in zip_longest(left[i1:i2], right[j1:j2]):
            yield one or "", "<" if other is None else ">" if one is None else "|", other or ""


def _folded(lines: Sequence[str], before: int, after: int) -> Iterator[tuple[str, str, str]]:
    """An equal stretch: so much of it as belongs to what stands before and behind it."""
    hidden = len(lines) - before - after
    if hidden <= 1:
        yield from ((line, " ", line) for line in lines)
        return
    yield from ((line, " ", line) for line in lines[:before])
    folded = f"... {hidden} equal lines"
    yield folded, " ", folded
    yield from ((line, " ", line) for line in lines[len(lines) - after :])


def _from_their_difference(left: str, right: str, column: int) -> tuple[str, str]:
    """Two long lines, from shortly before the place where they begin to differ."""
    if max(len(left), len(right)) <= column:
        return left, right
    first = next((place for place, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), 0)
    if first < column * 2 // 3:
        return left, right
    start = first - column // 3
    return f"...{left[start:]}", f"...{right[start:]}"


def _cut(line: str, column: int) -> str:
    return line if len(line) <= column else f"{line[: column - 3]}..."
