"""Putting something in the place of an attribute, and back. The law: the stack that was given undoes all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import UnsupportedMoto

if TYPE_CHECKING:
    from contextlib import ExitStack

__all__ = ["add", "original_of", "put_in_place", "unsupported"]


def original_of(owner: Any, name: str) -> Any:
    """What `owner` itself has under `name`, descriptors as they are. Errors: `UnsupportedMoto` when it has nothing."""
    try:
        return vars(owner)[name]
    except KeyError:
        where = f"{owner.__module__}.{owner.__qualname__}" if isinstance(owner, type) else owner.__name__
        raise unsupported(f"{where} has no {name} of its own") from None


def put_in_place(stack: ExitStack, owner: Any, name: str, value: Any) -> Any:
    """Set `owner.name` until `stack` closes; what was there before."""
    original = original_of(owner, name)
    setattr(owner, name, value)
    stack.callback(setattr, owner, name, original)
    return original


def add(stack: ExitStack, owner: Any, name: str, value: Any) -> None:
    """Give `owner` an attribute that it does not have, until `stack` closes."""
    setattr(owner, name, value)
    stack.callback(delattr, owner, name)


def unsupported(what: str) -> UnsupportedMoto:
    """The error for internals that are not the ones we know."""
    from importlib.metadata import version

    return UnsupportedMoto(
        f"{what}, so the exact engines cannot stand in for moto's. Installed are moto {version('moto')}, boto3 "
        f"{version('boto3')} and botocore {version('botocore')}; this package knows moto from 5.1.16 on. Please report "
        "it with these versions; until then, install the moto that worked before."
    )
