"""PLACEHOLDER, to be replaced when the branch of the trace file is merged. The law: the same signatures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_lambda_events.report.view import RecordView, RunView

if TYPE_CHECKING:
    import os

__all__ = ["Traced", "read_trace", "trace_text"]

_KEPT = ("id", "kind", "brief", "fate")


class Traced(NamedTuple):
    """What is in a trace file."""

    view: RunView
    test: str | None


def trace_text(view: RunView, *, test: str | None) -> str:
    """A run as JSON."""
    records = [{name: getattr(record, name) for name in _KEPT} for record in view.records]
    return json.dumps({"test": test, "seed": view.seed, "records": records})


def read_trace(path: str | os.PathLike[str]) -> Traced:
    """The run in a file."""
    tree = json.loads(Path(path).read_text(encoding="utf-8"))
    records = [
        RecordView(**one, payload={}, destination=None, sources=(), attempts=(), receives=()) for one in tree["records"]
    ]
    view = RunView(
        seed=tree["seed"],
        start_ms=0,
        elapsed=0,
        is_live=False,
        records=tuple(records),
        calls=(),
        steps=(),
        metrics={},
        advice=(),
        mappings={},
    )
    return Traced(view, tree["test"])
