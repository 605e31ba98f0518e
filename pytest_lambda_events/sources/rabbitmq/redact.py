"""What is private in a RabbitMQ event: data, headers, the publisher's properties. The law: bodySize is true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.looking import decoded, value_at
from pytest_lambda_events.model.redaction import (
    SourceRedaction,
    base64_data,
    json_number,
    plain_text,
    signed_bytes,
    with_names,
)

if TYPE_CHECKING:
    from pytest_lambda_events.model.redaction import Content

__all__ = ["REDACTION"]

_MESSAGE: Final = "rmqMessagesByQueue[*][*]"
_PROPERTIES: Final = f"{_MESSAGE}.basicProperties"
_TEXTS: Final = ("correlationId", "replyTo", "messageId", "type", "appId", "clusterId")


def _headers(value: Any, content: Content) -> Any:
    """A table: a text is an object with its bytes, bytes are a list, a time is a string."""
    if isinstance(value, dict):
        if value.keys() == {"bytes"} and isinstance(value["bytes"], list):
            return {"bytes": signed_bytes(value["bytes"], content)}
        return with_names(value, content.name, lambda name, one: _headers(one, content.at(name)))
    if isinstance(value, list):
        if all(type(one) is int for one in value):
            return signed_bytes(value, content)
        return [_headers(one, content.at(place)) for place, one in enumerate(value)]
    return plain_text(value, content) if isinstance(value, str) else json_number(value, content)


def _make_true(before: Any, after: Any) -> None:
    queues = value_at(after, "rmqMessagesByQueue")
    old = list((value_at(before, "rmqMessagesByQueue") or {}).values()) if isinstance(queues, dict) else []
    for messages, others in zip(old, queues.values() if old else (), strict=True):
        for one, other in zip(messages, others, strict=True) if isinstance(others, list) else ():
            properties, data = value_at(other, "basicProperties"), decoded(value_at(other, "data"))
            if isinstance(properties, dict) and data is not None and other["data"] != one["data"]:
                properties["bodySize"] = len(data)


REDACTION: Final = SourceRedaction(
    identifiers={f"{_PROPERTIES}.userId": "user"},
    payloads={
        f"{_MESSAGE}.data": base64_data,
        f"{_PROPERTIES}.headers": _headers,
        **{f"{_PROPERTIES}.{name}": plain_text for name in _TEXTS},
    },
    make_true=_make_true,
)
