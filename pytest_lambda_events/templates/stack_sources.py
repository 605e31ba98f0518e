"""What mappings need, out of CloudFormation's resources: queues, streams, tables, topics, buckets, brokers. The law:
one function for each kind, by a table.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.templates.declared import (
    DeclaredBroker,
    DeclaredQueue,
    DeclaredStream,
    DeclaredTable,
    DeclaredTopic,
    Unresolved,
)
from pytest_lambda_events.templates.identities import source_served
from pytest_lambda_events.templates.intrinsics import ABSENT
from pytest_lambda_events.templates.resources import IDENTITIES, QUEUE_SHAPES, STREAM_SHAPES, TABLE_SHAPES
from pytest_lambda_events.templates.typed import tags_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lambda_events.model.parameters import Shape
    from pytest_lambda_events.templates.declared import Declared
    from pytest_lambda_events.templates.stack import Properties, Resource

__all__ = ["Sources"]

_TOPIC_ATTRIBUTES: Final[Mapping[str, Shape]] = {"ContentBasedDeduplication": "boolean", "FifoTopic": "boolean"}
_SUBSCRIPTION: Final[Mapping[str, Shape]] = {
    "Endpoint": "string",
    "FilterPolicy": "policy",
    "FilterPolicyScope": "string",
    "Protocol": "string",
    "RawMessageDelivery": "boolean",
    "TopicArn": "string",
}


class Sources:
    """Reads them out of the resources that exist."""

    def __init__(self, of: Properties) -> None:
        self._of = of

    def declared(self, there: list[Resource]) -> Iterator[Declared]:
        """Queues, streams, tables, topics, buckets, brokers."""
        for one in there:
            known = IDENTITIES.get(one.type)
            read = None if known is None else self._READERS.get(known.kind)
            if known is None or read is None:
                continue
            identity = self._of.identity(one)
            names: Mapping[str, Any] = identity if not isinstance(identity, Unresolved) else _Everything(identity)
            yield read(self, one, names)

    def _queue(self, one: Resource, names: Mapping[str, Any]) -> DeclaredQueue:
        given = self._of.properties(one, QUEUE_SHAPES, ("QueueName", "Tags"))
        if given.get("FifoQueue") is False:
            del given["FifoQueue"]
        tags = self._of.property(one, "Tags")
        return DeclaredQueue(
            id=one.id,
            name=names["name"],
            arn=names["arn"],
            url=names["url"],
            attributes=MappingProxyType(given),
            place=one.place,
            places=self._of.places(one),
            tags=MappingProxyType({} if tags is ABSENT else tags_of(tags, one.properties.place("Tags"))),
        )

    def _stream(self, one: Resource, names: Mapping[str, Any]) -> DeclaredStream:
        consumers: dict[str, str] = {}
        for other in self._of.all.values():
            if other.type == "AWS::Kinesis::StreamConsumer" and self._of.property(other, "StreamARN") == names["arn"]:
                identity = self._of.identity(other)
                if not isinstance(identity, Unresolved):
                    consumers[identity["name"]] = identity["arn"]
        return DeclaredStream(
            id=one.id,
            name=names["name"],
            arn=names["arn"],
            attributes=MappingProxyType(self._of.properties(one, STREAM_SHAPES, ("Name",))),
            place=one.place,
            places=self._of.places(one),
            consumers=MappingProxyType(consumers),
        )

    def _table(self, one: Resource, names: Mapping[str, Any]) -> DeclaredTable:
        given = self._of.properties(one, TABLE_SHAPES, ("TableName",))
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
            places=self._of.places(one),
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
            attributes=MappingProxyType(self._of.properties(one, shapes, tuple(one.properties))),
            place=one.place,
        )

    def _broker(self, one: Resource, names: Mapping[str, Any]) -> DeclaredBroker:
        engine = self._of.property(one, "EngineType")
        kind = source_served(
            IDENTITIES[one.type].kind, None if engine is ABSENT else engine, one.properties.place("EngineType")
        )
        return DeclaredBroker(id=one.id, name=names["name"], arn=names["arn"], kind=kind, place=one.place)

    def subscriptions(self, there: list[Resource]) -> Iterator[Mapping[str, Any]]:
        """What queues are subscribed to, in Subscribe's words."""
        for one in there:
            if one.type == "AWS::SNS::Subscription":
                yield MappingProxyType(self._of.properties(one, _SUBSCRIPTION, tuple(one.properties)))
            elif one.type == "AWS::SNS::Topic":
                inline = self._of.properties(one, {"Subscription": (_SUBSCRIPTION,)}, tuple(one.properties))
                identity = self._of.identity(one)
                subscribed = inline.get("Subscription")
                if isinstance(subscribed, list) and not isinstance(identity, Unresolved):
                    for each in subscribed:
                        if not isinstance(each, Unresolved):
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
