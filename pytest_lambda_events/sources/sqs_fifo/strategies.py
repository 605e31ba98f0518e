"""Hypothesis strategies for events of FIFO queues. The law: what the builder takes and AWS allows is drawn."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pytest_lambda_events.drawing import names
from pytest_lambda_events.sources.sqs.strategies import bodies, deliveries
from pytest_lambda_events.sources.sqs_fifo.build import sqs_fifo_event

__all__ = ["sqs_fifo_events"]


@st.composite
def sqs_fifo_events(draw: st.DrawFn, /, *, max_records: int = 10, **arguments: Any) -> Any:
    """Events of FIFO queues of 1 to `max_records` (10 at the most) messages in up to three groups.

    `arguments` are `sqs_fifo_event`'s, and are not drawn.
    """
    payloads = draw(st.lists(bodies(), min_size=1, max_size=min(max_records, 10)))
    groups = draw(st.lists(st.sampled_from("abc"), min_size=len(payloads), max_size=len(payloads)))
    drawn = {
        **draw(deliveries()),
        "queue": f"{draw(names(75))}.fifo",
        "message_group_id": groups.__getitem__,
    }
    return sqs_fifo_event(*payloads, **{**drawn, **arguments})
