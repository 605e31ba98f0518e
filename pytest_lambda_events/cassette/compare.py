"""Two cassettes side by side. The law: what differs is named by its path, into JSON that is in texts.

Interactions that are the same are matched first, so that one that was added in the middle is one difference. When and
by which version a cassette was recorded is no difference.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.cassette.codec import json_of
from pytest_lambda_events.cassette.json_text import compact, read
from pytest_lambda_events.cassette.redact.json_tokens import is_json
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
        for place in range(max(len(before), len(after))):
            yield from _changes(_element(before, place), _element(after, place), where.at(place))
    elif isinstance(before, str) and isinstance(after, str) and before != after and _both_documents(before, after):
        inner = list(_changes(read(before), read(after), where.within()))
        yield from inner or [f"{where}: another spelling of the same JSON"]
    elif before is ABSENT or after is ABSENT or before != after or type(before) is not type(after):
        yield f"{where}: {shown(before)} became {shown(after)}"


def _element(values: list[Any], place: int) -> Any:
    return values[place] if place < len(values) else ABSENT


def _both_documents(before: str, after: str) -> bool:
    return all(text[:1] in ("{", "[") and is_json(text) for text in (before, after))
