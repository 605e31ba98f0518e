"""What CreateEventSourceMapping and its siblings answer. The law: pure; only members of the API's response, in its
order, and those that AWS's recorded responses have.

`Enabled`, `FunctionName` and `Tags` are parameters, and never in a response.
"""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from pytest_lambda_events.model.regions import partition_of

if TYPE_CHECKING:
    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.model.mapping_rules import SourceRules

__all__ = [
    "NO_RECORDS",
    "PROBLEM",
    "RESPONSE_MEMBERS",
    "SUCCESS",
    "Identity",
    "State",
    "describe",
    "mapping_arn",
    "state_of",
]

State = Literal["Creating", "Enabling", "Enabled", "Disabling", "Disabled", "Updating", "Deleting"]
"""AWS goes through the transitional ones; a simulated mapping is at rest at once."""

NO_RECORDS: Final = "No records processed"
SUCCESS: Final = "OK"
PROBLEM: Final = "PROBLEM: Function call failed"
"""The values of LastProcessingResult."""

RESPONSE_MEMBERS: Final[tuple[str, ...]] = (
    "UUID",
    "StartingPosition",
    "StartingPositionTimestamp",
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "ParallelizationFactor",
    "EventSourceArn",
    "FilterCriteria",
    "FilterCriteriaError",
    "KMSKeyArn",
    "MetricsConfig",
    "LoggingConfig",
    "ScalingConfig",
    "FunctionArn",
    "LastModified",
    "LastProcessingResult",
    "State",
    "StateTransitionReason",
    "DestinationConfig",
    "Topics",
    "Queues",
    "SourceAccessConfigurations",
    "SelfManagedEventSource",
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "MaximumRetryAttempts",
    "TumblingWindowInSeconds",
    "FunctionResponseTypes",
    "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
    "EventSourceMappingArn",
    "ProvisionedPollerConfig",
)
"""The members of EventSourceMappingConfiguration, in the order of AWS's model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a mapping is besides its configuration.

    `source_arn` is None for a self-managed cluster, which has none; `function_arn` keeps the qualifier that was given;
    `modified_ms` is in epoch milliseconds; `last_result` one of the values of LastProcessingResult.
    """

    uuid: str
    arn: str
    source_arn: str | None
    function_arn: str
    modified_ms: int
    last_result: str = NO_RECORDS


def mapping_arn(region: str, account: str, uuid: str) -> str:
    """The ARN that AWS gives a mapping."""
    return f"arn:{partition_of(region)}:lambda:{region}:{account}:event-source-mapping:{uuid}"


def state_of(config: MappingConfig) -> State:
    """The state at rest."""
    return "Enabled" if config.enabled else "Disabled"


def describe(
    config: MappingConfig, rules: SourceRules, identity: Identity, state: State | None = None
) -> dict[str, Any]:
    """The response; `state` None is the one at rest. A new dict each time, free to be changed."""
    known = {
        **copy.deepcopy(dict(config.parameters)),
        "UUID": identity.uuid,
        "EventSourceArn": identity.source_arn,
        "FunctionArn": identity.function_arn,
        "LastModified": _moment(identity.modified_ms),
        "LastProcessingResult": identity.last_result if rules.has_result else None,
        "State": state or state_of(config),
        "StateTransitionReason": rules.transition_reason,
        "EventSourceMappingArn": identity.arn,
    }
    if config.starting_ms is not None:
        known["StartingPositionTimestamp"] = _moment(config.starting_ms)
    if rules.group_config is not None:
        known[rules.group_config] = {"ConsumerGroupId": identity.uuid, **known.get(rules.group_config, {})}
    return {name: known[name] for name in RESPONSE_MEMBERS if known.get(name) is not None}


def _moment(ms: int) -> dt.datetime:
    return dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(milliseconds=ms)
