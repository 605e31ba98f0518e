"""What a client checks before it sends, and the words of AWS's model. The law: pure, and no source's or function's own
rule; names and types are a `UsageError` in botocore's words, ranges and enums a `Refusal` in AWS's.

Both `mapping` and `function` read this. The shapes of a mapping stand here, because a name that CreateFunction does not
have may be one of theirs.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

__all__ = [
    "CREATE_MEMBERS",
    "SHAPES",
    "MapOf",
    "Operation",
    "Shape",
    "checked",
    "constraint",
    "lower_camel",
    "out_of_range",
    "refuse_constraints",
    "require",
    "unknown",
]

Shape: TypeAlias = "str | tuple[Shape] | Mapping[str, Shape] | MapOf"
"""A type's name, a list of a shape (a tuple of one), a structure by its members, or a map."""


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map whose keys are texts and whose values are of one shape."""

    value: Shape


_DESTINATION: Final[Shape] = {"Destination": "string"}
_SCHEMA_REGISTRY: Final[Shape] = {
    "SchemaRegistryURI": "string",
    "EventRecordFormat": "string",
    "AccessConfigs": ({"Type": "string", "URI": "string"},),
    "SchemaValidationConfigs": ({"Attribute": "string"},),
}

SHAPES: Final[Mapping[str, Shape]] = {
    "EventSourceArn": "string",
    "FunctionName": "string",
    "Enabled": "boolean",
    "BatchSize": "integer",
    "FilterCriteria": {"Filters": ({"Pattern": "string"},)},
    "KMSKeyArn": "string",
    "MetricsConfig": {"Metrics": ("string",)},
    "LoggingConfig": {"SystemLogLevel": "string"},
    "ScalingConfig": {"MaximumConcurrency": "integer"},
    "MaximumBatchingWindowInSeconds": "integer",
    "ParallelizationFactor": "integer",
    "StartingPosition": "string",
    "StartingPositionTimestamp": "timestamp",
    "DestinationConfig": {"OnSuccess": _DESTINATION, "OnFailure": _DESTINATION},
    "MaximumRecordAgeInSeconds": "integer",
    "BisectBatchOnFunctionError": "boolean",
    "MaximumRetryAttempts": "integer",
    "Tags": MapOf("string"),
    "TumblingWindowInSeconds": "integer",
    "Topics": ("string",),
    "Queues": ("string",),
    "SourceAccessConfigurations": ({"Type": "string", "URI": "string"},),
    "SelfManagedEventSource": {"Endpoints": MapOf(("string",))},
    "FunctionResponseTypes": ("string",),
    "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": "string", "SchemaRegistryConfig": _SCHEMA_REGISTRY},
    "SelfManagedKafkaEventSourceConfig": {
        "ConsumerGroupId": "string",
        "SchemaRegistryConfig": _SCHEMA_REGISTRY,
        "ConsumptionMode": "string",
    },
    "DocumentDBEventSourceConfig": {"DatabaseName": "string", "CollectionName": "string", "FullDocument": "string"},
    "ProvisionedPollerConfig": {
        "MinimumPollers": "integer",
        "MaximumPollers": "integer",
        "PollerGroupName": "string",
    },
}

CREATE_MEMBERS: Final[tuple[str, ...]] = tuple(SHAPES)
"""The parameters of CreateEventSourceMapping, in the order of AWS's model."""

_TYPES: Final[Mapping[str, tuple[tuple[type, ...], str, str]]] = {  # Python's, as botocore names them, as people do
    "boolean": ((bool,), "<class 'bool'>", "True or False"),
    "integer": ((int,), "<class 'int'>", "a whole number"),
    "list": ((list, tuple), "<class 'list'>, <class 'tuple'>", "a list"),
    "string": ((str,), "<class 'str'>", "a text"),
    "structure": ((Mapping,), "<class 'dict'>", "a dict"),
    "timestamp": ((dt.datetime, str, int, float), "<class 'datetime.datetime'>, timestamp-string", "a datetime"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation by its name, and the parameters of others: where a name that it does not have may belong."""

    name: str
    elsewhere: Mapping[str, Collection[str]]


def checked(operation: Operation, path: str, value: Any, shape: Shape) -> Any:
    """A copy of `value`, without nulls in structures. Errors: `UsageError` when it has not this shape."""
    if isinstance(shape, str):
        require(path, value, shape)
        return copy.deepcopy(value) if shape == "structure" else value
    if isinstance(shape, tuple):
        require(path, value, "list")
        return [checked(operation, f"{path}[{place}]", one, shape[0]) for place, one in enumerate(value)]
    require(path, value, "structure")
    if isinstance(shape, MapOf):
        for name in value:
            require(f"{path} (key)", name, "string")
        return {name: checked(operation, f"{path}.{name}", one, shape.value) for name, one in value.items()}
    for name in value:
        if name not in shape:
            unknown(operation, name, list(shape), inside=path)
    return {
        name: checked(operation, f"{path}.{name}", value[name], shape[name])
        for name in shape
        if value.get(name) is not None
    }


def require(path: str, value: Any, expected: str) -> None:
    """Errors: `UsageError` when `value` is not of the type of this name."""
    types, botocore_words, words = _TYPES[expected]
    # True is an int in Python, and a boolean in JSON
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise UsageError(
            f"Invalid type for parameter {path}, value: {value!r:.200}, type: {type(value)}, valid types: "
            f"{botocore_words}; give {words}"
        )


def unknown(operation: Operation, name: object, members: Sequence[str], *, inside: str = "") -> NoReturn:
    """Refuse a name that is not among `members` of the operation, or of the structure at `inside` in it.

    Errors: `UsageError`, always; it says which name was probably meant, or where this one belongs.
    """
    where = f"{operation.name}'s {inside}" if inside else operation.name
    belongs = next((other for other, names in operation.elsewhere.items() if name in names), None)
    near = _nearest(str(name), members)
    if belongs is not None and belongs != operation.name:
        advice = f"it is a parameter of {belongs}" + (" and goes in function={...}" if "Function" in belongs else "")
    elif near is not None:
        advice = f"did you mean {near}?"
    else:
        advice = f"it must be one of: {', '.join(members)}"
    raise UsageError(f"{where} has no parameter {name!r}; {advice}")


def _nearest(name: str, members: Sequence[str]) -> str | None:
    """The member that was probably meant: batchSize, batch_size and BatchSze all mean BatchSize."""
    plain = {member.lower(): member for member in members}
    found = get_close_matches(name.replace("_", "").replace("-", "").lower(), plain, n=1, cutoff=0.7)
    return plain[found[0]] if found else None


def out_of_range(path: str, value: int, bounds: tuple[int, int]) -> Iterator[str]:
    """AWS's sentence, if the value is out of its bounds."""
    lowest, highest = bounds
    if value < lowest:
        yield constraint(path, value, f"Member must have value greater than or equal to {lowest}")
    elif value > highest:
        yield constraint(path, value, f"Member must have value less than or equal to {highest}")


def constraint(path: str, value: Any, rule: str) -> str:
    """AWS's sentence about a value that breaks a rule of its model."""
    member = ".".join(lower_camel(name) for name in path.split("."))
    return f"Value '{_shown(value)}' at '{member}' failed to satisfy constraint: {rule}"


def _shown(value: Any) -> str:
    """A value as AWS's sentences show it: lists and maps without quotes."""
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}={_shown(one)}' for name, one in value.items())}}}"
    return str(value)


def refuse_constraints(broken: Sequence[str], hint: str = "") -> None:
    """Errors: `Refusal` with all sentences at once, and our hint, if there are any."""
    if broken:
        noun = "error" if len(broken) == 1 else "errors"
        raise Refusal("ValidationException", f"{len(broken)} validation {noun} detected: {'; '.join(broken)}", hint)


def lower_camel(name: str) -> str:
    """A member as AWS's sentences write it."""
    return name[:1].lower() + name[1:]
