"""Hypothesis strategies for S3 Batch Operations' events. The law: everything that the builder takes and S3 allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from pytest_lambda_events.drawing import json_objects, moments, seeds, texts
from pytest_lambda_events.sources.s3_batch.build import s3_batch_event

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["buckets", "keys", "s3_batch_events"]


def keys() -> SearchStrategy[Any]:
    """Keys of objects, and JSON in their place."""
    plain = texts().filter(lambda text: len(text.encode()) <= 1024)  # noqa: PLR2004 - S3's longest key
    small = json_objects().filter(lambda found: len(str(found).encode()) <= 500)  # noqa: PLR2004 - well below, as JSON
    return plain | small


def buckets() -> SearchStrategy[str]:
    """Names of buckets."""
    return st.from_regex(r"[a-w][a-z0-9]{2,20}([.-][a-z0-9]{1,20}){0,2}", fullmatch=True).filter(
        lambda name: not name.startswith("sthree-") and not name.endswith(("-s3alias", ".mrap"))
    )


@st.composite
def s3_batch_events(draw: st.DrawFn, /, **arguments: Any) -> Any:
    """Events of one task. `arguments` are `s3_batch_event`'s, and are not drawn."""
    schema = arguments.get("schema") or draw(st.sampled_from(("1.0", "2.0")))
    named = st.dictionaries(
        st.text("abcXYZ-_", min_size=1, max_size=64), texts().map(lambda text: text[:1024]), max_size=10
    )
    drawn = {
        "bucket": draw(buckets()),
        "version_id": draw(st.none() | st.from_regex(r"[A-Za-z0-9._]{32}", fullmatch=True)),
        "schema": schema,
        "user_arguments": draw(st.none() | named) if schema == "2.0" else None,
        "job_id": draw(st.none() | st.uuids().map(str)),
        "seed": draw(seeds()),
        "time": draw(moments()),
    }
    return s3_batch_event(*draw(st.lists(keys(), max_size=1)), **{**drawn, **arguments})
