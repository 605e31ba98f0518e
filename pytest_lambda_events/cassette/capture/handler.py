"""Putting the capture decorator into an application. The law: one file, as it is here; no other file is replaced."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING

from pytest_lambda_events.errors import CassetteError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["handler_source", "write_handler"]

_FIRST_WORDS = '"""Captures the events that a Lambda function gets'


def handler_source() -> str:
    """The text of the module `lambda_capture`, with the version that wrote it."""
    text = files("pytest_lambda_events.cassette.capture").joinpath("lambda_capture.py").read_text(encoding="utf-8")
    return f"# pytest-lambda-events {version('pytest-lambda-events')}\n{text}"


def write_handler(path: Path, *, force: bool = False) -> bool:
    """Write it; False when it is there already, as it would be.

    `force` replaces an older or changed one. Errors: `CassetteError` for a file that is another, or that cannot be
    written.
    """
    text = handler_source()
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else None
        if before == text:
            return False
        if before is not None and _FIRST_WORDS not in before:
            raise CassetteError(f"{path} is another file: name one that is not there yet, such as lambda_capture.py")
        if before is not None and not force:
            raise CassetteError(f"{path} is there already, and differs: --force replaces it")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CassetteError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}") from error
    return True
