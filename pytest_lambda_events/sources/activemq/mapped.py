"""What a queue knows of the mappings that read it. The law: what is given wins, and another queue is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.regions import secret_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["filled_in"]


def filled_in(parameters: Mapping[str, Any], queue: str, *, region: str, account: str) -> dict[str, Any]:
    """CreateEventSourceMapping's parameters with those that the queue knows.

    Errors: `UsageError` for a mapping of another queue.
    """
    queues = parameters.get("Queues")
    if queues is not None and len(queues) == 1 and queues[0] != queue:
        raise UsageError(f"Queues={queues!r}, but the source is the queue {queue}: leave Queues out")
    secret = secret_of("activemq", region, account)
    known = {"Queues": [queue], "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": secret}]}
    return {**known, **{name: value for name, value in parameters.items() if value is not None}}
