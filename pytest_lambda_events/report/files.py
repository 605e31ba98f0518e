"""Where reports are written. The law: a place that cannot be written is known before anything else is done."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pytest_lambda_events.cassette.putting import put as put_bytes
from pytest_lambda_events.errors import UsageError

__all__ = ["claim", "make_folder", "place_of", "put", "seen_from"]


def place_of(written: str, folder: Path) -> Path:
    """A path as people write it, from a folder on. Errors: `UsageError` for the home of somebody who has none."""
    try:
        return folder / Path(written).expanduser()
    except RuntimeError as error:
        raise UsageError(f"{written}: {error}") from None


def claim(file: Path) -> None:
    """See that a file can be written, and make its folder. Errors: `UsageError`."""
    if file.is_dir():
        raise UsageError(f"{file} is a folder: name a file in it")
    make_folder(file.parent)


def make_folder(folder: Path) -> None:
    """Make a folder, where it is missing, that can be written into. Errors: `UsageError`."""
    trial = folder / f".{secrets.token_hex(8)}.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial.touch()
        trial.unlink()
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        raise UsageError(f"{folder} cannot be written into: {_told(error)}") from None


def put(file: Path, text: str) -> None:
    """Write a file in one step, in a folder that is there. Errors: `UsageError`.

    Half a pair of surrogates, which UTF-8 has no bytes for, is written as JSON escapes it.
    """
    try:
        put_bytes(file, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {_told(error)}") from None


def seen_from(file: Path, other: Path) -> str:
    """Where another file is, as a link in this one has it."""
    try:
        return os.path.relpath(other, file.parent).replace(os.sep, "/")
    except ValueError:  # on another drive
        return other.as_uri()


def _told(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
