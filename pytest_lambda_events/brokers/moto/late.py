"""Services that a harness may never touch. The law: their tables go in with the first import of moto's models, whoever
imports them, and come out with everything else; until then they cost nothing.

A stream of Kinesis's, say, can be made by boto3, by CloudFormation inside moto, or by a test that reaches into moto's
backend: all of them import `moto.kinesis.models` first. That import is where ours step in.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from importlib import import_module
from importlib.abc import Loader
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from pytest_lambda_events.brokers.moto.tables import install

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = ["SERVICES", "LateService", "LateServices"]


class LateService(NamedTuple):
    """A service: the module of moto's that everybody imports who uses it, and ours that stands in for it.

    Ours has `TABLE` (a `tables.Table`) and `begin(surface)`, which makes what a harness has of the service: an object
    with `release(keep=…)`.
    """

    models: str
    room: str


class Room(Protocol):
    """What a harness has of a service."""

    def release(self, *, keep: bool) -> None:
        """Forget everything; with `keep`, what is there goes back into moto."""


SERVICES: Final[Mapping[str, LateService]] = {
    "dynamodb": LateService("moto.dynamodb.models", "pytest_lambda_events.brokers.moto.dynamodb.table"),
    "dynamodbstreams": LateService(
        "moto.dynamodbstreams.models", "pytest_lambda_events.brokers.moto.dynamodb.streams_table"
    ),
    "kinesis": LateService("moto.kinesis.models", "pytest_lambda_events.brokers.moto.kinesis.table"),
}


class LateServices:
    """The late services of one harness."""

    def __init__(self, surface: MotoSurface) -> None:
        self._surface = surface
        self._stack = ExitStack()
        self._rooms: dict[str, Room] = {}

    def watch(self, stack: ExitStack) -> None:
        """Put in the tables of what is loaded, now, and those of the others when they are; until `stack` closes.

        Errors: `UnsupportedMoto`.
        """
        self._stack = stack.enter_context(ExitStack())
        waiting = {service.models: name for name, service in SERVICES.items()}
        for models in [models for models in waiting if models in sys.modules]:
            self._join(waiting.pop(models))
        watcher = _Watcher(waiting, self._join)
        sys.meta_path.insert(0, watcher)
        self._stack.callback(sys.meta_path.remove, watcher)

    def room(self, name: str) -> Any:
        """What this harness has of a service, whose moto is loaded for it. Errors: `UnsupportedMoto`."""
        if name not in self._rooms:
            import_module(SERVICES[name].models)
        return self._rooms[name]

    def release(self, *, keep: bool) -> None:
        """Forget everything; with `keep`, what is there goes back into moto, which has its own operations again."""
        rooms = list(self._rooms.values())
        self._rooms.clear()
        for room in rooms:
            room.release(keep=keep)

    def _join(self, name: str) -> None:
        room: Any = import_module(SERVICES[name].room)
        install(room.TABLE, self._surface, self._stack)
        self._rooms[name] = room.begin(self._surface)


class _Watcher:
    """Stands before the finders that find modules, and has itself told when one of these was executed."""

    def __init__(self, waiting: dict[str, str], loaded: Callable[[str], None]) -> None:
        self._waiting = waiting
        self._loaded = loaded

    def find_spec(self, fullname: str, *_where: object) -> ModuleSpec | None:
        """What the others find, with a loader that tells; None for what nobody waits for."""
        name = self._waiting.pop(fullname, None)
        if name is None:
            return None
        try:
            spec = find_spec(fullname)  # by the others: this one does not wait for it any more
        finally:
            self._waiting[fullname] = name
        if spec is not None and spec.loader is not None:
            spec.loader = _Telling(spec, spec.loader, lambda: self._executed(fullname))
        return spec

    def _executed(self, fullname: str) -> None:
        self._loaded(self._waiting[fullname])
        del self._waiting[fullname]


class _Telling(Loader):
    """Another loader, and what is called when it has executed the module. The module keeps the other one only."""

    def __init__(self, spec: ModuleSpec, loader: Loader, tell: Callable[[], None]) -> None:
        self._spec = spec
        self._loader = loader
        self._tell = tell

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the other one does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """As the other one does; then tell."""
        self._spec.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._tell()
