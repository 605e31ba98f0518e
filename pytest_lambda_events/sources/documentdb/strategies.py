"""Hypothesis strategies for DocumentDB events. The law: all that the builder takes and MongoDB stores is drawn."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from pytest_lambda_events.drawing import moments, regions, seeds, texts
from pytest_lambda_events.model.paths import ABSENT
from pytest_lambda_events.sources.documentdb.build import documentdb_event

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["documentdb_events", "documents", "updates", "values"]


def values() -> SearchStrategy[Any]:
    """Values of fields: those of JSON, and those that extended JSON adds."""
    scalars = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(),
        texts(),
        st.binary(max_size=20),
        st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1)),  # noqa: DTZ001 - naive is UTC
        st.uuids(),
        st.decimals(places=2, allow_nan=False, min_value=-(10**20), max_value=10**20),
        st.binary(min_size=12, max_size=12).map(lambda raw: {"$oid": raw.hex()}),
    )
    return st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(fields(), inner, max_size=3), max_leaves=5
    )


def fields() -> SearchStrategy[str]:
    """Names of fields that stand well in a dotted path."""
    return st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,15}", fullmatch=True)


def documents() -> SearchStrategy[dict[str, Any]]:
    """Documents, without _id."""
    return st.dictionaries(fields(), values(), max_size=5)


def updates() -> SearchStrategy[dict[str, Any]]:
    """What an update changes."""
    return st.dictionaries(fields(), values() | st.just(ABSENT), min_size=1, max_size=4)


@st.composite
def documentdb_events(draw: st.DrawFn, /, *, max_records: int = 10, **arguments: Any) -> Any:
    """Events of 1 to `max_records` changes. `arguments` are `documentdb_event`'s, and are not drawn."""
    payloads = draw(st.lists(documents(), min_size=1, max_size=max_records))
    kinds = draw(_operations(len(payloads)))
    changes = [draw(updates()) if kind == "update" else None for kind in kinds]
    drawn = {
        "collection": f"{draw(fields())}.{draw(fields())}",
        "cluster": draw(st.from_regex(r"[a-z](-?[a-z0-9]){0,20}", fullmatch=True)),
        "region": draw(regions()),
        "seed": draw(seeds()),
        "time": draw(moments()),
        "operation": kinds.__getitem__,
        "changes": changes.__getitem__,
        "to": lambda number: "moved.away" if kinds[number] == "rename" else None,
        "FullDocument": draw(st.sampled_from(("Default", "UpdateLookup"))),
    }
    given = [payload if kind in _OF_DOCUMENTS else None for payload, kind in zip(payloads, kinds, strict=True)]
    return documentdb_event(*given, **{**drawn, **arguments})


_ENDS = ((), ("drop",), ("rename",), ("dropDatabase",), ("drop", "invalidate"), ("invalidate",))
_OF_DOCUMENTS = ("insert", "update", "replace", "delete")


@st.composite
def _operations(draw: st.DrawFn, /, many: int) -> list[str]:
    """So many operations in an order that can be: what ends the collection comes last, and an invalidate after it."""
    kinds = draw(st.lists(st.sampled_from(_OF_DOCUMENTS), min_size=many, max_size=many))
    end = draw(
        st.sampled_from(((), ("drop",), ("rename",), ("dropDatabase",), ("drop", "invalidate"), ("invalidate",)))
    )
    return [*kinds, *end][-many:]
