"""Getting an invocation record to where a mapping wants it. The law: the kind of the ARN decides how, in one table;
nothing waits and nothing is tried again, and what could not be delivered has a reason.

======  =============================================================================================
SQS     the record is the message's body, sent by the function's execution role
SNS     the record is the notification's message, without a subject
S3      the record, with the event as its payload, is an object; its key is `object_key`
======  =============================================================================================

A FIFO queue takes no record, because Lambda gives no message group; CreateEventSourceMapping lets it pass, and each
record is lost. Rules: recorded on AWS; Lambda Developer Guide, "Retain discarded batch records for a Kinesis Data
Streams event source in Lambda".
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from pytest_lambda_events.destinations.record import invocation_record
from pytest_lambda_events.errors import NotSimulated
from pytest_lambda_events.identifiers import Identifiers

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.destinations.record import StreamSource
    from pytest_lambda_events.model.discard import Discard

__all__ = ["DestinationSurface", "OnFailureDestination", "Origin", "object_key"]

_ARN_SERVICE_FIELD: Final = 2
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


class DestinationSurface(Protocol):
    """The services that take records. Each method gives None, or in one sentence why it did not deliver."""

    def send_message(self, queue_arn: str, body: str, *, sender_id: str) -> str | None:
        """Send a message to a queue."""

    def publish(self, topic_arn: str, message: str) -> str | None:
        """Publish a notification."""

    def put_object(self, bucket_arn: str, key: str, body: str) -> str | None:
        """Put an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a record says of the mapping that it comes from, and of its function.

    `function_arn` is the one that the mapping names, `version` what runs behind it, `stream_arn` the mapping's
    EventSourceArn.
    """

    mapping: str
    source: StreamSource
    stream_arn: str
    function_arn: str
    version: str
    role_arn: str


class OnFailureDestination:
    """The on-failure destination `arn` of one mapping. `record_of` writes the record, and whether with the payload;
    without it, it is a stream's.

    Errors: `NotSimulated` for a topic of a Kafka cluster.
    """

    def __init__(
        self,
        arn: str,
        *,
        origin: Origin,
        surface: DestinationSurface,
        identifiers: Identifiers,
        record_of: Callable[[Discard, bool], str] | None = None,
    ) -> None:
        kind = arn.partition("://")[0] if arn.startswith("kafka:") else arn.split(":")[_ARN_SERVICE_FIELD]
        deliveries: dict[str, Callable[[Discard], str | None]] = {
            "sqs": self._to_queue,
            "sns": self._to_topic,
            "s3": self._to_bucket,
        }
        if kind not in deliveries:
            raise NotSimulated(
                f"{arn} as an on-failure destination is not simulated yet; name a queue, topic or bucket"
            )
        self.arn = arn
        self._origin = origin
        self._surface = surface
        self._identifiers = identifiers
        self._deliver = deliveries[kind]
        self._record_of = record_of or self._stream_record
        # of the role, whichever mapping uses it: a fresh stream of the same seed
        self._role_id = Identifiers(identifiers.seed).principal("AROA", f"role/{origin.role_arn}")
        self._session: str | None = None

    def deliver(self, discard: Discard) -> str | None:
        """Deliver the record of what was given up. None when it was delivered, else why not, in one sentence."""
        return self._deliver(discard)

    def _to_queue(self, discard: Discard) -> str | None:
        return self._surface.send_message(self.arn, self._record(discard), sender_id=self._sender_id(discard.at_ms))

    def _to_topic(self, discard: Discard) -> str | None:
        return self._surface.publish(self.arn, self._record(discard))

    def _to_bucket(self, discard: Discard) -> str | None:
        mapping = self._origin.mapping
        key = object_key(mapping, discard.shard_id, discard.at_ms, self._identifiers.uuid4(f"destination/{mapping}"))
        return self._surface.put_object(self.arn, key, self._record(discard, with_payload=True))

    def _record(self, discard: Discard, *, with_payload: bool = False) -> str:
        return self._record_of(discard, with_payload)

    def _stream_record(self, discard: Discard, with_payload: bool) -> str:  # noqa: FBT001 - as `record_of` has it
        origin = self._origin
        return invocation_record(
            discard,
            function_arn=origin.function_arn,
            source=origin.source,
            stream_arn=origin.stream_arn,
            with_payload=with_payload,
            executed_version=origin.version,
        )

    def _sender_id(self, at_ms: int) -> str:
        """The execution role in the session that the poller opened when it first needed one: `awslambda_`, three
        digits and that moment. It is kept from then on (recorded: messages half a minute apart have the same).
        """
        if self._session is None:
            number = self._identifiers.stream(f"session/{self._origin.mapping}").randrange(100, 1000)
            moment = (_EPOCH + dt.timedelta(milliseconds=at_ms)).strftime("%Y%m%d%H%M%S")
            self._session = f"awslambda_{number}_{moment}{at_ms % 1000:03}"
        return f"{self._role_id}:{self._session}"


def object_key(mapping: str, shard_id: str, at_ms: int, unique: str) -> str:
    """The key of a record in a bucket: `aws/lambda/<mapping>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<unique>`, UTC."""
    moment = _EPOCH + dt.timedelta(milliseconds=at_ms)
    return f"aws/lambda/{mapping}/{shard_id}/{moment:%Y/%m/%d}/{moment:%Y-%m-%dT%H.%M.%S}-{unique}"
