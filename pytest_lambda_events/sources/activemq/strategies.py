"""Hypothesis strategies for ActiveMQ events. The law: what the builder takes and JMS allows is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from pytest_lambda_events.drawing import json_objects, moments, names, regions, seeds, texts
from pytest_lambda_events.sources.activemq.build import activemq_event

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["activemq_events", "bodies", "properties"]


def bodies() -> SearchStrategy[Any]:
    """Bodies of text messages (text, or anything that becomes JSON) and of bytes messages."""
    return texts() | json_objects() | st.binary()


def properties() -> SearchStrategy[dict[str, Any]]:
    """Properties of every type whose text Java has."""
    value = st.one_of(texts(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats())
    name = st.from_regex(r"[a-z_$][A-Za-z0-9_$]{2,20}", fullmatch=True).filter(
        lambda name: name.upper() not in {"NULL", "TRUE", "FALSE", "NOT", "AND", "BETWEEN", "LIKE", "ESCAPE"}
    )
    return st.dictionaries(name, value, max_size=5)


@st.composite
def activemq_events(draw: st.DrawFn, /, *, max_records: int = 10, **arguments: Any) -> Any:
    """Events of ActiveMQ queues of 1 to `max_records` messages. `arguments` are `activemq_event`'s, and not drawn."""
    payloads = draw(st.lists(bodies(), min_size=1, max_size=max_records))

    def each(one: SearchStrategy[Any]) -> Any:
        return draw(st.lists(one, min_size=len(payloads), max_size=len(payloads))).__getitem__

    drawn = {
        "queue": draw(names() | names().map("{}.in".format)),
        "broker": draw(names(50)),
        "region": draw(regions()),
        "seed": draw(seeds()),
        "time": draw(moments()),
        "delivery_mode": each(st.sampled_from((1, 2))),
        "correlation_id": each(st.none() | texts()),
        "reply_to": each(st.none() | names() | names().map("topic://{}".format)),
        "type": each(st.none() | texts()),
        "expiration": each(st.just(0) | st.integers(4_102_444_800_000 + 86_400_000, 2**62)),
        "priority": each(st.integers(0, 9)),
        "redelivered": each(st.booleans()),
        "properties": each(st.none() | properties()),
    }
    return activemq_event(*payloads, **{**drawn, **arguments})
