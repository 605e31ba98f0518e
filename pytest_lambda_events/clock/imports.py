"""Imports on real time. The law: while time is frozen, a module's body runs thawed, whoever imports or reloads it.

A class body that runs on frozen time may keep a fake `datetime` for good (a pydantic model's schema does, and fails).
So the two functions of importlib that every `import` and `importlib.reload` passes through are wrapped. They are
private; on a Python without them there is no guard. A module executed by hand (`loader.exec_module`) passes by. All
threads see real time for as long as one of them imports.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

__all__ = ["guard_imports"]


def guard_imports(thawed: Callable[[str], AbstractContextManager[None]]) -> Callable[[], None]:
    """Run the body of each module that is imported from now on inside `thawed(name)`; gives the way to undo it."""
    bootstrap: Any = getattr(importlib, "_bootstrap", None)
    find_and_load: Any = getattr(bootstrap, "_find_and_load", None)
    execute: Any = getattr(bootstrap, "_exec", None)

    def import_thawed(name: str, *rest: Any) -> Any:
        __tracebackhide__ = True
        # importlib.import_module comes here for loaded modules too: nothing will run, so nothing need thaw
        if name in sys.modules:
            return find_and_load(name, *rest)
        with thawed(name):
            return find_and_load(name, *rest)

    def execute_thawed(spec: Any, *rest: Any) -> Any:
        __tracebackhide__ = True
        with thawed(spec.name):
            return execute(spec, *rest)

    if find_and_load is None or execute is None:
        return lambda: None
    bootstrap._find_and_load = import_thawed
    bootstrap._exec = execute_thawed

    def undo() -> None:
        bootstrap._find_and_load = find_and_load
        bootstrap._exec = execute

    return undo
