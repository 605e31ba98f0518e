"""The command line, `lambda-events`. The law: `main(argv) -> int`; each command is a thin wrapper of a library call.

Exit codes: 0 all is well; 1 the answer is no (a finding, no match); 2 the question cannot be asked (a wrong option, a
file that cannot be read).
"""

from __future__ import annotations

import argparse
import gc
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from pytest_lambda_events.cli.text import fail
from pytest_lambda_events.errors import LambdaEventsError
from pytest_lambda_events.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COMMANDS", "main", "script"]

COMMANDS = {
    "generate": "print a realistic event of a source",
    "validate": "say what is wrong with an event, a response or a cassette, and where",
    "match": "say which records pass a filter pattern, and why",
    "advise": "say what bites in production, of every mapping in a template",
    "simulate": "say what Lambda would do with records, by a mapping in a template",
    "capture": "make a cassette of real events, redacted",
    "redact": "take out of cassettes what nobody should commit",
    "show": "show what is in a cassette, or what happened in a run (a trace)",
    "diff": "say in what two cassettes, or the traces of two runs, differ",
    "migrate": "bring cassettes to the present version of the format",
    "replay": "hand a cassette's events to a handler, and compare how it ends",
}
"""Each command, a module of this folder with a `main(argv)`, and what it does."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; its exit code. `argv` is `sys.argv[1:]` when left out."""
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(given)
    except SystemExit as ended:  # argparse: after --help or a usage error
        return ended.code if isinstance(ended.code, int) else 2
    except LambdaEventsError as error:
        return fail(str(error))
    except BrokenPipeError:  # the reader (`head`) has seen enough
        return 1
    except Exception as error:
        from botocore.exceptions import BotoCoreError, ClientError

        if isinstance(error, (BotoCoreError, ClientError)):  # what AWS refuses, or no way to it
            return fail(str(error))
        raise


def script() -> NoReturn:
    """The console script: `main` in a process of its own, which ends with it."""
    code = main()
    # all that is alive goes with the process; looking for garbage in it would cost as much as moto's import
    gc.freeze()
    sys.exit(code)


def _run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="lambda-events",
        description="Lambda events for tests: make them, check them, filter them, keep real ones.",
        epilog="\n".join(["commands:", *(f"  {name:10} {what}" for name, what in COMMANDS.items())]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    parser.add_argument("command", nargs="?", metavar="COMMAND", help="see below; `COMMAND --help` tells its options")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.version:
        from importlib.metadata import version

        print(f"lambda-events {version('pytest-lambda-events')}")
        return 0
    if options.command is None:
        parser.print_help()
        return 2
    if options.command not in COMMANDS:
        parser.error(f"there is no command {options.command!r}{nearest(options.command, COMMANDS)}")
    code: int = import_module(f"{__name__}.{options.command}").main(options.arguments)
    return code
