"""`lambda-events diff A B`: in what two cassettes, or the traces of two runs, differ. The law: 1 when they do.

What the files are is told by their beginning: a trace says so there, and anything else is taken for a cassette.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.compare import differences
from pytest_lambda_events.cassette.store import load
from pytest_lambda_events.cli.text import paper, say
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.report.trace_file import looks_like_trace, read_trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.report.trace_file import Traced

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    options = _parser().parse_args(list(argv))
    files = (options.one, options.other)
    are_traces = [looks_like_trace(file) for file in files]
    if all(are_traces):
        return _runs(files, options)
    if any(are_traces):
        trace, other = files if are_traces[0] else reversed(files)
        load(other)  # what is no cassette either is said to be that
        raise UsageError(f"{trace} is the trace of a run and {other} a cassette: diff takes two of a kind")
    if options.format != "text" or options.html is not None:
        option = "--html" if options.html is not None else "--format json"
        raise UsageError(f"{option} is for the traces of two runs, and these are cassettes")
    found = list(differences(load(options.one), load(options.other)))
    for line in found:
        say(line)
    return int(bool(found))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lambda-events diff",
        description="Say in what two files differ. Of two cassettes: path by path, into JSON in bodies; when and by "
        "which version they were recorded is no difference. Of the traces of two runs: what became of the records, "
        "the invocations, metrics, advice and mappings; what a seed makes up is no difference. Exit code 1 when there "
        "is one.",
        allow_abbrev=False,
    )
    parser.add_argument("one", metavar="A", help="a cassette, or the trace of a run")
    parser.add_argument("other", metavar="B", help="what to compare it with, of the same kind")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="of traces: text, or one JSON object"
    )
    parser.add_argument("--html", metavar="FILE", help="of traces: write a report of both runs and what changed there")
    return parser


def _runs(files: tuple[str, str], options: argparse.Namespace) -> int:
    from pytest_lambda_events.report.compare.comparing import compare
    from pytest_lambda_events.report.compare.entry import comparison_entry
    from pytest_lambda_events.report.compare.text import told

    before, after = (read_trace(file) for file in files)
    comparison = compare(before.view, after.view)
    names = _names(files)
    if options.format == "json":
        say(comparison_entry(comparison, names))
    else:
        say(told(comparison, width=paper()[0], names=names))
    if options.html is not None:
        _write_page(files, before, after, comparison_entry(comparison, names), options.html)
    return int(not comparison.is_same)


def _write_page(files: tuple[str, str], before: Traced, after: Traced, entry: str, file: str) -> None:
    from pytest_lambda_events.cli.pages import write_page
    from pytest_lambda_events.report.files import seen_from
    from pytest_lambda_events.report.page import ToldTest

    names, page = _names(files), Path(file).absolute()
    told = [
        ToldTest(test=name, outcome="", view=traced.view, trace_file=seen_from(page, Path(trace).absolute()))
        for name, trace, traced in zip(names, files, (before, after), strict=True)
    ]
    write_page(file, told, title=f"{names[0]} and {names[1]}", comparisons=[entry])


def _names(files: tuple[str, str]) -> tuple[str, str]:
    """What the files are called; with their folders where that is what tells them apart."""
    one, other = (Path(file).name for file in files)
    return (one, other) if one != other else files
