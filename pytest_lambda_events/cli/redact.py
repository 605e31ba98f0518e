"""`lambda-events redact CASSETTE…`: take out what nobody should commit. The law: twice is once."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.saving import save
from pytest_lambda_events.cassette.store import MAX_BYTES, load
from pytest_lambda_events.cli.cassettes import add_redaction_options, redactor_of
from pytest_lambda_events.cli.text import add_size_option, say
from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command: 1 when --check finds something to do."""
    parser = argparse.ArgumentParser(
        prog="lambda-events redact",
        description="Redact cassettes, by the rules of the project: account ids, ARNs, receipt handles, sender and "
        "request ids, brokers' hosts, e-mail addresses, tokens, keys; as deep as they are wrapped. Sums and sizes are "
        "made true again. What is a pseudonym already stays.",
        allow_abbrev=False,
    )
    parser.add_argument("files", nargs="+", metavar="CASSETTE", help="a cassette; it is replaced")
    parser.add_argument("--out", metavar="FILE", help="write the one cassette there instead")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit with 1 when there is something to do"
    )
    add_size_option(parser, MAX_BYTES)
    add_redaction_options(parser)
    options = parser.parse_args(list(argv))
    if options.out is not None and (len(options.files) > 1 or options.check):
        raise UsageError("--out is for one cassette, and not for --check")
    redactor = redactor_of(options)
    found = 0
    for name in options.files:
        before = load(name, max_bytes=options.max_bytes)
        after = redactor.redacted(before)
        changed = after != before
        found |= changed
        if not options.check and (changed or options.out is not None):
            overwrite = options.out is None
            save(after, options.out or name, rules=redactor.rules, overwrite=overwrite, max_bytes=options.max_bytes)
        done = "would change" if options.check else f"redacted with key {redactor.key_name}"
        say(f"{options.out or name}: {done if changed else 'nothing to redact'}")
    return int(bool(found) and options.check)
