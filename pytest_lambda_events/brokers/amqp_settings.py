"""What a classic queue of RabbitMQ is declared with. The law: RabbitMQ's own names; what is not acted on is refused by
name, so that nothing is ignored in silence.

RabbitMQ documentation, "Queues" (optional arguments), "Time-to-live", "Dead letter exchanges", "Priority queues",
"Queue length limit".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AmqpSettings", "read_arguments"]

_MOST_PRIORITIES: Final = 255
_LONGEST_MS: Final = 2**32 - 1

# acted on
_ACTED_ON: Final = (
    "x-message-ttl",
    "x-max-length",
    "x-overflow",
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-max-priority",
)
# taken, because they do not change what a consumer sees of a classic queue
_WITHOUT_EFFECT: Final[Mapping[str, tuple[Any, ...]]] = {
    "x-queue-type": ("classic",),
    "x-queue-mode": ("default", "lazy"),
    "x-queue-version": (1, 2),
    "x-single-active-consumer": (True, False),
}
# RabbitMQ's, but not simulated
_OTHERS: Final = (
    "x-expires",
    "x-max-length-bytes",
    "x-delivery-limit",
    "x-dead-letter-strategy",
    "x-quorum-initial-group-size",
    "x-queue-master-locator",
    "x-queue-leader-locator",
    "x-max-age",
    "x-stream-max-segment-size-bytes",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AmqpSettings:
    """None is what was not declared. `ttl_ms` is x-message-ttl, `most_ready` x-max-length, `most_priority`
    x-max-priority; the exchange `""` is the default one.
    """

    ttl_ms: int | None = None
    most_ready: int | None = None
    most_priority: int | None = None
    dead_letter_exchange: str | None = None
    dead_letter_routing_key: str | None = None


def read_arguments(arguments: Mapping[str, Any]) -> AmqpSettings:
    """The settings that a queue's arguments mean.

    Errors: `UsageError` for what RabbitMQ refuses, `NotSimulated` for what it takes and we do not act on.
    """
    for name, value in arguments.items():
        _check_known(name, value)
    exchange = _text(arguments, "x-dead-letter-exchange")
    routing_key = _text(arguments, "x-dead-letter-routing-key")
    if routing_key is not None and exchange is None:
        raise UsageError(
            "x-dead-letter-routing-key without x-dead-letter-exchange: RabbitMQ refuses the queue "
            '(PRECONDITION_FAILED). Give both; x-dead-letter-exchange="" is the default exchange, where the key is the '
            "name of a queue"
        )
    return AmqpSettings(
        ttl_ms=_number(arguments, "x-message-ttl", 0, _LONGEST_MS),
        most_ready=_number(arguments, "x-max-length", 0, 2**63 - 1),
        most_priority=_number(arguments, "x-max-priority", 1, _MOST_PRIORITIES),
        dead_letter_exchange=exchange,
        dead_letter_routing_key=routing_key,
    )


def _check_known(name: str, value: Any) -> None:
    if name == "x-overflow" and value != "drop-head":
        raise NotSimulated(f"x-overflow={value!r} is not simulated: a full queue drops its head, RabbitMQ's default")
    if name in _ACTED_ON:
        return
    if name in _WITHOUT_EFFECT:
        allowed = _WITHOUT_EFFECT[name]
        if value not in allowed:
            raise NotSimulated(
                f"{name}={value!r} is not simulated: queues are classic ones here; give "
                f"{' or '.join(map(repr, allowed))}, or leave it out"
            )
        return
    if name in _OTHERS:
        raise NotSimulated(f"{name} is not simulated; leave it out. Queues here act on {', '.join(_ACTED_ON)}")
    known = (*_ACTED_ON, *_WITHOUT_EFFECT, *_OTHERS)
    raise UsageError(f"arguments: RabbitMQ knows no {name!r}{nearest(name, known)}; there are {', '.join(known)}")


def _number(arguments: Mapping[str, Any], name: str, low: int, high: int) -> int | None:
    value = arguments.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise UsageError(f"{name}={value!r}: a whole number from {low} to {high}")
    return value


def _text(arguments: Mapping[str, Any], name: str) -> str | None:
    value = arguments.get(name)
    if value is not None and not isinstance(value, str):
        raise UsageError(f"{name}={value!r}: a text, the name of an exchange or a routing key")
    return value
