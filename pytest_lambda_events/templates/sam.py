"""SAM: functions and their events as the resources that the transform makes. The law: tables of names; what a value
means is CloudFormation's business. Events that are no mappings (Api, S3, Schedule …) make nothing here.

AWS SAM Developer Guide, the page of each event source type, "Globals section", "Generated CloudFormation resources".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates.declared import Code
from pytest_lambda_events.templates.intrinsics import is_function
from pytest_lambda_events.templates.placed import PlacedDict, made, section
from pytest_lambda_events.templates.stack import Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lambda_events.templates.placed import Place
    from pytest_lambda_events.templates.typed import Notes

__all__ = ["expand", "is_sam"]

_PREFIX: Final = "AWS::Serverless::"
_TRANSFORM: Final = "AWS::Serverless-2016-10-31"

_SAME: Final = (
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "Enabled",
    "FilterCriteria",
    "FunctionResponseTypes",
    "KmsKeyArn",
    "LoggingConfig",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MetricsConfig",
    "ParallelizationFactor",
    "ProvisionedPollerConfig",
    "Queues",
    "ScalingConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Topics",
    "TumblingWindowInSeconds",
)
"""Properties of events that the mapping has under the same name."""

_SOURCES: Final[Mapping[str, str | None]] = {
    "DocumentDB": "Cluster",
    "DynamoDB": "Stream",
    "Kinesis": "Stream",
    "MQ": "Broker",
    "MSK": "Stream",
    "SQS": "Queue",
    "SelfManagedKafka": None,
}
"""The types of events that are mappings, and the property that is EventSourceArn."""

_KAFKA_CONFIGS: Final = {
    "MSK": "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafka": "SelfManagedKafkaEventSourceConfig",
}
_DOCUMENTDB: Final = ("DatabaseName", "CollectionName", "FullDocument")
_PERMISSIONS: Final = ("DynamicPolicyName", "SecretsManagerKmsKeyId")
"""These are about the function's role."""

_FUNCTION: Final = (
    "DurableConfig",
    "Environment",
    "FunctionName",
    "Handler",
    "MemorySize",
    "ReservedConcurrentExecutions",
    "Role",
    "Runtime",
    "TenancyConfig",
    "Timeout",
)
"""Properties of a function that CloudFormation's has under the same name, and that matter here."""


_FUNCTION_OTHERS: Final = (
    "Architectures",
    "AssumeRolePolicyDocument",
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "AutoPublishCodeSha256",
    "CapacityProviderConfig",
    "CodeSigningConfigArn",
    "CodeUri",
    "DeadLetterQueue",
    "DeploymentPreference",
    "Description",
    "EphemeralStorage",
    "EventInvokeConfig",
    "Events",
    "FileSystemConfigs",
    "FunctionScalingConfig",
    "FunctionUrlConfig",
    "ImageConfig",
    "ImageUri",
    "InlineCode",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "PackageType",
    "PermissionsBoundary",
    "Policies",
    "PropagateTags",
    "ProvisionedConcurrencyConfig",
    "PublishToLatestPublished",
    "RecursiveLoop",
    "RolePath",
    "RuntimeManagementConfig",
    "SnapStart",
    "SourceKMSKeyArn",
    "Tags",
    "Tracing",
    "VersionDeletionPolicy",
    "VersionDescription",
    "VpcConfig",
)
"""Its other properties."""


def is_sam(root: PlacedDict) -> bool:
    """Whether a template is to be transformed."""
    transforms = root.get("Transform")
    named = transforms if isinstance(transforms, list) else [transforms]
    resources = root.get("Resources")
    there = resources.values() if isinstance(resources, dict) else ()
    return _TRANSFORM in named or any(
        isinstance(one, dict) and str(one.get("Type")).startswith(_PREFIX) for one in there
    )


def expand(resources: Mapping[str, Resource], root: PlacedDict, notes: Notes) -> dict[str, Resource]:
    """The resources with SAM's own expanded. Errors: `TemplateError`."""
    everywhere = section(root, "Globals")
    found: dict[str, Resource] = {}
    for one in resources.values():
        kind = one.type.removeprefix(_PREFIX)
        if kind == one.type:
            found[one.id] = one
            continue
        one = replace(one, properties=_merged(section(everywhere, kind), one.properties))
        if kind == "Function":
            for made_of_it in _function(one, resources, notes):
                found[made_of_it.id] = made_of_it
        elif kind == "SimpleTable":
            found[one.id] = _table(one)
    return found


# -- globals ---------------------------------------------------------------------------------------------------------


def _merged(common: PlacedDict, own: PlacedDict) -> PlacedDict:
    """Globals under a resource's own: mappings are merged, lists follow each other, anything else is the resource's."""
    result = PlacedDict(own.origin)
    for name in [*common, *(name for name in own if name not in common)]:
        mine = name in own
        result.moved[name] = own.place(name) if mine else common.place(name)
        if not mine or name not in common:
            result[name] = own[name] if mine else common[name]
        else:
            result[name] = _merged_value(name, common[name], own[name])
    return result


def _merged_value(name: str, common: Any, own: Any) -> Any:
    if isinstance(common, PlacedDict) and isinstance(own, PlacedDict) and not (is_function(common) or is_function(own)):
        return _merged(common, own)
    if isinstance(common, list) and isinstance(own, list) and name != "Architectures":
        return [*common, *own]
    return own


# -- functions and events --------------------------------------------------------------------------------------------


def _function(one: Resource, resources: Mapping[str, Resource], notes: Notes) -> Iterator[Resource]:
    given = one.properties
    for name in given:
        if name not in _FUNCTION and name not in _FUNCTION_OTHERS:
            notes.unknown(one.type, name, [*_FUNCTION, *_FUNCTION_OTHERS], given.place(name))
    code = one.code
    if code is None:
        uri, inline = given.get("CodeUri"), given.get("InlineCode")
        code = Code(path=uri if isinstance(uri, str) else None, text=inline if isinstance(inline, str) else None)
    own = made(one.place, [(name, given[name], given.place(name)) for name in _FUNCTION if name in given])
    yield replace(one, type="AWS::Lambda::Function", properties=own, code=code)
    target: Any = {"Ref": one.id}
    alias = given.get("AutoPublishAlias")
    if alias is not None:
        qualified = _alias(one, alias)
        yield qualified
        target = {"Ref": qualified.id}
    invoke = given.get("EventInvokeConfig")
    if isinstance(invoke, PlacedDict):
        yield _invoke(one, invoke)
    events = section(given, "Events")
    for name, event in events.items():
        place = events.place(name)
        if not isinstance(event, PlacedDict) or not isinstance(event.get("Type"), str):
            raise TemplateError(f"{place}: an event is a mapping with a Type")
        properties = section(event, "Properties")
        if event["Type"] in _SOURCES:
            yield _event(one, name, event["Type"], properties, target=target, notes=notes)
        elif event["Type"] == "SNS" and properties.get("SqsSubscription"):
            yield from _through_a_queue(one, name, properties, target=target, resources=resources)


def _alias(one: Resource, alias: Any) -> Resource:
    properties = made(one.place, [("FunctionName", {"Ref": one.id}, None), ("Name", alias, None)])
    name = f"{one.id}Alias{alias}" if isinstance(alias, str) else f"{one.id}Alias"
    return Resource(id=name, type="AWS::Lambda::Alias", properties=properties, place=one.place, condition=one.condition)


def _invoke(one: Resource, invoke: PlacedDict) -> Resource:
    """The transform makes destinations out of a Type and a Destination each."""
    entries = [(name, value, invoke.place(name)) for name, value in invoke.items()]
    destinations = invoke.get("DestinationConfig")
    if isinstance(destinations, PlacedDict):
        plain = {
            name: _without_type(value)
            for name, value in destinations.items()
            if isinstance(value, PlacedDict) and "Destination" in value
        }
        entries = [(name, plain if name == "DestinationConfig" else value, place) for name, value, place in entries]
    properties = made(one.place, [("FunctionName", {"Ref": one.id}, None), *entries])
    return Resource(
        id=f"{one.id}EventInvokeConfig",
        type="AWS::Lambda::EventInvokeConfig",
        properties=properties,
        place=one.place,
        condition=one.condition,
    )


def _without_type(value: Any) -> Any:
    """A destination without what SAM makes a policy of."""
    return {name: one for name, one in value.items() if name != "Type"} if isinstance(value, dict) else value


def _event(function: Resource, name: str, kind: str, given: PlacedDict, *, target: Any, notes: Notes) -> Resource:
    source = _SOURCES[kind]
    place = _event_place(function, name)
    entries: list[tuple[str, Any, Place | None]] = [("FunctionName", target, None)]
    config: list[tuple[str, Any, Place | None]] = []
    for key, value in given.items():
        where = given.place(key)
        if key == source:
            entries.append(("EventSourceArn", value, where))
        elif key == "DestinationConfig" and isinstance(value, dict):
            entries.append((key, {one: _without_type(each) for one, each in value.items()}, where))
        elif key in _SAME:
            entries.append((key, value, where))
        elif key == "KafkaBootstrapServers":
            entries.append(("SelfManagedEventSource", {"Endpoints": {key: value}}, where))
        elif (key in ("ConsumerGroupId", "SchemaRegistryConfig") and kind in _KAFKA_CONFIGS) or (
            key in _DOCUMENTDB and kind == "DocumentDB"
        ):
            config.append((key, value, where))
        elif key not in _PERMISSIONS:
            known = [*_SAME, *([source] if source is not None else ["KafkaBootstrapServers"]), *_DOCUMENTDB]
            notes.unknown(f"an event of type {kind}", key, known, where)
    if config:
        entries.append((_KAFKA_CONFIGS.get(kind, "DocumentDBEventSourceConfig"), made(place, config), config[0][2]))
    return Resource(
        id=f"{function.id}{name}",
        type="AWS::Lambda::EventSourceMapping",
        properties=made(place, entries),
        place=place,
        condition=function.condition,
        names=(name,),
    )


def _event_place(function: Resource, name: str) -> Place:
    return section(function.properties, "Events").place(name)


def _through_a_queue(
    function: Resource, name: str, given: PlacedDict, *, target: Any, resources: Mapping[str, Resource]
) -> Iterator[Resource]:
    """An SNS event with SqsSubscription: a queue (or the one that is named), its subscription, and a mapping."""
    wanted = given["SqsSubscription"]
    place = _event_place(function, name)
    where = given.place("SqsSubscription")
    base = f"{function.id}{name}"
    existing = wanted if isinstance(wanted, PlacedDict) else PlacedDict(where)
    arn = existing.get("QueueArn", {"Fn::GetAtt": [f"{base}Queue", "Arn"]})

    def resource(suffix: str, kind: str, entries: list[tuple[str, Any, Place | None]], *words: str) -> Resource:
        return Resource(
            id=base + suffix,
            type=kind,
            properties=made(place, entries),
            place=place,
            condition=function.condition,
            names=words,
        )

    if "QueueArn" not in existing:
        topic = given.get("Topic")
        named = resources.get(str(topic.get("Ref"))) if isinstance(topic, dict) else None
        fifo = None if named is None else named.properties.get("FifoTopic")
        yield resource("Queue", "AWS::SQS::Queue", [] if fifo is None else [("FifoQueue", fifo, where)])
    subscription = [
        (key, given[one], given.place(one))
        for key, one in (
            ("TopicArn", "Topic"),
            ("FilterPolicy", "FilterPolicy"),
            ("FilterPolicyScope", "FilterPolicyScope"),
        )
        if one in given
    ]
    yield resource("", "AWS::SNS::Subscription", [("Protocol", "sqs", None), ("Endpoint", arn, where), *subscription])
    # the transform leaves the Enabled of the event out, and says true
    yield resource(
        "EventSourceMapping",
        "AWS::Lambda::EventSourceMapping",
        [
            ("FunctionName", target, None),
            ("EventSourceArn", arn, where),
            ("BatchSize", existing.get("BatchSize") or 10, existing.place("BatchSize")),
            ("Enabled", True, None),
        ],
        name,
    )


def _table(one: Resource) -> Resource:
    """A table with one key, a text called id unless it says otherwise."""
    given = one.properties
    key = section(given, "PrimaryKey")
    where = given.place("PrimaryKey")
    kinds = {"String": "S", "Number": "N", "Binary": "B"}
    attribute = key.get("Name", "id")
    definition = {"AttributeName": attribute, "AttributeType": kinds.get(str(key.get("Type")), "S")}
    entries: list[tuple[str, Any, Place | None]] = [
        ("AttributeDefinitions", [definition], where),
        ("KeySchema", [{"AttributeName": attribute, "KeyType": "HASH"}], where),
    ]
    if "TableName" in given:
        entries.append(("TableName", given["TableName"], given.place("TableName")))
    return replace(one, type="AWS::DynamoDB::Table", properties=made(one.place, entries))
