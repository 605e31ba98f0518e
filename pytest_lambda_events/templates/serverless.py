"""serverless.yml: functions and their events as the resources that the framework makes. The law: as for SAM, names
only; the framework's own defaults (6 seconds, 1024 MB, batches of 10 from streams, TRIM_HORIZON) stand here.

Serverless Framework, "AWS events", "Functions"; what it generates, as its version 3 does.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates.cloudformation import Stack
from pytest_lambda_events.templates.declared import Code, Unresolved, settled, unresolved_in
from pytest_lambda_events.templates.identities import Where
from pytest_lambda_events.templates.placed import PlacedDict, made, section
from pytest_lambda_events.templates.serverless_variables import Variables
from pytest_lambda_events.templates.stack import Resource, resources_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pytest_lambda_events.templates.declared import Template
    from pytest_lambda_events.templates.placed import Place
    from pytest_lambda_events.templates.typed import Notes

__all__ = ["EVENTS", "read_serverless"]

_TIMEOUT: Final = 6
_MEMORY: Final = 1024
_NO_ID: Final = re.compile(r"[^0-9A-Za-z]")

_COMMON: Final = {"batchSize": "BatchSize", "enabled": "Enabled"}
_WINDOW: Final = {"maximumBatchingWindow": "MaximumBatchingWindowInSeconds"}
_POSITION: Final = {
    "startingPosition": "StartingPosition",
    "startingPositionTimestamp": "StartingPositionTimestamp",
}

EVENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "activemq": {**_COMMON, **_WINDOW, "arn": "EventSourceArn"},
    "kafka": {**_COMMON, **_WINDOW, **_POSITION},
    "msk": {**_COMMON, **_WINDOW, **_POSITION, "arn": "EventSourceArn"},
    "rabbitmq": {**_COMMON, **_WINDOW, "arn": "EventSourceArn"},
    "sqs": {**_COMMON, **_WINDOW, "arn": "EventSourceArn"},
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

_MADE: Final[Mapping[str, tuple[str, ...]]] = {
    "activemq": ("basicAuthArn", "filterPatterns", "queue"),
    "kafka": ("accessConfigurations", "bootstrapServers", "consumerGroupId", "filterPatterns", "topic"),
    "msk": ("consumerGroupId", "filterPatterns", "saslScram512", "topic"),
    "rabbitmq": ("basicAuthArn", "filterPatterns", "queue", "virtualHost"),
    "sqs": ("filterPatterns", "functionResponseType", "maximumConcurrency"),
    "stream": ("consumer", "destinations", "filterPatterns", "functionResponseType", "type"),
}
"""The keys that become something else."""

_DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
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

_FUNCTION: Final = {
    "handler": "Handler",
    "memorySize": "MemorySize",
    "reservedConcurrency": "ReservedConcurrentExecutions",
    "runtime": "Runtime",
    "timeout": "Timeout",
}

Entries: TypeAlias = "list[tuple[str, Any, Place | None]]"


def read_serverless(root: PlacedDict, file: Path, given: Mapping[str, Any], where: Where, notes: Notes) -> Template:
    """What it declares. Errors: `TemplateError`."""
    from pytest_lambda_events.templates import _parsed

    variables = Variables(root, given, where, _parsed, file.parent)
    provider = root.get("provider")
    region = provider.get("region") if isinstance(provider, PlacedDict) else None
    if region is not None:
        region = variables.value(region, root.place("provider"))
        if isinstance(region, str):
            where = Where(region, where.account)
    variables = Variables(root, given, where, _parsed, file.parent)
    whole = variables.value(root, root.origin)
    service = _Service(whole, variables.stage, notes)
    sections = list(_sections(whole.get("resources")))
    resources = {name: one for section in sections for name, one in resources_of(section).items()}
    for one in service.resources():
        if one.id in resources and one.type == resources[one.id].type:
            one = replace(one, properties=_merged(one.properties, resources[one.id].properties))
        resources[one.id] = one
    stack = {
        key: {name: value for section in sections for name, value in (section.get(key) or {}).items()}
        for key in ("Parameters", "Mappings", "Conditions")
    }
    plain = {name: value for name, value in given.items() if name in stack["Parameters"] or not name.isalnum()}
    return Stack(stack, resources, file=str(file), dialect="serverless", given=plain, where=where, notes=notes).read()


def _sections(value: Any) -> Iterator[PlacedDict]:
    """`resources` is one CloudFormation template, or a list of them."""
    for one in value if isinstance(value, list) else [value]:
        settled(one if isinstance(one, Unresolved) else None)
        if isinstance(one, PlacedDict):
            yield one


def _merged(first: PlacedDict, second: PlacedDict) -> PlacedDict:
    return made(
        first.origin,
        [(name, value, each.place(name)) for each in (first, second) for name, value in each.items()],
    )


class _Service:
    """The functions of one file. Every variable in it is resolved, or `Unresolved`."""

    def __init__(self, root: PlacedDict, stage: Any, notes: Notes) -> None:
        self._root = root
        self._stage = stage
        self._notes = notes
        provider = root.get("provider")
        self._provider = provider if isinstance(provider, PlacedDict) else PlacedDict(root.place("provider"))

    def resources(self) -> Iterator[Resource]:
        functions = self._root.get("functions")
        settled(functions if isinstance(functions, Unresolved) else None)
        for group in functions if isinstance(functions, list) else [section(self._root, "functions")]:
            settled(group if isinstance(group, Unresolved) else None)
            for name, body in group.items():
                if body is not None:
                    yield from self._function(name, body, group.place(name))

    def _function(self, name: str, body: Any, place: Place) -> Iterator[Resource]:
        settled(body if isinstance(body, Unresolved) else None)
        if not isinstance(body, PlacedDict):
            raise TemplateError(f"{place}: a function is a mapping")
        identifier = f"{_normalized(name)}LambdaFunction"
        entries: Entries = [("FunctionName", self._name(name, body, place), body.place("name"))]
        for key, api in _FUNCTION.items():
            defaults = {"timeout": _TIMEOUT, "memorySize": _MEMORY}
            if body.get(key) is not None:
                entries.append((api, body[key], body.place(key)))
            elif key != "handler" and self._provider.get(key) is not None:
                entries.append((api, self._provider[key], self._provider.place(key)))
            elif key in defaults:
                entries.append((api, defaults[key], place))
        environment = self._environment(body)
        if environment:
            entries.append(("Environment", {"Variables": environment}, body.place("environment")))
        yield Resource(
            id=identifier,
            type="AWS::Lambda::Function",
            properties=made(place, entries),
            place=place,
            names=(name,),
            code=Code(path="."),
        )
        target: Any = {"Fn::GetAtt": [identifier, "Arn"]}
        alias = "provisioned" if body.get("provisionedConcurrency") else "snapstart" if body.get("snapStart") else None
        if alias is not None:
            properties = made(place, [("FunctionName", {"Ref": identifier}, None), ("Name", alias, None)])
            yield Resource(id=f"{identifier}Alias", type="AWS::Lambda::Alias", properties=properties, place=place)
            target = {"Ref": f"{identifier}Alias"}
        yield from self._invoke(identifier, body, place)
        yield from self._events(name, body, target)

    def _name(self, name: str, body: PlacedDict, place: Place) -> Any:
        if body.get("name") is not None:
            return body["name"]
        service = self._root.get("service")
        if isinstance(service, dict):
            service = service.get("name")
        missing = tuple(each for one in unresolved_in([service, self._stage]) for each in one.names)
        return Unresolved(missing, place) if missing else f"{service}-{self._stage}-{name}"

    def _environment(self, body: PlacedDict) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in (self._provider.get("environment"), body.get("environment")):
            settled(one if isinstance(one, Unresolved) else None)
            found.update(one or {})
        return {name: value for name, value in found.items() if value is not None}

    def _invoke(self, function: str, body: PlacedDict, place: Place) -> Iterator[Resource]:
        keys = {"maximumEventAge": "MaximumEventAgeInSeconds", "maximumRetryAttempts": "MaximumRetryAttempts"}
        entries: Entries = [(api, body[key], body.place(key)) for key, api in keys.items() if key in body]
        destinations = body.get("destinations")
        if isinstance(destinations, PlacedDict):
            named = {
                f"O{key[1:]}": {"Destination": one.get("arn") if isinstance(one, dict) else one}
                for key, one in destinations.items()
            }
            entries.append(("DestinationConfig", named, body.place("destinations")))
        if entries:
            properties = made(place, [("FunctionName", {"Ref": function}, None), *entries])
            yield Resource(
                id=f"{function}EvConf", type="AWS::Lambda::EventInvokeConfig", properties=properties, place=place
            )

    # -- events -----------------------------------------------------------------------------------------------------

    def _events(self, function: str, body: PlacedDict, target: Any) -> Iterator[Resource]:
        events = body.get("events")
        settled(events if isinstance(events, Unresolved) else None)
        for number, event in enumerate(events or ()):
            settled(event if isinstance(event, Unresolved) else None)
            if not isinstance(event, PlacedDict):
                continue
            for kind, given in event.items():
                if kind in EVENTS:
                    place = event.place(kind)
                    settled(given if isinstance(given, Unresolved) else None)
                    if not isinstance(given, PlacedDict):
                        given = made(place, [("arn", given, place)])
                    yield from self._event(function, kind, given, (target, place, number))

    def _event(self, function: str, kind: str, given: PlacedDict, at: tuple[Any, Place, int]) -> Iterator[Resource]:
        target, place, number = at
        entries: dict[str, tuple[Any, Place | None]] = {"FunctionName": (target, None)}
        for name, value in _DEFAULTS.get(kind, {}).items():
            entries[name] = (value, None)
        for key, value in given.items():
            where = given.place(key)
            if key in EVENTS[kind]:
                if value or not (key == "batchSize" or (key in _WINDOW and kind in ("kafka", "msk"))):
                    entries[EVENTS[kind][key]] = (value, where)
            elif key in _MADE[kind]:
                for name, made_of_it in _MAKERS[key](kind, value, where):
                    there: Any = entries[name][0] if name in entries else None
                    entries[name] = (there + made_of_it if isinstance(there, list) else made_of_it, where)
            else:
                self._notes.unknown(f"an event of type {kind}", key, [*EVENTS[kind], *_MADE[kind]], where)
        label = _label(kind, given)
        base = f"{_normalized(function)}EventSourceMapping{label}"
        if kind == "stream" and given.get("consumer") is not None:
            consumer = given["consumer"]
            if consumer is True:
                identifier = f"{base}Consumer"
                properties = made(
                    place,
                    [("StreamARN", given.get("arn"), place), ("ConsumerName", f"{function}{label}Consumer", None)],
                )
                yield Resource(id=identifier, type="AWS::Kinesis::StreamConsumer", properties=properties, place=place)
                consumer = {"Ref": identifier}
            entries["EventSourceArn"] = (consumer, given.place("consumer"))
        yield Resource(
            id=base,
            type="AWS::Lambda::EventSourceMapping",
            properties=made(place, [(name, value, where) for name, (value, where) in entries.items()]),
            place=place,
            names=(kind, f"{kind}:{label}", f"events[{number}]"),
        )


def _normalized(name: str) -> str:
    """A name as a part of a logical id."""
    name = name.replace("-", "Dash").replace("_", "Underscore")
    return name[:1].upper() + name[1:]


def _label(kind: str, given: PlacedDict) -> str:
    """What the framework calls a mapping after: its kind and its source."""
    titles = {"activemq": "ActiveMQ", "kafka": "Kafka", "msk": "MSK", "rabbitmq": "RabbitMQ", "sqs": "SQS"}
    arn = given.get("arn")
    source = _last(arn)
    if kind == "stream":
        text = arn if isinstance(arn, str) else ""
        service = given.get("type") or (text.split(":")[2] if text.count(":") > 1 else "kinesis")
        return f"{str(service)[:1].upper()}{str(service)[1:]}{_alphanumeric(source)}"
    parts: dict[str, list[Any]] = {"kafka": [given.get("topic")], "msk": [source, given.get("topic")], "sqs": [source]}
    return titles[kind] + "".join(_alphanumeric(one) for one in parts.get(kind, [given.get("queue")]))


def _last(arn: Any) -> str:
    """The name of a source in its ARN, or in the function that gives it."""
    if isinstance(arn, dict):
        ((function, argument),) = arn.items()
        if function == "Fn::Join" and isinstance(argument, list):
            return _last(argument[-1][-1])
        return str(argument[0] if isinstance(argument, list) else argument).partition(".")[0]
    text = str(arn)
    return text.split("/")[1] if "/" in text else text.rpartition(":")[2]


def _alphanumeric(name: Any) -> str:
    text = _NO_ID.sub("", str(name))
    return text[:1].upper() + text[1:]


# -- what becomes something else ---------------------------------------------------------------------------------------


def _filters(_kind: str, value: Any, _place: Place) -> Iterator[tuple[str, Any]]:
    patterns = value if isinstance(value, list) else [value]
    yield "FilterCriteria", {"Filters": [{"Pattern": _compact(one)} for one in patterns]}


def _compact(pattern: Any) -> Any:
    """A pattern as JavaScript writes it; one with an open value is open."""
    names = tuple(name for one in unresolved_in(pattern) for name in one.names)
    if names:
        return Unresolved(names, next(iter(unresolved_in(pattern))).place)
    return json.dumps(pattern, separators=(",", ":"), ensure_ascii=False)


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
