"""Hypothesis strategies for Kinesis events. The law: everything that the builder takes and AWS allows is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from pytest_lambda_events.drawing import json_objects, moments, names, regions, seeds, texts
from pytest_lambda_events.model.aggregated import MAGIC
from pytest_lambda_events.sources.kinesis.build import kinesis_event

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["kinesis_events", "partition_keys", "payloads", "windows"]

_LONGEST_KEY = 256


def payloads() -> SearchStrategy[Any]:
    """Data that a record takes: text, bytes (none at all included), or anything that becomes JSON.

    Bytes that begin like an aggregated record and are none are left out: Kinesis takes them, and nobody puts them.
    """
    return texts() | st.binary().filter(lambda data: not data.startswith(MAGIC)) | json_objects()


def partition_keys() -> SearchStrategy[str]:
    """Partition keys of 1 to 256 characters, of any script."""
    return st.text(st.characters(codec="utf-8"), min_size=1, max_size=_LONGEST_KEY)


@st.composite
def windows(draw: st.DrawFn, /) -> dict[str, Any]:
    """What the builder takes of a tumbling window, mostly nothing; a final invocation among them."""
    if draw(st.booleans()):
        return {}
    final = draw(st.booleans())
    return {
        "window": draw(st.integers(1, 900)),
        "state": draw(st.none() | json_objects()),
        "is_final": final,
        "terminated_early": final and draw(st.booleans()),
    }


@st.composite
def kinesis_events(draw: st.DrawFn, /, *, max_records: int = 10, **arguments: Any) -> Any:
    """Events of 1 to `max_records` records of one shard; of none for the last invocation for a tumbling window.

    `arguments` are `kinesis_event`'s, and are not drawn.
    """
    drawn = {
        "region": draw(regions()),
        "seed": draw(seeds()),
        "time": draw(moments()),
        "stream": draw(names()),
        "shard": draw(st.integers(0, 9_999)),
        "role": draw(names() | st.builds("{}/{}".format, names(), names())),
        "consumer": draw(st.none() | names()),
        "explicit_hash_key": draw(st.none() | st.integers(0, 2**128 - 1)),
        "aggregate": draw(st.booleans()),
        **draw(windows()),
        **arguments,
    }
    final = drawn.get("is_final") or drawn.get("terminated_early")
    data = [] if final else draw(st.lists(payloads(), min_size=1, max_size=max_records))
    if "partition_key" not in drawn and draw(st.booleans()):
        keys = draw(st.lists(partition_keys(), min_size=len(data), max_size=len(data)))
        drawn["partition_key"] = keys.__getitem__
    return kinesis_event(*data, **drawn)
