"""Messages of a queue, from payloads and AMQP's properties. The law: nothing is drafted unless every payload can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.building import each
from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.model.delivered import aside_of
from pytest_lambda_events.model.rabbitmq_message import PROPERTIES
from pytest_lambda_events.sources.rabbitmq.make import make_message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_lambda_events.model.rabbitmq_message import RabbitMqMessage

__all__ = ["drafts_of"]

_SENDER_SELECTED: Final = ("CC", "BCC")


def drafts_of(
    payloads: Sequence[Any], given: Mapping[str, Any], *, queue: str, vhost: str, sent_ms: int
) -> list[RabbitMqMessage]:
    """The messages, persistent ones unless they say otherwise, all with the number 0.

    Errors: `UsageError` for what AMQP does not take, `NotSimulated` for headers that route a message elsewhere.
    """
    unknown = [name for name in given if name not in PROPERTIES]
    if unknown:
        raise UsageError(f"AMQP has no property {unknown[0]}; there are {', '.join(PROPERTIES)}")
    drafts = []
    for number, payload in enumerate(payloads):
        aside = aside_of(payload)
        own: dict[str, Any] = {name: each(value, number) for name, value in given.items()}
        brought = {name: value for name, value in aside.items() if name in PROPERTIES and own.get(name) is None}
        properties = {"delivery_mode": 2, **own, **brought}
        _refuse_sender_selected(properties.get("headers") or {})
        drafts.append(make_message(payload, number=0, queue=queue, vhost=vhost, sent_ms=sent_ms, **properties))
    return drafts


def _refuse_sender_selected(headers: Mapping[str, Any]) -> None:
    for name in _SENDER_SELECTED:
        if name in headers:
            raise NotSimulated(
                f"the header {name} routes a message to further queues (sender-selected distribution), which is not "
                "simulated; publish to an exchange with a binding for each queue instead"
            )
