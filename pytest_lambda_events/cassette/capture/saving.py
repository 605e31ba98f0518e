"""Writing what was captured. The law: one way to the disk for every capture; nothing is replaced by accident."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.making import new_cassette
from pytest_lambda_events.cassette.saving import save
from pytest_lambda_events.cassette.store import MAX_BYTES
from pytest_lambda_events.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.cassette.model import Interaction
    from pytest_lambda_events.cassette.redact import Redactor, Rules

__all__ = ["Target", "default_path"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a capture goes; `redactor` None writes it as it came, `force` replaces a cassette that is there.

    It is made before anything is taken from a source, so that what can be refused is refused then.
    """

    path: Path
    rules: Rules
    redactor: Redactor | None
    force: bool = False
    max_bytes: int = MAX_BYTES

    def __post_init__(self) -> None:
        """Errors: `CassetteError` for a file that is there."""
        if self.path.exists() and not self.force:
            raise CassetteError(f"{self.path} is there already: name another file with --out, or say --force")

    def save(
        self, interactions: Sequence[Interaction], *, source: str, how: str, notes: Sequence[str] = ()
    ) -> list[Path]:
        """Redact and write a cassette; its files. Errors: `SecretFound`, `CassetteError` and those below it."""
        cassette = new_cassette(source, interactions, how=how, notes=notes)
        if self.redactor is not None:
            cassette = self.redactor.redacted(cassette)
        return save(cassette, self.path, rules=self.rules, overwrite=self.force, max_bytes=self.max_bytes)


def default_path(source: str, name: str) -> Path:
    """Where a capture goes that nobody has said anything about: `cassettes/SOURCE/NAME.json`."""
    word = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.") or "captured"
    return Path("cassettes") / source / f"{word}.json"
