"""`lambda-events show FILE`: a cassette or a trace, for people. The law: paged on a terminal, plain in a pipe."""

from __future__ import annotations

import argparse
import json
import os
import pydoc
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.cli.text import paper, say
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.report.trace_file import looks_like_trace, read_trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.report.trace_file import Traced

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="lambda-events show",
        description="Show what is in a cassette (payloads without what is wrapped around them, what the handler made "
        "of them, and its HTTP calls) or in a trace (what happened to each record and when, as a failing test shows "
        "it). On a terminal through a pager ($PAGER).",
        allow_abbrev=False,
    )
    parser.add_argument("file", metavar="FILE", help="a cassette, or a trace")
    parser.add_argument("--full", action="store_true", help="cut nothing")
    parser.add_argument(
        "--event",
        type=int,
        metavar="N",
        help="print as JSON, and nothing else: event N (from 0) of a cassette, or that of invocation #N of a trace",
    )
    parser.add_argument("--html", metavar="PAGE", help="of a trace: write a report there, to look at in a browser")
    parser.add_argument("--no-pager", action="store_true", help="print, also on a terminal")
    options = parser.parse_args(list(argv))
    if not Path(options.file).exists():
        raise UsageError(f"{options.file}: there is no such file")
    tell = _of_trace if looks_like_trace(options.file) else _of_cassette
    text = tell(options)
    if _is_paged(options):
        os.environ.setdefault("LESS", "FRX")  # as git has it: colours are colours, and what fits is not paged
        pydoc.pager(text)
    else:
        say(text)
    return 0


def _is_paged(options: argparse.Namespace) -> bool:
    return sys.stdout.isatty() and not options.no_pager


def _pages_colours() -> bool:
    """Whether the pager is `less`; others may show the codes of colours as they are written."""
    pager = os.environ.get("MANPAGER") or os.environ.get("PAGER") or ("less" if shutil.which("less") else "more")
    return Path(pager.split()[0]).stem == "less" and "LESS" not in os.environ


def _of_cassette(options: argparse.Namespace) -> str:
    from pytest_lambda_events.cassette.json_text import pretty
    from pytest_lambda_events.cassette.show import shown
    from pytest_lambda_events.cassette.store import load

    if options.html is not None:
        raise UsageError(f"--html is for traces, and {options.file} is none")
    cassette = load(options.file)
    if options.event is None:
        return "\n".join(shown(cassette, options.file, full=options.full))
    count = len(cassette.interactions)
    if not 0 <= options.event < count:
        raise UsageError(f"--event {options.event}: {options.file} has {count} events, counted from 0")
    return pretty(cassette.interactions[options.event].event)


def _of_trace(options: argparse.Namespace) -> str:
    from pytest_lambda_events.report.terminal.style import PLAIN
    from pytest_lambda_events.report.terminal.timeline import timeline

    traced = read_trace(options.file)
    if options.html is not None:
        _write_page(traced, options)
    if options.event is not None:
        return json.dumps(_event(traced, options), indent=2, ensure_ascii=False)
    view = traced.view
    width, style = paper()
    most = len(view.records) if options.full else 20
    head = f"{traced.test or options.file}, seed {view.seed}"
    if _is_paged(options) and not _pages_colours():
        style = PLAIN
    return f"{head}\n\n{timeline(view, width=width, most_records=max(most, 1), style=style)}"


def _write_page(traced: Traced, options: argparse.Namespace) -> None:
    from pytest_lambda_events.cli.pages import write_page
    from pytest_lambda_events.report.files import seen_from
    from pytest_lambda_events.report.page import ToldTest

    title = traced.test or Path(options.file).name
    trace = seen_from(Path(options.html).absolute(), Path(options.file).absolute())
    write_page(options.html, [ToldTest(test=title, outcome="", view=traced.view, trace_file=trace)], title=title)


def _event(traced: Traced, options: argparse.Namespace) -> Any:
    calls = {call.number: call for call in traced.view.calls if call.number is not None}
    call = calls.get(options.event)
    if call is None:
        there = f"invocations #1 to #{max(calls)}" if calls else "no invocations"
        raise UsageError(f"--event {options.event}: {options.file} has {there}")
    if not call.event_text:
        raise UsageError(f"--event {options.event}: the event of this invocation was left out of {options.file}")
    return json.loads(call.event_text)
