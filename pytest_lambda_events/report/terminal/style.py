"""Colour. The law: it carries nothing alone; without its codes a text is, letter by letter, the plain one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

    from pytest_lambda_events.model.records import Fate

__all__ = ["ANSI", "FATE_ROLES", "PLAIN", "Role", "Style", "style_for"]

Role = Literal["lost", "failed", "held", "well", "faint", "usual"]
"""What a piece of text is about. lost: a bad end; failed: an attempt; held: kept from being tried as usual (throttled,
split, a fault, still there); well: a success; faint: what only leads the eye.
"""

FATE_ROLES: Final[dict[Fate, Role]] = {
    "processed": "well",
    "filtered": "usual",
    "dead_lettered": "lost",
    "discarded": "lost",
    "expired": "lost",
    "pending": "held",
}

# of the 16 colours, which every terminal lets its user choose; bold and dim work on dark and on light
_CODES: Final[dict[Role, str]] = {"lost": "1;31", "failed": "31", "held": "33", "well": "32", "faint": "2"}


class Style(NamedTuple):
    """How text is painted: the code of the colour of each role; none at all in a plain one."""

    codes: Mapping[Role, str]

    def paint(self, text: str, role: Role) -> str:
        """The text in its colour."""
        code = self.codes.get(role)
        return f"\x1b[{code}m{text}\x1b[0m" if code and text else text

    def join(self, cells: Sequence[tuple[str, Role]]) -> str:
        """Letters of many roles as one text; neighbours of one role share their codes."""
        pieces: list[tuple[str, Role]] = []
        for letter, role in cells:
            if pieces and (pieces[-1][1] == role):
                pieces[-1] = (pieces[-1][0] + letter, role)
            else:
                pieces.append((letter, role))
        return "".join([self.paint(piece, role) for piece, role in pieces])


PLAIN: Final = Style({})
ANSI: Final = Style(_CODES)


def style_for(stream: TextIO, environ: Mapping[str, str], platform: str = sys.platform) -> Style:
    """The style for what is written to this stream: colour on a terminal that has it.

    NO_COLOR switches it off and FORCE_COLOR on, whatever their value, if they have one; NO_COLOR wins.
    """
    if environ.get("NO_COLOR"):
        return PLAIN
    if environ.get("FORCE_COLOR"):
        return ANSI
    if environ.get("TERM") == "dumb" or not stream.isatty():
        return PLAIN
    # the old console of Windows shows the codes themselves
    has_colour = platform != "win32" or any(environ.get(name) for name in ("WT_SESSION", "ANSICON", "TERM"))
    return ANSI if has_colour else PLAIN
