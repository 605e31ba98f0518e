"""The events of serverless.yml that are mappings. The law: tables of keys, and what each becomes in CloudFormation.

Serverless Framework, "AWS events", the pages SQS, Streams, MSK, Kafka, ActiveMQ and RabbitMQ; what version 3 generates.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.model.json_writing import compact
from pytest_lambda_events.templates.declared import Unresolved, names_open_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_lambda_events.templates.placed import Place, PlacedDict

__all__ = [
    "DEFAULTS",
    "EVENTS",
    "MADE",
    "WINDOW",
    "alphanumeric",
    "label_of",
    "last_name",
    "made_of",
    "normalized",
    "source_of_event",
]

_NO_ID: Final = re.compile(r"[^0-9A-Za-z]")
_COMMON: Final = {"batchSize": "BatchSize", "enabled": "Enabled"}
WINDOW: Final = {"maximumBatchingWindow": "MaximumBatchingWindowInSeconds"}
_POSITION: Final = {
    "startingPosition": "StartingPosition",
    "startingPositionTimestamp": "StartingPositionTimestamp",
}

EVENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "activemq": {**_COMMON, **WINDOW, "arn": "EventSourceArn"},
    "kafka": {**_COMMON, **WINDOW, **_POSITION},
    "msk": {**_COMMON, **WINDOW, **_POSITION, "arn": "EventSourceArn"},
    "rabbitmq": {**_COMMON, **WINDOW, "arn": "EventSourceArn"},
    "sqs": {**_COMMON, **WINDOW, "arn": "EventSourceArn"},
    "stream": {
        **_COMMON,
        **_POSITION,
        "arn": "EventSourceArn",
        "batchWindow": "MaximumBatchingWindowInSeconds",
        "bisectBatchOnFunctionError": "BisectBatchOnFunctionError",
        "maximumRecordAgeInSeconds": "MaximumRecordAgeInSeconds",
        "maximumRetryAttempts": "MaximumRetryAttempts",
        "parallelizationFactor": "ParallelizationFactor",
        "tumblingWindowInSeconds": "TumblingWindowInSeconds",
    },
}
"""The events that are mappings, and the keys whose value goes under another name as it is."""

MADE: Final[Mapping[str, tuple[str, ...]]] = {
    "activemq": ("basicAuthArn", "filterPatterns", "queue"),
    "kafka": ("accessConfigurations", "bootstrapServers", "consumerGroupId", "filterPatterns", "topic"),
    "msk": ("consumerGroupId", "filterPatterns", "saslScram512", "topic"),
    "rabbitmq": ("basicAuthArn", "filterPatterns", "queue", "virtualHost"),
    "sqs": ("filterPatterns", "functionResponseType", "maximumConcurrency"),
    "stream": ("consumer", "destinations", "filterPatterns", "functionResponseType", "type"),
}
"""The keys that become something else."""

DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "kafka": {"StartingPosition": "TRIM_HORIZON"},
    "msk": {"StartingPosition": "TRIM_HORIZON"},
    "sqs": {"BatchSize": 10, "Enabled": True},
    "stream": {"BatchSize": 10, "Enabled": True, "StartingPosition": "TRIM_HORIZON"},
}

_ACCESS: Final[Mapping[str, tuple[str, str]]] = {
    "clientCertificateTlsAuth": ("CLIENT_CERTIFICATE_TLS_AUTH", ""),
    "saslPlainAuth": ("BASIC_AUTH", ""),
    "saslScram256Auth": ("SASL_SCRAM_256_AUTH", ""),
    "saslScram512Auth": ("SASL_SCRAM_512_AUTH", ""),
    "serverRootCaCertificate": ("SERVER_ROOT_CA_CERTIFICATE", ""),
    "vpcSecurityGroup": ("VPC_SECURITY_GROUP", "security_group:"),
    "vpcSubnet": ("VPC_SUBNET", "subnet:"),
}


def normalized(name: str) -> str:
    """A name as a part of a logical id."""
    name = name.replace("-", "Dash").replace("_", "Underscore")
    return name[:1].upper() + name[1:]


def label_of(kind: str, given: PlacedDict) -> str:
    """What the framework calls a mapping after: its kind and its source."""
    titles = {"activemq": "ActiveMQ", "kafka": "Kafka", "msk": "MSK", "rabbitmq": "RabbitMQ", "sqs": "SQS"}
    arn = given.get("arn")
    source = last_name(arn)
    if kind == "stream":
        text = arn if isinstance(arn, str) else ""
        service = given.get("type") or (text.split(":")[2] if text.count(":") > 1 else "kinesis")
        return f"{str(service)[:1].upper()}{str(service)[1:]}{alphanumeric(source)}"
    parts: dict[str, list[Any]] = {"kafka": [given.get("topic")], "msk": [source, given.get("topic")], "sqs": [source]}
    return titles[kind] + "".join(alphanumeric(one) for one in parts.get(kind, [given.get("queue")]))


def source_of_event(given: PlacedDict) -> str:
    """The name of an event's topic, queue of a broker, or source."""
    return str(given.get("topic") or given.get("queue") or last_name(given.get("arn")))


def last_name(arn: Any) -> str:
    """The name of a source in its ARN, or in the function that gives it."""
    if isinstance(arn, dict):
        function, argument = next(iter(arn.items()), ("", ""))
        if isinstance(argument, list) and argument:
            parts = argument[-1] if function == "Fn::Join" else None
            return last_name(parts[-1]) if isinstance(parts, list) and parts else str(argument[0]).partition(".")[0]
        return str(argument).partition(".")[0]
    text = str(arn)
    return text.split("/")[1] if "/" in text else text.rpartition(":")[2]


def alphanumeric(name: Any) -> str:
    """A name with what an id may have."""
    text = _NO_ID.sub("", str(name))
    return text[:1].upper() + text[1:]


# -- what becomes something else ---------------------------------------------------------------------------------------


def made_of(kind: str, key: str, value: Any, place: Place) -> Iterator[tuple[str, Any]]:
    """The properties that a key of an event becomes."""
    yield from _MAKERS[key](kind, value, place)


def _filters(_kind: str, value: Any, place: Place) -> Iterator[tuple[str, Any]]:
    patterns = value if isinstance(value, list) else [value]
    yield "FilterCriteria", {"Filters": [{"Pattern": _compact(one, place)} for one in patterns]}


def _compact(pattern: Any, place: Place) -> Any:
    """A pattern as JavaScript writes it; one with an open value is open."""
    missing = names_open_in(pattern)
    if missing:
        return Unresolved(missing, place)
    return compact(pattern)


def _access(_kind: str, value: Any, place: Place) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise TemplateError(f"{place}: access configurations are a mapping of lists")
    yield (
        "SourceAccessConfigurations",
        [
            {"Type": _ACCESS.get(key, (key, ""))[0], "URI": _prefixed(_ACCESS.get(key, (key, ""))[1], uri)}
            for key, uris in value.items()
            for uri in (uris if isinstance(uris, list) else [uris])
        ],
    )


def _prefixed(prefix: str, uri: Any) -> Any:
    return f"{prefix}{uri}" if isinstance(uri, str) else {"Fn::Join": ["", [prefix, uri]]}


def _group(kind: str, value: Any, _place: Place) -> Iterator[tuple[str, Any]]:
    managed = "AmazonManagedKafkaEventSourceConfig" if kind == "msk" else "SelfManagedKafkaEventSourceConfig"
    yield managed, {"ConsumerGroupId": value}


def _on_failure(_kind: str, value: Any, _place: Place) -> Iterator[tuple[str, Any]]:
    target = value.get("onFailure") if isinstance(value, dict) else value
    if isinstance(target, dict) and "arn" in target:
        target = target["arn"]
    yield "DestinationConfig", {"OnFailure": {"Destination": target}}


def _credentials(kind: str) -> Callable[[str, Any, Place], Iterator[tuple[str, Any]]]:
    def access(_kind: str, value: Any, _place: Place) -> Iterator[tuple[str, Any]]:
        yield "SourceAccessConfigurations", [{"Type": kind, "URI": value}]

    return access


def _listed(name: str) -> Callable[[str, Any, Place], Iterator[tuple[str, Any]]]:
    def listed(_kind: str, value: Any, _place: Place) -> Iterator[tuple[str, Any]]:
        yield name, [value]

    return listed


def _nothing(_kind: str, _value: Any, _place: Place) -> Iterator[tuple[str, Any]]:
    yield from ()


def _servers(_kind: str, value: Any, _place: Place) -> Iterator[tuple[str, Any]]:
    yield "SelfManagedEventSource", {"Endpoints": {"KafkaBootstrapServers": value}}


def _concurrency(_kind: str, value: Any, _place: Place) -> Iterator[tuple[str, Any]]:
    yield "ScalingConfig", {"MaximumConcurrency": value}


_MAKERS: Final[Mapping[str, Callable[[str, Any, Place], Iterator[tuple[str, Any]]]]] = {
    "accessConfigurations": _access,
    "basicAuthArn": _credentials("BASIC_AUTH"),
    "bootstrapServers": _servers,
    "consumer": _nothing,
    "consumerGroupId": _group,
    "destinations": _on_failure,
    "filterPatterns": _filters,
    "functionResponseType": _listed("FunctionResponseTypes"),
    "maximumConcurrency": _concurrency,
    "queue": _listed("Queues"),
    "saslScram512": _credentials("SASL_SCRAM_512_AUTH"),
    "topic": _listed("Topics"),
    "type": _nothing,
    "virtualHost": _credentials("VIRTUAL_HOST"),
}
