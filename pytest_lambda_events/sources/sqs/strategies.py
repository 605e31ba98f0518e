"""Hypothesis strategies for SQS events. The law: everything that the builder takes and AWS allows is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from pytest_lambda_events.drawing import json_objects, moments, names, regions, seeds, texts
from pytest_lambda_events.sources.sqs.build import sqs_event

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["bodies", "deliveries", "message_attributes", "sqs_events"]


def bodies() -> SearchStrategy[Any]:
    """Bodies that SQS takes: text, or anything that becomes JSON."""
    return texts() | json_objects()


def message_attributes() -> SearchStrategy[dict[str, Any]]:
    """Up to ten message attributes of every type."""
    value = st.one_of(texts(), st.integers(-(10**30), 10**30), st.binary(min_size=1))
    name = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)
    return st.dictionaries(name, value, max_size=10)


@st.composite
def deliveries(draw: st.DrawFn, /) -> dict[str, Any]:
    """What the builders of both kinds of queue take."""
    trace = st.from_regex(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01]", fullmatch=True)
    return {
        "region": draw(regions()),
        "seed": draw(seeds()),
        "time": draw(moments()),
        "receive_count": draw(st.none() | st.integers(2, 1_000)),
        "message_attributes": draw(st.none() | message_attributes()),
        "trace_header": draw(st.none() | trace),
    }


@st.composite
def sqs_events(draw: st.DrawFn, /, *, max_records: int = 10, **arguments: Any) -> Any:
    """Events of standard queues of 1 to `max_records` messages. `arguments` are `sqs_event`'s, and are not drawn."""
    drawn = {**draw(deliveries()), "queue": draw(names(75)), "window": draw(st.booleans())}
    payloads = draw(st.lists(bodies(), min_size=1, max_size=max_records))
    return sqs_event(*payloads, **{**drawn, **arguments})
