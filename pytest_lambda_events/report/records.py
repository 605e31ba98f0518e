"""What is shown of a record, whatever its source. The law: one line for each kind, and a new kind needs one here."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.change_event import brief_of_change

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["brief_of"]

_LONGEST: Final = 400  # no terminal is as wide


def brief_of(kind: str, payload: Mapping[str, Any], *, otherwise: str) -> str:
    """The beginning of what a record carries, as people know it; `otherwise` where its payload alone does not say."""
    if kind in ("kinesis", "activemq", "rabbitmq"):
        return _beginning(payload["data"])
    if kind == "kafka":
        return "(tombstone)" if payload["value"] is None else _beginning(payload["value"])
    if kind == "dynamodb":
        return f"{payload['event_name']} {_item_text(payload['keys'])}"[:_LONGEST]
    if kind == "documentdb":
        return brief_of_change(payload["change"])[:_LONGEST]
    return str(payload["body"][:_LONGEST]) if kind == "sqs" else otherwise[:_LONGEST]


def _beginning(data: Any) -> str:
    """Of a text, or of bytes that are none."""
    text = data if isinstance(data, str) else base64.b64decode(data["base64"]).decode("utf-8", "replace")
    return str(text[:_LONGEST])


def _item_text(item: Mapping[str, Any]) -> str:
    """`id=1, sort=a`, without the types."""
    return ", ".join([f"{name}={next(iter(typed.values()))}" for name, typed in item.items()])
