"""What commands around cassettes share: options of redaction, writing. The law: nothing is written unasked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.redact import Redactor, read_rules, rules_from
from pytest_lambda_events.cassette.saving import save
from pytest_lambda_events.cassette.store import MAX_BYTES
from pytest_lambda_events.cli.text import add_size_option, say

if TYPE_CHECKING:
    import argparse

    from pytest_lambda_events.cassette.model import Cassette
    from pytest_lambda_events.cassette.redact import Rules

__all__ = ["add_output_options", "add_redaction_options", "put", "redactor_of", "rules_of"]


def add_redaction_options(parser: argparse.ArgumentParser) -> None:
    """Where the rules and the key of the pseudonyms are."""
    group = parser.add_argument_group("redaction")
    group.add_argument(
        "--config",
        "--redact",
        dest="config",
        metavar="FILE",
        help="the pyproject.toml with [tool.lambda_events.redact] (default: the nearest, from here upwards)",
    )
    group.add_argument(
        "--key-file",
        metavar="FILE",
        help="a file with the key of the pseudonyms; otherwise the environment variable LAMBDA_EVENTS_REDACT_KEY, or a "
        "random key that nobody keeps: then pseudonyms are equal within this run only",
    )


def add_output_options(parser: argparse.ArgumentParser, *, default: str | None = None) -> None:
    """Where a new cassette goes (`default` says where without --out; None: --out is needed), and what is in it."""
    where = "to write, a name that ends in .json" if default is None else f"(default: {default})"
    parser.add_argument("--out", required=default is None, metavar="FILE", help=f"the cassette {where}")
    parser.add_argument("--force", action="store_true", help="replace a cassette that is there")
    add_size_option(parser, MAX_BYTES)
    parser.add_argument("--no-redact", action="store_true", help="keep events as they are; secrets are still refused")
    add_redaction_options(parser)


def rules_of(options: argparse.Namespace) -> Rules:
    """The rules of the project. Errors: `UsageError`."""
    return read_rules(Path(options.config)) if options.config is not None else rules_from(Path.cwd())


def redactor_of(options: argparse.Namespace) -> Redactor:
    """What redacts; says so when nobody keeps its key. Errors: `UsageError`."""
    redactor = Redactor(rules_of(options), key_file=options.key_file)
    if redactor.key_name == "random":
        print(
            "lambda-events: note: the key of the pseudonyms is random and kept nowhere: the same values get others "
            f"next time. Set {redactor.rules.key_env}, or give --key-file, to have the same in all cassettes",
            file=sys.stderr,
        )
    return redactor


def put(cassette: Cassette, options: argparse.Namespace, rules: Rules) -> None:
    """Write a cassette and say so. Errors: `SecretFound` and those of `store.write`."""
    files = save(cassette, options.out, rules=rules, overwrite=options.force, max_bytes=options.max_bytes)
    count = len(cassette.interactions)
    redacted = "not redacted" if cassette.redacted is None else f"redacted with key {cassette.redacted.key}"
    beside = f" (lines in {files[1].name})" if len(files) > 1 else ""
    say(f"{files[0]}: {count} event{'' if count == 1 else 's'} of {cassette.source}, {redacted}{beside}")
