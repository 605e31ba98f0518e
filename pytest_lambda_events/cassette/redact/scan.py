"""Looking for secrets in a cassette. The law: what opens a door is never written; where it is, is said, and not what.

Through everything that is wrapped: known forms of keys and tokens, values whose names say that they are secret, texts
of high entropy in payloads. Pseudonyms of ours are none of these. A rule that keeps a path lets names and entropy pass,
and never a known form.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.redact.entropy import random_looking
from pytest_lambda_events.cassette.redact.names import is_harmless, meaning_of
from pytest_lambda_events.cassette.redact.opening import Opening
from pytest_lambda_events.cassette.redact.pseudonyms import Pseudonyms, is_pseudonym
from pytest_lambda_events.cassette.redact.redacting import DROPPED
from pytest_lambda_events.cassette.redact.replacing import Replacing
from pytest_lambda_events.cassette.redact.rules import Rules
from pytest_lambda_events.cassette.redact.walking import Passing, visited
from pytest_lambda_events.cassette.redact.where import Where

if TYPE_CHECKING:
    from pytest_lambda_events.cassette.model import Cassette

__all__ = ["Secret", "secrets_in"]

_BY_NAME = "secret by its name"


@dataclasses.dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is, and what it is."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


def secrets_in(cassette: Cassette, rules: Rules | None = None) -> list[Secret]:
    """All secrets in a cassette. Errors: `CassetteTooLarge` for what unpacks to too much."""
    found: list[Secret] = []
    several = len(cassette.interactions) > 1
    for number, interaction in enumerate(cassette.interactions):
        scanning = _Scanning(rules if rules is not None else Rules(), cassette.source)
        visited(interaction, cassette.source, scanning)
        before = f"interactions[{number}]: " if several else ""
        found += [Secret(f"{before}{where}", what) for where, what in scanning.found.items()]
    scanning = _Scanning(Rules(), cassette.source)
    for place, note in enumerate(cassette.captured.notes):
        Opening(scanning).text(note, Where((("captured", "notes", place),)))
    return found + [Secret(where, what) for where, what in scanning.found.items()]


class _Scanning(Passing):
    """Notes what must not be there."""

    def __init__(self, rules: Rules, source: str) -> None:
        self.found: dict[str, str] = {}
        self._rules = rules
        self._source = source
        self._kept_patterns = rules.kept_patterns(source)
        # what a pseudonym of any key would be put in the place of; ours are mapped to themselves
        self._replacing = Replacing(Pseudonyms(b""), {})

    def whole(self, text: str, where: Where) -> str | None:
        """See `Reader`."""
        if not text or text == DROPPED or is_pseudonym(text) or self._kept(where):
            return None
        if any(meaning_of(name) == "secret" for name in where.names) and self._replacing.secret(text) != text:
            self.found.setdefault(str(where), _BY_NAME)
        return None

    def text(self, text: str, where: Where) -> str:
        """See `Reader`."""
        kept = self._kept(where)
        self._look(text, where, kept=kept)
        plain = text
        for pattern in self._kept_patterns:
            plain = pattern.sub(" ", plain)
        if not kept and not any(map(is_harmless, where.names[:1])) and random_looking(plain):
            self.found.setdefault(str(where), "text of high entropy")
        return text

    def key(self, name: str, where: Where) -> str:
        """See `Reader`."""
        self._look(name, where.at(name), kept=self._kept(where.at(name)))
        return name

    def binary(self, data: bytes, where: Where) -> bytes:
        """See `Reader`."""
        for what in self._replacing.secrets_in_binary(data):
            self.found[str(where)] = what
        return data

    def metadata(self, text: str, where: Where) -> str:
        """See `Visitor`: the format's own identifiers are random, and no secrets."""
        self._look(text, where, kept=False)
        return text

    def _look(self, text: str, where: Where, *, kept: bool) -> None:
        for what in self._replacing.secrets_in(text):
            if not (kept and what == _BY_NAME):
                self.found[str(where)] = what  # a known form says more than a name

    def _kept(self, where: Where) -> bool:
        return self._rules.at(where, self._source) == "keep"
