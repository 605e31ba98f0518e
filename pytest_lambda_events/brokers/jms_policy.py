"""When ActiveMQ delivers a message again, and when no more. The law: pure numbers, with ActiveMQ's own names.

ActiveMQ Classic documentation, "Message Redelivery and DLQ Handling"; defaults, and the text about what exceeded it, as
recorded on ActiveMQ 5.17.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.mq_brokers import check_flag

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RedeliveryPolicy", "check_policy"]

_UNLIMITED: Final = -1
_MOST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeliveryPolicy:
    """Delays in milliseconds. With `maximumRedeliveries=6` a message is delivered seven times; -1 is without end.

    Errors: `UsageError` for what no policy can have.
    """

    maximumRedeliveries: int = 6
    initialRedeliveryDelay: int = 1_000
    redeliveryDelay: int = 1_000
    useExponentialBackOff: bool = False
    backOffMultiplier: float = 5.0
    maximumRedeliveryDelay: int = _UNLIMITED

    def __post_init__(self) -> None:
        for name, low in (
            ("maximumRedeliveries", _UNLIMITED),
            ("initialRedeliveryDelay", 0),
            ("redeliveryDelay", 0),
            ("maximumRedeliveryDelay", _UNLIMITED),
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= _MOST:
                raise UsageError(
                    f"{name}={value!r}: a whole number of {low} or more, as in ActiveMQ's RedeliveryPolicy"
                )
        check_flag("useExponentialBackOff", self.useExponentialBackOff)
        multiplier: object = self.backOffMultiplier
        if isinstance(multiplier, bool) or not isinstance(multiplier, (int, float)) or not multiplier > 0:
            raise UsageError(f"backOffMultiplier={multiplier!r}: a number greater than 0")

    def is_exceeded(self, deliveries: int) -> bool:
        """Whether so many failed deliveries were the last."""
        return self.maximumRedeliveries != _UNLIMITED and deliveries > self.maximumRedeliveries

    def delay_ms(self, deliveries: int) -> int:
        """How long after the last of so many failed deliveries (1 or more) the next one comes."""
        delay = float(self.initialRedeliveryDelay)
        for _ in range(min(deliveries, _MOST_STEPS) - 1):
            if self.useExponentialBackOff and self.backOffMultiplier > 1 and delay > 0:
                delay = delay * self.backOffMultiplier
                if self.maximumRedeliveryDelay != _UNLIMITED:
                    delay = min(delay, max(self.maximumRedeliveryDelay, self.redeliveryDelay))
            else:
                delay = self.redeliveryDelay
        return int(min(delay, _MOST))

    def cause(self, deliveries: int) -> str:
        """What ActiveMQ notes on a message that exceeded it."""
        told = (
            f"destination = null, collisionAvoidanceFactor = 0.15, maximumRedeliveries = {self.maximumRedeliveries}, "
            f"maximumRedeliveryDelay = {self.maximumRedeliveryDelay}, "
            f"initialRedeliveryDelay = {self.initialRedeliveryDelay}, useCollisionAvoidance = false, "
            f"useExponentialBackOff = {str(self.useExponentialBackOff).lower()}, "
            f"backOffMultiplier = {float(self.backOffMultiplier)}, redeliveryDelay = {self.redeliveryDelay}, "
            "preDispatchCheck = true"
        )
        return (
            f"java.lang.Throwable: Delivery[{deliveries}] exceeds redelivery policy limit:"
            f"RedeliveryPolicy {{{told}}}, cause:null"
        )


_MOST_STEPS: Final = 64  # past so many a growing delay has reached the most that there is


def check_policy(given: Iterable[str], *others: str) -> None:
    """Refuse names that are no members of a policy; `others` may be there besides. Errors: `UsageError`."""
    known = list(RedeliveryPolicy.__dataclass_fields__)
    for name in given:
        if name not in known:
            besides = f"{', '.join(others)} and, of the redelivery policy, " if others else ""
            raise UsageError(f"activemq_queue takes no {name}; there are {besides}{', '.join(known)}")
