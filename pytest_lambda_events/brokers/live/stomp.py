"""A connection to ActiveMQ through stomp.py. The law: the client's thread only puts down what came; everything else
happens in the caller's, and every wait has an end.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote

from pytest_lambda_events.brokers.live.addresses import split_url
from pytest_lambda_events.brokers.live.clients import CONNECT_SECONDS, needing
from pytest_lambda_events.errors import NotConnected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["StompAddress", "StompConnection", "StompFrame"]

_PORTS: Final = {"stomp": 61613, "stomp+ssl": 61614}
_HOW: Final = (
    "live mode speaks STOMP with ActiveMQ; write stomp://user:password@localhost:61613, or stomp+ssl://… for Amazon MQ"
)
_MOST_IN_HEADERS: Final = 200


class StompAddress(NamedTuple):
    """Where a broker is, and who signs in."""

    host: str
    port: int
    user: str | None
    password: str | None
    encrypted: bool

    @property
    def shown(self) -> str:
        """The address, without the password."""
        return f"{self.host}:{self.port}"

    @classmethod
    def read(cls, url: str) -> StompAddress:
        """An address such as `stomp://user:password@localhost:61613`. Errors: `UsageError`."""
        parts, port = split_url(url, _PORTS, _HOW)
        user, password = parts.username, parts.password
        return cls(
            str(parts.hostname),
            port,
            None if user is None else unquote(user),
            None if password is None else unquote(password),
            parts.scheme == "stomp+ssl",
        )


class StompFrame(NamedTuple):
    """A MESSAGE frame."""

    headers: Mapping[str, str]
    body: bytes


class StompConnection:
    """One connection. Errors: `UsageError` without the extra; `NotConnected`, of everything."""

    def __init__(self, address: StompAddress, *, seconds: float = CONNECT_SECONDS) -> None:
        with needing("stomp", package="stomp.py", extra="activemq"):
            import stomp
        self.client: Any = stomp
        self.address = address
        self.session = ""
        self._seconds = seconds
        self._changed = threading.Condition()
        self._frames: deque[StompFrame] = deque()
        self._receipts: set[str] = set()
        self._asked = 0
        self._problem: str | None = None
        self._connection = self.client.Connection12(
            [(address.host, address.port)],
            reconnect_attempts_max=1,
            timeout=seconds,
            auto_decode=False,
            auto_content_length=False,  # a length is what makes a message one of bytes
        )
        if address.encrypted:
            self._connection.set_ssl([(address.host, address.port)])
        self._connection.set_listener("", _listener(self.client, self))
        try:
            self._connection.connect(address.user, address.password, wait=False)
        except (self.client.exception.StompException, OSError) as error:
            raise self.lost("let us in", str(error) or "nobody answers") from error
        self._wait(lambda: self.session != "", "let us in")
        # the timeout was for connecting; from now on the client's thread waits for whatever comes
        self._connection.transport.socket.settimeout(None)

    def lost(self, what: str, reason: str) -> NotConnected:
        """The error for something that did not work."""
        return NotConnected(
            f"ActiveMQ at {self.address.shown} did not {what}: {reason}. Is it running, does it speak STOMP there, and "
            "do user and password fit?"
        )

    def subscribe(self, queue: str, prefetch: int) -> None:
        """Let the broker send messages of a queue, at most so many that are not acknowledged."""

        def subscribe(receipt: str) -> None:
            headers = {"activemq.prefetchSize": str(prefetch), "receipt": receipt}
            self._connection.subscribe(f"/queue/{queue}", id="1", ack="client-individual", headers=headers)

        self._call(f"let us read the queue {queue}", subscribe)

    def unsubscribe(self) -> None:
        """Take no more."""
        self._call("let us go", lambda receipt: self._connection.unsubscribe("1", headers={"receipt": receipt}))

    def browse(self, queue: str, number: int) -> None:
        """Let the broker send copies of what a queue has, and at the end a frame with the header `browser: end`.

        `number` tells this look from others over the connection.
        """

        def subscribe(receipt: str) -> None:
            headers = {"browser": "true", "receipt": receipt}
            self._connection.subscribe(f"/queue/{queue}", id=f"browser-{number}", ack="auto", headers=headers)

        self._call(f"let us browse the queue {queue}", subscribe)

    def leave(self, number: int) -> None:
        """Be done with a look."""
        self._call(
            "let us go", lambda receipt: self._connection.unsubscribe(f"browser-{number}", headers={"receipt": receipt})
        )

    def send(self, queue: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Send a message, and wait until the broker has taken it."""

        def send(receipt: str) -> None:
            self._connection.send(f"/queue/{queue}", body, headers={**headers, "receipt": receipt})

        self._call("take the message", send)

    def acknowledge(self, tag: str) -> None:
        """Be done with a message."""
        self._call("take our answer", lambda receipt: self._connection.ack(tag, receipt=receipt))

    def refuse(self, tag: str) -> None:
        """Have a message go to ActiveMQ.DLQ."""
        self._call("take our answer", lambda receipt: self._connection.nack(tag, receipt=receipt))

    def _call(self, what: str, call: Callable[[str], None]) -> None:
        self._asked += 1
        receipt = f"receipt-{self._asked}"
        try:
            call(receipt)
        except (self.client.exception.StompException, OSError) as error:
            raise self.lost(what, self._problem or str(error) or type(error).__name__) from error
        self._wait(lambda: receipt in self._receipts, what)
        self._receipts.discard(receipt)

    def _wait(self, is_there: Callable[[], bool], what: str) -> None:
        with self._changed:
            self._changed.wait_for(lambda: is_there() or self._problem is not None, self._seconds)
            if not is_there():
                raise self.lost(what, self._problem or f"no answer within {self._seconds:g} s")

    def arrived(self, *, at_least: int, seconds: float) -> list[StompFrame]:
        """What came. While it is less than `at_least`, what comes with no more than `seconds` between is waited for.

        Errors: `NotConnected` when the connection was lost and nothing is left.
        """
        with self._changed:
            there = -1
            while there < len(self._frames) < at_least and self._problem is None:
                there = len(self._frames)
                self._changed.wait_for(lambda: len(self._frames) != there, seconds)  # noqa: B023 - called at once
            if self._problem is not None and not self._frames:
                raise self.lost("keep the connection", self._problem)
            frames = list(self._frames)
            self._frames.clear()
            return frames

    def close(self) -> None:
        """Leave, and wait until the broker knows: what was not acknowledged is the queue's again."""
        with suppress(NotConnected):
            if self._problem is None:
                self._call("let us go", lambda receipt: self._connection.disconnect(receipt=receipt))
        with suppress(self.client.exception.StompException, OSError):
            self._connection.transport.stop()

    # -- the client's thread ----------------------------------------------------------------------------------------

    def connected(self, session: str) -> None:
        """The broker let us in."""
        with self._changed:
            self.session = session or "unknown"
            self._changed.notify_all()

    def came(self, frame: StompFrame) -> None:
        """A message came."""
        with self._changed:
            self._frames.append(frame)
            self._changed.notify_all()

    def received(self, receipt: str) -> None:
        """The broker has done what this receipt was asked for."""
        with self._changed:
            self._receipts.add(receipt)
            self._changed.notify_all()

    def failed(self, reason: str) -> None:
        """The broker complained, or is gone."""
        with self._changed:
            self._problem = self._problem or reason
            self._changed.notify_all()


def _listener(client: Any, connection: StompConnection) -> Any:
    """What the client calls in its own thread; its base class is the client's, which is there only now."""

    class Listener(client.ConnectionListener):  # type: ignore[misc] # a class made at run time
        def on_connected(self, frame: Any) -> None:
            connection.connected(frame.headers.get("session", ""))

        def on_message(self, frame: Any) -> None:
            body = frame.body or b""
            connection.came(StompFrame(frame.headers, body.encode() if isinstance(body, str) else bytes(body)))

        def on_receipt(self, frame: Any) -> None:
            connection.received(frame.headers.get("receipt-id", ""))

        def on_error(self, frame: Any) -> None:
            body = frame.body or b""
            text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
            connection.failed(frame.headers.get("message") or text[:_MOST_IN_HEADERS] or "the broker sent an error")

        def on_disconnected(self) -> None:
            connection.failed("the connection was closed")

    return Listener()
