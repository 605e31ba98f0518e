"""Writing what was captured. The law: one way to the disk for every capture; nothing is replaced by accident."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.capture.waiting import stamp
from pytest_lambda_events.cassette.model import Captured, Cassette
from pytest_lambda_events.cassette.store import write
from pytest_lambda_events.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.cassette.model import Interaction

__all__ = ["Target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a capture goes; `force` replaces a cassette that is there."""

    path: Path
    force: bool = False

    @classmethod
    def of(cls, output: str | None, *, source: str, name: str, force: bool) -> Target:
        """The file that is asked for, or `cassettes/SOURCE/NAME.json`.

        Errors: `CassetteError` for one that is there, before anything is taken from a source.
        """
        word = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.") or "captured"
        path = Path(output) if output is not None else Path("cassettes") / source / f"{word}.json"
        if path.exists() and not force:
            raise CassetteError(f"{path} is there already: name another file with --output, or say --force")
        return cls(path=path, force=force)

    def save(
        self, interactions: Sequence[Interaction], *, source: str, how: str, notes: Sequence[str] = ()
    ) -> list[Path]:
        """Write a cassette; its files. Errors: `CassetteError` and those below it."""
        cassette = Cassette(
            source=source,
            recorded_at=f"{stamp()[:19]}Z",
            recorded_by=f"pytest-lambda-events {version('pytest-lambda-events')}",
            captured=Captured(how=how, notes=tuple(notes)),
            interactions=tuple(interactions),
        )
        return write(cassette, self.path, overwrite=self.force)
