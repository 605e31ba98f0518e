"""Records: what a source holds and an event carries. The law: frozen, hashable, equal by `id`, never re-serialised.

A record keeps its identity through retries and redrive; what changes with each delivery (receive count, receipt
handle) belongs to the broker's message, not here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.json_writing import compact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["FATES", "EventSource", "Fate", "R", "Record", "SqsMessage", "payload_bytes", "payload_text", "utf8_text"]

Fate = Literal["processed", "filtered", "dead_lettered", "discarded", "expired", "pending"]
"""Where a record's story ends. Every record has exactly one."""

FATES: tuple[Fate, ...] = ("processed", "filtered", "dead_lettered", "discarded", "expired", "pending")

_SHOWN = 60

NO_ATTRIBUTES: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


def _no_attributes() -> Mapping[str, Mapping[str, Any]]:
    return NO_ATTRIBUTES


class Record(Protocol):
    """What every source's record has."""

    @property
    def id(self) -> str:
        """The identifier that a batch item failure names."""

    def json(self) -> Any:
        """The payload, parsed as JSON."""


R = TypeVar("R", bound=Record)
"""The kind of record that a source has, and so its mappings and their runs."""

R_co = TypeVar("R_co", bound=Record, covariant=True)


class EventSource(Protocol[R_co]):
    """What every source has that a mapping can poll."""

    @property
    def name(self) -> str:
        """The resource's name."""

    @property
    def arn(self) -> str:
        """The resource's ARN."""

    @property
    def records(self) -> Sequence[R_co]:
        """Every record that it ever took, in order."""


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class SqsMessage:
    """One SQS message: `id` is its messageId, `sent_timestamp` epoch milliseconds as in SentTimestamp."""

    id: str
    body: str
    sent_timestamp: int
    sender_id: str
    message_attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=_no_attributes)
    message_group_id: str | None = None
    message_deduplication_id: str | None = None
    sequence_number: str | None = None
    trace_header: str | None = None

    def json(self) -> Any:
        """The body, parsed as JSON. Errors: `json.JSONDecodeError` when it is not."""
        return json.loads(self.body)

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, SqsMessage) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        body = self.body if len(self.body) <= _SHOWN else f"{self.body[: _SHOWN - 3]}..."
        return f"<SqsMessage {self.id} {body!r}>"


def payload_text(payload: Any) -> str:
    """A payload as the text that travels: `str` as it is, bytes as UTF-8, anything else as compact JSON, once.

    Errors: `UsageError` when it cannot be serialised.
    """
    if isinstance(payload, str):
        return payload
    try:
        if isinstance(payload, (bytes, bytearray)):
            return payload.decode("utf-8")
        return compact(payload)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"this payload cannot be sent: {error}. A str or bytes (UTF-8) travels as it is; anything else must be "
            f"something that json.dumps accepts, and this is a {type(payload).__name__}: {payload!r:.200}"
        ) from error
    except RecursionError:  # its repr() would raise the same
        raise UsageError(
            f"this payload cannot be sent: a {type(payload).__name__} that is nested deeper than json.dumps follows"
        ) from None


def utf8_text(payload: Any) -> str:
    """As `payload_text`, for services that take UTF-8 only. Errors: `UsageError`, also for half of a surrogate pair."""
    text = payload_text(payload)
    _utf8(text)
    return text


def payload_bytes(payload: Any) -> bytes:
    """A payload as the bytes that travel: bytes as they are, `str` as UTF-8, anything else as compact JSON, once.

    Errors: `UsageError` when it cannot be serialised, and for half of a surrogate pair.
    """
    return bytes(payload) if isinstance(payload, (bytes, bytearray)) else _utf8(payload_text(payload))


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(
            f"this payload cannot be sent: {error}. A text travels as UTF-8, which has no half surrogate pairs; give "
            "bytes to send them as they are"
        ) from error
