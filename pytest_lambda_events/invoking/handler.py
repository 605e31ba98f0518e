"""The function: the user's handler, called in this process on a fresh copy of the event. The law: every ending becomes
an `Ending`, except what is meant for the test runner (`pytest.fail`, KeyboardInterrupt), which passes through.

Endings: Lambda Developer Guide, "Lambda function errors in Python"; `errorType`s as the real runtime prints them.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.clock.virtual import length_ms
from pytest_lambda_events.errors import DeadlinePassed, HandlerNotUsable
from pytest_lambda_events.invoking.context import LambdaContext
from pytest_lambda_events.model.json_writing import runtime_json
from pytest_lambda_events.model.outcome import PAYLOAD_LIMIT_BYTES, Ending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.model.function import FunctionConfig
    from pytest_lambda_events.model.outcome import EndingKind

__all__ = [
    "LambdaFunction",
    "ProcessEnvironment",
    "load_handler",
    "marshal",
    "message_of",
    "runtime_variables",
    "usable_handler",
]

_ASYNC_REFUSAL = (
    "is a coroutine function (async def). Lambda's Python runtime does not await: every invocation would fail with "
    "Runtime.MarshalError: Unable to marshal response: Object of type coroutine is not JSON serializable. Write a "
    "plain `def handler(event, context)` that calls `asyncio.run(...)`."
)


def usable_handler(handler: object) -> Callable[[Any, Any], Any]:
    """The handler, if Lambda could call it. Errors: `HandlerNotUsable` when it is not callable or is `async def`."""
    if not callable(handler):
        raise HandlerNotUsable(
            f"the handler must be callable, or a text like 'package.module:function', not {handler!r} "
            f"of type {type(handler).__name__}"
        )
    called: Any = handler
    if not inspect.isroutine(called):
        called = type(handler).__call__
    if inspect.iscoroutinefunction(inspect.unwrap(called)) or inspect.iscoroutinefunction(handler):
        raise HandlerNotUsable(f"the handler {_name(handler)} {_ASYNC_REFUSAL}")
    return handler


def load_handler(reference: str) -> Callable[[Any, Any], Any]:
    """Import `package.module:function`, or Lambda's own `module.function` (`dir/module.function` too).

    Errors: `HandlerNotUsable` that names what could not be found; what the module itself raises is its cause.
    """
    path, separator, attribute = reference.partition(":")
    if not separator:
        path, separator, attribute = reference.rpartition(".")
    path = path.replace("/", ".")
    if not path or not attribute:
        raise HandlerNotUsable(
            f"handler {reference!r} names no function; write 'package.module:function', or Lambda's 'module.function'"
        )
    try:
        module = importlib.import_module(path)
    except Exception as error:
        raise HandlerNotUsable(
            f"handler {reference!r}: importing {path!r} failed with {type(error).__name__}: {error}. The module must "
            f"be importable from here; sys.path begins with {sys.path[:3]}"
        ) from error
    found: Any = module
    for part in attribute.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise HandlerNotUsable(f"handler {reference!r}: module {path!r} has no {attribute!r}") from None
    return usable_handler(found)


def _name(handler: object) -> str:
    return getattr(handler, "__qualname__", None) or type(handler).__qualname__


class ProcessEnvironment:
    """The process's environment variables, as one function or another sees them. Switching costs; staying does not."""

    def __init__(self) -> None:
        self._current: Mapping[str, str] | None = None
        self._before: dict[str, str | None] = {}

    def become(self, variables: Mapping[str, str]) -> None:
        """Set these, and take back what `become` set before."""
        if self._current is variables:
            return
        self.restore()
        self._before = {name: os.environ.get(name) for name in variables}
        os.environ.update(variables)
        self._current = variables

    def restore(self) -> None:
        """Make the environment what it was before the first `become`."""
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self._before = {}
        self._current = None


def message_of(error: BaseException) -> str:
    """What an exception says; one whose own `__str__` raises is still the end of an invocation, not of the run."""
    try:
        return str(error)
    except Exception as second:
        return f"<its __str__ raised {type(second).__name__}>"


def runtime_variables(config: FunctionConfig) -> dict[str, str]:
    """The environment variables that a function sees: its own, and those of the runtime that tell about it."""
    return {
        "AWS_LAMBDA_FUNCTION_NAME": config.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": config.version,
        **config.environment,
    }


class LambdaFunction:
    """A handler with its configuration, on a clock.

    `around` is entered for each call (it hides a running event loop, among others); `process` is whose environment
    variables become the function's (who runs invocations restores them at the end); `duration` is the length of a call
    in seconds, or a function of the event that gives it, for handlers that do not sleep.
    """

    def __init__(
        self,
        handler: Callable[[Any, Any], Any],
        config: FunctionConfig,
        *,
        clock: Clock,
        around: Callable[[], AbstractContextManager[None]],
        duration: float | Callable[[Any], float] = 0,
        log_stream_name: str,
        process: ProcessEnvironment,
    ) -> None:
        self.handler = handler
        self.duration = duration
        self._clock = clock
        self._around = around
        self._log_stream_name = log_stream_name
        self._process = process
        self.reconfigure(config)

    def reconfigure(self, config: FunctionConfig) -> None:
        """Change the function's configuration; calls from now on have it."""
        self.config = config
        self._variables = runtime_variables(config)

    def invoke(self, event_text: str, request_id: str) -> Ending:
        """Call the handler with the parsed event. What is meant for the test runner passes through."""
        clock = self._clock
        started_ms = clock.now_ms
        deadline_ms = started_ms + self.config.timeout_ms
        context = LambdaContext(
            self.config,
            request_id=request_id,
            log_stream_name=self._log_stream_name,
            remaining_ms=lambda: deadline_ms - clock.now_ms,
        )
        length_ms = self._length_ms(event_text)
        event = json.loads(event_text)
        response: Any = None
        error: BaseException | None = None
        clock.deadline_ms = deadline_ms
        try:
            self._process.become(self._variables)
            with self._around():
                response = self.handler(event, context)
        except (Exception, SystemExit, DeadlinePassed) as caught:
            error = caught
        finally:
            clock.deadline_ms = None
        # joined here too: the handler may have moved a freeze of its own
        clock.enter()
        ended_ms = max(clock.now_ms, started_ms + length_ms)
        if ended_ms >= deadline_ms:
            return self._timed_out(started_ms, deadline_ms, request_id, error)
        problem: str | None
        if error is not None:
            problem = f"raised {type(error).__name__}: {message_of(error)}"
            if isinstance(error, SystemExit):
                problem = f"Runtime.ExitError: the handler ended the process ({error!r})"
            return Ending("error", started_ms, ended_ms, None, error, problem)
        kind, value, error, problem = marshal(response)
        return Ending(kind, started_ms, ended_ms, value, error, problem)

    def _length_ms(self, event_text: str) -> int:
        length = self.duration(json.loads(event_text)) if callable(self.duration) else self.duration
        return length_ms("duration", length)

    def _timed_out(self, started_ms: int, deadline_ms: int, request_id: str, error: BaseException | None) -> Ending:
        seconds = (deadline_ms - started_ms) / 1000
        problem = f"Sandbox.Timedout: RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
        return Ending("timeout", started_ms, deadline_ms, None, error, problem)


def marshal(response: Any) -> tuple[EndingKind, Any, BaseException | None, str | None]:
    """What Lambda gets of a response: it is JSON, at most 6 MB of it."""
    if response is None:
        return "returned", None, None, None
    try:
        text = runtime_json(response)
    except (TypeError, ValueError, RecursionError) as error:
        problem = f"Runtime.MarshalError: Unable to marshal response: {error}"
        if inspect.iscoroutine(response):
            response.close()
            problem += ". The handler returned a coroutine: Lambda does not await; call asyncio.run(...) in it."
        return "malformed", None, error, problem
    if len(text) > PAYLOAD_LIMIT_BYTES:
        size = len(text.encode())
        problem = (
            "Function.ResponseSizeTooLarge: Response payload size exceeded maximum allowed payload size "
            f"({PAYLOAD_LIMIT_BYTES} bytes); this one has {size}"
        )
        return "malformed", None, None, problem
    return "returned", json.loads(text), None, None
