"""`lambda-events match --pattern PATTERN EVENT…`: which records pass a filter. The law: 1 when none does."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.cli.text import json_values, read_text, say
from pytest_lambda_events.errors import UnknownEvent, UsageError
from pytest_lambda_events.filtering.formats import PAYLOADS
from pytest_lambda_events.filters import InvalidPattern, explain, records_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lambda_events.filtering.explaining import Explanation

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="lambda-events match",
        description="Say which records of events pass the filters of a mapping. A file holds events of a source, or "
        "with --source single records, one JSON value or one a line. Exit code 1 when no record passes.",
        allow_abbrev=False,
    )
    parser.add_argument("files", nargs="+", metavar="EVENT", help="a file, or - for standard input")
    parser.add_argument("--source", choices=list(PAYLOADS), help="whose events or records these are (else: told apart)")
    parser.add_argument(
        "--pattern",
        required=True,
        action="append",
        metavar="JSON|@FILE",
        help="a filter pattern; with several, a record passes that any lets pass",
    )
    parser.add_argument("--explain", action="store_true", help="say which clause failed on which value")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text, or one JSON object a record")
    options = parser.parse_args(list(argv))
    patterns = [read_text(one[1:]) if one.startswith("@") else one for one in options.pattern]
    passed = 0
    for name in options.files:
        for path, source, record in _records(name, options.source):
            told = [_explained(pattern, record, source) for pattern in patterns]
            matched = any(one.matched for one in told)
            passed += matched
            _print(path, told if options.explain else [], options.format, matched=matched)
    return 0 if passed else 1


def _records(name: str, source: str | None) -> Iterator[tuple[str, str, Any]]:
    values = json_values(name)
    for number, value in enumerate(values, 1):
        label = name if len(values) == 1 else f"{name}:{number}"
        try:
            found, records = records_in(value)
        except UnknownEvent:
            if source is None:
                raise
            yield label, source, value
            continue
        if source is not None and found != source:
            raise UsageError(f"{label} is an event of {found}, not of {source}")
        yield from ((f"{label}: {path}", found, record) for path, record in records)


def _explained(pattern: str, record: Any, source: str) -> Explanation:
    try:
        return explain(pattern, record, source=source)
    except InvalidPattern:
        raise
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"a record has not the form of {source}: {error!r}; `lambda-events validate` says more"
        ) from None


def _print(path: str, told: Sequence[Explanation], form: str, *, matched: bool) -> None:
    if form == "json":
        clauses = [
            {"path": one.path, "expected": one.expected, "found": list(one.found), "passed": one.passed}
            for explanation in told
            for one in explanation.clauses
        ]
        say(
            json.dumps(
                {"record": path, "passes": matched, **({"clauses": clauses} if told else {})}, ensure_ascii=False
            )
        )
        return
    say(f"{path}: {'passes' if matched else 'filtered out'}")
    for explanation in told:
        for line in str(explanation).splitlines()[1:]:
            say(f"  {line}")
