"""A poison message in a RabbitMQ queue that nothing ends. The law: said when a message failed, not before.

Lambda Developer Guide, "Using Lambda with Amazon MQ": a batch that fails is requeued until it succeeds or its messages
expire. Lambda never rejects a message, so that a dead-letter exchange gets what expires or is too much, and no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_lambda_events.advice.facts import Facts

__all__ = ["CODE", "MEANING", "advise"]

CODE: Final = "rabbitmq-endless-retries"
MEANING: Final = (
    "Messages failed that neither a time to live nor a queue length limit will end: they block the queue for ever."
)


def advise(facts: Facts) -> str | None:
    """What to say, if anything."""
    broker = facts.broker
    if broker is None or not broker.endless:
        return None
    return (
        f"{broker.endless} message(s) of the queue {broker.queue} failed and are requeued without limit, and what is "
        "behind them waits: Lambda does not reject them, so that a dead-letter exchange alone gets nothing. Give the "
        'queue a time to live and somewhere to go: arguments={"x-message-ttl": 600000, "x-dead-letter-exchange": ...}, '
        "or let the handler put aside what it cannot do, and succeed"
    )
