"""What CreateFunction accepts, as far as delivery goes. The law: pure; AWS's words for what AWS refuses (`Refusal`),
ours for what boto3 would not even send (`UsageError`) and for what we do not act on yet (`NotSimulated`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.model.parameters import (
    CREATE_MEMBERS,
    Operation,
    checked,
    constraint,
    out_of_range,
    refuse_constraints,
    require,
    unknown,
)
from pytest_lambda_events.model.regions import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lambda_events.model.parameters import Shape

__all__ = ["CREATE_FUNCTION_MEMBERS", "FunctionConfig", "read_function"]

CREATE_FUNCTION_MEMBERS: Final[tuple[str, ...]] = (
    "FunctionName",
    "Runtime",
    "Role",
    "Handler",
    "Code",
    "Description",
    "Timeout",
    "MemorySize",
    "Publish",
    "PublishTo",
    "VpcConfig",
    "PackageType",
    "DeadLetterConfig",
    "Environment",
    "KMSKeyArn",
    "TracingConfig",
    "Tags",
    "Layers",
    "FileSystemConfigs",
    "CodeSigningConfigArn",
    "ImageConfig",
    "Architectures",
    "EphemeralStorage",
    "SnapStart",
    "LoggingConfig",
    "TenancyConfig",
    "CapacityProviderConfig",
    "DurableConfig",
    "RuntimeConfig",
    "AcceleratorConfig",
)
"""The parameters of CreateFunction, in the order of AWS's model."""

_OPERATION: Final = Operation(name="CreateFunction", elsewhere={"CreateEventSourceMapping": CREATE_MEMBERS})
_MEMBERS: Final = (*CREATE_FUNCTION_MEMBERS, "ReservedConcurrentExecutions")
_SHAPES: Final[Mapping[str, Shape]] = {
    "FunctionName": "string",
    "Role": "string",
    "Timeout": "integer",
    "MemorySize": "integer",
    "Environment": "structure",
    "ReservedConcurrentExecutions": "integer",
}
_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "Timeout": (1, 900),
    "MemorySize": (128, 10_240),
    "ReservedConcurrentExecutions": (0, 2**31 - 1),  # PutFunctionConcurrency's; an account's quota is not simulated
}
# these change when or how often a function runs; the rest of CreateFunction says nothing about delivery
_NOT_SIMULATED: Final = ("DurableConfig", "TenancyConfig")

_NAME_PATTERN: Final = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
    r"([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
)
_NAME: Final = re.compile(_NAME_PATTERN)
_PARTITION_GROUP, _REGION_GROUP, _ACCOUNT_GROUP, _NAME_GROUP, _QUALIFIER_GROUP = 2, 3, 9, 11, 13
_VARIABLE: Final = re.compile(r"[a-zA-Z]([a-zA-Z0-9_])+")
_LONGEST_NAME: Final = 64
_LONGEST_ARN: Final = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionConfig:
    """The function behind a mapping.

    `function_arn` is without a qualifier; `version` is $LATEST unless the qualifier is a version's number, because
    nobody told us what an alias points to.
    """

    name: str
    function_arn: str
    qualifier: str | None = None
    version: str = "$LATEST"
    timeout_ms: int = 3_000
    memory_mb: int = 128
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    reserved_concurrency: int | None = None
    role_arn: str = ""

    @property
    def invoked_arn(self) -> str:
        """The ARN that the mapping names: with the qualifier, if one was given."""
        return self.function_arn if self.qualifier is None else f"{self.function_arn}:{self.qualifier}"


def read_function(parameters: Mapping[str, Any], *, default_name: str, region: str, account: str) -> FunctionConfig:
    """Read the parameters of CreateFunction (and ReservedConcurrentExecutions); all may be left out, None counts as
    that. FunctionName may be an ARN and may have a qualifier. Environment is `{"Variables": {...}}`, or the variables
    themselves.

    Errors: `Refusal` where AWS refuses, `UsageError` for names and types, `NotSimulated`.
    """
    for name in parameters:
        if name not in _MEMBERS:
            unknown(_OPERATION, name, _MEMBERS)
    given = {
        name: checked(_OPERATION, name, value, _SHAPES[name]) if name in _SHAPES else value
        for name, value in parameters.items()
        if value is not None
    }
    environment = _environment(given.get("Environment", {}))
    # a default made of a handler's name ("<lambda>") must not be refused as if the user had written it
    usable_default = re.sub(r"[^a-zA-Z0-9_-]+", "-", default_name).strip("-")[:_LONGEST_NAME] or "function"
    named = given.get("FunctionName", usable_default)
    broken = list(_broken_name(named))
    for path, bounds in _RANGES.items():
        if path in given:
            broken += out_of_range(path, given[path], bounds)
    broken += _broken_variables(environment)
    refuse_constraints(broken)
    for name in _NOT_SIMULATED:
        if name in given:
            raise NotSimulated(
                f"{name} of a function is not simulated yet: AWS would accept {name}={given[name]!r:.200}, and "
                f"ignoring it would make this test mean something else. Leave it out"
            )
    return _function(named, given, environment, region, account)


def _function(
    named: str, given: Mapping[str, Any], environment: Mapping[str, str], region: str, account: str
) -> FunctionConfig:
    match = _NAME.fullmatch(named)
    assert match is not None, named  # noqa: S101 - _broken_name has refused it
    region = (match[_REGION_GROUP] or region).rstrip(":")
    account = (match[_ACCOUNT_GROUP] or account).rstrip(":")
    partition = match[_PARTITION_GROUP] or partition_of(region)
    name, qualifier = match[_NAME_GROUP], match[_QUALIFIER_GROUP]
    return FunctionConfig(
        name=name,
        function_arn=f"arn:{partition}:lambda:{region}:{account}:function:{name}",
        qualifier=qualifier,
        version=qualifier if qualifier is not None and qualifier.isdecimal() else "$LATEST",
        timeout_ms=given.get("Timeout", 3) * 1000,
        memory_mb=given.get("MemorySize", 128),
        environment=environment,
        reserved_concurrency=given.get("ReservedConcurrentExecutions"),
        role_arn=given.get("Role", f"arn:{partition}:iam::{account}:role/{name}-role"),
    )


def _broken_name(named: str) -> Iterator[str]:
    if _NAME.fullmatch(named) is None:
        yield constraint("FunctionName", named, f"Member must satisfy regular expression pattern: {_NAME_PATTERN}")
    longest = _LONGEST_ARN if ":" in named else _LONGEST_NAME
    if len(named) > longest:
        yield constraint("FunctionName", named, f"Member must have length less than or equal to {longest}")


def _broken_variables(environment: Mapping[str, str]) -> Iterator[str]:
    """AWS's sentence about names of variables (API Reference, Environment); it hides them as sensitive."""
    if not all(map(_VARIABLE.fullmatch, environment)):
        yield (
            "Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: "
            f"[Member must satisfy regular expression pattern: {_VARIABLE.pattern}]"
        )


def _environment(given: Mapping[str, Any]) -> Mapping[str, str]:
    variables: Any = given
    # the only key Variables is the API's form, unless a text stands there: then it is a variable of that name
    if set(given) == {"Variables"} and not isinstance(given["Variables"], str):
        variables = {} if given["Variables"] is None else given["Variables"]
        require("Environment.Variables", variables, "structure")
    for name, value in variables.items():
        require("Environment.Variables (key)", name, "string")
        require(f"Environment.Variables.{name}", value, "string")
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise UsageError(
                f"Environment.Variables.{name} is {value!r:.80}: no process has a variable with a null character or "
                "half of a surrogate pair"
            )
    return MappingProxyType(dict(variables))
