"""What CreateEventSourceMapping accepts. The law: pure; AWS's words for what AWS refuses (`Refusal`), ours for what
boto3 would not even send (`UsageError`) and for what we do not act on yet (`NotSimulated`).

The checks stand in AWS's order: names and types (the client), ranges and enums (ValidationException, all at once), then
one by one OnSuccess, parameters of other sources, batch size and window, pollers, the queue's timeout; what is not
simulated comes last, so that a mapping which AWS would refuse is refused in AWS's words. What a source adds is a frozen
`SourceRules`; what all sources share are the tables below and in `parameters`, which the tests compare with botocore's
model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.model.function import CREATE_FUNCTION_MEMBERS
from pytest_lambda_events.model.parameters import (
    CREATE_MEMBERS,
    SHAPES,
    Operation,
    checked,
    constraint,
    lower_camel,
    out_of_range,
    refuse_constraints,
    unknown,
)
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "IMMUTABLE_MEMBERS",
    "MappingConfig",
    "PollerLimits",
    "SourceRules",
    "read_mapping",
    "update_mapping",
]

_ELSEWHERE: Final = {"CreateEventSourceMapping": CREATE_MEMBERS, "CreateFunction": CREATE_FUNCTION_MEMBERS}
_CREATE: Final = Operation(name="CreateEventSourceMapping", elsewhere=_ELSEWHERE)
_UPDATE: Final = Operation(name="UpdateEventSourceMapping", elsewhere=_ELSEWHERE)

IMMUTABLE_MEMBERS: Final[tuple[str, ...]] = (
    "EventSourceArn",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Tags",
    "Topics",
    "Queues",
    "SelfManagedEventSource",
)
"""Those that UpdateEventSourceMapping does not have."""

_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "BatchSize": (1, 10_000),
    "ScalingConfig.MaximumConcurrency": (2, 1_000),
    "MaximumBatchingWindowInSeconds": (0, 300),
    "ParallelizationFactor": (1, 10),
    "MaximumRecordAgeInSeconds": (-1, 604_800),
    "MaximumRetryAttempts": (-1, 10_000),
    "TumblingWindowInSeconds": (0, 900),
    "ProvisionedPollerConfig.MinimumPollers": (1, 200),
    "ProvisionedPollerConfig.MaximumPollers": (1, 10_000),
}
_LENGTHS: Final[Mapping[str, tuple[int, int]]] = {
    "Topics": (1, 1),
    "Queues": (1, 1),
    "FunctionResponseTypes": (0, 1),
}
_STARTING_POSITIONS: Final = ("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON")
_RESPONSE_TYPES: Final = ("ReportBatchItemFailures",)

_SMALL_BATCH: Final = 10  # what one ReceiveMessage can bring; a larger batch has to be gathered

_EVERY_SOURCE: Final = frozenset(
    ("BatchSize", "Enabled", "KMSKeyArn", "LoggingConfig", "MaximumBatchingWindowInSeconds", "MetricsConfig", "Tags")
)
_UNQUOTED: Final = frozenset(("DestinationConfig", "ScalingConfig"))  # AWS's sentence has two forms; both are recorded

_SUPPLIED: Final[Mapping[str, str]] = {
    "EventSourceArn": "it comes from the source: give a source, its ARN or its URL as the first argument",
    "FunctionName": "the function is the handler, the second argument; its name goes in "
    'function={"FunctionName": "..."}',
    "UUID": "AWS gives one to each new mapping, and a mapping that is there knows its own",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PollerLimits:
    """What ProvisionedPollerConfig takes for one kind of source: bounds of MinimumPollers, and the most pollers."""

    minimum: tuple[int, int]
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRules:
    """What one kind of source adds to the rules that all share.

    `name` is AWS's word for it in the plural, as its sentences have it ("SQS queues", "FIFO queues"). `applies` are the
    parameters it takes besides those that every source takes (size, window, Enabled, and what has no effect on
    delivery), `not_simulated` those among them that we do not act on yet. `large_batch_needs_window`: BatchSize
    above 10 is refused while the window is 0. `pollers` is None where there is no provisioned mode.
    """

    name: str
    applies: frozenset[str]
    default_batch_size: int
    max_batch_size: int = 10_000
    default_window_ms: int = 0
    takes_window: bool = True
    large_batch_needs_window: bool = False
    pollers: PollerLimits | None = None
    not_simulated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingConfig:
    """What a poller reads.

    `parameters` is what AWS would echo: as given, with defaults filled in and without Enabled, nulls and empty
    structures; a copy, which nobody may change.
    """

    batch_size: int
    window_ms: int
    reports_failures: bool
    enabled: bool
    parameters: Mapping[str, Any]


def read_mapping(
    parameters: Mapping[str, Any],
    rules: SourceRules,
    *,
    source_arn: str,
    visibility_ms: int | None,
    function_timeout_ms: int,
) -> MappingConfig:
    """Read the parameters of CreateEventSourceMapping; None counts as not given.

    `visibility_ms` is the queue's VisibilityTimeout, None for a source that has none. A source or function that does
    not exist is the caller's to refuse, before.

    Errors: `Refusal` where AWS refuses, `UsageError` for names and types, `NotSimulated`.
    """
    given = _given(_CREATE, parameters, CREATE_MEMBERS)
    _refuse_values(given)
    return _config(given, rules, source_arn, visibility_ms, function_timeout_ms)


def update_mapping(
    config: MappingConfig,
    changes: Mapping[str, Any],
    rules: SourceRules,
    *,
    source_arn: str,
    visibility_ms: int | None,
    function_timeout_ms: int,
) -> MappingConfig:
    """What `config` becomes with the parameters of UpdateEventSourceMapping.

    None changes nothing, an empty structure clears, and everything that is then in force is checked as at creation;
    except that a mapping which is being disabled is not held against its queue's timeout.

    Errors: as for `read_mapping`; `UsageError` for what cannot be changed.
    """
    changes = {name: value for name, value in changes.items() if value is not None or name not in IMMUTABLE_MEMBERS}
    for name in IMMUTABLE_MEMBERS:
        if name in changes and name not in _SUPPLIED:
            raise UsageError(
                f"{name} of an event source mapping cannot be changed: UpdateEventSourceMapping has no such parameter. "
                f"Delete the mapping and create another"
            )
    members = tuple(name for name in CREATE_MEMBERS if name not in IMMUTABLE_MEMBERS)
    given = _given(_UPDATE, changes, members)
    _refuse_values(given)
    merged = {**config.parameters, "Enabled": config.enabled, **given}
    if _is_empty(merged.get("ProvisionedPollerConfig")):  # at creation an empty one is refused, here it clears
        merged.pop("ProvisionedPollerConfig", None)
    return _config(merged, rules, source_arn, visibility_ms if merged["Enabled"] else None, function_timeout_ms)


def _config(
    given: Mapping[str, Any], rules: SourceRules, source_arn: str, visibility_ms: int | None, function_timeout_ms: int
) -> MappingConfig:
    kept = {name: value for name, value in given.items() if not _is_empty(value)}
    _refuse_foreign(kept, rules)
    batch_size = kept.get("BatchSize", rules.default_batch_size)
    window_s = kept.get("MaximumBatchingWindowInSeconds")
    window_ms = rules.default_window_ms if window_s is None else window_s * 1000
    _refuse_batching(batch_size, window_ms, rules)
    if rules.pollers is not None and "ProvisionedPollerConfig" in given:
        _refuse_pollers(given, rules.pollers)
    if visibility_ms is not None and visibility_ms < function_timeout_ms:
        raise _invalid(
            f"Queue visibility timeout: {visibility_ms // 1000} seconds is less than Function timeout: "
            f"{function_timeout_ms // 1000} seconds",
            f"raise VisibilityTimeout of {source_arn} (AWS recommends six times the function's Timeout), or lower "
            f"Timeout in function={{...}}",
        )
    for name, value in kept.items():
        if name in rules.not_simulated:
            raise NotSimulated(
                f"{name} is not simulated yet for {rules.name}: AWS would accept {name}={value!r:.200}, and "
                f"ignoring it would make this test mean something else. Leave it out"
            )
    enabled = kept.pop("Enabled", True)
    echoed = {"BatchSize": batch_size}
    if window_ms % 1000 == 0:  # Kafka's default of 500 ms is shown by omitting the key
        echoed["MaximumBatchingWindowInSeconds"] = window_ms // 1000
    response_types = kept.get("FunctionResponseTypes", [])
    if "FunctionResponseTypes" in rules.applies:
        kept["FunctionResponseTypes"] = response_types
    return MappingConfig(
        batch_size=batch_size,
        window_ms=window_ms,
        reports_failures="ReportBatchItemFailures" in response_types,
        enabled=enabled,
        parameters=MappingProxyType({**kept, **echoed}),
    )


# -- names and types: what a client checks -------------------------------------------------------------------------


def _given(operation: Operation, parameters: Mapping[str, Any], members: tuple[str, ...]) -> dict[str, Any]:
    """A checked copy of what was given, in the order of AWS's model."""
    for name in parameters:
        if name in _SUPPLIED and parameters[name] is not None:
            raise UsageError(f"{name} is not a parameter here: {_SUPPLIED[name]}")
        if name not in members and name not in _SUPPLIED:
            unknown(operation, name, [one for one in members if one not in _SUPPLIED])
    return {
        name: checked(operation, name, parameters[name], SHAPES[name])
        for name in members
        if parameters.get(name) is not None
    }


def _is_empty(value: Any) -> bool:
    """Whether there is nothing in it: null, an empty text or list, or a structure that holds no more than that."""
    if isinstance(value, Mapping):
        return all(_is_empty(one) for one in value.values())
    return value is None or value in ("", [])


# -- ranges and enums: AWS's model, checked before anything else and all at once ------------------------------------


def _refuse_values(given: Mapping[str, Any]) -> None:
    refuse_constraints(list(_broken_constraints(given)))


def _broken_constraints(given: Mapping[str, Any]) -> Iterator[str]:
    for path, bounds in _RANGES.items():
        value = _at(given, path)
        if value is not None:
            yield from out_of_range(path, value, bounds)
    for path, (shortest, longest) in _LENGTHS.items():
        value = given.get(path)
        if value is not None and len(value) < shortest:
            yield constraint(path, value, f"Member must have length greater than or equal to {shortest}")
        if value is not None and len(value) > longest:
            yield constraint(path, value, f"Member must have length less than or equal to {longest}")
    position = given.get("StartingPosition")
    if position is not None and position not in _STARTING_POSITIONS:
        enum = ", ".join(_STARTING_POSITIONS)
        yield constraint("StartingPosition", position, f"Member must satisfy enum value set: [{enum}]")
    response_types = given.get("FunctionResponseTypes") or []
    if any(one not in _RESPONSE_TYPES for one in response_types):
        enum = ", ".join(_RESPONSE_TYPES)
        yield constraint(
            "FunctionResponseTypes",
            response_types,
            f"Member must satisfy constraint: [Member must satisfy enum value set: [{enum}], Member must not be null]",
        )


def _at(given: Mapping[str, Any], path: str) -> Any:
    name, _, member = path.partition(".")
    value = given.get(name)
    return value if not member or value is None else value.get(member)


# -- the service's own rules, one by one -----------------------------------------------------------------------------


def _invalid(message: str, hint: str = "") -> Refusal:
    return Refusal("InvalidParameterValueException", message, hint)


def _refuse_foreign(given: Mapping[str, Any], rules: SourceRules) -> None:
    """OnSuccess first, then what belongs to other kinds of sources."""
    if "DestinationConfig" in rules.applies and not _is_empty(_at(given, "DestinationConfig.OnSuccess")):
        raise _invalid(
            "OnSuccess configuration is not supported for event source mappings.",
            "only OnFailure is; a function that succeeded can send its result on by itself",
        )
    for name in sorted(given, key=lambda one: one != "DestinationConfig"):
        if name not in rules.applies and name not in _EVERY_SOURCE:
            shown = name if name in _UNQUOTED else f"'{lower_camel(name)}'"
            raise _invalid(
                f"Unsupported {shown} parameter for given event source mapping type.",
                f"{rules.name} take {', '.join(sorted(rules.applies | _EVERY_SOURCE))}",
            )


def _refuse_batching(batch_size: int, window_ms: int, rules: SourceRules) -> None:
    if batch_size > rules.max_batch_size:
        raise _invalid(f"Batch size must not exceed {rules.max_batch_size} for {rules.name}")
    if window_ms and not rules.takes_window:
        raise _invalid(f"Batching window is not supported for {rules.name}")
    if rules.large_batch_needs_window and batch_size > _SMALL_BATCH and window_ms == 0:
        raise _invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            f"add MaximumBatchingWindowInSeconds=1 (or more) to BatchSize={batch_size}",
        )


def _refuse_pollers(given: Mapping[str, Any], limits: PollerLimits) -> None:
    pollers = given["ProvisionedPollerConfig"]
    low, high = limits.minimum
    fewest, most = pollers.get("MinimumPollers"), pollers.get("MaximumPollers")
    if fewest is None and most is None:
        raise _invalid("Either MinimumPollers or MaximumPollers are required if ProvisionedPollerConfig is provided.")
    at_least = low if fewest is None else fewest
    if not low <= at_least <= high or (most is not None and not at_least <= most <= limits.maximum):
        raise _invalid(
            f"MinimumPollers should be between [{low}, {high}] and MaximumPollers should be between "
            f"[MinimumPollers, {limits.maximum}]"
        )
    if not _is_empty(given.get("ScalingConfig")):
        raise _invalid(
            "Provisioned mode for SQS ESM does not support maximum concurrency feature. Use MaximumPollers as the "
            "control mechanism and remove maximum concurrency."
        )
