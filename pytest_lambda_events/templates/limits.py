"""How large a template may be. The law: a hostile file is refused before it costs time or memory.

AWS takes templates of up to 1 MB (CloudFormation quotas); what Terraform plans of a large estate is larger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from pytest_lambda_events.errors import TemplateError

if TYPE_CHECKING:
    from pytest_lambda_events.templates.placed import Place

__all__ = ["MOST_BYTES", "Budget", "refuse"]

MOST_BYTES: Final = 32 * 1024 * 1024
_MOST_VALUES: Final = 1_000_000
_DEEPEST: Final = 200


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
