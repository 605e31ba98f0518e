"""What CreateEventSourceMapping accepts. The law: pure; AWS's words for what AWS refuses (`Refusal`), ours for what
boto3 would not even send (`UsageError`) and for what we do not act on yet (`NotSimulated`).

The checks stand in AWS's order: names and types (the client), the API model (`mapping_values`, ValidationException, all
at once), then one by one the service's own (`mapping_refusals`): OnSuccess, parameters of other sources, what is
missing, access, position, batches, retries, filters, pollers, timeouts. What is not simulated comes last, so that a
mapping which AWS would refuse is refused in AWS's words. What a source adds is a frozen `SourceRules`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.model import mapping_refusals as service
from pytest_lambda_events.model.function import CREATE_FUNCTION_MEMBERS
from pytest_lambda_events.model.mapping_registry import read_registry
from pytest_lambda_events.model.mapping_rules import USUAL_HABITS, PollerLimits, SourceRules
from pytest_lambda_events.model.mapping_values import refuse_values
from pytest_lambda_events.model.parameters import CREATE_MEMBERS, SHAPES, Operation, checked, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.mapping_registry import RegistryConfig
    from pytest_lambda_events.model.mapping_rules import Habits

__all__ = [
    "IMMUTABLE_MEMBERS",
    "CheckFilters",
    "MappingConfig",
    "PollerLimits",
    "SourceRules",
    "read_mapping",
    "update_mapping",
]

CheckFilters: TypeAlias = "Callable[[Mapping[str, Any], str], str | None]"
"""Why AWS refuses a FilterCriteria for a source (the registry's name), in one sentence of ours; None where it does not.

The rules of patterns stand in a higher room, so that they are handed in.
"""

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

_SUPPLIED: Final[Mapping[str, str]] = {
    "EventSourceArn": "it comes from the source: give a source, its ARN or its URL as the first argument",
    "FunctionName": "the function is the handler, the second argument; its name goes in "
    'function={"FunctionName": "..."}',
    "UUID": "AWS gives one to each new mapping, and a mapping that is there knows its own",
}

_MEMBERWISE: Final = (
    "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
)
"""Structures of which an update changes the members that it names, and no other."""

_FIXED: Final = frozenset(
    (
        "AmazonManagedKafkaEventSourceConfig.ConsumerGroupId",
        "SelfManagedKafkaEventSourceConfig.ConsumerGroupId",
        "SelfManagedKafkaEventSourceConfig.ConsumptionMode",
        "DocumentDBEventSourceConfig.DatabaseName",
        "DocumentDBEventSourceConfig.CollectionName",
    )
)
"""Members of them that no update changes."""

_FIXED_ACCESS: Final = "VIRTUAL_HOST"
_ORDINARY: Final[Mapping[str, Any]] = {"SelfManagedKafkaEventSourceConfig.ConsumptionMode": "Stream"}
_FOREVER: Final = -1
_FILTER_QUOTA: Final = 5
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_NUMBER: Final = re.compile(r"-?\d+(\.\d*)?")
_FRACTION: Final = re.compile(r"\.\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingConfig:
    """What a poller reads.

    `parameters` is what AWS would echo: as given, with defaults filled in and without Enabled, nulls and empty
    structures; a copy, which nobody may change. `starting_ms` is StartingPositionTimestamp in epoch milliseconds.
    `retry_attempts` and `record_age_ms` are None where there is no end; `tumbling_ms` is 0 without a tumbling window;
    `destination` is that of OnFailure; `registry` the schema registry by which records are read; `habits` are the
    source's.
    """

    batch_size: int
    window_ms: int
    reports_failures: bool
    enabled: bool
    parameters: Mapping[str, Any]
    starting_position: str | None = None
    starting_ms: int | None = None
    retry_attempts: int | None = None
    record_age_ms: int | None = None
    bisects: bool = False
    parallelization: int = 1
    tumbling_ms: int = 0
    destination: str | None = None
    registry: RegistryConfig | None = None
    habits: Habits = USUAL_HABITS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Surroundings:
    """What a mapping is held against besides its own parameters."""

    source_arn: str
    visibility_ms: int | None
    function_timeout_ms: int
    now_ms: int | None
    check_filters: CheckFilters | None
    filter_quota: int


def read_mapping(
    parameters: Mapping[str, Any],
    rules: SourceRules,
    *,
    source_arn: str,
    visibility_ms: int | None,
    function_timeout_ms: int,
    now_ms: int | None = None,
    check_filters: CheckFilters | None = None,
    filter_quota: int = _FILTER_QUOTA,
) -> MappingConfig:
    """Read the parameters of CreateEventSourceMapping; None counts as not given.

    `visibility_ms` is the queue's VisibilityTimeout, None for a source that has none. `now_ms` is the present in epoch
    milliseconds: a StartingPositionTimestamp may not lie behind it (None: that is not checked). `filter_quota` is the
    number of filters that the account may give one mapping, 10 at the most. A source or function that does not exist is
    the caller's to refuse, before.

    Errors: `Refusal` where AWS refuses, `UsageError` for names and types, `NotSimulated`.
    """
    given = _given(_CREATE, parameters, CREATE_MEMBERS)
    refuse_values(given)
    around = _Surroundings(
        source_arn=source_arn,
        visibility_ms=visibility_ms,
        function_timeout_ms=function_timeout_ms,
        now_ms=now_ms,
        check_filters=check_filters,
        filter_quota=filter_quota,
    )
    return _config(given, rules, around)


def update_mapping(
    config: MappingConfig,
    changes: Mapping[str, Any],
    rules: SourceRules,
    *,
    source_arn: str,
    visibility_ms: int | None,
    function_timeout_ms: int,
    check_filters: CheckFilters | None = None,
    filter_quota: int = _FILTER_QUOTA,
) -> MappingConfig:
    """What `config` becomes with the parameters of UpdateEventSourceMapping.

    None changes nothing, an empty structure clears, and everything that is then in force is checked as at creation;
    except that a mapping which is being disabled is not held against its queue's timeout.

    Errors: as for `read_mapping`; `UsageError` for what UpdateEventSourceMapping has no parameter for.
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
    refuse_values(given)
    service.refuse_foreign({name: value for name, value in given.items() if not service.is_empty(value)}, rules)
    merged = _merged(config, given)
    around = _Surroundings(
        source_arn=source_arn,
        visibility_ms=visibility_ms if merged["Enabled"] else None,
        function_timeout_ms=function_timeout_ms,
        now_ms=None,
        check_filters=check_filters,
        filter_quota=filter_quota,
    )
    return _config(merged, rules, around)


def _config(given: Mapping[str, Any], rules: SourceRules, around: _Surroundings) -> MappingConfig:
    kept = {name: value for name, value in given.items() if not service.is_empty(value)}
    timestamp_ms = _epoch_ms(kept["StartingPositionTimestamp"]) if "StartingPositionTimestamp" in kept else None
    window_s = kept.get("MaximumBatchingWindowInSeconds")
    window_ms = rules.default_window_ms if window_s is None else window_s * 1000
    batch_size = kept.get("BatchSize", rules.default_batch_size)

    service.refuse_foreign(kept, rules)
    service.refuse_incomplete(kept, rules)
    service.refuse_access(kept, rules)
    if rules.positions is not None:
        service.refuse_position(kept, rules.positions, around.source_arn, timestamp_ms, around.now_ms)
    service.refuse_batching(batch_size, window_ms, rules)
    service.refuse_retries(kept)
    service.refuse_destination(kept, rules)
    service.refuse_on_demand(kept, rules)
    registry = read_registry(kept, rules)
    service.refuse_filters(kept, rules, around.filter_quota, around.check_filters)
    if rules.pollers is not None and "ProvisionedPollerConfig" in given:
        service.refuse_pollers(given, rules.pollers)
    service.refuse_timeouts(rules, around.source_arn, around.visibility_ms, around.function_timeout_ms)
    _refuse_not_simulated(kept, rules)

    enabled = kept.pop("Enabled", True)
    shared = service.is_shared(kept)
    if window_ms % 1000 == 0:  # a default of 500 ms is shown by omitting the key
        kept["MaximumBatchingWindowInSeconds"] = window_ms // 1000
    echoed = _with_defaults({**kept, "BatchSize": batch_size}, rules, shared=shared)
    config = _read_echoed(echoed, rules, 0 if shared else window_ms, timestamp_ms, enabled=enabled)
    return config if registry is None else replace(config, registry=registry)


def _read_echoed(
    echoed: dict[str, Any], rules: SourceRules, window_ms: int, timestamp_ms: int | None, *, enabled: bool
) -> MappingConfig:
    """The same in the poller's terms."""
    retries = echoed.get("MaximumRetryAttempts", _FOREVER)
    age_s = echoed.get("MaximumRecordAgeInSeconds", _FOREVER)
    destination = service.destination_of(echoed)
    unbounded = rules.most_retries_to_destination if destination is not None else None
    return MappingConfig(
        batch_size=echoed["BatchSize"],
        window_ms=window_ms,
        reports_failures="ReportBatchItemFailures" in echoed.get("FunctionResponseTypes", ()),
        enabled=enabled,
        parameters=MappingProxyType(echoed),
        starting_position=echoed.get("StartingPosition"),
        starting_ms=timestamp_ms,
        retry_attempts=unbounded if retries == _FOREVER else retries,
        record_age_ms=None if age_s == _FOREVER else age_s * 1000,
        bisects=echoed.get("BisectBatchOnFunctionError", False),
        parallelization=echoed.get("ParallelizationFactor", 1),
        tumbling_ms=echoed.get("TumblingWindowInSeconds", 0) * 1000,
        destination=destination,
        habits=rules.habits,
    )


def _with_defaults(kept: dict[str, Any], rules: SourceRules, *, shared: bool) -> dict[str, Any]:
    """What AWS fills in."""
    defaults: dict[str, Any] = _plain(rules.defaults)
    if "FunctionResponseTypes" in rules.applies:
        defaults["FunctionResponseTypes"] = []
    if rules.pollers is not None and "ProvisionedPollerConfig" in kept:
        lowest, most = rules.pollers.minimum[0], rules.pollers.usual_maximum
        defaults["ProvisionedPollerConfig"] = {"MinimumPollers": lowest, "MaximumPollers": most}
    if shared:
        defaults["MaximumRetryAttempts"] = 0
    elif rules.positions is not None and rules.positions.default is not None:
        defaults["StartingPosition"] = rules.positions.default
    for name, value in kept.items():
        default = defaults.get(name)
        defaults[name] = {**default, **value} if isinstance(default, dict) else value
    return defaults


def _plain(value: Any) -> Any:
    return {name: _plain(one) for name, one in value.items()} if isinstance(value, Mapping) else value


def _refuse_not_simulated(kept: Mapping[str, Any], rules: SourceRules) -> None:
    for path in sorted(rules.not_simulated):
        value = service.at(kept, path)
        if value is not None and value != _ORDINARY.get(path):
            raise NotSimulated(
                f"{path} is not simulated yet for {rules.name}: AWS would accept {path}={value!r:.200}, and "
                f"ignoring it would make this test mean something else. Leave it out"
            )


# -- updates -----------------------------------------------------------------------------------------------------------


def _merged(config: MappingConfig, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is then in force: of most structures the new one, of some what it names."""
    there = config.parameters
    merged = {**there, "Enabled": config.enabled, **given}
    for name in _MEMBERWISE:
        if name in given:
            _refuse_fixed(name, given[name], there.get(name, {}))
            members = {**there.get(name, {}), **given[name]}
            merged[name] = {member: value for member, value in members.items() if not service.is_empty(value)}
    if "SourceAccessConfigurations" in given:
        merged["SourceAccessConfigurations"] = _access(given["SourceAccessConfigurations"], there)
    if service.is_empty(merged.get("ProvisionedPollerConfig")):  # at creation an empty one is refused, here it clears
        merged.pop("ProvisionedPollerConfig", None)
    return merged


def _refuse_fixed(name: str, new: Mapping[str, Any], there: Mapping[str, Any]) -> None:
    for member, value in new.items():
        # AWS refuses a consumer group even when it is the same
        if f"{name}.{member}" in _FIXED and (member == "ConsumerGroupId" or value != there.get(member)):
            raise service.unsupported(
                f"{name}.{member}", f"{member} cannot be changed: delete the mapping and create another"
            )


def _access(new: list[dict[str, str]], there: Mapping[str, Any]) -> list[dict[str, str]]:
    """The virtual host stays: an update may not even name it."""
    if any(entry.get("Type") == _FIXED_ACCESS for entry in new):
        raise service.invalid(
            f"Invalid parameters: {_FIXED_ACCESS}",
            "leave it out: the virtual host stays as it is. For another, delete the mapping and create a new one",
        )
    return [*new, *(one for one in there.get("SourceAccessConfigurations", ()) if one.get("Type") == _FIXED_ACCESS)]


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


def _epoch_ms(value: dt.datetime | str | float) -> int:
    """A timestamp as boto3 takes it: a datetime (without a zone it is UTC), ISO 8601, or seconds since the epoch.

    Errors: `UsageError` in botocore's words.
    """
    try:
        return _read_moment(value)
    except (ValueError, OverflowError):
        raise UsageError(
            f"Invalid type for parameter StartingPositionTimestamp, value: {value!r:.200}, type: {type(value)}, valid "
            f"types: <class 'datetime.datetime'>, timestamp-string; write it like 2025-01-01T00:00:00Z"
        ) from None


def _read_moment(value: dt.datetime | str | float) -> int:
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        text = _FRACTION.sub(lambda found: found[0][:7].ljust(7, "0"), value)  # Python 3.10 reads no other length
        value = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    if isinstance(value, dt.datetime):
        moment = value if value.tzinfo is not None else value.replace(tzinfo=dt.timezone.utc)
    else:
        moment = _EPOCH + dt.timedelta(milliseconds=round(float(value) * 1000))
    return (moment - _EPOCH) // dt.timedelta(milliseconds=1)
