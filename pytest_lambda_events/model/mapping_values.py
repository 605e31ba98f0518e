"""Ranges, lengths, patterns and enums of CreateEventSourceMapping's members. The law: one table, the API model's, which
the tests compare with botocore's; what breaks it is AWS's ValidationException, all at once, in the order of the model.

A path names a member as the model nests it: `Topics[]` is an element of a list, `Tags{key}` and `Tags{value}` those of
a map. The sentence about `startingPosition` has AWS's recorded order of the enum; for others it is the model's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.parameters import SHAPES, MapOf, constraint, refuse_constraints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lambda_events.model.parameters import Shape

__all__ = ["CONSTRAINTS", "Constraint", "refuse_values"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """What the model says about one member: bounds of a number or of a length, a pattern, the values of an enum."""

    at_least: int | None = None
    at_most: int | None = None
    pattern: str | None = None
    values: tuple[str, ...] = ()


_ARN: Final = (
    r"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)"
)
_DESTINATION: Final = Constraint(0, 350, rf"$|kafka://([^.]([a-zA-Z0-9\-_.]{{0,248}}))|{_ARN}")
_URI: Final = Constraint(1, 200, r"[ a-zA-Z0-9-\/*:_+=.@-]*")
_TAG: Final = r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"
_ANYTHING: Final = r"[\s\S]*"


def _registry(config: str) -> dict[str, Constraint]:
    """The schema registry, which both kinds of Kafka have."""
    prefix = f"{config}.SchemaRegistryConfig"
    return {
        f"{config}.ConsumerGroupId": _URI,
        f"{prefix}.SchemaRegistryURI": Constraint(1, 10_000, r"[a-zA-Z0-9-\/*:_+=.@-]*"),
        f"{prefix}.EventRecordFormat": Constraint(values=("JSON", "SOURCE")),
        f"{prefix}.AccessConfigs[].Type": Constraint(
            values=("BASIC_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH", "SERVER_ROOT_CA_CERTIFICATE", "OAUTHBEARER_AUTH")
        ),
        f"{prefix}.AccessConfigs[].URI": Constraint(0, 10_000, _ARN),
        f"{prefix}.SchemaValidationConfigs[].Attribute": Constraint(values=("KEY", "VALUE")),
    }


CONSTRAINTS: Final[Mapping[str, Constraint]] = {
    "EventSourceArn": Constraint(0, 10_000, _ARN),
    "BatchSize": Constraint(1, 10_000),
    "FilterCriteria.Filters[].Pattern": Constraint(0, 4_096, _ANYTHING),
    "KMSKeyArn": Constraint(0, 10_000, r"(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()"),
    "MetricsConfig.Metrics": Constraint(0, 3),
    "MetricsConfig.Metrics[]": Constraint(values=("EventCount", "ErrorCount", "KafkaMetrics")),
    "LoggingConfig.SystemLogLevel": Constraint(values=("DEBUG", "INFO", "WARN")),
    "ScalingConfig.MaximumConcurrency": Constraint(2, 1_000),
    "MaximumBatchingWindowInSeconds": Constraint(0, 300),
    "ParallelizationFactor": Constraint(1, 10),
    "StartingPosition": Constraint(values=("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON")),
    "DestinationConfig.OnSuccess.Destination": _DESTINATION,
    "DestinationConfig.OnFailure.Destination": _DESTINATION,
    "MaximumRecordAgeInSeconds": Constraint(-1, 604_800),
    "MaximumRetryAttempts": Constraint(-1, 10_000),
    "Tags{key}": Constraint(1, 128, _TAG),
    "Tags{value}": Constraint(0, 256, _TAG),
    "TumblingWindowInSeconds": Constraint(0, 900),
    "Topics": Constraint(1, 1),
    "Topics[]": Constraint(1, 249, r"[^.]([a-zA-Z0-9\-_.]+)"),
    "Queues": Constraint(1, 1),
    "Queues[]": Constraint(1, 1_000, _ANYTHING),
    "SourceAccessConfigurations": Constraint(0, 23),
    "SourceAccessConfigurations[].Type": Constraint(
        values=(
            "BASIC_AUTH",
            "VPC_SUBNET",
            "VPC_SECURITY_GROUP",
            "SASL_SCRAM_512_AUTH",
            "SASL_SCRAM_256_AUTH",
            "VIRTUAL_HOST",
            "CLIENT_CERTIFICATE_TLS_AUTH",
            "SERVER_ROOT_CA_CERTIFICATE",
            "OAUTHBEARER_AUTH",
            "OAUTHBEARER_SCOPE",
            "OAUTHBEARER_AUDIENCE",
            "OAUTHBEARER_LOGICAL_CLUSTER",
            "OAUTHBEARER_IDENTITY_POOL",
            "IAM_AUTH",
            "IAM_OAUTHBEARER_AUTH",
        )
    ),
    "SourceAccessConfigurations[].URI": _URI,
    "SelfManagedEventSource.Endpoints": Constraint(1, 2),
    "SelfManagedEventSource.Endpoints{key}": Constraint(values=("KAFKA_BOOTSTRAP_SERVERS",)),
    "SelfManagedEventSource.Endpoints{value}": Constraint(1, 10),
    "SelfManagedEventSource.Endpoints{value}[]": Constraint(
        1,
        300,
        r"(([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9])\.)*"
        r"([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9\-]*[A-Za-z0-9]):[0-9]{1,5}",
    ),
    "FunctionResponseTypes": Constraint(0, 1),
    "FunctionResponseTypes[]": Constraint(values=("ReportBatchItemFailures",)),
    **_registry("AmazonManagedKafkaEventSourceConfig"),
    **_registry("SelfManagedKafkaEventSourceConfig"),
    "SelfManagedKafkaEventSourceConfig.ConsumptionMode": Constraint(values=("Stream", "Queue")),
    "DocumentDBEventSourceConfig.DatabaseName": Constraint(1, 63, r"[^ /\.$\x22]*"),
    "DocumentDBEventSourceConfig.CollectionName": Constraint(1, 57, r"(^(?!(system\x2e)))(^[_a-zA-Z0-9])([^$]*)"),
    "DocumentDBEventSourceConfig.FullDocument": Constraint(values=("UpdateLookup", "Default")),
    "ProvisionedPollerConfig.MinimumPollers": Constraint(1, 200),
    "ProvisionedPollerConfig.MaximumPollers": Constraint(1, 10_000),
    "ProvisionedPollerConfig.PollerGroupName": Constraint(0, 128, r"[a-zA-Z0-9-_]*"),
}
"""What the API model says about members, in its order. FunctionName is `function`'s, UUID never given."""

# classes of Java's patterns that Python's have no name for: letters, numbers and separators
_JAVA_CLASSES: Final = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\w",
    r"\p{Z}": r"\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}


def refuse_values(given: Mapping[str, Any]) -> None:
    """Errors: `Refusal` that names every member out of its bounds; `given` has its types checked already."""
    broken = [one for name, value in given.items() for one in _broken(name, name, value, SHAPES[name])]
    refuse_constraints([sentence for sentence, _ in broken], "; ".join(dict.fromkeys(hint for _, hint in broken)))


def _broken(place: str, path: str, value: Any, shape: Shape) -> Iterator[tuple[str, str]]:
    """AWS's sentences about a member and what is in it, each with our hint. `place` is where this one stands."""
    for rule in _broken_rules(path, value):
        yield constraint(place, value, rule), _hint(place, path, value)
    if isinstance(shape, MapOf):
        for kind, whose, ones in (("key", "Map keys", list(value)), ("value", "Map value", list(value.values()))):
            yield from _broken_elements(place, f"{path}{{{kind}}}", value, whose, ones)
    elif isinstance(shape, tuple) and isinstance(shape[0], str):
        yield from _broken_elements(place, f"{path}[]", value, "Member", value)
    elif isinstance(shape, tuple):
        for number, one in enumerate(value, 1):
            yield from _broken(f"{place}.{number}.member", f"{path}[]", one, shape[0])
    elif isinstance(shape, Mapping):
        for name, one in value.items():
            yield from _broken(f"{place}.{name}", f"{path}.{name}", one, shape[name])


def _broken_elements(place: str, path: str, whole: Any, whose: str, elements: list[Any]) -> Iterator[tuple[str, str]]:
    """One sentence about a whole list or map, when one of its elements breaks a rule."""
    for one in elements:
        if not _satisfies(path, one):
            rule = f"{whose} must satisfy constraint: [{', '.join(_element_rules(path))}]"
            yield constraint(place, whole, rule), _hint(place, path, one)
            return


def _satisfies(path: str, value: Any) -> bool:
    if any(True for _ in _broken_rules(path, value)):
        return False
    return not isinstance(value, list) or all(_satisfies(f"{path}[]", one) for one in value)


def _broken_rules(path: str, value: Any) -> Iterator[str]:
    rules = CONSTRAINTS.get(path)
    if rules is None:
        return
    if rules.values and value not in rules.values:
        yield _enum(rules)
    if rules.at_most is not None and rules.at_least is not None:
        number = value if isinstance(value, int) else len(value)
        if number > rules.at_most:
            yield f"Member must have {_measure(value)} less than or equal to {rules.at_most}"
        if number < rules.at_least:
            yield f"Member must have {_measure(value)} greater than or equal to {rules.at_least}"
    if rules.pattern is not None and not _compiled(rules.pattern).fullmatch(value):
        yield f"Member must satisfy regular expression pattern: {rules.pattern}"


def _element_rules(path: str) -> Iterator[str]:
    """All that the model says about the elements of a list or map, as its sentence lists it."""
    rules = CONSTRAINTS[path]
    if rules.values:
        yield _enum(rules)
    if rules.at_most is not None:
        yield f"Member must have length less than or equal to {rules.at_most}"
        yield f"Member must have length greater than or equal to {rules.at_least}"
    if rules.pattern is not None:
        yield f"Member must satisfy regular expression pattern: {rules.pattern}"
    if f"{path}[]" in CONSTRAINTS:
        yield f"Member must satisfy constraint: [{', '.join(_element_rules(f'{path}[]'))}]"
    yield "Member must not be null"


def _enum(rules: Constraint) -> str:
    return f"Member must satisfy enum value set: [{', '.join(rules.values)}]"


def _measure(value: Any) -> str:
    return "value" if isinstance(value, int) else "length"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    for java, python in _JAVA_CLASSES.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern)


def _hint(place: str, path: str, value: Any) -> str:
    """What to give instead."""
    if isinstance(value, list) and not any(True for _ in _broken_rules(path, value)):
        return next(_hint(place, f"{path}[]", one) for one in value if not _satisfies(f"{path}[]", one))
    rules = CONSTRAINTS[path]
    if rules.values:
        return f"{place}: give {' or '.join(rules.values)}{nearest(str(value), rules.values)}, not {value!r:.80}"
    if rules.pattern is not None and not _compiled(rules.pattern).fullmatch(value):
        return f"{place}: {value!r:.80} has to match {rules.pattern}"
    unit = "" if isinstance(value, int) else " characters" if isinstance(value, str) else " elements"
    if rules.at_least == rules.at_most:
        return f"{place} has exactly {rules.at_least}{unit.rstrip('s')}"
    return f"{place} goes from {rules.at_least} to {rules.at_most}{unit}"
