"""A record of a Kafka topic. The law: frozen, equal by topic, partition and offset, its bytes as they were sent.

What a topic may be called and how large a record may be are Kafka's own rules, and stand here, too.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from pytest_lambda_events.model.schema_framing import KafkaSchema

__all__ = [
    "MAX_MESSAGE_BYTES",
    "NO_TIMESTAMP",
    "TIMESTAMP_TYPES",
    "TOPIC",
    "KafkaRecord",
    "TimestampType",
    "check_topic",
]

TimestampType = Literal["CREATE_TIME", "LOG_APPEND_TIME", "NO_TIMESTAMP_TYPE"]
"""Whose clock the timestamp is of: the producer's, the broker's, or nobody's (records from before Kafka 0.10)."""

TIMESTAMP_TYPES: Final = ("CREATE_TIME", "LOG_APPEND_TIME", "NO_TIMESTAMP_TYPE")
NO_TIMESTAMP: Final = -1
"""The timestamp of a record without one (`RecordBatch.NO_TIMESTAMP`)."""

MAX_MESSAGE_BYTES: Final = 1_048_588
"""max.message.bytes of a topic that says nothing else (Apache Kafka, topic configurations)."""

TOPIC: Final = re.compile(r"(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}")
"""Kafka's rule for names of topics (`org.apache.kafka.common.internals.Topic`)."""

_BATCH_OVERHEAD: Final = 61
"""The bytes of a record batch before its first record (Apache Kafka, message format)."""

_SHOWN: Final = 60


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class KafkaRecord:
    """One record: where it stands, and what the producer sent.

    `timestamp` is in epoch milliseconds, -1 where there is none. `value` None is a tombstone, `key` None is no key.
    `headers` keep their order, and names may come twice. A schema is there where the event source mapping has a
    registry, so that Lambda says which schema it was.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: TimestampType = "CREATE_TIME"
    key: bytes | None = None
    value: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()
    key_schema: KafkaSchema | None = None
    value_schema: KafkaSchema | None = None

    @property
    def id(self) -> str:
        """`topic-partition-offset`."""
        return f"{self.topic}-{self.partition}-{self.offset}"

    def json(self) -> Any:
        """The value, parsed as JSON; None for a tombstone. Errors: `json.JSONDecodeError` when it is not JSON."""
        return None if self.value is None else json.loads(self.value)

    @property
    def batch_bytes(self) -> int:
        """How large a batch of this record alone is, which is what max.message.bytes limits."""
        body = 3  # attributes, and the distances in time and offset to the batch, which are none
        body += _counted(self.key) + _counted(self.value) + _varint_bytes(len(self.headers))
        for name, value in self.headers:
            body += _counted(name.encode()) + _counted(value)
        return _BATCH_OVERHEAD + _varint_bytes(body) + body

    def __eq__(self, other: object) -> bool:
        return self._place == other._place if isinstance(other, KafkaRecord) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._place)

    @property
    def _place(self) -> tuple[str, int, int]:
        return self.topic, self.partition, self.offset

    def __repr__(self) -> str:
        value = "tombstone" if self.value is None else f"{self.value!r}"
        return f"<KafkaRecord {self.id} {value if len(value) <= _SHOWN else f'{value[: _SHOWN - 3]}...'}>"


def check_topic(name: str) -> str:
    """A name that Kafka takes. Errors: `UsageError`."""
    if TOPIC.fullmatch(name) is None:
        raise UsageError(
            f"topic={name!r}: Kafka takes 1 to 249 letters, digits, periods, underscores and hyphens, and neither '.' "
            "nor '..'"
        )
    return name


def _counted(data: bytes | None) -> int:
    """The bytes of some bytes and of their length before them; that of None is -1."""
    return 1 if data is None else _varint_bytes(len(data)) + len(data)


def _varint_bytes(number: int) -> int:
    """The bytes of a length as a zigzag varint: seven bits in each, one of all of them for the sign."""
    return number.bit_length() // 7 + 1
