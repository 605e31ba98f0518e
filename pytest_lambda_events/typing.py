"""Annotations for tests: the type of every fixture. The law: at run time these are names, and cost nothing.

::

    from pytest_lambda_events.typing import EventSourceMappingFactory, SqsQueueFactory


    def test_orders(sqs_queue: SqsQueueFactory, event_source_mapping: EventSourceMappingFactory) -> None: ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pytest_lambda_events.clock.virtual import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.harness import Harness
    from pytest_lambda_events.harness.mapping import EventSourceMapping
    from pytest_lambda_events.invoking.context import LambdaContext
    from pytest_lambda_events.model.faults import Faults
    from pytest_lambda_events.sources.sqs.broker import SqsQueue

__all__ = [
    "EventSourceMappingFactory",
    "Harness",
    "LambdaContext",
    "SqsEventFactory",
    "SqsQueueFactory",
    "VirtualClock",
]


class SqsQueueFactory(Protocol):
    """The fixture `sqs_queue`; see `Harness.sqs_queue`."""

    def __call__(
        self,
        name: str | None = None,
        *,
        fifo: bool = False,
        maxReceiveCount: int | None = None,
        tags: Mapping[str, str] | None = None,
        **attributes: Any,
    ) -> SqsQueue:
        """Create or adopt a queue."""


class EventSourceMappingFactory(Protocol):
    """The fixture `event_source_mapping`; see `Harness.event_source_mapping`."""

    def __call__(
        self,
        source: SqsQueue | str,
        handler: Callable[[Any, Any], Any] | str | None = None,
        *,
        function: Mapping[str, Any] | None = None,
        duration: float | Callable[[Any], float] = 0,
        faults: Faults | None = None,
        single_group_batches: bool = False,
        **parameters: Any,
    ) -> EventSourceMapping:
        """Map a source to a handler, or adopt the mapping of a UUID."""


class SqsEventFactory(Protocol):
    """The fixture `sqs_event`; see `pytest_lambda_events.events.sqs_event`."""

    def __call__(self, *payloads: Any, **overrides: Any) -> dict[str, Any]:
        """Make an event."""


def __getattr__(name: str) -> object:
    # resolved when it is used, because an annotation should not import moto
    if name in ("Harness", "LambdaContext"):
        import pytest_lambda_events

        return getattr(pytest_lambda_events, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
