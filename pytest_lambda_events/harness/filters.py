"""A mapping's filters, between its parameters and its poller. The law: patterns are compiled when a mapping changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.filtering.advice import ADVICE
from pytest_lambda_events.filtering.criteria import read_criteria
from pytest_lambda_events.filtering.formats import check_against
from pytest_lambda_events.filtering.pattern import InvalidPattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_lambda_events.model.mapping import MappingConfig

__all__ = ["filter_advice", "filter_of", "why_refused"]


def why_refused(criteria: Mapping[str, Any], source_name: str) -> str | None:
    """Why AWS refuses these filters for a source, in one sentence of ours; None when it takes them."""
    try:
        read = read_criteria(criteria)
    except InvalidPattern as error:
        return f"{error.path}: {error.reason}" if error.path else error.reason
    refused = [check_against(source_name, pattern) for pattern in read.patterns] if read is not None else []
    return next((reason for reason in refused if reason is not None), None)


def filter_of(source_name: str) -> Callable[[MappingConfig], Callable[[str], bool] | None]:
    """What makes the filter of a configuration, for a poller that has records as JSON text."""

    def make(config: MappingConfig) -> Callable[[str], bool] | None:
        criteria = read_criteria(config.parameters.get("FilterCriteria"))
        if criteria is None:
            return None
        passes = criteria.passes
        return lambda text: passes(source_name, json.loads(text))

    return make


def filter_advice(config: MappingConfig) -> Iterator[tuple[str, str]]:
    """Code and message of everything that there is to say about a configuration's patterns."""
    criteria = read_criteria(config.parameters.get("FilterCriteria"))
    for code in sorted(criteria.advice if criteria is not None else ()):
        yield code, ADVICE[code]
