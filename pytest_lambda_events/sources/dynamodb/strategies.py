"""Hypothesis strategies for DynamoDB Streams events. The law: all that the builder takes and AWS allows is drawn."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from pytest_lambda_events.drawing import moments, names, regions, seeds, texts
from pytest_lambda_events.model.dynamodb_record import EVENT_NAMES, VIEWS
from pytest_lambda_events.sources.dynamodb.build import dynamodb_event

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["attributes", "dynamodb_events", "items", "numbers"]

_LARGEST = 10**38 - 1


def numbers() -> SearchStrategy[int | float | Decimal]:
    """Numbers that DynamoDB takes: 38 digits, from 1E-130 to 9.99…E+125, either sign, and zero."""
    whole = st.integers(-_LARGEST, _LARGEST)
    scaled = st.builds(lambda digits, power: Decimal(f"{digits}E{power}"), whole, st.integers(-130, 88))
    floats = st.just(0.0) | st.floats(1e-130, 1e125) | st.floats(-1e125, -1e-130)
    return whole | scaled | floats


def attributes() -> SearchStrategy[Any]:
    """Values of every type, nested."""
    scalar = st.none() | st.booleans() | numbers() | st.text(st.characters(codec="utf-8")) | st.binary(max_size=20)
    sets = st.one_of(
        st.sets(texts(), min_size=1, max_size=4),
        st.sets(st.integers(-(10**20), 10**20), min_size=1, max_size=4),
        st.sets(st.binary(max_size=8), min_size=1, max_size=4),
    )
    return st.recursive(
        scalar | sets,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(), inner, max_size=3),
        max_leaves=6,
    )


def items(keys: tuple[str, ...] = ("id",)) -> SearchStrategy[dict[str, Any]]:
    """Plain items with these key attributes, which are strings."""
    key = st.fixed_dictionaries({name: texts() for name in keys})
    others = st.dictionaries(texts().filter(lambda name: name not in keys), attributes(), max_size=5)
    return st.builds(lambda key, others: {**others, **key}, key, others)


@st.composite
def dynamodb_events(draw: st.DrawFn, /, *, max_records: int = 10, **arguments: Any) -> Any:
    """Events of streams of 1 to `max_records` changes. `arguments` are `dynamodb_event`'s, and are not drawn."""
    keys = draw(st.sampled_from((("id",), ("pk", "sk"))))
    drawn = {
        "table": draw(names(200).filter(lambda name: len(name) >= 3)),  # noqa: PLR2004 - AWS's least
        "StreamViewType": draw(st.sampled_from(VIEWS)),
        "region": draw(regions()),
        "seed": draw(seeds()),
        "time": draw(moments()),
        "window": draw(st.none() | st.integers(1, 900)),
    }
    if drawn["window"] is not None:
        drawn["state"] = draw(st.dictionaries(texts(), st.integers() | texts(), max_size=3))
        drawn["is_final"] = draw(st.booleans())
        drawn["terminated_early"] = draw(st.booleans())
    if drawn.get("is_final") or drawn.get("terminated_early"):
        return dynamodb_event(**{**drawn, **arguments})
    changes = draw(st.lists(_changes(keys), min_size=1, max_size=max_records))
    drawn |= {
        "keys": keys,
        "event_name": lambda number: changes[number]["event_name"],
        "old": lambda number: changes[number]["old"],
        "ttl": lambda number: changes[number]["ttl"],
    }
    return dynamodb_event(*(change["item"] for change in changes), **{**drawn, **arguments})


@st.composite
def _changes(draw: st.DrawFn, /, keys: tuple[str, ...]) -> dict[str, Any]:
    """One change: an item, and for a MODIFY one that was different before."""
    name = draw(st.sampled_from(EVENT_NAMES))
    item = draw(items(keys))
    old = None
    if name == "MODIFY":
        item["revision"] = draw(st.integers(2, 1_000))
        old = {**draw(items(keys)), **{key: item[key] for key in keys}, "revision": 1}
    return {"event_name": name, "item": item, "old": old, "ttl": name == "REMOVE" and draw(st.booleans())}
