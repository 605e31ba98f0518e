"""What a queue knows of the mappings that read it. The law: what is given wins, and another queue is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.mq_brokers import access_of
from pytest_lambda_events.model.regions import secret_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFAULT_VHOST", "VIRTUAL_HOST", "filled_in"]

DEFAULT_VHOST: Final = "/"
VIRTUAL_HOST: Final = "VIRTUAL_HOST"
"""The type of the SourceAccessConfiguration that says which virtual host a queue is in."""


def filled_in(parameters: Mapping[str, Any], queue: str, vhost: str, *, region: str, account: str) -> dict[str, Any]:
    """CreateEventSourceMapping's parameters with those that the queue knows.

    Errors: `UsageError` for a mapping of another queue or virtual host.
    """
    queues = parameters.get("Queues")
    if queues is not None and len(queues) == 1 and queues[0] != queue:
        raise UsageError(f"Queues={queues!r}, but the source is the queue {queue}: leave Queues out")
    if parameters.get("SourceAccessConfigurations") is not None:
        meant = access_of(parameters, VIRTUAL_HOST) or DEFAULT_VHOST
        if meant != vhost:
            raise UsageError(
                f"SourceAccessConfigurations mean the virtual host {meant}, but the queue {queue} is in {vhost}: add "
                f'{{"Type": "VIRTUAL_HOST", "URI": "{vhost}"}}, or leave them out'
            )
    secret = secret_of("rabbitmq", region, account)
    known = {
        "Queues": [queue],
        "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": secret}, {"Type": VIRTUAL_HOST, "URI": vhost}],
    }
    return {**known, **{name: value for name, value in parameters.items() if value is not None}}
