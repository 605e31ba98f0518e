"""Redacting cassettes. The law: twice is once, and what was derived is true again.

An account or a broker that is met anywhere in a cassette, in an ARN for example, is known: it is replaced wherever it
stands, also alone in a sentence or in the name of a bucket.
"""

from __future__ import annotations

import copy
import dataclasses
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.cassette.model import Interaction, Redacted
from pytest_lambda_events.cassette.redact.forms import forms_named
from pytest_lambda_events.cassette.redact.keys import found_key
from pytest_lambda_events.cassette.redact.opening import Opening
from pytest_lambda_events.cassette.redact.pseudonyms import Pseudonyms, is_pseudonym
from pytest_lambda_events.cassette.redact.redacting import KNOWN_USER, Redacting, meaning_at
from pytest_lambda_events.cassette.redact.replacing import ACCOUNT, addresses, made_on, uuids_in
from pytest_lambda_events.cassette.redact.rules import Rules
from pytest_lambda_events.cassette.redact.walking import Passing, visited, visited_part
from pytest_lambda_events.cassette.redact.where import Where
from pytest_lambda_events.model.paths import EVERY, parse_path
from pytest_lambda_events.sources import redaction_of

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping

    from pytest_lambda_events.cassette.model import Cassette
    from pytest_lambda_events.model.redaction import Kind

__all__ = ["Redactor"]

_SHOWS_ACCOUNTS = ("ARN", "account in a URL", "account in a host")
_MOST_KNOWN = 1_000
_MOST_VISITORS = 100
_NOBODY: Mapping[str, str] = MappingProxyType({})


class Redactor:
    """Redacts with one key and the rules of one project.

    `rules`: those of the project, `rules_from(folder)`. `key`: of the pseudonyms, 16 bytes or more; without one it is
    looked for as `found_key` says. `before(event, source)` may change an event in place before anything else is done.
    """

    def __init__(
        self,
        rules: Rules | None = None,
        *,
        key: bytes | None = None,
        key_file: str | os.PathLike[str] | None = None,
        before: Callable[[Any, str], object] | None = None,
    ) -> None:
        self.rules = rules if rules is not None else Rules()
        found, kept = found_key(self.rules, key_file) if key is None else (key, True)
        self._pseudonyms = Pseudonyms(found)
        self._before = before
        self._visitors: dict[tuple[object, ...], Redacting] = {}
        self.key_name = self._pseudonyms.fingerprint if kept else "random"

    def redacted(self, cassette: Cassette) -> Cassette:
        """The cassette without what is private. Errors: `CassetteTooLarge` for what unpacks to too much."""
        asked = [self._prepared(one, cassette.source) for one in cassette.interactions]
        visitor = Redacting(self._pseudonyms, self.rules, cassette.source, _known(asked, cassette.source))
        interactions = tuple(self._redacted(one, cassette.source, visitor) for one in asked)
        opening, where = Opening(visitor), Where((("captured", "notes"),))
        notes = tuple(opening.text(note, where.at(place)) for place, note in enumerate(cassette.captured.notes))
        changed = dataclasses.replace(
            cassette, interactions=interactions, captured=dataclasses.replace(cassette.captured, notes=notes)
        )
        if changed == cassette and cassette.redacted is not None:
            return cassette
        return dataclasses.replace(changed, redacted=Redacted(key=self.key_name))

    def event(self, event: Any, source: str) -> Any:
        """An event without what is private."""
        return self.interaction(Interaction(event=event), source).event

    def interaction(self, interaction: Interaction, source: str) -> Interaction:
        """An event, and what became of it, without what is private. Errors: `CassetteTooLarge`."""
        one = self._prepared(interaction, source)
        return self._redacted(one, source, self._visitor(source, _known([one], source)))

    def text(self, text: str, source: str, path: str = "") -> str:
        """A text that stands at this path of an event of this source, or (no path) that is about one.

        Errors: `CassetteTooLarge`.
        """
        return Opening(self._visitor(source)).text(text, _place(path))

    def data(self, data: bytes, source: str, path: str) -> bytes:
        """The same for bytes."""
        return Opening(self._visitor(source)).data(data, _place(path))

    def part(self, value: Any, source: str, path: str) -> Any:
        """The same for what else stands there, in the source's own wrapping. `path` has `[*]` for every element."""
        return visited_part(value, source, path, self._visitor(source))

    def _visitor(self, source: str, known: Mapping[str, str] = _NOBODY) -> Redacting:
        """What redacts; events in which the same was met share it, and what it has found out."""
        key = (source, *known.items())
        if key not in self._visitors:
            if len(self._visitors) >= _MOST_VISITORS:
                self._visitors.clear()
            self._visitors[key] = Redacting(self._pseudonyms, self.rules, source, known)
        return self._visitors[key]

    def _prepared(self, interaction: Interaction, source: str) -> Interaction:
        if self._before is None:
            return interaction
        event = copy.deepcopy(interaction.event)
        self._before(event, source)
        return _made_true(interaction, dataclasses.replace(interaction, event=event), source)

    @staticmethod
    def _redacted(interaction: Interaction, source: str, visitor: Redacting) -> Interaction:
        return _made_true(interaction, visited(interaction, source, visitor), source)


def _place(path: str) -> Where:
    return Where((tuple([0 if step == EVERY else step for step in parse_path(path)]) if path else ("text",),))


def _made_true(before: Interaction, after: Interaction, source: str) -> Interaction:
    redaction_of(source).make_true(before.event, after.event)
    return after


def _known(interactions: Iterable[Interaction], source: str) -> dict[str, str]:
    collecting = _Collecting()
    for one in interactions:
        visited(one, source, collecting)
    return dict(list(collecting.known.items())[:_MOST_KNOWN])


class _Collecting(Passing):
    """Notes which accounts and hosts there are."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self._forms = forms_named(*_SHOWS_ACCOUNTS)

    def text(self, text: str, where: Where) -> str:
        """See `Reader`."""
        if meaning_at(where) == "account":
            self._account(text)
        return self._forms.replaced(text, self._met)

    def number(self, text: str, where: Where) -> str:
        """See `Reader`."""
        if meaning_at(where) == "account":
            self._account(text)
        return text

    def key(self, name: str, where: Where) -> str:
        """See `Reader`."""
        del where
        return self._forms.replaced(name, self._met)

    def binary(self, data: bytes, where: Where) -> bytes:
        """See `Reader`."""
        del where
        self._forms.replaced(data.decode("latin-1"), self._met)
        return data

    def identifier(self, kind: Kind, text: str, where: Where) -> str:
        """See `Visitor`."""
        del where
        if kind == "principal":
            self._account(text)
        if kind == "jms_id":  # what a handler answers with has no path that says so
            self.known.update((one, "known UUID") for one in uuids_in(text) if not is_pseudonym(one))
            origin = made_on(text)
            if origin is not None:
                self.known[origin] = "known origin"
        if kind == "user" and text and not is_pseudonym(text):
            self.known[text] = KNOWN_USER
        if kind == "hosts":
            for host, _, _ in addresses(text):
                if ".kafka" not in host and "." in host and not is_pseudonym(host):
                    self.known[host] = "known host"
        return text

    def metadata(self, text: str, where: Where) -> str:
        """See `Visitor`."""
        del where
        return self._forms.replaced(text, self._met)

    def _met(self, name: str, found: str) -> str:
        self._account(found.split(":")[4] if name == "ARN" else found)
        return found

    def _account(self, text: str) -> None:
        if ACCOUNT.fullmatch(text) is not None and not is_pseudonym(text):
            self.known[text] = "known account"
