"""From a template to a mapping that runs. The law: what is declared is created, first what others depend on; what is
there already under the same name is taken, and whoever made it decides on its attributes.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.exceptions import ClientError

from pytest_lambda_events.errors import TemplateWarning
from pytest_lambda_events.harness.finding import MISSING
from pytest_lambda_events.model.function import read_function
from pytest_lambda_events.model.refusal import said_by
from pytest_lambda_events.templates import read_template
from pytest_lambda_events.templates.declared import (
    DeclaredBroker,
    DeclaredQueue,
    DeclaredStream,
    DeclaredTable,
    DeclaredTopic,
    Unresolved,
    settled,
)
from pytest_lambda_events.templates.identities import Where, identity_of

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.harness import Harness
    from pytest_lambda_events.harness.mapping import EventSourceMapping
    from pytest_lambda_events.harness.running import World
    from pytest_lambda_events.model.faults import Faults
    from pytest_lambda_events.templates.declared import Declared, DeclaredFunction, DeclaredMapping, Template

__all__ = ["map_from_template"]

_SUPPLIED: Final = ("EventSourceArn", "FunctionName")
_THERE: Final = ("BucketAlreadyOwnedByYou", "ResourceInUseException")
_CONFIGURES: Final = ("Environment", "MemorySize", "ReservedConcurrentExecutions", "Role", "Timeout")
_STRANGE: Final = ("DurableConfig", "TenancyConfig")
_KAFKA: Final = "kafka://"


def map_from_template(
    harness: Harness,
    world: World,
    path: str | os.PathLike[str],
    function: str,
    *,
    event: str | None,
    handlers: Mapping[str, Callable[[Any, Any], Any] | str],
    parameters: Mapping[str, Any],
    duration: float | Callable[[Any], float],
    faults: Faults | None,
    single_group_batches: bool,
    concurrency: int,
) -> EventSourceMapping[Any]:
    """See `MappingFactory.from_template`."""
    template = read_template(path, parameters, region=harness.region, account=world.account)
    declared, wanted = template.function(function), template.mapping(function, event)
    given = {template.function(name).id: handler for name, handler in handlers.items()}
    settled(wanted.parameters, wanted.condition, {**declared.parameters, "Role": None})
    making = _Making(harness, world, template)
    source = making.source(wanted)
    configured = making.configured(declared, wanted)
    making.warn(declared, wanted)
    handler: Any = given.get(declared.id)
    if handler is None:
        with said_by("CreateFunction"):
            config = read_function(configured, default_name=declared.name, region=harness.region, account=world.account)
        handler = world.template_code.handler(declared, config, Path(path).parent)
    return world.map(
        source,
        handler,
        configured,
        duration,
        making.here({name: value for name, value in wanted.parameters.items() if name not in _SUPPLIED}),
        faults=faults,
        single_group_batches=single_group_batches,
        concurrency=concurrency,
    )


class _Making:
    """Creates what one mapping needs, once each."""

    def __init__(self, harness: Harness, world: World, template: Template) -> None:
        self._harness = harness
        self._world = world
        self._template = template
        self._where = Where(harness.region, world.account)
        self._made: dict[str, Any] = {}
        self._arns: dict[str, str] = {}  # the template's ARNs and URLs, and what they are here

    def warn(self, function: DeclaredFunction, mapping: DeclaredMapping) -> None:
        """Tell what the template has about these, and was left out."""
        used = [one.place.path for one in self._template.resources if one.id in self._made]
        concerned = (*used, function.place.path, mapping.place.path)
        for note in self._template.notes:
            if any(f"{note.place.path}.".startswith(f"{path}.") for path in concerned):
                warnings.warn(str(note), TemplateWarning, stacklevel=4)

    def configured(self, function: DeclaredFunction, mapping: DeclaredMapping) -> dict[str, Any]:
        """What CreateFunction is given; what the environment names is there then."""
        for identifier in function.uses:
            used = self._template.by_id(identifier)
            if used is not None:
                self.make(used)
        names = (*_CONFIGURES, *_STRANGE)
        given = {name: function.parameters[name] for name in names if name in function.parameters}
        # which role it is changes no delivery, and it may be another stack's
        found = {name: self.here(one) for name, one in given.items() if not isinstance(one, Unresolved)}
        qualifier = f":{mapping.qualifier}" if mapping.qualifier else ""
        return {**found, "FunctionName": f"{function.name}{qualifier}"}

    def here(self, value: Any) -> Any:
        """A value with the ARNs that things have here."""
        if isinstance(value, str):
            return self._arns.get(value, value)
        if isinstance(value, dict):
            return {name: self.here(one) for name, one in value.items()}
        return [self.here(one) for one in value] if isinstance(value, (list, tuple)) else value

    # -- sources ----------------------------------------------------------------------------------------------------

    def source(self, mapping: DeclaredMapping) -> Any:
        """The source of a mapping, made with its destinations. Errors: what AWS answers for one that is not there."""
        given = mapping.parameters
        arn = given.get("EventSourceArn")
        declared = self._template.resource(arn)
        destination = ((given.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
        target = self._template.resource(destination)
        if target is not None:
            self.make(target)
        if declared is not None and not isinstance(declared, DeclaredBroker):
            made = self.make(declared)
            if isinstance(declared, DeclaredQueue):
                self._subscribe(declared)
            return self._consumer(declared, arn) if isinstance(declared, DeclaredStream) else made
        parameters = {name: value for name, value in given.items() if name not in _SUPPLIED}
        settled(None if declared is None else declared.kind)
        kind = declared.kind if declared is not None else self._world.sources.kind_of(arn, parameters)
        if isinstance(destination, str) and destination.startswith(_KAFKA):
            self._of_no_template(kind, arn, {**parameters, "Topics": [destination[len(_KAFKA) :]]})
        return self._of_no_template(kind, arn, parameters) or self._world.sources.find(arn, parameters)

    def _of_no_template(self, kind: str, arn: Any, parameters: Mapping[str, Any]) -> Any:
        """The topic, queue or collection that is there, or a new one; None for a source that lives in moto."""
        make = _OF_NO_TEMPLATE.get(kind)
        if make is None:
            return None
        there = self._world.sources.in_memory(kind, arn, parameters)
        return make(self._harness, arn, parameters) if there is None else there

    def _consumer(self, stream: DeclaredStream, arn: Any) -> Any:
        """The stream, or the consumer of it that the mapping reads with."""
        name = next((name for name, there in stream.consumers.items() if there == arn), None)
        made = self._made[stream.id]
        if name is None:
            return made
        kinesis = boto3.client("kinesis", region_name=self._harness.region)
        there = kinesis.list_stream_consumers(StreamARN=made.arn)["Consumers"]
        found = next((one for one in there if one["ConsumerName"] == name), None)
        if found is None:
            found = kinesis.register_stream_consumer(StreamARN=made.arn, ConsumerName=name)["Consumer"]
        return self._harness.kinesis_stream(found["ConsumerARN"])

    # -- what is declared -------------------------------------------------------------------------------------------

    def make(self, one: Declared) -> Any:
        """The resource, created or taken. Errors: `TemplateError` for what is open; what AWS answers."""
        if one.id not in self._made:
            settled(one.name, getattr(one, "attributes", None))
            self._made[one.id] = None  # a dead-letter queue that leads back to its source
            self._made[one.id] = _MAKERS[type(one)](self, one)
        return self._made[one.id]

    def _queue(self, one: DeclaredQueue) -> Any:
        dead = self._template.resource(one.redrive.get("deadLetterTargetArn"))
        if dead is not None:
            self.make(dead)
        make = self._harness.sqs_queue
        made = self._taken("queue", one.name, make) or make(
            one.name, tags=dict(one.tags) or None, **self.here(dict(one.attributes))
        )
        self._arns[one.arn], self._arns[one.url] = made.arn, made.url
        return made

    def _stream(self, one: DeclaredStream) -> Any:
        make = self._harness.kinesis_stream
        made = self._taken("stream", one.name, make) or make(one.name, **one.attributes)
        self._arns[one.arn] = made.arn
        return made

    def _table(self, one: DeclaredTable) -> Any:
        make = self._harness.dynamodb_table
        made = self._taken("table", one.name, make) or make(one.name, ttl=one.ttl, **one.attributes)
        self._arns[one.arn] = made.arn
        if one.attributes.get("StreamViewType") is not None:
            self._arns[one.stream_arn] = made.stream_arn
        return made

    def _topic(self, one: DeclaredTopic) -> Any:
        region = self._harness.region
        if one.kind == "s3":
            place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            try:
                boto3.client("s3", region_name=region).create_bucket(Bucket=one.name, **place)
            except ClientError as error:
                if error.response["Error"]["Code"] not in _THERE:
                    raise
            arn = identity_of("bucket", one.name, self._where)["arn"]
        else:
            attributes = {name: "true" if value is True else str(value) for name, value in one.attributes.items()}
            topic = boto3.client("sns", region_name=region).create_topic(Name=one.name, Attributes=attributes)
            arn = topic["TopicArn"]
        self._arns[one.arn] = arn
        return arn

    def _broker(self, one: DeclaredBroker) -> Any:
        return one.arn  # nothing to create: topics and queues of it come with the mappings

    def _taken(self, kind: str, name: str, adopt: Callable[[str], Any]) -> Any:
        """What is there under this name, None for nothing."""
        try:
            return adopt(identity_of(kind, name, self._where)["arn"])
        except ClientError as error:
            if error.response["Error"]["Code"] not in MISSING:
                raise
            return None

    def _subscribe(self, queue: DeclaredQueue) -> None:
        """What the template subscribes the queue to, so that publishing reaches it."""
        for one in self._template.subscriptions:
            if one.get("Protocol") != "sqs" or one.get("Endpoint") != queue.arn:
                continue
            topic = self._template.resource(one.get("TopicArn"))
            if isinstance(topic, DeclaredTopic):
                settled(one)
                self._subscription(self.make(topic), queue, one)

    def _subscription(self, topic_arn: str, queue: DeclaredQueue, one: Mapping[str, Any]) -> None:
        attributes = {}
        if one.get("RawMessageDelivery"):
            attributes["RawMessageDelivery"] = "true"
        if one.get("FilterPolicy"):
            attributes["FilterPolicy"] = json.dumps(one["FilterPolicy"])
            attributes["FilterPolicyScope"] = one.get("FilterPolicyScope") or "MessageAttributes"
        boto3.client("sns", region_name=self._harness.region).subscribe(
            TopicArn=topic_arn, Protocol="sqs", Endpoint=self.here(queue.arn), Attributes=attributes
        )


_MAKERS: Final[Mapping[type, Callable[[_Making, Any], Any]]] = {
    DeclaredBroker: _Making._broker,  # noqa: SLF001 - the class's own table
    DeclaredQueue: _Making._queue,  # noqa: SLF001
    DeclaredStream: _Making._stream,  # noqa: SLF001
    DeclaredTable: _Making._table,  # noqa: SLF001
    DeclaredTopic: _Making._topic,  # noqa: SLF001
}


# -- sources that no template declares ---------------------------------------------------------------------------------


def _msk_topic(harness: Harness, arn: str | None, parameters: Mapping[str, Any]) -> Any:
    return harness.msk_topic(_only(parameters, "Topics"), cluster=str(arn))


def _kafka_topic(harness: Harness, _arn: str | None, parameters: Mapping[str, Any]) -> Any:
    endpoints = (parameters.get("SelfManagedEventSource") or {}).get("Endpoints") or {}
    servers = ",".join(endpoints.get("KAFKA_BOOTSTRAP_SERVERS") or ()) or None
    return harness.kafka_topic(_only(parameters, "Topics"), bootstrap_servers=servers)


def _activemq_queue(harness: Harness, arn: str | None, parameters: Mapping[str, Any]) -> Any:
    return harness.activemq_queue(_only(parameters, "Queues"), broker=str(arn))


def _rabbitmq_queue(harness: Harness, arn: str | None, parameters: Mapping[str, Any]) -> Any:
    access = parameters.get("SourceAccessConfigurations") or ()
    vhost = next((one["URI"] for one in access if one.get("Type") == "VIRTUAL_HOST"), "/")
    return harness.rabbitmq_queue(_only(parameters, "Queues"), vhost=vhost, broker=str(arn))


def _documentdb(harness: Harness, arn: str | None, parameters: Mapping[str, Any]) -> Any:
    named = parameters.get("DocumentDBEventSourceConfig") or {}
    database, collection = named.get("DatabaseName"), named.get("CollectionName")
    if database is None:
        return None
    if collection is None:
        return harness.documentdb_database(database, cluster=str(arn))
    return harness.documentdb_collection(f"{database}.{collection}", cluster=str(arn))


def _only(parameters: Mapping[str, Any], name: str) -> str | None:
    """A mapping has one topic or queue; what AWS would say to several is said when it is made."""
    found = parameters.get(name) or [None]
    return found[0]  # type: ignore[no-any-return]


_OF_NO_TEMPLATE: Final[Mapping[str, Callable[[Harness, str | None, Mapping[str, Any]], Any]]] = {
    "activemq": _activemq_queue,
    "documentdb": _documentdb,
    "kafka": _kafka_topic,
    "msk": _msk_topic,
    "rabbitmq": _rabbitmq_queue,
}
"""How topics, queues of brokers and collections come to be, by the registry's name of their source."""
