"""What the live kinds of capture share: their options, signals, progress and report. The law: stdout says the files."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.cassette.capture.aws import Account
from pytest_lambda_events.cassette.capture.batches import interactions
from pytest_lambda_events.cassette.capture.saving import Target, default_path
from pytest_lambda_events.cassette.capture.session import capture
from pytest_lambda_events.cassette.capture.waiting import Patience
from pytest_lambda_events.cli.cassettes import add_output_options, redactor_of, rules_of
from pytest_lambda_events.cli.text import fail, positive, read_text, say
from pytest_lambda_events.clock.virtual import parse_start
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.filters import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lambda_events.cassette.capture.shards import Start
    from pytest_lambda_events.cassette.capture.taps import Tap

__all__ = [
    "INTERRUPTED",
    "Progress",
    "account_of",
    "captured",
    "filter_text",
    "interruptible",
    "live_parser",
    "note",
    "reported",
    "start_of",
    "target_of",
    "with_aws",
]

INTERRUPTED = 130


def live_parser(kind: str, description: str, *, batch: int | None) -> argparse.ArgumentParser:
    """A parser with the options that all live kinds have; `batch` is the size of events, None where there are none."""
    parser = argparse.ArgumentParser(
        prog=f"lambda-events capture {kind}",
        description=description,
        # a description of several lines is a list, and stays one
        formatter_class=argparse.RawDescriptionHelpFormatter if "\n" in description else argparse.HelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--count", type=positive, default=100, metavar="N", help="capture at most so many (default: 100)"
    )
    parser.add_argument(
        "--for",
        dest="seconds",
        type=_seconds,
        metavar="SECONDS",
        help="go on for so long, and wait for what comes; without it, take what is there and end",
    )
    parser.add_argument("--filter", metavar="JSON|@FILE", help="only records that pass this filter pattern of Lambda's")
    if batch is not None:
        parser.add_argument(
            "--batch-size",
            type=positive,
            default=batch,
            metavar="N",
            help=f"records in an event, as the mapping's BatchSize (default: {batch})",
        )
    add_output_options(parser, default="cassettes/SOURCE/NAME.json")
    return parser


def with_aws(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The same with the options of boto3's session."""
    parser.add_argument("--profile", help="a profile of the AWS configuration (default: as boto3 finds it)")
    parser.add_argument("--region", help="the region (default: as boto3 finds it)")
    parser.add_argument("--endpoint-url", metavar="URL", help="another endpoint, such as an emulator's")
    return parser


def account_of(options: argparse.Namespace) -> Account:
    """What `with_aws` was given."""
    return Account(profile=options.profile, region=options.region, endpoint_url=options.endpoint_url)


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 86_400:  # noqa: PLR2004 - a day
        raise argparse.ArgumentTypeError(f"{text}: 0 to 86400 seconds")
    return number


def target_of(options: argparse.Namespace, source: str, name: str) -> Target:
    """Where the capture goes. Errors: `UsageError` for rules or a key that cannot be used; as `Target`."""
    redactor = None if options.no_redact else redactor_of(options)
    return Target(
        path=default_path(source, name) if options.out is None else Path(options.out),
        rules=rules_of(options) if redactor is None else redactor.rules,
        redactor=redactor,
        force=options.force,
        max_bytes=options.max_bytes,
    )


def start_of(options: argparse.Namespace) -> Start | int:
    """Where --from begins: oldest, latest, or a moment in epoch milliseconds. Errors: `UsageError`."""
    given: str = options.start
    if given == "oldest":
        return "oldest"
    if given != "latest":
        return parse_start(given, "--from")
    if options.seconds is None:
        raise UsageError("--from latest shows what is yet to come: say how long to wait for it with --for SECONDS")
    return "latest"


# -- a capture ---------------------------------------------------------------------------------------------------------


def captured(options: argparse.Namespace, tap: Tap) -> int:
    """Capture from a tap and write a cassette; the exit code."""
    try:
        target = target_of(options, tap.source, tap.name)
        passes = compiled(filter_text(options), tap.source) if options.filter is not None else lambda _: True
    except BaseException:
        tap.close()
        raise
    patience = Patience(options.seconds)
    progress = Progress(patience)
    with interruptible(patience):
        ending = capture(tap, most=options.count, patience=patience, passes=passes, tell=progress.tell)
        progress.end()
        for sentence in ending.closed.told:
            note(sentence, warn=not ending.closed.sound)
        files: Sequence[Path] = ()
        if ending.taken:
            found = interactions(tap, ending.taken, options.batch_size)
            told = (
                f"{tap.name}: {len(ending.taken)} of {ending.seen} records, in events of at most {options.batch_size}; "
                "Lambda would batch them its own way"
            )
            files = target.save(found, source=tap.source, how=tap.source, notes=[told])
            note(f"{_counted(len(ending.taken), 'record')} in {_counted(len(found), 'event')}")
    return reported(files, ending.problem, patience, seen=ending.seen)


def reported(files: Sequence[Path], problem: Exception | None, patience: Patience, *, seen: int) -> int:
    """Say what was written, and what was not; the exit code."""
    for file in files:
        say(str(file))
    if problem is not None:
        return fail(f"the capture broke off: {problem}")
    if patience.interrupted:
        return INTERRUPTED
    if not files:
        note(f"nothing was captured, and nothing was written ({_counted(seen, 'record')} seen)")
        return 1
    return 0


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def filter_text(options: argparse.Namespace) -> str:
    """The pattern that --filter gives. Errors: `UsageError` for a file that cannot be read."""
    given: str = options.filter
    return read_text(given[1:]) if given.startswith("@") else given


def note(text: str, *, warn: bool = False) -> None:
    """Say something on stderr."""
    print(f"lambda-events: {'warning: ' if warn else ''}{text}", file=sys.stderr)


class Progress:
    """A line on stderr that changes, on a terminal only."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._shown = sys.stderr.isatty()

    def tell(self, taken: int, seen: int) -> None:
        """So many were taken of so many."""
        if self._shown:
            print(f"\r{taken} of {seen} seen, {self._patience.passed:.0f} s ", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if self._shown:
            print(file=sys.stderr)


@contextmanager
def interruptible(patience: Patience) -> Iterator[None]:
    """Ctrl-C, or a polite request to end, ends the capture after the call that runs now; a second Ctrl-C at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def asked(number: int, _frame: Any) -> None:
        if patience.interrupted and number == signal.SIGINT:
            raise KeyboardInterrupt
        patience.interrupt()

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
