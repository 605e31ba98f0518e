"""`lambda-events simulate TEMPLATE`: what would Lambda do? The law: a scenario out of options, run and told; 1 when a
record ends otherwise than it should.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.cli.progress import progress_shown
from pytest_lambda_events.cli.text import add_parameter_option, paper, parameters_of, say
from pytest_lambda_events.errors import RunLimitReached, TemplateWarning
from pytest_lambda_events.harness import Harness
from pytest_lambda_events.model.records import FATES
from pytest_lambda_events.report.files import claim, put, seen_from
from pytest_lambda_events.scenario import differences, located, read_scenario, run_as_json, run_scenario
from pytest_lambda_events.templates.placed import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.scenario import Scenario

__all__ = ["main"]

_WELL = ("processed", "filtered")


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    options = _parser().parse_args(list(argv))
    scenario = read_scenario(located(_given(options), Path(), Place(file="lambda-events simulate")))
    for name in (options.trace, options.html):
        if name is not None:
            claim(Path(name))
    here = os.getcwd()  # noqa: PTH109 - sys.path has texts
    if here not in sys.path:
        sys.path.insert(0, here)
    # what the handler prints is not the answer; what a template has that is not known is worth a line
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always", TemplateWarning)
        run = _run(scenario)
    for text in dict.fromkeys(str(one.message) for one in noted):
        print(f"lambda-events: note: {text}", file=sys.stderr)
    found = differences(scenario, run)
    if options.trace is not None or options.html is not None:
        _write(run, options, "failed" if found else "passed")
    say(json.dumps(run_as_json(run), indent=2, ensure_ascii=False) if options.format == "json" else _story(run))
    for line in found:
        print(f"lambda-events: {line}", file=sys.stderr)
    return 1 if found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lambda-events simulate",
        description="What would Lambda do? Put records into the source of a function's mapping, as a template declares "
        "both, run until nothing more happens, in this process and on virtual time, and tell each record's story. What "
        "the handler prints goes to standard error. Exit code 1 when a record is neither processed nor filtered.",
        allow_abbrev=False,
    )
    parser.add_argument("template", metavar="TEMPLATE", help="SAM, CloudFormation, CDK, Terraform, serverless.yml")
    parser.add_argument("--function", required=True, metavar="ID", help="the function's id in the template")
    parser.add_argument("--event", metavar="NAME", help="which of its mappings, when it has several")
    parser.add_argument(
        "--handler",
        metavar="MODULE:FUNCTION",
        help="the handler; the current folder is looked in first (default: the one that the template names)",
    )
    parser.add_argument(
        "--records",
        required=True,
        metavar="FILE",
        help='one JSON object a line, {"body": …, "at": seconds} and what the source has besides; - is standard input',
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of all identifiers (default: 0)")
    parser.add_argument(
        "--for",
        type=float,
        dest="run_for",
        metavar="SECONDS",
        help="how long to run (default: until nothing more happens)",
    )
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        choices=[fate for fate in FATES if fate not in _WELL],
        help="a fate that is fine, too (repeatable)",
    )
    add_parameter_option(parser)
    parser.add_argument(
        "--trace", metavar="FILE", help="write the run there as a JSON trace, redacted as cassettes are"
    )
    parser.add_argument("--html", metavar="FILE", help="write a report of the run there, to look at in a browser")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="a story, or one JSON object")
    return parser


def _given(options: argparse.Namespace) -> dict[str, Any]:
    """The options as a scenario's keys."""
    names = ("template", "function", "event", "handler", "records", "seed", "run_for", "allow")
    found = {name: getattr(options, name) for name in names}
    found["parameters"] = parameters_of(options) or None
    return {name: value for name, value in found.items() if value is not None}


def _run(scenario: Scenario) -> Run[Any]:
    with Harness(seed=scenario.seed or 0) as harness, progress_shown(harness):
        try:
            return run_scenario(scenario, harness)
        except RunLimitReached as error:  # its records are pending, which is an answer
            print(f"lambda-events: {error}", file=sys.stderr)
            run: Run[Any] = error.run
            return run


def _write(run: Run[Any], options: argparse.Namespace, outcome: str) -> None:
    """Write the trace and the report that are asked for. Errors: `UsageError`."""
    from pytest_lambda_events.cassette.redact import Redactor, rules_from
    from pytest_lambda_events.cli.pages import write_page
    from pytest_lambda_events.report.page import ToldTest
    from pytest_lambda_events.report.redacted import redacted, redacted_for_page
    from pytest_lambda_events.report.trace_file import trace_text
    from pytest_lambda_events.report.view import view_of

    redact = redacted if options.trace is not None else redacted_for_page
    view = redact(view_of(run), Redactor(rules_from(Path.cwd())))
    name = f"{Path(options.template).name}, {options.function}"
    trace = None if options.trace is None else Path(options.trace)
    if trace is not None:
        put(trace, trace_text(view, test=None))
    if options.html is not None:
        link = None if trace is None else seen_from(Path(options.html).absolute(), trace.absolute())
        write_page(options.html, [ToldTest(test=name, outcome=outcome, view=view, trace_file=link)], title=name)


def _story(run: Run[Any]) -> str:
    from pytest_lambda_events.report.terminal.timeline import timeline
    from pytest_lambda_events.report.view import view_of

    width, style = paper()
    return timeline(view_of(run), width=width, style=style)
