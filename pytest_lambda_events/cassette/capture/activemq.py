"""An ActiveMQ queue. The law: it browses: the broker sends copies, and nothing is taken, marked or counted.

Over STOMP, with the header `browser`, as a JMS QueueBrowser does. A broker shows a browser no more than its
`maxBrowsePageSize` (400 by default). STOMP does not say when the broker got a message, or when it handed it out: both
are made up.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.live.activemq import message_of
from pytest_lambda_events.brokers.live.stomp import StompAddress, StompConnection
from pytest_lambda_events.cassette.capture.amazon_mq import broker_arn
from pytest_lambda_events.cassette.capture.taps import Closed, Taken
from pytest_lambda_events.cassette.capture.waiting import stamp
from pytest_lambda_events.errors import NotConnected
from pytest_lambda_events.sources.activemq.event import event_json, message_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.brokers.live.stomp import StompFrame

__all__ = ["ActiveMqTap"]

_TOGETHER_SECONDS: Final = 0.5
"""What a broker sends in a row comes so close to one another."""


class ActiveMqTap:
    """A queue by its name, at an address such as `stomp://user:password@host:61613`. `broker` is its ARN at Amazon MQ.

    Errors: `UsageError` without the extra; `NotConnected`.
    """

    source = "activemq"
    records_at = "messages"
    pause_seconds = 0.5
    over = False

    def __init__(self, url: str, queue: str, *, broker: str | None = None) -> None:
        self.name = queue
        self._arn = broker_arn(broker)
        self.invented = () if broker else ("eventSourceArn",)
        self._connection = StompConnection(StompAddress.read(url))
        self._waiting: deque[StompFrame] = deque()
        self._seen: set[str] = set()
        self._looks = 0
        self._looking = False

    @property
    def at_rest(self) -> bool:
        """Whether a look is over, and all that it found was taken."""
        return self._looks > 0 and not self._looking and not self._waiting

    def take(self, most: int, seconds: float) -> list[Taken]:
        """What the broker has sent; a look that is over is begun anew when more is wanted."""
        del seconds  # a look does not wait: there is no more than there is
        if not self._looking and not self._waiting:
            self._looks += 1
            self._connection.browse(self.name, self._looks)
            self._looking = True
        if self._looking and len(self._waiting) < most:
            try:
                for frame in self._connection.arrived(at_least=most, seconds=_TOGETHER_SECONDS):
                    self._came(frame)
            except NotConnected:
                if not self._waiting:
                    raise  # otherwise the next round meets it again
        return [self._taken(self._waiting.popleft()) for _ in range(min(most, len(self._waiting)))]

    def _came(self, frame: StompFrame) -> None:
        if frame.headers.get("browser") == "end":
            self._connection.leave(self._looks)
            self._looking = False
        elif frame.headers["message-id"] not in self._seen:
            self._seen.add(frame.headers["message-id"])
            self._waiting.append(frame)

    def _taken(self, frame: StompFrame) -> Taken:
        now_ms = time.time_ns() // 1_000_000
        message = message_of(frame, self.name, now_ms)
        shown = message_json(message, broker_out_ms=now_ms, redelivered=frame.headers.get("redelivered") == "true")
        return Taken(native=shown, shown=shown, at=stamp(now_ms), invented=("brokerInTime", "brokerOutTime"))

    def event(self, taken: Sequence[Taken]) -> Any:
        """The event of these messages."""
        return event_json(self._arn, [one.native for one in taken])

    def close(self) -> Closed:
        """Nothing was moved."""
        self._connection.close()
        return Closed(told=("browsed: the broker sent copies, and every message is where it was",))
