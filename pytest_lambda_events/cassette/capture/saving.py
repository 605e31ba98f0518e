"""Writing what was captured. The law: one way to the disk for every capture; nothing is replaced by accident."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.capture.waiting import stamp
from pytest_lambda_events.cassette.model import Captured, Cassette
from pytest_lambda_events.cassette.redact import Redactor, read_rules, rules_from
from pytest_lambda_events.cassette.saving import save
from pytest_lambda_events.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.cassette.model import Interaction
    from pytest_lambda_events.cassette.redact import Rules

__all__ = ["Target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a capture goes; `force` replaces a cassette that is there, `redactor` None writes it as it came."""

    path: Path
    rules: Rules
    redactor: Redactor | None
    force: bool

    @classmethod
    def of(cls, output: str | None, *, source: str, name: str, rules: str | None, redact: bool, force: bool) -> Target:
        """The file that is asked for, or `cassettes/SOURCE/NAME.json`; rules of the file `rules`, or of this project.

        Errors, before anything is taken from a source: `CassetteError` for a file that is there; `UsageError` for
        rules or a key that cannot be used.
        """
        word = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.") or "captured"
        path = Path(output) if output is not None else Path("cassettes") / source / f"{word}.json"
        if path.exists() and not force:
            raise CassetteError(f"{path} is there already: name another file with --output, or say --force")
        known = rules_from(Path.cwd()) if rules is None else read_rules(Path(rules))
        return cls(path=path, rules=known, redactor=Redactor(known) if redact else None, force=force)

    def save(
        self, interactions: Sequence[Interaction], *, source: str, how: str, notes: Sequence[str] = ()
    ) -> list[Path]:
        """Redact and write a cassette; its files. Errors: `SecretFound`, `CassetteError` and those below it."""
        cassette = Cassette(
            source=source,
            recorded_at=f"{stamp()[:19]}Z",
            recorded_by=f"pytest-lambda-events {version('pytest-lambda-events')}",
            captured=Captured(how=how, notes=tuple(notes)),
            interactions=tuple(interactions),
        )
        if self.redactor is not None:
            cassette = self.redactor.redacted(cassette)
        return save(cassette, self.path, rules=self.rules, overwrite=self.force)
