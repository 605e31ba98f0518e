"""Writing a cassette that is safe to commit. The law: what holds a secret is not written, whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_lambda_events.cassette.redact.scan import secrets_in
from pytest_lambda_events.cassette.store import MAX_BYTES, write
from pytest_lambda_events.errors import SecretFound

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from pytest_lambda_events.cassette.model import Cassette
    from pytest_lambda_events.cassette.redact.rules import Rules

__all__ = ["save"]

_MOST_SHOWN: Final = 20
_HINT: Final = (
    "Redact it (`lambda-events redact`), or say in pyproject.toml what becomes of it: a rule in "
    "[[tool.lambda_events.redact.rules]] with its path, and action pseudonymise or drop; keep lets a text of high "
    "entropy pass, and no key of a known form"
)


def save(
    cassette: Cassette,
    path: str | os.PathLike[str],
    *,
    rules: Rules | None = None,
    overwrite: bool = False,
    max_bytes: int = MAX_BYTES,
) -> list[Path]:
    """Write a cassette, unless there is a secret in it; the files that it is now.

    `rules` are those of the project: what they keep may be a text of high entropy, and never a key of a known form.
    Errors: `SecretFound`, and those of `store.write`.
    """
    found = secrets_in(cassette, rules)
    if found:
        shown = [f"  {one}" for one in found[:_MOST_SHOWN]]
        if len(found) > _MOST_SHOWN:
            shown.append(f"  … and {len(found) - _MOST_SHOWN} more")
        first = f"{path} is not written, because it would hold what looks like a secret:"
        raise SecretFound("\n".join((first, *shown, _HINT)), tuple(one.path for one in found))
    return write(cassette, path, overwrite=overwrite, max_bytes=max_bytes)
