"""How a table of moto's operations gets ours in their place. The law: a table goes in as a unit, or not at all.

Before anything is replaced, each original is looked at: the parameters that we rely on must be there under their
names, or the moto is refused by name. What a moto does not have yet (`added`) is put beside, and replaced once it has.
"""

from __future__ import annotations

import inspect
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_lambda_events.brokers.moto.patches import add, original_of, put_in_place, unsupported
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack

    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = ["Operation", "Table", "check_fields", "install"]


class Operation(NamedTuple):
    """One line of a table: `owner.name` becomes `replacement(surface, original, self, …)`.

    `parameters` are those of the original that we rely on, after self; None stands for a property. `added`: a moto
    without it is fine, too.
    """

    owner: type
    name: str
    replacement: Callable[..., Any]
    parameters: tuple[str, ...] | None = ()
    added: bool = False


class Table(NamedTuple):
    """The operations of one service.

    `check` looks at what the replacements read and write beside them; `refused` makes moto's exception, which boto3
    raises as its `ClientError`, of a code and a message; `settle` lets happen what is due before an operation.
    """

    operations: tuple[Operation, ...]
    check: Callable[[], None]
    refused: Callable[[str, str], Exception]
    settle: Callable[[MotoSurface], None] | None = None


def install(table: Table, surface: MotoSurface, stack: ExitStack) -> None:
    """Replace all of a table until `stack` closes. Errors: `UnsupportedMoto`, and then nothing was replaced."""
    table.check()
    originals = [_checked(operation) for operation in table.operations]
    for operation, original in zip(table.operations, originals, strict=True):
        if operation.parameters is None:
            bound: Any = property(_bound(table, surface, operation.replacement, original.fget))
        else:
            bound = _bound(table, surface, operation.replacement, original)
        if original is None:
            add(stack, operation.owner, operation.name, bound)
        else:
            put_in_place(stack, operation.owner, operation.name, bound)


def _bound(
    table: Table, surface: MotoSurface, replacement: Callable[..., Any], original: Callable[..., Any] | None
) -> Callable[..., Any]:
    def operation(owner: Any, *args: Any, **kwargs: Any) -> Any:
        with surface.lock:
            surface.clock.enter()
            if table.settle is not None:
                table.settle(surface)
            try:
                return replacement(surface, original, owner, *args, **kwargs)
            except Refusal as refusal:
                raise table.refused(refusal.code, refusal.message) from refusal

    # moto finds its actions by looking for functions, by name
    return update_wrapper(operation, replacement if original is None else original)


_known: dict[tuple[type, str], Any] = {}  # originals that passed: looking at a signature takes longer than the rest


def _checked(operation: Operation) -> Any:
    owner, name, _, parameters, added = operation
    if added and name not in vars(owner):
        return None
    original = original_of(owner, name)
    if _known.get((owner, name)) is original:
        return original
    where = f"{owner.__module__}.{owner.__qualname__}.{name}"
    if parameters is None:
        if not isinstance(original, property) or original.fget is None:
            raise unsupported(f"{where} is not a property")
    else:
        if not inspect.isfunction(original):
            raise unsupported(f"{where} is not a method")
        given = tuple(inspect.signature(original).parameters)[1:]
        if given[: len(parameters)] != parameters:
            raise unsupported(f"{where} takes ({', '.join(given)}), not ({', '.join(parameters)})")
    _known[owner, name] = original
    return original


def check_fields(thing: Any, fields: tuple[str, ...]) -> None:
    """Whether one of moto's classes or objects has these. Errors: `UnsupportedMoto`, by name."""
    kind = thing if isinstance(thing, type) else type(thing)
    for field in fields:
        if not hasattr(thing, field):
            raise unsupported(f"{kind.__module__}.{kind.__qualname__} has no {field}")
