"""A function's own code: a zip file, unpacked, or a directory; imported and called. The law: its modules are in
`sys.modules`, and its directory on `sys.path`, only while it is imported or called; two functions may both have an
`app.py`, and a test that imports `app` gets its own.

Lambda unpacks the zip into the task root, which stands first on `sys.path` (Lambda Developer Guide, "Working with .zip
file archives for Python Lambda functions"). Libraries that this process has loaded from its own site-packages stay
what they are: a second botocore out of the zip would be one that nobody mocks.
"""

from __future__ import annotations

import io
import os
import sys
import sysconfig
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import HandlerNotUsable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

__all__ = ["FunctionCode"]


class FunctionCode:
    """One function's code. `reference` is its Handler, "module.function"; `content` a zip file, which is unpacked into
    a temporary directory until `close`, or the directory where the code already is.

    Errors: `HandlerNotUsable` when it is no zip file, or has no such module.
    """

    def __init__(self, content: bytes | Path, reference: str) -> None:
        self.reference = reference
        self._own = reference.rpartition(".")[0].replace("/", ".").partition(".")[0]
        self._modules: dict[str, ModuleType] = {}
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        if isinstance(content, bytes):
            self._unpack(content)
        else:
            self._directory = str(content.resolve())
            self._tops = frozenset(_top_levels(sorted(one.name for one in content.iterdir() if one.is_file())))
            self._tops |= {one.name for one in content.iterdir() if one.is_dir()}
            self._refuse_missing(sorted(one.name for one in content.iterdir()), "its directory")

    def _unpack(self, content: bytes) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                self._tops = frozenset(_top_levels(archive.namelist()))
                self._refuse_missing(sorted(archive.namelist()), "its zip file")
                self._temporary = tempfile.TemporaryDirectory(prefix="lambda-events-", ignore_cleanup_errors=True)
                self._directory = str(Path(self._temporary.name).resolve())
                archive.extractall(self._directory)
        except zipfile.BadZipFile:
            raise HandlerNotUsable(f"its code is no zip file ({len(content)} bytes)") from None

    def _refuse_missing(self, names: list[str], place: str) -> None:
        if self._own not in self._tops:
            shown = ", ".join(names[:5]) or "nothing"
            raise HandlerNotUsable(f"Handler is {self.reference!r}, and {place} holds {shown}")

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """What the function imports is its own inside; outside, nothing of it is there."""
        hidden = self._hide()
        there = frozenset(sys.modules)
        sys.modules.update(self._modules)
        sys.path.insert(0, self._directory)
        count = len(sys.modules)
        try:
            yield
        finally:
            if self._directory in sys.path:
                sys.path.remove(self._directory)
            if not self._modules or len(sys.modules) != count:
                new = [one for one in list(sys.modules.items()) if one[0] not in there]
                self._modules = {name: module for name, module in new if self._has(module)}
            for name in self._modules:
                sys.modules.pop(name, None)
            sys.modules.update(hidden)

    def bound(self, handler: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """The handler, called with its code in place."""

        def call(event: Any, context: Any) -> Any:
            with self.in_place():
                return handler(event, context)

        return call

    def close(self) -> None:
        """Remove the directory, and what importing noted of it."""
        self._modules = {}
        for path in [path for path in sys.path_importer_cache if _is_within(path, self._directory)]:
            del sys.path_importer_cache[path]
        if self._temporary is not None:
            self._temporary.cleanup()

    def _hide(self) -> dict[str, ModuleType]:
        """Take out the process's modules of the same names; a module of a package is there only if the package is."""
        taken = {
            name
            for name in self._tops
            if name in sys.modules and (name == self._own or not _is_installed(sys.modules[name]))
        }
        if not taken:
            return {}
        return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in taken}

    def _has(self, module: Any) -> bool:
        """Whether it is of this code; libraries that are installed below its directory (`.venv`) are not."""
        return any(_is_within(place, self._directory) for place in _places(module)) and not _is_installed(module)


def _top_levels(names: list[str]) -> Iterator[str]:
    for name in names:
        top, folder, _ = name.partition("/")
        yield top if folder else top.partition(".")[0]


def _places(module: Any) -> list[str]:
    """Where a module's files are: a package's directories, its file; built-in and frozen are no places."""
    spec = getattr(module, "__spec__", None)
    places = [*(getattr(spec, "submodule_search_locations", None) or ()), getattr(spec, "origin", None)]
    return [place for place in places if isinstance(place, str)]


def _is_installed(module: Any) -> bool:
    """Whether a loaded module is Python's own or one of an installed package."""
    place = next(iter(_places(module)), None)
    if place in ("built-in", "frozen"):
        return True
    installed = sysconfig.get_paths()
    return place is not None and any(_is_within(place, installed[one]) for one in _INSTALLED)


def _is_within(place: str, directory: str) -> bool:
    return place == directory or place.startswith(directory.rstrip(os.sep) + os.sep)


_INSTALLED = ("stdlib", "platstdlib", "purelib", "platlib")
