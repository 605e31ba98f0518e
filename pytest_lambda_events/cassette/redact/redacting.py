"""What becomes of everything in an interaction. The law: a rule decides before a name, a name before a form.

Names and forms find what is private in any project; rules say what is in this one. What is kept by a rule may still not
be a secret: `scan` sees to that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.cassette.redact.json_tokens import is_json
from pytest_lambda_events.cassette.redact.names import meaning_of
from pytest_lambda_events.cassette.redact.pseudonyms import is_pseudonym
from pytest_lambda_events.cassette.redact.replacing import ACCOUNT, Replacing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_lambda_events.cassette.redact.names import Meaning
    from pytest_lambda_events.cassette.redact.pseudonyms import Pseudonyms
    from pytest_lambda_events.cassette.redact.rules import Action, Rules
    from pytest_lambda_events.cassette.redact.where import Where
    from pytest_lambda_events.model.redaction import Kind

__all__ = ["DROPPED", "KNOWN_USER", "Redacting", "meaning_at"]

_CUSTOMER: Final = re.compile(r"(?!A[A-Z]{3}[A-Z0-9]{13})[A-Za-z0-9]{12,32}")  # of S3, such as A3NL1KOZZKEXAMPLE
KNOWN_USER: Final = "known user"
"""What a name is of which an event says that it is a user's. It may be a common word, as guest and orders are: only a
value of the response that is nothing else is taken for it."""

DROPPED: Final = "dropped"
"""What stands in the place of a text that a rule drops."""


class Redacting:
    """The visitor that redacts, for events of one source. `known`: what was met in the cassette, by what it is."""

    __slots__ = ("_kept", "_known", "_patterns", "_pseudonyms", "_replacing", "_rules", "_source", "_users")

    def __init__(self, pseudonyms: Pseudonyms, rules: Rules, source: str, known: Mapping[str, str]) -> None:
        self._pseudonyms = pseudonyms
        self._rules = rules
        self._kept = rules.kept_patterns(source)
        self._patterns = rules.patterns(source)
        self._source = source
        self._users = frozenset(name for name, what in known.items() if what == KNOWN_USER)
        self._known = {name: what for name, what in known.items() if name not in self._users}
        self._replacing = Replacing(pseudonyms, self._known)

    def whole(self, text: str, where: Where) -> str | None:
        """See `Reader`: rules and names that speak of all of it."""
        action = self._action(where)
        if action == "drop" and text:
            return DROPPED
        if action == "keep" or not text or is_pseudonym(text):
            return text
        if action == "pseudonymise":
            return None if is_json(text) else self._replacing.any(text)
        if any(meaning_of(name) == "secret" for name in where.names):
            return self._replacing.secret(text)
        return self._pseudonyms.opaque(text) if meaning_at(where) == "opaque" else None

    def text(self, text: str, where: Where) -> str:
        """See `Reader`."""
        meaning = meaning_at(where)
        if meaning == "account" and ACCOUNT.fullmatch(text) is not None:
            return self._pseudonyms.account(text)
        if meaning == "request":
            return self._pseudonyms.request(text)
        if meaning == "principal" and _CUSTOMER.fullmatch(text) is not None:
            return self._pseudonyms.name(text)
        if text in self._users and where.layers[0][:1] == ("response",):
            return self._pseudonyms.name(text)
        return self._by_patterns(text, self._kept)

    def _by_patterns(self, text: str, kept: Sequence[re.Pattern[str]]) -> str:
        """A text by rules and forms, around what patterns keep."""
        if kept:
            pieces, at = [], 0
            for found in kept[0].finditer(text):
                pieces += [self._by_patterns(text[at : found.start()], kept[1:]), found.group()]
                at = found.end()
            return "".join((*pieces, self._by_patterns(text[at:], kept[1:])))
        for action, pattern in self._patterns:
            text = pattern.sub(lambda found: self._decided(action, found.group()), text)  # noqa: B023 - called at once
        return self._replacing.text(text)

    def number(self, text: str, where: Where) -> str:
        """See `Reader`."""
        action = self._action(where)
        if action == "drop":
            return "0"
        if action == "keep":
            return text
        meaning = meaning_at(where)
        account = ACCOUNT.fullmatch(text) is not None and (meaning == "account" or text in self._known)
        return self._pseudonyms.number(text) if account or meaning == "secret" or action is not None else text

    def key(self, name: str, where: Where) -> str:
        """See `Reader`: what has a form has it in a key, too."""
        return name if self._rules.at(where.at(name), self._source) == "keep" else self._replacing.text(name)

    def binary(self, data: bytes, where: Where) -> bytes:
        """See `Reader`."""
        action = self._action(where)
        if action == "pseudonymise":
            return self._pseudonyms.token(data.decode("latin-1")).encode("ascii")
        if action == "drop":
            return DROPPED.encode("ascii")
        return data if action == "keep" else self._replacing.binary(data)

    def identifier(self, kind: Kind, text: str, where: Where) -> str:
        """See `Visitor`."""
        kept = not text or self._rules.at(where, self._source) == "keep"
        return text if kept else self._replacing.identifier(kind, text)

    def metadata(self, text: str, where: Where) -> str:
        """See `Visitor`."""
        action = self._rules.at(where, self._source)
        return self._replacing.text(text) if action is None else self._decided(action, text)

    def _action(self, where: Where) -> Action | None:
        """What the rules say of a payload; None where names and forms decide."""
        action = self._rules.at(where, self._source)
        return action if action is not None or self._rules.bodies == "keep" else self._rules.bodies

    def _decided(self, action: Action, text: str) -> str:
        if action == "keep" or not text:
            return text
        return DROPPED if action == "drop" else self._replacing.any(text)


def meaning_at(where: Where) -> Meaning | None:
    """What the nearest name says about what is there; None when it says nothing."""
    return meaning_of(where.names[0]) if where.names else None
