"""Clients that cost little. The law: shared is only what no call changes: botocore's models, its handlers' order.

Reading a service's model is nine tenths of a first client. `mock_aws` makes each test start with a new session, and a
session with a new loader, so without this each test would read the models again. Sessions made while a harness is
active share what the first one read; the default session also starts with its handlers in place.
"""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any

import boto3
import botocore.handlers
import botocore.loaders
import botocore.session

from pytest_lambda_events.brokers.moto.patches import put_in_place

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack

__all__ = ["install", "keep_variable", "set_region"]

_loader: Any = None  # of the first session in this process
_emitter: tuple[int, Any] | None = None  # how many handlers botocore had, and an emitter with them registered


def install(stack: ExitStack) -> None:
    """Make sessions quick until `stack` closes; `boto3.DEFAULT_SESSION` is then what it was."""
    stack.callback(setattr, boto3, "DEFAULT_SESSION", boto3.DEFAULT_SESSION)
    make_loader = botocore.session.create_loader
    put_in_place(stack, botocore.session, "create_loader", lambda path=None: _shared_loader(path, make_loader))
    make_default = boto3.setup_default_session

    def setup_default_session(**options: Any) -> None:
        if options:
            make_default(**options)  # what the user asks for by name is made as boto3 makes it
        else:
            boto3.DEFAULT_SESSION = boto3.session.Session(botocore_session=_quick_session())

    put_in_place(stack, boto3, "setup_default_session", setup_default_session)


def _shared_loader(path: str | None, make_loader: Callable[..., Any]) -> Any:
    global _loader  # noqa: PLW0603 - one set of models in a process is the point
    if path is not None:
        return make_loader(path)
    if _loader is None:
        _loader = make_loader()
    loader = copy.copy(_loader)  # the copy shares the models read
    loader._search_paths = list(_loader._search_paths)  # each session appends to these
    return loader


def _quick_session() -> Any:
    global _emitter  # noqa: PLW0603
    handlers = len(botocore.handlers.BUILTIN_HANDLERS)  # libraries append to them: moto does, X-Ray does
    if _emitter is None or _emitter[0] != handlers:
        session = botocore.session.Session()
        emitter = getattr(session, "_original_handler", None)
        if emitter is None:  # another botocore: slower, and just as right
            return session
        _emitter = (handlers, copy.copy(emitter))
        return session
    return botocore.session.Session(event_hooks=copy.copy(_emitter[1]), include_builtin_handlers=False)


def set_region(region: str, stack: ExitStack) -> None:
    """Let clients without a region use the harness's until `stack` closes, unless the environment names one."""
    if not os.environ.get("AWS_DEFAULT_REGION") and not os.environ.get("AWS_REGION"):
        keep_variable("AWS_DEFAULT_REGION", stack)
        os.environ["AWS_DEFAULT_REGION"] = region


def keep_variable(name: str, stack: ExitStack) -> None:
    """Give an environment variable its present value back when `stack` closes."""
    value = os.environ.get(name)
    if value is None:
        stack.callback(os.environ.pop, name, None)
    else:
        stack.callback(os.environ.__setitem__, name, value)
