"""Filters by themselves: does a record pass, and why not? The law: by the same matcher as a mapping's.

Lambda Developer Guide, "Control which events Lambda sends to your function".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import UnknownEvent, UsageError
from pytest_lambda_events.filtering.criteria import Criteria
from pytest_lambda_events.filtering.formats import PAYLOADS, check_against
from pytest_lambda_events.filtering.pattern import InvalidPattern, compile_pattern
from pytest_lambda_events.model.looking import text_at
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.sources import identify, records_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.filtering.explaining import Explanation

__all__ = ["InvalidPattern", "compiled", "explain", "matches", "records_in"]


def matches(pattern: str | Mapping[str, Any], record: Any, *, source: str | None = None) -> bool:
    """Whether a record passes a filter pattern.

    `pattern` is JSON text or the object. `record` is a record of an event, as the function gets it: what the filter
    sees of it (a body that is JSON, data in base64) is what AWS shows it. `source` is the registry's name (`kafka`);
    a record that says so itself (`eventSource`) needs none. Any other JSON object is matched as it is.

    Errors: `InvalidPattern`, with the reason and the place; `UsageError` for a source that has no filters.
    """
    name = _source_of(record, source)
    if name is None:
        return compile_pattern(pattern).matches(record)
    return _criteria(pattern, name).passes(name, record)


def compiled(pattern: str | Mapping[str, Any], source: str) -> Callable[[Any], bool]:
    """`matches` for many records of one source: what says of a record whether it passes. Errors: as `matches`."""
    _check_source(source)
    criteria = _criteria(pattern, source)
    return lambda record: criteria.passes(source, record)


def explain(pattern: str | Mapping[str, Any], record: Any, *, source: str | None = None) -> Explanation:
    """Why a record passes a filter pattern, or does not: each clause, and the value that it holds or fails on.

    The arguments and errors are those of `matches`; `str()` of the answer is for people.
    """
    name = _source_of(record, source)
    if name is None:
        return compile_pattern(pattern).explain(record)
    return _criteria(pattern, name).explain(name, record)


def records_in(event: Any) -> tuple[str, list[tuple[str, Any]]]:
    """The source of an event, and its records, each with its path. Errors: `UnknownEvent`, `UsageError`."""
    source = identify(event)
    if source.name not in PAYLOADS:
        raise UsageError(f"{source.title} has no filters: every record reaches the function")
    return source.name, records_of(source, event)


def _criteria(pattern: str | Mapping[str, Any], source_name: str) -> Criteria:
    compiled = compile_pattern(pattern)
    refused = check_against(source_name, compiled)
    if refused is not None:
        raise InvalidPattern(refused, "")
    return Criteria((compiled,))


def _check_source(source: str) -> None:
    if type(source) is not str or source not in PAYLOADS:
        near = nearest(str(source), PAYLOADS)
        raise UsageError(f"source={source!r} has no filters{near}; those that have: {', '.join(PAYLOADS)}")


def _source_of(record: Any, source: str | None) -> str | None:
    if source is not None:
        _check_source(source)
        if not isinstance(record, dict):
            raise UsageError(f"a record of {source} is an object of its event, not a {type(record).__name__}")
        return source
    if text_at(record, "eventSource") is None:
        return None
    try:
        name = identify({"Records": [record]}).name
    except UnknownEvent:
        return None
    return name if name in PAYLOADS else None
