"""Is this a sound cassette? The law: the file as the reader takes it, each event as its source's `validate` does."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.cassette.codec import FORMAT
from pytest_lambda_events.cassette.redact.rules import rules_from
from pytest_lambda_events.cassette.redact.scan import secrets_in
from pytest_lambda_events.cassette.store import load
from pytest_lambda_events.errors import CassetteBroken, CassetteTooLarge, UnknownEvent
from pytest_lambda_events.model.findings import Finding
from pytest_lambda_events.sources import identify, validate

if TYPE_CHECKING:
    import os

    from pytest_lambda_events.cassette.model import Cassette

__all__ = ["check_cassette", "is_cassette_file"]

_BEGINNING: Final = 4096


def is_cassette_file(path: str | os.PathLike[str]) -> bool:
    """Whether a file says of itself that it is a cassette: within its first characters, however broken it is."""
    try:
        with Path(path).open("rb") as stream:
            return f'"{FORMAT}"'.encode("ascii") in stream.read(_BEGINNING)
    except (OSError, ValueError):
        return False


def check_cassette(path: str | os.PathLike[str]) -> list[Finding]:
    """What is wrong with a cassette: with the file, with an event in it, or that there is a secret.

    Errors: `CassetteError` for a file that cannot be read.
    """
    try:
        cassette = load(path)
        secrets = secrets_in(cassette, rules_from(Path(path).resolve().parent))
    except (CassetteBroken, CassetteTooLarge) as error:
        return [Finding(severity="error", path=str(path), found="what cannot be read", expected=f"a cassette: {error}")]
    findings = [finding for number in range(len(cassette.interactions)) for finding in _of_event(cassette, number)]
    findings += [
        Finding(severity="error", path=secret.path, found=f"a secret ({secret.what})", expected="none: redact it")
        for secret in secrets
    ]
    return findings


def _of_event(cassette: Cassette, number: int) -> list[Finding]:
    event = cassette.interactions[number].event
    where = f"interactions[{number}].event"
    try:
        source = identify(event).name
    except UnknownEvent:
        source = cassette.source  # `validate` says what is wrong
    found = [dataclasses.replace(one, path=f"{where}.{one.path}") for one in validate(event)]
    if source != cassette.source:
        found.append(
            Finding(severity="error", path=where, found=f"an event of {source}", expected=f"one of {cassette.source}")
        )
    return found
