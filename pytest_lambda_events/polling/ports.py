"""What a poller needs from the rest, as Protocols. The law: these say all that `polling` knows of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.outcome import Ending
    from pytest_lambda_events.model.records import Fate, SqsMessage

__all__ = ["Delivery", "EventShape", "Function", "Poller", "QueueBroker"]


class Delivery(Protocol):
    """A record as it was received: a broker's message."""

    @property
    def record(self) -> SqsMessage:
        """The record itself."""

    @property
    def receive_count(self) -> int:
        """How often it has been received."""

    @property
    def receipt_handle(self) -> str:
        """What the latest receive is answered with."""

    @property
    def visible_ms(self) -> int:
        """When it comes back by itself, epoch milliseconds."""


class QueueBroker(Protocol):
    """A queue that hides what it hands out until it is deleted or its visibility timeout ends."""

    def receive(self, limit: int, now_ms: int) -> Sequence[Any]:
        """Up to `limit` deliveries."""

    def delete_received(self, received: Sequence[tuple[Any, int]], now_ms: int, *, fate: Fate) -> int:
        """Delete deliveries, each with its receive count at the receive that is answered for; how many were deleted."""

    def change_visibility(self, receipt_handle: str, visibility_ms: int, now_ms: int) -> None:
        """Hide a delivery for so long from now on; 0 shows it at once. Errors: `Refusal`."""

    def next_change(self, now_ms: int) -> int | None:
        """When there may be something to receive or something ends; None when nothing is or will be there."""

    def check(self) -> None:
        """Raise when a record has no place, or two."""


class EventShape(Protocol):
    """How deliveries become the event that the function gets."""

    @property
    def overhead(self) -> int:
        """Bytes of the envelope around the records."""

    def record_text(self, delivery: Any) -> str:
        """One record as compact JSON."""

    def event_text(self, record_texts: Sequence[str]) -> str:
        """The event around them."""


class Function(Protocol):
    """The function behind a mapping."""

    def invoke(self, event_text: str, request_id: str) -> Ending:
        """Call the handler with a fresh copy of the event, on virtual time."""


class Poller(Protocol):
    """What the agenda drives."""

    def next_due(self, now_ms: int) -> int | None:
        """When this poller can act next; None when nothing will come by itself."""

    def step(self, now_ms: int) -> int:
        """Act once, at the present; how many invocations began."""
