"""The context object. The law: every attribute that AWS documents for Python, with the types the real runtime has.

Lambda Developer Guide, "Using the Lambda context object to retrieve Python function information".
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.function import read_function
from pytest_lambda_events.model.refusal import said_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.model.function import FunctionConfig

__all__ = ["ClientContext", "CognitoIdentity", "LambdaContext", "config_of", "context_of", "lambda_context"]


class CognitoIdentity:
    """The Amazon Cognito identity that called; an event source has none, so both are None."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self) -> None:
        self.cognito_identity_id: str | None = None
        self.cognito_identity_pool_id: str | None = None


class ClientContext:
    """What a mobile SDK sends along; an event source sends nothing, so `context.client_context` is None."""

    __slots__ = ("client", "custom", "env")


class LambdaContext:
    """The second argument of a handler.

    `memory_limit_in_mb` is a str, as in the real runtime. `get_remaining_time_in_millis()` follows the clock:
    virtual time inside a run.
    """

    __slots__ = (
        "_remaining_ms",
        "aws_request_id",
        "client_context",
        "function_name",
        "function_version",
        "identity",
        "invoked_function_arn",
        "log_group_name",
        "log_stream_name",
        "memory_limit_in_mb",
        "tenant_id",
    )

    def __init__(
        self, config: FunctionConfig, *, request_id: str, log_stream_name: str, remaining_ms: Callable[[], int]
    ) -> None:
        self.aws_request_id = request_id
        self.function_name = config.name
        self.function_version = config.version
        self.invoked_function_arn = config.invoked_arn
        self.memory_limit_in_mb = str(config.memory_mb)
        self.log_group_name = f"/aws/lambda/{config.name}"
        self.log_stream_name = log_stream_name
        self.identity = CognitoIdentity()
        self.client_context: ClientContext | None = None
        self.tenant_id: str | None = None
        self._remaining_ms = remaining_ms

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function's Timeout ends, never less than 0."""
        return max(self._remaining_ms(), 0)

    def log(self, message: str) -> None:
        """Write to the function's log: standard output, where pytest captures it."""
        print(message, end="")  # noqa: T201 - this is what the real runtime does

    def __repr__(self) -> str:
        return f"<LambdaContext {self.function_name} {self.aws_request_id}>"


def lambda_context(*, seed: int = 0, region: str = "us-east-1", **function: Any) -> LambdaContext:
    """A context object for calling a handler directly; `function` has CreateFunction's names (Timeout, MemorySize …).

    Its remaining time follows `time.time()`, so it follows whatever freezes that.
    """
    return context_of(config_of(function, region), seed)


def config_of(function: Mapping[str, Any], region: str) -> FunctionConfig:
    """The configuration of a function outside of any harness. Errors: what AWS answers to CreateFunction."""
    with said_by("CreateFunction"):
        return read_function(function, default_name="function", region=region, account="123456789012")


def context_of(config: FunctionConfig, seed: int) -> LambdaContext:
    """A context of a function with this configuration, as `lambda_context` makes it."""
    identifiers = Identifiers(seed)
    deadline = time.time() + config.timeout_ms / 1000
    return LambdaContext(
        config,
        request_id=identifiers.uuid4("context"),
        log_stream_name=f"2025/01/01/[$LATEST]{identifiers.hex(32, 'log')}",
        remaining_ms=lambda: round((deadline - time.time()) * 1000),
    )
