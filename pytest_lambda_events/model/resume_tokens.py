"""Resume tokens of DocumentDB's change streams. The law: a token says its cluster time, so nothing has to be looked up.

36 lower-case hex digits, `01 tttttttt iiiiiiii 01 iiiiiiii 0000 xxxx`: the cluster time's second and its number within
that second, the number once more, and 16 bits of which nothing is known (recomputed on events recorded on AWS).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pytest_lambda_events.errors import UsageError

__all__ = ["GRAMMAR", "ResumeToken", "read_resume_token"]

GRAMMAR: Final = re.compile(r"01([0-9a-f]{8})(?P<increment>[0-9a-f]{8})01(?P=increment)0000([0-9a-f]{4})")
"""Second, number (twice) and rest."""

_LIMIT: Final = 2**32  # both halves of a BSON timestamp have 32 bits
_REST_LIMIT: Final = 2**16


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ResumeToken:
    """Where in a change stream an event is: `seconds` since 1970, `increment` within that second, and `rest`.

    Tokens are ordered as their events are. Errors: `UsageError` for what a token cannot hold.
    """

    seconds: int
    increment: int
    rest: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.seconds < _LIMIT:
            raise UsageError(f"a cluster time of {self.seconds} s since 1970: it has 32 bits, from 1970 to 2106")
        if not 0 <= self.increment < _LIMIT or not 0 <= self.rest < _REST_LIMIT:
            raise UsageError(
                f"a resume token has 32 bits for the increment and 16 for the rest, not {self.increment}, {self.rest}"
            )

    @property
    def text(self) -> str:
        """The token, as in `_id._data`."""
        return f"01{self.seconds:08x}{self.increment:08x}01{self.increment:08x}0000{self.rest:04x}"


def read_resume_token(text: str) -> ResumeToken | None:
    """What a token says; None for what is none of DocumentDB's."""
    found = GRAMMAR.fullmatch(text)
    if found is None:
        return None
    seconds, increment, rest = (int(part, 16) for part in found.groups())
    return ResumeToken(seconds=seconds, increment=increment, rest=rest)
