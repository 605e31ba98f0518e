"""Terraform: from resources of its AWS provider to what is declared. The law: names are the API's in snake case, but for
the few of a table; where values come from (a plan, a state, configuration) is the business of others.

Terraform Registry, hashicorp/aws, the page of each resource ("Argument Reference", "Attribute Reference").
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import TemplateError, UsageError
from pytest_lambda_events.model.mapping_source import source_of
from pytest_lambda_events.model.parameters import SHAPES, MapOf
from pytest_lambda_events.model.refusal import Refusal
from pytest_lambda_events.sources import rules_of
from pytest_lambda_events.templates.cloudformation import function_named
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
from pytest_lambda_events.templates.typed import tags_of, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lambda_events.model.parameters import Shape
    from pytest_lambda_events.templates.declared import Declared
    from pytest_lambda_events.templates.identities import Where
    from pytest_lambda_events.templates.placed import Place
    from pytest_lambda_events.templates.typed import Notes

__all__ = ["IDENTITIES", "TerraformResource", "computed", "read_resources", "snake"]

_BOUNDARY: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPELT: Final[Mapping[str, str]] = {
    "AccessConfigs": "access_config",
    "Destination": "destination_arn",
    "Filters": "filter",
    "SchemaValidationConfigs": "schema_validation_config",
    "SourceAccessConfigurations": "source_access_configuration",
}
"""Members that the provider calls otherwise than in snake case."""

_EVERYWHERE: Final = frozenset(
    (
        "connection",
        "count",
        "depends_on",
        "for_each",
        "id",
        "lifecycle",
        "provider",
        "provisioner",
        "region",
        "tags",
        "tags_all",
        "timeouts",
        "//",
    )
)

IDENTITIES: Final[Mapping[str, tuple[str, str, Mapping[str, str]]]] = MappingProxyType(
    {
        "aws_docdb_cluster": ("documentdb", "cluster_identifier", {"arn": "arn", "id": "id"}),
        "aws_dynamodb_table": (
            "table",
            "name",
            {"arn": "arn", "id": "id", "name": "name", "stream_arn": "stream_arn"},
        ),
        "aws_iam_role": ("role", "name", {"arn": "arn", "id": "id", "name": "name"}),
        "aws_kinesis_stream": ("stream", "name", {"arn": "arn", "id": "arn", "name": "name"}),
        "aws_kinesis_stream_consumer": ("consumer", "name", {"arn": "arn", "id": "arn", "name": "name"}),
        "aws_kms_key": ("key", "", {"arn": "arn", "id": "id", "key_id": "id"}),
        "aws_lambda_function": (
            "function",
            "function_name",
            {"arn": "arn", "function_name": "name", "id": "name"},
        ),
        "aws_mq_broker": ("broker", "broker_name", {"arn": "arn", "id": "id"}),
        "aws_msk_cluster": ("msk", "cluster_name", {"arn": "arn", "id": "arn"}),
        "aws_msk_serverless_cluster": ("serverless_msk", "cluster_name", {"arn": "arn", "id": "arn"}),
        "aws_s3_bucket": ("bucket", "bucket", {"arn": "arn", "bucket": "name", "id": "name"}),
        "aws_secretsmanager_secret": ("secret", "name", {"arn": "arn", "id": "arn", "name": "name"}),
        "aws_security_group": ("security_group", "", {"arn": "arn", "id": "id"}),
        "aws_sns_topic": ("topic", "name", {"arn": "arn", "id": "arn", "name": "name"}),
        "aws_sqs_queue": ("queue", "name", {"arn": "arn", "id": "url", "name": "name", "url": "url"}),
        "aws_subnet": ("subnet", "", {"arn": "arn", "id": "id"}),
    }
)
"""Of each type of resource: its kind, the argument with its name, and the attributes that follow from that."""

_QUEUE: Final[Mapping[str, tuple[str, Shape]]] = {
    "content_based_deduplication": ("ContentBasedDeduplication", "boolean"),
    "deduplication_scope": ("DeduplicationScope", "string"),
    "delay_seconds": ("DelaySeconds", "integer"),
    "fifo_queue": ("FifoQueue", "boolean"),
    "fifo_throughput_limit": ("FifoThroughputLimit", "string"),
    "kms_data_key_reuse_period_seconds": ("KmsDataKeyReusePeriodSeconds", "integer"),
    "kms_master_key_id": ("KmsMasterKeyId", "string"),
    "max_message_size": ("MaximumMessageSize", "integer"),
    "message_retention_seconds": ("MessageRetentionPeriod", "integer"),
    "receive_wait_time_seconds": ("ReceiveMessageWaitTimeSeconds", "integer"),
    "redrive_allow_policy": ("RedriveAllowPolicy", "string"),
    "redrive_policy": ("RedrivePolicy", "string"),
    "sqs_managed_sse_enabled": ("SqsManagedSseEnabled", "boolean"),
    "visibility_timeout_seconds": ("VisibilityTimeout", "integer"),
}
_FUNCTION: Final[Mapping[str, tuple[str, Shape]]] = {
    "memory_size": ("MemorySize", "integer"),
    "reserved_concurrent_executions": ("ReservedConcurrentExecutions", "integer"),
    "role": ("Role", "string"),
    "timeout": ("Timeout", "integer"),
}
_STREAM: Final[Mapping[str, tuple[str, Shape]]] = {
    "max_record_size_in_kib": ("MaxRecordSizeInKiB", "integer"),
    "retention_period": ("RetentionPeriodHours", "integer"),
    "shard_count": ("ShardCount", "integer"),
}
_INVOKE: Final[Mapping[str, tuple[str, Shape]]] = {
    "maximum_event_age_in_seconds": ("MaximumEventAgeInSeconds", "integer"),
    "maximum_retry_attempts": ("MaximumRetryAttempts", "integer"),
    "qualifier": ("Qualifier", "string"),
}
_UNLIMITED: Final = -1
_ENGINES: Final = {"activemq": "activemq", "rabbitmq": "rabbitmq"}
_NOT_THERE: Final = (None, "", [], {})


def snake(name: str) -> str:
    """The provider's word for a parameter or member of the API."""
    return _SPELT.get(name) or _BOUNDARY.sub("_", name).lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class TerraformResource:
    """A resource with the values that its arguments and attributes have, or `Unresolved`.

    `read_back` says that they were read from AWS, where what does not apply to a source shows as zero.
    """

    address: str
    type: str
    name: str
    values: Mapping[str, Any]
    place: Place
    places: Mapping[str, Place] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    read_back: bool = False
    written: bool = False

    def at(self, argument: str) -> Place:
        """The place of an argument."""
        return self.places.get(argument, self.place.at(argument))


def computed(kind: str, values: Mapping[str, Any], name: str, where: Where, place: Place) -> Any:
    """What AWS makes of a resource of this type: the attributes of `IDENTITIES`, or `Unresolved`; `name` is its label."""
    family, argument, attributes = IDENTITIES[kind]
    given = values.get(argument)
    if isinstance(given, Unresolved):
        return given
    if given in _NOT_THERE:
        fifo = family in ("queue", "topic") and (values.get("fifo_queue") or values.get("fifo_topic"))
        given = f"{values.get(f'{argument}_prefix') or ''}{name}{'.fifo' if fifo else ''}"
    if family == "consumer":
        stream = values.get("stream_arn")
        if isinstance(stream, Unresolved):
            return stream
        given = f"{stream} {given}"
    try:
        identity = identity_of(family, str(given), where)
    except UsageError as error:
        raise TemplateError(f"{place}: {error}") from None
    return {attribute: identity[key] for attribute, key in attributes.items()}


def read_resources(
    resources: list[TerraformResource], *, file: str, where: Where, notes: Notes
) -> Template:
    """What they declare. Errors: `TemplateError`."""
    return _Reader(resources, file, where, notes).read()


class _Reader:
    def __init__(self, resources: list[TerraformResource], file: str, where: Where, notes: Notes) -> None:
        self._all = resources
        self._file = file
        self._where = where
        self._notes = notes

    def read(self) -> Template:
        declared = list(self._declared())
        functions = [self._function(one, declared) for one in self._of("aws_lambda_function")]
        return Template(
            file=self._file,
            dialect="terraform",
            functions=tuple(functions),
            mappings=tuple(self._mapping(one, functions) for one in self._of("aws_lambda_event_source_mapping")),
            resources=tuple(declared),
            subscriptions=tuple(self._subscription(one) for one in self._of("aws_sns_topic_subscription")),
            notes=self._notes.all(),
        )

    def _of(self, *types: str) -> Iterator[TerraformResource]:
        return (one for one in self._all if one.type in types)

    def _names(self, one: TerraformResource) -> Mapping[str, Any]:
        """Names and ARNs: those that AWS gave it, or will."""
        made = computed(one.type, one.values, one.name, self._where, one.place)
        known = IDENTITIES[one.type][2]
        there = {name: one.values[name] for name in known if one.values.get(name) not in _NOT_THERE}
        found = {name: made for name in known} if isinstance(made, Unresolved) else dict(made)
        return {**found, **{name: value for name, value in there.items() if not isinstance(value, Unresolved)}}

    def _simple(self, one: TerraformResource, table: Mapping[str, tuple[str, Shape]]) -> dict[str, Any]:
        found = {}
        for argument, (api, shape) in table.items():
            value = one.values.get(argument)
            if value not in _NOT_THERE:
                found[api] = typed(value, shape, one.at(argument), self._notes)
        return found

    def _note_unknown(self, one: TerraformResource, known: set[str]) -> None:
        if one.written:
            for name in one.values:
                if name not in known and name not in _EVERYWHERE:
                    self._notes.unknown(one.type, name, known, one.at(name))

    # -- functions --------------------------------------------------------------------------------------------------

    def _function(self, one: TerraformResource, declared: list[Declared]) -> DeclaredFunction:
        names = self._names(one)
        name = names["function_name"]
        given = {**self._simple(one, _FUNCTION), "FunctionName": name}
        if given.get("ReservedConcurrentExecutions") == _UNLIMITED:
            del given["ReservedConcurrentExecutions"]
        variables = (_block(one.values.get("environment")) or {}).get("variables")
        if variables:
            given["Environment"] = {"Variables": dict(variables) if isinstance(variables, Mapping) else variables}
        handler, runtime, path = (one.values.get(key) for key in ("handler", "runtime", "filename"))
        used = set(variables.values()) if isinstance(variables, Mapping) and not _is_open(variables) else set()
        places = {api: one.at(argument) for argument, (api, _) in _FUNCTION.items() if argument in one.values}
        return DeclaredFunction(
            id=one.address,
            name=name,
            parameters=MappingProxyType(given),
            place=one.place,
            places=MappingProxyType(places),
            code=Code(
                path=path if isinstance(path, str) else None,
                handler=handler if isinstance(handler, str) else None,
                runtime=runtime if isinstance(runtime, str) else None,
            ),
            event_invoke=MappingProxyType(self._invoke(name)),
            uses=tuple(each.id for each in declared if used & _words(each, self._where)),
            names=(one.name,),
        )

    def _invoke(self, function: Any) -> dict[str, Any]:
        for one in self._of("aws_lambda_function_event_invoke_config"):
            if function_named(one.values.get("function_name"))[0] != function:
                continue
            found = self._simple(one, _INVOKE)
            destinations = _block(one.values.get("destination_config")) or {}
            made = {
                f"On{when.capitalize()}": {"Destination": block["destination"]}
                for when in ("success", "failure")
                if (block := _block(destinations.get(f"on_{when}")))
            }
            return {**found, **({"DestinationConfig": made} if made else {})}
        return {}

    # -- mappings ---------------------------------------------------------------------------------------------------

    def _mapping(self, one: TerraformResource, functions: list[DeclaredFunction]) -> DeclaredMapping:
        self._note_unknown(one, {snake(name) for name in SHAPES})
        parameters: dict[str, Any] = {}
        places: dict[str, Place] = {}
        for name, shape in SHAPES.items():
            argument = snake(name)
            value = one.values.get(argument)
            if value in _NOT_THERE:
                continue
            place = places[name] = one.at(argument)
            if name == "Tags":
                parameters[name] = tags_of(value, place)
            else:
                parameters[name] = typed(_api(value, shape, name), shape, place, self._notes)
        if one.read_back:
            parameters = _without_foreign(parameters)
        target = parameters.get("FunctionName")
        name, qualifier = ("", None) if isinstance(target, Unresolved) else function_named(target)
        found = next((function for function in functions if function.name == name), None)
        return DeclaredMapping(
            id=one.address,
            function=name if found is None else found.id,
            parameters=MappingProxyType(parameters),
            place=one.place,
            places=MappingProxyType(places),
            qualifier=qualifier,
            names=(one.name,),
        )

    # -- what mappings need -----------------------------------------------------------------------------------------

    def _declared(self) -> Iterator[Declared]:
        for one in self._all:
            read = self._READERS.get(one.type)
            if read is not None:
                yield read(self, one, self._names(one))

    def _queue(self, one: TerraformResource, names: Mapping[str, Any]) -> DeclaredQueue:
        self._note_unknown(one, {*_QUEUE, "name", "name_prefix", "policy"})
        given = self._simple(one, _QUEUE)
        places = {api: one.at(argument) for argument, (api, _) in _QUEUE.items() if argument in one.values}
        for other in self._of("aws_sqs_queue_redrive_policy", "aws_sqs_queue_redrive_allow_policy"):
            if other.values.get("queue_url") == names["url"]:
                argument = other.type.removeprefix("aws_sqs_queue_")
                api = _QUEUE[argument][0]
                given[api], places[api] = other.values.get(argument), other.at(argument)
        for policy in ("RedrivePolicy", "RedriveAllowPolicy"):
            if policy in given:
                given[policy] = _decoded(given[policy], places[policy])
        redrive = given.get("RedrivePolicy")
        if isinstance(redrive, dict) and "maxReceiveCount" in redrive:
            place = places["RedrivePolicy"]
            redrive["maxReceiveCount"] = typed(redrive["maxReceiveCount"], "integer", place, self._notes)
        if not given.get("FifoQueue"):
            for name in ("FifoQueue", "ContentBasedDeduplication"):
                given.pop(name, None)
        return DeclaredQueue(
            id=one.address,
            name=names["name"],
            arn=names["arn"],
            attributes=MappingProxyType(given),
            place=one.place,
            places=MappingProxyType(places),
            tags=MappingProxyType(tags_of(one.values.get("tags") or {}, one.at("tags"))),
        )

    def _stream(self, one: TerraformResource, names: Mapping[str, Any]) -> DeclaredStream:
        given = self._simple(one, _STREAM)
        mode = (_block(one.values.get("stream_mode_details")) or {}).get("stream_mode")
        if mode:
            given["StreamModeDetails"] = {"StreamMode": mode}
        if mode == "ON_DEMAND":
            given.pop("ShardCount", None)
        consumers = {}
        for other in self._of("aws_kinesis_stream_consumer"):
            if other.values.get("stream_arn") == names["arn"]:
                consumer = self._names(other)
                consumers[consumer["name"]] = consumer["arn"]
        return DeclaredStream(
            id=one.address,
            name=names["name"],
            arn=names["arn"],
            attributes=MappingProxyType(given),
            place=one.place,
            consumers=MappingProxyType(consumers),
        )

    def _table(self, one: TerraformResource, names: Mapping[str, Any]) -> DeclaredTable:
        values = one.values
        given: dict[str, Any] = {
            "AttributeDefinitions": [
                {"AttributeName": each["name"], "AttributeType": each["type"]} for each in _blocks(values.get("attribute"))
            ],
            "KeySchema": _keys(values),
            "StreamViewType": values.get("stream_view_type") if values.get("stream_enabled") else None,
        }
        if values.get("billing_mode"):
            given["BillingMode"] = values["billing_mode"]
        if given.get("BillingMode") != "PAY_PER_REQUEST" and values.get("read_capacity"):
            given["ProvisionedThroughput"] = _throughput(values)
        for argument, api in (
            ("global_secondary_index", "GlobalSecondaryIndexes"),
            ("local_secondary_index", "LocalSecondaryIndexes"),
        ):
            indexes = _blocks(values.get(argument))
            if indexes:
                given[api] = [
                    _index({"hash_key": values.get("hash_key"), **each} if "local" in argument else each)
                    for each in indexes
                ]
        ttl = _block(values.get("ttl")) or {}
        return DeclaredTable(
            id=one.address,
            name=names["name"],
            arn=names["arn"],
            stream_arn=names["stream_arn"],
            attributes=MappingProxyType(given),
            place=one.place,
            ttl=ttl.get("attribute_name") if ttl.get("enabled", True) and ttl.get("attribute_name") else None,
        )

    def _topic(self, one: TerraformResource, names: Mapping[str, Any]) -> DeclaredTopic:
        is_topic = one.type == "aws_sns_topic"
        table: dict[str, tuple[str, Shape]] = {
            "content_based_deduplication": ("ContentBasedDeduplication", "boolean"),
            "fifo_topic": ("FifoTopic", "boolean"),
        }
        given = {name: value for name, value in self._simple(one, table).items() if value is not False}
        return DeclaredTopic(
            id=one.address,
            name=names["name" if is_topic else "bucket"],
            arn=names["arn"],
            kind="sns" if is_topic else "s3",
            attributes=MappingProxyType(given if is_topic else {}),
            place=one.place,
        )

    def _broker(self, one: TerraformResource, names: Mapping[str, Any]) -> DeclaredBroker:
        kinds = {"aws_docdb_cluster": "documentdb", "aws_msk_cluster": "msk", "aws_msk_serverless_cluster": "msk"}
        engine = _ENGINES.get(str(one.values.get("engine_type")).lower(), "activemq")
        return DeclaredBroker(
            id=one.address,
            name=one.values.get(IDENTITIES[one.type][1]) or one.name,
            arn=names["arn"],
            kind=kinds.get(one.type, engine),
            place=one.place,
        )

    def _subscription(self, one: TerraformResource) -> Mapping[str, Any]:
        names = ("topic_arn", "protocol", "endpoint", "raw_message_delivery", "filter_policy", "filter_policy_scope")
        found = {
            "".join(part.capitalize() for part in name.split("_")): one.values[name]
            for name in names
            if one.values.get(name) not in _NOT_THERE
        }
        if isinstance(found.get("FilterPolicy"), str):
            found["FilterPolicy"] = _decoded(found["FilterPolicy"], one.at("filter_policy"))
        return MappingProxyType(found)

    _READERS: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
        {
            "aws_docdb_cluster": _broker,
            "aws_dynamodb_table": _table,
            "aws_kinesis_stream": _stream,
            "aws_mq_broker": _broker,
            "aws_msk_cluster": _broker,
            "aws_msk_serverless_cluster": _broker,
            "aws_s3_bucket": _topic,
            "aws_sns_topic": _topic,
            "aws_sqs_queue": _queue,
        }
    )


# -- values ----------------------------------------------------------------------------------------------------------


def _block(value: Any) -> Mapping[str, Any] | None:
    """A block that may stand once; a list of one, in JSON."""
    found = _blocks(value)
    return found[0] if found else None


def _blocks(value: Any) -> list[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        return [value]
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _api(value: Any, shape: Shape, name: str = "") -> Any:
    """A value with the API's names."""
    if isinstance(value, Unresolved):
        return value
    if name == "StartingPositionTimestamp" and isinstance(value, str):
        return _seconds(value)
    if isinstance(shape, tuple):
        if isinstance(shape[0], str):
            return value
        return [_api(one, shape[0]) for one in _blocks(value)]
    if isinstance(shape, MapOf):
        return {
            key: one.split(",") if isinstance(one, str) and isinstance(shape.value, tuple) else one
            for key, one in dict(value).items()
        }
    if isinstance(shape, Mapping):
        block = _block(value) or {}
        return {
            member: _api(block[snake(member)], inner)
            for member, inner in shape.items()
            if block.get(snake(member)) not in _NOT_THERE
        }
    return value


def _seconds(text: str) -> Any:
    """A time of RFC 3339 as seconds since 1970; anything else stays, to be refused where it is read."""
    try:
        moment = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text
    if moment.tzinfo is None:
        return text
    seconds = moment.timestamp()
    return int(seconds) if seconds.is_integer() else seconds


def _without_foreign(parameters: dict[str, Any]) -> dict[str, Any]:
    """What was read back has zeros for what the source does not have; they were never given."""
    arn = parameters.get("EventSourceArn")
    try:
        rules = rules_of(source_of(arn if isinstance(arn, str) else None, parameters))
    except (Refusal, UsageError):
        return parameters
    everywhere = {"EventSourceArn", "FunctionName", "Enabled", "BatchSize", "MaximumBatchingWindowInSeconds", "Tags"}
    kept = {
        name: value
        for name, value in parameters.items()
        if value or isinstance(value, Unresolved) or name in rules.applies or name in everywhere
    }
    if kept.get("MaximumRecordAgeInSeconds") == 0:
        del kept["MaximumRecordAgeInSeconds"]
    return kept


def _decoded(value: Any, place: Place) -> Any:
    if not isinstance(value, str):
        return value
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise TemplateError(f"{place}: a policy is JSON of an object, not {value!r:.80}")
    return found


def _keys(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = [{"AttributeName": values.get("hash_key"), "KeyType": "HASH"}]
    if values.get("range_key"):
        found.append({"AttributeName": values["range_key"], "KeyType": "RANGE"})
    return found


def _throughput(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"ReadCapacityUnits": values.get("read_capacity"), "WriteCapacityUnits": values.get("write_capacity")}


def _index(values: Mapping[str, Any]) -> dict[str, Any]:
    projection = {"ProjectionType": values.get("projection_type")}
    if values.get("non_key_attributes"):
        projection["NonKeyAttributes"] = list(values["non_key_attributes"])
    found = {"IndexName": values.get("name"), "KeySchema": _keys(values), "Projection": projection}
    if values.get("read_capacity"):
        found["ProvisionedThroughput"] = _throughput(values)
    return found


def _is_open(variables: Mapping[str, Any]) -> bool:
    return any(not isinstance(one, str) for one in variables.values())


def _words(one: Declared, where: Where) -> set[str]:
    """What an environment would name a resource by."""
    words = {one.name, one.arn}
    if isinstance(one, DeclaredQueue) and isinstance(one.name, str):
        words.add(identity_of("queue", one.name, where)["url"])
    return {word for word in words if isinstance(word, str)}
