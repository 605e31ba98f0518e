"""A mapping's filters, between its parameters and its poller. The law: patterns are compiled when a mapping changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_lambda_events.filtering.criteria import read_criteria

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.mapping import MappingConfig

__all__ = ["filter_of"]


def filter_of(source_name: str) -> Callable[[MappingConfig], Callable[[str], bool] | None]:
    """What makes the filter of a configuration, for a poller that has records as JSON text."""

    def make(config: MappingConfig) -> Callable[[str], bool] | None:
        criteria = read_criteria(config.parameters.get("FilterCriteria"))
        if criteria is None:
            return None
        passes = criteria.passes
        return lambda text: passes(source_name, json.loads(text))

    return make
