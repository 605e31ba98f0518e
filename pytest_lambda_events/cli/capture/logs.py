"""`lambda-events capture logs GROUP`: events that a function wrote into its log group."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.capture.logs import read_logs
from pytest_lambda_events.cassette.capture.waiting import Patience
from pytest_lambda_events.cli.capture.running import (
    Progress,
    account_of,
    filter_text,
    interruptible,
    live_parser,
    note,
    reported,
    target_of,
    with_aws,
)
from pytest_lambda_events.clock.virtual import parse_start
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.filtering.formats import PAYLOADS
from pytest_lambda_events.filters import compiled, matches, records_in
from pytest_lambda_events.sources import SOURCES, identify

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_lambda_events.cassette.capture.logs import LogReading
    from pytest_lambda_events.cassette.model import Interaction

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    options = _parser().parse_args(list(argv))
    pattern = filter_text(options) if options.filter is not None else None
    if pattern is not None and options.source is not None:
        compiled(pattern, options.source)  # refused before anything is read
    name = options.group.rpartition(":log-group:")[2].removesuffix(":*").strip("/").rpartition("/")[2]
    target = target_of(options, options.source or "logs", name)
    patience = Patience(options.seconds)
    progress = Progress(patience)
    without_filters: set[str] = set()

    def passes(one: Interaction) -> bool:
        source = identify(one.event)
        if options.source not in (None, source.name):
            return False
        if pattern is None:
            return True
        if source.name not in PAYLOADS:
            without_filters.add(source.title)
            return False
        return any(matches(pattern, record, source=source.name) for _, record in records_in(one.event)[1])

    with interruptible(patience):
        reading = read_logs(
            account_of(options),
            options.group,
            most=options.count,
            patience=patience,
            since_ms=None if options.since is None else parse_start(options.since, "--since"),
            until_ms=None if options.until is None else parse_start(options.until, "--until"),
            pattern=options.pattern,
            streams=options.streams,
            passes=passes,
            tell=progress.tell,
        )
        progress.end()
        _say_what_is_missing(reading)
        for title in sorted(without_filters):
            note(f"left out: events of {title}, which has no filters", warn=True)
        files: Sequence[Path] = ()
        if reading.found:
            notes = [f"{name}: {len(reading.found)} events in {reading.messages} messages of the log"]
            files = target.save(reading.found, source=_one_source(reading.found), how="logs", notes=notes)
            note(notes[0])
    return reported(files, reading.problem, patience, seen=reading.messages)


def _parser() -> argparse.ArgumentParser:
    parser = with_aws(
        live_parser(
            "logs",
            "Find events in a CloudWatch log group: what `lambda_capture` wrote (see `lambda-events capture handler`), "
            "with the outcome, and events that a function printed itself, as JSON or as Python prints a dict.",
            batch=None,
        )
    )
    parser.add_argument("group", metavar="GROUP", help="the log group, such as /aws/lambda/orders, or its ARN")
    parser.add_argument("--since", metavar="TIME", help="from when on, ISO 8601 (default: all there is)")
    parser.add_argument("--until", metavar="TIME", help="until when, ISO 8601")
    parser.add_argument("--pattern", help="a filter pattern of CloudWatch Logs, to read less")
    parser.add_argument("--streams", metavar="PREFIX", help="only log streams whose names begin so")
    names = [source.name for source in SOURCES]
    parser.add_argument("--source", choices=names, help="only events of this source: a cassette has one")
    return parser


def _one_source(found: Sequence[Interaction]) -> str:
    """Whose events these are. Errors: `UsageError` for several sources', since a cassette has one."""
    counts = Counter(identify(one.event).name for one in found)
    if len(counts) > 1:
        told = ", ".join(f"{number} of {name}" for name, number in counts.items())
        raise UsageError(f"the log has events of several sources ({told}): choose one with --source")
    return next(iter(counts))


def _say_what_is_missing(reading: LogReading) -> None:
    for sentence, number in Counter(reading.dropped).items():
        note(f"left out: {sentence}{f' ({number} times)' if number > 1 else ''}", warn=True)
    if reading.unfinished:
        note(f"{reading.unfinished} captures lack some of their lines: widen --since and --until", warn=True)
