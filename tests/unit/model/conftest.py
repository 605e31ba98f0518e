"""Mappings of every source, by its name in the registry: the fewest parameters that AWS accepts, and what is tested.

What we do not simulate yet is out of the way here: these tests are about what AWS takes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.model.mapping import read_mapping, update_mapping
from pytest_lambda_events.sources import rules_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.mapping import MappingConfig, SourceRules

_SECRET = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"}]
_ARNS = {
    "activemq": "arn:aws:mq:us-east-1:123456789012:broker:b:b-1",
    "documentdb": "arn:aws:rds:us-east-1:123456789012:cluster:c",
    "dynamodb": "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2025-01-01T00:00:00.000",
    "kafka": "",
    "kinesis": "arn:aws:kinesis:us-east-1:123456789012:stream/s",
    "msk": "arn:aws:kafka:us-east-1:123456789012:cluster/c/1",
    "rabbitmq": "arn:aws:mq:us-east-1:123456789012:broker:b:b-1",
    "sqs": "arn:aws:sqs:us-east-1:123456789012:orders",
    "sqs_fifo": "arn:aws:sqs:us-east-1:123456789012:orders.fifo",
}
_FEWEST: dict[str, dict[str, Any]] = {
    "activemq": {"Queues": ["orders"], "SourceAccessConfigurations": _SECRET},
    "documentdb": {"DocumentDBEventSourceConfig": {"DatabaseName": "db"}, "SourceAccessConfigurations": _SECRET},
    "dynamodb": {"StartingPosition": "LATEST"},
    "kafka": {
        "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["broker:9092"]}},
        "Topics": ["orders"],
        "SourceAccessConfigurations": _SECRET,
    },
    "kinesis": {"StartingPosition": "LATEST"},
    "msk": {"Topics": ["orders"]},
    "rabbitmq": {"Queues": ["orders"], "SourceAccessConfigurations": _SECRET},
    "sqs": {},
    "sqs_fifo": {},
}


@pytest.fixture
def arn_of() -> Callable[[str], str]:
    """An ARN of the source."""
    return _ARNS.__getitem__


@pytest.fixture
def fewest() -> Callable[[str], dict[str, Any]]:
    """The fewest parameters with which AWS accepts a mapping of the source."""
    return lambda name: dict(_FEWEST[name])


@pytest.fixture
def acting() -> Callable[[str], SourceRules]:
    """The source's rules, with everything simulated."""
    return lambda name: replace(rules_of(name), not_simulated=frozenset())


@pytest.fixture
def read(acting: Callable[[str], SourceRules]) -> Callable[..., MappingConfig]:
    """Read a mapping of the source: the fewest parameters, and these; `timeout` is the function's in seconds."""

    def read_it(
        name: str, parameters: dict[str, Any], /, *, timeout: int = 3, visibility: int | None = None, **more: Any
    ) -> MappingConfig:
        return read_mapping(
            {**_FEWEST[name], **parameters},
            acting(name),
            source_arn=_ARNS[name],
            visibility_ms=None if visibility is None else visibility * 1000,
            function_timeout_ms=timeout * 1000,
            **more,
        )

    return read_it


@pytest.fixture
def update(acting: Callable[[str], SourceRules]) -> Callable[..., MappingConfig]:
    """Update it."""

    def update_it(name: str, config: MappingConfig, /, **changes: Any) -> MappingConfig:
        return update_mapping(
            config,
            changes,
            acting(name),
            source_arn=_ARNS[name],
            visibility_ms=None,
            function_timeout_ms=3_000,
        )

    return update_it
