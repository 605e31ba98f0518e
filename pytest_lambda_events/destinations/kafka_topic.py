"""A topic of the mapping's own cluster as its on-failure destination. The law: one message for each record that was
given up, under the record's key, with its invocation record and the record itself in it.

Lambda Developer Guide, "Using a Kafka topic as an on-failure destination".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.destinations.kafka import kafka_batch_record, kafka_topic_record
from pytest_lambda_events.model.outcome import PAYLOAD_LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.discard import Discard
    from pytest_lambda_events.model.kafka_record import KafkaRecord

__all__ = ["KafkaOrigin", "KafkaTopicDestination", "topic_of"]

_SCHEME: Final = "kafka://"


def topic_of(destination: str) -> str | None:
    """The topic that an on-failure destination names; None when it is an ARN."""
    return destination.removeprefix(_SCHEME) if destination.startswith(_SCHEME) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaOrigin:
    """What a record says of the mapping that it comes from, and of its function.

    `function_arn` is the one that the mapping names, `version` what runs behind it; `event_source_arn` is None for a
    self-managed cluster. `bootstrap_servers` are asked for anew each time, because their order is never the same.
    """

    function_arn: str
    version: str
    event_source_arn: str | None
    bootstrap_servers: Callable[[], str]

    def batch_record(self, discard: Discard, *, with_payload: bool) -> str:
        """The invocation record of a batch, for a queue, a topic of SNS or (with the payload) a bucket."""
        return kafka_batch_record(
            discard,
            function_arn=self.function_arn,
            bootstrap_servers=self.bootstrap_servers(),
            event_source_arn=self.event_source_arn,
            with_payload=with_payload,
            too_large=_is_too_large(discard),
            executed_version=self.version,
        )


class KafkaTopicDestination:
    """Sends what was given up to another topic.

    `event_text` makes the event around one record; `send` puts a message under a key, and gives None, or in one
    sentence why it did not.
    """

    def __init__(
        self,
        *,
        origin: KafkaOrigin,
        event_text: Callable[[KafkaRecord], str],
        send: Callable[[bytes | None, str], str | None],
    ) -> None:
        self._origin = origin
        self._event_text = event_text
        self._send = send

    def deliver(self, discard: Discard) -> str | None:
        """Send a message for each record. None when all were delivered, else why the first that was not."""
        origin = self._origin
        for record in discard.records:
            message = kafka_topic_record(
                discard,
                record,
                event_text=self._event_text(record),
                function_arn=origin.function_arn,
                bootstrap_servers=origin.bootstrap_servers(),
                event_source_arn=origin.event_source_arn,
                too_large=_is_too_large(discard),
                executed_version=origin.version,
            )
            problem = self._send(record.key, message)
            if problem is not None:
                return problem
        return None


def _is_too_large(discard: Discard) -> bool:
    """Whether no invocation could carry it."""
    return len((discard.event_text or "").encode()) > PAYLOAD_LIMIT_BYTES
