"""CloudFormation: from resources to what is declared. The law: SAM and serverless.yml are expanded to the resources
that their frameworks make, and read here; nothing else knows what a resource means.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import TemplateError, UsageError
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.templates.declared import (
    Code,
    DeclaredBroker,
    DeclaredFunction,
    DeclaredMapping,
    DeclaredQueue,
    DeclaredStream,
    DeclaredTable,
    DeclaredTopic,
    Template,
    Unresolved,
)
from pytest_lambda_events.templates.identities import identity_of
from pytest_lambda_events.templates.intrinsics import ABSENT, Resolver, is_function
from pytest_lambda_events.templates.placed import PlacedDict, section
from pytest_lambda_events.templates.resources import (
    FUNCTION_PROPERTIES,
    IDENTITIES,
    INVOKE_PROPERTIES,
    MAPPING_PROPERTIES,
    MAPPING_SHAPES,
    QUEUE_SHAPES,
    RENAMED,
    STREAM_SHAPES,
    TABLE_SHAPES,
)
from pytest_lambda_events.templates.typed import tags_of, typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lambda_events.model.parameters import Shape
    from pytest_lambda_events.templates.declared import Declared
    from pytest_lambda_events.templates.identities import Where
    from pytest_lambda_events.templates.placed import Place
    from pytest_lambda_events.templates.typed import Notes

__all__ = ["Resource", "Stack", "function_named", "resources_of"]

_MAPPING: Final = "AWS::Lambda::EventSourceMapping"
_FUNCTION: Final = "AWS::Lambda::Function"
_SUB_NAME: Final = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[^}]*)?\}")
_FUNCTION_NAME: Final = re.compile(r"(?:.*:function:)?(?P<name>[^:]+)(?::(?P<qualifier>[^:]+))?")
_ENGINES: Final[Mapping[str, str]] = {"ACTIVEMQ": "activemq", "RABBITMQ": "rabbitmq"}
_TOPIC_ATTRIBUTES: Final[Mapping[str, Shape]] = {"ContentBasedDeduplication": "boolean", "FifoTopic": "boolean"}
_SUBSCRIPTION: Final[Mapping[str, Shape]] = {
    "Endpoint": "string",
    "FilterPolicy": "structure",
    "FilterPolicyScope": "string",
    "Protocol": "string",
    "RawMessageDelivery": "boolean",
    "TopicArn": "string",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource of a stack. `names` are other words for a mapping or function, `code` where a function's code is, if a
    framework said it otherwise than CloudFormation.
    """

    id: str
    type: str
    properties: PlacedDict
    place: Place
    condition: str | None = None
    names: tuple[str, ...] = ()
    code: Code | None = None


def resources_of(root: PlacedDict) -> dict[str, Resource]:
    """The resources of a template. Errors: `TemplateError` for what is none."""
    found: dict[str, Resource] = {}
    resources = section(root, "Resources")
    for name, raw in resources.items():
        place = resources.place(name)
        if name.startswith("Fn::ForEach"):
            raise TemplateError(f"{place}: loops are not unrolled; give the template as CloudFormation processed it")
        if not isinstance(raw, PlacedDict) or not isinstance(raw.get("Type"), str):
            raise TemplateError(f"{place}: a resource is a mapping with a Type")
        found[name] = Resource(
            id=name,
            type=raw["Type"],
            properties=section(raw, "Properties"),
            place=place,
            condition=raw.get("Condition"),
            code=_asset(raw),
        )
    return found


def _asset(raw: PlacedDict) -> Code | None:
    """Where CDK put the code of a function, beside the template."""
    metadata = raw.get("Metadata")
    path = metadata.get("aws:asset:path") if isinstance(metadata, dict) else None
    return Code(path=path) if isinstance(path, str) else None


def function_named(text: object) -> tuple[str, str | None]:
    """Name and qualifier out of what FunctionName says: a name or an ARN, whole or in part."""
    found = _FUNCTION_NAME.fullmatch(str(text))
    return (str(text), None) if found is None else (found["name"], found["qualifier"])


class Stack:
    """Reads what the resources of one stack declare."""

    def __init__(
        self,
        root: Mapping[str, Any],
        resources: Mapping[str, Resource],
        *,
        file: str,
        dialect: str,
        given: Mapping[str, Any],
        where: Where,
        notes: Notes,
    ) -> None:
        self._file = file
        self._dialect = dialect
        self._where = where
        self._notes = notes
        self._all = resources
        self.resolver = Resolver(root, given, where, self._attribute)
        self._refuse_strange(root, given)
        self._conditions = {one.id: self._holds(one) for one in resources.values()}

    def _refuse_strange(self, root: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        """A plain name that is neither a parameter's nor a resource's was misspelt."""
        known = [*(root.get("Parameters") or {}), *self._all]
        for name in given:
            if name.isalnum() and name not in known:
                raise TemplateError(f"{self._file} has no parameter {name!r}{nearest(name, known)}")

    def _holds(self, one: Resource) -> bool | Unresolved:
        return True if one.condition is None else self.resolver.condition(one.condition, one.place)

    def read(self) -> Template:
        """What is declared."""
        there = [one for one in self._all.values() if self._conditions[one.id] is not False]
        functions = {one.id: self._function(one) for one in there if one.type == _FUNCTION}
        for one in there:
            if one.type == "AWS::Lambda::EventInvokeConfig":
                self._invoke(one, functions)
        return Template(
            file=self._file,
            dialect=self._dialect,
            functions=tuple(functions.values()),
            mappings=tuple(self._mapping(one, functions) for one in there if one.type == _MAPPING),
            resources=tuple(self._declared(there)),
            subscriptions=tuple(self._subscriptions(there)),
            notes=self._notes.all(),
        )

    # -- names ------------------------------------------------------------------------------------------------------

    def _attribute(self, name: str, attribute: str | None, place: Place) -> Any:
        """What Ref (None) or Fn::GetAtt gives; None where nobody knows."""
        resource = self._all.get(name)
        if resource is None:
            base, _, kind = name.rpartition(".")
            if kind in ("Alias", "Version") and base in self._all:  # SAM's words for what it makes
                return self._attribute(base, "Arn", place)
            if attribute is None:
                raise TemplateError(f"{place}: there is no parameter or resource {name!r}{nearest(name, self._all)}")
            raise TemplateError(f"{place}: there is no resource {name!r}{nearest(name, self._all)}")
        if resource.type == "AWS::Lambda::Alias" and attribute in (None, "AliasArn"):
            return self._qualified(resource, "Name")
        if resource.type == "AWS::Lambda::Version" and attribute in (None, "FunctionArn"):
            return self._qualified(resource, None)
        known = IDENTITIES.get(resource.type)
        wanted = None if known is None else known.ref if attribute is None else known.attributes.get(attribute)
        if wanted is None:
            return None
        identity = self._identity(resource)
        return identity if isinstance(identity, Unresolved) else identity[wanted]

    def _identity(self, one: Resource) -> Mapping[str, str] | Unresolved:
        """Names and ARNs of a resource; what its name rests on may be open."""
        return self.resolver.within(one.id, lambda: self._named(one), one.place)  # type: ignore[no-any-return]

    def _named(self, one: Resource) -> Mapping[str, str] | Unresolved:
        known = IDENTITIES[one.type]
        name = self._property(one, known.named_by)
        if isinstance(name, Unresolved):
            return name
        if name is ABSENT:
            fifo = self._property(one, "FifoQueue" if known.kind == "queue" else "FifoTopic")
            name = one.id + (".fifo" if known.kind in ("queue", "topic") and fifo in (True, "true") else "")
        if known.kind == "consumer":
            stream = self._property(one, "StreamARN")
            if isinstance(stream, Unresolved):
                return stream
            name = f"{stream} {name}"
        try:
            return identity_of(known.kind, str(name), self._where)
        except UsageError as error:
            raise TemplateError(f"{one.properties.place(known.named_by)}: {error}") from None

    def _qualified(self, one: Resource, named_by: str | None) -> Any:
        function = self._property(one, "FunctionName")
        qualifier = "1" if named_by is None else self._property(one, named_by)
        for part in (function, qualifier):
            if isinstance(part, Unresolved):
                return part
        return f"{self._where.arn('lambda', 'function:')}{function_named(function)[0]}:{qualifier}"

    def _property(self, one: Resource, name: str) -> Any:
        """A property's value, `ABSENT` without it."""
        if name not in one.properties:
            return ABSENT
        return self.resolver.value(one.properties[name], one.properties.place(name))

    def _properties(self, one: Resource, shapes: Mapping[str, Any], also: tuple[str, ...] = ()) -> dict[str, Any]:
        """The properties that have a shape, in it."""
        found = {}
        for name in one.properties:
            place = one.properties.place(name)
            if name not in shapes:
                if name not in also:
                    self._notes.unknown(one.type, name, [*shapes, *also], place)
            elif shapes[name] is not None:
                value = self._property(one, name)
                if value is not ABSENT:
                    found[name] = typed(value, shapes[name], place, self._notes)
        return found

    @staticmethod
    def _places(one: Resource) -> Mapping[str, Place]:
        return MappingProxyType({RENAMED.get(name, name): one.properties.place(name) for name in one.properties})

    # -- functions and mappings -------------------------------------------------------------------------------------

    def _function(self, one: Resource) -> DeclaredFunction:
        given = self._properties(one, FUNCTION_PROPERTIES)
        identity = self._identity(one)
        name: Any = identity if isinstance(identity, Unresolved) else identity["name"]
        handler, runtime = given.pop("Handler", None), given.pop("Runtime", None)
        where = one.code if one.code is not None else self._code(one)
        return DeclaredFunction(
            id=one.id,
            name=name,
            parameters=MappingProxyType({**given, "FunctionName": name}),
            place=one.place,
            places=self._places(one),
            code=Code(
                path=where.path,
                text=where.text,
                handler=handler if isinstance(handler, str) else None,
                runtime=runtime if isinstance(runtime, str) else None,
            ),
            uses=tuple(dict.fromkeys(self._named_in(one.properties.get("Environment")))),
            names=one.names,
        )

    def _code(self, one: Resource) -> Code:
        found = self._property(one, "Code")
        if isinstance(found, str):  # a path, until the template is packaged
            return Code(path=found)
        text = found.get("ZipFile") if isinstance(found, dict) else None
        return Code(text=text) if isinstance(text, str) else Code()

    def _named_in(self, raw: Any) -> Iterator[str]:
        """The ids of the resources that a value names."""
        if isinstance(raw, dict):
            if is_function(raw):
                ((function, argument),) = raw.items()
                first = argument[0] if isinstance(argument, list) and argument else argument
                if function in ("Ref", "Fn::GetAtt") and isinstance(first, str):
                    yield first.partition(".")[0]
                elif function == "Fn::Sub" and isinstance(first, str):
                    yield from _SUB_NAME.findall(first)
            for one in raw.values():
                yield from self._named_in(one)
        elif isinstance(raw, list):
            for one in raw:
                yield from self._named_in(one)

    def _invoke(self, one: Resource, functions: dict[str, DeclaredFunction]) -> None:
        """What is declared of a function's asynchronous invocations goes to the function."""
        from dataclasses import replace

        given = self._properties(one, INVOKE_PROPERTIES, ("FunctionName",))
        name, _ = function_named(self._property(one, "FunctionName"))
        for function in functions.values():
            if function.name == name:
                functions[function.id] = replace(function, event_invoke=MappingProxyType(given))

    def _mapping(self, one: Resource, functions: Mapping[str, DeclaredFunction]) -> DeclaredMapping:
        parameters: dict[str, Any] = {}
        for name in one.properties:
            place = one.properties.place(name)
            if name not in MAPPING_PROPERTIES:
                self._notes.unknown(one.type, name, MAPPING_PROPERTIES, place)
                continue
            value = self._property(one, name)
            if value is not ABSENT:
                api = RENAMED.get(name, name)
                parameters[api] = self._parameter(api, value, place)
        target = parameters.get("FunctionName")
        name, qualifier = ("", None) if isinstance(target, Unresolved) else function_named(target)
        found = next((function for function in functions.values() if function.name == name), None)
        condition = self._conditions[one.id]
        return DeclaredMapping(
            id=one.id,
            function=name if found is None else found.id,
            parameters=MappingProxyType(parameters),
            place=one.place,
            places=self._places(one),
            qualifier=qualifier,
            names=one.names,
            condition=condition if isinstance(condition, Unresolved) else None,
        )

    def _parameter(self, name: str, value: Any, place: Place) -> Any:
        if name == "Tags":
            return tags_of(value, place)
        if name == "SelfManagedEventSource" and isinstance(value, dict):
            endpoints = value.get("Endpoints")
            if isinstance(endpoints, dict):
                renamed = {"KafkaBootstrapServers": "KAFKA_BOOTSTRAP_SERVERS"}
                value = {**value, "Endpoints": {renamed.get(key, key): one for key, one in endpoints.items()}}
        return typed(value, MAPPING_SHAPES[name], place, self._notes)

    # -- what mappings need -----------------------------------------------------------------------------------------

    def _declared(self, there: list[Resource]) -> Iterator[Declared]:
        for one in there:
            known = IDENTITIES.get(one.type)
            read = None if known is None else self._READERS.get(known.kind)
            if known is None or read is None:
                continue
            identity = self._identity(one)
            names: Mapping[str, Any] = identity if not isinstance(identity, Unresolved) else _Everything(identity)
            yield read(self, one, names)

    def _queue(self, one: Resource, names: Mapping[str, Any]) -> DeclaredQueue:
        given = self._properties(one, self._with_texts(one, QUEUE_SHAPES), ("QueueName", "Tags"))
        for policy in ("RedrivePolicy", "RedriveAllowPolicy"):
            if isinstance(given.get(policy), str):
                given[policy] = _parsed(given[policy], one.properties.place(policy))
        redrive = given.get("RedrivePolicy")
        if isinstance(redrive, dict) and "maxReceiveCount" in redrive:
            place = one.properties.place("RedrivePolicy")
            redrive["maxReceiveCount"] = typed(redrive["maxReceiveCount"], "integer", place, self._notes)
        if given.get("FifoQueue") is False:
            del given["FifoQueue"]
        tags = self._property(one, "Tags")
        return DeclaredQueue(
            id=one.id,
            name=names["name"],
            arn=names["arn"],
            attributes=MappingProxyType(given),
            place=one.place,
            places=self._places(one),
            tags=MappingProxyType({} if tags is ABSENT else tags_of(tags, one.properties.place("Tags"))),
        )

    def _with_texts(self, one: Resource, shapes: Mapping[str, Shape]) -> dict[str, Shape]:
        """A policy may be a text of JSON."""
        policies = ("RedrivePolicy", "RedriveAllowPolicy")
        written = {name for name in policies if isinstance(self._property(one, name), str)}
        return {name: "string" if name in written else shape for name, shape in shapes.items()}

    def _stream(self, one: Resource, names: Mapping[str, Any]) -> DeclaredStream:
        consumers: dict[str, str] = {}
        for other in self._all.values():
            if other.type == "AWS::Kinesis::StreamConsumer" and self._property(other, "StreamARN") == names["arn"]:
                identity = self._identity(other)
                if not isinstance(identity, Unresolved):
                    consumers[identity["name"]] = identity["arn"]
        return DeclaredStream(
            id=one.id,
            name=names["name"],
            arn=names["arn"],
            attributes=MappingProxyType(self._properties(one, STREAM_SHAPES, ("Name",))),
            place=one.place,
            places=self._places(one),
            consumers=MappingProxyType(consumers),
        )

    def _table(self, one: Resource, names: Mapping[str, Any]) -> DeclaredTable:
        given = self._properties(one, TABLE_SHAPES, ("TableName",))
        stream = given.pop("StreamSpecification", None)
        given["StreamViewType"] = stream.get("StreamViewType") if isinstance(stream, dict) else stream
        ttl = given.pop("TimeToLiveSpecification", None)
        for index in given.get("GlobalSecondaryIndexes") or ():
            for name in [name for name in index if name.endswith(("Specification", "OnDemandThroughput"))]:
                del index[name]
        return DeclaredTable(
            id=one.id,
            name=names["name"],
            arn=names["arn"],
            stream_arn=names["stream_arn"],
            attributes=MappingProxyType(given),
            place=one.place,
            places=self._places(one),
            ttl=ttl.get("AttributeName") if isinstance(ttl, dict) and ttl.get("Enabled") else None,
        )

    def _topic(self, one: Resource, names: Mapping[str, Any]) -> DeclaredTopic:
        is_topic = one.type == "AWS::SNS::Topic"
        shapes = {name: shape for name, shape in _TOPIC_ATTRIBUTES.items() if is_topic}
        return DeclaredTopic(
            id=one.id,
            name=names["name"],
            arn=names["arn"],
            kind="sns" if is_topic else "s3",
            attributes=MappingProxyType(self._properties(one, shapes, tuple(one.properties))),
            place=one.place,
        )

    def _broker(self, one: Resource, names: Mapping[str, Any]) -> DeclaredBroker:
        kind = {"msk": "msk", "serverless_msk": "msk", "documentdb": "documentdb"}.get(IDENTITIES[one.type].kind)
        if kind is None:
            kind = _ENGINES.get(str(self._property(one, "EngineType")).upper(), "activemq")
        return DeclaredBroker(id=one.id, name=names["name"], arn=names["arn"], kind=kind, place=one.place)

    def _subscriptions(self, there: list[Resource]) -> Iterator[Mapping[str, Any]]:
        """What queues are subscribed to, in Subscribe's words."""
        for one in there:
            if one.type == "AWS::SNS::Subscription":
                yield MappingProxyType(self._properties(one, _SUBSCRIPTION, tuple(one.properties)))
            elif one.type == "AWS::SNS::Topic":
                inline = self._property(one, "Subscription")
                identity = self._identity(one)
                if isinstance(inline, list) and not isinstance(identity, Unresolved):
                    for each in inline:
                        yield MappingProxyType({**each, "TopicArn": identity["arn"]})

    _READERS: Final[Mapping[str, Any]] = MappingProxyType(
        {
            "broker": _broker,
            "bucket": _topic,
            "documentdb": _broker,
            "msk": _broker,
            "queue": _queue,
            "serverless_msk": _broker,
            "stream": _stream,
            "table": _table,
            "topic": _topic,
        }
    )


class _Everything(dict[str, Any]):
    """The names of a resource whose name is open: each is what it waits for."""

    def __init__(self, value: Unresolved) -> None:
        super().__init__()
        self._value = value

    def __missing__(self, key: str) -> Unresolved:
        return self._value


def _parsed(text: str, place: Place) -> Any:
    """A policy out of its text."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise TemplateError(f"{place}: a policy is a mapping, or JSON of one, not {text!r:.80}")
    return found
