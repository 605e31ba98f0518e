"""What a source declares about its mappings. The law: frozen values and nothing else, because every source makes one
when it is imported; the rules that read them stand in `mapping_refusals`.

Evidence, where a comment names no other: Lambda API Reference, CreateEventSourceMapping, and the page of the Lambda
Developer Guide about the source. Words are AWS's, as recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BROKER_RULES",
    "STREAM_POSITIONS",
    "STREAM_RULES",
    "USUAL_HABITS",
    "Habits",
    "PollerLimits",
    "Positions",
    "SourceRules",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PollerLimits:
    """What ProvisionedPollerConfig takes for one kind of source: bounds of MinimumPollers, and the most pollers.

    The lower bound and `usual_maximum` are what AWS fills in; `groups` says whether PollerGroupName is taken.
    """

    minimum: tuple[int, int]
    maximum: int
    usual_maximum: int = 200
    groups: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """What a source does with StartingPosition.

    `default` None: it has to be given. `without_timestamp` are AWS's words for AT_TIMESTAMP without a timestamp,
    `with_stray_timestamp` those for a timestamp with another position (None: none are recorded).
    """

    default: str | None = None
    at_timestamp: bool = True
    without_timestamp: str = (
        "When the starting position is 'AT_TIMESTAMP', a starting position timestamp must be provided."
    )
    with_stray_timestamp: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a stream's poller goes about its work, where streams differ and no parameter says so.

    `window_from_record`: the batching window is counted from the first record, not from the end of the invocation
    before. `drops_oversized`: a record that no invocation can carry is dropped and counted, and is no failure.
    `stops_when_expired`: the mapping is disabled once records have expired that it had not delivered.
    """

    window_from_record: bool = False
    drops_oversized: bool = False
    stops_when_expired: bool = False


USUAL_HABITS: Final = Habits()
"""Those of Kinesis and DynamoDB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRules:
    """What one kind of source adds to the rules that all share.

    `name` is AWS's word for it in the plural, as its sentences have it ("SQS queues", "FIFO queues"); `source` the
    registry's. `applies` are the parameters it takes besides those that every source takes (size, window, Enabled, and
    what has no effect on delivery), `not_simulated` those among them that we do not act on yet, also members of
    structures ("DocumentDBEventSourceConfig.FullDocument"). `defaults` are echoed where nothing is given; a structure's
    members are filled in one by one.

    `required` and `access` (types of SourceAccessConfigurations; `credentials` is the one that must be there) are
    checked in AWS's order. `invalid` are parameters that AWS names in a sentence of DocumentDB's own. `unquoted` are
    those that its sentence about foreign parameters names without quotes: both forms are recorded.
    `large_batch_needs_window`: BatchSize above 10 is refused while the window is 0. `pollers` is None where there is no
    provisioned mode; `provisioned_only` is refused without it. `most_retries_to_destination` is what AWS makes of
    infinite retries when there is an on-failure destination.

    `transition_reason` and `has_result` are about the response, `group_config` is the structure in it that has the
    consumer group. `habits` are a stream's poller's.
    """

    name: str
    applies: frozenset[str]
    default_batch_size: int
    source: str = ""
    max_batch_size: int = 10_000
    default_window_ms: int = 0
    takes_window: bool = True
    large_batch_needs_window: bool = False
    max_timeout_s: int = 900
    pollers: PollerLimits | None = None
    provisioned_only: frozenset[str] = frozenset()
    positions: Positions | None = None
    required: tuple[str, ...] = ()
    invalid: frozenset[str] = frozenset()
    access: frozenset[str] = frozenset()
    credentials: str | None = None
    metrics: frozenset[str] = frozenset(("EventCount",))
    destinations: frozenset[str] = frozenset(("sqs", "sns", "s3"))
    most_retries_to_destination: int | None = None
    defaults: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    unquoted: frozenset[str] = frozenset(("DestinationConfig", "ScalingConfig"))
    not_simulated: frozenset[str] = frozenset()
    transition_reason: str = "USER_INITIATED"
    has_result: bool = True
    group_config: str | None = None
    habits: Habits = USUAL_HABITS


STREAM_POSITIONS: Final = Positions(
    without_timestamp="Need to specify a timestamp",
    with_stray_timestamp="Timestamp only valid with StartingPosition AT_TIMESTAMP",
)
"""Those of Kinesis."""

STREAM_RULES: Final = SourceRules(
    name="streams",
    applies=frozenset(
        (
            "BisectBatchOnFunctionError",
            "DestinationConfig",
            "FilterCriteria",
            "FunctionResponseTypes",
            "MaximumRecordAgeInSeconds",
            "MaximumRetryAttempts",
            "ParallelizationFactor",
            "StartingPosition",
            "StartingPositionTimestamp",
            "TumblingWindowInSeconds",
        )
    ),
    default_batch_size=100,
    positions=STREAM_POSITIONS,
    defaults=MappingProxyType(
        {
            "BisectBatchOnFunctionError": False,
            "DestinationConfig": MappingProxyType({"OnFailure": MappingProxyType({})}),
            "MaximumRecordAgeInSeconds": -1,
            "MaximumRetryAttempts": -1,
            "ParallelizationFactor": 1,
            "TumblingWindowInSeconds": 0,
        }
    ),
    transition_reason="User action",
)
"""What Kinesis and DynamoDB have in common."""

BROKER_RULES: Final = SourceRules(
    name="Amazon MQ queues",
    applies=frozenset(("FilterCriteria", "Queues", "SourceAccessConfigurations")),
    default_batch_size=100,
    default_window_ms=500,
    max_timeout_s=840,
    required=("Queues", "SourceAccessConfigurations"),
    access=frozenset(("BASIC_AUTH",)),
    credentials="BASIC_AUTH",
    unquoted=frozenset(),
)
"""What the two brokers of Amazon MQ have in common."""
