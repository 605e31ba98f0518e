"""Hypothesis strategies for RabbitMQ events. The law: what the builder takes and AMQP allows is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from pytest_lambda_events.drawing import json_objects, moments, names, regions, seeds, texts
from pytest_lambda_events.sources.rabbitmq.build import rabbitmq_event

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["bodies", "headers", "rabbitmq_events"]


def bodies() -> SearchStrategy[Any]:
    """Bodies: bytes, text, or anything that becomes JSON."""
    return texts() | json_objects() | st.binary()


def headers() -> SearchStrategy[dict[str, Any]]:
    """Tables of headers of every type, one inside another."""
    scalar = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        texts(),
        st.binary(),
        moments(),
    )
    # a table with the one key `bytes` looks like a text
    name = names(20).filter(lambda name: name != "bytes")
    value = st.recursive(scalar, lambda one: st.lists(one, max_size=3) | st.dictionaries(name, one, max_size=3))
    return st.dictionaries(name, value, max_size=4)


@st.composite
def rabbitmq_events(draw: st.DrawFn, /, *, max_records: int = 10, **arguments: Any) -> Any:
    """Events of RabbitMQ queues of 1 to `max_records` messages. `arguments` are `rabbitmq_event`'s, and not drawn."""
    payloads = draw(st.lists(bodies(), min_size=1, max_size=max_records))
    short = st.none() | names(255) | st.text(st.characters(codec="utf-8"), max_size=60)

    def each(one: SearchStrategy[Any]) -> Any:
        return draw(st.lists(one, min_size=len(payloads), max_size=len(payloads))).__getitem__

    drawn = {
        "queue": draw(names(80)),
        "vhost": draw(st.just("/") | names()),
        "broker": draw(names(50)),
        "region": draw(regions()),
        "seed": draw(seeds()),
        "time": draw(moments()),
        "headers": each(st.none() | headers()),
        "delivery_mode": each(st.sampled_from((None, 1, 2))),
        "priority": each(st.none() | st.integers(0, 255)),
        "expiration": each(st.none() | st.integers(0, 10**9) | st.integers(0, 10**9).map(str)),
        "timestamp": each(st.none() | st.booleans() | moments() | st.integers(0, 4 * 10**9)),
        "redelivered": each(st.booleans()),
    }
    for name in ("content_type", "content_encoding", "correlation_id", "reply_to", "message_id", "type", "app_id"):
        drawn[name] = each(short)
    for name in ("user_id", "cluster_id"):
        drawn[name] = draw(short)
    return rabbitmq_event(*payloads, **{**drawn, **arguments})
