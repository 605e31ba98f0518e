"""`lambda-events diff A B`: in what two cassettes, or the traces of two runs, differ. The law: 1 when they do.

What the files are is told by their beginning: a trace says so there, and anything else is taken for a cassette.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.cassette.compare import differences
from pytest_lambda_events.cassette.store import load
from pytest_lambda_events.cli.text import say
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.report.trace_file import looks_like_trace, read_trace

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_WIDTH: Final = 100


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
    if options.format != "text":
        raise UsageError("--format json is for the traces of two runs, and these are cassettes")
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
    return parser


def _runs(files: tuple[str, str], options: argparse.Namespace) -> int:
    from pytest_lambda_events.report.compare_json import comparison_entry
    from pytest_lambda_events.report.compare_text import told
    from pytest_lambda_events.report.comparing import compare

    before, after = (read_trace(file) for file in files)
    comparison = compare(before.view, after.view)
    names = _names(files)
    if options.format == "json":
        say(comparison_entry(comparison, names))
    else:
        width = shutil.get_terminal_size((_WIDTH, 24)).columns if _is_terminal() else _WIDTH
        say(told(comparison, width=width, names=names))
    return int(not comparison.is_same)


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _names(files: tuple[str, str]) -> tuple[str, str]:
    """What the files are called; with their folders where that is what tells them apart."""
    one, other = (Path(file).name for file in files)
    return (one, other) if one != other else files
