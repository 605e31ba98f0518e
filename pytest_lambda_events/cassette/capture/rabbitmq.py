"""A RabbitMQ queue. The law: what is fetched is held for some seconds, never acknowledged, and given back as one.

AMQP has no way to look without taking. Messages are fetched (basic.get) over a channel of their own, and go back to
their old places when that is closed, by us or by the end of this process. Giving them back sets `redelivered`.

Rules: RabbitMQ documentation, "Consumer Acknowledgements and Publisher Confirms", "Quorum Queues".
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.live.rabbitmq import AmqpAddress, RabbitMqConnection, received
from pytest_lambda_events.cassette.capture.amazon_mq import broker_arn
from pytest_lambda_events.cassette.capture.taps import Closed, Taken
from pytest_lambda_events.cassette.capture.waiting import stamp
from pytest_lambda_events.errors import NotConnected, UsageError
from pytest_lambda_events.sources.rabbitmq.event import event_json, message_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["HOLD_SECONDS", "RabbitMqTap"]

HOLD_SECONDS: Final = 5.0
"""How long a message is held at most."""

_COUNTED: Final = "x-delivery-count"
_MOST_DELIVERIES: Final = 3
_VERIFY_SECONDS: Final = 5.0


class RabbitMqTap:
    """A queue by its name, at an AMQP URI. `broker` is the ARN of the broker at Amazon MQ; made up when left out.

    Errors: `UsageError` for a queue that is not there, and without the extra; `NotConnected`.
    """

    source = "rabbitmq"
    records_at = "rmqMessagesByQueue"
    pause_seconds = 0.1

    def __init__(
        self,
        url: str,
        queue: str,
        *,
        vhost: str | None = None,
        broker: str | None = None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = queue
        self._arn = broker_arn(broker)
        self.invented = () if broker else ("eventSourceArn",)
        self._address = AmqpAddress.read(url, vhost)
        self._connection = RabbitMqConnection(self._address)
        before = self._connection.ready(queue)
        if before is None:
            self._connection.close()
            raise UsageError(f"there is no queue {queue!r} at {self._address.shown}")
        self._before = before
        self._channel = self._connection.channel()
        self._now = now
        self._sleep = sleep
        self._since: float | None = None
        self._held = 0
        self._dry = False
        self._worn = False

    @property
    def at_rest(self) -> bool:
        """Whether a fetch found nothing."""
        return self._dry

    @property
    def over(self) -> bool:
        """Whether enough was held for long enough, or a message came that the broker has delivered too often."""
        if self._since is None:
            return False
        return self._dry or self._worn or self._now() - self._since >= HOLD_SECONDS

    def take(self, most: int, seconds: float) -> list[Taken]:
        """Fetch what is there, within the time that messages are held."""
        del seconds  # basic.get does not wait
        taken: list[Taken] = []
        while len(taken) < most and not self.over:
            try:
                with self._connection.asking(f"let us read the queue {self.name}"):
                    got = self._channel.basic_get(self.name)
            except NotConnected:
                if not taken:
                    raise
                break  # the next round meets it again
            self._dry = got is None
            if got is None:
                break
            self._since = self._now() if self._since is None else self._since
            self._held += 1
            message = received(got, self.name, self._address.vhost, 0)
            deliveries = (message.headers or {}).get(_COUNTED, 0)
            self._worn = isinstance(deliveries, int) and deliveries >= _MOST_DELIVERIES
            shown = message_json(message, redelivered=bool(got.delivery_info["redelivered"]))
            taken.append(Taken(native=shown, shown=shown, at=stamp()))
        return taken

    def event(self, taken: Sequence[Taken]) -> Any:
        """The event of these messages."""
        return event_json(self._arn, self.name, self._address.vhost, [one.native for one in taken])

    def close(self) -> Closed:
        """Give back what is held, and see whether it is there."""
        self._connection.close()  # and with it the channel: all that it holds goes back to its place
        if not self._held:
            return Closed(told=("nothing was fetched",))
        after = self._ready_again()
        many = "messages were" if self._held > 1 else "message was"
        counts = f"{self.name} has {after} ready (before: {self._before})"
        told = [f"{self._held} {many} fetched and given back, now marked as redelivered: {counts}"]
        if self._worn:
            told.append(
                f"the capture stopped at a message that the broker has delivered {_MOST_DELIVERIES} times or more: a "
                "quorum queue counts deliveries, and drops or dead-letters a message at its limit"
            )
        return Closed(told=tuple(told), sound=after >= self._before and not self._worn)

    def _ready_again(self) -> int:
        """How many are ready, when all are back or some seconds have passed: the broker does it in its own time."""
        connection = RabbitMqConnection(self._address)
        try:
            deadline = self._now() + _VERIFY_SECONDS
            while True:
                ready = connection.ready(self.name)
                if ready is None:
                    raise NotConnected(f"the queue {self.name} is gone: somebody has deleted it")
                if ready >= self._before or self._now() >= deadline:
                    return ready
                self._sleep(0.05)
        finally:
            connection.close()
