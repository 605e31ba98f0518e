"""Two cassettes side by side. The law: what differs is named by its path, into JSON that is in texts.

Interactions that are the same are matched first, so that one that was added in the middle is one difference. When and
by which version a cassette was recorded is no difference.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.cassette.codec import json_of
from pytest_lambda_events.cassette.json_text import Malformed, TooMuch, compact, read
from pytest_lambda_events.cassette.redact.where import Where
from pytest_lambda_events.model.findings import shown
from pytest_lambda_events.model.paths import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lambda_events.cassette.model import Cassette

__all__ = ["differences"]

_OF_THE_RECORDING = ("format", "version", "recorded_at", "recorded_by", "interactions")


def differences(one: Cassette, other: Cassette) -> Iterator[str]:
    """A line for each thing in which two cassettes differ; paths are those in the first where it has them."""
    before, after = json_of(one), json_of(other)
    for key in dict.fromkeys((*before, *after)):
        if key not in _OF_THE_RECORDING:
            yield from _changes(before.get(key, ABSENT), after.get(key, ABSENT), Where().at(key))
    yield from _interactions(before["interactions"], after["interactions"])


def _interactions(before: list[Any], after: list[Any]) -> Iterator[str]:
    matcher = SequenceMatcher(a=list(map(compact, before)), b=list(map(compact, after)), autojunk=False)
    for what, start, end, other_start, other_end in matcher.get_opcodes():
        if what == "equal":
            continue
        both = min(end - start, other_end - other_start)
        for place in range(both):
            where = Where().at("interactions").at(start + place)
            yield from _changes(before[start + place], after[other_start + place], where)
        for place in range(start + both, end):
            yield f"interactions[{place}]: only in the first: {shown(before[place]['event'])}"
        for place in range(other_start + both, other_end):
            yield f"interactions[{place}]: only in the second: {shown(after[place]['event'])}"


def _changes(before: Any, after: Any, where: Where) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            yield from _changes(before.get(key, ABSENT), after.get(key, ABSENT), where.at(key))
    elif isinstance(before, list) and isinstance(after, list):
        for place, (one, other) in enumerate(zip_longest(before, after, fillvalue=ABSENT)):
            yield from _changes(one, other, where.at(place))
    elif before != after and (documents := _documents(before, after)) is not None:
        inner = list(_changes(*documents, where.within()))
        yield from inner or [f"{where}: another spelling of the same JSON"]
    elif before is ABSENT or after is ABSENT or before != after or type(before) is not type(after):
        yield f"{where}: {shown(before)} became {shown(after)}"


def _documents(before: Any, after: Any) -> tuple[Any, Any] | None:
    """The objects or lists that two texts are; None where one of them is none."""
    if not all(isinstance(text, str) and text[:1] in ("{", "[") for text in (before, after)):
        return None
    try:
        return read(before), read(after)
    except (Malformed, TooMuch):  # what is no JSON, or has a key twice, is a text like any other
        return None
