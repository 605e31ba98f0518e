"""How large a template may be. The law: a hostile file is refused before it costs time or memory.

AWS takes templates of up to 1 MB (CloudFormation quotas); what Terraform plans of a large estate is larger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn, TypeVar

from pytest_lambda_events.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.templates.placed import Place

__all__ = ["LONGEST_TEXT", "MOST_BYTES", "Budget", "Effort", "Trail", "refuse"]

LONGEST_TEXT: Final = 4_000_000
MOST_BYTES: Final = 32 * 1024 * 1024
_MOST_VALUES: Final = 1_000_000
_DEEPEST: Final = 200
_MOST_STEPS: Final = 500_000

T = TypeVar("T")


def refuse(place: Place, why: str) -> NoReturn:
    """Errors: `TemplateError`, always."""
    raise TemplateError(f"{place}: {why}")


class Budget:
    """Counts the values of a file as they would be if every alias were written out, and how deep they lie."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def deepen(self, depth: int, line: int) -> None:
        """Errors: `TemplateError` for what lies too deep."""
        if depth > _DEEPEST:
            raise TemplateError(f"{self._place.file}:{line}: values are nested more than {_DEEPEST} levels deep")

    def weigh(self, size: int, line: int) -> int:
        """The size itself. Errors: `TemplateError` for what is too large, such as aliases of aliases of aliases."""
        if size > _MOST_VALUES:
            raise TemplateError(
                f"{self._place.file}:{line}: there are more than {_MOST_VALUES:,} values here, aliases written out"
            )
        return size


class Effort:
    """Counts what resolving costs: references that name each other twice would double it with each level."""

    def __init__(self) -> None:
        self._steps = 0

    def spend(self, place: Place) -> None:
        """One step. Errors: `TemplateError` after the last."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise TemplateError(f"{place}: resolving this template takes more than {_MOST_STEPS:,} steps")

    @staticmethod
    def text(text: str, place: Place) -> str:
        """The text itself. Errors: `TemplateError` for one that nobody could deploy."""
        if len(text) > LONGEST_TEXT:
            raise TemplateError(f"{place}: a text of more than {LONGEST_TEXT:,} characters comes of this")
        return text


class Trail:
    """What is being resolved: each name because of the one before it."""

    def __init__(self) -> None:
        self._open: list[str] = []

    def follow(self, name: str, compute: Callable[[], T], place: Place) -> T:
        """What comes of it. Errors: `TemplateError` where a name leads back to itself."""
        if name in self._open:
            raise TemplateError(f"{place}: {' -> '.join([*self._open, name])} goes round in a circle")
        self._open.append(name)
        try:
            return compute()
        finally:
            self._open.pop()
