"""Names of a facade, resolved when they are first used (PEP 562). The law: importing a facade imports nothing."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["late_names"]


def late_names(facade: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """A module's `__getattr__`. `homes` says in which module of the package each name is.

    What was resolved is kept in the facade, so that it is looked for once.
    """

    def resolve(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {facade!r} has no attribute {name!r}")
        found = getattr(import_module(f"pytest_lambda_events.{homes[name]}"), name)
        setattr(sys.modules[facade], name, found)
        return found

    return resolve
