"""What a topic knows of the mappings that read it. The law: what is given wins, and another topic is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.regions import secret_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["filled_in", "self_managed"]


def filled_in(parameters: Mapping[str, Any], topic: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """CreateEventSourceMapping's parameters with those that the topic knows. Errors: `UsageError` for another topic."""
    topics = parameters.get("Topics")
    if topics is not None and len(topics) == 1 and topics[0] != topic:
        raise UsageError(f"Topics={topics!r}, but the source is the topic {topic}: leave Topics out")
    return {**known, **{name: value for name, value in parameters.items() if value is not None}}


def self_managed(topic: str, servers: Sequence[str], *, region: str, account: str) -> dict[str, Any]:
    """Where a topic of a self-managed cluster is, and how Lambda would sign in."""
    secret = secret_of("kafka", region, account)
    return {
        "Topics": [topic],
        "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": list(servers)}},
        "SourceAccessConfigurations": [{"Type": "SASL_SCRAM_512_AUTH", "URI": secret}],
    }
