"""The code that a template names, as a handler. The law: a module that a test can import itself is that module, so that
`mock.patch` reaches it; any other is out of `sys.modules` whenever its function is not running.
"""

from __future__ import annotations

import importlib.util
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import HandlerNotUsable
from pytest_lambda_events.invoking.code import FunctionCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.harness.running import World
    from pytest_lambda_events.model.function import FunctionConfig
    from pytest_lambda_events.templates.declared import Code, DeclaredFunction

__all__ = ["TemplateCode"]


class TemplateCode:
    """Handlers of templates' functions, loaded once each, until `close`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._loaded: dict[Any, Callable[[Any, Any], Any]] = {}
        self._codes: list[FunctionCode] = []

    def handler(self, function: DeclaredFunction, config: FunctionConfig, home: Path) -> Callable[[Any, Any], Any]:
        """The handler of a function; `home` is where its template is. Errors: `HandlerNotUsable` with what to do."""
        key = (str(home.resolve()), function.id, function.code, tuple(sorted(config.environment.items())))
        if key not in self._loaded:
            try:
                self._loaded[key] = self._load(function.code, config, home)
            except HandlerNotUsable as error:
                raise HandlerNotUsable(
                    f"the code of {function.id} ({function.place}) gives no handler: {error}. Give the handler itself: "
                    f"handlers={{{function.id!r}: handler}}"
                ) from error
        return self._loaded[key]

    def _load(self, code: Code, config: FunctionConfig, home: Path) -> Callable[[Any, Any], Any]:
        if code.runtime is not None and not code.runtime.startswith("python"):
            raise HandlerNotUsable(f"its Runtime is {code.runtime!r}, and only Python runs in this process")
        if code.handler is None:
            raise HandlerNotUsable("the template has no Handler for it (a container image?)")
        if code.text is not None:
            return self._isolated(_zipped(code.text, code.handler), code.handler, config)
        path = home / code.path if code.path is not None else None
        if path is None or not path.exists():
            where = "nowhere beside the template" if path is None else f"not at {path}"
            raise HandlerNotUsable(f"Handler is {code.handler!r}, and its code is {where}")
        if path.is_file():
            return self._isolated(path.read_bytes(), code.handler, config)
        if _is_importable(code.handler, path):
            return self._world.usable(code.handler, config)
        return self._isolated(path, code.handler, config)

    def _isolated(self, content: bytes | Path, handler: str, config: FunctionConfig) -> Callable[[Any, Any], Any]:
        code = FunctionCode(content, handler)
        self._codes.append(code)
        with code.in_place():
            found = self._world.usable(handler, config)
        return code.bound(found)

    def close(self) -> None:
        """Remove what was unpacked."""
        for code in self._codes:
            code.close()
        self._codes.clear()
        self._loaded.clear()


def _zipped(text: str, handler: str) -> bytes:
    """Code that stands in the template itself, as the file that AWS makes of it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(f"{handler.partition('.')[0]}.py", text)
    return content.getvalue()


def _is_importable(handler: str, directory: Path) -> bool:
    """Whether a plain import finds the module in this very directory."""
    top = handler.rpartition(".")[0].replace("/", ".").partition(".")[0]
    try:
        spec = importlib.util.find_spec(top) if top else None
    except (ImportError, ValueError):
        return False
    if spec is None:
        return False
    places = [spec.origin, *(spec.submodule_search_locations or ())]
    inside = directory.resolve()
    return any(place is not None and Path(place).resolve().is_relative_to(inside) for place in places)
