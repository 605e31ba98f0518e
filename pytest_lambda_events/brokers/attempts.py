"""ReceiveRequestAttemptId: a receive that was lost on its way back can be asked for again. The law: pure memory.

Rules: API reference, ReceiveMessage (quoted at `Attempts.find`).
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from pytest_lambda_events.brokers.deduplication import DEDUPLICATION_MS
from pytest_lambda_events.brokers.message import IN_FLIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.brokers.message import Message

__all__ = ["Attempts"]


class Attempts:
    """The attempts of one FIFO queue in the last five minutes: when, and which message at which of its turns."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[int, list[tuple[Message, int]]]] = OrderedDict()

    def find(self, attempt_id: str, now_ms: int) -> tuple[int, list[Message]] | None:
        """When an attempt was first made, and its messages, if it can be answered again.

        "You can use ReceiveRequestAttemptId only for 5 minutes after a ReceiveMessage action", the first of its kind.
        "It is possible to retry […] if none of the messages have been modified (deleted or had their visibility
        changes)": a message's turn is another after each of these. One that found nothing is not answered again.
        """
        known = self._known
        while known:
            first = next(iter(known))
            if known[first][0] + DEDUPLICATION_MS > now_ms:
                break
            del known[first]
        at_ms, hidden = known.get(attempt_id, (0, []))
        if not hidden or any(message.place != IN_FLIGHT or message.turn != turn for message, turn in hidden):
            return None
        return at_ms, [message for message, _turn in hidden]

    def remember(self, attempt_id: str, messages: Sequence[Message], at_ms: int) -> None:
        """These are the messages of an attempt that was first made at `at_ms`, as they are hidden now."""
        attempt = at_ms, [(message, message.turn) for message in messages]
        known = self._known.get(attempt_id)
        self._known[attempt_id] = attempt
        if known is not None and known[0] != at_ms:
            self._known.move_to_end(attempt_id)  # in the order of first attempts
