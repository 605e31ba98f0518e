"""What commands read and print. The law: UTF-8 everywhere, whatever the terminal says; a file that cannot be read is
said so in one line, with its name.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from pytest_lambda_events.report.terminal.style import Style

__all__ = [
    "add_parameter_option",
    "add_size_option",
    "fail",
    "json_values",
    "paper",
    "parameters_of",
    "positive",
    "read_bytes",
    "read_text",
    "say",
]

STDIN = "-"
_WIDTH = 100


def say(text: str) -> None:
    """Print a line in UTF-8."""
    sys.stdout.flush()
    raw = getattr(sys.stdout, "buffer", None)
    if raw is None:  # a test's or a notebook's stand-in
        sys.stdout.write(f"{text}\n")
        return
    raw.write(f"{text}\n".encode("utf-8", "backslashreplace"))
    raw.flush()


def paper() -> tuple[int, Style]:
    """How wide standard output is, and whether it has colours; 100 columns where it is no terminal."""
    from pytest_lambda_events.report.terminal.style import style_for

    width = shutil.get_terminal_size((_WIDTH, 24)).columns if sys.stdout.isatty() else _WIDTH
    return width, style_for(sys.stdout, os.environ)


def fail(message: str) -> int:
    """Say on stderr why the command cannot do what it was asked; the exit code."""
    print(f"lambda-events: error: {message}", file=sys.stderr)
    return 2


def read_bytes(name: str) -> bytes:
    """A file's content; `-` is standard input. Errors: `UsageError`."""
    if name == STDIN:
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror or error}") from None


def read_text(name: str) -> str:
    """A file's text (UTF-8, with or without a byte order mark); `-` is standard input. Errors: `UsageError`."""
    try:
        return read_bytes(name).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{_shown(name)} is not UTF-8: byte {error.start} is 0x{error.object[error.start]:02x}"
        ) from None


def json_values(name: str) -> list[Any]:
    """The JSON values in a file: one, or one a line. Errors: `UsageError` with line and column."""
    text = read_text(name)
    try:
        return [json.loads(text)]
    except RecursionError:
        raise UsageError(f"{_shown(name)} nests too deep: no event does") from None
    except json.JSONDecodeError as error:
        lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        if not lines:
            raise UsageError(f"{_shown(name)} is empty: it should hold JSON") from None
        if len(lines) == 1 or not _begins_well(lines[0][1]):
            where = f"line {error.lineno}, column {error.colno}"
            raise UsageError(f"{_shown(name)} is not JSON: {error.msg} at {where}") from None
    return [_line(name, number, line) for number, line in lines]


def _begins_well(line: str) -> bool:
    """Whether a first line is a value by itself, so that the file is meant to have one a line."""
    try:
        json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        return False
    return True


def _line(name: str, number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except RecursionError:
        raise UsageError(f"{_shown(name)} nests too deep in line {number}: no event does") from None
    except json.JSONDecodeError as error:
        where = f"line {number}, column {error.colno}"
        raise UsageError(f"{_shown(name)} is not JSON, one value a line: {error.msg} at {where}") from None


def _shown(name: str) -> str:
    return "standard input" if name == STDIN else name


def positive(text: str) -> int:
    """The value of an option that is a number from 1 on. Errors: `ArgumentTypeError`."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: 1 or more")
    return number


def add_size_option(parser: argparse.ArgumentParser, most: int) -> None:
    """How large a cassette may be."""
    parser.add_argument(
        "--max-bytes", type=positive, default=most, metavar="N", help=f"refuse a larger one (default: {most})"
    )


def add_parameter_option(parser: argparse.ArgumentParser) -> None:
    """The values that a template leaves open."""
    parser.add_argument(
        "--parameter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a value that the template leaves open (repeatable); a mapping or list as JSON",
    )


def parameters_of(options: argparse.Namespace) -> dict[str, Any]:
    """Those values by name. Errors: `UsageError`."""
    return dict(_parameter(one) for one in options.parameter)


def _parameter(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--parameter {text}: write NAME=VALUE")
    if value[:1] not in ("{", "["):
        return name, value
    try:
        return name, json.loads(value)
    except json.JSONDecodeError as error:
        raise UsageError(f"--parameter {name}: this is not JSON: {error}") from None
