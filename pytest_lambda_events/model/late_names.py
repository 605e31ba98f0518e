"""Names of a facade, resolved when they are first used (PEP 562). The law: importing a facade imports nothing."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["late_names"]


def late_names(names: dict[str, Any], homes: Mapping[str, str]) -> Callable[[str], Any]:
    """A module's `__getattr__`. `names` are its globals, and `homes` says in which module of the package each name is.

    What was resolved is kept among the globals, so that it is looked for once.
    """

    def resolve(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {names['__name__']!r} has no attribute {name!r}")
        found = getattr(import_module(f"pytest_lambda_events.{homes[name]}"), name)
        names[name] = found
        return found

    return resolve
