"""`lambda-events replay CASSETTE --handler MODULE:FUNCTION`: does a handler still do what was recorded? The law:
nothing is written, and no call of the handler leaves the machine.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.cassette.codec import outcome_json
from pytest_lambda_events.cassette.model import Returned
from pytest_lambda_events.cassette.replaying import replay
from pytest_lambda_events.cassette.store import load
from pytest_lambda_events.cli.text import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.cassette.model import HttpCall
    from pytest_lambda_events.cassette.replaying import Replayed

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command: 1 when the handler does otherwise, or raises where nothing was recorded."""
    parser = argparse.ArgumentParser(
        prog="lambda-events replay",
        description="Hand the events of a cassette to a handler, in this process, and compare how it ends with how it "
        "ended when they were recorded. Its HTTP calls to third parties are answered as they were then. What the "
        "handler prints goes to standard error. Exit code 1 when something is different.",
        allow_abbrev=False,
    )
    parser.add_argument("cassette", metavar="CASSETTE", help="the file")
    parser.add_argument(
        "--handler", required=True, metavar="MODULE:FUNCTION", help="the handler; the current folder is looked in first"
    )
    parser.add_argument(
        "--event", action="append", type=int, metavar="N", help="only this event, counted from 0; may be given again"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text, or one JSON object an event")
    options = parser.parse_args(list(argv))
    path = Path(options.cassette)
    cassette = load(path)
    here = os.getcwd()  # noqa: PTH109 - sys.path has texts
    if here not in sys.path:
        sys.path.insert(0, here)
    with contextlib.redirect_stdout(sys.stderr):
        found = replay(cassette, options.handler, events=options.event, name=path.name)
    for one in found:
        say(json.dumps(_json(one), ensure_ascii=False) if options.format == "json" else _text(one))
    return 0 if all(one.same for one in found) else 1


def _text(one: Replayed) -> str:
    told = [one.difference] if one.difference else [f"{one.name}: {_same(one)}"]
    return "\n".join([*told, *(f"{one.name}: not called now: {_called(call)}" for call in one.unused)])


def _same(one: Replayed) -> str:
    ended = "returned" if isinstance(one.outcome, Returned) else f"raised {one.outcome.type}"
    return f"{ended}, and nothing was recorded to compare with" if one.recorded is None else f"the same ({ended})"


def _json(one: Replayed) -> dict[str, Any]:
    return {
        "event": one.event,
        "same": one.same,
        "outcome": outcome_json(one.outcome),
        "recorded": None if one.recorded is None else outcome_json(one.recorded),
        "refused": list(one.refused),
        "unused": [_called(call) for call in one.unused],
        "difference": one.difference,
    }


def _called(call: HttpCall) -> str:
    return f"{call.request.method} {call.request.url}"
