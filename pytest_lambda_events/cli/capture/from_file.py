"""`lambda-events capture from-file FILE… --out CASSETTE`: of saved and logged events. The law: a cassette, a source."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.capture.finding import Finder
from pytest_lambda_events.cassette.codec import is_second
from pytest_lambda_events.cassette.making import new_cassette
from pytest_lambda_events.cli.capture.running import note
from pytest_lambda_events.cli.cassettes import add_output_options, put, redactor_of, rules_of
from pytest_lambda_events.cli.text import STDIN, read_text
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.sources import SOURCES, identify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.cassette.model import Interaction

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="lambda-events capture from-file",
        description="Make a cassette of events that somebody saved, pasted or logged. A file holds JSON (an event, a "
        "list, one a line, or other JSON with events in it), lines of CloudWatch Logs that have events in them, as "
        "text or as its console and CLI export them, what print(event) wrote, or what the decorator of `lambda-events "
        "capture handler` wrote (then with the outcome).",
        allow_abbrev=False,
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a file, or - for standard input")
    add_output_options(parser)
    parser.add_argument("--source", choices=[source.name for source in SOURCES], help="only events of this source")
    parser.add_argument("--note", action="append", default=[], metavar="TEXT", help="a sentence for people, kept in it")
    parser.add_argument("--recorded-at", metavar="TIME", help="when it was captured, as 2025-01-01T00:00:00Z (now)")
    options = parser.parse_args(list(argv))
    if options.recorded_at is not None and not is_second(options.recorded_at):
        raise UsageError(f"--recorded-at {options.recorded_at}: write a time in UTC such as 2025-01-01T00:00:00Z")
    source, interactions = _found(options)
    cassette = new_cassette(
        source,
        interactions,
        how="stdin" if options.files == [STDIN] else "file",
        notes=options.note,
        recorded_at=options.recorded_at,
    )
    if options.no_redact:
        put(cassette, options, rules_of(options))
    else:
        redactor = redactor_of(options)
        put(redactor.redacted(cassette), options, redactor.rules)
    return 0


def _found(options: argparse.Namespace) -> tuple[str, list[Interaction]]:
    """The events of one source in all files. Errors: `UsageError` for none, and for several sources."""
    found: list[tuple[str, Interaction]] = []
    for name in options.files:
        finder = Finder()
        finder.read(read_text(name))
        for sentence in finder.dropped:
            note(f"left out: {sentence}", warn=True)
        if not finder.found:
            raise UsageError(
                f"{'standard input' if name == STDIN else name} has no event in it: neither JSON of a source that "
                "`lambda-events generate --help` lists, nor a line that has one. `lambda-events validate` says what "
                "is wrong with what is nearly one"
            )
        found += [(identify(one.event).name, one) for one in finder.found]
    names = list(dict.fromkeys(name for name, _ in found))
    if options.source is None and len(names) > 1:
        raise UsageError(
            f"there are events of {' and '.join(names)}, and a cassette has one source: choose by --source"
        )
    source = options.source or names[0]
    interactions = [one for name, one in found if name == source]
    if not interactions:
        raise UsageError(f"there is no event of {source}, only of {', '.join(names)}")
    return source, interactions
