"""What the capture decorator costs a handler, against dumping its event once."""

from __future__ import annotations

import json
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Bar, compared, seconds
from pytest_lambda_events.cassette.capture.lambda_capture import capture
from pytest_lambda_events.events import sqs_event

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER = 2_000
_OFTEN = 200_000


def _handler(event: Any, context: Any) -> Any:
    return {"batchItemFailures": []}


def run() -> Iterator[Bar]:
    """An event of ten messages, captured into a file; and one that is not in the sample."""
    event = sqs_event({"order": 1, "note": "x" * 200}, count=10)
    bare = seconds(lambda: _handler(event, None), number=_OFTEN)
    with tempfile.TemporaryDirectory() as folder:
        target = f"file:{Path(folder) / 'events.jsonl'}"
        always, seldom = capture(_handler, to=target), capture(_handler, to=target, rate=1e-12)
        dump = partial(json.dumps, event, separators=(",", ":"))
        with_it, once = compared(lambda: always(event, None), dump, number=_NUMBER)
        without = seconds(lambda: seldom(event, None), number=_OFTEN) - bare
    detail = f"{with_it * 1e6:.0f} µs against {once * 1e6:.0f} µs"
    yield Bar(
        what="capturing ten messages into a file against dumping them",
        measured=(with_it - bare) / once,
        most=3,
        detail=detail,
    )
    detail = f"{without * 1e6:.2f} µs more for each invocation"
    yield Bar(what="an invocation that is not in the sample", measured=without * 1e6, most=2, unit=" µs", detail=detail)
    yield Bar(
        what="without LAMBDA_CAPTURE_TO", measured=float(capture(_handler, to="") is not _handler), most=0, unit=""
    )
