"""What every live source has. The law: a tap takes copies.

What it had to move in the source, it puts back in `close`, and says how it left it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Closed", "Taken", "Tap"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One record, and `shown`, what the function would see of it, which filters look at.

    Records of different `lane`s (shards) are never in one event. `at` is when it was taken, ISO 8601; `invented` are
    the paths within the record of what the source did not tell.
    """

    native: Any
    shown: Any
    at: str
    lane: str = ""
    invented: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """How the source was left: `told` are sentences for the person who asked, `sound` whether it is as it was."""

    told: tuple[str, ...] = ()
    sound: bool = True


class Tap(Protocol):
    """A live source, read for a capture."""

    @property
    def source(self) -> str:
        """The registry's name of the source."""
        ...

    @property
    def name(self) -> str:
        """What the resource is called."""
        ...

    @property
    def records_at(self) -> str:
        """Where in the event the records stand, for what is invented in each: `Records`."""
        ...

    @property
    def invented(self) -> tuple[str, ...]:
        """The paths of what is invented in every event, outside its records."""
        ...

    @property
    def pause_seconds(self) -> float:
        """How long to leave the source alone between two rounds."""
        ...

    @property
    def at_rest(self) -> bool:
        """Whether all that was there has been taken, as far as the source tells."""
        ...

    @property
    def over(self) -> bool:
        """Whether it cannot take any more, however long one waits."""
        ...

    def take(self, most: int, seconds: float) -> list[Taken]:
        """The records of one round, at most so many; none when nothing is there. It may wait so long for them.

        Errors: whatever the client raises, when nothing came in this round: what came before an error is not lost.
        """
        ...

    def event(self, taken: Sequence[Taken]) -> Any:
        """The event of these records, as Lambda would hand it over."""
        ...

    def close(self) -> Closed:
        """Leave the source as it was, and say so. Called once, whatever happened before."""
        ...
