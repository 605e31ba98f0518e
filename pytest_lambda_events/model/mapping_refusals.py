"""What the service itself refuses about a mapping, after its model. The law: each rule is a function that raises the
one `Refusal` of AWS's, in AWS's words, with a hint of ours; `mapping` calls them in AWS's order.

Where no words are recorded, AWS's most common sentence stands in for them: "Unsupported 'x' parameter for given event
source mapping type."
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.parameters import lower_camel
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.mapping_rules import PollerLimits, Positions, SourceRules

__all__ = [
    "at",
    "destination_of",
    "invalid",
    "is_empty",
    "is_shared",
    "refuse_access",
    "refuse_batching",
    "refuse_conflict",
    "refuse_destination",
    "refuse_filters",
    "refuse_foreign",
    "refuse_incomplete",
    "refuse_on_demand",
    "refuse_pollers",
    "refuse_position",
    "refuse_retries",
    "refuse_timeouts",
    "unsupported",
]

_EVERY_SOURCE: Final = frozenset(
    ("BatchSize", "Enabled", "KMSKeyArn", "MaximumBatchingWindowInSeconds", "MetricsConfig", "Tags")
)
_SMALL_BATCH: Final = 10  # what one ReceiveMessage can bring; a larger batch has to be gathered
_SHORTEST_AGE_S: Final = 60
_HIGHEST_FILTERS: Final = 10
_ARN_SERVICE_FIELD: Final = 2
_KAFKA_SCHEME: Final = "kafka://"

_WITHOUT_EFFECT: Final[Mapping[str, Any]] = {
    "BisectBatchOnFunctionError": False,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
}
"""Values that say what would happen without them."""

_GOES_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    "IAM_OAUTHBEARER_AUTH": ("OAUTHBEARER_AUDIENCE",),
    "OAUTHBEARER_AUDIENCE": ("OAUTHBEARER_AUTH", "IAM_OAUTHBEARER_AUTH"),
    "OAUTHBEARER_IDENTITY_POOL": ("OAUTHBEARER_AUTH",),
    "OAUTHBEARER_LOGICAL_CLUSTER": ("OAUTHBEARER_AUTH",),
    "OAUTHBEARER_SCOPE": ("OAUTHBEARER_AUTH",),
}
"""Types of SourceAccessConfiguration that need one of others (Lambda API Reference, SourceAccessConfiguration)."""

_WITHOUT_URI: Final = frozenset(("IAM_AUTH", "IAM_OAUTHBEARER_AUTH"))

_PROVISION: Final = 'add ProvisionedPollerConfig={"MinimumPollers": 1}'


def invalid(message: str, hint: str) -> Refusal:
    """AWS's InvalidParameterValueException."""
    return Refusal("InvalidParameterValueException", message, hint)


def unsupported(path: str, hint: str, unquoted: frozenset[str] = frozenset()) -> Refusal:
    """AWS's sentence about a parameter, or a member of one, that this kind of mapping does not take."""
    shown = path if path in unquoted else f"'{'.'.join(map(lower_camel, path.split('.')))}'"
    return invalid(f"Unsupported {shown} parameter for given event source mapping type.", hint)


def at(given: Mapping[str, Any], path: str) -> Any:
    """The parameter or the member of one at a dotted path; None when it is not there."""
    value: Any = given
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def is_empty(value: Any) -> bool:
    """Whether there is nothing in it: null, an empty text or list, or a structure that holds no more than that."""
    if isinstance(value, Mapping):
        return all(is_empty(one) for one in value.values())
    return value is None or value in ("", [])


def is_shared(given: Mapping[str, Any]) -> bool:
    """Whether a self-managed cluster is read through a share group (ConsumptionMode Queue)."""
    return bool(at(given, "SelfManagedKafkaEventSourceConfig.ConsumptionMode") == "Queue")


def destination_of(given: Mapping[str, Any]) -> str | None:
    """The on-failure destination, None without one."""
    return at(given, "DestinationConfig.OnFailure.Destination") or None


# -- what the kind of source takes -------------------------------------------------------------------------------------


def refuse_foreign(given: Mapping[str, Any], rules: SourceRules) -> None:
    """OnSuccess first, then what belongs to other kinds of sources."""
    if "DestinationConfig" in rules.applies and not is_empty(at(given, "DestinationConfig.OnSuccess")):
        raise invalid(
            "OnSuccess configuration is not supported for event source mappings.",
            "only OnFailure is; a function that succeeded can send its result on by itself",
        )
    known = rules.applies | _EVERY_SOURCE
    for name in sorted(given, key=lambda one: one != "DestinationConfig"):
        if name not in known and name not in rules.invalid:
            raise unsupported(name, f"leave {name} out: {rules.name} take {', '.join(sorted(known))}", rules.unquoted)
    for metric in at(given, "MetricsConfig.Metrics") or ():
        if metric not in rules.metrics:
            raise unsupported(
                "MetricsConfig", f"{metric} is not measured for {rules.name}; {' and '.join(sorted(rules.metrics))} is"
            )


def refuse_incomplete(given: Mapping[str, Any], rules: SourceRules) -> None:
    """What a mapping cannot be without; all at once where AWS says "Invalid parameters" (DocumentDB)."""
    if "SelfManagedEventSource" in rules.applies and "SelfManagedEventSource" not in given:
        raise invalid(
            "Unrecognized event source.",
            f"say where the cluster is: {_EXAMPLES['SelfManagedEventSource']}",
        )
    for name in rules.required:
        if name not in given:
            raise invalid(f"Required '{lower_camel(name)}' parameter is missing.", f"add {name}: {_EXAMPLES[name]}")
    if not rules.invalid:
        return
    broken = []
    if "DocumentDBEventSourceConfig" not in given:
        broken += ["documentDBEventSourceConfig", "databaseName"]
    elif "DatabaseName" not in given["DocumentDBEventSourceConfig"]:
        broken.append("databaseName")
    if "SourceAccessConfigurations" not in given:
        broken += ["sourceAccessConfigurations"] * 2
    broken += [lower_camel(name) for name in given if name in rules.invalid]
    if broken:
        raise invalid(
            f"Invalid parameters: {', '.join(broken)}",
            f"{rules.name} need {_EXAMPLES['DocumentDBEventSourceConfig']} and "
            f"{_EXAMPLES['SourceAccessConfigurations']}, and take no {' and no '.join(sorted(rules.invalid))}",
        )


_EXAMPLES: Final[Mapping[str, str]] = {
    "DocumentDBEventSourceConfig": 'DocumentDBEventSourceConfig={"DatabaseName": "..."}',
    "Queues": 'Queues=["name"], exactly one',
    "SelfManagedEventSource": 'SelfManagedEventSource={"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["host:9092"]}}',
    "SourceAccessConfigurations": 'SourceAccessConfigurations=[{"Type": "BASIC_AUTH", "URI": "<ARN of a secret>"}]',
    "Topics": 'Topics=["name"], exactly one',
}


def refuse_access(given: Mapping[str, Any], rules: SourceRules) -> None:
    """How the source is reached: only types that it knows, each with what it needs."""
    entries = given.get("SourceAccessConfigurations")
    if not entries:
        return
    reason = _access_problem(entries, rules)
    if reason is not None:
        raise unsupported("SourceAccessConfigurations", reason)


def _access_problem(entries: list[Mapping[str, str]], rules: SourceRules) -> str | None:
    types = [entry.get("Type", "") for entry in entries]
    for entry, kind in zip(entries, types, strict=True):
        if kind not in rules.access:
            return f"{rules.name} take the types {', '.join(sorted(rules.access))}, not {kind!r}"
        if "URI" not in entry and kind not in _WITHOUT_URI:
            return f"an entry of type {kind} has a URI"
        partners = _GOES_WITH.get(kind, ())
        if partners and not any(partner in types for partner in partners):
            return f"{kind} needs an entry of type {' or '.join(partners)} beside it"
    if rules.credentials is not None and types.count(rules.credentials) != 1:
        return f"{rules.name} need exactly one entry of type {rules.credentials}, the secret with the credentials"
    return None


# -- where reading begins ----------------------------------------------------------------------------------------------


def refuse_position(
    given: Mapping[str, Any], positions: Positions, source_arn: str, timestamp_ms: int | None, now_ms: int | None
) -> None:
    """A position that the source does not know, or a timestamp that does not go with it."""
    if is_shared(given):
        for name in ("StartingPosition", "StartingPositionTimestamp", "MaximumBatchingWindowInSeconds"):
            if name in given:
                raise unsupported(name, f"leave {name} out: a share group (ConsumptionMode Queue) has none")
        return
    position = given.get("StartingPosition", positions.default)
    if position is None:
        raise invalid(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must "
            "not be null.",
            'add StartingPosition="TRIM_HORIZON" (all that is there) or "LATEST" (what comes from now on)',
        )
    if position != "AT_TIMESTAMP":
        if timestamp_ms is not None:
            hint = 'leave StartingPositionTimestamp out, or begin at StartingPosition="AT_TIMESTAMP"'
            if positions.with_stray_timestamp is None:
                raise unsupported("StartingPositionTimestamp", hint)
            raise invalid(positions.with_stray_timestamp, hint)
    elif not positions.at_timestamp:
        raise invalid(f"Unsupported starting position for arn type: {source_arn}", "give TRIM_HORIZON or LATEST")
    elif timestamp_ms is None:
        raise invalid(positions.without_timestamp, "add StartingPositionTimestamp=, a datetime")
    elif now_ms is not None and timestamp_ms > now_ms:
        raise unsupported(
            "StartingPositionTimestamp",
            f"it lies {(timestamp_ms - now_ms) / 1000:g} s in the future; give a past one, or LATEST",
        )


# -- batches, retries, filters, pollers, timeouts ----------------------------------------------------------------------


def refuse_batching(batch_size: int, window_ms: int, rules: SourceRules) -> None:
    """Size and window together."""
    if batch_size > rules.max_batch_size:
        raise invalid(
            f"Batch size must not exceed {rules.max_batch_size} for {rules.name}",
            f"lower BatchSize to {rules.max_batch_size} or less",
        )
    if window_ms and not rules.takes_window:
        raise invalid(f"Batching window is not supported for {rules.name}", "leave MaximumBatchingWindowInSeconds out")
    if rules.large_batch_needs_window and batch_size > _SMALL_BATCH and window_ms == 0:
        raise invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            f"add MaximumBatchingWindowInSeconds=1 (or more) to BatchSize={batch_size}",
        )


def refuse_retries(given: Mapping[str, Any]) -> None:
    """Record age, retries without end of a share group, and what a tumbling window excludes."""
    age_s = given.get("MaximumRecordAgeInSeconds", -1)
    if age_s != -1 and age_s < _SHORTEST_AGE_S:
        raise invalid(
            "MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)",
            f"give at least 60 instead of {age_s}, or -1",
        )
    if is_shared(given) and given.get("MaximumRetryAttempts") == -1:
        raise unsupported("MaximumRetryAttempts", "a share group (ConsumptionMode Queue) does not retry for ever")
    if given.get("TumblingWindowInSeconds", 0) > 0:
        if given.get("ParallelizationFactor", 1) > 1:
            raise invalid(
                "Parallelization factor must be equal to 1 when tumbling window period is configured",
                "leave ParallelizationFactor or TumblingWindowInSeconds out",
            )
        if "FilterCriteria" in given:
            raise unsupported(
                "FilterCriteria", "a tumbling window takes no filters: leave TumblingWindowInSeconds or them out"
            )


def refuse_destination(given: Mapping[str, Any], rules: SourceRules) -> None:
    """An on-failure destination of a kind that the source's poller does not write to."""
    destination = destination_of(given)
    if destination is None:
        return
    takes = "take an SQS queue, a standard SNS topic, an S3 bucket" + (
        ", or kafka://<topic> of the same cluster" if "kafka" in rules.destinations else ""
    )
    kind = "kafka" if destination.startswith(_KAFKA_SCHEME) else destination.split(":")[_ARN_SERVICE_FIELD]
    if kind not in rules.destinations or (kind == "sns" and destination.endswith(".fifo")):
        raise unsupported("DestinationConfig", f"{rules.name} {takes}; not {destination}", rules.unquoted)
    if kind == "kafka" and destination == f"{_KAFKA_SCHEME}{(given.get('Topics') or [''])[0]}":
        raise unsupported("DestinationConfig", "records of this topic would come back to it: name another topic")


def refuse_on_demand(given: Mapping[str, Any], rules: SourceRules) -> None:
    """What needs provisioned mode, without it.

    Lambda Developer Guide, "Configuring error handling controls for Kafka event sources" and "Kafka event source
    mapping logging".
    """
    if not rules.provisioned_only or "ProvisionedPollerConfig" in given:
        return
    without_effect = {**_WITHOUT_EFFECT, **({"MaximumRetryAttempts": 0} if is_shared(given) else {})}
    for path in sorted(rules.provisioned_only):
        value = at(given, path)
        if is_empty(value) or value == without_effect.get(path):
            continue
        if path == "MetricsConfig":
            raise invalid(
                "MetricsConfig is only available for Provisioned Mode. Enable Provisioned Mode by specifying "
                "MinimumPollers in ProvisionedPollerConfig.",
                _PROVISION,
            )
        raise unsupported(path, f"{path} of {rules.name} needs provisioned mode: {_PROVISION}")
    if (destination_of(given) or "").startswith(_KAFKA_SCHEME):
        raise unsupported("DestinationConfig", f"a topic as destination needs provisioned mode: {_PROVISION}")


def refuse_filters(
    given: Mapping[str, Any],
    rules: SourceRules,
    quota: int,
    check_filters: Callable[[Mapping[str, Any], str], str | None] | None,
) -> None:
    """Too many filters, or a pattern that `check_filters` has a reason against."""
    criteria = given.get("FilterCriteria")
    if criteria is None:
        return
    number, most = len(criteria.get("Filters", ())), min(quota, _HIGHEST_FILTERS)
    if number > most:
        more = "" if most == _HIGHEST_FILTERS else f" (up to {_HIGHEST_FILTERS} where AWS has raised the quota)"
        raise unsupported("FilterCriteria", f"there are {number} filters; a mapping has at most {most}{more}")
    reason = None if check_filters is None else check_filters(criteria, rules.source)
    if reason is not None:
        raise invalid("Invalid filter pattern definition.", reason)


def refuse_pollers(given: Mapping[str, Any], limits: PollerLimits) -> None:
    """Provisioned mode: how many pollers, and not beside MaximumConcurrency."""
    pollers = given["ProvisionedPollerConfig"]
    low, high = limits.minimum
    fewest, most = pollers.get("MinimumPollers"), pollers.get("MaximumPollers")
    if fewest is None and most is None:
        raise invalid(
            "Either MinimumPollers or MaximumPollers are required if ProvisionedPollerConfig is provided.",
            f'give ProvisionedPollerConfig={{"MinimumPollers": {low}}}, or leave it out',
        )
    at_least = low if fewest is None else fewest
    at_most = limits.usual_maximum if most is None else most
    if not (low <= at_least <= high and at_least <= at_most <= limits.maximum):
        raise invalid(
            f"MinimumPollers should be between [{low}, {high}] and MaximumPollers should be between "
            f"[MinimumPollers, {limits.maximum}]",
            f"these are MinimumPollers {at_least} and MaximumPollers {at_most}, with AWS's {low} and "
            f"{limits.usual_maximum} where you gave none",
        )
    if not is_empty(given.get("ScalingConfig")):
        raise invalid(
            "Provisioned mode for SQS ESM does not support maximum concurrency feature. Use MaximumPollers as the "
            "control mechanism and remove maximum concurrency.",
            "leave ScalingConfig out: a poller carries ten batches at once",
        )
    if not limits.groups and "PollerGroupName" in pollers:
        raise unsupported("ProvisionedPollerConfig.PollerGroupName", "only Kafka's pollers have groups")


def refuse_timeouts(rules: SourceRules, source_arn: str, visibility_ms: int | None, function_timeout_ms: int) -> None:
    """A function that may run longer than its queue hides messages, or than its source's poller waits."""
    if visibility_ms is not None and visibility_ms < function_timeout_ms:
        raise invalid(
            f"Queue visibility timeout: {visibility_ms // 1000} seconds is less than Function timeout: "
            f"{function_timeout_ms // 1000} seconds",
            f"raise VisibilityTimeout of {source_arn} (AWS recommends six times the function's Timeout), or lower "
            f"Timeout in function={{...}}",
        )
    if function_timeout_ms > rules.max_timeout_s * 1000:
        raise unsupported(
            "Timeout",
            f"a function of {rules.name} runs {rules.max_timeout_s} s at most: lower Timeout in function={{...}} from "
            f"{function_timeout_ms // 1000}",
        )


# -- one mapping of a source to a function -----------------------------------------------------------------------------


def refuse_conflict(rules: SourceRules, source_arn: str, function_name: str, uuid: str) -> None:
    """A second mapping of a source to a function.

    Errors: `Refusal`, always: AWS's ResourceConflictException, in the words for queues of SQS, or in those for all
    others.
    """
    pair = f'arn (" {source_arn} ") and function (" {function_name} ")'
    if rules.source in ("sqs", "sqs_fifo"):
        twin = f"An event source mapping with SQS {pair} already exists"
    else:
        twin = f"The event source {pair} provided mapping already exists"
    raise Refusal(
        "ResourceConflictException",
        f"{twin}. Please update or delete the existing mapping with UUID {uuid}",
        "another function needs a name of its own: function={'FunctionName': …}",
        409,
    )
