"""`lambda-events validate FILE…`: what is wrong with events, responses, cassettes. The law: told apart by content."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.cassette.check import check_cassette, is_cassette_file
from pytest_lambda_events.cassette.codec import is_cassette
from pytest_lambda_events.cli.text import json_values, say
from pytest_lambda_events.errors import UnknownEvent, UsageError
from pytest_lambda_events.sources import identify, validate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.findings import Finding

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command: 1 when there is an error, or with --strict anything at all."""
    parser = argparse.ArgumentParser(
        prog="lambda-events validate",
        description="Say what is wrong with events (and with responses to them) and with cassettes, where, and what "
        "was expected. A file holds a cassette, one JSON value, or one a line.",
        allow_abbrev=False,
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a file, or - for standard input")
    parser.add_argument("--event", metavar="FILE", help="the event that the responses in FILE answer")
    parser.add_argument("--strict", action="store_true", help="notes count as errors")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text, or one JSON object a value")
    options = parser.parse_args(list(argv))
    answered = _single(options.event) if options.event is not None else None
    worst = 0
    for name in options.files:
        if answered is None and is_cassette_file(name):
            findings = check_cassette(name)
            _print(name, "cassette", findings, options.format)
            worst |= _counts(findings, strict=options.strict)
            continue
        values = json_values(name)
        for number, value in enumerate(values, 1):
            label = name if len(values) == 1 else f"{name}:{number}"
            kind, findings = _checked(value, answered)
            _print(label, kind, findings, options.format)
            worst |= _counts(findings, strict=options.strict)
    return worst


def _counts(findings: Sequence[Finding], *, strict: bool) -> int:
    """The exit code that these findings make."""
    return int(any(strict or one.severity == "error" for one in findings))


def _single(name: str) -> Any:
    values = json_values(name)
    if len(values) != 1:
        raise UsageError(f"--event {name} holds {len(values)} values, and a response answers one event")
    return values[0]


def _checked(value: Any, answered: Any) -> tuple[str, list[Finding]]:
    """What the value is, and what is wrong with it."""
    from pytest_lambda_events.responses import check_response, looks_like_response

    if is_cassette(value):
        raise UsageError("this is a cassette: name its file, because there may be lines beside it")
    if answered is not None:
        return f"response to {_kind(answered)}", check_response(answered, value)
    if looks_like_response(value):
        raise UsageError("this is a response, not an event: name the event that it answers with --event FILE")
    return _kind(value), validate(value)


def _kind(event: Any) -> str:
    try:
        return identify(event).name
    except UnknownEvent as error:
        return f"unknown, most like {error.nearest}" if error.nearest else "unknown"


def _print(label: str, kind: str, findings: list[Finding], form: str) -> None:
    if form == "json":
        say(
            json.dumps({"file": label, "kind": kind, "findings": [asdict(one) for one in findings]}, ensure_ascii=False)
        )
        return
    errors = sum(one.severity == "error" for one in findings)
    told = "well formed" if not findings else f"{_counted(errors, 'error')}, {_counted(len(findings) - errors, 'note')}"
    say(f"{label}: {kind}: {told}")
    for one in findings:
        say(f"  {one}")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
