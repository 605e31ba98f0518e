"""Module globals that hold a time function. The law: found by identity, under any name, and every swap can be undone.

`from time import sleep` copies the function into the importing module, so replacing `time.sleep` is not enough. All
loaded modules are searched; the names found are remembered per module, so that a second search of a module whose
globals have not changed in number costs half a microsecond. What is not a module global (a class attribute, a default
argument) is not found.
"""

from __future__ import annotations

import sys
import weakref
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Bindings", "Swap", "Unchanged", "namespace_of"]

Swap = tuple[dict[str, Any], str, Any]
"""One change that was made: the module's globals, the name, and the value before."""

# not `vars(module)`: some lazy modules (apipkg) make `__dict__` a property that imports everything they offer
namespace_of: Callable[[Any], dict[str, Any]] = vars(ModuleType)["__dict__"].__get__

# names under which time functions usually live are looked at even when they held something else (a mock) when the
# module was searched; a mock that is taken away again does not change the number of globals
_USUAL_NAMES = frozenset({"sleep", "time", "datetime", "date", "monotonic", "perf_counter", "localtime", "gmtime"})


class Unchanged:
    """Has a module the same number of globals as when this was last asked?"""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[weakref.ref[ModuleType], int]] = {}

    def __call__(self, name: str, module: ModuleType) -> bool:
        """Ask about `module`, and remember it for the next time."""
        seen = self._seen.get(name)
        try:
            size = len(namespace_of(module))
        except TypeError:
            return False  # not a module: anything may be put into sys.modules
        # the module itself and not its id, which the next module of that name may well get
        if seen is not None and seen[1] == size and seen[0]() is module:
            return True
        self._seen[name] = (weakref.ref(module), size)
        return False


class Bindings:
    """Where loaded modules hold one of the `watched` objects. Keep it: its memory is what makes it fast."""

    def __init__(self, watched: Iterable[object]) -> None:
        # kept, because an identity means nothing once its object is gone
        self._watched = tuple(watched)
        self._ids = frozenset(map(id, self._watched))
        self._memory: dict[str, tuple[weakref.ref[ModuleType], int, tuple[str, ...]]] = {}

    def swap(
        self, replacements: Mapping[int, Any], *, skip: tuple[str, ...] = (), only: Iterable[str] | None = None
    ) -> list[Swap]:
        """Put `replacements[id(value)]` in the place of each value found; gives what was changed, for `undo`.

        `skip` are prefixes of module names to leave alone, `only` the names of the modules to look at (all).
        """
        done: list[Swap] = []
        for name, namespace, attributes in self._find(only):
            if name.startswith(skip):
                continue
            for attribute in attributes:
                value = namespace.get(attribute)
                new = replacements.get(id(value))
                if new is not None:
                    namespace[attribute] = new
                    done.append((namespace, attribute, value))
        return done

    def _find(self, only: Iterable[str] | None) -> list[tuple[str, dict[str, Any], tuple[str, ...]]]:
        found = []
        memory = self._memory
        # copied, because another thread may import meanwhile
        modules: list[tuple[str, Any]] = (
            list(sys.modules.items()) if only is None else [(name, sys.modules.get(name)) for name in only]
        )
        for name, module in modules:
            try:
                namespace = namespace_of(module)
            except TypeError:
                continue  # not a module: anything may be put into sys.modules
            # as in `Unchanged`, written out because this runs for each module at each start and stop
            known = memory.get(name)
            if known is None or known[1] != len(namespace) or known[0]() is not module:
                known = memory[name] = (weakref.ref(module), len(namespace), self._search(namespace))
            if known[2]:
                found.append((name, namespace, known[2]))
        return found

    def _search(self, namespace: dict[str, Any]) -> tuple[str, ...]:
        return tuple(
            attribute
            for attribute, value in list(namespace.items())
            if id(value) in self._ids or attribute in _USUAL_NAMES
        )
