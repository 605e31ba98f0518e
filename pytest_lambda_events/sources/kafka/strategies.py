"""Hypothesis strategies for Kafka events. The law: everything that the builder takes and Lambda could send is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from pytest_lambda_events.drawing import json_objects, moments, seeds, texts
from pytest_lambda_events.model.kafka_record import TIMESTAMP_TYPES
from pytest_lambda_events.model.schema_framing import DATA_FORMATS, REGISTRIES
from pytest_lambda_events.sources.kafka.build import kafka_event

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["batches", "headers", "kafka_events", "topics", "values"]


def topics() -> SearchStrategy[str]:
    """Names of topics; hyphens and periods are allowed in them."""
    return st.from_regex(r"[a-zA-Z0-9._-]{1,40}", fullmatch=True).filter(lambda name: name not in (".", ".."))


def values() -> SearchStrategy[Any]:
    """Values: tombstones, bytes that are no text, text, and what becomes JSON."""
    return st.none() | st.binary() | texts() | json_objects()


def headers() -> SearchStrategy[list[tuple[str, Any]]]:
    """Headers; a name may come twice."""
    return st.lists(st.tuples(texts(), st.binary() | texts()), max_size=4)


@st.composite
def batches(draw: st.DrawFn, /, *, max_records: int) -> tuple[list[Any], dict[str, Any]]:
    """Payloads, and what the builders of both kinds of clusters take."""
    payloads = draw(st.lists(values(), min_size=1, max_size=max_records))
    partitions = draw(st.integers(1, 12))
    keys = draw(_so_many(len(payloads), st.none() | st.binary() | texts()))
    chosen = draw(st.none() | _so_many(len(payloads), st.integers(0, partitions - 1)))
    registry = draw(st.none() | st.sampled_from(REGISTRIES))
    drawn = {
        "topic": draw(topics()),
        "seed": draw(seeds()),
        "time": draw(moments()),
        "key": keys.__getitem__,
        "headers": draw(_so_many(len(payloads), headers())).__getitem__,
        "partition": chosen.__getitem__ if chosen is not None else None,
        "partitions": partitions,
        "offset": draw(st.none() | st.integers(0, 2**48)),
        "timestamp_type": draw(_so_many(len(payloads), st.sampled_from(TIMESTAMP_TYPES))).__getitem__,
    }
    if registry is not None:
        drawn["key_schema"] = _of_what_is_there(draw(_schemas(registry)), keys)
        drawn["value_schema"] = _of_what_is_there(draw(_schemas(registry)), payloads)
        drawn["framing"] = draw(st.none() | st.just(registry))
    return payloads, drawn


@st.composite
def kafka_events(draw: st.DrawFn, /, *, max_records: int = 10, **arguments: Any) -> Any:
    """Events of self-managed topics of 1 to `max_records` records in up to twelve partitions.

    `arguments` are `kafka_event`'s, and are not drawn.
    """
    payloads, drawn = draw(batches(max_records=max_records))
    server = st.from_regex(r"[a-z][a-z0-9]{0,20}\.example\.com:9[0-9]{3}", fullmatch=True)
    servers = draw(st.none() | st.lists(server, min_size=1, max_size=3, unique=True))
    return kafka_event(*payloads, **{**drawn, "bootstrap_servers": servers, **arguments})


def _so_many(count: int, strategy: SearchStrategy[Any]) -> SearchStrategy[list[Any]]:
    return st.lists(strategy, min_size=count, max_size=count)


@st.composite
def _schemas(draw: st.DrawFn, /, registry: str) -> dict[str, Any]:
    number = st.integers(0, 2**31 - 1).map(str)
    return {
        "schemaId": draw(st.uuids().map(str) if registry == "glue" else number),
        "dataFormat": draw(st.sampled_from(DATA_FORMATS)),
    }


def _of_what_is_there(schema: dict[str, Any], payloads: list[Any]) -> Any:
    """The schema for each record that has such a payload."""
    return lambda number: None if payloads[number] is None else schema
