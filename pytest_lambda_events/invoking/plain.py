"""A function without a poller: one call with one event. The law: it ends as it would on Lambda, but for the time.

There is no clock of ours here, so a Timeout is not enforced; where a harness is active its time is what the handler
sees.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_lambda_events.invoking.context import config_of, context_of
from pytest_lambda_events.invoking.handler import (
    ProcessEnvironment,
    load_handler,
    marshal,
    message_of,
    runtime_variables,
    usable_handler,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.invoking.context import LambdaContext

__all__ = ["Call", "PlainFunction"]


class Call(NamedTuple):
    """How a call ended: with a `response` (JSON), or a failure of this `type` and `message`. `error` is what was
    raised, if anything was.
    """

    response: Any
    type: str | None = None
    message: str = ""
    error: BaseException | None = None


class PlainFunction:
    """A handler (a callable, or a text that names one) and its configuration, CreateFunction's names.

    Errors: `HandlerNotUsable`; what AWS answers to CreateFunction, as a `ClientError`.
    """

    def __init__(self, handler: Callable[[Any, Any], Any] | str, function: Mapping[str, Any] | None = None) -> None:
        self._config = config_of(function or {}, os.environ.get("AWS_DEFAULT_REGION") or "us-east-1")
        self._variables = runtime_variables(self._config)
        self._calls = 0
        process = ProcessEnvironment()
        process.become(self._variables)  # what a module reads when it is imported is the function's
        try:
            self.handler = load_handler(handler) if isinstance(handler, str) else usable_handler(handler)
        finally:
            process.restore()

    def call(self, event: Any) -> Call:
        """Hand an event over. What is meant for the test runner (`pytest.fail`, KeyboardInterrupt) passes through."""
        context = self._context()
        process = ProcessEnvironment()
        process.become(self._variables)
        try:
            response = self.handler(event, context)
        except SystemExit as error:
            return Call(None, "Runtime.ExitError", f"the handler ended the process ({error!r})", error)
        except Exception as error:
            return Call(None, type(error).__name__, message_of(error), error)
        finally:
            process.restore()
        kind, value, failed, problem = marshal(response)
        if kind == "returned":
            return Call(value)
        name, _, message = (problem or "").partition(": ")
        return Call(None, name, message, failed)

    def _context(self) -> LambdaContext:
        """A new context; each call has a request id of its own, the same in every run."""
        self._calls += 1
        return context_of(self._config, self._calls)
