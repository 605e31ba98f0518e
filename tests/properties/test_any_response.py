"""Whatever a handler returns, the loop goes on: each response maps to one outcome, and no record is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_lambda_events import Harness

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = st.sampled_from(["batchItemFailures", "itemIdentifier", "BatchItemFailures", "state", "x"])
IDS = st.sampled_from(["first", "second", "nobody", "", 7, None])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | IDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(KEYS, inner, max_size=3)
        | st.tuples(inner)
        | st.sets(st.integers(), max_size=2)
    ),
    max_leaves=12,
)
LIKELY = st.fixed_dictionaries(
    {"batchItemFailures": st.lists(st.fixed_dictionaries({"itemIdentifier": IDS}) | ANYTHING, max_size=3)}
)


@pytest.fixture(scope="module")
def aws() -> Iterator[Harness]:
    """One world for all examples; each has a queue and a mapping of its own."""
    with Harness() as harness:
        yield harness


def _with_ids(value: Any, ids: list[str]) -> Any:
    """The response with the identifiers of this batch in the place of their names."""
    if isinstance(value, dict):
        return {key: _with_ids(one, ids) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_ids(one, ids) for one in value]
    return {"first": ids[0], "second": ids[-1]}.get(value, value) if isinstance(value, str) else value


@settings(max_examples=settings().max_examples * 3 // 2, suppress_health_check=[HealthCheck.too_slow])
@given(response=ANYTHING | LIKELY, reports=st.booleans())
def test_any_response_is_an_outcome(aws: Harness, response: Any, reports: bool) -> None:
    """And every record has exactly one fate afterwards."""
    queue = aws.sqs_queue(maxReceiveCount=1)
    types = {"FunctionResponseTypes": ["ReportBatchItemFailures"]} if reports else {}
    mapping = aws.event_source_mapping(
        queue,
        lambda event, _context: _with_ids(response, [record["messageId"] for record in event["Records"]]),
        function={"FunctionName": queue.name},
        **types,
    )
    sent = queue.send("a", "b")
    run = mapping.run_until_idle()
    (call,) = run.invocations
    assert call.outcome in ("success", "partial", "malformed")
    assert sorted(record.id for record in (*run.processed, *run.dead_lettered)) == sorted(one.id for one in sent)
    if not _is_json(response):
        assert call.outcome == "malformed"
    elif not reports:
        assert call.outcome == "success"
    mapping.delete()


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True
