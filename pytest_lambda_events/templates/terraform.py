"""Terraform: from resources of its AWS provider to what is declared. The law: where values come from (a plan, a state,
configuration) is the business of others.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.parameters import SHAPES, MapOf
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
from pytest_lambda_events.templates.identities import source_served
from pytest_lambda_events.templates.stack import function_named
from pytest_lambda_events.templates.terraform_names import (
    EVERYWHERE,
    FUNCTION,
    IDENTITIES,
    INVOKE,
    NOT_THERE,
    OTHERS,
    QUEUE,
    STREAM,
    SUBSCRIPTION,
    TOPIC,
    UNLIMITED,
    computed,
    snake,
)
from pytest_lambda_events.templates.terraform_values import (
    api_value,
    block,
    blocks,
    index_of,
    key_schema,
    throughput,
    without_foreign,
    words_for,
)
from pytest_lambda_events.templates.typed import tags_of, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lambda_events.model.parameters import Shape
    from pytest_lambda_events.templates.declared import Declared
    from pytest_lambda_events.templates.identities import Where
    from pytest_lambda_events.templates.placed import Place
    from pytest_lambda_events.templates.terraform_names import TerraformResource
    from pytest_lambda_events.templates.typed import Notes

__all__ = ["read_resources"]


def read_resources(resources: list[TerraformResource], *, file: str, where: Where, notes: Notes) -> Template:
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
        there = {
            name: typed(one.values[name], "string", one.at(name), self._notes)
            for name in known
            if one.values.get(name) not in NOT_THERE
        }
        found = dict.fromkeys(known, made) if isinstance(made, Unresolved) else dict(made)
        return {**found, **{name: value for name, value in there.items() if not isinstance(value, Unresolved)}}

    def _simple(self, one: TerraformResource, table: Mapping[str, tuple[str, Shape]]) -> dict[str, Any]:
        found = {}
        for argument, (api, shape) in table.items():
            value = one.values.get(argument)
            if value not in NOT_THERE:
                found[api] = typed(value, shape, one.at(argument), self._notes)
        return found

    def _note_unknown(self, one: TerraformResource, known: set[str]) -> None:
        if one.written:
            for name in one.values:
                if name not in known and name not in EVERYWHERE:
                    self._notes.unknown(one.type, name, known, one.at(name))

    # -- functions --------------------------------------------------------------------------------------------------

    def _function(self, one: TerraformResource, declared: list[Declared]) -> DeclaredFunction:
        self._note_unknown(one, {*FUNCTION, *OTHERS[one.type]})
        names = self._names(one)
        name = names["function_name"]
        given = {**self._simple(one, FUNCTION), "FunctionName": name}
        if given.get("ReservedConcurrentExecutions") == UNLIMITED:
            del given["ReservedConcurrentExecutions"]
        variables = (block(one.values.get("environment")) or {}).get("variables")
        if variables:
            place = one.at("environment")
            given["Environment"] = {"Variables": typed(variables, MapOf("string"), place, self._notes)}
        handler, runtime, path = (one.values.get(key) for key in ("handler", "runtime", "filename"))
        used = {one for one in variables.values() if isinstance(one, str)} if isinstance(variables, Mapping) else set()
        places = {api: one.at(argument) for argument, (api, _) in FUNCTION.items() if argument in one.values}
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
            uses=tuple(each.id for each in declared if used & words_for(each)),
            names=(one.name,),
        )

    def _invoke(self, function: Any) -> dict[str, Any]:
        for one in self._of("aws_lambda_function_event_invoke_config"):
            if function_named(one.values.get("function_name"))[0] != function:
                continue
            found = self._simple(one, INVOKE)
            destinations = block(one.values.get("destination_config")) or {}
            made = {
                f"On{when.capitalize()}": {"Destination": target["destination"]}
                for when in ("success", "failure")
                if (target := block(destinations.get(f"on_{when}"))) and "destination" in target
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
            if value in NOT_THERE:
                continue
            place = places[name] = one.at(argument)
            if name == "Tags":
                parameters[name] = tags_of(value, place)
            else:
                parameters[name] = typed(api_value(value, shape, name), shape, place, self._notes)
        if one.read_back:
            parameters = without_foreign(parameters)
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
        self._note_unknown(one, {*QUEUE, *OTHERS[one.type]})
        given = self._simple(one, QUEUE)
        places = {api: one.at(argument) for argument, (api, _) in QUEUE.items() if argument in one.values}
        for other in self._of("aws_sqs_queue_redrive_policy", "aws_sqs_queue_redrive_allow_policy"):
            if other.values.get("queue_url") == names["url"]:
                argument = other.type.removeprefix("aws_sqs_queue_")
                given |= self._simple(other, {argument: QUEUE[argument]})
                places[QUEUE[argument][0]] = other.at(argument)
        if not given.get("FifoQueue"):
            for name in ("FifoQueue", "ContentBasedDeduplication"):
                given.pop(name, None)
        return DeclaredQueue(
            id=one.address,
            name=names["name"],
            arn=names["arn"],
            url=names["url"],
            attributes=MappingProxyType(given),
            place=one.place,
            places=MappingProxyType(places),
            tags=MappingProxyType(tags_of(one.values.get("tags") or {}, one.at("tags"))),
        )

    def _stream(self, one: TerraformResource, names: Mapping[str, Any]) -> DeclaredStream:
        self._note_unknown(one, {*STREAM, *OTHERS[one.type]})
        given = self._simple(one, STREAM)
        mode = (block(one.values.get("stream_mode_details")) or {}).get("stream_mode")
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
        self._note_unknown(one, set(OTHERS[one.type]))
        values = one.values
        given: dict[str, Any] = {
            "AttributeDefinitions": [
                {"AttributeName": each.get("name"), "AttributeType": each.get("type")}
                for each in blocks(values.get("attribute"))
            ],
            "KeySchema": key_schema(values),
            "StreamViewType": values.get("stream_view_type") if values.get("stream_enabled") else None,
        }
        if values.get("billing_mode"):
            given["BillingMode"] = values["billing_mode"]
        if given.get("BillingMode") != "PAY_PER_REQUEST" and values.get("read_capacity"):
            given["ProvisionedThroughput"] = throughput(values)
        for argument, api in (
            ("global_secondary_index", "GlobalSecondaryIndexes"),
            ("local_secondary_index", "LocalSecondaryIndexes"),
        ):
            indexes = blocks(values.get(argument))
            if indexes:
                given[api] = [
                    index_of({"hash_key": values.get("hash_key"), **each} if "local" in argument else each)
                    for each in indexes
                ]
        ttl = block(values.get("ttl")) or {}
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
        given = {name: value for name, value in self._simple(one, TOPIC).items() if value is not False}
        return DeclaredTopic(
            id=one.address,
            name=names["name" if is_topic else "bucket"],
            arn=names["arn"],
            kind="sns" if is_topic else "s3",
            attributes=MappingProxyType(given if is_topic else {}),
            place=one.place,
        )

    def _broker(self, one: TerraformResource, names: Mapping[str, Any]) -> DeclaredBroker:
        kind, named_by, _ = IDENTITIES[one.type]
        return DeclaredBroker(
            id=one.address,
            name=one.values.get(named_by) or one.name,
            arn=names["arn"],
            kind=source_served(kind, one.values.get("engine_type"), one.at("engine_type")),
            place=one.place,
        )

    def _subscription(self, one: TerraformResource) -> Mapping[str, Any]:
        return MappingProxyType(self._simple(one, SUBSCRIPTION))

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
