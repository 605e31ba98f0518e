"""Where the key of the pseudonyms comes from. The law: nothing is written, and without a key nobody has one.

In this order: a file that is named, the environment variable, the file that `pyproject.toml` names. Without any of
them the key is random and kept nowhere: pseudonyms are equal within what is redacted in one go, nobody can link them to
those elsewhere, and what is redacted later has others.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from pytest_lambda_events.cassette.redact.rules import Rules

__all__ = ["FEWEST_BYTES", "found_key"]

FEWEST_BYTES: Final = 16
"""A shorter key could be guessed."""


def found_key(rules: Rules, key_file: str | os.PathLike[str] | None = None) -> tuple[bytes, bool]:
    """The key, and whether it is kept somewhere. Errors: `UsageError` for one that is too short, or cannot be read."""
    if key_file is not None:
        return _read(Path(key_file)), True
    given = os.environ.get(rules.key_env)
    if given:
        return _checked(given.encode("utf-8", "surrogateescape"), f"the environment variable {rules.key_env}"), True
    if rules.key_file is not None:
        return _read(rules.key_file), True
    return secrets.token_bytes(32), False


def _read(file: Path) -> bytes:
    try:
        return _checked(file.read_bytes().strip(), str(file))
    except OSError as error:
        raise UsageError(f"the key of the pseudonyms cannot be read: {file}: {error.strerror or error}") from None


def _checked(key: bytes, where: str) -> bytes:
    if len(key) < FEWEST_BYTES:
        raise UsageError(
            f"{where} has a key of {len(key)} bytes, which could be guessed: take {FEWEST_BYTES} or more, such as "
            "`python -c 'import secrets; print(secrets.token_hex())'` prints"
        )
    return key
